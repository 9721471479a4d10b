//! A runtime of the pallet, with sessions that tests set, for its tests.

use frame_support::{
    PalletId, derive_impl, parameter_types,
    traits::{
        AsEnsureOriginWithArg, ConstU32, ConstU64, ConstU128, NeverEnsureOrigin, fungible::Inspect,
        fungibles,
    },
};
use frame_system::EnsureRoot;
use sp_runtime::{AccountId32, BuildStorage, DispatchResult, Permill, traits::IdentityLookup};

pub use crate::fake_sessions::*;
use crate::{Book, Fund, Pools};

/// Owns the first pool, and operates the workers.
pub const OWNER: AccountId32 = AccountId32::new([1; 32]);
pub const ALICE: AccountId32 = AccountId32::new([2; 32]);
pub const BOB: AccountId32 = AccountId32::new([3; 32]);
pub const CAROL: AccountId32 = AccountId32::new([4; 32]);
/// Has nothing.
pub const POOR: AccountId32 = AccountId32::new([9; 32]);
pub const BALANCE: u128 = 1_000_000 * PHA;
pub const EXISTENTIAL_DEPOSIT: u128 = PHA / 1_000;
pub const SEED: u128 = PHA;
pub const GRACE_S: u64 = 14 * 24 * 3_600;
pub const PAYOUT_S: u64 = 6 * 3_600;
/// The first pool.
pub const POOL: u64 = 0;

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Assets: pallet_assets,
        StakePool: crate,
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
    pub const MaxCommission: Permill = Permill::from_percent(50);
}

impl crate::Config for Test {
    type Currency = Balances;
    type Shares = Assets;
    type Sessions = FakeSessions;
    type Workers = Registry;
    type Time = Clock;
    type PalletId = StakePoolPalletId;
    type Seed = ConstU128<SEED>;
    type MinDelegation = ConstU128<PHA>;
    type MinRequest = ConstU128<PHA>;
    type MaxCommission = MaxCommission;
    type GracePeriod = ConstU64<GRACE_S>;
    type PayoutPeriod = ConstU64<PAYOUT_S>;
    type MaxPools = ConstU64<3>;
    type MaxWorkers = ConstU32<32>;
    type MaxWhitelist = ConstU32<2>;
    // Benchmarks fill it with more than one call serves.
    type MaxQueue = ConstU32<80>;
    type MaxRequestsPerAccount = ConstU32<3>;
    type WeightInfo = ();
}

/// A chain with its accounts.
pub fn new_test_ext() -> sp_io::TestExternalities {
    reset();
    let rich = [OWNER, ALICE, BOB, CAROL, TREASURY].map(|who| (who, BALANCE));
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

/// Runs `test` on a chain with [`POOL`], which takes a tenth for [`OWNER`], then checks the
/// invariants.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        StakePool::create(signed(&OWNER), Permill::from_percent(10)).expect("it may be created");
        test();
        check();
    });
}

/// Checks the invariants.
pub fn check() {
    StakePool::do_try_state().expect("the invariants hold");
}

pub fn signed(who: &AccountId32) -> RuntimeOrigin {
    RuntimeOrigin::signed(who.clone())
}

pub fn delegate(who: &AccountId32, amount: u128) -> DispatchResult {
    StakePool::delegate(signed(who), POOL, amount)
}

pub fn withdraw(who: &AccountId32, shares: u128) -> DispatchResult {
    StakePool::withdraw(signed(who), POOL, shares)
}

/// Adds worker `number` to [`POOL`].
pub fn add(number: u8) -> DispatchResult {
    StakePool::add_worker(signed(&OWNER), POOL, worker(number))
}

/// Starts worker `number` of [`POOL`].
pub fn run_worker(number: u8, stake: u128) -> DispatchResult {
    StakePool::start_worker(signed(&OWNER), POOL, worker(number), stake)
}

/// Adds worker `number` to [`POOL`] and starts it.
pub fn start(number: u8, stake: u128) -> DispatchResult {
    add(number)?;
    run_worker(number, stake)
}

pub fn stop(number: u8) -> DispatchResult {
    StakePool::stop_worker(signed(&OWNER), POOL, worker(number))
}

pub fn reclaim(number: u8) -> DispatchResult {
    StakePool::reclaim_worker(signed(&CAROL), POOL, worker(number))
}

/// What [`POOL`] has.
pub fn book() -> Book {
    let pool = Pools::<Test>::get(POOL).expect("it was created");
    StakePool::book(POOL, &pool)
}

/// The shares of `who` in [`POOL`] that do not wait.
pub fn shares(who: &AccountId32) -> u128 {
    <Assets as fungibles::Inspect<AccountId32>>::balance(POOL, who)
}

/// What `who` has in PHA, on hold or not.
pub fn money(who: &AccountId32) -> u128 {
    Balances::total_balance(who)
}

/// The account of [`POOL`].
pub fn pool_account() -> AccountId32 {
    StakePool::account(POOL)
}
