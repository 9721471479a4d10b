//! How the network decides about itself: referenda by holders of PHA, a treasury, and the
//! scheduler that carries decisions out.

pub mod api;
pub mod origins;
pub mod time;
pub mod tracks;

use frame_support::{
    parameter_types,
    traits::{
        fungible::Inspect,
        tokens::{PayFromAccount, UnityAssetBalanceConversion},
        AsEnsureOriginWithArg, ConstU128, ConstU32, EitherOf, EqualPrivilegeOnly, Get,
    },
    weights::Weight,
    PalletId,
};
use frame_system::{EnsureRoot, EnsureRootWithSuccess, EnsureSigned};
use pallet_treasury::TreasuryAccountId;
use sp_runtime::{
    traits::{AccountIdConversion, IdentityLookup},
    Perbill, Permill,
};

use self::{
    origins::{EnsureMeasurements, EnsureParameters, EnsureSpender},
    time::{Hours, HOURS_PER_DAY},
    tracks::Tracks,
};
use crate::{
    constants::{BLOCK_WEIGHT_MAX, MINING_POOL, PHA},
    AccountId, Balance, Balances, OriginCaller, Preimage, Referenda, Runtime, RuntimeCall,
    RuntimeEvent, RuntimeOrigin, Scheduler, System, Treasury,
};

/// Who sets the parameters of pallets.
pub type ParametersOrigin = EitherOf<EnsureRoot<AccountId>, EnsureParameters>;

/// Who decides what workers run and on which platforms, and has clusters change their keys.
pub type MeasurementsOrigin = EitherOf<EnsureRoot<AccountId>, EnsureMeasurements>;

/// Who spends from the treasury, and how much at a time. Root has no limit.
pub type SpendOrigin =
    EitherOf<EnsureRootWithSuccess<AccountId, ConstU128<{ Balance::MAX }>>, EnsureSpender>;

/// What scheduled calls may take of a block's time.
const SCHEDULED_RATIO: Perbill = Perbill::from_percent(80);

/// How many calls may be scheduled for one block. Measurements of other pallets schedule many more.
const SCHEDULED_PER_BLOCK_MAX: u32 = if cfg!(feature = "runtime-benchmarks") {
    512
} else {
    50
};

parameter_types! {
    pub ScheduledWeightMax: Weight = SCHEDULED_RATIO * BLOCK_WEIGHT_MAX;
    pub const TreasuryPalletId: PalletId = PalletId(*b"phat/tre");
    pub const NothingBurned: Permill = Permill::zero();
}

/// The PHA that may vote: all there is, without the treasury's, which the treasury pallet takes out
/// itself, and without what the mining pool has not paid out yet.
pub struct Electorate;

impl Get<Balance> for Electorate {
    fn get() -> Balance {
        let mining_pool: AccountId = MINING_POOL.into_account_truncating();
        Balances::active_issuance().saturating_sub(Balances::total_balance(&mining_pool))
    }
}

impl origins::Config for Runtime {}

impl pallet_scheduler::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeOrigin = RuntimeOrigin;
    type PalletsOrigin = OriginCaller;
    type RuntimeCall = RuntimeCall;
    type MaximumWeight = ScheduledWeightMax;
    type ScheduleOrigin = EnsureRoot<AccountId>;
    type OriginPrivilegeCmp = EqualPrivilegeOnly;
    type MaxScheduledPerBlock = ConstU32<SCHEDULED_PER_BLOCK_MAX>;
    type WeightInfo = pallet_scheduler::weights::SubstrateWeight<Runtime>;
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

impl pallet_referenda::Config for Runtime {
    type RuntimeCall = RuntimeCall;
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_referenda::weights::SubstrateWeight<Runtime>;
    type Scheduler = Scheduler;
    type Currency = Balances;
    type SubmitOrigin = AsEnsureOriginWithArg<EnsureSigned<AccountId>>;
    type CancelOrigin = EnsureRoot<AccountId>;
    type KillOrigin = EnsureRoot<AccountId>;
    type Slash = Treasury;
    type Votes = Balance;
    type Tally = pallet_conviction_voting::TallyOf<Runtime>;
    type SubmissionDeposit = ConstU128<{ 10 * PHA }>;
    type MaxQueued = ConstU32<100>;
    type UndecidingTimeout = Hours<{ 14 * HOURS_PER_DAY }>;
    type AlarmInterval = ConstU32<1>;
    type Tracks = Tracks;
    type Preimages = Preimage;
    type BlockNumberProvider = System;
}

impl pallet_conviction_voting::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_conviction_voting::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type Polls = Referenda;
    type MaxTurnout = Electorate;
    type MaxVotes = ConstU32<512>;
    // No shorter than the longest time from an approval to what it brings.
    type VoteLockingPeriod = Hours<{ 7 * HOURS_PER_DAY }>;
    type BlockNumberProvider = System;
    type VotingHooks = ();
}

impl pallet_treasury::Config for Runtime {
    type Currency = Balances;
    type RejectOrigin = EnsureRoot<AccountId>;
    type RuntimeEvent = RuntimeEvent;
    type SpendPeriod = Hours<HOURS_PER_DAY>;
    type Burn = NothingBurned;
    type PalletId = TreasuryPalletId;
    type BurnDestination = ();
    type WeightInfo = pallet_treasury::weights::SubstrateWeight<Runtime>;
    type SpendFunds = ();
    type MaxApprovals = ConstU32<100>;
    type SpendOrigin = SpendOrigin;
    type AssetKind = ();
    type Beneficiary = AccountId;
    type BeneficiaryLookup = IdentityLookup<AccountId>;
    type Paymaster = PayFromAccount<Balances, TreasuryAccountId<Runtime>>;
    type BalanceConverter = UnityAssetBalanceConversion;
    type PayoutPeriod = Hours<{ 30 * HOURS_PER_DAY }>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ();
    type BlockNumberProvider = System;
}
