//! The benchmarks that the weights are measured with.

use alloc::{borrow::Cow, vec, vec::Vec};

use frame_benchmarking::v2::*;
use frame_support::{
    BoundedVec,
    traits::{EnsureOrigin, Get, QueryPreimage, StorePreimage, fungible::Mutate},
};
use frame_system::RawOrigin;
use pallet_registry::WorkerLookup;
use phat_primitives::{
    AccountBytes, ClusterId, CodeHash, ContractId, WorkerId,
    limits::{CODE_BYTES_MAX, MANIFEST_BYTES_MAX},
};
use sp_core::H256;
use sp_runtime::traits::Saturating;

use crate::*;

const SALT: [u8; 32] = [7; 32];

fn funded<T: Config>() -> T::AccountId
where
    T::Currency: Mutate<T::AccountId>,
{
    let account = account("owner", 0, 0);
    let largest = Pallet::<T>::contract_deposit(&vec![0; MANIFEST_BYTES_MAX as usize])
        .saturating_add(Pallet::<T>::code_deposit(CODE_BYTES_MAX));
    T::Currency::set_balance(&account, largest.saturating_mul(100u32.into()));
    account
}

fn manifest(len: u32) -> Manifest {
    vec![b'#'; len as usize]
        .try_into()
        .expect("within the bound; qed")
}

/// The longest code, as a preimage that is requested once.
fn noted<T: Config>() -> (CodeHash, u32) {
    let code = vec![1u8; CODE_BYTES_MAX as usize];
    let hash = T::Preimages::note(Cow::Borrowed(&code)).expect("it fits into a preimage; qed");
    (CodeHash(hash.0), CODE_BYTES_MAX)
}

/// The longest code, which nothing but its upload keeps on the chain.
fn uploaded<T: Config>(owner: &T::AccountId) -> CodeHash {
    let (code_hash, len) = noted::<T>();
    Pallet::<T>::upload_code(RawOrigin::Signed(owner.clone()).into(), code_hash, len)
        .expect("the code is noted; qed");
    T::Preimages::unrequest(&H256(code_hash.0));
    code_hash
}

fn cluster<T: Config>() -> ClusterId {
    let cluster = NextClusterId::<T>::get();
    Clusters::<T>::insert(cluster, ClusterInfo::default());
    NextClusterId::<T>::put(ClusterId(cluster.0 + 1));
    cluster
}

/// A contract with the longest manifest.
fn contract<T: Config>(owner: &T::AccountId) -> ContractId {
    let code_hash = uploaded::<T>(owner);
    let cluster = cluster::<T>();
    let origin = RawOrigin::Signed(owner.clone());
    let longest = manifest(MANIFEST_BYTES_MAX);
    Pallet::<T>::instantiate(origin.into(), cluster, code_hash, longest, SALT)
        .expect("all of it is there; qed");
    ContractId::derive(
        &AccountBytes(owner.clone().into()),
        cluster,
        &code_hash,
        &SALT,
    )
}

/// A cluster with one place left, and a registered worker to take it.
fn almost_full<T: Config>(operator: &T::AccountId) -> (ClusterId, WorkerId) {
    let cluster = cluster::<T>();
    let mut members = BoundedVec::default();
    for index in 1..T::MaxClusterWorkers::get() {
        let mut worker = WorkerId::default();
        worker.0[..4].copy_from_slice(&index.to_be_bytes());
        members.try_push(worker).expect("below the bound; qed");
    }
    ClusterMembers::<T>::insert(cluster, members);
    let worker = WorkerId::default();
    T::Workers::register_for_benchmark(operator, worker);
    (cluster, worker)
}

/// A contract with the longest manifest in a cluster of these workers, for other pallets.
pub(crate) fn serve<T: Config>(
    contract: ContractId,
    code_hash: CodeHash,
    mut members: Vec<WorkerId>,
) {
    members.sort();
    let cluster = cluster::<T>();
    for worker in &members {
        ClusterOf::<T>::insert(worker, cluster);
    }
    let members: Members<T> = members
        .try_into()
        .expect("a cluster has room for them; qed");
    ClusterMembers::<T>::insert(cluster, members);
    Contracts::<T>::insert(
        contract,
        ContractInfo {
            owner: account("owner", 0, 0),
            cluster,
            code_hash,
            manifest: manifest(MANIFEST_BYTES_MAX),
            deposit: BalanceOf::<T>::default(),
        },
    );
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn create_cluster() -> Result<(), BenchmarkError> {
        let admin =
            T::AdminOrigin::try_successful_origin().map_err(|_| BenchmarkError::Weightless)?;
        let next = NextClusterId::<T>::get();

        #[extrinsic_call]
        _(admin as T::RuntimeOrigin);

        assert!(Clusters::<T>::contains_key(next));
        Ok(())
    }

    #[benchmark]
    fn join_cluster() {
        let operator = funded::<T>();
        let (cluster, worker) = almost_full::<T>(&operator);

        #[extrinsic_call]
        _(RawOrigin::Signed(operator), worker, cluster);

        assert_eq!(ClusterOf::<T>::get(worker), Some(cluster));
    }

    #[benchmark]
    fn leave_cluster() {
        let operator = funded::<T>();
        let (cluster, worker) = almost_full::<T>(&operator);
        Pallet::<T>::do_join(worker, cluster).expect("there is a place left; qed");

        #[extrinsic_call]
        _(RawOrigin::Signed(operator), worker);

        assert_eq!(ClusterOf::<T>::get(worker), None);
    }

    #[benchmark]
    fn upload_code() {
        let owner = funded::<T>();
        let (code_hash, len) = noted::<T>();

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), code_hash, len);

        assert!(Codes::<T>::contains_key(code_hash));
    }

    #[benchmark]
    fn remove_code() {
        let owner = funded::<T>();
        let code_hash = uploaded::<T>(&owner);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), code_hash);

        assert!(!Codes::<T>::contains_key(code_hash));
        // The bytes went too: that is most of the work.
        assert_eq!(T::Preimages::len(&H256(code_hash.0)), None);
    }

    #[benchmark]
    fn instantiate(m: Linear<1, MANIFEST_BYTES_MAX>) {
        let owner = funded::<T>();
        let code_hash = uploaded::<T>(&owner);
        let cluster = cluster::<T>();

        #[extrinsic_call]
        _(
            RawOrigin::Signed(owner),
            cluster,
            code_hash,
            manifest(m),
            SALT,
        );

        assert_eq!(
            Clusters::<T>::get(cluster),
            Some(ClusterInfo { contracts: 1 })
        );
    }

    #[benchmark]
    fn set_manifest(m: Linear<1, MANIFEST_BYTES_MAX>) {
        let owner = funded::<T>();
        let id = contract::<T>(&owner);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id, manifest(m));

        assert_eq!(
            Contracts::<T>::get(id).map(|info| info.manifest.len() as u32),
            Some(m)
        );
    }

    #[benchmark]
    fn remove() {
        let owner = funded::<T>();
        let id = contract::<T>(&owner);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id);

        assert!(!Contracts::<T>::contains_key(id));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
