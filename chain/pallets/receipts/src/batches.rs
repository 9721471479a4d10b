//! Batches: how they are published, and how those of workers that left are removed.

use frame_support::{ensure, traits::Get, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_registry::{OnWorkerDeregistered, WorkerLookup};
use phat_primitives::{
    WorkerId,
    receipts::{BATCH_RECEIPTS_MAX, ReceiptBatch},
};
use sp_core::sr25519;
use sp_runtime::traits::Zero;

use crate::{
    BatchInfo, Batches, CLEARED_PER_BLOCK_MAX, Config, Error, Heads, Leftover, Leftovers, Pallet,
    WeightInfo,
};

impl<T: Config> Pallet<T> {
    /// The hash of the chain's first block, which what workers sign is bound to.
    pub fn genesis_hash() -> [u8; 32] {
        let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        let mut bytes = [0; 32];
        let length = bytes.len().min(hash.as_ref().len());
        bytes[..length].copy_from_slice(&hash.as_ref()[..length]);
        bytes
    }

    /// Whether `worker` has signed `payload` with its identity key.
    pub(crate) fn is_signed_by(
        worker: &WorkerId,
        payload: &[u8],
        signature: &sr25519::Signature,
    ) -> bool {
        let public = sr25519::Public::from_raw(worker.0);
        sp_io::crypto::sr25519_verify(signature, payload, &public)
    }

    pub(crate) fn do_publish(
        worker: WorkerId,
        number: u32,
        count: u32,
        root: [u8; 32],
        signature: &sr25519::Signature,
    ) -> Result<(), Error<T>> {
        ensure!(
            T::Workers::operator_of(&worker).is_some(),
            Error::<T>::UnknownWorker
        );
        ensure!(
            (1..=BATCH_RECEIPTS_MAX).contains(&count),
            Error::<T>::BatchCountInvalid
        );
        ensure!(
            !Leftovers::<T>::contains_key(worker),
            Error::<T>::LeftoversExist
        );
        let mut head = Heads::<T>::get(worker).unwrap_or_default();
        ensure!(number == head.next, Error::<T>::BatchNotNext);
        let batch = ReceiptBatch {
            genesis_hash: Self::genesis_hash(),
            worker,
            number,
            count,
            root,
            previous: head.hash,
        };
        ensure!(
            Self::is_signed_by(&worker, &batch.signing_payload(), signature),
            Error::<T>::SignatureInvalid
        );

        head.next = number.checked_add(1).ok_or(Error::<T>::TooManyBatches)?;
        head.hash = batch.hash();
        if head.next.saturating_sub(head.first) > T::MaxBatches::get() {
            Batches::<T>::remove(worker, head.first);
            head.first = head.first.saturating_add(1);
        }
        Heads::<T>::insert(worker, head);
        let published_at = frame_system::Pallet::<T>::block_number();
        Batches::<T>::insert(
            worker,
            number,
            BatchInfo {
                count,
                root,
                published_at,
            },
        );
        Ok(())
    }

    /// Removes as many batches of workers that left as fit into `weight_max`. Gives what it took.
    pub(crate) fn clear_within(weight_max: Weight) -> Weight {
        let base = T::WeightInfo::clear_batches(0);
        let each = T::WeightInfo::clear_batches(1).saturating_sub(base);
        let Some(left) = weight_max.checked_sub(&base) else {
            return Weight::zero();
        };
        let fitting = left.checked_div_per_component(&each).unwrap_or(0);
        let fitting = u32::try_from(fitting).unwrap_or(u32::MAX);
        let cleared = Self::clear(fitting.min(CLEARED_PER_BLOCK_MAX));
        T::WeightInfo::clear_batches(cleared)
    }

    /// Removes up to `count_max` batches of one worker that left. Gives how many.
    pub(crate) fn clear(count_max: u32) -> u32 {
        let Some((worker, leftover)) = Leftovers::<T>::iter().next() else {
            return 0;
        };
        let Leftover { first, next } = leftover;
        let end = next.min(first.saturating_add(count_max));
        for number in first..end {
            Batches::<T>::remove(worker, number);
        }
        if end == next {
            Leftovers::<T>::remove(worker);
        } else {
            Leftovers::<T>::insert(worker, Leftover { first: end, next });
        }
        end.saturating_sub(first)
    }
}

/// A worker that leaves may have published many batches, which no block could remove together.
/// They are removed in pieces, in what blocks have left.
impl<T: Config> OnWorkerDeregistered for Pallet<T> {
    fn on_worker_deregistered(worker: &WorkerId) {
        if let Some(head) = Heads::<T>::take(worker) {
            let leftover = Leftover {
                first: head.first,
                next: head.next,
            };
            Leftovers::<T>::insert(worker, leftover);
        }
    }

    fn weight() -> Weight {
        T::DbWeight::get().reads_writes(1, 2)
    }
}
