//! Which worker serves which cluster.

use alloc::vec::Vec;

use frame_support::{ensure, weights::Weight};
use pallet_registry::{OnWorkerDeregistered, WorkerLookup};
use phat_primitives::{ClusterId, WorkerId};

use crate::{ClusterMembers, ClusterOf, Config, Error, Event, Pallet, WeightInfo};

impl<T: Config> Pallet<T> {
    /// The members of `cluster` that are active now, in ascending order: those that serve it.
    pub fn active_members(cluster: ClusterId) -> Vec<WorkerId> {
        let members = ClusterMembers::<T>::get(cluster).into_iter();
        members.filter(T::Workers::is_active).collect()
    }

    pub(crate) fn do_join(worker: WorkerId, cluster: ClusterId) -> Result<(), Error<T>> {
        ensure!(
            !ClusterOf::<T>::contains_key(worker),
            Error::<T>::AlreadyInCluster
        );
        ClusterMembers::<T>::try_mutate(cluster, |members| {
            let Err(place) = members.binary_search(&worker) else {
                return Err(Error::<T>::AlreadyInCluster);
            };
            members
                .try_insert(place, worker)
                .map_err(|_| Error::<T>::ClusterFull)
        })?;
        ClusterOf::<T>::insert(worker, cluster);
        Ok(())
    }

    /// The cluster that `worker` served until now, if any.
    pub(crate) fn do_leave(worker: &WorkerId) -> Option<ClusterId> {
        let cluster = ClusterOf::<T>::take(worker)?;
        ClusterMembers::<T>::mutate(cluster, |members| {
            if let Ok(place) = members.binary_search(worker) {
                members.remove(place);
            }
        });
        Some(cluster)
    }
}

impl<T: Config> OnWorkerDeregistered for Pallet<T> {
    fn on_worker_deregistered(worker: &WorkerId) {
        if let Some(cluster) = Self::do_leave(worker) {
            Self::deposit_event(Event::WorkerLeft {
                worker: *worker,
                cluster,
            });
        }
    }

    fn weight() -> Weight {
        T::WeightInfo::leave_cluster()
    }
}
