//! A runtime of the pallet alone, for its tests.

use frame_support::{derive_impl, parameter_types, traits::VariantCountOf};
use phat_primitives::{AccountBytes, Attestation, EncryptionKey, Registration, WorkerId};
use sp_core::{Pair, sr25519};
use sp_runtime::{AccountId32, BuildStorage, traits::IdentityLookup};

use crate::{Endpoint, OnWorkerDeregistered};

pub const DEPOSIT: u64 = 100;
pub const MAX_WORKERS: u32 = 3;
pub const ALICE: AccountId32 = AccountId32::new([1; 32]);
pub const BOB: AccountId32 = AccountId32::new([2; 32]);
pub const POOR: AccountId32 = AccountId32::new([3; 32]);

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Registry: crate,
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
    pub const WorkerDeposit: u64 = DEPOSIT;
    pub const MaxWorkers: u32 = MAX_WORKERS;
    /// The workers that the hook was told of.
    pub static Deregistered: Vec<WorkerId> = Vec::new();
}

pub struct Recorder;
impl OnWorkerDeregistered for Recorder {
    fn on_worker_deregistered(worker: &WorkerId) {
        Deregistered::mutate(|list| list.push(*worker));
    }

    fn weight() -> frame_support::weights::Weight {
        frame_support::weights::Weight::from_parts(1, 0)
    }
}

impl crate::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type WorkerDeposit = WorkerDeposit;
    type MaxWorkers = MaxWorkers;
    type OnWorkerDeregistered = Recorder;
    type WeightInfo = ();
}

/// The chain before its first block, with what `require_attestation` says in its genesis.
pub fn ext_with(require_attestation: bool) -> sp_io::TestExternalities {
    let mut ext = sp_io::TestExternalities::new(
        RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: vec![(ALICE, 1_000), (BOB, 1_000), (POOR, DEPOSIT / 2)],
                ..Default::default()
            },
            registry: crate::GenesisConfig {
                require_attestation,
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
    ext.execute_with(|| System::set_block_number(1));
    ext
}

#[cfg(feature = "runtime-benchmarks")]
pub fn new_test_ext() -> sp_io::TestExternalities {
    ext_with(false)
}

/// Runs `test` on a chain that requires no attestation, then checks the invariants.
pub fn run(test: impl FnOnce()) {
    run_with(false, test);
}

/// Runs `test`, then checks the invariants.
pub fn run_with(require_attestation: bool, test: impl FnOnce()) {
    ext_with(require_attestation).execute_with(|| {
        Deregistered::take();
        test();
        Registry::do_try_state().expect("the invariants hold after every test");
    });
}

/// The arguments of a call to `register`.
#[derive(Clone)]
pub struct Args {
    pub operator: AccountId32,
    pub worker: WorkerId,
    pub encryption_key: EncryptionKey,
    pub endpoint: Endpoint,
    pub signature: sr25519::Signature,
}

impl Args {
    pub fn call(self) -> frame_support::dispatch::DispatchResult {
        Registry::register(
            RuntimeOrigin::signed(self.operator),
            self.worker,
            self.encryption_key,
            self.endpoint,
            Attestation::None,
            self.signature,
        )
    }
}

pub fn endpoint(url: &str) -> Endpoint {
    url.as_bytes().to_vec().try_into().expect("a short URL")
}

/// A registration of worker number `seed` by `operator` that is valid in every way.
pub fn valid(operator: AccountId32, seed: u8) -> Args {
    valid_on(Registry::genesis_hash(), operator, seed)
}

/// The same for the chain with this genesis hash.
pub fn valid_on(genesis_hash: [u8; 32], operator: AccountId32, seed: u8) -> Args {
    let pair = sr25519::Pair::from_seed(&[seed; 32]);
    let worker = WorkerId(pair.public().0);
    let encryption_key = EncryptionKey([seed; 32]);
    let endpoint = endpoint("http://127.0.0.1:8000");
    let payload = Registration {
        genesis_hash,
        operator: AccountBytes(operator.clone().into()),
        worker,
        encryption_key,
        endpoint: &endpoint,
        attestation: Attestation::None,
    }
    .signing_payload();
    Args {
        operator,
        worker,
        encryption_key,
        endpoint,
        signature: pair.sign(&payload),
    }
}
