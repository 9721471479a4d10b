//! The adapter itself.

use alloy::primitives::{Address, B256};
use async_trait::async_trait;
use phat_target::{
    AnchorRequest, BlockRef, ChainLog, LogFilter, PreparedTransaction, Quorum, RequestNumber,
    RequestStatus, Rollup, SignedRollup, Target, TargetError, TransactionHash, TransactionStatus,
    Versioned,
};
use serde::de::IgnoredAny;

use crate::{
    EvmConfig,
    anchor::Anchor,
    lean::{self, Lean},
    logs, outcome,
    relay::Relay,
    rollup::RollupAnchor,
    size::{check_bytes, too_much_gas},
};

/// An EVM chain, reached through its endpoints, with one relay account.
pub struct EvmTarget {
    relay: Relay,
    confirmations: u64,
    log_blocks_max: u64,
}

/// An anchor with what speaks to it.
enum Spoken<'a> {
    Lean(Lean<'a>),
    Rollup(RollupAnchor<'a>),
}

impl EvmTarget {
    /// An adapter for the chain of `config`. Nothing is asked of the endpoints
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

    fn speak(&self, anchor: &[u8]) -> Result<Spoken<'_>, TargetError> {
        Ok(match Anchor::parse(anchor)? {
            Anchor::Lean { contract, consumer } => Spoken::Lean(Lean {
                relay: &self.relay,
                contract,
                consumer,
            }),
            Anchor::Rollup(consumer) => Spoken::Rollup(RollupAnchor {
                relay: &self.relay,
                consumer,
                log_blocks_max: self.log_blocks_max,
            }),
        })
    }

    /// The requests of a consumer with the older interface, and what waits in its queue
    /// from before: whoever asks may have lost that since, and nothing later is settled
    /// without it.
    async fn queued(
        &self,
        rollup: RollupAnchor<'_>,
        from: u64,
        to: u64,
    ) -> Result<Vec<AnchorRequest>, TargetError> {
        let mut found = rollup.requests(from, to).await?;
        let mut queued = rollup.waiting_before(from, first_of(&found)).await?;
        queued.append(&mut found);
        Ok(queued)
    }

    /// The newest block that counts as final.
    async fn buried(&self) -> Result<u64, TargetError> {
        let height = self.relay.rpc.height().await?;
        Ok(height.saturating_sub(self.confirmations))
    }

    /// Whether `block` is on the endpoints' present chain.
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

    fn takes_data_fee(&self) -> bool {
        self.relay.takes_data_fee()
    }

    fn endpoint_faults(&self) -> Vec<String> {
        self.relay.rpc.faults()
    }

    async fn head(&self) -> Result<BlockRef, TargetError> {
        self.block(self.buried().await?).await
    }

    async fn block(&self, number: u64) -> Result<BlockRef, TargetError> {
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
        let lean = match self.speak(anchor)? {
            Spoken::Lean(lean) => lean,
            Spoken::Rollup(rollup) => return self.queued(rollup, from, to).await,
        };
        let rpc = &self.relay.rpc;
        let logs = logs::search(rpc, &lean.filter(), from, to, self.log_blocks_max).await?;
        Ok(logs.iter().filter_map(|log| lean.request(log)).collect())
    }

    async fn request_status(
        &self,
        anchor: &[u8],
        number: RequestNumber,
    ) -> Result<RequestStatus, TargetError> {
        match self.speak(anchor)? {
            Spoken::Lean(lean) => lean.status(number).await,
            Spoken::Rollup(rollup) => rollup.status(number).await,
        }
    }

    async fn read(
        &self,
        anchor: &[u8],
        key: &[u8],
        block: BlockRef,
    ) -> Result<Versioned, TargetError> {
        match self.speak(anchor)? {
            Spoken::Lean(lean) => lean.read(key, block).await,
            Spoken::Rollup(rollup) => rollup.read(key, block).await,
        }
    }

    async fn logs(
        &self,
        filter: &LogFilter,
        from: u64,
        to: u64,
    ) -> Result<Vec<ChainLog>, TargetError> {
        let filter = logs::filter(filter)?;
        let rpc = &self.relay.rpc;
        let found = logs::search(rpc, &filter, from, to, self.log_blocks_max).await?;
        Ok(found.iter().filter_map(logs::chain_log).collect())
    }

    async fn quorum(&self, anchor: &[u8]) -> Result<Quorum, TargetError> {
        match self.speak(anchor)? {
            Spoken::Lean(lean) => lean.quorum().await,
            Spoken::Rollup(_) => Ok(RollupAnchor::quorum()),
        }
    }

    async fn sign(
        &self,
        anchor: &[u8],
        rollup: Rollup,
        contract_key: &[u8; 32],
    ) -> Result<SignedRollup, TargetError> {
        match self.speak(anchor)? {
            Spoken::Lean(lean) => {
                let signed = lean.sign(rollup, contract_key)?;
                check_bytes(&lean.calldata(std::slice::from_ref(&signed)))?;
                Ok(signed)
            }
            Spoken::Rollup(consumer) => {
                let signed = consumer.sign(rollup, contract_key).await?;
                check_bytes(&signed.signatures.concat())?;
                Ok(signed)
            }
        }
    }

    fn signers(&self, anchor: &[u8], signed: &SignedRollup) -> Result<Vec<String>, TargetError> {
        let signers = match self.speak(anchor)? {
            Spoken::Lean(lean) => lean.signers(signed)?,
            Spoken::Rollup(consumer) => consumer.signers(signed)?,
        };
        Ok(signers.iter().map(Address::to_string).collect())
    }

    fn join(&self, anchor: &[u8], signed: Vec<SignedRollup>) -> Result<SignedRollup, TargetError> {
        let mut signed = signed.into_iter();
        let Some(first) = signed.next() else {
            return Err(TargetError::Malformed("there is nothing to join".into()));
        };
        let SignedRollup {
            rollup,
            mut signatures,
        } = first;
        for other in signed {
            if other.rollup != rollup {
                let reason = "outcomes that differ cannot be joined";
                return Err(TargetError::Malformed(reason.into()));
            }
            signatures.extend(other.signatures);
        }
        match self.speak(anchor)? {
            Spoken::Lean(lean) => lean.join(rollup, signatures),
            // One attestor is enough, and the anchor takes no more.
            Spoken::Rollup(_) => {
                signatures.truncate(1);
                Ok(SignedRollup { rollup, signatures })
            }
        }
    }

    fn batch_max(&self, anchor: &[u8]) -> usize {
        match Anchor::parse(anchor) {
            Ok(Anchor::Lean { .. }) => lean::BATCH_MAX,
            _ => 1,
        }
    }

    async fn next_nonce(&self) -> Result<u64, TargetError> {
        self.relay.rpc.nonce(self.relay.address()).await
    }

    async fn balance(&self) -> Result<u128, TargetError> {
        self.relay.rpc.balance(self.relay.address()).await
    }

    async fn prepare(
        &self,
        anchor: &[u8],
        rollups: &[SignedRollup],
        nonce: u64,
        replaces: Option<&PreparedTransaction>,
    ) -> Result<PreparedTransaction, TargetError> {
        let batch_max = self.batch_max(anchor);
        if rollups.is_empty() || rollups.len() > batch_max {
            return Err(TargetError::Malformed(format!(
                "{} outcomes: one transaction settles 1 to {batch_max} of this anchor",
                rollups.len()
            )));
        }
        let (contract, calldata, gas_spare) = match self.speak(anchor)? {
            Spoken::Lean(lean) => {
                let calldata = lean.calldata(rollups);
                check_bytes(&calldata)?;
                if rollups.len() > 1 {
                    lean.check_batch(rollups).await?;
                }
                (
                    lean.contract,
                    calldata,
                    lean.gas_spare(rollups.len()).await?,
                )
            }
            Spoken::Rollup(consumer) => {
                let calldata = consumer.calldata(&rollups[0]).await?;
                check_bytes(&calldata)?;
                (consumer.consumer, calldata, 0)
            }
        };
        let prepared = self
            .relay
            .prepare(
                contract.into(),
                calldata.clone(),
                nonce,
                gas_spare,
                replaces,
            )
            .await;
        let error = match prepared {
            Ok(prepared) => return Ok(prepared),
            Err(error) => error,
        };
        Err(match (self.speak(anchor)?, error) {
            (_, error @ TargetError::GasCap { .. }) => {
                too_much_gas(rollups, &calldata, self.relay.gas_max(), error)
            }
            (Spoken::Rollup(consumer), error) => consumer.explain(&rollups[0], error),
            (Spoken::Lean(lean), TargetError::Rejected(rejection)) => {
                lean.explain(&rollups[0].rollup, rejection).await
            }
            (Spoken::Lean(_), error) => error,
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
                return Ok(TransactionStatus::Included {
                    block,
                    gas_used: receipt.gas_used(),
                    success: receipt.success(),
                    is_final: block.number <= self.buried().await?,
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

/// The lowest number among requests of a queue.
fn first_of(requests: &[AnchorRequest]) -> Option<u32> {
    let numbers = requests.iter().map(|request| request.number);
    let first = numbers.min()?;
    first
        .last_chunk()
        .map(|bytes: &[u8; 4]| u32::from_be_bytes(*bytes))
}
