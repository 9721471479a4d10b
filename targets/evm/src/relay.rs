//! The account that pays: it estimates, prices, signs and sends transactions.

use alloy::{
    eips::BlockId,
    primitives::{Address, B256, Bytes, TxKind, U64, U128},
    rpc::{
        json_rpc::ErrorPayload,
        types::{FeeHistory, TransactionInput, TransactionRequest},
    },
    signers::local::PrivateKeySigner,
    sol_types::SolCall,
};
use phat_target::{PreparedTransaction, TargetError};

use crate::{
    EvmConfig,
    fees::{Fees, median_tip},
    outcome::signer,
    revert::rejection,
    rpc::Rpc,
    transaction::{Call, gas_limit},
};

/// How many recent blocks tell what tip is usual.
const FEE_HISTORY_BLOCKS: u64 = 10;
/// The percentile of the tips in a block that counts.
const FEE_PERCENTILE: f64 = 50.0;

/// An endpoint and the account that sends transactions through it.
pub(crate) struct Relay {
    pub(crate) rpc: Rpc,
    signer: PrivateKeySigner,
    fee_per_gas_max: u128,
}

impl Relay {
    /// The relay of a configuration; nothing is asked of the endpoint yet.
    pub(crate) fn new(config: &EvmConfig) -> Result<Self, TargetError> {
        Ok(Self {
            rpc: Rpc::new(config.chain_id, config.rpc.clone(), config.timeout)?,
            signer: signer(&config.relay_key)?,
            fee_per_gas_max: config.fee_per_gas_max,
        })
    }

    /// The account's address.
    pub(crate) fn address(&self) -> Address {
        self.signer.address()
    }

    /// Calls a contract at `block` without a transaction.
    pub(crate) async fn view<C: SolCall>(
        &self,
        contract: Address,
        call: &C,
        block: BlockId,
    ) -> Result<C::Return, TargetError> {
        let request = self.transaction_request(contract.into(), call.abi_encode().into());
        let answer: Bytes = self
            .rpc
            .attempt("eth_call", (request, block))
            .await?
            .map_err(|payload| self.simulation_error("eth_call", &payload))?;
        C::abi_decode_returns(&answer).map_err(|_| {
            TargetError::Malformed(format!(
                "{}: {contract} does not answer {} as it must: is it the right contract?",
                self.rpc.chain(),
                C::SIGNATURE
            ))
        })
    }

    /// Simulates a call and signs a transaction of it, priced to be included
    /// soon, or to take the place of `replaces`.
    pub(crate) async fn prepare(
        &self,
        to: TxKind,
        input: Bytes,
        nonce: u64,
        replaces: Option<&PreparedTransaction>,
    ) -> Result<PreparedTransaction, TargetError> {
        let estimate = self.estimate(to, input.clone()).await?;
        let fees = self.fees(replaces).await?;
        Call {
            chain_id: self.rpc.chain_id(),
            nonce,
            to,
            input,
            gas_limit: gas_limit(estimate),
            fees,
        }
        .sign(&self.signer)
    }

    /// Sends a signed transaction. One that the chain has already is no error.
    pub(crate) async fn send(&self, transaction: &PreparedTransaction) -> Result<(), TargetError> {
        const METHOD: &str = "eth_sendRawTransaction";
        let raw = Bytes::copy_from_slice(&transaction.raw);
        let Err(payload) = self.rpc.attempt::<_, B256>(METHOD, (raw,)).await? else {
            return Ok(());
        };
        let message = payload.message.to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
        if says(&[
            "already known",
            "already imported",
            "already exists",
            "alreadyknown",
        ]) {
            return Ok(());
        }
        if says(&["insufficient funds", "insufficient balance"]) {
            return Err(TargetError::OutOfFunds {
                chain: self.rpc.chain().into(),
                account: self.address().to_string(),
                reason: payload.message.to_string(),
            });
        }
        if says(&[
            "nonce too low",
            "nonce is too low",
            "nonce has already been used",
            "oldnonce",
        ]) {
            // It may be this very transaction that used the nonce.
            if self.rpc.receipt(transaction.hash.into()).await?.is_some() {
                return Ok(());
            }
            return Err(TargetError::NonceUsed {
                chain: self.rpc.chain().into(),
                nonce: transaction.nonce,
            });
        }
        Err(self.rpc.refused(METHOD, &payload.message))
    }

    /// The gas that a call uses now; its revert where it does not go through.
    async fn estimate(&self, to: TxKind, input: Bytes) -> Result<u64, TargetError> {
        const METHOD: &str = "eth_estimateGas";
        let request = self.transaction_request(to, input);
        let gas: U64 = self
            .rpc
            // At the newest block: on waiting transactions, a replacement would be
            // refused as coming after the one it replaces.
            .attempt(METHOD, (request, BlockId::latest()))
            .await?
            .map_err(|payload| self.simulation_error(METHOD, &payload))?;
        Ok(gas.to())
    }

    /// The fees to offer now.
    async fn fees(&self, replaces: Option<&PreparedTransaction>) -> Result<Fees, TargetError> {
        const METHOD: &str = "eth_feeHistory";
        let params = (U64::from(FEE_HISTORY_BLOCKS), "latest", [FEE_PERCENTILE]);
        let history: FeeHistory = self.rpc.request(METHOD, params).await?;
        let base_fee = history
            .base_fee_per_gas
            .last()
            .copied()
            .ok_or_else(|| self.rpc.refused(METHOD, "the answer holds no base fee"))?;
        let tips = history
            .reward
            .unwrap_or_default()
            .into_iter()
            .flatten()
            .collect();
        let tip = match median_tip(tips) {
            Some(tip) => tip,
            // Empty blocks tell nothing; the endpoint has its own idea of the least.
            None => self
                .rpc
                .request::<_, U128>("eth_maxPriorityFeePerGas", ())
                .await?
                .to(),
        };

        let old = replaces.map(|old| Fees {
            max: old.fee_per_gas_max,
            tip: old.tip_per_gas,
        });
        let fresh = Fees::fresh(base_fee, tip);
        let wanted = old.map_or(fresh, |old| fresh.replacing(old));
        let cap = self.fee_per_gas_max;
        wanted.within(cap, old).ok_or_else(|| TargetError::FeeCap {
            chain: self.rpc.chain().into(),
            needed: wanted.max,
            cap,
        })
    }

    fn transaction_request(&self, to: TxKind, input: Bytes) -> TransactionRequest {
        TransactionRequest {
            from: Some(self.address()),
            to: Some(to),
            // Endpoints differ in which of the two names they read.
            input: TransactionInput::both(input),
            ..Default::default()
        }
    }

    fn simulation_error(&self, method: &'static str, payload: &ErrorPayload) -> TargetError {
        let message = payload.message.to_ascii_lowercase();
        if message.contains("insufficient funds") {
            return TargetError::OutOfFunds {
                chain: self.rpc.chain().into(),
                account: self.address().to_string(),
                reason: payload.message.to_string(),
            };
        }
        match rejection(payload) {
            Some(rejection) => TargetError::Rejected(rejection),
            None => self.rpc.refused(method, &payload.message),
        }
    }
}
