//! What other pallets ask of clusters and contracts, and hear of them.

use alloc::vec::Vec;

use frame_support::{traits::Get, weights::Weight};
use pallet_registry::WorkerLookup;
use phat_primitives::{ClusterId, CodeHash, ContractId, WorkerId};

use crate::{ClusterMembers, ClusterOf, Config, Contracts, Pallet, RemovedContracts};

/// Answers which workers serve which contracts, for the pallets that list or judge what they do.
pub trait ClusterLookup {
    /// The cluster that serves `contract`, and the code that it runs, or `None` when there is no
    /// such contract.
    fn contract(contract: &ContractId) -> Option<(ClusterId, CodeHash)>;

    /// The same for a contract that is there or was removed lately: what receipts about it are
    /// judged by. Unless it is implemented, only of those that are there.
    fn contract_judged(contract: &ContractId) -> Option<(ClusterId, CodeHash)> {
        Self::contract(contract)
    }

    /// Whether `worker` serves `cluster` now: it is a member, and what is to vouch for it does.
    fn is_active_member(worker: &WorkerId, cluster: ClusterId) -> bool;

    /// The workers of `cluster` that are active now, in ascending order.
    fn active_members(cluster: ClusterId) -> Vec<WorkerId>;

    /// How many workers `cluster` has, active or not.
    fn members_count(cluster: ClusterId) -> u32;

    /// The most workers a cluster may have.
    fn members_max() -> u32;

    /// Makes `cluster` one of these workers, which are active, and `contract` one that runs this
    /// code and that the cluster serves, whatever that takes.
    #[cfg(feature = "runtime-benchmarks")]
    fn serve_for_benchmark(
        cluster: ClusterId,
        members: Vec<WorkerId>,
        contract: ContractId,
        code_hash: CodeHash,
    );
}

impl<T: Config> ClusterLookup for Pallet<T> {
    fn contract(contract: &ContractId) -> Option<(ClusterId, CodeHash)> {
        Contracts::<T>::get(contract).map(|info| (info.cluster, info.code_hash))
    }

    fn contract_judged(contract: &ContractId) -> Option<(ClusterId, CodeHash)> {
        let kept = || RemovedContracts::<T>::get(contract);
        <Self as ClusterLookup>::contract(contract)
            .or_else(|| kept().map(|removed| (removed.cluster, removed.code_hash)))
    }

    fn is_active_member(worker: &WorkerId, cluster: ClusterId) -> bool {
        ClusterOf::<T>::get(worker) == Some(cluster) && T::Workers::is_active(worker)
    }

    fn active_members(cluster: ClusterId) -> Vec<WorkerId> {
        Self::active_members(cluster)
    }

    fn members_count(cluster: ClusterId) -> u32 {
        let count = ClusterMembers::<T>::decode_len(cluster).unwrap_or(0);
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    fn members_max() -> u32 {
        T::MaxClusterWorkers::get()
    }

    #[cfg(feature = "runtime-benchmarks")]
    fn serve_for_benchmark(
        cluster: ClusterId,
        members: Vec<WorkerId>,
        contract: ContractId,
        code_hash: CodeHash,
    ) {
        crate::benchmarking::serve::<T>(cluster, members, contract, code_hash);
    }
}

/// Told when a contract is created, which may have been there before.
pub trait OnContractCreated {
    /// `contract` is there now.
    fn on_contract_created(contract: &ContractId);

    /// The most that [`Self::on_contract_created`] may weigh.
    fn weight() -> Weight;
}

impl OnContractCreated for () {
    fn on_contract_created(_contract: &ContractId) {}

    fn weight() -> Weight {
        Weight::zero()
    }
}

/// Told when a contract is removed, so that nothing goes on naming it.
pub trait OnContractRemoved {
    /// `contract` is there no more.
    fn on_contract_removed(contract: &ContractId);

    /// The most that [`Self::on_contract_removed`] may weigh.
    fn weight() -> Weight;
}

impl OnContractRemoved for () {
    fn on_contract_removed(_contract: &ContractId) {}

    fn weight() -> Weight {
        Weight::zero()
    }
}

/// Tells one after the other.
impl<A: OnContractRemoved, B: OnContractRemoved> OnContractRemoved for (A, B) {
    fn on_contract_removed(contract: &ContractId) {
        A::on_contract_removed(contract);
        B::on_contract_removed(contract);
    }

    fn weight() -> Weight {
        A::weight().saturating_add(B::weight())
    }
}
