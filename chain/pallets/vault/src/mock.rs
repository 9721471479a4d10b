//! A runtime of the pallet with real pools, and sessions that tests set, for its tests.

use frame_support::{
    PalletId, derive_impl, parameter_types,
    traits::{
        AsEnsureOriginWithArg, ConstU32, ConstU64, ConstU128, NeverEnsureOrigin, fungible::Inspect,
        fungibles,
    },
};
use frame_system::EnsureRoot;
use pallet_stake_pool::{Book, Delegate, Fund, Position, VAULT_ASSETS};
use sp_runtime::{AccountId32, BuildStorage, DispatchResult, Permill, traits::IdentityLookup};

pub use crate::fake_sessions::*;

/// Owns the pools, and operates the workers.
pub const OWNER: AccountId32 = AccountId32::new([1; 32]);
pub const ALICE: AccountId32 = AccountId32::new([2; 32]);
pub const BOB: AccountId32 = AccountId32::new([3; 32]);
/// Owns the vault.
pub const KEEPER: AccountId32 = AccountId32::new([4; 32]);
pub const BALANCE: u128 = 1_000_000 * PHA;
pub const EXISTENTIAL_DEPOSIT: u128 = PHA / 1_000;
pub const SEED: u128 = PHA;
pub const POOL_GRACE_S: u64 = 14 * 24 * 3_600;
pub const PAYOUT_S: u64 = 6 * 3_600;
pub const GRACE_S: u64 = 21 * 24 * 3_600;
/// The vault.
pub const VAULT: u64 = 0;
pub const POOLS: u64 = 3;

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Assets: pallet_assets,
        StakePool: pallet_stake_pool,
        Vault: crate,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData<u128>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type Balance = u128;
    type ExistentialDeposit = ConstU128<EXISTENTIAL_DEPOSIT>;
    type AccountStore = System;
    type RuntimeHoldReason = FakeHold;
}

#[derive_impl(pallet_assets::config_preludes::TestDefaultConfig)]
impl pallet_assets::Config for Test {
    type Balance = u128;
    type AssetId = u64;
    type AssetIdParameter = u64;
    type Currency = Balances;
    type CreateOrigin = AsEnsureOriginWithArg<NeverEnsureOrigin<AccountId32>>;
    type ForceOrigin = EnsureRoot<AccountId32>;
}

parameter_types! {
    pub const StakePoolPalletId: PalletId = PalletId(*b"phat/pol");
    pub const VaultPalletId: PalletId = PalletId(*b"phat/vlt");
    pub const MaxRate: Permill = Permill::from_percent(50);
}

impl pallet_stake_pool::Config for Test {
    type Currency = Balances;
    type Shares = Assets;
    type Sessions = FakeSessions;
    type Workers = Registry;
    type Time = Clock;
    type PalletId = StakePoolPalletId;
    type Seed = ConstU128<SEED>;
    type MinDelegation = ConstU128<PHA>;
    type MinRequest = ConstU128<PHA>;
    type MaxCommission = MaxRate;
    type GracePeriod = ConstU64<POOL_GRACE_S>;
    type PayoutPeriod = ConstU64<PAYOUT_S>;
    type MaxPools = ConstU64<8>;
    type MaxWorkers = ConstU32<32>;
    type MaxWhitelist = ConstU32<2>;
    type MaxQueue = ConstU32<64>;
    type MaxRequestsPerAccount = ConstU32<3>;
    type WeightInfo = ();
}

impl crate::Config for Test {
    type Currency = Balances;
    type Shares = Assets;
    type Pools = StakePool;
    type Time = Clock;
    type PalletId = VaultPalletId;
    type Seed = ConstU128<SEED>;
    type MinDelegation = ConstU128<PHA>;
    type MinRequest = ConstU128<PHA>;
    type MaxFee = MaxRate;
    type GracePeriod = ConstU64<GRACE_S>;
    type MaxVaults = ConstU64<2>;
    type MaxPoolsPerVault = ConstU32<2>;
    // Benchmarks fill it with more than one call serves.
    type MaxQueue = ConstU32<80>;
    type MaxRequestsPerAccount = ConstU32<3>;
    type WeightInfo = ();
}

/// A chain with its accounts.
pub fn new_test_ext() -> sp_io::TestExternalities {
    reset();
    let rich = [OWNER, ALICE, BOB, KEEPER, TREASURY].map(|who| (who, BALANCE));
    let mut balances = rich.to_vec();
    balances.push((MINE, 1_000 * BALANCE));
    let mut ext = sp_io::TestExternalities::new(
        RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances,
                ..Default::default()
            },
            ..Default::default()
        }
        .build_storage()
        .expect("the genesis is valid"),
    );
    ext.execute_with(|| System::set_block_number(1));
    ext
}

/// Makes [`POOLS`] pools without commission, each with the worker of its number, and [`VAULT`],
/// whose owner takes a tenth.
pub fn set_up() {
    for pid in 0..POOLS {
        StakePool::create(signed(&OWNER), Permill::zero()).expect("it may be created");
        let worker = worker(u8::try_from(pid).expect("there are few"));
        StakePool::add_worker(signed(&OWNER), pid, worker).expect("it may be added");
    }
    Vault::create(signed(&KEEPER), Permill::from_percent(10)).expect("it may be created");
}

/// Runs `test` on a chain that is set up, then checks the invariants.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        set_up();
        test();
        check();
    });
}

/// Checks the invariants.
pub fn check() {
    StakePool::do_try_state().expect("the invariants of pools hold");
    Vault::do_try_state().expect("the invariants of vaults hold");
}

pub fn signed(who: &AccountId32) -> RuntimeOrigin {
    RuntimeOrigin::signed(who.clone())
}

pub fn delegate(who: &AccountId32, amount: u128) -> DispatchResult {
    Vault::delegate(signed(who), VAULT, amount)
}

pub fn withdraw(who: &AccountId32, shares: u128) -> DispatchResult {
    Vault::withdraw(signed(who), VAULT, shares)
}

/// Has the vault delegate to pool `pid`.
pub fn put(pid: u64, amount: u128) -> DispatchResult {
    Vault::delegate_to_pool(signed(&KEEPER), VAULT, pid, amount)
}

/// Has the vault withdraw from pool `pid`.
pub fn take(pid: u64, shares: u128) -> DispatchResult {
    Vault::withdraw_from_pool(signed(&KEEPER), VAULT, pid, shares)
}

/// Stakes what pool `pid` has on its worker.
pub fn stake(pid: u8) -> DispatchResult {
    let pool = pallet_stake_pool::Pools::<Test>::get(u64::from(pid)).expect("it was created");
    let all = StakePool::book(u64::from(pid), &pool).available;
    StakePool::start_worker(signed(&OWNER), u64::from(pid), worker(pid), all)
}

/// What the vault has.
pub fn book() -> Book {
    Vault::book(VAULT)
}

/// What the vault has in pool `pid`.
pub fn position(pid: u64) -> Position {
    StakePool::position(pid, &Vault::account(VAULT)).expect("it was created")
}

/// The vault's shares of `who` that do not wait.
pub fn shares(who: &AccountId32) -> u128 {
    <Assets as fungibles::Inspect<AccountId32>>::balance(VAULT_ASSETS | VAULT, who)
}

/// What `who` has in PHA, on hold or not.
pub fn money(who: &AccountId32) -> u128 {
    Balances::total_balance(who)
}
