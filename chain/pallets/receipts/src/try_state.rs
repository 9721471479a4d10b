//! What is always true of the pallet's storage.

use alloc::collections::BTreeMap;

use frame_support::{
    ensure,
    traits::{Get, fungible::InspectHold},
};
use phat_primitives::WorkerId;
use sp_runtime::{
    TryRuntimeError,
    traits::{Saturating, Zero},
};

use crate::{
    BalanceOf, Batches, ChallengeOfReceipt, Challenges, Config, DecisionCount, Decisions,
    FaultCount, Faults, Heads, HoldReason, Leftovers, NextChallengeId, OpenOfWorker, Pallet,
    challenges::settled,
};

impl<T: Config> Pallet<T> {
    /// Checks the invariants:
    ///
    /// 1. Of each worker, the batches from `first` to `next` of its head are stored, at most
    ///    `MaxBatches`; or those of its leftovers, if it has any; and no others.
    /// 2. There are at most `MaxChallenges` open challenges, at most `MaxChallengesPerWorker` of
    ///    each worker, counted right, and one at most of each receipt; their ids are given out.
    /// 3. No open challenge is decided by the votes that it has. Its panel has from
    ///    `PanelSizeMin` members on, each once, without the accused.
    /// 4. The faults of each worker are counted right, and at most `MaxFaultsPerWorker`.
    /// 5. At most `MaxDecisions` decisions are stored, and as many as there were if these are
    ///    fewer.
    /// 6. What is held of each account's balance is the sum of the deposits of its challenges.
    pub fn do_try_state() -> Result<(), TryRuntimeError> {
        Self::check_batches()?;
        Self::check_challenges()?;
        Self::check_faults()?;
        Self::check_decisions()?;
        Self::check_deposits()
    }

    fn check_batches() -> Result<(), TryRuntimeError> {
        let mut expected = 0_usize;
        let heads = Heads::<T>::iter().map(|(worker, head)| (worker, head.first, head.next));
        let leftovers =
            Leftovers::<T>::iter().map(|(worker, left)| (worker, left.first, left.next));
        for (worker, first, next) in heads.chain(leftovers) {
            ensure!(first < next, "a worker has published nothing");
            ensure!(
                next.saturating_sub(first) <= T::MaxBatches::get(),
                "more batches of a worker are stored than allowed"
            );
            ensure!(
                (first..next).all(|number| Batches::<T>::contains_key(worker, number)),
                "a batch is missing"
            );
            expected += next.saturating_sub(first) as usize;
        }
        ensure!(
            Leftovers::<T>::iter_keys().all(|worker| !Heads::<T>::contains_key(worker)),
            "a worker publishes while its leftovers are there"
        );
        ensure!(
            Batches::<T>::iter_keys().count() == expected,
            "there are batches that belong to no worker"
        );
        Ok(())
    }

    fn check_challenges() -> Result<(), TryRuntimeError> {
        ensure!(
            Challenges::<T>::count() as usize == Challenges::<T>::iter_keys().count(),
            "the counter of challenges is wrong"
        );
        ensure!(
            Challenges::<T>::count() <= T::MaxChallenges::get(),
            "there are more challenges than allowed"
        );
        let mut of_worker = BTreeMap::<WorkerId, u32>::new();
        for (id, challenge) in Challenges::<T>::iter() {
            ensure!(
                id < NextChallengeId::<T>::get(),
                "a challenge's id is not given out yet"
            );
            ensure!(
                ChallengeOfReceipt::<T>::get(challenge.receipt) == Some(id),
                "the challenge of a receipt is another"
            );
            ensure!(
                !Faults::<T>::contains_key(challenge.accused, challenge.receipt),
                "a proven fault is still challenged"
            );
            let panel = &challenge.panel;
            ensure!(
                panel.len() >= T::PanelSizeMin::get() as usize,
                "a panel is too small"
            );
            ensure!(
                panel.iter().enumerate().all(|(index, seat)| {
                    seat.worker != challenge.accused
                        && panel[..index]
                            .iter()
                            .all(|other| other.worker != seat.worker)
                }),
                "a panel has a member twice, or the accused"
            );
            ensure!(settled(panel).is_none(), "a decided challenge is open");
            of_worker
                .entry(challenge.accused)
                .or_default()
                .saturating_inc();
        }
        ensure!(
            ChallengeOfReceipt::<T>::iter_keys().count() == Challenges::<T>::count() as usize,
            "a receipt has a challenge that is not open"
        );
        ensure!(
            of_worker == OpenOfWorker::<T>::iter().collect::<BTreeMap<_, _>>(),
            "the open challenges of a worker are counted wrong"
        );
        ensure!(
            of_worker
                .values()
                .all(|open| *open <= T::MaxChallengesPerWorker::get()),
            "there are more challenges of a worker than allowed"
        );
        Ok(())
    }

    fn check_faults() -> Result<(), TryRuntimeError> {
        let mut of_worker = BTreeMap::<WorkerId, u32>::new();
        for (worker, _) in Faults::<T>::iter_keys() {
            of_worker.entry(worker).or_default().saturating_inc();
        }
        ensure!(
            of_worker == FaultCount::<T>::iter().collect::<BTreeMap<_, _>>(),
            "the faults of a worker are counted wrong"
        );
        ensure!(
            of_worker
                .values()
                .all(|count| *count <= T::MaxFaultsPerWorker::get()),
            "there are more faults of a worker than are recorded"
        );
        Ok(())
    }

    fn check_decisions() -> Result<(), TryRuntimeError> {
        let count = DecisionCount::<T>::get();
        ensure!(
            Decisions::<T>::iter_keys().all(|place| place < T::MaxDecisions::get()),
            "a decision has a place that there is not"
        );
        ensure!(
            Decisions::<T>::iter_keys().count() >= count.min(T::MaxDecisions::get()) as usize,
            "a decision is missing"
        );
        Ok(())
    }

    fn check_deposits() -> Result<(), TryRuntimeError> {
        let mut sums = BTreeMap::<T::AccountId, BalanceOf<T>>::new();
        for challenge in Challenges::<T>::iter_values() {
            let sum = sums.entry(challenge.challenger).or_default();
            *sum = sum.saturating_add(challenge.deposit);
        }
        let reason = HoldReason::Challenge.into();
        let held = |account: &T::AccountId| T::Currency::balance_on_hold(&reason, account);
        for (challenger, sum) in &sums {
            ensure!(
                held(challenger) == *sum,
                "a challenger's hold is not the sum of its deposits"
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
