//! The secrets of contracts, as they are sealed.
//!
//! The chain does not look into them: only workers can. It keeps them within bounds, has the
//! contract's owner pay for them, and tells workers when they change.

use frame_support::{
    dispatch::DispatchResult,
    ensure,
    traits::{Defensive, Get},
};
use phat_primitives::{
    ClusterId, ContractId,
    limits::{SECRET_SEAL_BYTES, SECRETS_MAX},
    secret::is_secret_name,
};
use sp_runtime::{
    ArithmeticError, DispatchError,
    traits::{CheckedAdd, Saturating, Zero},
};

use crate::{
    BalanceOf, ClusterSecrets, Config, ContractInfoOf, Error, HoldReason, Pallet, SealedSecret,
    SecretInfo, SecretName, Secrets, SecretsInfoOf,
};

impl<T: Config> Pallet<T> {
    /// The deposit for a secret with this name that is sealed to so many bytes.
    pub fn secret_deposit(name: &[u8], sealed: &[u8]) -> BalanceOf<T> {
        let len = u32::try_from(name.len().saturating_add(sealed.len())).unwrap_or(u32::MAX);
        let bytes = T::SecretDepositPerByte::get().saturating_mul(len.into());
        T::SecretDepositBase::get().saturating_add(bytes)
    }

    pub(crate) fn ensure_secret(name: &[u8], sealed: &[u8]) -> Result<(), Error<T>> {
        ensure!(is_secret_name(name), Error::<T>::SecretNameInvalid);
        ensure!(
            sealed.len() >= SECRET_SEAL_BYTES as usize,
            Error::<T>::SecretNotSealed
        );
        Ok(())
    }

    /// Stores a secret of `contract`, in place of the one with this name if there is one.
    pub(crate) fn do_set_secret(
        id: ContractId,
        contract: &ContractInfoOf<T>,
        name: SecretName,
        generation: u32,
        sealed: SealedSecret,
    ) -> DispatchResult {
        let before = Secrets::<T>::get(id, &name).map(|secret| secret.deposit);
        let mut all = ClusterSecrets::<T>::get(contract.cluster, id).unwrap_or_default();
        if before.is_none() {
            ensure!(all.count < SECRETS_MAX, Error::<T>::TooManySecrets);
            all.count = all.count.checked_add(1).ok_or(ArithmeticError::Overflow)?;
        }
        let before = before.unwrap_or_else(Zero::zero);
        let deposit = Self::secret_deposit(&name, &sealed);
        Self::adjust(HoldReason::Secret, &contract.owner, before, deposit)?;
        let others = all.deposit.saturating_sub(before);
        all.deposit = others
            .checked_add(&deposit)
            .ok_or(ArithmeticError::Overflow)?;
        Self::put_secrets(contract.cluster, id, all);
        let secret = SecretInfo {
            generation,
            sealed,
            deposit,
        };
        Secrets::<T>::insert(id, name, secret);
        Ok(())
    }

    /// Removes a secret of `contract` and returns its deposit.
    pub(crate) fn do_remove_secret(
        id: ContractId,
        contract: &ContractInfoOf<T>,
        name: &SecretName,
    ) -> DispatchResult {
        let secret = Secrets::<T>::take(id, name).ok_or(Error::<T>::UnknownSecret)?;
        Self::release(HoldReason::Secret, &contract.owner, secret.deposit)?;
        let mut all = ClusterSecrets::<T>::get(contract.cluster, id).defensive_unwrap_or_default();
        all.count = all.count.saturating_sub(1);
        all.deposit = all.deposit.saturating_sub(secret.deposit);
        Self::put_secrets(contract.cluster, id, all);
        Ok(())
    }

    /// Removes all secrets of `contract`, returns their deposits, and tells how many there were.
    pub(crate) fn remove_secrets(
        id: ContractId,
        contract: &ContractInfoOf<T>,
    ) -> Result<u32, DispatchError> {
        let Some(all) = ClusterSecrets::<T>::take(contract.cluster, id) else {
            return Ok(0);
        };
        Self::release(HoldReason::Secret, &contract.owner, all.deposit)?;
        let removed = Secrets::<T>::clear_prefix(id, SECRETS_MAX, None);
        debug_assert!(
            removed.maybe_cursor.is_none(),
            "no contract has more secrets than SECRETS_MAX; qed"
        );
        Ok(all.count)
    }

    /// Writes down what the secrets of a contract come to now, and that they changed.
    fn put_secrets(cluster: ClusterId, id: ContractId, mut all: SecretsInfoOf<T>) {
        if all.count.is_zero() {
            ClusterSecrets::<T>::remove(cluster, id);
            return;
        }
        all.changed_at = frame_system::Pallet::<T>::block_number();
        ClusterSecrets::<T>::insert(cluster, id, all);
    }
}
