//! What the pallet stores, and the traits it meets other pallets with.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, pallet_prelude::ConstU32, weights::Weight};
use phat_primitives::{Attestation, EncryptionKey, WorkerId, limits::ENDPOINT_BYTES_MAX};
use scale_info::TypeInfo;

/// The URL of a worker's HTTP API: printable ASCII that starts with `http://` or `https://`.
pub type Endpoint = BoundedVec<u8, ConstU32<ENDPOINT_BYTES_MAX>>;

/// A registered worker.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct WorkerInfo<AccountId, Balance, BlockNumber> {
    /// The account that answers for the worker.
    pub operator: AccountId,
    /// The key that others encrypt to.
    pub encryption_key: EncryptionKey,
    /// The URL of the worker's HTTP API.
    pub endpoint: Endpoint,
    /// What vouches for the worker.
    pub attestation: Attestation,
    /// What is held of the operator's balance for this worker.
    pub deposit: Balance,
    /// The block that registered the worker.
    pub registered_at: BlockNumber,
}

/// Answers who a worker is, for the pallets that give workers something to do.
pub trait WorkerLookup<AccountId> {
    /// The operator of `worker`, or `None` when the worker is not registered.
    fn operator_of(worker: &WorkerId) -> Option<AccountId>;

    /// Makes `worker` a registered worker of `operator`, whatever that takes.
    #[cfg(feature = "runtime-benchmarks")]
    fn register_for_benchmark(operator: &AccountId, worker: WorkerId);
}

/// Told when a worker leaves the registry, so that nothing goes on naming it.
pub trait OnWorkerDeregistered {
    /// `worker` is no longer registered.
    fn on_worker_deregistered(worker: &WorkerId);

    /// The most that [`Self::on_worker_deregistered`] may weigh.
    fn weight() -> Weight;
}

impl OnWorkerDeregistered for () {
    fn on_worker_deregistered(_worker: &WorkerId) {}

    fn weight() -> Weight {
        Weight::zero()
    }
}

/// Whether `url` has the form of an [`Endpoint`], apart from its length.
pub(crate) fn is_endpoint(url: &[u8]) -> bool {
    let host = url
        .strip_prefix(b"https://")
        .or(url.strip_prefix(b"http://"));
    host.is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_graphic))
}
