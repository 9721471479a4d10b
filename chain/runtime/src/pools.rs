//! What the runtime decides about pools and vaults.

use frame_support::{
    parameter_types,
    traits::{ConstU128, ConstU32, ConstU64},
    PalletId,
};
use sp_runtime::Permill;

use crate::{
    constants::{PHA, PHA_SUPPLY_MAX},
    Assets, Balance, Balances, Computation, Registry, Runtime, StakePool, Timestamp,
};

/// What a pool or a vault begins with, the least that is delegated at once, and the least that a
/// withdrawal which waits is worth.
const LEAST: Balance = PHA;

const DAY_S: u64 = 24 * 3_600;

/// The most pools, and the most vaults: as many as all PHA there may ever be would pay for. None is
/// ever removed, so nobody may be able to use the numbers up.
const FUNDS_MAX: u64 = (PHA_SUPPLY_MAX / LEAST) as u64;

/// How long a withdrawal waits before a pool's workers are stopped for it.
const POOL_GRACE_S: u64 = 14 * DAY_S;

/// How long it takes until all of a payout counts: some times as long as between two payouts of a
/// worker, so that nobody gains by being in a pool just when one comes.
const PAYOUT_PERIOD_S: u64 = 6 * 3_600;

/// How long a withdrawal waits before a vault withdraws from its pools for it.
const VAULT_GRACE_S: u64 = 21 * DAY_S;

/// The most withdrawals that wait in one queue. Each is worth [`LEAST`] when it is made, so a queue
/// is not filled for little.
const QUEUE_MAX: u32 = 65_536;

/// The most of them of one account.
const REQUESTS_PER_ACCOUNT_MAX: u32 = 16;

/// The most workers of a pool. What a pool is worth is the sum of what its sessions are, which are
/// read whenever that is asked.
const POOL_WORKERS_MAX: u32 = 32;

/// The most pools of a vault.
const VAULT_POOLS_MAX: u32 = 16;

parameter_types! {
    pub const StakePoolPalletId: PalletId = PalletId(*b"phat/pol");
    pub const VaultPalletId: PalletId = PalletId(*b"phat/vlt");
    pub const MaxCommission: Permill = Permill::from_percent(50);
    pub const MaxVaultFee: Permill = Permill::from_percent(50);
}

impl pallet_stake_pool::Config for Runtime {
    type Currency = Balances;
    type Shares = Assets;
    type Sessions = Computation;
    type Workers = Registry;
    type Time = Timestamp;
    type PalletId = StakePoolPalletId;
    type Seed = ConstU128<LEAST>;
    type MinDelegation = ConstU128<LEAST>;
    type MinRequest = ConstU128<LEAST>;
    type MaxCommission = MaxCommission;
    type GracePeriod = ConstU64<POOL_GRACE_S>;
    type PayoutPeriod = ConstU64<PAYOUT_PERIOD_S>;
    type MaxPools = ConstU64<FUNDS_MAX>;
    type MaxWorkers = ConstU32<POOL_WORKERS_MAX>;
    type MaxWhitelist = ConstU32<1_024>;
    type MaxQueue = ConstU32<QUEUE_MAX>;
    type MaxRequestsPerAccount = ConstU32<REQUESTS_PER_ACCOUNT_MAX>;
    type WeightInfo = pallet_stake_pool::weights::SubstrateWeight<Runtime>;
}

impl pallet_vault::Config for Runtime {
    type Currency = Balances;
    type Shares = Assets;
    type Pools = StakePool;
    type Time = Timestamp;
    type PalletId = VaultPalletId;
    type Seed = ConstU128<LEAST>;
    type MinDelegation = ConstU128<LEAST>;
    type MinRequest = ConstU128<LEAST>;
    type MaxFee = MaxVaultFee;
    type GracePeriod = ConstU64<VAULT_GRACE_S>;
    type MaxVaults = ConstU64<FUNDS_MAX>;
    type MaxPoolsPerVault = ConstU32<VAULT_POOLS_MAX>;
    type MaxQueue = ConstU32<QUEUE_MAX>;
    type MaxRequestsPerAccount = ConstU32<REQUESTS_PER_ACCOUNT_MAX>;
    type WeightInfo = pallet_vault::weights::SubstrateWeight<Runtime>;
}
