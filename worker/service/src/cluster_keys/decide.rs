//! What to do about a generation of the cluster's key that the chain has.

use phat_primitives::ClusterKey;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Use the secret that is kept.
    Use,
    /// Make the candidate the secret that is kept, and use it.
    Accept,
    /// Do nothing: what is kept is another secret, and nothing replaces it.
    Foreign,
    /// Forget the candidate, and ask for the secret.
    GiveUp,
    /// Ask for the secret.
    Ask,
}

/// The step, by the public keys of what the chain has, and of what is kept and of the candidate.
pub fn step(
    published: &ClusterKey,
    kept: Option<&ClusterKey>,
    candidate: Option<&ClusterKey>,
) -> Step {
    match (kept, candidate) {
        (Some(kept), _) if kept == published => Step::Use,
        (Some(_), _) => Step::Foreign,
        (None, Some(candidate)) if candidate == published => Step::Accept,
        (None, Some(_)) => Step::GiveUp,
        (None, None) => Step::Ask,
    }
}

/// The generations up to `current` in the order in which they are needed: the first, which the keys
/// of contracts follow from, then the newest, so that none waits for older ones that nobody gives.
pub fn in_order(current: u32) -> impl Iterator<Item = u32> {
    std::iter::once(0).chain((1..=current).rev())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(seed: u8) -> ClusterKey {
        ClusterKey {
            signing_key: [seed; 32],
            ..ClusterKey::default()
        }
    }

    #[test]
    fn what_is_kept_goes_before_candidates_and_the_chain_before_both() {
        let (own, other) = (&key(1), &key(2));
        for (kept, candidate, expected) in [
            (None, None, Step::Ask),
            (None, Some(own), Step::Accept),
            (None, Some(other), Step::GiveUp),
            (Some(own), None, Step::Use),
            (Some(own), Some(other), Step::Use),
            (Some(other), None, Step::Foreign),
            (Some(other), Some(own), Step::Foreign),
        ] {
            assert_eq!(
                step(own, kept, candidate),
                expected,
                "{kept:?}, {candidate:?}"
            );
        }
        let half = ClusterKey {
            encryption_key: phat_primitives::EncryptionKey([9; 32]),
            ..key(1)
        };
        assert_eq!(step(own, None, Some(&half)), Step::GiveUp);
    }

    #[test]
    fn the_first_generation_comes_first_and_then_the_newest() {
        assert_eq!(in_order(0).collect::<Vec<_>>(), [0]);
        assert_eq!(in_order(3).collect::<Vec<_>>(), [0, 3, 2, 1]);
    }
}
