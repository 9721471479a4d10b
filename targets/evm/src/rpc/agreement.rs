//! What several endpoints say together.

use std::fmt::Debug;

use crate::revert::shorten;

/// The most characters of one answer that are shown.
const ANSWER_CHARS_MAX: usize = 60;

/// The answers of endpoints to one call. An answer wins that enough of them gave,
/// and more than half of those who answered.
pub(crate) struct Ballot<T> {
    asked: usize,
    needed: usize,
    /// Each answer and who gave it.
    votes: Vec<(T, Vec<usize>)>,
}

impl<T: PartialEq + Debug> Ballot<T> {
    /// For a call that `asked` endpoints are asked, `needed` of which must agree.
    pub(crate) fn new(asked: usize, needed: usize) -> Self {
        Self {
            asked,
            needed,
            votes: Vec::new(),
        }
    }

    /// Counts the answer of an endpoint.
    pub(crate) fn count(&mut self, endpoint: usize, answer: T) {
        match self.votes.iter_mut().find(|(known, _)| *known == answer) {
            Some((_, by)) => by.push(endpoint),
            None => self.votes.push((answer, vec![endpoint])),
        }
    }

    /// How many have answered.
    pub(crate) fn answered(&self) -> usize {
        self.votes.iter().map(|(_, by)| by.len()).sum()
    }

    /// Whether the answers still to come cannot change which one wins.
    pub(crate) fn is_decided(&self) -> bool {
        self.leader()
            .is_some_and(|(_, by)| by.len() >= self.needed && by.len() * 2 > self.asked)
    }

    /// Who gave another answer than the one that wins.
    pub(crate) fn outvoted(&self) -> Vec<usize> {
        let Some(winner) = self.winning() else {
            return Vec::new();
        };
        let others = self
            .votes
            .iter()
            .filter(|vote| !std::ptr::eq(*vote, winner));
        others.flat_map(|(_, by)| by.iter().copied()).collect()
    }

    /// The answers that were given, each once.
    pub(crate) fn answers(&self) -> impl Iterator<Item = &T> {
        self.votes.iter().map(|(answer, _)| answer)
    }

    /// The answer that wins.
    pub(crate) fn winner(mut self) -> Result<T, Self> {
        let Some(winner) = self.winning() else {
            return Err(self);
        };
        let place = self
            .votes
            .iter()
            .position(|vote| std::ptr::eq(vote, winner));
        match place {
            Some(place) => Ok(self.votes.swap_remove(place).0),
            None => Err(self),
        }
    }

    /// Which endpoints gave which answer.
    pub(crate) fn describe(&self, name: impl Fn(usize) -> String) -> String {
        let one = |(answer, by): &(T, Vec<usize>)| {
            let names: Vec<String> = by.iter().map(|index| name(*index)).collect();
            let answer: String = shorten(&format!("{answer:?}"))
                .chars()
                .take(ANSWER_CHARS_MAX)
                .collect();
            format!("{} say {answer}", names.join(", "))
        };
        self.votes.iter().map(one).collect::<Vec<_>>().join("; ")
    }

    fn winning(&self) -> Option<&(T, Vec<usize>)> {
        let answered = self.answered();
        self.leader()
            .filter(|(_, by)| by.len() >= self.needed && by.len() * 2 > answered)
    }

    fn leader(&self) -> Option<&(T, Vec<usize>)> {
        self.votes.iter().max_by_key(|(_, by)| by.len())
    }
}

/// What the heights that endpoints tell of come to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Heights {
    /// The height that enough of them have reached, and more than half of those
    /// that keep up.
    pub agreed: u64,
    /// Who is how many blocks too far behind.
    pub stale: Vec<(usize, u64)>,
    /// Who is how many blocks too far ahead.
    pub ahead: Vec<(usize, u64)>,
}

/// Compares the heights of endpoints: `None` if fewer than `needed` keep up.
pub(crate) fn compare(told: &[(usize, u64)], needed: usize, lag_max: u64) -> Option<Heights> {
    let mut sorted: Vec<u64> = told.iter().map(|(_, height)| *height).collect();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    // So many have reached it that one alone cannot raise it.
    let reference = *sorted.get(needed.max(1) - 1)?;
    let (mut stale, mut ahead, mut fresh) = (Vec::new(), Vec::new(), Vec::new());
    for &(endpoint, height) in told {
        if reference.saturating_sub(height) > lag_max {
            stale.push((endpoint, reference - height));
        } else if height.saturating_sub(reference) > lag_max {
            ahead.push((endpoint, height - reference));
        } else {
            fresh.push(height);
        }
    }
    Some(Heights {
        agreed: reached(&fresh, needed)?,
        stale,
        ahead,
    })
}

/// The highest of these that `needed` of them reach, and more than half: among three,
/// one alone can neither raise nor lower it. `None` if they are fewer than `needed`.
pub(crate) fn reached<T: Ord + Copy>(told: &[T], needed: usize) -> Option<T> {
    let mut sorted = told.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let place = needed.max(sorted.len() / 2 + 1);
    sorted.get(place - 1).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ballot(asked: usize, needed: usize, answers: &[&'static str]) -> Ballot<&'static str> {
        let mut ballot = Ballot::new(asked, needed);
        for (endpoint, answer) in answers.iter().enumerate() {
            ballot.count(endpoint, *answer);
        }
        ballot
    }

    #[test]
    fn an_answer_wins_with_enough_votes_and_a_majority() {
        // How many are asked and must agree, the answers, which of them wins, and
        // whether the others need not be waited for.
        type Row = (
            usize,
            usize,
            &'static [&'static str],
            Option<&'static str>,
            bool,
        );
        let rows: &[Row] = &[
            (1, 1, &["a"], Some("a"), true),
            (2, 1, &["a"], Some("a"), false),
            (2, 1, &["a", "a"], Some("a"), true),
            (2, 1, &["a", "b"], None, false),
            (3, 2, &["a"], None, false),
            (3, 2, &["a", "a"], Some("a"), true),
            (3, 2, &["a", "b", "a"], Some("a"), true),
            (3, 2, &["a", "b"], None, false),
            (3, 2, &["a", "b", "c"], None, false),
            (3, 3, &["a", "a", "b"], None, false),
            (4, 2, &["a", "a", "b", "b"], None, false),
            (4, 2, &["a", "a"], Some("a"), false),
            (3, 2, &[], None, false),
        ];
        for (asked, needed, answers, wins, is_decided) in rows {
            let ballot = ballot(*asked, *needed, answers);
            assert_eq!(ballot.is_decided(), *is_decided, "{answers:?}");
            assert_eq!(ballot.answered(), answers.len());
            assert_eq!(ballot.winner().ok(), *wins, "{answers:?}");
        }
    }

    #[test]
    fn who_was_outvoted_is_named() {
        let ballot = ballot(4, 2, &["a", "b", "a", "a"]);
        assert_eq!(ballot.outvoted(), [1]);
        let split = self::ballot(2, 1, &["a", "b"]);
        assert!(split.outvoted().is_empty());
        let text = split.describe(|index| format!("host{index}"));
        assert_eq!(text, "host0 say \"a\"; host1 say \"b\"");
    }

    #[test]
    fn nobody_alone_decides_on_a_number() {
        // What is told, how many must agree, and what counts.
        let rows: &[(&[u64], usize, Option<u64>)] = &[
            (&[7], 1, Some(7)),
            (&[7, 8], 1, Some(7)),
            (&[u64::MAX, 8, 7], 2, Some(8)),
            (&[0, 8, 7], 2, Some(7)),
            (&[u64::MAX, 8], 2, Some(8)),
            (&[9, 8, 7, 0], 2, Some(7)),
            (&[9, 8, 7], 3, Some(7)),
            (&[7], 2, None),
            (&[], 1, None),
        ];
        for (told, needed, wanted) in rows {
            assert_eq!(reached(told, *needed), *wanted, "{told:?} {needed}");
        }
    }

    #[test]
    fn nobody_alone_decides_on_the_height() {
        // The heights, how many must agree, what is agreed, who is stale and ahead.
        type Row = (
            &'static [u64],
            usize,
            Option<(u64, &'static [usize], &'static [usize])>,
        );
        let rows: &[Row] = &[
            (&[100], 1, Some((100, &[], &[]))),
            (&[100, 99], 1, Some((99, &[], &[]))),
            (&[100, 50], 1, Some((100, &[1], &[]))),
            (&[100, 101, 99], 2, Some((100, &[], &[]))),
            (&[100, 100, 40], 2, Some((100, &[2], &[]))),
            (&[100, 100, 9_000], 2, Some((100, &[], &[2]))),
            (&[100, 101, u64::MAX], 2, Some((100, &[], &[2]))),
            (&[100], 2, None),
            (&[100, 0], 2, None),
            (&[], 1, None),
        ];
        for (heights, needed, wanted) in rows {
            let told: Vec<_> = heights.iter().copied().enumerate().collect();
            let found = compare(&told, *needed, 5);
            let names = |list: &[(usize, u64)]| list.iter().map(|(i, _)| *i).collect::<Vec<_>>();
            match (found, wanted) {
                (None, None) => {}
                (Some(found), Some((agreed, stale, ahead))) => {
                    assert_eq!(found.agreed, *agreed, "{heights:?}");
                    assert_eq!(names(&found.stale), *stale, "{heights:?}");
                    assert_eq!(names(&found.ahead), *ahead, "{heights:?}");
                }
                (found, _) => panic!("{heights:?}: {found:?}"),
            }
        }
    }
}
