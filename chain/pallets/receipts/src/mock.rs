//! A runtime of the pallet, and a registry and clusters that tests set, for its tests.

use std::collections::{BTreeMap, BTreeSet};

use codec::Encode;
use frame_support::{
    derive_impl, parameter_types,
    traits::{
        Imbalance, OnUnbalanced, Randomness, VariantCountOf,
        fungible::{Inspect, InspectHold},
    },
    weights::Weight,
};
use pallet_phat_contracts::ClusterLookup;
use pallet_registry::{OnWorkerDeregistered, WorkerLookup};
use phat_primitives::{
    ClusterId, CodeHash, ContractId, ReceiptHash, RequestId, WorkerId,
    challenges::{ChallengeId, PanelVote, ReplayedRun, Verdict},
    receipt::{Origin, ReceiptBody, RunResult},
    receipts::ReceiptBatch,
};
use sp_core::{H256, Pair, sr25519};
use sp_runtime::{AccountId32, BuildStorage, Permill, traits::IdentityLookup};

use crate::{Challenges, CreditOf, Heads, HoldReason, OnProvenFault, ReceiptBytes};

pub const ALICE: AccountId32 = AccountId32::new([1; 32]);
pub const BOB: AccountId32 = AccountId32::new([2; 32]);
pub const POOR: AccountId32 = AccountId32::new([3; 32]);
pub const BALANCE: u64 = 1_000;
pub const DEPOSIT: u64 = 100;
/// What of it is lost when a challenge ends undecided.
pub const UNDECIDED: u64 = 20;
pub const CLUSTER: ClusterId = ClusterId(0);
pub const CONTRACT: ContractId = ContractId([7; 32]);
pub const CODE: CodeHash = CodeHash([8; 32]);
pub const URL: &str = "https://data.example/receipt.json";
/// The worker that is accused in tests.
pub const ACCUSED: u8 = 1;

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        Balances: pallet_balances,
        Receipts: crate,
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
    pub const ChallengeDeposit: u64 = DEPOSIT;
    pub const UndecidedPart: Permill = Permill::from_percent(20);
    pub const VotingPeriod: u64 = 10;
    pub const PanelSize: u32 = 3;
    pub const PanelSizeMin: u32 = 2;
    pub const MaxBatches: u32 = 3;
    pub const MaxChallenges: u32 = 7;
    pub const MaxChallengesPerWorker: u32 = 6;
    pub const MaxFaultsPerWorker: u32 = 7;
    pub const MaxDecisions: u32 = 8;
    /// The registered workers.
    pub static Registered: BTreeSet<WorkerId> = BTreeSet::new();
    /// Those of them that nothing vouches for any more.
    pub static Suspended: BTreeSet<WorkerId> = BTreeSet::new();
    /// The members of each cluster.
    pub static Members: BTreeMap<ClusterId, Vec<WorkerId>> = BTreeMap::new();
    /// The contracts, with their clusters and codes.
    pub static Served: BTreeMap<ContractId, (ClusterId, CodeHash)> = BTreeMap::new();
    /// Those that were removed lately.
    pub static Removed: BTreeMap<ContractId, (ClusterId, CodeHash)> = BTreeMap::new();
    /// What the chain's randomness is.
    pub static Seed: u8 = 0;
    /// What was lost of deposits.
    pub static Lost: u64 = 0;
    /// Those of the workers that left whose faults still cost something.
    pub static Liable: BTreeSet<WorkerId> = BTreeSet::new();
    /// The faults that the hook was told of.
    pub static Told: Vec<(WorkerId, ReceiptHash)> = Vec::new();
}

pub struct Registry;

impl WorkerLookup<AccountId32> for Registry {
    fn operator_of(worker: &WorkerId) -> Option<AccountId32> {
        Registered::get().contains(worker).then_some(ALICE)
    }

    fn is_active(worker: &WorkerId) -> bool {
        Registered::get().contains(worker) && !Suspended::get().contains(worker)
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn register_for_benchmark(_operator: &AccountId32, worker: WorkerId) {
        Registered::mutate(|list| list.insert(worker));
    }
}

pub struct Clusters;

impl ClusterLookup for Clusters {
    fn contract(contract: &ContractId) -> Option<(ClusterId, CodeHash)> {
        Served::get().get(contract).copied()
    }

    fn contract_judged(contract: &ContractId) -> Option<(ClusterId, CodeHash)> {
        Self::contract(contract).or_else(|| Removed::get().get(contract).copied())
    }

    fn is_active_member(worker: &WorkerId, cluster: ClusterId) -> bool {
        Self::active_members(cluster).contains(worker)
    }

    fn active_members(cluster: ClusterId) -> Vec<WorkerId> {
        let members = Members::get().remove(&cluster).unwrap_or_default();
        members.into_iter().filter(Registry::is_active).collect()
    }

    fn members_count(cluster: ClusterId) -> u32 {
        Members::get().get(&cluster).map_or(0, Vec::len) as u32
    }

    fn members_max() -> u32 {
        16
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn serve_for_benchmark(
        cluster: ClusterId,
        members: Vec<WorkerId>,
        contract: ContractId,
        code_hash: CodeHash,
    ) {
        Registered::mutate(|list| list.extend(members.iter().copied()));
        Members::mutate(|list| list.insert(cluster, members));
        Served::mutate(|list| list.insert(contract, (cluster, code_hash)));
    }
}

pub struct Lots;

impl Randomness<H256, u64> for Lots {
    fn random(subject: &[u8]) -> (H256, u64) {
        let seed = (Seed::get(), subject).encode();
        (H256(phat_primitives::blake2_256(&seed)), 0)
    }
}

pub struct Forfeited;

impl OnUnbalanced<CreditOf<Test>> for Forfeited {
    fn on_nonzero_unbalanced(credit: CreditOf<Test>) {
        Lost::mutate(|lost| *lost += credit.peek());
    }
}

pub struct Recorder;

impl OnProvenFault for Recorder {
    fn on_proven_fault(worker: &WorkerId, receipt: &ReceiptHash) {
        Told::mutate(|told| told.push((*worker, *receipt)));
    }

    fn is_liable(worker: &WorkerId) -> bool {
        Liable::get().contains(worker)
    }

    fn weight() -> Weight {
        Weight::from_parts(1, 0)
    }
}

impl crate::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Workers = Registry;
    type Clusters = Clusters;
    type Randomness = Lots;
    type Forfeited = Forfeited;
    type OnProvenFault = Recorder;
    type ChallengeDeposit = ChallengeDeposit;
    type UndecidedPart = UndecidedPart;
    type VotingPeriod = VotingPeriod;
    type PanelSize = PanelSize;
    type PanelSizeMin = PanelSizeMin;
    type MaxBatches = MaxBatches;
    type MaxChallenges = MaxChallenges;
    type MaxChallengesPerWorker = MaxChallengesPerWorker;
    type MaxFaultsPerWorker = MaxFaultsPerWorker;
    type MaxDecisions = MaxDecisions;
    type WeightInfo = ();
}

/// A chain with its accounts.
pub fn new_test_ext() -> sp_io::TestExternalities {
    let mut ext = sp_io::TestExternalities::new(
        RuntimeGenesisConfig {
            balances: pallet_balances::GenesisConfig {
                balances: vec![(ALICE, BALANCE), (BOB, BALANCE), (POOR, DEPOSIT / 2)],
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

/// Runs `test` on a chain with a cluster of the workers 1 to 6, all of them active, that serves
/// [`CONTRACT`], then checks the invariants.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        Registered::set((1..=6).map(worker).collect());
        Suspended::take();
        Liable::take();
        Members::set(BTreeMap::from([(CLUSTER, (1..=6).map(worker).collect())]));
        Served::set(BTreeMap::from([(CONTRACT, (CLUSTER, CODE))]));
        Removed::take();
        Seed::set(0);
        Lost::set(0);
        Told::take();
        test();
        Receipts::do_try_state().expect("the invariants hold after every test");
    });
}

pub fn signed(who: &AccountId32) -> RuntimeOrigin {
    RuntimeOrigin::signed(who.clone())
}

fn key(seed: u8) -> sr25519::Pair {
    sr25519::Pair::from_seed(&[seed; 32])
}

/// Worker number `seed`.
pub fn worker(seed: u8) -> WorkerId {
    WorkerId(key(seed).public().0)
}

/// The next batch of worker number `seed`, with its signature.
pub fn next_batch(seed: u8, root: u8) -> (ReceiptBatch, sr25519::Signature) {
    let head = Heads::<Test>::get(worker(seed)).unwrap_or_default();
    let batch = ReceiptBatch {
        genesis_hash: Receipts::genesis_hash(),
        worker: worker(seed),
        number: head.next,
        count: 10,
        root: [root; 32],
        previous: head.hash,
    };
    let signature = key(seed).sign(&batch.signing_payload());
    (batch, signature)
}

pub fn publish(
    batch: &ReceiptBatch,
    signature: sr25519::Signature,
) -> frame_support::dispatch::DispatchResult {
    let (number, count, root) = (batch.number, batch.count, batch.root);
    Receipts::publish_batch(signed(&BOB), batch.worker, number, count, root, signature)
}

/// Deregisters worker number `seed` as the registry does.
pub fn deregister(seed: u8) {
    let worker = worker(seed);
    Registered::mutate(|list| list.remove(&worker));
    Receipts::on_worker_deregistered(&worker);
}

/// A receipt of worker number `seed`; `request` tells it from others.
pub fn receipt(seed: u8, request: u8) -> ReceiptBody {
    ReceiptBody {
        genesis_hash: Receipts::genesis_hash(),
        worker: worker(seed),
        contract: CONTRACT,
        code_hash: CODE,
        engine_hash: [4; 32],
        request: RequestId([request; 32]),
        origin: Origin::Http,
        input_hash: [5; 32],
        result: RunResult::Succeeded,
        output_hash: [6; 32],
        transcript_root: [7; 32],
        fuel_used: 8,
        ended_at_ms: 9,
    }
}

/// Challenges `body` as signed by worker number `seed`.
pub fn challenge_signed(
    who: &AccountId32,
    body: &ReceiptBody,
    seed: u8,
    url: &str,
) -> frame_support::dispatch::DispatchResultWithPostInfo {
    let bytes: ReceiptBytes = body.encode().try_into().expect("a short receipt");
    let signature = key(seed).sign(&body.signing_payload());
    let url = url.as_bytes().to_vec().try_into().expect("a short URL");
    Receipts::challenge(signed(who), bytes, signature, url)
}

/// Has ALICE challenge a receipt of [`ACCUSED`].
pub fn challenge(request: u8) -> (ChallengeId, ReceiptHash) {
    let body = receipt(ACCUSED, request);
    let id = crate::NextChallengeId::<Test>::get();
    challenge_signed(&ALICE, &body, ACCUSED, URL).expect("it may be challenged");
    (id, body.hash())
}

/// The members of a challenge's panel, by their numbers.
pub fn panel(id: ChallengeId) -> Vec<u8> {
    let challenge = Challenges::<Test>::get(id).expect("it is open");
    let number = |id: WorkerId| (1..=6).find(|seed| worker(*seed) == id);
    let seats = challenge.panel.iter().map(|seat| seat.worker);
    seats.map(|id| number(id).expect("a member")).collect()
}

/// Has worker number `seed` vote.
pub fn vote(
    id: ChallengeId,
    seed: u8,
    verdict: Verdict,
) -> frame_support::dispatch::DispatchResultWithPostInfo {
    let receipt = Challenges::<Test>::get(id).map_or(ReceiptHash([0; 32]), |open| open.receipt);
    let signature = sign_vote(id, receipt, seed, verdict);
    Receipts::vote(signed(&BOB), id, worker(seed), verdict, signature)
}

pub fn sign_vote(
    challenge: ChallengeId,
    receipt: ReceiptHash,
    seed: u8,
    verdict: Verdict,
) -> sr25519::Signature {
    let vote = PanelVote {
        genesis_hash: Receipts::genesis_hash(),
        challenge,
        receipt,
        worker: worker(seed),
        verdict,
    };
    key(seed).sign(&vote.signing_payload())
}

/// That another output comes out.
pub fn differs(output: u8) -> Verdict {
    Verdict::Differs(ReplayedRun {
        result: RunResult::Succeeded,
        output_hash: [output; 32],
        fuel_used: 8,
    })
}

pub fn held(who: &AccountId32) -> u64 {
    Balances::balance_on_hold(&HoldReason::Challenge.into(), who)
}

/// What `who` has in all, on hold or not.
pub fn total(who: &AccountId32) -> u64 {
    Balances::total_balance(who)
}
