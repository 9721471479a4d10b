//! What becomes of stake when its contract comes or goes.

use frame_support::{traits::Defensive, weights::Weight};
use pallet_phat_contracts::{OnContractCreated, OnContractRemoved};
use phat_primitives::ContractId;
use sp_runtime::traits::Zero;

use crate::{Config, Pallet, TotalOf, WeightInfo};

/// What was staked to it before it was removed counts again.
impl<T: Config> OnContractCreated for Pallet<T> {
    fn on_contract_created(contract: &ContractId) {
        if let Some(total) = TotalOf::<T>::get(contract) {
            // No more can be staked than is issued, so the sum fits.
            let _ = Self::count(*contract, &total, total.amount).defensive();
        }
    }

    fn weight() -> Weight {
        T::WeightInfo::on_contract_created()
    }
}

/// What is staked to it counts no more, and stays for its stakers to take back.
impl<T: Config> OnContractRemoved for Pallet<T> {
    fn on_contract_removed(contract: &ContractId) {
        if let Some(total) = TotalOf::<T>::get(contract) {
            // What counted is in the sum.
            let _ = Self::count(*contract, &total, Zero::zero()).defensive();
        }
    }

    fn weight() -> Weight {
        T::WeightInfo::on_contract_removed()
    }
}
