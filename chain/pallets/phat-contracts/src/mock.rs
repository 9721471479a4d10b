//! A runtime of the pallet and those it meets, for its tests.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::{
    derive_impl, parameter_types,
    traits::{
        Hooks, VariantCountOf,
        fungible::{HoldConsideration, Inspect, InspectHold},
    },
    weights::Weight,
};
use frame_system::EnsureRoot;
use pallet_registry::{OnWorkerDeregistered, WorkerLookup};
use phat_primitives::{AccountBytes, ClusterId, CodeHash, ContractId, WorkerId};
use sp_runtime::{AccountId32, BuildStorage, traits::IdentityLookup};

use crate::{HoldReason, Manifest, OnContractCreated, OnContractRemoved};

pub const ALICE: AccountId32 = AccountId32::new([1; 32]);
pub const BOB: AccountId32 = AccountId32::new([2; 32]);
pub const POOR: AccountId32 = AccountId32::new([3; 32]);
pub const CLUSTER: ClusterId = ClusterId(0);
pub const SALT: [u8; 32] = [7; 32];
pub const CODE: &[u8] = b"export default () => new Uint8Array()";
pub const BALANCE: u64 = 1_000_000_000;
/// For how many blocks something is kept of a removed contract.
pub const KEPT: u64 = 10;

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Preimage: pallet_preimage,
        PhatContracts: crate,
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
    pub const PreimageHoldReason: RuntimeHoldReason =
        RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);
    pub const CodeDepositBase: u64 = 100;
    pub const CodeDepositPerByte: u64 = 2;
    pub const ContractDepositBase: u64 = 50;
    pub const ContractDepositPerByte: u64 = 3;
    pub const SecretDepositBase: u64 = 20;
    pub const SecretDepositPerByte: u64 = 4;
    pub const MaxClusters: u32 = 2;
    pub const MaxClusterWorkers: u32 = 3;
    pub const MaxClusterContracts: u32 = 2;
    pub const MaxCodes: u32 = 2;
    pub const RemovedKept: u64 = KEPT;
    // Benchmarks keep as many as a block lets go.
    pub const MaxRemoved: u32 = 64;
    /// The registered workers.
    pub static Operators: BTreeMap<WorkerId, AccountId32> = BTreeMap::new();
    /// Those of them that nothing vouches for any more.
    pub static Suspended: BTreeSet<WorkerId> = BTreeSet::new();
    /// The contracts that the hook for new ones was told of.
    pub static Created: Vec<ContractId> = Vec::new();
    /// The contracts that the hook for removed ones was told of.
    pub static Removed: Vec<ContractId> = Vec::new();
}

pub struct PreimageDeposit;
impl sp_runtime::traits::Convert<frame_support::traits::Footprint, u64> for PreimageDeposit {
    fn convert(footprint: frame_support::traits::Footprint) -> u64 {
        footprint.size
    }
}

impl pallet_preimage::Config for Test {
    type RuntimeEvent = RuntimeEvent;
    type WeightInfo = ();
    type Currency = Balances;
    type ManagerOrigin = EnsureRoot<AccountId32>;
    type Consideration =
        HoldConsideration<AccountId32, Balances, PreimageHoldReason, PreimageDeposit>;
}

/// A registry that knows [`Operators`].
pub struct Registry;

impl WorkerLookup<AccountId32> for Registry {
    fn operator_of(worker: &WorkerId) -> Option<AccountId32> {
        Operators::get().get(worker).cloned()
    }

    fn is_active(worker: &WorkerId) -> bool {
        Operators::get().contains_key(worker) && !Suspended::get().contains(worker)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn register_for_benchmark(operator: &AccountId32, worker: WorkerId) {
        Operators::mutate(|list| list.insert(worker, operator.clone()));
    }
}

pub struct Recorder;

impl OnContractCreated for Recorder {
    fn on_contract_created(contract: &ContractId) {
        Created::mutate(|list| list.push(*contract));
    }

    fn weight() -> frame_support::weights::Weight {
        frame_support::weights::Weight::from_parts(1, 0)
    }
}

impl OnContractRemoved for Recorder {
    fn on_contract_removed(contract: &ContractId) {
        Removed::mutate(|list| list.push(*contract));
    }

    fn weight() -> frame_support::weights::Weight {
        frame_support::weights::Weight::from_parts(1, 0)
    }
}

impl crate::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Preimages = Preimage;
    type Workers = Registry;
    type OnContractCreated = Recorder;
    type OnContractRemoved = Recorder;
    type AdminOrigin = EnsureRoot<AccountId32>;
    type CodeDepositBase = CodeDepositBase;
    type CodeDepositPerByte = CodeDepositPerByte;
    type ContractDepositBase = ContractDepositBase;
    type ContractDepositPerByte = ContractDepositPerByte;
    type SecretDepositBase = SecretDepositBase;
    type SecretDepositPerByte = SecretDepositPerByte;
    type MaxClusters = MaxClusters;
    type MaxClusterWorkers = MaxClusterWorkers;
    type MaxClusterContracts = MaxClusterContracts;
    type MaxCodes = MaxCodes;
    type RemovedKept = RemovedKept;
    type MaxRemoved = MaxRemoved;
    type WeightInfo = ();
}

/// A chain with one cluster.
pub fn new_test_ext() -> sp_io::TestExternalities {
    let mut ext = sp_io::TestExternalities::new(
        RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: vec![(ALICE, BALANCE), (BOB, BALANCE), (POOR, 60)],
                ..Default::default()
            },
            phat_contracts: crate::GenesisConfig {
                clusters: 1,
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

/// Runs `test`, then checks the invariants.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        Operators::take();
        Suspended::take();
        Created::take();
        Removed::take();
        test();
        PhatContracts::do_try_state().expect("the invariants hold after every test");
    });
}

pub fn signed(who: &AccountId32) -> RuntimeOrigin {
    RuntimeOrigin::signed(who.clone())
}

pub fn held(reason: HoldReason, who: &AccountId32) -> u64 {
    Balances::balance_on_hold(&reason.into(), who)
}

/// What `who` has in all, on hold or not.
pub fn total(who: &AccountId32) -> u64 {
    Balances::total_balance(who)
}

pub fn manifest(text: &str) -> Manifest {
    text.as_bytes()
        .to_vec()
        .try_into()
        .expect("a short manifest")
}

/// Puts the bytes of `code` on the chain.
pub fn note(who: &AccountId32, code: &[u8]) -> (CodeHash, u32) {
    Preimage::note_preimage(signed(who), code.to_vec()).expect("a new preimage");
    (CodeHash::of(code), code.len() as u32)
}

pub fn upload(who: &AccountId32, code: &[u8]) -> CodeHash {
    let (code_hash, len) = note(who, code);
    PhatContracts::upload_code(signed(who), code_hash, len).expect("new code");
    code_hash
}

/// A contract of `who` in [`CLUSTER`] that runs `code_hash`.
pub fn instantiate(who: &AccountId32, code_hash: CodeHash, salt: [u8; 32]) -> ContractId {
    let text = manifest("name = \"test\"");
    PhatContracts::instantiate(signed(who), CLUSTER, code_hash, text, salt).expect("new contract");
    ContractId::derive(
        &AccountBytes(who.clone().into()),
        CLUSTER,
        &code_hash,
        &salt,
    )
}

/// Lets the time pass for which something is kept of removed contracts.
pub fn let_removed_go() {
    let now = System::block_number() + KEPT;
    System::set_block_number(now);
    PhatContracts::on_idle(now, Weight::MAX);
}

/// Registers worker number `seed` of `operator`.
pub fn register(operator: &AccountId32, seed: u8) -> WorkerId {
    let worker = WorkerId([seed; 32]);
    Operators::mutate(|list| list.insert(worker, operator.clone()));
    worker
}

/// Has nothing vouch for `worker`.
pub fn suspend(worker: WorkerId) {
    Suspended::mutate(|list| list.insert(worker));
}

/// Deregisters `worker` as the registry does.
pub fn deregister(worker: &WorkerId) {
    Operators::mutate(|list| list.remove(worker));
    PhatContracts::on_worker_deregistered(worker);
}
