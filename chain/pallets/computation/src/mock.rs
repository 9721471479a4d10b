//! A runtime of the pallet, and a registry that tests set, for its tests.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use codec::Encode;
use frame_support::{
    BoundedVec, PalletId, derive_impl,
    dispatch::DispatchResult,
    parameter_types,
    traits::{
        ConstU32, ConstU64, ConstU128, Hooks, Randomness, UnixTime, VariantCountOf,
        fungible::{Inspect, InspectHold},
    },
};
use frame_system::EnsureRoot;
use pallet_registry::{ConfidenceLookup, OnWorkerDeregistered, WorkerLookup};
use phat_primitives::{
    WorkerId,
    attestation::ConfidenceLevel,
    blake2_256,
    heartbeat::{HEARTBEAT_OPENINGS, Heartbeat, heartbeat_draw},
};
use phat_tokenomics::{Fixed, UNITS_PER_PHA, WorkerState};
use phat_workload::{Commitment, Opening, Seed, Workspace, iteration_root};
use sp_core::{H256, Pair, sr25519};
use sp_runtime::{AccountId32, BuildStorage, traits::IdentityLookup};

use crate::{
    Benchmark, Benchmarks, ChallengeInfo, HoldReason, OnPayout, OpenChallenges, Session, SessionOf,
    Sessions, WorkerSessions,
};

pub const PHA: u128 = UNITS_PER_PHA;
/// The operator of all workers.
pub const ALICE: AccountId32 = AccountId32::new([1; 32]);
pub const BOB: AccountId32 = AccountId32::new([2; 32]);
pub const TREASURY: AccountId32 = AccountId32::new([9; 32]);
/// What [`ALICE`] and [`BOB`] have.
pub const BALANCE: u128 = 1_000_000 * PHA;
/// The block time that the published parameters are for.
pub const BLOCK_MS: u64 = 12_000;
/// The time at which tests begin, in milliseconds since 1970.
pub const NOW_MS: u64 = 1_800_000_000_000;
/// What is in the mining pool, in PHA.
pub const SUBSIDY_PHA: u64 = 10_000_000;
/// The performance that workers of tests have shown.
pub const P: u32 = 100;
/// A stake that, with [`P`] and a price of one dollar, makes the first V 3 000 PHA.
pub const STAKE: u128 = 1_970 * PHA;
/// How many iterations the workers of tests do between two heartbeats.
pub const ITERATIONS: u32 = 2;
/// More blocks than a challenge is waited for.
const BLOCKS_MAX: u32 = 100_000;

type Block = frame_system::mocking::MockBlockU32<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Computation: crate,
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
    type AccountStore = System;
    type Balance = u128;
    type ExistentialDeposit = ConstU128<{ PHA / 1_000 }>;
    type RuntimeHoldReason = RuntimeHoldReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

parameter_types! {
    pub const MiningPool: PalletId = PalletId(*b"phat/sub");
    pub const Treasury: AccountId32 = TREASURY;
    /// The registered workers, with their operators and levels.
    pub static Registered: BTreeMap<WorkerId, (AccountId32, u8)> = BTreeMap::new();
    /// Those of them that nothing vouches for any more.
    pub static Suspended: BTreeSet<WorkerId> = BTreeSet::new();
    /// What [`Clock`] shows.
    pub static ClockMs: u64 = NOW_MS;
    /// Whether blocks have a randomness.
    pub static IsRandom: bool = true;
    /// The payouts that the hook was told of.
    pub static Told: Vec<(WorkerId, AccountId32, u128)> = Vec::new();
}

pub struct Registry;

impl WorkerLookup<AccountId32> for Registry {
    fn operator_of(worker: &WorkerId) -> Option<AccountId32> {
        Registered::get()
            .remove(worker)
            .map(|(operator, _)| operator)
    }

    fn is_active(worker: &WorkerId) -> bool {
        Registered::get().contains_key(worker) && !Suspended::get().contains(worker)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn register_for_benchmark(operator: &AccountId32, worker: WorkerId) {
        Registered::mutate(|list| list.insert(worker, (operator.clone(), 1)));
    }
}

impl ConfidenceLookup for Registry {
    fn confidence_level(worker: &WorkerId) -> Option<ConfidenceLevel> {
        let (_, level) = Registered::get().remove(worker)?;
        ConfidenceLevel::new(level)
    }
}

pub struct Lots;

impl Randomness<Option<H256>, u32> for Lots {
    fn random(subject: &[u8]) -> (Option<H256>, u32) {
        let block = System::block_number();
        let hash = H256(blake2_256(&(block, subject).encode()));
        (IsRandom::get().then_some(hash), block)
    }
}

pub struct Clock;

impl UnixTime for Clock {
    fn now() -> Duration {
        Duration::from_millis(ClockMs::get())
    }
}

pub struct Recorder;

impl OnPayout<AccountId32, u128> for Recorder {
    fn on_payout(worker: WorkerId, beneficiary: &AccountId32, amount: u128) {
        Told::mutate(|told| told.push((worker, beneficiary.clone(), amount)));
    }
}

impl crate::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Workers = Registry;
    type Randomness = Lots;
    type Time = Clock;
    type BlockMillis = ConstU64<BLOCK_MS>;
    type SupplyMax = ConstU128<{ 1_000_000_000 * PHA }>;
    type PalletId = MiningPool;
    type TreasuryAccount = Treasury;
    type OnPayout = Recorder;
    type ParametersOrigin = EnsureRoot<AccountId32>;
    type OracleOrigin = EnsureRoot<AccountId32>;
    type FaultOrigin = EnsureRoot<AccountId32>;
    type WeightInfo = ();
}

/// A chain with its accounts, in its first block.
pub fn new_test_ext() -> sp_io::TestExternalities {
    ext_with(crate::GenesisConfig {
        subsidy_pha: SUBSIDY_PHA,
        pha_price: Some(Fixed::ONE),
        ..Default::default()
    })
}

/// The same with what this genesis says.
pub fn ext_with(computation: crate::GenesisConfig<Test>) -> sp_io::TestExternalities {
    let mut ext = sp_io::TestExternalities::new(
        RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: vec![(ALICE, BALANCE), (BOB, BALANCE), (TREASURY, PHA)],
                ..Default::default()
            },
            computation,
            ..Default::default()
        }
        .build_storage()
        .expect("the genesis is valid"),
    );
    ext.register_extension(sp_keystore::KeystoreExt::new(
        sp_keystore::testing::MemoryKeystore::new(),
    ));
    ext.execute_with(|| {
        Registered::take();
        Suspended::take();
        ClockMs::set(NOW_MS);
        IsRandom::set(true);
        Told::take();
        next_block();
    });
    ext
}

/// Runs `test` on a chain where the workers 1 to 3 are registered and have shown [`P`], then checks
/// the invariants.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        (1..=3).for_each(register);
        test();
        Computation::do_try_state().expect("the invariants hold after every test");
    });
}

/// Registers worker number `seed`, on a platform of this level.
pub fn admit(seed: u8, level: u8) {
    Registered::mutate(|list| list.insert(worker(seed), (ALICE, level)));
}

/// Registers worker number `seed` and has it show [`P`].
pub fn register(seed: u8) {
    admit(seed, 1);
    show(seed);
}

/// Has worker number `seed` show [`P`].
pub fn show(seed: u8) {
    let benchmark = Benchmark {
        p: P,
        proven_at: System::block_number(),
        proven_at_s: ClockMs::get() / 1_000,
    };
    Benchmarks::<Test>::insert(worker(seed), benchmark);
}

/// Deregisters worker number `seed` as the registry does.
pub fn deregister(seed: u8) {
    Registered::mutate(|list| list.remove(&worker(seed)));
    Computation::on_worker_deregistered(&worker(seed));
}

/// Begins the next block.
pub fn next_block() {
    let block = System::block_number() + 1;
    System::set_block_number(block);
    Computation::on_initialize(block);
    // As in a block, where the time is set after that.
    ClockMs::mutate(|ms| *ms += BLOCK_MS);
}

pub fn next_blocks(count: u32) {
    (0..count).for_each(|_| next_block());
}

pub fn signed(who: &AccountId32) -> RuntimeOrigin {
    RuntimeOrigin::signed(who.clone())
}

pub fn key(seed: u8) -> sr25519::Pair {
    sr25519::Pair::from_seed(&[seed; 32])
}

/// Worker number `seed`.
pub fn worker(seed: u8) -> WorkerId {
    WorkerId(key(seed).public().0)
}

/// Starts a session of worker number `seed` with [`STAKE`] of [`BOB`], as a pool does.
pub fn start(seed: u8) {
    <Computation as Sessions<AccountId32, u128>>::start(worker(seed), &BOB, STAKE)
        .expect("it is ready");
}

pub fn session(seed: u8) -> SessionOf<Test> {
    WorkerSessions::<Test>::get(worker(seed)).expect("it is in a session")
}

/// The state of worker number `seed` as of now.
pub fn state(seed: u8) -> WorkerState {
    let parameters = crate::EconomyParameters::<Test>::get();
    session(seed).state.at(&parameters, System::block_number())
}

/// Goes to the block that challenges worker number `seed`.
pub fn until_challenged(seed: u8) -> ChallengeInfo {
    let before = session(seed).challenged_at;
    for _ in 0..BLOCKS_MAX {
        next_block();
        if session(seed).challenged_at != before {
            return OpenChallenges::<Test>::get(worker(seed)).expect("it is open");
        }
    }
    panic!("worker {seed} was not challenged in {BLOCKS_MAX} blocks");
}

/// The roots of so many iterations of worker number `seed` after `randomness`.
pub fn roots(seed: u8, session: u32, randomness: &[u8; 32], count: u32) -> (Seed, Vec<[u8; 32]>) {
    let seed = Seed::of_session(&worker(seed).0, session, randomness);
    let mut workspace = Workspace::default();
    let roots = (0..count).map(|iteration| iteration_root(&mut workspace, &seed, iteration));
    let roots = roots.collect();
    (seed, roots)
}

type Openings = BoundedVec<Opening, ConstU32<HEARTBEAT_OPENINGS>>;

/// What `challenge` draws of the commitment to these iterations. None of no iterations.
pub fn openings(seed: &Seed, roots: &[[u8; 32]], challenge: &ChallengeInfo) -> Option<Openings> {
    let open = |number| {
        let draw = heartbeat_draw(&challenge.randomness, number);
        Opening::of_iterations(seed, roots, &draw)
    };
    let openings: Vec<_> = (0..HEARTBEAT_OPENINGS).map(open).collect::<Option<_>>()?;
    openings.try_into().ok()
}

/// What an honest worker number `seed` answers, that did [`ITERATIONS`] since its last answer.
pub fn answer(seed: u8) -> Heartbeat {
    let challenge = OpenChallenges::<Test>::get(worker(seed)).expect("it is challenged");
    let Session {
        number,
        work,
        iterations,
        ..
    } = session(seed);
    let openings = work.committed.as_ref().and_then(|committed| {
        let count = committed.commitment.iterations;
        let (seed, roots) = roots(seed, number, &committed.randomness, count);
        openings(&seed, &roots, &challenge)
    });
    let (_, done) = roots(seed, number, &work.randomness, ITERATIONS);
    Heartbeat {
        worker: worker(seed),
        session: number,
        challenged_at: challenge.challenged_at,
        iterations: iterations + u64::from(ITERATIONS),
        commitment: Commitment::of_iterations(&done).expect("they are few"),
        openings: openings.unwrap_or_default(),
    }
}

/// What worker number `seed` answers that did nothing.
pub fn idle_answer(seed: u8) -> Heartbeat {
    let challenge = OpenChallenges::<Test>::get(worker(seed)).expect("it is challenged");
    Heartbeat {
        worker: worker(seed),
        session: session(seed).number,
        challenged_at: challenge.challenged_at,
        iterations: session(seed).iterations,
        commitment: Commitment::NOTHING,
        openings: Openings::default(),
    }
}

pub fn sign(seed: u8, heartbeat: &Heartbeat) -> sr25519::Signature {
    key(seed).sign(&heartbeat.signing_payload(&Computation::genesis_hash()))
}

/// Has worker number `seed` send `heartbeat`.
pub fn send(seed: u8, heartbeat: &Heartbeat) -> DispatchResult {
    let signature = sign(seed, heartbeat);
    Computation::heartbeat(RuntimeOrigin::none(), heartbeat.clone(), signature)
}

pub fn held(who: &AccountId32) -> u128 {
    Balances::balance_on_hold(&HoldReason::Session.into(), who)
}

/// What `who` has in all, on hold or not.
pub fn total(who: &AccountId32) -> u128 {
    Balances::total_balance(who)
}

/// Whether two numbers are the same up to a part in 10⁹.
pub fn are_near(left: Fixed, right: Fixed) -> bool {
    let (low, high) = if left < right {
        (left, right)
    } else {
        (right, left)
    };
    let billion = Fixed::from_int(1_000_000_000);
    high.saturating_sub(low).saturating_mul(billion) <= high
}
