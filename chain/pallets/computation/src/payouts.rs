//! Payouts: what a heartbeat may be paid, and paying it.

use frame_support::traits::{
    Get,
    fungible::{Inspect, Mutate},
    tokens::{Fortitude, Preservation},
};
use phat_primitives::WorkerId;
use phat_tokenomics::{Fixed, Parameters, Payout, UNITS_PER_PHA, WorkerState, budget_per_block};

use crate::{BudgetStart, Config, CurrentSettings, EconomyParameters, Event, OnPayout, Pallet};

impl<T: Config> Pallet<T> {
    /// The budget of one block, in PHA, as the schedule gives it at `now`.
    pub fn budget_at(now: u32) -> Fixed {
        let first = EconomyParameters::<T>::get().budget_per_block;
        let since_start = now.saturating_sub(BudgetStart::<T>::get());
        let period = CurrentSettings::<T>::get().budget_period_blocks;
        budget_per_block(first, since_start.into(), period.into())
    }

    /// What may be paid out of the mining pool, in units of 10⁻¹² PHA.
    pub fn subsidy_left() -> u128 {
        T::Currency::reducible_balance(
            &Self::subsidy_account(),
            Preservation::Preserve,
            Fortitude::Polite,
        )
    }

    /// The parameters with the budget that a payout for the blocks since `worker`'s last is made
    /// of: the schedule's, or what is left in the mining pool if that is less. So V never falls by
    /// what is not paid.
    pub(crate) fn parameters_for(worker: &WorkerState, now: u32) -> Parameters {
        let mut parameters = Self::parameters_of(worker);
        parameters.budget_per_block = Self::budget_at(now);
        let blocks = now.saturating_sub(worker.paid_at);
        let units = u128::from(blocks).saturating_mul(UNITS_PER_PHA);
        // None for no blocks, which nothing is paid for.
        if let Some(affordable) = Fixed::from_ratio(Self::subsidy_left(), units) {
            parameters.budget_per_block = parameters.budget_per_block.min(affordable);
        }
        parameters
    }

    /// Transfers a payout. What an account cannot take stays in the mining pool.
    pub(crate) fn pay(worker: WorkerId, beneficiary: &T::AccountId, payout: Payout) {
        let amount = Self::transfer(beneficiary, payout.worker.to_pha_floor());
        let treasury = payout.treasury.to_pha_floor();
        let treasury = Self::transfer(&T::TreasuryAccount::get(), treasury);
        if amount > 0 {
            T::OnPayout::on_payout(worker, beneficiary, amount);
        }
        if amount > 0 || treasury > 0 {
            Self::deposit_event(Event::PaidOut {
                worker,
                beneficiary: beneficiary.clone(),
                amount,
                treasury,
            });
        }
    }

    /// Pays out of the mining pool. Gives how much arrived.
    fn transfer(to: &T::AccountId, amount: u128) -> u128 {
        if amount == 0 {
            return 0;
        }
        let from = Self::subsidy_account();
        T::Currency::transfer(&from, to, amount, Preservation::Preserve).unwrap_or(0)
    }
}
