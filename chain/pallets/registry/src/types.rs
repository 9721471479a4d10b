//! What the pallet stores, and the traits it meets other pallets with.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, pallet_prelude::ConstU32, weights::Weight};
use phat_primitives::{
    Attestation, EncryptionKey, WorkerId,
    limits::{
        COLLATERAL_BYTES_MAX, ENDPOINT_BYTES_MAX, QUOTE_BYTES_MAX, ROOT_BYTES_MAX, ROOTS_MAX,
    },
};
use scale_info::TypeInfo;

/// The URL of a worker's HTTP API: printable ASCII that starts with `http://` or `https://`.
pub type Endpoint = BoundedVec<u8, ConstU32<ENDPOINT_BYTES_MAX>>;

/// The first byte of a certificate in DER.
const DER_SEQUENCE: u8 = 0x30;

/// A certificate that quotes may end at, in DER.
pub type RootCertificate = BoundedVec<u8, ConstU32<ROOT_BYTES_MAX>>;

/// All of them.
pub type Roots = BoundedVec<RootCertificate, ConstU32<ROOTS_MAX>>;

/// What a worker's operator submits so that the chain sees what vouches for the worker.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Evidence {
    /// A quote of the worker's platform over
    /// [`ReportData`](phat_primitives::attestation::ReportData).
    pub quote: BoundedVec<u8, ConstU32<QUOTE_BYTES_MAX>>,
    /// What Intel publishes of the platform: `dcap_qvl::QuoteCollateralV3`, in SCALE.
    pub collateral: BoundedVec<u8, ConstU32<COLLATERAL_BYTES_MAX>>,
}

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

    /// Whether `worker` may serve: it is registered, and what is to vouch for it does, now.
    fn is_active(worker: &WorkerId) -> bool;

    /// Makes `worker` a registered worker of `operator` that is active, whatever that takes.
    #[cfg(feature = "runtime-benchmarks")]
    fn register_for_benchmark(operator: &AccountId, worker: WorkerId);
}

/// Sets the chain's clock for benchmarks of what depends on it.
#[cfg(feature = "runtime-benchmarks")]
pub trait BenchmarkClock {
    /// From now on it is `now_s`, in seconds since 1970.
    fn set_now_s(now_s: u64);
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

/// Tells one after the other.
impl<A: OnWorkerDeregistered, B: OnWorkerDeregistered> OnWorkerDeregistered for (A, B) {
    fn on_worker_deregistered(worker: &WorkerId) {
        A::on_worker_deregistered(worker);
        B::on_worker_deregistered(worker);
    }

    fn weight() -> Weight {
        A::weight().saturating_add(B::weight())
    }
}

/// Whether these may be root certificates: each begins as DER does, and none is there twice.
pub(crate) fn are_roots(roots: &[RootCertificate]) -> bool {
    let mut listed = roots.iter().enumerate();
    listed
        .all(|(index, root)| root.first() == Some(&DER_SEQUENCE) && !roots[..index].contains(root))
}

/// Whether `url` has the form of an [`Endpoint`], apart from its length.
pub(crate) fn is_endpoint(url: &[u8]) -> bool {
    let host = url
        .strip_prefix(b"https://")
        .or(url.strip_prefix(b"http://"));
    host.is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_graphic))
}
