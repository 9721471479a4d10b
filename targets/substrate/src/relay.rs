//! The account that pays: it prices, signs and sends transactions.

use codec::{Compact, Encode};
use phat_primitives::{anchor::BATCH_MAX, blake2_256};
use phat_target::{PreparedTransaction, SignedRollup, TargetError};
use subxt::{
    config::{DefaultExtrinsicParamsBuilder, SubstrateConfig},
    ext::{
        scale_decode::visitor::{IgnoreVisitor, decode_with_visitor},
        scale_encode::{EncodeAsFields, Error as EncodeError, FieldIter, TypeResolver},
    },
    rpcs::{UserError, rpc_params},
    tx::Payload,
    utils::AccountId32,
};
use subxt_signer::sr25519::Keypair;

use crate::{
    anchor::Anchor,
    blocks::Blocks,
    connection::{AtBlock, Connection, Failed},
    outcome::{outcome, signatures},
};

/// By how many times the fee may rise between the moment when it is told and the one when it is
/// taken. Chains let it rise slowly.
const FEE_RISE_MAX: u128 = 2;

/// Which part of the fee is added to the tip at the least to take another transaction's place.
const TIP_STEP_DIVISOR: u128 = 10;

/// How many times the fee a transaction costs at the most, its tip counted: what a replacement must
/// pay doubles each time, and one that is stuck for another reason would be paid without bound.
const TIP_FEE_FACTOR_MAX: u128 = 10;

/// What nodes answer to a transaction that is not valid.
const INVALID_TRANSACTION: i32 = 1010;
/// To one that they hold already.
const ALREADY_IMPORTED: i32 = 1013;
/// To one that takes the place of none, as it pays no more.
const PRIORITY_TOO_LOW: i32 = 1014;
/// To one that was removed again at once, as better ones wait.
const IMMEDIATELY_DROPPED: i32 = 1016;

/// A call of the pallet whose arguments are encoded already.
struct Call<'a> {
    pallet: &'a str,
    name: &'static str,
    arguments: Encoded,
}

/// The arguments of a call, SCALE encoded one after the other.
struct Encoded(Vec<u8>);

impl EncodeAsFields for Encoded {
    fn encode_as_fields_to<R: TypeResolver>(
        &self,
        _fields: &mut dyn FieldIter<'_, R::TypeId>,
        _types: &R,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        out.extend_from_slice(&self.0);
        Ok(())
    }
}

impl Payload for Call<'_> {
    type CallData = Encoded;

    fn pallet_name(&self) -> &str {
        self.pallet
    }

    fn call_name(&self) -> &str {
        self.name
    }

    fn call_data(&self) -> &Encoded {
        &self.arguments
    }
}

/// The relay account.
pub(crate) struct Relay {
    keypair: Keypair,
    cost_max: u128,
}

impl Relay {
    pub(crate) fn new(seed: &[u8; 32], cost_max: u128) -> Result<Self, TargetError> {
        let keypair = Keypair::from_secret_key(*seed).map_err(|_| {
            TargetError::Malformed("the key of the relay account cannot be used".into())
        })?;
        Ok(Self { keypair, cost_max })
    }

    pub(crate) fn account(&self) -> AccountId32 {
        self.keypair.public_key().to_account_id()
    }

    /// The next nonce, transactions that wait counted.
    pub(crate) async fn next_nonce(&self, connection: &Connection) -> Result<u64, TargetError> {
        const METHOD: &str = "system_accountNextIndex";
        let params = rpc_params![self.account().to_string()];
        let answer = connection.rpc(METHOD, params).await?;
        answer
            .as_u64()
            .ok_or_else(|| connection.refused(METHOD, "the answer is no number"))
    }

    /// Makes a transaction that settles, and prices it.
    pub(crate) async fn prepare(
        &self,
        anchor: &Anchor<'_>,
        consumer: &[u8],
        rollups: &[SignedRollup],
        nonce: u64,
        replaces: Option<&PreparedTransaction>,
    ) -> Result<PreparedTransaction, TargetError> {
        let connection = anchor.connection;
        let call = call(anchor.pallet, consumer, rollups)?;
        let at = connection.finalized().await?;
        check_shape(anchor, &at, &call)?;
        if let [one] = rollups {
            let rejection = anchor
                .rejection(&at, consumer, &outcome(&one.rollup)?, &signatures(one)?)
                .await?;
            if let Some(rejection) = rejection {
                return Err(TargetError::Rejected(rejection));
            }
        }
        let fee = self.fee(anchor, &at, &call, nonce).await?;
        let tip = match replaces {
            None => 0,
            Some(old) => next_tip(old.tip_per_gas, fee).map_err(|needed| TargetError::FeeCap {
                chain: connection.chain().into(),
                needed: fee.saturating_add(needed),
                cap: fee.saturating_mul(TIP_FEE_FACTOR_MAX),
            })?,
        };
        let cost_max = fee.saturating_mul(FEE_RISE_MAX).saturating_add(tip);
        if cost_max > self.cost_max {
            return Err(TargetError::FeeCap {
                chain: connection.chain().into(),
                needed: cost_max,
                cap: self.cost_max,
            });
        }
        let raw = self.sign(anchor, &at, &call, nonce, tip)?;
        Ok(PreparedTransaction {
            nonce,
            hash: blake2_256(&raw),
            raw,
            // There is no unit of gas here: these are of the whole transaction.
            fee_per_gas_max: cost_max,
            tip_per_gas: tip,
            cost_max,
        })
    }

    /// What the transaction would cost now, without a tip.
    async fn fee(
        &self,
        anchor: &Anchor<'_>,
        at: &AtBlock,
        call: &Call<'_>,
        nonce: u64,
    ) -> Result<u128, TargetError> {
        let raw = self.sign(anchor, at, call, nonce, 0)?;
        let transaction = at.transactions().from_bytes(raw);
        let asked = transaction.partial_fee_estimate();
        anchor
            .connection
            .answer("TransactionPaymentApi_query_info", asked)
            .await
    }

    /// The bytes of the transaction. It does not expire: what was sent once can be sent again after
    /// any time, and the anchor takes its outcome once at the most.
    fn sign(
        &self,
        anchor: &Anchor<'_>,
        at: &AtBlock,
        call: &Call<'_>,
        nonce: u64,
        tip: u128,
    ) -> Result<Vec<u8>, TargetError> {
        let params = DefaultExtrinsicParamsBuilder::<SubstrateConfig>::new()
            .immortal()
            .nonce(nonce)
            .tip(tip)
            .build();
        let transactions = at.transactions();
        let signed = transactions
            .create_signable_offline(call, params)
            .and_then(|mut signable| signable.sign(&self.keypair));
        let signed = signed.map_err(|error| {
            anchor.connection.malformed(format!(
                "no transaction can be made as this chain wants it: {error}"
            ))
        })?;
        Ok(signed.into_encoded())
    }

    /// Sends a transaction. One that the chain has already is no error.
    pub(crate) async fn send(
        &self,
        connection: &Connection,
        blocks: &Blocks,
        transaction: &PreparedTransaction,
    ) -> Result<(), TargetError> {
        const METHOD: &str = "author_submitExtrinsic";
        let params = rpc_params![format!("0x{}", hex::encode(&transaction.raw))];
        let refusal = match connection.try_rpc(METHOD, params).await {
            Ok(_) => return Ok(()),
            Err(Failed::Refusal(refusal)) => refusal,
            Err(Failed::Other(error)) => return Err(error),
        };
        let reason = reason(&refusal);
        let kind = Refusal::of(refusal.code, &reason);
        // It may be this very transaction that used the nonce.
        let may_be_included = matches!(kind, Refusal::Nonce | Refusal::Other);
        if may_be_included && blocks.is_included(connection, transaction.hash).await? {
            return Ok(());
        }
        let chain = connection.chain().to_owned();
        match kind {
            Refusal::Known => Ok(()),
            Refusal::Price => Err(TargetError::Underpriced { chain, reason }),
            Refusal::Funds => Err(TargetError::OutOfFunds {
                chain,
                account: self.account().to_string(),
                reason,
            }),
            Refusal::Size => Err(TargetError::OutcomeTooLarge(reason)),
            Refusal::Nonce => Err(TargetError::NonceUsed {
                chain,
                nonce: transaction.nonce,
            }),
            Refusal::Other => Err(connection.refused(METHOD, reason)),
        }
    }
}

/// A tip for which nodes take the transaction in another's place; the least that it would be, if
/// that is above what is paid beside this fee.
fn next_tip(old: u128, fee: u128) -> Result<u128, u128> {
    let least = old
        .saturating_add(fee / TIP_STEP_DIVISOR)
        .max(old.saturating_add(1));
    let max = fee.max(1).saturating_mul(TIP_FEE_FACTOR_MAX - 1);
    if least > max {
        return Err(least);
    }
    Ok(old.saturating_mul(2).max(least).min(max))
}

/// The call that settles.
fn call<'a>(
    pallet: &'a str,
    consumer: &[u8],
    rollups: &[SignedRollup],
) -> Result<Call<'a>, TargetError> {
    let mut settled = Vec::with_capacity(rollups.len());
    for rollup in rollups {
        settled.push((outcome(&rollup.rollup)?, signatures(rollup)?));
    }
    if settled.is_empty() || settled.len() > BATCH_MAX as usize {
        return Err(TargetError::Malformed(format!(
            "a transaction settles from 1 to {BATCH_MAX} outcomes"
        )));
    }
    // Accounts are encoded as their bytes, and lists as their length and their items.
    let (name, mut arguments) = match settled.len() {
        1 => ("settle", Vec::new()),
        count => {
            let count = u32::try_from(count).unwrap_or(BATCH_MAX);
            ("settle_batch", Compact(count).encode())
        }
    };
    for (outcome, signatures) in settled {
        arguments.extend_from_slice(consumer);
        outcome.encode_to(&mut arguments);
        signatures.encode_to(&mut arguments);
    }
    Ok(Call {
        pallet,
        name,
        arguments: Encoded(arguments),
    })
}

/// Refuses to make a call that the chain's metadata does not know in this shape.
fn check_shape(anchor: &Anchor<'_>, at: &AtBlock, call: &Call<'_>) -> Result<(), TargetError> {
    let metadata = at.metadata_ref();
    let variant = metadata
        .pallet_by_name(call.pallet)
        .and_then(|pallet| pallet.call_variant_by_name(call.name))
        .ok_or_else(|| anchor.misfit(format!("it has no call {}", call.name)))?;
    let mut left = &call.arguments.0[..];
    for field in &variant.fields {
        decode_with_visitor(
            &mut left,
            field.ty.id,
            metadata.types(),
            IgnoreVisitor::new(),
        )
        .map_err(|error| anchor.misfit(format!("its call {} is another: {error}", call.name)))?;
    }
    match left.is_empty() {
        true => Ok(()),
        false => Err(anchor.misfit(format!("its call {} takes less", call.name))),
    }
}

/// What a node says of a transaction that it does not take.
fn reason(refusal: &UserError) -> String {
    match &refusal.data {
        Some(data) => format!("{}: {}", refusal.message, data.get()),
        None => refusal.message.clone(),
    }
}

/// What a node means that does not take a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// It has it already.
    Known,
    /// The account cannot pay.
    Funds,
    /// The nonce is used.
    Nonce,
    /// It pays too little, or was signed for an older version of the runtime: another one has to be
    /// made in its place.
    Price,
    /// No block can carry it.
    Size,
    /// Something else.
    Other,
}

impl Refusal {
    fn of(code: i32, reason: &str) -> Self {
        let reason = reason.to_ascii_lowercase();
        let says = |sign: &str| reason.contains(sign);
        match code {
            ALREADY_IMPORTED => Self::Known,
            PRIORITY_TOO_LOW | IMMEDIATELY_DROPPED => Self::Price,
            INVALID_TRANSACTION if says("inability to pay") => Self::Funds,
            INVALID_TRANSACTION if says("outdated") || says("stale") => Self::Nonce,
            INVALID_TRANSACTION if says("bad signature") => Self::Price,
            INVALID_TRANSACTION if says("exhaust") => Self::Size,
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_nodes_are_understood() {
        for (code, reason, refusal) in [
            (1013, "Transaction Already Imported", Refusal::Known),
            (1014, "Priority is too low: (1 vs 2)", Refusal::Price),
            (
                1010,
                "Invalid Transaction: \"Inability to pay some fees (e.g. account balance too low)\"",
                Refusal::Funds,
            ),
            (
                1010,
                "Invalid Transaction: \"Transaction is outdated\"",
                Refusal::Nonce,
            ),
            (
                1010,
                "Invalid Transaction: \"Transaction has a bad signature\"",
                Refusal::Price,
            ),
            (
                1010,
                "Invalid Transaction: \"Transaction would exhaust the block limits\"",
                Refusal::Size,
            ),
            (1012, "Transaction is temporarily banned", Refusal::Other),
            (-32601, "Method not found", Refusal::Other),
        ] {
            assert_eq!(Refusal::of(code, reason), refusal, "{reason}");
        }
    }

    #[test]
    fn a_tip_that_takes_anothers_place_is_higher_by_a_part_of_the_fee() {
        assert_eq!(next_tip(0, 0), Ok(1));
        assert_eq!(next_tip(0, 1_000), Ok(100));
        assert_eq!(next_tip(400, 1_000), Ok(800));
    }

    #[test]
    fn tips_end_at_a_multiple_of_the_fee() {
        assert_eq!(
            next_tip(5_000, 1_000),
            Ok(9_000),
            "with the fee ten times as much"
        );
        assert_eq!(next_tip(8_900, 1_000), Ok(9_000));
        assert_eq!(next_tip(8_901, 1_000), Err(9_001));
        assert_eq!(next_tip(9_000, 1_000), Err(9_100));
        assert_eq!(next_tip(u128::MAX, 1_000), Err(u128::MAX));
        assert_eq!(next_tip(u128::MAX / 2, u128::MAX), Ok(u128::MAX - 1));
        // However often it is replaced.
        let (mut tip, mut count) = (0, 0);
        while let Ok(next) = next_tip(tip, 1_000) {
            assert!(next > tip);
            (tip, count) = (next, count + 1);
        }
        assert_eq!((tip, count), (9_000, 8));
    }

    #[test]
    fn the_relay_account_is_the_one_of_its_seed() {
        let alice = subxt_signer::sr25519::dev::alice();
        let seed = "e5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a";
        let mut bytes = [0; 32];
        hex::decode_to_slice(seed, &mut bytes).expect("digits");
        let relay = Relay::new(&bytes, 1).expect("a key");
        assert_eq!(relay.account(), alice.public_key().to_account_id());
    }
}
