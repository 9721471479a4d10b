//! Tells, from one look at the chain to the next, what became of challenges.

use phat_worker_core::performance::{Challenge, Seen};

/// The challenge that was open at the last look, if one was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally(Option<Open>);

#[derive(Clone, Copy, Debug)]
struct Open {
    session: u32,
    challenge: Challenge,
}

/// What became of challenges since the last look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// The one that was open has been answered, in time or not.
    pub is_answered: bool,
    /// The time for an answer has gone by without one.
    pub is_missed: bool,
}

impl Tally {
    /// Compares with the last look. A challenge that was answered late is first missed and then
    /// answered; one that ends with its session is neither answered nor, in itself, missed.
    pub fn look(&mut self, seen: &Seen) -> News {
        let before = self.0.take();
        let Some(session) = &seen.session else {
            return News::default();
        };
        let before = before.filter(|open| open.session == session.number);
        self.0 = session.challenge.map(|challenge| Open {
            session: session.number,
            challenge,
        });
        // After an answer, the challenge that was answered seeds the work.
        let is_answered =
            before.is_some_and(|open| open.challenge.randomness == session.randomness);
        let is_known = |challenge: &Challenge| {
            before.is_some_and(|open| open.challenge.at == challenge.at && open.challenge.is_missed)
        };
        let missed = session.challenge.filter(|challenge| challenge.is_missed);
        News {
            is_answered,
            is_missed: missed.is_some_and(|challenge| !is_known(&challenge)),
        }
    }
}

#[cfg(test)]
mod tests {
    use phat_worker_core::performance::Session;

    use super::*;

    const ANSWERED: News = News {
        is_answered: true,
        is_missed: false,
    };
    const MISSED: News = News {
        is_answered: false,
        is_missed: true,
    };
    const NOTHING: News = News {
        is_answered: false,
        is_missed: false,
    };

    /// Session `number`, whose work is seeded by the challenge of block `seeded_by`, with an open
    /// challenge of a block that may be missed.
    fn seen(number: u32, seeded_by: u8, open: Option<(u8, bool)>) -> Seen {
        Seen {
            session: Some(Session {
                number,
                is_running: true,
                randomness: [seeded_by; 32],
                committed: None,
                challenge: open.map(|(at, is_missed)| Challenge {
                    at: at.into(),
                    randomness: [at; 32],
                    is_missed,
                }),
            }),
            ..Seen::default()
        }
    }

    fn check(looks: &[(Seen, News)]) {
        let mut tally = Tally::default();
        for (number, (seen, news)) in looks.iter().enumerate() {
            assert_eq!(tally.look(seen), *news, "at look {number}");
        }
    }

    #[test]
    fn each_challenge_is_told_of_once() {
        check(&[
            (seen(1, 0, None), NOTHING),
            (seen(1, 0, Some((2, false))), NOTHING),
            (seen(1, 0, Some((2, false))), NOTHING),
            (seen(1, 2, None), ANSWERED),
            (seen(1, 2, None), NOTHING),
            // Missed, and answered late; the next is there already.
            (seen(1, 2, Some((3, false))), NOTHING),
            (seen(1, 2, Some((3, true))), MISSED),
            (seen(1, 2, Some((3, true))), NOTHING),
            (seen(1, 3, Some((4, false))), ANSWERED),
            (seen(1, 4, None), ANSWERED),
        ]);
    }

    #[test]
    fn a_challenge_that_ends_with_its_session_was_not_answered() {
        let none = Seen::default();
        check(&[
            (seen(1, 0, Some((2, false))), NOTHING),
            (seen(1, 0, None), NOTHING),
            (seen(1, 0, Some((3, false))), NOTHING),
            (none.clone(), NOTHING),
            (seen(2, 3, None), NOTHING),
            (seen(2, 3, Some((4, false))), NOTHING),
            (seen(3, 4, None), NOTHING),
        ]);
        // A worker that is started anew tells of what is missed then.
        check(&[(none, NOTHING), (seen(1, 0, Some((2, true))), MISSED)]);
    }
}
