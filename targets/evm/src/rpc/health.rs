//! How well an endpoint does, and so how early it is asked.

use std::time::{Duration, Instant};

/// The pause after the first failure; each further one is twice as long.
const PAUSE_FIRST: Duration = Duration::from_secs(1);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(60);
/// How long an endpoint stands behind the others that was outvoted.
const OUTVOTED_TIME: Duration = Duration::from_secs(60);
/// Answer times that differ by less than this count as equal.
const ANSWER_TIME_STEP_MS: u64 = 250;
/// The weight of the newest answer time in the average, as a divisor.
const ANSWER_TIME_WEIGHT: u64 = 4;

/// What is wrong with an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It does not answer.
    Away(String),
    /// It serves another chain, whose name this is.
    WrongChain(String),
    /// Its newest block is so many blocks behind that of the others.
    Stale(u64),
    /// Its newest block is so many blocks ahead of what the others know.
    Ahead(u64),
    /// The others answered this call differently.
    Outvoted(&'static str),
}

/// The standing of one endpoint.
#[derive(Debug, Default)]
pub(crate) struct Health {
    failures: u32,
    away: Option<(Instant, String)>,
    wrong_chain: Option<String>,
    distance: Option<Fault>,
    outvoted: Option<(Instant, &'static str)>,
    answer_time_ms: u64,
}

/// The order in which endpoints are asked, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rank {
    class: u8,
    failures: u32,
    answer_time: u64,
}

impl Health {
    /// Notes an answer that took so long.
    pub(crate) fn answered(&mut self, time: Duration) {
        self.failures = 0;
        self.away = None;
        let time_ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let old = self.answer_time_ms;
        let kept = old - old / ANSWER_TIME_WEIGHT;
        self.answer_time_ms = kept.saturating_add(time_ms / ANSWER_TIME_WEIGHT);
    }

    /// Notes that no answer came. `true` if that is news.
    pub(crate) fn failed(&mut self, now: Instant, reason: &str) -> bool {
        let is_news = self.away.is_none();
        let pause = PAUSE_FIRST
            .saturating_mul(2_u32.saturating_pow(self.failures))
            .min(PAUSE_MAX);
        self.failures = self.failures.saturating_add(1);
        self.away = Some((now + pause, reason.into()));
        is_news
    }

    /// Notes which chain it serves: another one, or the right one. `true` if that
    /// is news.
    pub(crate) fn serves(&mut self, other: Option<String>) -> bool {
        let is_news = self.wrong_chain != other;
        self.wrong_chain = other;
        is_news
    }

    /// Notes how its newest block stands to that of the others. `true` if it is
    /// news that it is too far off.
    pub(crate) fn stands(&mut self, distance: Option<Fault>) -> bool {
        let is_news = self.distance.is_none() && distance.is_some();
        self.distance = distance;
        is_news
    }

    /// Notes that the others answered `method` differently. `true` if that is news.
    pub(crate) fn outvoted(&mut self, now: Instant, method: &'static str) -> bool {
        let is_news = self.outvoted.is_none_or(|(until, _)| until <= now);
        self.outvoted = Some((now + OUTVOTED_TIME, method));
        is_news
    }

    /// Whether its answers count when endpoints are checked against each other.
    pub(crate) fn has_vote(&self, now: Instant) -> bool {
        !self.is_paused(now) && self.wrong_chain.is_none() && self.distance.is_none()
    }

    /// Whether it is left alone for now.
    pub(crate) fn is_paused(&self, now: Instant) -> bool {
        self.away.as_ref().is_some_and(|(until, _)| *until > now)
    }

    /// Its place among the endpoints.
    pub(crate) fn rank(&self, now: Instant) -> Rank {
        let class = if self.wrong_chain.is_some() {
            4
        } else if self.is_paused(now) {
            3
        } else if self.distance.is_some() {
            2
        } else {
            u8::from(self.outvoted.is_some_and(|(until, _)| until > now))
        };
        Rank {
            class,
            failures: self.failures,
            answer_time: self.answer_time_ms / ANSWER_TIME_STEP_MS,
        }
    }

    /// What is wrong with it now, the worst first.
    pub(crate) fn fault(&self, now: Instant) -> Option<Fault> {
        if let Some(chain) = &self.wrong_chain {
            return Some(Fault::WrongChain(chain.clone()));
        }
        if let Some((_, reason)) = &self.away {
            return Some(Fault::Away(reason.clone()));
        }
        if self.distance.is_some() {
            return self.distance.clone();
        }
        match self.outvoted {
            Some((until, method)) if until > now => Some(Fault::Outvoted(method)),
            _ => None,
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Away(reason) => write!(f, "it does not answer: {reason}"),
            Self::WrongChain(chain) => write!(f, "it serves {chain}: remove it"),
            Self::Stale(blocks) => write!(f, "it is {blocks} blocks behind the others"),
            Self::Ahead(blocks) => {
                write!(f, "it tells of {blocks} blocks that no other endpoint has")
            }
            Self::Outvoted(method) => write!(f, "the others answer {method} differently"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_an_answer_ends_them() {
        let start = Instant::now();
        let mut health = Health::default();
        assert!(health.failed(start, "down") && health.is_paused(start));
        assert!(!health.is_paused(start + PAUSE_FIRST));
        assert!(!health.failed(start, "down"), "known already");
        assert!(health.is_paused(start + PAUSE_FIRST));
        for _ in 0..100 {
            health.failed(start, "down");
        }
        assert!(!health.is_paused(start + PAUSE_MAX));
        assert_eq!(health.fault(start), Some(Fault::Away("down".into())));
        health.answered(Duration::ZERO);
        assert!(!health.is_paused(start) && health.fault(start).is_none());
    }

    #[test]
    fn the_best_come_first() {
        let now = Instant::now();
        let with = |change: fn(&mut Health, Instant)| {
            let mut health = Health::default();
            change(&mut health, now);
            health.rank(now)
        };
        let ranks = [
            with(|_, _| {}),
            with(|health, _| {
                for _ in 0..50 {
                    health.answered(Duration::from_secs(2));
                }
            }),
            with(|health, now| {
                health.outvoted(now, "eth_call");
            }),
            with(|health, _| {
                health.stands(Some(Fault::Stale(9)));
            }),
            with(|health, now| {
                health.failed(now, "down");
            }),
            with(|health, _| {
                health.serves(Some("eip155:2".into()));
            }),
        ];
        assert!(ranks.is_sorted(), "{ranks:?}");
        let mut distinct = ranks.to_vec();
        distinct.dedup();
        assert_eq!(distinct.len(), ranks.len());
    }

    #[test]
    fn who_is_off_has_no_vote_and_who_was_outvoted_keeps_it() {
        let now = Instant::now();
        let mut health = Health::default();
        assert!(health.outvoted(now, "eth_call") && !health.outvoted(now, "eth_call"));
        assert!(health.has_vote(now));
        assert!(
            health.fault(now + OUTVOTED_TIME).is_none(),
            "it is forgotten"
        );
        assert!(health.stands(Some(Fault::Ahead(9))));
        assert!(!health.has_vote(now));
        assert!(!health.stands(None));
        assert!(health.has_vote(now));
        assert!(health.serves(Some("eip155:2".into())));
        assert!(!health.has_vote(now));
    }
}
