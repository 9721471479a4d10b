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
    AccountBytes, ClusterId, CodeHash, ContractId, ManifestHash, WorkerId,
    limits::{
        CODE_BYTES_MAX, MANIFEST_BYTES_MAX, SECRET_NAME_BYTES_MAX, SECRET_SEAL_BYTES,
        SECRET_SEALED_BYTES_MAX, SECRETS_MAX,
    },
};
use sp_core::H256;
use sp_runtime::traits::{Saturating, Zero};

use crate::*;

const SALT: [u8; 32] = [7; 32];

fn funded<T: Config>() -> T::AccountId
where
    T::Currency: Mutate<T::AccountId>,
{
    let account = account("owner", 0, 0);
    let secret = Pallet::<T>::secret_deposit(&secret_name(0), &sealed(SECRET_SEALED_BYTES_MAX));
    let largest = Pallet::<T>::contract_deposit(&vec![0; MANIFEST_BYTES_MAX as usize])
        .saturating_add(Pallet::<T>::code_deposit(CODE_BYTES_MAX))
        .saturating_add(secret.saturating_mul(SECRETS_MAX.into()));
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

/// Secret number `index`'s name, which is as long as names are.
fn secret_name(index: u32) -> SecretName {
    let mut name = vec![b'a'; SECRET_NAME_BYTES_MAX as usize];
    for (bit, byte) in name.iter_mut().take(u32::BITS as usize).enumerate() {
        if index & (1 << bit) != 0 {
            *byte = b'b';
        }
    }
    name.try_into().expect("as long as the bound; qed")
}

fn sealed(len: u32) -> SealedSecret {
    vec![7u8; len as usize]
        .try_into()
        .expect("within the bound; qed")
}

/// Gives `contract` so many of the longest secrets.
fn set_secrets<T: Config>(owner: &T::AccountId, contract: ContractId, count: u32) {
    for index in 0..count {
        let origin = RawOrigin::Signed(owner.clone());
        let longest = sealed(SECRET_SEALED_BYTES_MAX);
        Pallet::<T>::set_secret(origin.into(), contract, secret_name(index), 0, longest)
            .expect("there is room for it; qed");
    }
}

/// Contracts of one code that were removed so long ago that nothing needs to be kept of them.
fn removed<T: Config>(owner: &T::AccountId, count: u32) {
    let code_hash = uploaded::<T>(owner);
    let cluster = cluster::<T>();
    for index in 0..count {
        let mut salt = SALT;
        salt[..4].copy_from_slice(&index.to_be_bytes());
        let origin = RawOrigin::Signed(owner.clone());
        Pallet::<T>::instantiate(origin.clone().into(), cluster, code_hash, manifest(1), salt)
            .expect("all of it is there; qed");
        let account = AccountBytes(owner.clone().into());
        let id = ContractId::derive(&account, cluster, &code_hash, &salt);
        Pallet::<T>::remove(origin.into(), id).expect("it is there; qed");
    }
    let now = frame_system::Pallet::<T>::block_number();
    let over = now.saturating_add(T::RemovedKept::get());
    frame_system::Pallet::<T>::set_block_number(over);
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

/// Makes these workers active ones of `cluster`, which serves `contract`, without what deposits and
/// invariants ask for.
pub(crate) fn serve<T: Config>(
    cluster: ClusterId,
    mut members: Vec<WorkerId>,
    contract: ContractId,
    code_hash: CodeHash,
) {
    let operator: T::AccountId = account("operator", 0, 0);
    members.sort();
    for worker in &members {
        T::Workers::register_for_benchmark(&operator, *worker);
        ClusterOf::<T>::insert(worker, cluster);
    }
    let members: Members<T> = members
        .try_into()
        .expect("a cluster has room for them; qed");
    ClusterMembers::<T>::insert(cluster, members);
    Clusters::<T>::insert(cluster, ClusterInfo { contracts: 1 });
    let manifest = manifest(MANIFEST_BYTES_MAX);
    ClusterContracts::<T>::insert(cluster, contract, ManifestHash::of(&manifest));
    Contracts::<T>::insert(
        contract,
        ContractInfo {
            owner: operator,
            cluster,
            code_hash,
            manifest,
            deposit: BalanceOf::<T>::zero(),
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

    // One that was removed lately, so that what was kept of it is let go.
    #[benchmark]
    fn instantiate(m: Linear<1, MANIFEST_BYTES_MAX>) {
        let owner = funded::<T>();
        let id = contract::<T>(&owner);
        let info = Contracts::<T>::get(id).expect("it was created; qed");
        let (cluster, code_hash) = (info.cluster, info.code_hash);
        let origin = RawOrigin::Signed(owner.clone());
        Pallet::<T>::remove(origin.into(), id).expect("it is there; qed");

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
    fn remove(s: Linear<0, SECRETS_MAX>) {
        let owner = funded::<T>();
        let id = contract::<T>(&owner);
        set_secrets::<T>(&owner, id, s);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id);

        assert!(!Contracts::<T>::contains_key(id));
        assert_eq!(Secrets::<T>::iter_prefix(id).count(), 0);
    }

    #[benchmark]
    fn clear_removed(n: Linear<0, CLEARED_PER_BLOCK_MAX>) {
        let owner = funded::<T>();
        removed::<T>(&owner, CLEARED_PER_BLOCK_MAX);

        #[block]
        {
            Pallet::<T>::clear_removed(n);
        }

        assert_eq!(RemovedContracts::<T>::count(), CLEARED_PER_BLOCK_MAX - n);
    }

    // Replaced, so that the old one is read, and its deposit changes.
    #[benchmark]
    fn set_secret(b: Linear<SECRET_SEAL_BYTES, SECRET_SEALED_BYTES_MAX>) {
        let owner = funded::<T>();
        let id = contract::<T>(&owner);
        set_secrets::<T>(&owner, id, SECRETS_MAX);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id, secret_name(0), 1, sealed(b));

        assert_eq!(
            Secrets::<T>::get(id, secret_name(0)).map(|secret| secret.sealed.len() as u32),
            Some(b)
        );
    }

    #[benchmark]
    fn remove_secret() {
        let owner = funded::<T>();
        let id = contract::<T>(&owner);
        set_secrets::<T>(&owner, id, SECRETS_MAX);

        #[extrinsic_call]
        _(RawOrigin::Signed(owner), id, secret_name(0));

        assert!(!Secrets::<T>::contains_key(id, secret_name(0)));
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::new_test_ext(), crate::mock::Test);
}
