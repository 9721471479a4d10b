//! A runtime of the pallet alone, for its tests.

use core::time::Duration;

use codec::Encode;
use frame_support::{
    derive_impl, parameter_types,
    traits::{UnixTime, VariantCountOf},
};
use frame_system::EnsureRoot;
use phat_attestation_simulator::{CollateralOptions, Report, SgxReport, SimulatedIntel, TdxReport};
use phat_primitives::{
    AccountBytes, EncryptionKey, Registration, WorkerId,
    attestation::{MeasurementRule, ReportData},
};
use sp_core::{Bytes, Pair, sr25519};
use sp_runtime::{AccountId32, BuildStorage, traits::IdentityLookup};

use crate::{Endpoint, Evidence, OnWorkerDeregistered};

pub const DEPOSIT: u64 = 100;
pub const MAX_WORKERS: u32 = 3;
pub const ALICE: AccountId32 = AccountId32::new([1; 32]);
pub const BOB: AccountId32 = AccountId32::new([2; 32]);
pub const POOR: AccountId32 = AccountId32::new([3; 32]);
/// The time at which tests begin, in seconds since 1970.
pub const NOW_S: u64 = 1_800_000_000;
pub const DAY_S: u64 = 24 * 60 * 60;
/// The worst software version that the mock's genesis lets [`SIGNER`] use.
pub const ISV_SVN_MIN: u16 = 4;
/// A rule of the mock's genesis.
pub const ENCLAVE: MeasurementRule = MeasurementRule::SgxEnclave {
    mr_enclave: [1; 32],
};
/// Another.
pub const SIGNER: MeasurementRule = MeasurementRule::SgxSigner {
    mr_signer: [2; 32],
    isv_prod_id: 3,
};
/// Another.
pub const MACHINE: MeasurementRule = MeasurementRule::Tdx {
    mr_td: [1; 48],
    rtmr: [[2; 48]; 4],
};

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
    /// What [`Clock`] shows.
    pub static ClockS: u64 = NOW_S;
}

pub struct Clock;

impl UnixTime for Clock {
    fn now() -> Duration {
        Duration::from_secs(ClockS::get())
    }
}

#[cfg(feature = "runtime-benchmarks")]
impl crate::BenchmarkClock for Clock {
    fn set_now_s(now_s: u64) {
        ClockS::set(now_s);
    }
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
    type GovernanceOrigin = EnsureRoot<AccountId32>;
    type MeasurementsOrigin = EnsureRoot<AccountId32>;
    type Time = Clock;
    type OnWorkerDeregistered = Recorder;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkClock = Clock;
    type WeightInfo = ();
}

/// The simulated Intel that the mock accepts.
pub fn intel() -> SimulatedIntel {
    SimulatedIntel::development().expect("it can be simulated")
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
                root_certificates: vec![Bytes(intel().root_certificate().expect("it has one"))],
                allowed_measurements: vec![(ENCLAVE, 0), (SIGNER, ISV_SVN_MIN), (MACHINE, 0)],
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
        ClockS::set(NOW_S);
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
    pub evidence: Option<Evidence>,
    pub signature: sr25519::Signature,
}

impl Args {
    pub fn call(self) -> frame_support::dispatch::DispatchResult {
        Registry::register(
            RuntimeOrigin::signed(self.operator),
            self.worker,
            self.encryption_key,
            self.endpoint,
            self.evidence,
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
    }
    .signing_payload();
    Args {
        operator,
        worker,
        encryption_key,
        endpoint,
        evidence: None,
        signature: pair.sign(&payload),
    }
}

/// Evidence in the making.
#[derive(Clone)]
pub struct Quoted {
    /// The simulated Intel's seed, or the development one.
    pub seed: Option<&'static [u8]>,
    pub report: Report,
    pub report_data: [u8; 64],
    pub collateral: CollateralOptions,
}

impl Quoted {
    /// An enclave that [`ENCLAVE`] covers, on a platform that is well, for what `args` register.
    pub fn for_worker(args: &Args) -> Self {
        Self {
            seed: None,
            report: Report::Sgx(enclave()),
            report_data: bound(args).to_bytes(),
            collateral: CollateralOptions::at(NOW_S - DAY_S),
        }
    }

    pub fn evidence(&self) -> Evidence {
        let intel = match self.seed {
            Some(seed) => SimulatedIntel::new(seed).expect("it can be simulated"),
            None => intel(),
        };
        let platform = intel.platform("platform").expect("it can be simulated");
        let quote = platform.quote(&self.report, self.report_data);
        let collateral = intel.collateral(&platform, self.report.tee(), &self.collateral);
        let collateral = collateral.expect("it can be simulated").encode();
        Evidence {
            quote: bounded(quote.expect("it can be simulated")),
            collateral: bounded(collateral),
        }
    }
}

/// What a quote for the worker that `args` register must have in it.
pub fn bound(args: &Args) -> ReportData {
    Registry::report_data(&args.operator, args.worker, args.encryption_key)
}

/// An enclave that [`ENCLAVE`] covers and [`SIGNER`] does not.
pub fn enclave() -> SgxReport {
    SgxReport {
        mr_enclave: [1; 32],
        ..SgxReport::default()
    }
}

/// A machine that [`MACHINE`] covers.
pub fn machine() -> TdxReport {
    TdxReport {
        mr_td: [1; 48],
        rtmr: [[2; 48]; 4],
        ..TdxReport::default()
    }
}

pub fn bounded<Bound: frame_support::traits::Get<u32>>(
    bytes: Vec<u8>,
) -> frame_support::BoundedVec<u8, Bound> {
    bytes.try_into().expect("it is within its bound")
}

/// The arguments of a call that registers an attested worker.
pub fn attested(operator: AccountId32, seed: u8) -> Args {
    let args = valid(operator, seed);
    Args {
        evidence: Some(Quoted::for_worker(&args).evidence()),
        ..args
    }
}
