//! Settling requests: what is checked, in which order, and what follows.

use codec::Encode;
use frame_support::{
    dispatch::DispatchResult,
    ensure,
    storage::with_storage_layer,
    traits::{
        fungible::MutateHold,
        tokens::{Fortitude, Precision, Restriction},
    },
    weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use phat_primitives::{
    anchor::{NO_REQUEST, OUTCOME_BYTES_MAX, Outcome, OutcomeSignature, OutcomeSignatures},
    blake2_256,
};
use sp_core::sr25519;
use sp_runtime::{DispatchError, traits::Zero};

use crate::{
    AttestorSet, AttestorsOf, BalanceOf, Batch, Bounds, Config, ConsumerInfoOf, Consumers, Error,
    Event, Failure, HoldReason, Inputs, OnOutcome, Pallet, RequestOf, Requests, SettledOutcome,
    WeightInfo,
};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_settle(
        relayer: &T::AccountId,
        consumer: &T::AccountId,
        outcome: &Outcome,
        signatures: &OutcomeSignatures,
    ) -> DispatchResult {
        if outcome.number == NO_REQUEST {
            return Self::do_push(relayer, consumer, outcome, signatures);
        }
        let mut info = Self::consumer(consumer)?;
        let request = Self::open_request(consumer, &info, outcome)?;
        Self::ensure_within(&info.bounds, outcome)?;
        // The versions first: they are what an honest worker may have wrong, and cost the least.
        Self::ensure_current(consumer, &info, &outcome.reads)?;
        Self::ensure_attested(consumer, outcome, signatures)?;

        Self::write(consumer, &mut info, &outcome.writes)?;
        Consumers::<T>::insert(consumer, info);
        Inputs::<T>::remove(consumer, outcome.number);
        let fee = request.fee;
        Self::pay(&request.requester, relayer, fee)?;
        let requester = request.requester.clone();
        Self::note_settled(consumer, outcome, request);
        Self::deposit_event(Event::Settled {
            consumer: consumer.clone(),
            number: outcome.number,
            relayer: relayer.clone(),
            fee,
            success: outcome.success,
            output: outcome.output.clone(),
        });
        Self::deliver(consumer, &requester, outcome);
        Ok(())
    }

    /// Settles one outcome of a batch, or tells why it cannot be settled.
    pub(crate) fn settle_or_pass_over(
        relayer: &T::AccountId,
        consumer: T::AccountId,
        outcome: Outcome,
        signatures: OutcomeSignatures,
    ) {
        let settled =
            with_storage_layer(|| Self::do_settle(relayer, &consumer, &outcome, &signatures));
        if let Err(error) = settled {
            Self::deposit_event(Event::PassedOver {
                consumer,
                number: outcome.number,
                error,
            });
        }
    }

    /// What settling this outcome weighs at the most. One that nobody asked for takes less than
    /// that of a request: the same but for the request, its input and its money.
    pub(crate) fn settle_weight(outcome: &Outcome, signatures: &OutcomeSignatures) -> Weight {
        T::WeightInfo::settle(
            outcome.encoded_size() as u32,
            signatures.len() as u32,
            outcome.reads.len() as u32,
            outcome.writes.len() as u32,
        )
        .saturating_add(T::OnOutcome::weight_max())
    }

    /// What settling these outcomes weighs at the most.
    pub(crate) fn batch_weight(batch: &Batch<T>) -> Weight {
        batch
            .iter()
            .fold(T::WeightInfo::settle_batch_base(), |sum, it| {
                sum.saturating_add(Self::settle_weight(&it.1, &it.2))
            })
    }

    /// The request that the outcome is for, if it can still be settled.
    fn open_request(
        consumer: &T::AccountId,
        info: &ConsumerInfoOf<T>,
        outcome: &Outcome,
    ) -> Result<RequestOf<T>, DispatchError> {
        let request = Self::stored_request(consumer, info, outcome.number)?;
        ensure!(request.failure.is_none(), Error::<T>::RequestClosed);
        ensure!(
            request.commitment == outcome.commitment,
            Error::<T>::CommitmentMismatch
        );
        ensure!(
            Self::now_s() < request.expires_at,
            Error::<T>::RequestExpired
        );
        Ok(request)
    }

    /// Refuses what is more than attestors of the consumer may do.
    pub(crate) fn ensure_within(bounds: &Bounds, outcome: &Outcome) -> DispatchResult {
        ensure!(
            outcome.encoded_size() <= OUTCOME_BYTES_MAX as usize,
            Error::<T>::OutcomeTooLarge
        );
        let is_within = outcome.output.len() <= bounds.output_bytes as usize
            && outcome.writes.len() <= bounds.writes as usize;
        ensure!(is_within, Error::<T>::OutOfBounds);
        Ok(())
    }

    /// Refuses an outcome that too few have signed, or anybody who is no attestor.
    pub(crate) fn ensure_attested(
        consumer: &T::AccountId,
        outcome: &Outcome,
        signatures: &OutcomeSignatures,
    ) -> DispatchResult {
        let is_sorted = signatures
            .windows(2)
            .all(|pair| pair[0].attestor() < pair[1].attestor());
        ensure!(is_sorted, Error::<T>::SignaturesUnordered);
        Self::ensure_quorum(consumer, signatures)?;
        let payload = outcome.signing_payload(
            &Self::genesis_hash(),
            Self::name_in_runtime(),
            &consumer.encode(),
        );
        let are_valid = signatures.iter().all(|it| is_valid(it, &payload));
        ensure!(are_valid, Error::<T>::SignatureInvalid);
        Ok(())
    }

    /// Refuses signers that are neither a quorum of the attestors, nor, while that counts, of those
    /// before them. Their signatures are not looked at here.
    fn ensure_quorum(consumer: &T::AccountId, signatures: &OutcomeSignatures) -> DispatchResult {
        let attestors = AttestorsOf::<T>::get(consumer).ok_or(Error::<T>::UnknownConsumer)?;
        if is_quorum(&attestors.current, signatures) {
            return Ok(());
        }
        let previous = attestors
            .previous
            .filter(|previous| Self::now_s() < previous.ends_at);
        if previous.is_some_and(|previous| is_quorum(&previous.set, signatures)) {
            return Ok(());
        }
        let are_attestors = are_all_in(&attestors.current, signatures);
        ensure!(are_attestors, Error::<T>::NotAttestor);
        Err(Error::<T>::QuorumMissing.into())
    }

    /// Pays the fee of what was held for it. What else the requester has locked is no concern.
    fn pay(requester: &T::AccountId, relayer: &T::AccountId, fee: BalanceOf<T>) -> DispatchResult {
        if fee.is_zero() {
            return Ok(());
        }
        let reason = HoldReason::Request.into();
        if requester == relayer {
            T::Currency::release(&reason, requester, fee, Precision::BestEffort)?;
            return Ok(());
        }
        T::Currency::transfer_on_hold(
            &reason,
            requester,
            relayer,
            fee,
            Precision::Exact,
            Restriction::Free,
            Fortitude::Force,
        )?;
        Ok(())
    }

    /// From here on the request is settled, whatever the consumer does when it is told.
    fn note_settled(consumer: &T::AccountId, outcome: &Outcome, mut request: RequestOf<T>) {
        request.fee = Zero::zero();
        request.failure = Some(Failure {
            success: outcome.success,
            output_hash: blake2_256(&outcome.output),
        });
        Requests::<T>::insert(consumer, outcome.number, request);
    }

    /// Tells the consumer, and closes the request if it takes the outcome.
    fn deliver(consumer: &T::AccountId, requester: &T::AccountId, outcome: &Outcome) {
        let settled = SettledOutcome {
            consumer,
            number: outcome.number,
            requester,
            success: outcome.success,
            output: &outcome.output,
        };
        if let Err(error) = Self::close_and_tell(&settled) {
            Self::deposit_event(Event::CallbackFailed {
                consumer: consumer.clone(),
                number: outcome.number,
                error,
            });
        }
    }

    /// Closes the request and tells the consumer. When that fails, both are undone, and whatever the
    /// consumer has changed.
    ///
    /// The request is gone while the consumer is told: where its callback reaches code of others,
    /// nobody can have it told again from within.
    pub(crate) fn close_and_tell(settled: &SettledOutcome<'_, T::AccountId>) -> DispatchResult {
        with_storage_layer(|| {
            Self::close(settled.consumer, settled.number)?;
            T::OnOutcome::on_outcome(settled)
        })
    }

    /// The hash of the chain's first block, as 32 bytes.
    pub(crate) fn genesis_hash() -> [u8; 32] {
        let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        let mut bytes = [0; 32];
        let length = bytes.len().min(hash.as_ref().len());
        bytes[..length].copy_from_slice(&hash.as_ref()[..length]);
        bytes
    }

    /// What the runtime calls this pallet.
    pub(crate) fn name_in_runtime() -> &'static str {
        <Self as frame_support::traits::PalletInfoAccess>::name()
    }
}

fn are_all_in(set: &AttestorSet, signatures: &OutcomeSignatures) -> bool {
    signatures.iter().all(|it| set.contains(&it.attestor()))
}

/// Whether these are enough of the set, and nobody else. That each is there once is known.
fn is_quorum(set: &AttestorSet, signatures: &OutcomeSignatures) -> bool {
    signatures.len() >= set.threshold as usize && are_all_in(set, signatures)
}

fn is_valid(signature: &OutcomeSignature, payload: &[u8]) -> bool {
    match signature {
        OutcomeSignature::Sr25519 { key, signature } => sp_io::crypto::sr25519_verify(
            &sr25519::Signature::from_raw(*signature),
            payload,
            &sr25519::Public::from_raw(*key),
        ),
        OutcomeSignature::Secp256k1 { key, signature } => {
            let digest = blake2_256(payload);
            sp_io::crypto::secp256k1_ecdsa_recover_compressed(signature, &digest)
                .is_ok_and(|signer| signer == *key)
        }
    }
}
