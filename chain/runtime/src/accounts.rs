//! Accounts that act together or for each other, and the shares that they hold: multisig, proxies
//! and assets.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::traits::{
    AsEnsureOriginWithArg, ConstU128, ConstU32, GetCallMetadata, InstanceFilter,
};
use frame_system::{EnsureNever, EnsureRoot};
use scale_info::TypeInfo;
use sp_runtime::traits::BlakeTwo256;

use crate::{
    constants::{MICROPHA, MILLIPHA},
    AccountId, Balance, Balances, Runtime, RuntimeCall, RuntimeEvent, System,
};

/// The id of an asset: a share of a stake pool or of a vault.
pub type AssetId = u64;

/// What something costs that is in the state once.
const ITEM_DEPOSIT: Balance = 100 * MILLIPHA;

/// What each byte in the state costs.
const BYTE_DEPOSIT: Balance = 100 * MICROPHA;

/// What a list of proxies or a pending call of a multisig costs: a key, and the numbers with it.
const LIST_DEPOSIT: Balance = ITEM_DEPOSIT + 88 * BYTE_DEPOSIT;

/// What each account in such a list costs.
const ACCOUNT_DEPOSIT: Balance = 33 * BYTE_DEPOSIT;

/// What each announced call costs: two accounts' worth of bytes and a number.
const ANNOUNCEMENT_DEPOSIT: Balance = 68 * BYTE_DEPOSIT;

/// The pallets in which workers' sessions, pools, vaults and stake on contracts are.
pub const STAKING_PALLETS: [&str; 4] = ["Computation", "ContractStake", "StakePool", "Vault"];

/// What an account may do for another.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum ProxyType {
    /// Everything.
    #[default]
    Any,
    /// Everything known to move no PHA and no shares.
    NonTransfer,
    /// Propose, vote and delegate votes.
    Governance,
    /// Stake, delegate and withdraw, run pools and vaults, and claim what they earn. Shares stay
    /// with the account.
    Staking,
    /// Run workers: register them, renew what vouches for them, have them serve clusters, and
    /// publish what they have done.
    Workers,
    /// Deploy and change contracts, and their secrets.
    Contracts,
    /// Reject calls that other proxies have announced.
    CancelProxy,
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            Self::Any => true,
            Self::NonTransfer => moves_nothing(call),
            Self::Governance => is_governance(call) || is_batch(call),
            Self::Staking => is_staking(call) || is_batch(call),
            Self::Workers => is_of_workers(call) || is_batch(call),
            Self::Contracts => is_of_contracts(call) || is_batch(call),
            Self::CancelProxy => rejects_announcement(call),
        }
    }

    fn is_superset(&self, other: &Self) -> bool {
        match (self, other) {
            (one, other) if one == other => true,
            (Self::Any, _) => true,
            (Self::NonTransfer, Self::Governance | Self::Workers | Self::Contracts) => true,
            (Self::NonTransfer, Self::CancelProxy) => true,
            _ => false,
        }
    }
}

/// Whether it is a list of calls. Each of them is filtered by itself.
fn is_batch(call: &RuntimeCall) -> bool {
    use pallet_utility::Call;

    matches!(
        call,
        RuntimeCall::Utility(
            Call::batch { .. } | Call::batch_all { .. } | Call::force_batch { .. }
        )
    )
}

fn is_governance(call: &RuntimeCall) -> bool {
    matches!(
        call,
        RuntimeCall::ConvictionVoting(..)
            | RuntimeCall::Preimage(..)
            | RuntimeCall::Referenda(..)
            | RuntimeCall::Treasury(..)
    )
}

fn is_staking(call: &RuntimeCall) -> bool {
    STAKING_PALLETS.contains(&call.get_call_metadata().pallet_name)
}

fn is_of_workers(call: &RuntimeCall) -> bool {
    use pallet_phat_contracts::Call as Contracts;
    use pallet_receipts::Call as Receipts;

    matches!(
        call,
        RuntimeCall::Registry(..)
            | RuntimeCall::ClusterKeys(..)
            | RuntimeCall::Receipts(
                Receipts::publish_batch { .. } | Receipts::vote { .. } | Receipts::close { .. }
            )
            | RuntimeCall::PhatContracts(
                Contracts::join_cluster { .. } | Contracts::leave_cluster { .. }
            )
    )
}

fn is_of_contracts(call: &RuntimeCall) -> bool {
    match call {
        RuntimeCall::PhatContracts(..) => !is_of_workers(call),
        RuntimeCall::Preimage(..) => true,
        _ => false,
    }
}

fn rejects_announcement(call: &RuntimeCall) -> bool {
    matches!(
        call,
        RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. })
    )
}

/// Whether it is known to move nothing. Deposits that come back do not count.
fn moves_nothing(call: &RuntimeCall) -> bool {
    is_batch(call)
        || is_governance(call)
        || is_of_workers(call)
        || is_of_contracts(call)
        || rejects_announcement(call)
        || matches!(call, RuntimeCall::Session(..) | RuntimeCall::System(..))
}

impl pallet_proxy::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type ProxyType = ProxyType;
    type ProxyDepositBase = ConstU128<LIST_DEPOSIT>;
    type ProxyDepositFactor = ConstU128<ACCOUNT_DEPOSIT>;
    type MaxProxies = ConstU32<32>;
    type WeightInfo = pallet_proxy::weights::SubstrateWeight<Runtime>;
    type MaxPending = ConstU32<32>;
    type CallHasher = BlakeTwo256;
    type AnnouncementDepositBase = ConstU128<LIST_DEPOSIT>;
    type AnnouncementDepositFactor = ConstU128<ANNOUNCEMENT_DEPOSIT>;
    type BlockNumberProvider = System;
}

impl pallet_multisig::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type DepositBase = ConstU128<LIST_DEPOSIT>;
    type DepositFactor = ConstU128<ACCOUNT_DEPOSIT>;
    type MaxSignatories = ConstU32<100>;
    type WeightInfo = pallet_multisig::weights::SubstrateWeight<Runtime>;
    type BlockNumberProvider = System;
}

// Assets are made by pallets alone, which need no origin for it, and belong to accounts of theirs
// that hold no PHA: what only a pallet or root can do costs no deposit.
impl pallet_assets::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type Balance = Balance;
    type RemoveItemsLimit = ConstU32<1_000>;
    type AssetId = AssetId;
    type AssetIdParameter = AssetId;
    type ReserveData = ();
    type Currency = Balances;
    type CreateOrigin = AsEnsureOriginWithArg<EnsureNever<AccountId>>;
    type ForceOrigin = EnsureRoot<AccountId>;
    type AssetDeposit = ConstU128<0>;
    type AssetAccountDeposit = ConstU128<ITEM_DEPOSIT>;
    type MetadataDepositBase = ConstU128<0>;
    type MetadataDepositPerByte = ConstU128<0>;
    type ApprovalDeposit = ConstU128<ITEM_DEPOSIT>;
    type StringLimit = ConstU32<64>;
    type Freezer = ();
    type Holder = ();
    type Extra = ();
    type CallbackHandle = ();
    type AssetIdAllocator = ();
    type WeightInfo = pallet_assets::weights::SubstrateWeight<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = ();
}
