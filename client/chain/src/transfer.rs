//! Sending PHA.

use phat_primitives::AccountBytes;
use subxt::utils::{AccountId32, MultiAddress};

use crate::{ChainClient, ChainError, Included, Signer, api};

impl ChainClient {
    /// Sends `amount`, in units of 10⁻¹² PHA. The account that sends keeps what it needs to go on.
    pub async fn transfer(
        &self,
        from: &Signer,
        to: &AccountBytes,
        amount: u128,
    ) -> Result<Included, ChainError> {
        let to = MultiAddress::Id(AccountId32(to.0));
        let call = api::transactions()
            .balances()
            .transfer_keep_alive(to, amount);
        self.submit(from, &call).await
    }
}
