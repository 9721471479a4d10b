//! A runtime of the pallet and the anchor, for its tests.

use std::time::Duration;

use codec::Encode;
use frame_support::{
    PalletId, derive_impl,
    dispatch::DispatchResult,
    parameter_types,
    traits::{
        UnixTime, VariantCountOf,
        fungible::{Inspect, InspectHold},
    },
};
use frame_system::EnsureRoot;
use pallet_phat_anchor::AttestorKeys;
use phat_primitives::anchor::{
    AttestorKey, KeyRead, KeyWrite, NO_REQUEST, Outcome, OutcomeSignature, OutcomeSignatures,
    key_hash,
};
use sp_core::{H160, H256, Pair, sr25519};
use sp_runtime::{AccountId32, BuildStorage, traits::IdentityLookup};

use crate::{Event, HoldReason, Limits, Message};

/// Locks.
pub const ALICE: AccountId32 = AccountId32::new([2; 32]);
/// Is paid, and settles.
pub const BOB: AccountId32 = AccountId32::new([3; 32]);
/// Has no account.
pub const NOBODY: AccountId32 = AccountId32::new([4; 32]);
/// Gets the ERC-20.
pub const RECIPIENT: H160 = H160::repeat_byte(7);
pub const BALANCE: u64 = 1_000_000;
/// The least balance of an account.
pub const LEAST: u64 = 5;
/// The most that may be out.
pub const CAP: u64 = 100_000;
pub const LIMITS: Limits<u64> = Limits {
    minimum: 100,
    daily: 20_000,
    fee: 7,
};
/// Locks that may wait.
pub const PENDING: u32 = 64;
/// Burns that may wait.
pub const DUE: u32 = 8;
pub const INTERVAL: u64 = 600;
pub const DAY: u64 = 24 * 60 * 60;
/// The time when tests begin: noon of some day.
pub const NOW: u64 = 20_000 * DAY + DAY / 2;
/// The seed of the attestor.
pub const ATTESTOR: u8 = 1;
/// What deposits of the anchor are.
const DEPOSIT: u64 = 1;

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Anchor: pallet_phat_anchor,
        Bridge: crate,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData<u64>;
}

parameter_types! {
    pub const Least: u64 = LEAST;
    pub const Deposit: u64 = DEPOSIT;
    pub const MaxRequests: u32 = 4;
    pub const MaxStoredBytes: u64 = 1 << 20;
    pub const MaxLifetimeS: u64 = 500;
    pub const MaxOverlapS: u64 = 300;
    pub const BridgeId: PalletId = PalletId(*b"phat/brg");
    pub const Cap: u64 = CAP;
    pub const DefaultLimits: Limits<u64> = LIMITS;
    pub const MaxPending: u32 = PENDING;
    pub const MaxDue: u32 = DUE;
    pub const AnnounceInterval: u64 = INTERVAL;
    /// The time, in seconds.
    pub static Clock: u64 = NOW;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type ExistentialDeposit = Least;
    type RuntimeHoldReason = RuntimeHoldReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

pub struct Time;

impl UnixTime for Time {
    fn now() -> Duration {
        Duration::from_secs(Clock::get())
    }
}

impl pallet_phat_anchor::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Time = Time;
    type OnOutcome = Bridge;
    type ConsumerDeposit = Deposit;
    type RequestDeposit = Deposit;
    type ValueDeposit = Deposit;
    type DepositPerByte = Deposit;
    type MaxRequests = MaxRequests;
    type MaxStoredBytes = MaxStoredBytes;
    type MaxLifetimeS = MaxLifetimeS;
    type MaxOverlapS = MaxOverlapS;
    type WeightInfo = ();
}

impl crate::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Anchor = Anchor;
    type Time = Time;
    type GovernanceOrigin = EnsureRoot<AccountId32>;
    type PalletId = BridgeId;
    type Cap = Cap;
    type DefaultLimits = DefaultLimits;
    type MaxPending = MaxPending;
    type MaxDue = MaxDue;
    type AnnounceInterval = AnnounceInterval;
    type WeightInfo = ();
}

/// A chain with its accounts.
pub fn new_test_ext() -> sp_io::TestExternalities {
    let balances = vec![
        (ALICE, BALANCE),
        (BOB, BALANCE),
        (Bridge::account_id(), BALANCE),
    ];
    let genesis = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances,
            ..Default::default()
        },
        ..Default::default()
    };
    let storage = genesis.build_storage().expect("the genesis is valid");
    let mut ext = sp_io::TestExternalities::new(storage);
    ext.execute_with(|| {
        System::set_block_number(1);
        Clock::set(NOW);
    });
    ext
}

/// Runs `test` on a chain whose bridge is connected. Then checks the invariants.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        connect().expect("the pallet can pay");
        System::reset_events();
        test();
        check();
    });
}

/// Checks the invariants, those of the anchor too.
pub fn check() {
    Bridge::do_try_state().expect("the invariants hold");
    Anchor::do_try_state().expect("the invariants of the anchor hold");
}

pub fn connect() -> DispatchResult {
    Bridge::connect(RuntimeOrigin::root(), 1, keys(), 0)
}

pub fn keys() -> AttestorKeys {
    AttestorKeys::truncate_from(vec![AttestorKey::Sr25519(attestor().public().0)])
}

fn attestor() -> sr25519::Pair {
    sr25519::Pair::from_seed(&[ATTESTOR; 32])
}

pub fn signed(who: &AccountId32) -> RuntimeOrigin {
    RuntimeOrigin::signed(who.clone())
}

/// Has [`ALICE`] lock.
pub fn lock(amount: u64) -> DispatchResult {
    Bridge::lock(signed(&ALICE), amount, RECIPIENT)
}

pub fn minted(number: u64) -> Vec<u8> {
    Message::Minted { number }.encode()
}

pub fn burned(number: u64, recipient: &AccountId32, amount: u128) -> Vec<u8> {
    let message = Message::Burned {
        number,
        recipient: recipient.clone().into(),
        amount,
    };
    message.encode()
}

/// What the contract's run for the firing of this number comes to.
pub fn outcome(firing: u64, output: Vec<u8>) -> Outcome {
    let key = key_hash(&firing.encode());
    let (_, version) = Anchor::value(&Bridge::account_id(), &key);
    Outcome {
        number: NO_REQUEST,
        commitment: [1; 32],
        success: true,
        output: output.try_into().expect("no more than the bound"),
        reads: vec![KeyRead { key, version }].try_into().expect("one"),
        writes: vec![KeyWrite {
            key,
            value: vec![1].try_into().expect("short"),
        }]
        .try_into()
        .expect("one"),
    }
}

/// The attestor's signature of an outcome for the pallet.
pub fn sign(outcome: &Outcome) -> OutcomeSignatures {
    let genesis: H256 = System::block_hash(0);
    let account = Bridge::account_id().encode();
    let payload = outcome.signing_payload(&genesis.0, "Anchor", &account);
    let signature = OutcomeSignature::Sr25519 {
        key: attestor().public().0,
        signature: attestor().sign(&payload).0,
    };
    OutcomeSignatures::truncate_from(vec![signature])
}

/// Has [`BOB`] settle an outcome that the attestor has signed.
pub fn settle(outcome: Outcome) -> DispatchResult {
    let signatures = sign(&outcome);
    Anchor::settle(signed(&BOB), Bridge::account_id(), outcome, signatures)
}

/// Has the contract tell this for the firing of this number, and gives whether the pallet took it.
pub fn tell(firing: u64, output: Vec<u8>) -> DispatchResult {
    settle(outcome(firing, output)).expect("it is signed and settled");
    delivered()
}

/// Whether the pallet took the latest outcome.
pub fn delivered() -> DispatchResult {
    let events = System::read_events_for_pallet::<pallet_phat_anchor::Event<Test>>();
    let pushed = events.into_iter().rev().find_map(|event| match event {
        pallet_phat_anchor::Event::Pushed { delivered, .. } => Some(delivered),
        _ => None,
    });
    pushed.expect("one was settled")
}

/// What the pallet has told of.
pub fn events() -> Vec<Event<Test>> {
    System::read_events_for_pallet::<Event<Test>>()
}

/// What is locked.
pub fn held() -> u64 {
    Balances::balance_on_hold(&HoldReason::Locked.into(), &Bridge::account_id())
}

pub fn free(who: &AccountId32) -> u64 {
    Balances::balance(who)
}
