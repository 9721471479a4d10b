//! What is always true of the pallet's storage.

use alloc::collections::BTreeMap;

use frame_support::ensure;
use pallet_phat_contracts::ClusterLookup;
use phat_primitives::{ClusterId, limits::CLUSTER_KEY_GENERATIONS_MAX};
use sp_runtime::{TryRuntimeError, traits::Saturating};

use crate::{
    Attestors, Config, CurrentGeneration, Keys, Pallet, RotationRequested, check::is_compressed,
};

impl<T: Config> Pallet<T> {
    /// Checks the invariants:
    ///
    /// 1. The generations of each cluster that have a key are those from 0 to the current one,
    ///    fewer than allowed. A cluster without a current generation has no key.
    /// 2. A rotation is requested only of clusters that have a key, and may have another.
    /// 3. Each attestor is a compressed key of a contract that exists, and no newer generation
    ///    than its cluster's current one vouches for it.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_keys()?;
        Self::check_rotations()?;
        Self::check_attestors()
    }

    fn check_keys() -> Result<(), TryRuntimeError> {
        let mut counts = BTreeMap::<ClusterId, u32>::new();
        for (cluster, generation, _) in Keys::<T>::iter() {
            let current = CurrentGeneration::<T>::get(cluster);
            ensure!(
                current.is_some_and(|current| generation <= current),
                "there is a key of a generation that is not there yet"
            );
            counts.entry(cluster).or_default().saturating_inc();
        }
        for (cluster, current) in CurrentGeneration::<T>::iter() {
            ensure!(
                current < CLUSTER_KEY_GENERATIONS_MAX,
                "a cluster has more keys than allowed"
            );
            ensure!(
                counts.get(&cluster) == Some(&current.saturating_add(1)),
                "a cluster lacks the key of a generation"
            );
        }
        Ok(())
    }

    fn check_rotations() -> Result<(), TryRuntimeError> {
        for cluster in RotationRequested::<T>::iter_keys() {
            let next =
                CurrentGeneration::<T>::get(cluster).map(|current| current.saturating_add(1));
            ensure!(
                next.is_some_and(|next| next < CLUSTER_KEY_GENERATIONS_MAX),
                "a rotation is requested where there cannot be one"
            );
        }
        Ok(())
    }

    fn check_attestors() -> Result<(), TryRuntimeError> {
        for (contract, info) in Attestors::<T>::iter() {
            let current = T::Clusters::contract(&contract)
                .and_then(|(cluster, _)| CurrentGeneration::<T>::get(cluster));
            ensure!(
                current.is_some_and(|current| info.generation <= current),
                "nothing vouches for an attestor, or it is of no contract"
            );
            ensure!(
                is_compressed(&info.public_key),
                "an attestor is not a compressed key"
            );
        }
        Ok(())
    }
}
