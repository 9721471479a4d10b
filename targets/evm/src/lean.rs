//! The lean anchor, inherited by a consumer or shared.

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    rpc::types::{Filter, Log},
    sol_types::{SolCall, SolEvent},
};
use phat_target::{
    AnchorRequest, BlockRef, Quorum, Rejection, RequestNumber, RequestStatus, Rollup, SignedRollup,
    TargetError, Versioned,
};

use crate::{
    contracts::anchor::PhatAnchor,
    outcome::{self, in_order, key_hash},
    relay::Relay,
    revert::decode,
};

/// The longest input that an anchor lets through (`AnchorCore.INPUT_BYTES_MAX`).
const INPUT_BYTES_MAX: usize = 16_384;
/// The most outcomes in a batch. The anchor takes 256; with the longest outputs even
/// fewer fit into a transaction.
pub(crate) const BATCH_MAX: usize = 64;
/// The number in outcomes that nobody asked for: ids count from 1.
const NO_REQUEST: RequestNumber = [0; 32];

/// A consumer at an anchor.
#[derive(Clone, Copy)]
pub(crate) struct Lean<'a> {
    pub relay: &'a Relay,
    /// The contract that takes outcomes.
    pub contract: Address,
    /// The contract that is called back.
    pub consumer: Address,
}

impl Lean<'_> {
    /// The logs of the consumer's requests.
    pub(crate) fn filter(&self) -> Filter {
        Filter::new()
            .address(self.contract)
            .event_signature(PhatAnchor::Requested::SIGNATURE_HASH)
            .topic2(self.consumer)
    }

    /// The request in a log; `None` for a log that no anchor writes.
    pub(crate) fn request(&self, log: &Log) -> Option<AnchorRequest> {
        let block = BlockRef {
            number: log.block_number?,
            hash: log.block_hash?.0,
        };
        if log.removed || log.address() != self.contract {
            return None;
        }
        let event = PhatAnchor::Requested::decode_log(&log.inner).ok()?.data;
        if event.consumer != self.consumer {
            return None;
        }
        if event.input.len() > INPUT_BYTES_MAX {
            tracing::warn!(
                consumer = %self.consumer, id = %event.id, bytes = event.input.len(),
                "request passed over: input too long"
            );
            return None;
        }
        let fee: u128 = event.fee.to();
        let deadline: u64 = event.expiresAt.to();
        let expires_at = (deadline != 0).then_some(deadline);
        let commitment = outcome::commitment(
            self.consumer,
            event.requester,
            &event.input,
            fee,
            expires_at,
        );
        Some(AnchorRequest {
            number: event.id.to_be_bytes(),
            requester: event.requester.to_vec(),
            commitment: commitment.0,
            input: event.input.to_vec(),
            block,
            expires_at,
            fee,
        })
    }

    /// What has become of a request.
    pub(crate) async fn status(&self, number: RequestNumber) -> Result<RequestStatus, TargetError> {
        let call = PhatAnchor::statusCall {
            consumer: self.consumer,
            id: U256::from_be_bytes(number),
        };
        // The order of `IPhatAnchor.Status`.
        match self.relay.view_newest(self.contract, &call).await? {
            0 => Ok(RequestStatus::Unknown),
            1 => Ok(RequestStatus::Open),
            2 => Ok(RequestStatus::Settled),
            3 => Ok(RequestStatus::Failed),
            4 => Ok(RequestStatus::Expired),
            other => Err(TargetError::Malformed(format!(
                "{other} is no status of a request"
            ))),
        }
    }

    /// A value of the consumer's store at a block.
    pub(crate) async fn read(&self, key: &[u8], block: BlockRef) -> Result<Versioned, TargetError> {
        let call = PhatAnchor::getValueCall {
            consumer: self.consumer,
            key: key_hash(key),
        };
        let answer = self.relay.view_at(self.contract, &call, block).await?;
        Ok(Versioned {
            value: answer.value.to_vec(),
            version: answer.version,
        })
    }

    /// What a refusal means for an outcome that nobody asked for.
    ///
    /// Where the key that guards it has changed, and has the value that the outcome would write, it
    /// is settled, or another outcome of the same firing is. Where it has another value, a schedule
    /// has fired again, and the outcome is stale like any other.
    pub(crate) async fn explain(&self, rollup: &Rollup, rejection: Rejection) -> TargetError {
        let is_stale = matches!(rejection, Rejection::StaleVersion { .. });
        let guard = rollup.reads.first().zip(rollup.writes.first());
        let Some((read, write)) = guard.filter(|_| is_stale && rollup.number == NO_REQUEST) else {
            return TargetError::Rejected(rejection);
        };
        let call = PhatAnchor::getValueCall {
            consumer: self.consumer,
            key: key_hash(&read.key),
        };
        match self.relay.view_newest(self.contract, &call).await {
            Ok(now) if now.version != read.version && now.value[..] == write.value[..] => {
                TargetError::Rejected(Rejection::AlreadySettled)
            }
            Ok(_) => TargetError::Rejected(rejection),
            Err(error) => error,
        }
    }

    /// Who must sign an outcome.
    pub(crate) async fn quorum(&self) -> Result<Quorum, TargetError> {
        let call = PhatAnchor::quorumOfCall {
            consumer: self.consumer,
        };
        let answer = self.relay.view_newest(self.contract, &call).await?;
        let threshold = u32::try_from(answer.threshold).map_err(|_| {
            TargetError::Malformed(format!(
                "{} says that {} attestors must sign",
                self.contract, answer.threshold
            ))
        })?;
        Ok(Quorum {
            threshold: threshold.max(1),
            attestors: answer.attestors.iter().map(Address::to_string).collect(),
        })
    }

    /// Signs an outcome.
    pub(crate) fn sign(
        &self,
        rollup: Rollup,
        contract_key: &[u8; 32],
    ) -> Result<SignedRollup, TargetError> {
        let signature = outcome::sign(&self.digest(&rollup), contract_key)?;
        Ok(SignedRollup {
            rollup,
            signatures: vec![signature.to_vec()],
        })
    }

    /// Puts signatures of an outcome in order.
    pub(crate) fn join(
        &self,
        rollup: Rollup,
        signatures: Vec<Vec<u8>>,
    ) -> Result<SignedRollup, TargetError> {
        let signatures = in_order(&self.digest(&rollup), signatures)?;
        Ok(SignedRollup { rollup, signatures })
    }

    /// Who signed an outcome.
    pub(crate) fn signers(&self, signed: &SignedRollup) -> Result<Vec<Address>, TargetError> {
        let digest = self.digest(&signed.rollup);
        let signatures = signed.signatures.iter();
        signatures
            .map(|bytes| outcome::recover(&digest, bytes))
            .collect()
    }

    fn digest(&self, rollup: &Rollup) -> B256 {
        let chain_id = self.relay.rpc.chain_id();
        outcome::digest(chain_id, self.contract, self.consumer, rollup)
    }

    /// The input of the transaction that settles; several as a batch.
    pub(crate) fn calldata(&self, rollups: &[SignedRollup]) -> Bytes {
        let outcome = |signed: &SignedRollup| outcome::outcome(self.consumer, &signed.rollup);
        match rollups {
            [one] => PhatAnchor::settleCall {
                outcome: outcome(one),
                signatures: one.signatures.concat().into(),
            }
            .abi_encode()
            .into(),
            many => PhatAnchor::settleBatchCall {
                outcomes: many.iter().map(outcome).collect(),
                signatures: many
                    .iter()
                    .map(|signed| signed.signatures.concat().into())
                    .collect(),
            }
            .abi_encode()
            .into(),
        }
    }

    /// The gas that a batch of so many outcomes may use beyond what it is estimated to.
    ///
    /// The anchor has each callback get what its consumer asks for, or reverts the whole
    /// transaction. An estimate has that for the last one, but of those before no more
    /// than they use now, which may be more when the transaction is included.
    pub(crate) async fn gas_spare(&self, outcomes: usize) -> Result<u64, TargetError> {
        let callbacks = outcomes.saturating_sub(1);
        if callbacks == 0 {
            return Ok(0);
        }
        let call = PhatAnchor::callbackGasOfCall {
            consumer: self.consumer,
        };
        let each = self.relay.view_newest(self.contract, &call).await?;
        let each = u64::try_from(each).unwrap_or(u64::MAX);
        let callbacks = u64::try_from(callbacks).unwrap_or(u64::MAX);
        Ok(each.saturating_mul(callbacks))
    }

    /// Refuses a batch all of whose outcomes the anchor would pass over: it would
    /// cost its gas for nothing.
    pub(crate) async fn check_batch(&self, rollups: &[SignedRollup]) -> Result<(), TargetError> {
        let call = PhatAnchor::settleBatchCall {
            outcomes: rollups
                .iter()
                .map(|signed| outcome::outcome(self.consumer, &signed.rollup))
                .collect(),
            signatures: rollups
                .iter()
                .map(|signed| signed.signatures.concat().into())
                .collect(),
        };
        let refusals = self.relay.try_call(self.contract, &call).await?;
        match refusals.first() {
            Some(first) if refusals.iter().all(|refusal| !refusal.is_empty()) => {
                Err(self.explain(&rollups[0].rollup, decode(first)).await)
            }
            Some(_) => Ok(()),
            None => Err(TargetError::Rejected(Rejection::Reverted(
                "the anchor tells of no outcome in the batch".into(),
            ))),
        }
    }
}
