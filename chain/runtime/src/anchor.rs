//! The anchor: outcomes of contracts for accounts of this chain, and the state of contracts that
//! have no foreign target.

use frame_support::traits::{ConstU128, ConstU32, ConstU64};

use crate::{
    constants::{MICROPHA, MILLIPHA},
    Balances, Bridge, Runtime, RuntimeHoldReason, Timestamp,
};

/// How long a request may wait for its outcome at the most: 30 days.
const LIFETIME_S_MAX: u64 = 30 * 24 * 60 * 60;

/// How long attestors that were replaced may go on signing at the most: a week.
const OVERLAP_S_MAX: u64 = 7 * 24 * 60 * 60;

/// The most requests of a consumer at a time. Workers read the list of them at each block.
const REQUESTS_MAX: u32 = 4_096;

/// The most bytes of all values of a consumer, with 64 more for each key. The bridge has two keys for
/// each transfer, and room for some hundred thousand.
const STORED_BYTES_MAX: u64 = 64 * 1024 * 1024;

// The bridge is the only pallet that is a consumer. All others are accounts, which read events and
// values.
impl pallet_phat_anchor::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Time = Timestamp;
    type OnOutcome = Bridge;
    type ConsumerDeposit = ConstU128<{ 500 * MILLIPHA }>;
    type RequestDeposit = ConstU128<{ 100 * MILLIPHA }>;
    type ValueDeposit = ConstU128<{ 100 * MILLIPHA }>;
    type DepositPerByte = ConstU128<{ 100 * MICROPHA }>;
    type MaxRequests = ConstU32<REQUESTS_MAX>;
    type MaxStoredBytes = ConstU64<STORED_BYTES_MAX>;
    type MaxLifetimeS = ConstU64<LIFETIME_S_MAX>;
    type MaxOverlapS = ConstU64<OVERLAP_S_MAX>;
    type WeightInfo = pallet_phat_anchor::weights::SubstrateWeight<Runtime>;
}
