//! What a consumer's anchor says of the accounts that sign its outcomes.

use alloy::{
    eips::BlockId,
    primitives::{Address, Bytes},
    providers::Provider,
    sol_types::SolCall,
};
use anyhow::{Context, bail, ensure};
use serde_json::Value;

use super::{Consumer, LensStats, Settlement};

/// The bytes of a signature: r, s and v.
const SIGNATURE_BYTES: usize = 65;

impl Consumer {
    /// How many of its attestors must sign an outcome, and who they are.
    pub async fn quorum(&self) -> anyhow::Result<(u64, Vec<Address>)> {
        let quorum = self.contract.quorumOf(self.address()).call().await?;
        Ok((quorum.threshold.saturating_to(), quorum.attestors))
    }

    /// How many signatures a settlement of one request has.
    pub async fn signatures(&self, settlement: &Settlement) -> anyhow::Result<usize> {
        let call = self.settle_call(settlement).await?;
        Ok(call.signatures.len() / SIGNATURE_BYTES)
    }

    /// Does what settled a request again in the state before that, with the first `count`
    /// of its signatures alone. Gives the signatures that the anchor has found and those that
    /// it needs where these are too few, and nothing where it takes them.
    pub async fn missing_signatures(
        &self,
        settlement: &Settlement,
        count: usize,
    ) -> anyhow::Result<Option<(u64, u64)>> {
        let call = self.settle_call(settlement).await?;
        let some = call.signatures.get(..count * SIGNATURE_BYTES);
        let some = some.context("it has fewer signatures")?;
        let before = settlement.block.checked_sub(1).context("the first block")?;
        let settle = self
            .contract
            .settle(call.outcome, Bytes::copy_from_slice(some))
            .block(BlockId::number(before));
        let Err(error) = settle.call().await else {
            return Ok(None);
        };
        let Some(missing) = error.as_decoded_error::<LensStats::QuorumMissing>() else {
            bail!("the anchor refuses it for something else: {error}");
        };
        let (have, need) = (missing.have.saturating_to(), missing.need.saturating_to());
        Ok(Some((have, need)))
    }

    /// What the transaction called that settled one request.
    async fn settle_call(&self, settlement: &Settlement) -> anyhow::Result<LensStats::settleCall> {
        let found: Value = self
            .provider
            .raw_request(
                "eth_getTransactionByHash".into(),
                (settlement.transaction.clone(),),
            )
            .await?;
        let input = found["input"].as_str().context("a transaction's input")?;
        let input: Bytes = input.parse()?;
        let call =
            LensStats::settleCall::abi_decode(&input).context("it settled no one request")?;
        ensure!(
            call.signatures.len().is_multiple_of(SIGNATURE_BYTES),
            "signatures of {} bytes",
            call.signatures.len()
        );
        Ok(call)
    }
}
