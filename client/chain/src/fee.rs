//! What transactions cost.

use subxt::tx::{DefaultParams, Payload};

use crate::{ChainClient, ChainError, Signer, answer::in_time};

impl ChainClient {
    /// What a transaction would cost if it were in the next block, in units of 10⁻¹² PHA. Nothing is
    /// submitted, and whether the call would succeed is not looked at. The price rises and falls
    /// with how full blocks are.
    pub(crate) async fn fee<C: Payload>(
        &self,
        signer: &Signer,
        call: &C,
    ) -> Result<u128, ChainError> {
        let at = self.latest().await?.at;
        let mut transactions = at.transactions();
        let params = DefaultParams::default_params();
        let signed = in_time(transactions.create_signed(call, signer.keypair(), params)).await?;
        in_time(signed.partial_fee_estimate()).await
    }
}
