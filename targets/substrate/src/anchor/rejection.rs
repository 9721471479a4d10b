//! Why the anchor pallet would refuse an outcome.

use phat_primitives::anchor::{
    AttestorKey, KEY_BYTES, NO_REQUEST, Outcome, OutcomeSignature, OutcomeSignatures,
};
use phat_target::{Rejection, RequestStatus, TargetError};
use subxt::dynamic::Value;

use super::{Anchor, StoredRequest, StoredSet};
use crate::{connection::AtBlock, outcome::attestor};

/// Why the pallet takes no outcome that nobody asked for and that could be settled again.
const UNGUARDED: &str = "nobody asked for the outcome, and its first read and its first write are not of the same \
                         key, or delete it";

impl Anchor<'_> {
    /// Why the pallet would refuse an outcome at `at`, if it would. The signatures themselves are
    /// not verified here: they are this worker's, or were verified when they came.
    pub(crate) async fn rejection(
        &self,
        at: &AtBlock,
        consumer: &[u8],
        outcome: &Outcome,
        signatures: &OutcomeSignatures,
    ) -> Result<Option<Rejection>, TargetError> {
        let refused = match outcome.number {
            NO_REQUEST => self.push_rejection(at, consumer, outcome).await?,
            _ => self.request_rejection(at, consumer, outcome).await?,
        };
        if refused.is_some() {
            return Ok(refused);
        }
        for read in &outcome.reads {
            let actual = self.value(at, consumer, &read.key).await?.version;
            if actual != read.version {
                return Ok(Some(Rejection::StaleVersion {
                    expected: read.version,
                    actual,
                }));
            }
        }
        if let Some(reason) = self.beyond_bounds(at, consumer, outcome).await? {
            return Ok(Some(Rejection::OutOfBounds(reason.into())));
        }
        self.missing_signers(at, consumer, signatures).await
    }

    /// Why an outcome that nobody asked for is not needed, or cannot be taken.
    ///
    /// Where the key that guards it has changed, and has the value that the outcome would write, it
    /// is settled. Where it has another, as that of the schedule's firing before, or none, as some
    /// other key was deleted, it is stale like any other.
    async fn push_rejection(
        &self,
        at: &AtBlock,
        consumer: &[u8],
        outcome: &Outcome,
    ) -> Result<Option<Rejection>, TargetError> {
        let guard = outcome.reads.first().zip(outcome.writes.first());
        let Some((read, write)) = guard.filter(|_| outcome.is_guarded()) else {
            return Ok(Some(Rejection::Reverted(UNGUARDED.into())));
        };
        let now = self.value(at, consumer, &read.key).await?;
        let is_done = now.version != read.version && now.value[..] == write.value[..];
        Ok(is_done.then_some(Rejection::AlreadySettled))
    }

    /// Why the request of an outcome cannot be settled with it.
    async fn request_rejection(
        &self,
        at: &AtBlock,
        consumer: &[u8],
        outcome: &Outcome,
    ) -> Result<Option<Rejection>, TargetError> {
        let key = vec![
            Value::from_bytes(consumer),
            Value::u128(outcome.number.into()),
        ];
        let stored = self.fetch::<StoredRequest>(at, "Requests", key).await?;
        match self.status(at, consumer, outcome.number).await? {
            RequestStatus::Unknown => return Ok(Some(Rejection::UnknownRequest)),
            RequestStatus::Expired => return Ok(Some(Rejection::Expired)),
            RequestStatus::Settled | RequestStatus::Failed => {
                return Ok(Some(Rejection::AlreadySettled));
            }
            RequestStatus::Open => {}
        }
        let is_another = stored.is_some_and(|stored| stored.commitment != outcome.commitment);
        Ok(is_another.then_some(Rejection::CommitmentMismatch))
    }

    /// What an outcome does more than the consumer lets its attestors do, if anything.
    async fn beyond_bounds(
        &self,
        at: &AtBlock,
        consumer: &[u8],
        outcome: &Outcome,
    ) -> Result<Option<&'static str>, TargetError> {
        let Some(info) = self.consumer(at, consumer).await? else {
            return Ok(None);
        };
        if outcome.output.len() > info.bounds.output_bytes as usize {
            return Ok(Some("the output is longer than the consumer allows"));
        }
        if outcome.writes.len() > info.bounds.writes as usize {
            return Ok(Some("it writes more keys than the consumer allows"));
        }
        let of_keys = KEY_BYTES.saturating_mul(info.values.into());
        let stored_before = info.stored_bytes.saturating_add(of_keys);
        let mut stored = stored_before;
        for write in &outcome.writes {
            let before = self.value(at, consumer, &write.key).await?.value.len();
            stored = stored
                .saturating_sub(counted(before))
                .saturating_add(counted(write.value.len()));
        }
        // What is above bounds that were lowered may get less.
        let stored_max = info.bounds.stored_bytes.max(stored_before);
        Ok((stored > stored_max).then_some("it stores more bytes than the consumer allows"))
    }

    async fn missing_signers(
        &self,
        at: &AtBlock,
        consumer: &[u8],
        signatures: &OutcomeSignatures,
    ) -> Result<Option<Rejection>, TargetError> {
        let attestors = self.attestors(at, consumer).await?;
        let signers: Vec<_> = signatures.iter().map(OutcomeSignature::attestor).collect();
        if let Some(previous) = &attestors.previous {
            let is_valid = self.now_s(at).await? < previous.ends_at;
            if is_valid && rejection_by(&previous.set, &signers).is_none() {
                return Ok(None);
            }
        }
        Ok(rejection_by(&attestors.current, &signers))
    }
}

/// What a value of so many bytes counts against the bounds of its consumer. One of none is not there.
fn counted(bytes: usize) -> u64 {
    match bytes {
        0 => 0,
        _ => KEY_BYTES.saturating_add(bytes as u64),
    }
}

/// Why these signers are no quorum of a set, if they are none.
fn rejection_by(set: &StoredSet, signers: &[AttestorKey]) -> Option<Rejection> {
    let keys = set.keys();
    if let Some(stranger) = signers.iter().find(|signer| !keys.contains(signer)) {
        return Some(Rejection::NotAttestor(attestor(stranger)));
    }
    let have = u32::try_from(signers.len()).unwrap_or(u32::MAX);
    (have < set.threshold).then_some(Rejection::QuorumMissing {
        have,
        need: set.threshold,
    })
}

#[cfg(test)]
mod tests {
    use super::{super::StoredKey, *};

    #[test]
    fn a_key_counts_where_there_is_a_value() {
        assert_eq!([0, 1, 20].map(counted), [0, KEY_BYTES + 1, KEY_BYTES + 20]);
    }

    #[test]
    fn signers_are_a_quorum_or_the_reason_is_told() {
        let set = StoredSet {
            threshold: 2,
            keys: vec![
                StoredKey::Sr25519([1; 32]),
                StoredKey::Sr25519([2; 32]),
                StoredKey::Secp256k1([2; 33]),
            ],
        };
        let one = AttestorKey::Sr25519([1; 32]);
        let other = AttestorKey::Secp256k1([2; 33]);
        let stranger = AttestorKey::Sr25519([9; 32]);
        assert_eq!(rejection_by(&set, &[one, other]), None);
        let missing = Rejection::QuorumMissing { have: 1, need: 2 };
        assert_eq!(rejection_by(&set, &[one]), Some(missing));
        let named = Rejection::NotAttestor(attestor(&stranger));
        assert_eq!(rejection_by(&set, &[one, stranger]), Some(named));
    }
}
