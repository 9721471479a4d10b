//! What a call has to show.

use frame_support::{ensure, weights::Weight};
use frame_system::pallet_prelude::BlockNumberFor;
use pallet_phat_contracts::OnContractRemoved;
use phat_primitives::{
    ClusterId, ClusterKey, ContractId, WorkerId,
    cluster_key::{AttestorStatement, ClusterKeyAnnouncement},
};
use sp_core::sr25519;
use sp_runtime::traits::Zero;

use crate::{Attestors, Config, CurrentGeneration, Error, Pallet, RotationRequested, WeightInfo};

impl<T: Config> Pallet<T> {
    /// The hash of the chain's first block, which signatures are bound to.
    pub fn genesis_hash() -> [u8; 32] {
        let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        let mut bytes = [0; 32];
        let length = bytes.len().min(hash.as_ref().len());
        bytes[..length].copy_from_slice(&hash.as_ref()[..length]);
        bytes
    }

    /// Checks that a key of `generation` is asked for.
    pub(crate) fn ensure_open(cluster: ClusterId, generation: u32) -> Result<(), Error<T>> {
        let Some(current) = CurrentGeneration::<T>::get(cluster) else {
            ensure!(generation == 0, Error::<T>::GenerationNotOpen);
            return Ok(());
        };
        ensure!(generation > current, Error::<T>::AlreadyPublished);
        let is_next = generation == current.saturating_add(1);
        ensure!(
            is_next && RotationRequested::<T>::contains_key(cluster),
            Error::<T>::GenerationNotOpen
        );
        Ok(())
    }

    /// Checks that `worker` announces the key itself.
    pub(crate) fn ensure_announced(
        cluster: ClusterId,
        generation: u32,
        key: ClusterKey,
        worker: WorkerId,
        signature: &sr25519::Signature,
    ) -> Result<(), Error<T>> {
        let payload = ClusterKeyAnnouncement {
            genesis_hash: Self::genesis_hash(),
            cluster,
            generation,
            key,
            worker,
        }
        .signing_payload();
        let public = sr25519::Public::from_raw(worker.0);
        ensure!(
            sp_io::crypto::sr25519_verify(signature, &payload, &public),
            Error::<T>::SignatureInvalid
        );
        Ok(())
    }

    /// Checks that the cluster states the attestor itself.
    pub(crate) fn ensure_stated(
        contract: ContractId,
        generation: u32,
        public_key: [u8; 33],
        signing_key: [u8; 32],
        signature: &sr25519::Signature,
    ) -> Result<(), Error<T>> {
        let payload = AttestorStatement {
            genesis_hash: Self::genesis_hash(),
            contract,
            generation,
            public_key,
        }
        .signing_payload();
        let public = sr25519::Public::from_raw(signing_key);
        ensure!(
            sp_io::crypto::sr25519_verify(signature, &payload, &public),
            Error::<T>::StatementInvalid
        );
        Ok(())
    }
}

/// Whether a key has the form that SEC1 calls compressed. Whether it is a point of the curve is
/// not looked at: the cluster vouches for it.
pub(crate) fn is_compressed(public_key: &[u8; 33]) -> bool {
    matches!(public_key[0], 2 | 3)
}

impl<T: Config> OnContractRemoved for Pallet<T> {
    fn on_contract_removed(contract: &ContractId) {
        Attestors::<T>::remove(contract);
    }

    fn weight() -> Weight {
        T::WeightInfo::on_contract_removed()
    }
}
