//! A runtime of the pallet alone, for its tests.

use std::{cell::RefCell, time::Duration};

use codec::Encode;
use frame_support::{
    derive_impl,
    dispatch::DispatchResult,
    parameter_types,
    traits::{
        UnixTime, VariantCountOf,
        fungible::{Inspect, InspectHold},
    },
    weights::Weight,
};
use phat_primitives::anchor::{
    AttestorKey, KEY_BYTES, KeyRead, KeyWrite, OUTPUT_BYTES_MAX, Outcome, OutcomeSignature,
    OutcomeSignatures, READS_MAX, VALUE_BYTES_MAX, WRITES_MAX, key_hash,
};
use sp_core::{Pair, ecdsa, sr25519};
use sp_runtime::{AccountId32, BuildStorage, DispatchError, traits::IdentityLookup};

use crate::{
    Askers, AttestorKeys, Bounds, HoldReason, Input, OnOutcome, PushedOutcome, Requests,
    SettledOutcome,
};

/// A consumer that owns itself.
pub const SHOP: AccountId32 = AccountId32::new([1; 32]);
/// Makes requests.
pub const ALICE: AccountId32 = AccountId32::new([2; 32]);
/// Settles.
pub const BOB: AccountId32 = AccountId32::new([3; 32]);
/// Has next to nothing.
pub const POOR: AccountId32 = AccountId32::new([4; 32]);
pub const BALANCE: u64 = 100_000;
pub const CONSUMER_DEPOSIT: u64 = 100;
pub const REQUEST_DEPOSIT: u64 = 20;
pub const VALUE_DEPOSIT: u64 = 10;
/// The requests that a consumer may have at a time.
pub const REQUESTS: u32 = 8;
/// How many of them are for the consumer itself and its owner.
pub const OWN_REQUESTS: u32 = 2;
/// The time when tests begin.
pub const NOW: u64 = 1_000;
pub const LIFETIME: u64 = 500;
pub const OVERLAP: u64 = 300;
/// Seeds of the attestors that [`register`] names: two of sr25519 and one of secp256k1.
pub const ATTESTORS: [u8; 3] = [1, 2, 103];

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Anchor: crate,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type AccountData = pallet_balances::AccountData<u64>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
    type RuntimeHoldReason = RuntimeHoldReason;
    type MaxFreezes = VariantCountOf<RuntimeFreezeReason>;
}

parameter_types! {
    pub const ConsumerDeposit: u64 = CONSUMER_DEPOSIT;
    pub const RequestDeposit: u64 = REQUEST_DEPOSIT;
    pub const ValueDeposit: u64 = VALUE_DEPOSIT;
    pub const DepositPerByte: u64 = 1;
    pub const MaxRequests: u32 = REQUESTS;
    // The longest values under as many keys as an outcome reads and writes, and the keys.
    pub const MaxStoredBytes: u64 =
        (READS_MAX + WRITES_MAX) as u64 * (VALUE_BYTES_MAX as u64 + KEY_BYTES);
    pub const MaxLifetimeS: u64 = LIFETIME;
    pub const MaxOverlapS: u64 = OVERLAP;
    /// The time, in seconds.
    pub static Clock: u64 = NOW;
    /// Whether consumers take outcomes.
    pub static Taking: bool = true;
    /// Whether the consumer's callback makes a request of its own.
    pub static AsksAgain: bool = false;
    /// Whether the next callback has the consumer told again before it takes the outcome.
    pub static RetriesWithin: bool = false;
    /// What came of that.
    pub static RetriedWithin: Option<DispatchResult> = None;
}

pub struct Time;

impl UnixTime for Time {
    fn now() -> Duration {
        Duration::from_secs(Clock::get())
    }
}

/// An outcome that was asked for: consumer, number, success and output.
type Taken = (AccountId32, u64, bool, Vec<u8>);
/// An outcome that nobody asked for: firing, success and output.
type Pushed = ([u8; 32], bool, Vec<u8>);

thread_local! {
    /// What consumers took that they had asked for.
    static TAKEN: RefCell<Vec<Taken>> = const { RefCell::new(Vec::new()) };
    /// What they took without.
    static PUSHED: RefCell<Vec<Pushed>> = const { RefCell::new(Vec::new()) };
}

/// What consumers have taken without asking since this was asked last.
pub fn pushed() -> Vec<Pushed> {
    PUSHED.take()
}

/// What consumers have taken since this was asked last.
pub fn taken() -> Vec<Taken> {
    TAKEN.take()
}

pub struct Shops;

impl OnOutcome<AccountId32> for Shops {
    fn on_outcome(settled: &SettledOutcome<'_, AccountId32>) -> DispatchResult {
        // Undone when it fails.
        System::inc_account_nonce(settled.consumer);
        if !Taking::get() {
            return Err(DispatchError::Other("not now"));
        }
        if RetriesWithin::get() {
            RetriesWithin::set(false);
            RetriedWithin::set(Some(Anchor::do_retry(
                settled.consumer.clone(),
                settled.number,
                settled.success,
                settled.output,
            )));
        }
        if AsksAgain::get() {
            ask_for(settled.consumer, settled.requester, b"again", 0)?;
        }
        let taken = (
            settled.consumer.clone(),
            settled.number,
            settled.success,
            settled.output.to_vec(),
        );
        TAKEN.with_borrow_mut(|list| list.push(taken));
        Ok(())
    }

    fn on_push(pushed: &PushedOutcome<'_, AccountId32>) -> DispatchResult {
        // Undone when it fails.
        System::inc_account_nonce(pushed.consumer);
        if !Taking::get() {
            return Err(DispatchError::Other("not now"));
        }
        let taken = (*pushed.firing, pushed.success, pushed.output.to_vec());
        PUSHED.with_borrow_mut(|list| list.push(taken));
        Ok(())
    }

    fn weight_max() -> Weight {
        Weight::from_parts(1, 0)
    }
}

impl crate::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Time = Time;
    type OnOutcome = Shops;
    type ConsumerDeposit = ConsumerDeposit;
    type RequestDeposit = RequestDeposit;
    type ValueDeposit = ValueDeposit;
    type DepositPerByte = DepositPerByte;
    type MaxRequests = MaxRequests;
    type MaxStoredBytes = MaxStoredBytes;
    type MaxLifetimeS = MaxLifetimeS;
    type MaxOverlapS = MaxOverlapS;
    type WeightInfo = ();
}

/// A chain with its accounts.
pub fn new_test_ext() -> sp_io::TestExternalities {
    let mut ext = sp_io::TestExternalities::new(
        RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: vec![(SHOP, BALANCE), (ALICE, BALANCE), (BOB, BALANCE), (POOR, 5)],
                ..Default::default()
            },
            ..Default::default()
        }
        .build_storage()
        .expect("the genesis is valid"),
    );
    ext.register_extension(sp_keystore::KeystoreExt::new(
        sp_keystore::testing::MemoryKeystore::new(),
    ));
    ext.execute_with(|| {
        System::set_block_number(1);
        Clock::set(NOW);
        Taking::set(true);
        AsksAgain::set(false);
        RetriesWithin::set(false);
        RetriedWithin::set(None);
        taken();
        pushed();
    });
    ext
}

/// Runs `test` on a chain where [`SHOP`] is a consumer of which anybody may ask, with two of three
/// [`ATTESTORS`] to sign. Then checks the invariants.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        register(2).expect("the shop can pay");
        test();
        Anchor::do_try_state().expect("the invariants hold after every test");
    });
}

/// The highest bounds.
pub fn bounds() -> Bounds {
    Bounds {
        output_bytes: OUTPUT_BYTES_MAX,
        writes: WRITES_MAX,
        stored_bytes: MaxStoredBytes::get(),
    }
}

/// Registers [`SHOP`] in block 0, so that its writes are numbered from 1 on.
pub fn register(threshold: u32) -> DispatchResult {
    System::set_block_number(0);
    let registered = register_now(threshold);
    System::set_block_number(1);
    registered
}

/// Registers [`SHOP`] in the present block.
pub fn register_now(threshold: u32) -> DispatchResult {
    let keys = keys(&ATTESTORS);
    Anchor::register_consumer(
        signed(&SHOP),
        None,
        Askers::Anyone,
        bounds(),
        threshold,
        keys,
    )
}

pub fn signed(who: &AccountId32) -> RuntimeOrigin {
    RuntimeOrigin::signed(who.clone())
}

/// The key of attestor number `seed`: of secp256k1 from 100 on.
pub fn attestor(seed: u8) -> AttestorKey {
    match seed {
        0..100 => AttestorKey::Sr25519(sr25519::Pair::from_seed(&[seed; 32]).public().0),
        _ => AttestorKey::Secp256k1(ecdsa::Pair::from_seed(&[seed; 32]).public().0),
    }
}

pub fn keys(seeds: &[u8]) -> AttestorKeys {
    let keys: Vec<_> = seeds.iter().map(|seed| attestor(*seed)).collect();
    keys.try_into().expect("no more than the bound")
}

/// Has [`ALICE`] ask the shop, and gives the request's number.
pub fn ask(input: &[u8], fee: u64) -> u64 {
    ask_for(&SHOP, &ALICE, input, fee).expect("she may ask")
}

pub fn ask_for(
    consumer: &AccountId32,
    requester: &AccountId32,
    input: &[u8],
    fee: u64,
) -> Result<u64, DispatchError> {
    let input = Input::try_from(input.to_vec()).expect("no more than the bound");
    Anchor::do_request(consumer, requester, input, fee, Clock::get() + LIFETIME)
}

/// An outcome of the shop's request `number` that reads and writes nothing.
pub fn outcome(number: u64) -> Outcome {
    let commitment = Requests::<Test>::get(SHOP, number).map(|request| request.commitment);
    Outcome {
        number,
        commitment: commitment.unwrap_or_default(),
        success: true,
        output: b"output".to_vec().try_into().expect("short"),
        reads: Default::default(),
        writes: Default::default(),
    }
}

/// The same with reads and writes.
pub fn outcome_with(number: u64, reads: &[(&str, u64)], writes: &[(&str, &[u8])]) -> Outcome {
    let reads: Vec<_> = reads
        .iter()
        .map(|(name, version)| KeyRead {
            key: key_hash(name.as_bytes()),
            version: *version,
        })
        .collect();
    let writes: Vec<_> = writes
        .iter()
        .map(|(name, value)| KeyWrite {
            key: key_hash(name.as_bytes()),
            value: value.to_vec().try_into().expect("no more than the bound"),
        })
        .collect();
    Outcome {
        reads: reads.try_into().expect("no more than the bound"),
        writes: writes.try_into().expect("no more than the bound"),
        ..outcome(number)
    }
}

/// The signatures of these attestors of the shop, in the order that the pallet wants.
pub fn sign(outcome: &Outcome, seeds: &[u8]) -> OutcomeSignatures {
    let payload = outcome.signing_payload(&Anchor::genesis_hash(), "Anchor", &SHOP.encode());
    sign_bytes(&payload, seeds)
}

pub fn sign_bytes(payload: &[u8], seeds: &[u8]) -> OutcomeSignatures {
    let mut all: Vec<_> = seeds
        .iter()
        .map(|seed| match attestor(*seed) {
            AttestorKey::Sr25519(key) => OutcomeSignature::Sr25519 {
                key,
                signature: sr25519::Pair::from_seed(&[*seed; 32]).sign(payload).0,
            },
            AttestorKey::Secp256k1(key) => OutcomeSignature::Secp256k1 {
                key,
                signature: ecdsa::Pair::from_seed(&[*seed; 32]).sign(payload).0,
            },
        })
        .collect();
    all.sort_by_key(OutcomeSignature::attestor);
    all.try_into().expect("no more than the bound")
}

/// Has [`BOB`] settle an outcome that these attestors have signed.
pub fn settle_by(outcome: &Outcome, seeds: &[u8]) -> DispatchResult {
    let signatures = sign(outcome, seeds);
    Anchor::settle(signed(&BOB), SHOP, outcome.clone(), signatures)
}

/// The same for two of the three.
pub fn settle(outcome: &Outcome) -> DispatchResult {
    settle_by(outcome, &ATTESTORS[1..])
}

/// The value of one of the shop's keys and its version.
pub fn value(name: &str) -> (Vec<u8>, u64) {
    Anchor::value(&SHOP, &key_hash(name.as_bytes()))
}

pub fn held(reason: HoldReason, who: &AccountId32) -> u64 {
    Balances::balance_on_hold(&reason.into(), who)
}

pub fn free(who: &AccountId32) -> u64 {
    Balances::balance(who)
}
