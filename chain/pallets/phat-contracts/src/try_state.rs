//! What is always true of the pallet's storage.

use alloc::collections::BTreeMap;

use frame_support::{
    ensure,
    traits::{Get, QueryPreimage, fungible::InspectHold},
};
use pallet_registry::WorkerLookup;
use phat_primitives::{
    ClusterId, CodeHash, ContractId, ManifestHash, limits::SECRETS_MAX, secret::is_secret_name,
};
use sp_core::H256;
use sp_runtime::{
    TryRuntimeError,
    traits::{Saturating, Zero},
};

use crate::{
    BalanceOf, ClusterContracts, ClusterMembers, ClusterOf, ClusterSecrets, Clusters, Codes,
    Config, Contracts, HoldReason, NextClusterId, Pallet, RemovedContracts, RemovedEnds,
    RemovedOrder, Secrets,
};

impl<T: Config> Pallet<T> {
    /// Checks the invariants:
    ///
    /// 1. The clusters are those from 0 to the next id, at most `MaxClusters`.
    /// 2. A worker is a member of exactly the cluster that it serves; members are in ascending
    ///    order, each once, and each registered.
    /// 3. Each contract is in one existing cluster's list with the hash of its manifest, no list
    ///    names anything else, and each cluster counts its contracts right, at most
    ///    `MaxClusterContracts`.
    /// 4. Each contract runs uploaded code, and each code counts its contracts right, with those of
    ///    which something is kept. These are at most `MaxRemoved`, each in its place of their order,
    ///    which has no others, and none is a contract that is there.
    /// 5. Each code's bytes are on the chain with the length stated, and requested. There are at
    ///    most `MaxCodes`.
    /// 6. Each secret has a name as names are and is of a contract, and each contract that has any
    ///    is in its cluster's list of those, with their right count, at most `SECRETS_MAX`, and the
    ///    sum of their deposits. No list names anything else.
    /// 7. What is held of each account's balance is the sum of its deposits, and nothing where it
    ///    owns nothing.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_clusters()?;
        Self::check_members()?;
        Self::check_contracts()?;
        Self::check_removed()?;
        Self::check_codes()?;
        Self::check_secrets()?;
        Self::check_deposits()
    }

    fn check_clusters() -> Result<(), TryRuntimeError> {
        let next = NextClusterId::<T>::get();
        ensure!(
            next.0 <= T::MaxClusters::get(),
            "there are more clusters than allowed"
        );
        let count = Clusters::<T>::iter_keys().count();
        ensure!(
            count == next.0 as usize,
            "the ids of the clusters have gaps"
        );
        ensure!(
            Clusters::<T>::iter_keys().all(|cluster| cluster < next),
            "a cluster's id is not given out yet"
        );
        Ok(())
    }

    fn check_members() -> Result<(), TryRuntimeError> {
        let mut members_count = 0;
        for (cluster, members) in ClusterMembers::<T>::iter() {
            ensure!(
                Clusters::<T>::contains_key(cluster),
                "there are members of no cluster"
            );
            ensure!(
                members.windows(2).all(|pair| pair[0] < pair[1]),
                "the members of a cluster are not in ascending order"
            );
            for worker in &members {
                ensure!(
                    ClusterOf::<T>::get(worker) == Some(cluster),
                    "a member of a cluster serves another"
                );
                ensure!(
                    T::Workers::operator_of(worker).is_some(),
                    "a member is not registered"
                );
            }
            members_count += members.len();
        }
        ensure!(
            ClusterOf::<T>::iter_keys().count() == members_count,
            "a worker serves a cluster that does not list it"
        );
        Ok(())
    }

    fn check_contracts() -> Result<(), TryRuntimeError> {
        let mut of_cluster = BTreeMap::<ClusterId, u32>::new();
        let mut of_code = BTreeMap::<CodeHash, u32>::new();
        for (id, contract) in Contracts::<T>::iter() {
            ensure!(
                ClusterContracts::<T>::get(contract.cluster, id)
                    == Some(ManifestHash::of(&contract.manifest)),
                "a contract is not in its cluster's list, or with another manifest"
            );
            ensure!(
                Clusters::<T>::contains_key(contract.cluster),
                "a contract is in no cluster"
            );
            ensure!(
                Codes::<T>::contains_key(contract.code_hash),
                "a contract has no code"
            );
            of_cluster
                .entry(contract.cluster)
                .or_default()
                .saturating_inc();
            of_code
                .entry(contract.code_hash)
                .or_default()
                .saturating_inc();
        }
        for removed in RemovedContracts::<T>::iter_values() {
            of_code
                .entry(removed.code_hash)
                .or_default()
                .saturating_inc();
        }
        ensure!(
            ClusterContracts::<T>::iter_keys().count() == Contracts::<T>::iter_keys().count(),
            "a cluster lists what is not a contract of its own"
        );
        for (cluster, info) in Clusters::<T>::iter() {
            let counted = of_cluster.get(&cluster).copied().unwrap_or(0);
            ensure!(
                info.contracts == counted,
                "a cluster counts its contracts wrong"
            );
            ensure!(
                counted <= T::MaxClusterContracts::get(),
                "a cluster serves more contracts than allowed"
            );
        }
        for (hash, info) in Codes::<T>::iter() {
            let counted = of_code.get(&hash).copied().unwrap_or(0);
            ensure!(
                info.contracts == counted,
                "a code counts its contracts wrong"
            );
        }
        Ok(())
    }

    fn check_removed() -> Result<(), TryRuntimeError> {
        let count = RemovedContracts::<T>::count();
        ensure!(
            count <= T::MaxRemoved::get(),
            "more removed contracts are kept than allowed"
        );
        ensure!(
            count as usize == RemovedContracts::<T>::iter_keys().count()
                && count as usize == RemovedOrder::<T>::iter_keys().count(),
            "the removed contracts are counted wrong"
        );
        let ends = RemovedEnds::<T>::get();
        for (id, removed) in RemovedContracts::<T>::iter() {
            ensure!(
                RemovedOrder::<T>::get(removed.number) == Some(id)
                    && (ends.first..ends.next).contains(&removed.number),
                "a removed contract is out of order"
            );
            ensure!(
                !Contracts::<T>::contains_key(id),
                "a removed contract is there"
            );
            ensure!(
                Codes::<T>::contains_key(removed.code_hash),
                "the code of a removed contract is gone"
            );
        }
        Ok(())
    }

    fn check_codes() -> Result<(), TryRuntimeError> {
        ensure!(
            Codes::<T>::count() <= T::MaxCodes::get(),
            "there are more codes than allowed"
        );
        ensure!(
            Codes::<T>::count() as usize == Codes::<T>::iter_keys().count(),
            "the counter of codes is wrong"
        );
        for (hash, info) in Codes::<T>::iter() {
            let preimage = H256(hash.0);
            let bytes = T::Preimages::fetch(&preimage, T::Preimages::len(&preimage));
            ensure!(
                bytes.is_ok_and(|bytes| bytes.len() == info.len as usize),
                "the bytes of a code are missing, or have another length"
            );
            ensure!(
                T::Preimages::is_requested(&preimage),
                "the bytes of a code may go away"
            );
        }
        Ok(())
    }

    fn check_secrets() -> Result<(), TryRuntimeError> {
        let mut of_contract = BTreeMap::<ContractId, (u32, BalanceOf<T>)>::new();
        for (id, name, secret) in Secrets::<T>::iter() {
            ensure!(
                is_secret_name(&name),
                "a secret has a name that none can have"
            );
            let (count, deposit) = of_contract.entry(id).or_default();
            count.saturating_inc();
            *deposit = deposit.saturating_add(secret.deposit);
        }
        for (cluster, id, info) in ClusterSecrets::<T>::iter() {
            let contract = Contracts::<T>::get(id);
            ensure!(
                contract.is_some_and(|contract| contract.cluster == cluster),
                "secrets are listed of what is no contract of the cluster"
            );
            ensure!(
                of_contract.remove(&id) == Some((info.count, info.deposit)),
                "a contract's secrets are counted wrong"
            );
            ensure!(
                info.count <= SECRETS_MAX,
                "a contract has more secrets than allowed"
            );
            ensure!(
                info.changed_at <= frame_system::Pallet::<T>::block_number(),
                "secrets will have changed in the future"
            );
        }
        ensure!(of_contract.is_empty(), "there are secrets on no list");
        Ok(())
    }

    fn check_deposits() -> Result<(), TryRuntimeError> {
        let codes = Codes::<T>::iter_values().map(|code| (code.owner, code.deposit));
        Self::check_holds(HoldReason::Code, codes)?;
        let contracts = Contracts::<T>::iter_values().map(|info| (info.owner, info.deposit));
        let removed = RemovedContracts::<T>::iter_values();
        let removed = removed.map(|removed| (removed.owner, removed.deposit));
        Self::check_holds(HoldReason::Contract, contracts.chain(removed))?;
        let secrets = ClusterSecrets::<T>::iter().filter_map(|(_, id, info)| {
            let contract = Contracts::<T>::get(id)?;
            Some((contract.owner, info.deposit))
        });
        Self::check_holds(HoldReason::Secret, secrets)
    }

    fn check_holds(
        reason: HoldReason,
        deposits: impl Iterator<Item = (T::AccountId, BalanceOf<T>)>,
    ) -> Result<(), TryRuntimeError> {
        let mut sums = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
        for (owner, deposit) in deposits {
            let sum = sums.entry(owner).or_default();
            *sum = sum.saturating_add(deposit);
        }
        let reason = reason.into();
        let held = |account: &T::AccountId| T::Currency::balance_on_hold(&reason, account);
        for (owner, sum) in &sums {
            ensure!(
                held(owner) == *sum,
                "an owner's hold is not the sum of its deposits"
            );
        }
        for account in frame_system::Account::<T>::iter_keys() {
            ensure!(
                sums.contains_key(&account) || held(&account).is_zero(),
                "a deposit was not returned"
            );
        }
        Ok(())
    }
}
