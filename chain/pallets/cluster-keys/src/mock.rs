//! A runtime of the pallet alone, for its tests.

use std::collections::{BTreeMap, BTreeSet};

use frame_support::{derive_impl, parameter_types};
use frame_system::EnsureRoot;
use pallet_phat_contracts::ClusterLookup;
use phat_primitives::{
    ClusterId, ClusterKey, CodeHash, ContractId, EncryptionKey, WorkerId,
    cluster_key::{AttestorStatement, ClusterKeyAnnouncement},
};
use sp_core::{Pair, sr25519};
use sp_runtime::{AccountId32, BuildStorage, traits::IdentityLookup};

pub const ALICE: AccountId32 = AccountId32::new([1; 32]);
pub const CLUSTER: ClusterId = ClusterId(0);
pub const OTHER_CLUSTER: ClusterId = ClusterId(1);
pub const CONTRACT: ContractId = ContractId([7; 32]);
/// A key in the form of an attestor.
pub const ATTESTOR: [u8; 33] = [2; 33];

type Block = frame_system::mocking::MockBlock<Test>;

frame_support::construct_runtime!(
    pub enum Test {
        System: frame_system,
        ClusterKeys: crate,
    }
);

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type Block = Block;
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
}

parameter_types! {
    /// The active members of clusters.
    pub static Members: BTreeSet<(WorkerId, ClusterId)> = BTreeSet::new();
    /// The contracts.
    pub static Contracts: BTreeMap<ContractId, ClusterId> = BTreeMap::new();
}

/// Clusters with [`Members`] and [`Contracts`].
pub struct Clusters;

impl ClusterLookup for Clusters {
    fn contract(contract: &ContractId) -> Option<(ClusterId, CodeHash)> {
        let cluster = Contracts::get().get(contract).copied();
        cluster.map(|cluster| (cluster, CodeHash::default()))
    }

    fn is_active_member(worker: &WorkerId, cluster: ClusterId) -> bool {
        Members::get().contains(&(*worker, cluster))
    }

    fn active_members(cluster: ClusterId) -> Vec<WorkerId> {
        let members = Members::get().into_iter();
        members
            .filter(|(_, of)| *of == cluster)
            .map(|(worker, _)| worker)
            .collect()
    }

    fn members_count(cluster: ClusterId) -> u32 {
        Self::active_members(cluster).len() as u32
    }

    fn members_max() -> u32 {
        16
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn serve_for_benchmark(
        cluster: ClusterId,
        members: Vec<WorkerId>,
        contract: ContractId,
        _code_hash: CodeHash,
    ) {
        Members::mutate(|list| list.extend(members.into_iter().map(|worker| (worker, cluster))));
        Contracts::mutate(|list| list.insert(contract, cluster));
    }
}

impl crate::Config for Test {
    type Clusters = Clusters;
    type AdminOrigin = EnsureRoot<AccountId32>;
    type WeightInfo = ();
}

/// A chain with nothing in it.
pub fn new_test_ext() -> sp_io::TestExternalities {
    let mut ext = sp_io::TestExternalities::new(
        RuntimeGenesisConfig::default()
            .build_storage()
            .expect("the genesis is valid"),
    );
    ext.register_extension(sp_keystore::KeystoreExt::new(
        sp_keystore::testing::MemoryKeystore::new(),
    ));
    ext.execute_with(|| System::set_block_number(1));
    ext
}

/// Runs `test` on a chain where workers 1 and 2 serve [`CLUSTER`], which serves [`CONTRACT`], and
/// then checks the invariants.
pub fn run(test: impl FnOnce()) {
    new_test_ext().execute_with(|| {
        populate();
        test();
        ClusterKeys::do_try_state().expect("the invariants hold after every test");
    });
}

/// Has workers 1 and 2 serve [`CLUSTER`], which serves [`CONTRACT`].
pub fn populate() {
    let members = [1, 2].map(|seed| (worker(seed), CLUSTER));
    Members::set(members.into());
    Contracts::set([(CONTRACT, CLUSTER)].into());
}

pub fn signed() -> RuntimeOrigin {
    RuntimeOrigin::signed(ALICE)
}

/// A pair that everyone can make.
pub fn pair(seed: u8) -> sr25519::Pair {
    sr25519::Pair::from_seed(&[seed; 32])
}

/// The worker with the identity key of this seed.
pub fn worker(seed: u8) -> WorkerId {
    WorkerId(pair(seed).public().0)
}

/// A cluster's key whose signing key has this seed.
pub fn key(seed: u8) -> ClusterKey {
    ClusterKey {
        encryption_key: EncryptionKey([seed; 32]),
        signing_key: pair(seed).public().0,
    }
}

/// What worker `seed` announces for [`CLUSTER`].
pub fn announcement(seed: u8, generation: u32) -> ClusterKeyAnnouncement {
    ClusterKeyAnnouncement {
        genesis_hash: ClusterKeys::genesis_hash(),
        cluster: CLUSTER,
        generation,
        key: key(100 + seed),
        worker: worker(seed),
    }
}

/// Publishes the key that is announced, with the signature of the worker with this seed.
pub fn publish_as(
    signer: u8,
    signed_over: &ClusterKeyAnnouncement,
    sent: &ClusterKeyAnnouncement,
) -> frame_support::dispatch::DispatchResult {
    let signature = pair(signer).sign(&signed_over.signing_payload());
    ClusterKeys::publish_key(
        signed(),
        sent.cluster,
        sent.generation,
        sent.key,
        sent.worker,
        signature,
    )
}

/// Worker `seed` publishes a key of its own making for [`CLUSTER`].
pub fn publish(seed: u8, generation: u32) -> frame_support::dispatch::DispatchResult {
    let announcement = announcement(seed, generation);
    publish_as(seed, &announcement, &announcement)
}

/// What the cluster says of [`CONTRACT`].
pub fn statement(generation: u32) -> AttestorStatement {
    AttestorStatement {
        genesis_hash: ClusterKeys::genesis_hash(),
        contract: CONTRACT,
        generation,
        public_key: ATTESTOR,
    }
}

/// Publishes an attestor, with the signature of the signing key with this seed.
pub fn state_as(
    signer: u8,
    signed_over: &AttestorStatement,
    sent: &AttestorStatement,
) -> frame_support::dispatch::DispatchResult {
    let signature = pair(signer).sign(&signed_over.signing_payload());
    ClusterKeys::publish_attestor(
        signed(),
        sent.contract,
        sent.generation,
        sent.public_key,
        signature,
    )
}
