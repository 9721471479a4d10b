//! Puts anchors and the example consumer on a chain, and calls them.
//!
//! For tests, the command line and the demonstration: the account signs, sends
//! and waits, one transaction after the other, and keeps no record.

use std::time::Duration;

use alloy::{
    primitives::{Address, B256, Bytes, TxKind, U256, Uint},
    rpc::types::{Filter, Log},
    sol_types::{SolCall, SolConstructor, SolEvent},
};
use phat_target::{AnchorRequest, BlockRef, Rejection, Rollup, TargetError};
use tokio::time::Instant;

use crate::{
    EvmConfig,
    contracts::{anchor::PhatAnchor, lens_stats::LensStats},
    outcome::outcome,
    relay::Relay,
};

/// How often a transaction that waits is looked for.
const POLL: Duration = Duration::from_millis(200);
/// How long a transaction may wait to be included.
const INCLUSION_TIME_MAX: Duration = Duration::from_secs(180);

/// An account that deploys contracts and calls them.
pub struct Deployer {
    relay: Relay,
}

/// A transaction that went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The transaction's hash.
    pub transaction: B256,
    /// The block it is in.
    pub block: BlockRef,
    /// The gas it used.
    pub gas_used: u64,
}

/// A contract that was put on the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// The contract's address.
    pub address: Address,
    /// The transaction that created it.
    pub sent: Sent,
}

/// A request that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requested {
    /// The request's id at its anchor.
    pub id: U256,
    /// The transaction that made it.
    pub sent: Sent,
}

/// What the LensStats consumer has stored about a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LensAnswer {
    /// Whether the outcome has arrived.
    pub settled: bool,
    /// Whether it is an answer rather than an error.
    pub ok: bool,
    /// The profile that was asked for.
    pub profile_id: String,
    /// The followers when `ok`, else the error code.
    pub value: U256,
}

impl Deployer {
    /// An account on the chain of `config`, whose relay key it signs with.
    ///
    /// # Panics
    ///
    /// When the process has not installed a default TLS provider of rustls.
    pub fn new(config: &EvmConfig) -> Result<Self, TargetError> {
        Ok(Self {
            relay: Relay::new(config)?,
        })
    }

    /// The account's address.
    pub fn address(&self) -> Address {
        self.relay.address()
    }

    /// Creates a contract: `init_code` is its bytecode followed by the encoded
    /// arguments of its constructor.
    pub async fn deploy(&self, init_code: Vec<u8>) -> Result<Deployed, TargetError> {
        let (sent, created) = self.transact(TxKind::Create, init_code.into()).await?;
        let address = created.ok_or_else(|| {
            TargetError::Malformed(format!(
                "the receipt of {} names no contract",
                sent.transaction
            ))
        })?;
        Ok(Deployed { address, sent })
    }

    /// Creates a LensStats consumer of `owner` that accepts outcomes of
    /// `attestors`.
    pub async fn deploy_lens_stats(
        &self,
        owner: Address,
        attestors: Vec<Address>,
    ) -> Result<Deployed, TargetError> {
        let arguments = LensStats::constructorCall {
            initialOwner: owner,
            initialAttestors: attestors,
        };
        self.deploy([LensStats::BYTECODE.as_ref(), &arguments.abi_encode()].concat())
            .await
    }

    /// Replaces the attestors of a consumer that this account owns, at its own anchor
    /// or at the shared one.
    pub async fn set_attestors(
        &self,
        contract: Address,
        consumer: Address,
        threshold: u32,
        attestors: Vec<Address>,
    ) -> Result<Sent, TargetError> {
        let call = PhatAnchor::setAttestorsCall {
            consumer,
            threshold: U256::from(threshold),
            attestors,
        };
        Ok(self
            .transact(contract.into(), call.abi_encode().into())
            .await?
            .0)
    }

    /// The digest that an anchor itself computes for `rollup`.
    pub async fn outcome_digest(
        &self,
        contract: Address,
        consumer: Address,
        rollup: &Rollup,
    ) -> Result<B256, TargetError> {
        let call = PhatAnchor::outcomeDigestCall {
            outcome: outcome(consumer, rollup),
        };
        self.relay.view_newest(contract, &call).await
    }

    /// The commitment that an anchor itself computes for a request of `consumer`.
    pub async fn commitment(
        &self,
        contract: Address,
        consumer: Address,
        request: &AnchorRequest,
    ) -> Result<B256, TargetError> {
        let malformed = || TargetError::Malformed("the request is none of an EVM chain".into());
        let call = PhatAnchor::commitmentOfCall {
            consumer,
            requester: Address::try_from(request.requester.as_slice()).map_err(|_| malformed())?,
            input: request.input.clone().into(),
            fee: Uint::try_from(request.fee).map_err(|_| malformed())?,
            expiresAt: Uint::try_from(request.expires_at.unwrap_or(0)).map_err(|_| malformed())?,
        };
        self.relay.view_newest(contract, &call).await
    }

    /// Asks a LensStats consumer for the followers of a profile.
    pub async fn request_lens_stats(
        &self,
        consumer: Address,
        profile_id: &str,
    ) -> Result<Requested, TargetError> {
        let call = LensStats::requestCall {
            profileId: profile_id.into(),
        };
        let (sent, _) = self
            .transact(consumer.into(), call.abi_encode().into())
            .await?;
        let id = self.request_id(sent, consumer).await?;
        Ok(Requested { id, sent })
    }

    /// What a LensStats consumer has stored about request `id`.
    pub async fn lens_answer(
        &self,
        consumer: Address,
        id: U256,
    ) -> Result<LensAnswer, TargetError> {
        let call = LensStats::answersCall { id };
        let answer = self.relay.view_newest(consumer, &call).await?;
        Ok(LensAnswer {
            settled: answer.settled,
            ok: answer.ok,
            profile_id: answer.profileId,
            value: answer.value,
        })
    }

    /// The transaction that settled request `id` of `anchor`, looked for from
    /// block `from`; `None` while there is none.
    pub async fn settlement(
        &self,
        anchor: Address,
        id: U256,
        from: u64,
    ) -> Result<Option<Sent>, TargetError> {
        let filter = Filter::new()
            .address(anchor)
            .event_signature(PhatAnchor::Settled::SIGNATURE_HASH)
            .topic1(id)
            .from_block(from);
        let logs: Vec<Log> = self.relay.rpc.request("eth_getLogs", (filter,)).await?;
        match logs.first().and_then(|log| log.transaction_hash) {
            Some(transaction) => self
                .sent(transaction)
                .await
                .map(|found| found.map(|(sent, _)| sent)),
            None => Ok(None),
        }
    }

    /// Sends a transaction to `to` and waits until it is included; a revert is
    /// an error.
    pub async fn transact(
        &self,
        to: TxKind,
        input: Bytes,
    ) -> Result<(Sent, Option<Address>), TargetError> {
        let nonce = self.relay.rpc.nonce(self.address()).await?;
        let prepared = self.relay.prepare(to, input, nonce, 0, None).await?;
        self.relay.send(&prepared).await?;

        let deadline = Instant::now() + INCLUSION_TIME_MAX;
        loop {
            if let Some(found) = self.sent(prepared.hash.into()).await? {
                return Ok(found);
            }
            if Instant::now() >= deadline {
                let reason = format!(
                    "transaction {} is in no block yet",
                    B256::from(prepared.hash)
                );
                return Err(self.relay.rpc.refused("eth_getTransactionReceipt", &reason));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// A transaction that is in a block, and the contract it created.
    async fn sent(
        &self,
        transaction: B256,
    ) -> Result<Option<(Sent, Option<Address>)>, TargetError> {
        let Some(receipt) = self.relay.rpc.receipt(transaction).await? else {
            return Ok(None);
        };
        if !receipt.success() {
            let reason = format!("transaction {transaction} failed");
            return Err(TargetError::Rejected(Rejection::Reverted(reason)));
        }
        let sent = Sent {
            transaction,
            block: receipt.block(),
            gas_used: receipt.gas_used(),
        };
        Ok(Some((sent, receipt.contract_address())))
    }

    /// The id of the request that a transaction made at `anchor`.
    async fn request_id(&self, sent: Sent, anchor: Address) -> Result<U256, TargetError> {
        let filter = Filter::new()
            .address(anchor)
            .event_signature(PhatAnchor::Requested::SIGNATURE_HASH)
            .at_block_hash(sent.block.hash);
        let logs: Vec<Log> = self.relay.rpc.request("eth_getLogs", (filter,)).await?;
        logs.iter()
            .filter(|log| log.transaction_hash == Some(sent.transaction))
            .find_map(|log| PhatAnchor::Requested::decode_log(&log.inner).ok())
            .map(|event| event.id)
            .ok_or_else(|| {
                TargetError::Malformed(format!("{} made no request at {anchor}", sent.transaction))
            })
    }
}
