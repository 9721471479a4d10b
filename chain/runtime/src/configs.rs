//! What the runtime decides about each pallet.

use frame_support::{
    derive_impl, parameter_types,
    traits::{
        fungible::{Balanced, Credit, HoldConsideration},
        ConstU128, ConstU32, ConstU64, ConstU8, Contains, LinearStoragePrice, OnUnbalanced,
        VariantCountOf,
    },
    weights::{constants::ParityDbWeight, ConstantMultiplier, IdentityFee},
    PalletId,
};
use frame_system::{
    limits::{BlockLength, BlockWeights},
    EnsureRoot,
};
use pallet_preimage::RequestStatus;
use pallet_transaction_payment::{FungibleAdapter, Multiplier, TargetedFeeAdjustment};
use sp_runtime::{
    traits::{BlakeTwo256, Bounded, ConvertInto, Hash as _, OpaqueKeys},
    FixedPointNumber, Permill, Perquintill,
};
use sp_version::RuntimeVersion;

use crate::{
    constants::*,
    governance::{MeasurementsOrigin, ParametersOrigin},
    network::{HalfSlotMillisOf, SlotMillisOf},
    AccountId, Authorship, Babe, Balance, Balances, Block, ClusterKeys, Computation, ContractStake,
    Hash, Nonce, OriginCaller, PalletInfo, PhatContracts, Preimage, Receipts, Registry, Runtime,
    RuntimeCall, RuntimeEvent, RuntimeFreezeReason, RuntimeHoldReason, RuntimeOrigin, RuntimeTask,
    Session, SessionKeys, StakePool, System, Timestamp, Treasury, VERSION,
};

/// How many blocks back a transaction may have been signed.
const BLOCK_HASH_COUNT: u32 = 2_400;

/// The most validators.
const MAX_AUTHORITIES: u32 = 100;

/// The most contracts of a cluster. Anybody may create one, and every worker of the cluster reads
/// the list of them at each block and holds all manifests in memory, so this is no more than the
/// worker is tested with: a list of about 1 MB, and manifests of 64 MiB at most.
const MAX_CLUSTER_CONTRACTS: u32 = 4_096;

/// How many blocks a panel has to vote about a receipt: an hour on a chain with 3 s blocks. Some
/// replays take a quarter of that.
const VOTING_BLOCKS: u32 = 1_200;

/// For how many blocks a removed contract can be judged: two weeks on a chain with 3 s blocks, twice
/// the time after which stakes are returned unless governance sets another.
const REMOVED_KEPT_BLOCKS: u32 = 403_200;

parameter_types! {
    pub const Version: RuntimeVersion = VERSION;
    pub RuntimeBlockWeights: BlockWeights =
        BlockWeights::with_sensible_defaults(BLOCK_WEIGHT_MAX, NORMAL_RATIO);
    pub RuntimeBlockLength: BlockLength = BlockLength::builder()
        .max_length(BLOCK_BYTES_MAX)
        .modify_max_length_for_class(frame_support::dispatch::DispatchClass::Normal, |max| {
            *max = NORMAL_RATIO * BLOCK_BYTES_MAX
        })
        .build();
}

/// Refuses to have bytes noted that the chain holds and that something has requested, as uploaded
/// code is for as long as it is there.
///
/// The preimage pallet takes no fee for requested bytes, and takes them again and again: whoever
/// sent it the code of others would fill blocks for nothing. A call that is refused here pays its
/// fee, and noting what is there already would have changed nothing.
///
/// The bytes are hashed here and once more by the call, whose weight leaves room for that: hashing
/// is a small part of it, and the status is read only once from the database.
pub struct NotedOnce;

impl Contains<RuntimeCall> for NotedOnce {
    fn contains(call: &RuntimeCall) -> bool {
        let RuntimeCall::Preimage(pallet_preimage::Call::note_preimage { bytes }) = call else {
            return true;
        };
        let status = pallet_preimage::RequestStatusFor::<Runtime>::get(BlakeTwo256::hash(bytes));
        let is_held = matches!(
            status,
            Some(RequestStatus::Requested {
                maybe_len: Some(_),
                ..
            })
        );
        !is_held
    }
}

#[derive_impl(frame_system::config_preludes::SolochainDefaultConfig)]
impl frame_system::Config for Runtime {
    type BaseCallFilter = NotedOnce;
    type Block = Block;
    type BlockWeights = RuntimeBlockWeights;
    type BlockLength = RuntimeBlockLength;
    type AccountId = AccountId;
    type Nonce = Nonce;
    type Hash = Hash;
    type BlockHashCount = ConstU32<BLOCK_HASH_COUNT>;
    type DbWeight = ParityDbWeight;
    type Version = Version;
    type AccountData = pallet_balances::AccountData<Balance>;
    type SystemWeightInfo = frame_system::weights::SubstrateWeight<Runtime>;
    type MaxConsumers = ConstU32<16>;
}

impl pallet_timestamp::Config for Runtime {
    type Moment = u64;
    type OnTimestampSet = Babe;
    type MinimumPeriod = HalfSlotMillisOf<Runtime>;
    type WeightInfo = pallet_timestamp::weights::SubstrateWeight<Runtime>;
}

// There is no staking, so there is nothing to take from a validator that equivocates, and no
// report of it is accepted.
impl pallet_babe::Config for Runtime {
    type EpochDuration = ConstU64<EPOCH_SLOTS>;
    type ExpectedBlockTime = SlotMillisOf<Runtime>;
    type EpochChangeTrigger = pallet_babe::ExternalTrigger;
    type DisabledValidators = Session;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type MaxNominators = ConstU32<0>;
    type KeyOwnerProof = sp_core::Void;
    type EquivocationReportSystem = ();
}

impl pallet_authorship::Config for Runtime {
    type FindAuthor = pallet_session::FindAccountFromAuthorIndex<Self, Babe>;
    type EventHandler = ();
}

// The validators are those of the genesis. They may change their keys.
impl pallet_session::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type ValidatorId = AccountId;
    type ValidatorIdOf = ConvertInto;
    type ShouldEndSession = Babe;
    type NextSessionRotation = Babe;
    type SessionManager = ();
    type SessionHandler = <SessionKeys as OpaqueKeys>::KeyTypeIdProviders;
    type Keys = SessionKeys;
    type DisablingStrategy = ();
    type WeightInfo = pallet_session::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type KeyDeposit = ConstU128<{ 10 * PHA }>;
}

impl pallet_grandpa::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type MaxAuthorities = ConstU32<MAX_AUTHORITIES>;
    type MaxNominators = ConstU32<0>;
    type MaxSetIdSessionEntries = ConstU64<0>;
    type KeyOwnerProof = sp_core::Void;
    type EquivocationReportSystem = ();
}

impl pallet_balances::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RuntimeFreezeReason = RuntimeFreezeReason;
    type WeightInfo = pallet_balances::weights::SubstrateWeight<Runtime>;
    type Balance = Balance;
    type DustRemoval = ();
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type AccountStore = System;
    type ReserveIdentifier = [u8; 8];
    type FreezeIdentifier = RuntimeFreezeReason;
    type MaxLocks = ConstU32<50>;
    type MaxReserves = ConstU32<0>;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
    type DoneSlashHandler = ();
}

parameter_types! {
    // A second of computing costs one PHA, a MiB about one PHA, while blocks are a quarter full;
    // the price rises while they are fuller and falls, to a tenth at the least, while they are
    // emptier.
    pub const TransactionByteFee: Balance = MICROPHA;
    pub const TargetBlockFullness: Perquintill = Perquintill::from_percent(25);
    pub AdjustmentVariable: Multiplier = Multiplier::saturating_from_rational(75, 1_000_000);
    pub MinimumMultiplier: Multiplier = Multiplier::saturating_from_rational(1, 10);
    pub MaximumMultiplier: Multiplier = Bounded::max_value();
}

/// Gives fees to the author of the block. Nothing issues PHA, so fees are what validators earn.
pub struct ToAuthor;

impl OnUnbalanced<Credit<AccountId, Balances>> for ToAuthor {
    fn on_nonzero_unbalanced(credit: Credit<AccountId, Balances>) {
        if let Some(author) = Authorship::author() {
            // What does not fit into an account, such as dust into one that is empty, is burned.
            drop(Balances::resolve(&author, credit));
        }
    }
}

impl pallet_transaction_payment::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type OnChargeTransaction = FungibleAdapter<Balances, ToAuthor>;
    type WeightToFee = IdentityFee<Balance>;
    type LengthToFee = ConstantMultiplier<Balance, TransactionByteFee>;
    type FeeMultiplierUpdate = TargetedFeeAdjustment<
        Self,
        TargetBlockFullness,
        AdjustmentVariable,
        MinimumMultiplier,
        MaximumMultiplier,
    >;
    type OperationalFeeMultiplier = ConstU8<5>;
    type WeightInfo = pallet_transaction_payment::weights::SubstrateWeight<Runtime>;
}

impl crate::network::Config for Runtime {
    type Currency = Balances;
    type SupplyMax = ConstU128<PHA_SUPPLY_MAX>;
}

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = pallet_utility::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    pub const PreimageHoldReason: RuntimeHoldReason =
        RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
    // The same as for the code that the bytes become.
    pub const CodeDepositBase: Balance = PHA;
    pub const CodeDepositPerByte: Balance = 10 * MICROPHA;
}

impl pallet_preimage::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = pallet_preimage::weights::SubstrateWeight<Runtime>;
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<AccountId>;
    type Consideration = HoldConsideration<
        AccountId,
        Balances,
        PreimageHoldReason,
        LinearStoragePrice<CodeDepositBase, CodeDepositPerByte, Balance>,
    >;
}

impl pallet_sudo::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type WeightInfo = pallet_sudo::weights::SubstrateWeight<Runtime>;
}

impl pallet_registry::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WorkerDeposit = ConstU128<{ 10 * PHA }>;
    type MaxWorkers = ConstU32<100_000>;
    type GovernanceOrigin = ParametersOrigin;
    type MeasurementsOrigin = MeasurementsOrigin;
    type Time = Timestamp;
    type OnWorkerDeregistered = (PhatContracts, (Receipts, Computation));
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkClock = BenchmarkClock;
    type WeightInfo = pallet_registry::weights::SubstrateWeight<Runtime>;
}

/// Sets the time without what goes with it in a block: BABE's slot.
#[cfg(feature = "runtime-benchmarks")]
pub struct BenchmarkClock;

#[cfg(feature = "runtime-benchmarks")]
impl pallet_registry::BenchmarkClock for BenchmarkClock {
    fn set_now_s(now_s: u64) {
        pallet_timestamp::Now::<Runtime>::put(now_s * 1_000);
    }
}

impl pallet_phat_contracts::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Preimages = Preimage;
    type Workers = Registry;
    type OnContractCreated = ContractStake;
    type OnContractRemoved = (ClusterKeys, ContractStake);
    type AdminOrigin = ParametersOrigin;
    type CodeDepositBase = CodeDepositBase;
    type CodeDepositPerByte = CodeDepositPerByte;
    type ContractDepositBase = ConstU128<PHA>;
    type ContractDepositPerByte = ConstU128<{ 100 * MICROPHA }>;
    type SecretDepositBase = ConstU128<{ 100 * MILLIPHA }>;
    type SecretDepositPerByte = ConstU128<{ 100 * MICROPHA }>;
    type MaxClusters = ConstU32<1_024>;
    type MaxClusterWorkers = ConstU32<1_024>;
    type MaxClusterContracts = ConstU32<MAX_CLUSTER_CONTRACTS>;
    type MaxCodes = ConstU32<100_000>;
    type RemovedKept = ConstU32<REMOVED_KEPT_BLOCKS>;
    type MaxRemoved = ConstU32<65_536>;
    type WeightInfo = pallet_phat_contracts::weights::SubstrateWeight<Runtime>;
}

impl pallet_cluster_keys::Config for Runtime {
    type Clusters = PhatContracts;
    type AdminOrigin = MeasurementsOrigin;
    type WeightInfo = pallet_cluster_keys::weights::SubstrateWeight<Runtime>;
}

impl pallet_contract_stake::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Clusters = PhatContracts;
    type GovernanceOrigin = ParametersOrigin;
    type MinimumStakeDefault = ConstU128<PHA>;
    type WeightInfo = pallet_contract_stake::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    pub const UndecidedPart: Permill = Permill::from_percent(20);
}

impl pallet_receipts::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Workers = Registry;
    type Clusters = PhatContracts;
    // Who waits for other lots waits for an epoch.
    type Randomness = pallet_babe::RandomnessFromOneEpochAgo<Runtime>;
    // Burned: whoever got it would gain from panels that find nothing.
    type Forfeited = ();
    type OnProvenFault = Computation;
    type ChallengeDeposit = ConstU128<{ 10 * PHA }>;
    type UndecidedPart = UndecidedPart;
    type VotingPeriod = ConstU32<VOTING_BLOCKS>;
    type PanelSize = ConstU32<3>;
    type PanelSizeMin = ConstU32<2>;
    type MaxBatches = ConstU32<1_024>;
    type MaxChallenges = ConstU32<256>;
    type MaxChallengesPerWorker = ConstU32<16>;
    type MaxFaultsPerWorker = ConstU32<64>;
    type MaxDecisions = ConstU32<1_024>;
    type WeightInfo = pallet_receipts::weights::SubstrateWeight<Runtime>;
}

parameter_types! {
    pub const MiningPool: PalletId = MINING_POOL;
    pub TreasuryAccount: AccountId = Treasury::account_id();
}

impl pallet_computation::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Workers = Registry;
    type Randomness = pallet_babe::ParentBlockRandomness<Runtime>;
    type Time = Timestamp;
    type BlockMillis = SlotMillisOf<Runtime>;
    type SupplyMax = ConstU128<PHA_SUPPLY_MAX>;
    type PalletId = MiningPool;
    type TreasuryAccount = TreasuryAccount;
    type OnPayout = StakePool;
    type ParametersOrigin = ParametersOrigin;
    type OracleOrigin = ParametersOrigin;
    type FaultOrigin = MeasurementsOrigin;
    type WeightInfo = pallet_computation::weights::SubstrateWeight<Runtime>;
}
