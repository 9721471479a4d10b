//! What the pallet reads of its chain: the block, the time, and who signed what.

use frame_support::{ensure, traits::UnixTime};
use frame_system::pallet_prelude::BlockNumberFor;
use phat_primitives::WorkerId;
use phat_tokenomics::{Parameters, WorkerState};
use sp_core::sr25519;
use sp_runtime::{SaturatedConversion, traits::Zero};

use crate::{Config, EconomyParameters, Error, Pallet};

impl<T: Config> Pallet<T> {
    /// The number of the block.
    pub(crate) fn now_block() -> u32 {
        frame_system::Pallet::<T>::block_number().saturated_into()
    }

    /// The parameters that the V of a worker in this state moves by.
    ///
    /// Governance may set a largest V that is below it. That is for sessions that start from then
    /// on: of this one it would take stake, for nothing that the worker has done.
    pub(crate) fn parameters_of(worker: &WorkerState) -> Parameters {
        let mut parameters = EconomyParameters::<T>::get();
        parameters.v_max = parameters.v_max.max(worker.v);
        parameters
    }

    /// The chain's time, in milliseconds since 1970. Before a block has set it, that of the block
    /// before.
    pub(crate) fn now_ms() -> u64 {
        u64::try_from(T::Time::now().as_millis()).unwrap_or(u64::MAX)
    }

    /// The same in seconds.
    pub(crate) fn now_s() -> u64 {
        T::Time::now().as_secs()
    }

    /// The hash of the chain's first block, which what workers sign is bound to.
    pub fn genesis_hash() -> [u8; 32] {
        let hash = frame_system::Pallet::<T>::block_hash(BlockNumberFor::<T>::zero());
        bytes_of(hash.as_ref())
    }

    /// Refuses unless `worker` has signed `payload` with its identity key.
    pub(crate) fn ensure_signed_by(
        worker: &WorkerId,
        payload: &[u8],
        signature: &sr25519::Signature,
    ) -> Result<(), Error<T>> {
        let public = sr25519::Public::from_raw(worker.0);
        ensure!(
            sp_io::crypto::sr25519_verify(signature, payload, &public),
            Error::<T>::SignatureInvalid
        );
        Ok(())
    }
}

/// A hash as 32 bytes, whatever its length is.
pub(crate) fn bytes_of(hash: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    let length = bytes.len().min(hash.len());
    bytes[..length].copy_from_slice(&hash[..length]);
    bytes
}
