//! The bridge: PHA that is locked here while as much is out as an ERC-20 on an EVM chain.

use frame_support::{
    parameter_types,
    traits::{ConstU128, ConstU32, ConstU64},
    PalletId,
};
use pallet_pha_bridge::Limits;

use crate::{
    constants::{MILLIPHA, PHA, PHA_SUPPLY_MAX},
    governance::ParametersOrigin,
    Anchor, Balance, Balances, Runtime, RuntimeHoldReason, Timestamp,
};

/// The most locks that wait for being minted, and the most burns that wait for being paid.
const WAITING_MAX: u32 = 65_536;

/// How long it is until a lock may be announced again: longer than a run and its settlement take on
/// a chain that is busy.
const ANNOUNCE_INTERVAL_S: u64 = 60 * 60;

/// The limits until governance sets others. The fee is what the anchor holds for what it keeps of a
/// lock that was minted, and of one burn.
const LIMITS: Limits<Balance> = Limits {
    minimum: 10 * PHA,
    daily: 1_000_000 * PHA,
    fee: 250 * MILLIPHA,
};

parameter_types! {
    pub const BridgePalletId: PalletId = PalletId(*b"phat/brg");
    pub const DefaultLimits: Limits<Balance> = LIMITS;
}

impl pallet_pha_bridge::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Anchor = Anchor;
    type Time = Timestamp;
    type GovernanceOrigin = ParametersOrigin;
    type PalletId = BridgePalletId;
    type Cap = ConstU128<PHA_SUPPLY_MAX>;
    type DefaultLimits = DefaultLimits;
    type MaxPending = ConstU32<WAITING_MAX>;
    type MaxDue = ConstU32<WAITING_MAX>;
    type AnnounceInterval = ConstU64<ANNOUNCE_INTERVAL_S>;
    type WeightInfo = pallet_pha_bridge::weights::SubstrateWeight<Runtime>;
}
