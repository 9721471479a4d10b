//! The account that pays: it estimates, prices, signs and sends transactions.

use alloy::{
    eips::BlockId,
    primitives::{Address, B256, Bytes, TxKind, U64, U128, address},
    rpc::{
        json_rpc::ErrorPayload,
        types::{FeeHistory, TransactionInput, TransactionRequest},
    },
    signers::local::PrivateKeySigner,
    sol_types::SolCall,
};
use phat_target::{BlockRef, PreparedTransaction, TargetError, presets::FeeModel};

use crate::{
    EvmConfig, TRANSACTION_GAS_MAX,
    contracts::gas_price_oracle::GasPriceOracle,
    fees::{Fees, median_tip},
    outcome::signer,
    refusal::{Refusal, refusal},
    revert::{is_out_of_gas, rejection, shorten},
    rpc::Rpc,
    transaction::{Call, gas_limit},
};

/// How many recent blocks tell what tip is usual.
const FEE_HISTORY_BLOCKS: u64 = 10;
/// The percentile of the tips in a block that counts.
const FEE_PERCENTILE: f64 = 50.0;

/// Where chains of the OP stack have the contract that tells the fee for data.
const GAS_PRICE_ORACLE: Address = address!("420000000000000000000000000000000000000F");
/// By how much the fee for data may rise until the transaction is included, as a
/// factor: the chain itself takes whatever it is then.
const DATA_FEE_RISE_MAX: u128 = 2;
/// The code of an endpoint that does not have a method.
const NO_SUCH_METHOD: i64 = -32_601;

/// The endpoints of a chain and the account that sends transactions there.
pub(crate) struct Relay {
    pub(crate) rpc: Rpc,
    signer: PrivateKeySigner,
    fee_model: FeeModel,
    fee_per_gas_max: u128,
    gas_max: u64,
}

impl Relay {
    /// The relay of a configuration; nothing is asked of the endpoint yet.
    pub(crate) fn new(config: &EvmConfig) -> Result<Self, TargetError> {
        Ok(Self {
            rpc: Rpc::new(config)?,
            signer: signer(&config.relay_key)?,
            fee_model: config.fee_model,
            fee_per_gas_max: config.fee_per_gas_max,
            gas_max: config.gas_max.min(TRANSACTION_GAS_MAX),
        })
    }

    /// The most gas that is paid for in one transaction.
    pub(crate) fn gas_max(&self) -> u64 {
        self.gas_max
    }

    /// The account's address.
    pub(crate) fn address(&self) -> Address {
        self.signer.address()
    }

    /// What a contract answers at the newest block that enough endpoints have.
    pub(crate) async fn view_newest<C: SolCall>(
        &self,
        contract: Address,
        call: &C,
    ) -> Result<C::Return, TargetError> {
        let block = if self.rpc.is_alone() {
            BlockId::latest()
        } else {
            // At one height the endpoints can be compared.
            BlockId::number(self.rpc.height().await?)
        };
        self.view(contract, call, block).await
    }

    /// What a contract answers at a block.
    pub(crate) async fn view_at<C: SolCall>(
        &self,
        contract: Address,
        call: &C,
        block: BlockRef,
    ) -> Result<C::Return, TargetError> {
        let block = BlockId::hash_canonical(block.hash.into());
        self.view(contract, call, block).await
    }

    async fn view<C: SolCall>(
        &self,
        contract: Address,
        call: &C,
        block: BlockId,
    ) -> Result<C::Return, TargetError> {
        let request = self.transaction_request(contract.into(), call.abi_encode().into());
        let answer = self
            .rpc
            .agreed("eth_call", (request, block), |answer: Bytes| answer)
            .await?
            .map_err(|payload| self.simulation_error("eth_call", &payload))?;
        self.decode::<C>(contract, &answer)
    }

    /// What a call would return now, as the best endpoint simulates it.
    pub(crate) async fn try_call<C: SolCall>(
        &self,
        contract: Address,
        call: &C,
    ) -> Result<C::Return, TargetError> {
        let request = self.transaction_request(contract.into(), call.abi_encode().into());
        let answer: Bytes = self
            .rpc
            .insist("eth_call", (request, BlockId::latest()))
            .await?
            .map_err(|payload| self.simulation_error("eth_call", &payload))?;
        self.decode::<C>(contract, &answer)
    }

    fn decode<C: SolCall>(
        &self,
        contract: Address,
        answer: &Bytes,
    ) -> Result<C::Return, TargetError> {
        C::abi_decode_returns(answer).map_err(|_| {
            TargetError::Malformed(format!(
                "{}: {contract} does not answer {} as it must: is it the right contract?",
                self.rpc.chain(),
                C::SIGNATURE
            ))
        })
    }

    /// Whether the chain takes a fee for the bytes of a transaction that its gas does not
    /// tell.
    pub(crate) fn takes_data_fee(&self) -> bool {
        self.fee_model == FeeModel::Eip1559WithDataFee
    }

    /// Simulates a call and signs a transaction of it, priced to be included
    /// soon, or to take the place of `replaces`. It may use `gas_spare` more than is
    /// usual, as far as that is paid for.
    pub(crate) async fn prepare(
        &self,
        to: TxKind,
        input: Bytes,
        nonce: u64,
        gas_spare: u64,
        replaces: Option<&PreparedTransaction>,
    ) -> Result<PreparedTransaction, TargetError> {
        let estimate = self.estimate(to, input.clone()).await?;
        if estimate > self.gas_max {
            return Err(self.gas_cap(format!("it takes {estimate}")));
        }
        let (fees, is_legacy) = self.fees(replaces).await?;
        let mut prepared = Call {
            chain_id: self.rpc.chain_id(),
            nonce,
            to,
            input,
            gas_limit: gas_limit(estimate)
                .saturating_add(gas_spare)
                .min(self.gas_max),
            fees,
            is_legacy,
        }
        .sign(&self.signer)?;
        if self.takes_data_fee() {
            let data_fee = self.data_fee(&prepared.raw).await?;
            let data_fee_max = data_fee.saturating_mul(DATA_FEE_RISE_MAX);
            prepared.cost_max = prepared.cost_max.saturating_add(data_fee_max);
        }
        Ok(prepared)
    }

    /// What a chain of the OP stack takes now for the bytes of a transaction.
    async fn data_fee(&self, raw: &[u8]) -> Result<u128, TargetError> {
        const METHOD: &str = "eth_call";
        let call = GasPriceOracle::getL1FeeCall {
            transaction: raw.to_vec().into(),
        };
        let request = self.transaction_request(GAS_PRICE_ORACLE.into(), call.abi_encode().into());
        let params = (request, BlockId::latest());
        let told: Vec<Result<Bytes, ErrorPayload>> = self.rpc.told(METHOD, params).await?;
        let (mut fees, mut error) = (Vec::new(), None);
        for answer in told {
            let fee = match answer {
                Ok(answer) => {
                    self.decode::<GasPriceOracle::getL1FeeCall>(GAS_PRICE_ORACLE, &answer)
                }
                Err(payload) => Err(self.simulation_error(METHOD, &payload)),
            };
            match fee {
                Ok(fee) => fees.push(fee),
                Err(reason) => error = Some(reason),
            }
        }
        match (self.rpc.reached(&fees), error) {
            (Some(fee), _) => Ok(fee.saturating_to()),
            (None, Some(error)) => Err(error),
            (None, None) => {
                let reason = "too few endpoints tell the fee for data";
                Err(self.rpc.refused(METHOD, reason))
            }
        }
    }

    /// Sends a signed transaction. One that the chain has already is no error.
    pub(crate) async fn send(&self, transaction: &PreparedTransaction) -> Result<(), TargetError> {
        const METHOD: &str = "eth_sendRawTransaction";
        let raw = Bytes::copy_from_slice(&transaction.raw);
        // An endpoint may take it and lose it: all of them get it.
        let answers: Vec<Result<B256, ErrorPayload>> = self.rpc.everywhere(METHOD, (raw,)).await?;
        let enough = self.rpc.majority(answers.len());
        let Some((refusal, payload)) = refusal(answers, enough) else {
            return Ok(());
        };
        match refusal {
            Refusal::Known => Ok(()),
            Refusal::Funds => Err(self.out_of_funds(&payload)),
            Refusal::Price => Err(TargetError::Underpriced {
                chain: self.rpc.chain().into(),
                reason: shorten(&payload.message),
            }),
            Refusal::Nonce => {
                // It may be this very transaction that used the nonce.
                if self.rpc.receipt(transaction.hash.into()).await?.is_some() {
                    return Ok(());
                }
                Err(TargetError::NonceUsed {
                    chain: self.rpc.chain().into(),
                    nonce: transaction.nonce,
                })
            }
            Refusal::Other => Err(self.rpc.refused(METHOD, &payload.message)),
        }
    }

    /// The gas that a call uses now; its revert where it does not go through.
    async fn estimate(&self, to: TxKind, input: Bytes) -> Result<u64, TargetError> {
        const METHOD: &str = "eth_estimateGas";
        let request = self.transaction_request(to, input);
        let gas: U64 = self
            .rpc
            // At the newest block: on waiting transactions, a replacement would be
            // refused as coming after the one it replaces.
            .number_unless_refused(METHOD, (request, BlockId::latest()))
            .await?
            .map_err(|payload| {
                if is_out_of_gas(&payload) {
                    return self.gas_cap(shorten(&payload.message));
                }
                self.simulation_error(METHOD, &payload)
            })?;
        Ok(gas.to())
    }

    fn gas_cap(&self, reason: String) -> TargetError {
        TargetError::GasCap {
            chain: self.rpc.chain().into(),
            reason,
            cap: self.gas_max,
        }
    }

    fn out_of_funds(&self, payload: &ErrorPayload) -> TargetError {
        TargetError::OutOfFunds {
            chain: self.rpc.chain().into(),
            account: self.address().to_string(),
            reason: shorten(&payload.message),
        }
    }

    /// The fees to offer now, and whether the chain has one price for gas only.
    async fn fees(
        &self,
        replaces: Option<&PreparedTransaction>,
    ) -> Result<(Fees, bool), TargetError> {
        let market = match self.fee_model {
            FeeModel::Legacy => None,
            _ => self.base_fee_and_tip().await?,
        };
        let (fresh, least) = match market {
            Some((base_fee, tip)) => (Fees::fresh(base_fee, tip), base_fee),
            None => {
                let price: U128 = self.rpc.number("eth_gasPrice", ()).await?;
                (Fees::one_price(price.to()), price.to())
            }
        };
        let old = replaces.map(|old| Fees {
            max: old.fee_per_gas_max,
            tip: old.tip_per_gas,
        });
        let wanted = old.map_or(fresh, |old| fresh.replacing(old));
        let cap = self.fee_per_gas_max;
        let too_dear = |needed| TargetError::FeeCap {
            chain: self.rpc.chain().into(),
            needed,
            cap,
        };
        if least > cap {
            // No block would take it: it would hold its nonce for nothing.
            return Err(too_dear(
                market.map_or(least, |(base_fee, tip)| base_fee.saturating_add(tip)),
            ));
        }
        let fees = wanted
            .within(cap, old)
            .ok_or_else(|| too_dear(wanted.max))?;
        Ok((fees, market.is_none()))
    }

    /// The next block's base fee and the usual tip; `None` on a chain that has no
    /// base fees. Both as enough endpoints have them: who is asked alone could have
    /// everything paid to the cap, or nothing sent.
    async fn base_fee_and_tip(&self) -> Result<Option<(u128, u128)>, TargetError> {
        const METHOD: &str = "eth_feeHistory";
        let params = (U64::from(FEE_HISTORY_BLOCKS), "latest", [FEE_PERCENTILE]);
        let told: Vec<Result<FeeHistory, ErrorPayload>> = self.rpc.told(METHOD, params).await?;
        let (mut base_fees, mut tips, mut refusal) = (Vec::new(), Vec::new(), None);
        for answer in told {
            match answer {
                Ok(history) => {
                    base_fees.extend(history.base_fee_per_gas.last().copied());
                    let rewards = history.reward.unwrap_or_default();
                    tips.extend(median_tip(rewards.into_iter().flatten().collect()));
                }
                Err(payload) => refusal = Some(payload),
            }
        }
        let Some(base_fee) = self.rpc.reached(&base_fees) else {
            return match refusal {
                Some(payload) if payload.code != NO_SUCH_METHOD => {
                    Err(self.rpc.refused(METHOD, &payload.message))
                }
                _ => Ok(None),
            };
        };
        let tip = match self.rpc.reached(&tips) {
            Some(tip) => tip,
            // Empty blocks tell nothing; the endpoints have their own idea of the least.
            None => self
                .rpc
                .number::<_, U128>("eth_maxPriorityFeePerGas", ())
                .await?
                .to(),
        };
        Ok(Some((base_fee, tip)))
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
        // What the contracts say comes first: a consumer may revert with the words
        // that an endpoint has for an empty account.
        if let Some(rejection) = rejection(payload) {
            return TargetError::Rejected(rejection);
        }
        match Refusal::of(&payload.message) {
            Refusal::Funds => self.out_of_funds(payload),
            _ => self.rpc.refused(method, &payload.message),
        }
    }
}
