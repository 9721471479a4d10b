//! The adapter itself.

use alloy::{
    eips::BlockId,
    primitives::{Address, B256, Bytes, U256},
    rpc::types::{Filter, Log},
    sol_types::{SolCall, SolEvent},
};
use async_trait::async_trait;
use phat_target::{
    AnchorRequest, BlockRef, PreparedTransaction, RequestNumber, RequestStatus, Rollup,
    SignedRollup, Target, TargetError, TransactionHash, TransactionStatus, Versioned,
};
use serde::de::IgnoredAny;

use crate::{
    EvmConfig,
    contracts::anchor::PhatAnchor,
    outcome::{self, key_hash},
    relay::Relay,
    revert::shorten,
    size::{check_bytes, too_much_gas},
    transaction::address,
};

/// The longest input that an anchor lets through (`PhatAnchor.INPUT_BYTES_MAX`).
const INPUT_BYTES_MAX: usize = 16_384;

/// An EVM chain, reached through one endpoint, with one relay account.
pub struct EvmTarget {
    relay: Relay,
    confirmations: u64,
    log_blocks_max: u64,
}

impl EvmTarget {
    /// An adapter for the chain of `config`. Nothing is asked of the endpoint
    /// yet, so one that is away at the moment is no error.
    ///
    /// # Panics
    ///
    /// When the process has not installed a default TLS provider of rustls.
    pub fn new(config: &EvmConfig) -> Result<Self, TargetError> {
        Ok(Self {
            relay: Relay::new(config)?,
            confirmations: config.confirmations,
            log_blocks_max: config.log_blocks_max.max(1),
        })
    }

    /// The chain's EIP-155 id.
    pub fn chain_id(&self) -> u64 {
        self.relay.rpc.chain_id()
    }

    /// The logs of `Requested` at `anchor` in the blocks `from..=to`. A span
    /// that the endpoint refuses, as too long or with too many logs in it, is
    /// halved until it is one block.
    async fn logs(&self, anchor: Address, from: u64, to: u64) -> Result<Vec<Log>, TargetError> {
        const METHOD: &str = "eth_getLogs";
        let mut logs = Vec::new();
        let mut span = self.log_blocks_max;
        let mut start = from;
        while start <= to {
            let end = to.min(start.saturating_add(span - 1));
            let filter = Filter::new()
                .address(anchor)
                .event_signature(PhatAnchor::Requested::SIGNATURE_HASH)
                .from_block(start)
                .to_block(end);
            match self
                .relay
                .rpc
                .attempt::<_, Vec<Log>>(METHOD, (filter,))
                .await?
            {
                Ok(found) => {
                    logs.extend(found);
                    start = match end.checked_add(1) {
                        Some(next) => next,
                        None => break,
                    };
                }
                Err(payload) if start == end => {
                    return Err(self.relay.rpc.refused(METHOD, &payload.message));
                }
                Err(payload) => {
                    span = (end - start).div_ceil(2);
                    let reason = shorten(&payload.message);
                    tracing::debug!(span, reason, "halving the span of logs");
                }
            }
        }
        Ok(logs)
    }

    /// Whether `block` is on the endpoint's present chain.
    async fn is_canonical(&self, block: BlockRef) -> Result<bool, TargetError> {
        Ok(self.relay.rpc.block(block.number).await? == Some(block))
    }
}

#[async_trait]
impl Target for EvmTarget {
    fn chain(&self) -> &str {
        self.relay.rpc.chain()
    }

    fn relay_account(&self) -> String {
        self.relay.address().to_string()
    }

    fn attestor(&self, contract_key: &[u8; 32]) -> Result<String, TargetError> {
        Ok(outcome::attestor(contract_key)?.to_string())
    }

    fn confirmations(&self) -> u64 {
        self.confirmations
    }

    async fn head(&self) -> Result<BlockRef, TargetError> {
        let number = self
            .relay
            .rpc
            .height()
            .await?
            .saturating_sub(self.confirmations);
        let block = self.relay.rpc.block(number).await?;
        // Behind a load balancer, the next answer may come from a node that lags.
        block.ok_or_else(|| {
            self.relay.rpc.refused(
                "eth_getBlockByNumber",
                &format!("block {number} is missing"),
            )
        })
    }

    async fn requests(
        &self,
        anchor: &[u8],
        from: u64,
        to: u64,
    ) -> Result<Vec<AnchorRequest>, TargetError> {
        let anchor = address(anchor)?;
        let mut logs = self.logs(anchor, from, to).await?;
        logs.sort_by_key(|log| (log.block_number, log.log_index));
        Ok(logs.iter().filter_map(|log| request(anchor, log)).collect())
    }

    async fn request_status(
        &self,
        anchor: &[u8],
        number: RequestNumber,
    ) -> Result<RequestStatus, TargetError> {
        let call = PhatAnchor::statusCall {
            id: U256::from_be_bytes(number),
        };
        let status = self
            .relay
            .view(address(anchor)?, &call, BlockId::latest())
            .await?;
        // The order of `PhatAnchor.Status`.
        match status {
            0 => Ok(RequestStatus::Unknown),
            1 => Ok(RequestStatus::Open),
            2 => Ok(RequestStatus::Settled),
            other => Err(TargetError::Malformed(format!(
                "{other} is no status of a request"
            ))),
        }
    }

    async fn read(
        &self,
        anchor: &[u8],
        key: &[u8],
        block: BlockRef,
    ) -> Result<Versioned, TargetError> {
        let call = PhatAnchor::getValueCall { key: key_hash(key) };
        let block = BlockId::hash_canonical(B256::from(block.hash));
        let answer = self.relay.view(address(anchor)?, &call, block).await?;
        Ok(Versioned {
            value: answer.value.to_vec(),
            version: answer.version,
        })
    }

    fn sign(
        &self,
        anchor: &[u8],
        rollup: Rollup,
        contract_key: &[u8; 32],
    ) -> Result<SignedRollup, TargetError> {
        let signature = outcome::sign(self.chain_id(), address(anchor)?, &rollup, contract_key)?;
        let signed = SignedRollup {
            rollup,
            signature: signature.to_vec(),
        };
        check_bytes(&calldata(&signed))?;
        Ok(signed)
    }

    async fn next_nonce(&self) -> Result<u64, TargetError> {
        self.relay.rpc.nonce(self.relay.address()).await
    }

    async fn prepare(
        &self,
        anchor: &[u8],
        rollup: &SignedRollup,
        nonce: u64,
        replaces: Option<&PreparedTransaction>,
    ) -> Result<PreparedTransaction, TargetError> {
        let calldata = calldata(rollup);
        check_bytes(&calldata)?;
        self.relay
            .prepare(address(anchor)?.into(), calldata.clone(), nonce, replaces)
            .await
            .map_err(|error| match error {
                TargetError::GasCap { .. } => {
                    too_much_gas(&rollup.rollup, &calldata, self.relay.gas_max(), error)
                }
                error => error,
            })
    }

    async fn send(&self, transaction: &PreparedTransaction) -> Result<(), TargetError> {
        self.relay.send(transaction).await
    }

    async fn transaction_status(
        &self,
        hash: TransactionHash,
    ) -> Result<TransactionStatus, TargetError> {
        let rpc = &self.relay.rpc;
        let hash = B256::from(hash);
        if let Some(receipt) = rpc.receipt(hash).await? {
            let block = receipt.block();
            // An endpoint may still hold the receipt of a block that a
            // reorganisation has removed.
            if self.is_canonical(block).await? {
                let buried = rpc.height().await?.saturating_sub(self.confirmations);
                return Ok(TransactionStatus::Included {
                    block,
                    gas_used: receipt.gas_used(),
                    success: receipt.success(),
                    is_final: block.number <= buried,
                });
            }
        }
        let known: Option<IgnoredAny> = rpc.request("eth_getTransactionByHash", (hash,)).await?;
        Ok(match known {
            Some(_) => TransactionStatus::Pending,
            None => TransactionStatus::Unknown,
        })
    }
}

/// The input of the transaction that settles.
fn calldata(signed: &SignedRollup) -> Bytes {
    let call = PhatAnchor::settleCall {
        outcome: outcome::outcome(&signed.rollup),
        signature: signed.signature.clone().into(),
    };
    call.abi_encode().into()
}

/// The request in a log; `None` for a log that no anchor writes.
fn request(anchor: Address, log: &Log) -> Option<AnchorRequest> {
    let block = BlockRef {
        number: log.block_number?,
        hash: log.block_hash?.0,
    };
    if log.removed || log.address() != anchor {
        return None;
    }
    let event = PhatAnchor::Requested::decode_log(&log.inner).ok()?.data;
    if event.input.len() > INPUT_BYTES_MAX {
        tracing::warn!(%anchor, id = %event.id, bytes = event.input.len(), "request passed over: input too long");
        return None;
    }
    Some(AnchorRequest {
        number: event.id.to_be_bytes(),
        requester: event.requester.to_vec(),
        commitment: outcome::commitment(event.requester, &event.input).0,
        input: event.input.to_vec(),
        block,
    })
}
