//! Consumers with the older rollup interface: a store of bytes with a queue of
//! requests in it, and rollups that apply as long as the numbers they were made for
//! are still stored.
//!
//! The interface settles requests in their order, one a transaction, and a consumer
//! whose callback reverts holds up its queue. What a request and its reply mean is
//! between the consumer and the Phat Contract: here they are bytes. A run that fails
//! has no reply, since only the contract knows the form of one: the request is taken
//! off the queue, and the consumer is not called.

pub(crate) mod queue;
mod signed;

use alloy::{
    primitives::{Address, B256, Bytes, U256, keccak256},
    rpc::types::{Filter, Log},
    sol_types::{SolEvent, SolValue},
};
use phat_target::{
    AnchorRequest, BlockRef, Quorum, Rejection, RequestNumber, RequestStatus, Rollup, SignedRollup,
    TargetError, Versioned,
};
use queue::{HEAD, TAIL, message_key, number_of, version_key};
use signed::{Lists, Signed};

use crate::{contracts::rollup::PhatRollupAnchor as Abi, logs, outcome::attestor, relay::Relay};

/// The most blocks before the ones asked for in which requests are looked for that
/// wait in the queue.
const QUEUE_BLOCKS_MAX: u64 = 20_000;

/// A consumer with the older interface.
#[derive(Clone, Copy)]
pub(crate) struct RollupAnchor<'a> {
    pub relay: &'a Relay,
    pub consumer: Address,
    pub log_blocks_max: u64,
}

impl RollupAnchor<'_> {
    /// The requests made in the blocks `from..=to`, oldest first.
    pub(crate) async fn requests(
        &self,
        from: u64,
        to: u64,
    ) -> Result<Vec<AnchorRequest>, TargetError> {
        let filter = Filter::new()
            .address(self.consumer)
            .event_signature(Abi::MessageQueued::SIGNATURE_HASH);
        let logs = logs::search(&self.relay.rpc, &filter, from, to, self.log_blocks_max).await?;
        Ok(logs.iter().filter_map(|log| self.request(log)).collect())
    }

    /// The requests in the queue that were made before block `from`, and before the
    /// request `first`, the oldest that is known: they hold up all later ones. Their
    /// events are looked for in the blocks before; what is not found there is read
    /// from the queue itself.
    pub(crate) async fn waiting_before(
        &self,
        from: u64,
        first: Option<u32>,
    ) -> Result<Vec<AnchorRequest>, TargetError> {
        let (head, tail) = self.queue().await?;
        if head >= first.unwrap_or(tail) || from == 0 {
            return Ok(Vec::new());
        }
        let least = from.saturating_sub(QUEUE_BLOCKS_MAX);
        let (mut end, mut first) = (from, first);
        let mut found = Vec::new();
        while end > least && first.is_none_or(|first| first > head) {
            let start = end.saturating_sub(self.log_blocks_max.max(1)).max(least);
            let mut earlier = self.requests(start, end - 1).await?;
            let lowest = earlier.iter().filter_map(|r| index_of(r.number)).min();
            first = lowest.or(first);
            earlier.retain(|request| index_of(request.number).is_some_and(|index| index >= head));
            earlier.append(&mut found);
            found = earlier;
            end = start;
        }
        let mut waiting = Vec::new();
        for index in head..first.unwrap_or(head) {
            waiting.extend(self.stored(index, from).await?);
        }
        waiting.append(&mut found);
        Ok(waiting)
    }

    /// What has become of a request, as the ends of the queue tell.
    pub(crate) async fn status(&self, number: RequestNumber) -> Result<RequestStatus, TargetError> {
        let (head, tail) = self.queue().await?;
        Ok(match index_of(number) {
            Some(index) if index < head => RequestStatus::Settled,
            Some(index) if index < tail => RequestStatus::Open,
            _ => RequestStatus::Unknown,
        })
    }

    /// A value of the consumer's store at a block, with the version that clients keep
    /// beside it.
    pub(crate) async fn read(&self, key: &[u8], block: BlockRef) -> Result<Versioned, TargetError> {
        let at = |key: Vec<u8>| async move {
            let call = Abi::getStorageCall { key: key.into() };
            self.relay.view_at(self.consumer, &call, block).await
        };
        let value = at(key.to_vec()).await?;
        let version = number_of(&at(version_key(key)).await?)?;
        Ok(Versioned {
            value: value.to_vec(),
            version: version.into(),
        })
    }

    /// One attestor signs. The interface keeps no list of them.
    pub(crate) fn quorum() -> Quorum {
        Quorum {
            threshold: 1,
            attestors: Vec::new(),
        }
    }

    /// Signs an outcome as a meta-transaction.
    pub(crate) async fn sign(
        &self,
        rollup: Rollup,
        contract_key: &[u8; 32],
    ) -> Result<SignedRollup, TargetError> {
        let index = self.index(rollup.number)?;
        let (head, _) = self.queue().await?;
        let mut lists = Lists::of_request(index, rollup.success, &rollup.output);
        for read in &rollup.reads {
            lists.depend(&read.key, read.version)?;
        }
        for write in &rollup.writes {
            let read = rollup.reads.iter().find(|read| read.key == write.key);
            let version = match read {
                Some(read) => read.version,
                None => u64::from(self.number(version_key(&write.key)).await?),
            };
            lists.write(&write.key, &write.value, version)?;
        }
        let from = attestor(contract_key)?;
        let call = Abi::metaTxGetNonceCall { from };
        let next = self.relay.view_newest(self.consumer, &call).await?;
        // Requests are settled in their order, and each takes one nonce: that of this
        // one is known before its turn comes.
        let nonce = next.saturating_add(U256::from(index.saturating_sub(head)));
        let chain_id = self.relay.rpc.chain_id();
        let signed = Signed::new(chain_id, self.consumer, nonce, &lists, contract_key)?;
        Ok(SignedRollup {
            rollup,
            signatures: vec![signed.encode()],
        })
    }

    /// Who signed an outcome. What else the signature is of, the interface does not
    /// tell apart: only its signer.
    pub(crate) fn signers(&self, signed: &SignedRollup) -> Result<Vec<Address>, TargetError> {
        let chain_id = self.relay.rpc.chain_id();
        let signatures = signed.signatures.iter();
        signatures
            .map(|bytes| Signed::decode(bytes)?.signer(chain_id, self.consumer))
            .collect()
    }

    /// The input of the transaction that settles. The attestor's signature goes along,
    /// unless the relay account is an attestor itself: then it sends the rollup as its
    /// own, which costs less.
    pub(crate) async fn calldata(&self, signed: &SignedRollup) -> Result<Bytes, TargetError> {
        let [bytes] = signed.signatures.as_slice() else {
            return Err(TargetError::Malformed(format!(
                "{} takes the signature of one attestor",
                self.consumer
            )));
        };
        let meta = Signed::decode(bytes)?;
        self.check_content(&signed.rollup).await?;
        let call = Abi::hasRoleCall {
            role: keccak256("ATTESTOR_ROLE"),
            account: self.relay.address(),
        };
        // A consumer without roles has another way to tell attestors.
        let is_attestor = match self.relay.view_newest(self.consumer, &call).await {
            Ok(is_attestor) => is_attestor,
            Err(error) if error.is_outage() => return Err(error),
            Err(_) => false,
        };
        Ok(if is_attestor {
            meta.direct()
        } else {
            meta.forwarded()
        })
    }

    /// Puts a name to the attestor that is refused: the interface tells none.
    pub(crate) fn explain(&self, signed: &SignedRollup, error: TargetError) -> TargetError {
        match error {
            TargetError::Rejected(Rejection::NotAttestor(_)) => {
                let from = signed
                    .signatures
                    .first()
                    .and_then(|bytes| Signed::decode(bytes).ok())
                    .map_or_else(|| "the signer".into(), |meta| meta.from().to_string());
                TargetError::Rejected(Rejection::NotAttestor(from))
            }
            error => error,
        }
    }

    /// Refuses an outcome for a request that is gone or has become another one: the
    /// interface itself does not ask.
    async fn check_content(&self, rollup: &Rollup) -> Result<(), TargetError> {
        let index = self.index(rollup.number)?;
        let data = self.storage(message_key(index)).await?;
        let rejection = if data.is_empty() {
            match self.status(rollup.number).await? {
                RequestStatus::Settled => Rejection::AlreadySettled,
                RequestStatus::Unknown => Rejection::UnknownRequest,
                // It was queued with no bytes.
                _ if rollup.commitment == self.commitment(index, &data).0 => return Ok(()),
                _ => Rejection::CommitmentMismatch,
            }
        } else if rollup.commitment != self.commitment(index, &data).0 {
            Rejection::CommitmentMismatch
        } else {
            return Ok(());
        };
        Err(TargetError::Rejected(rejection))
    }

    /// The request in a log; `None` for a log that is none.
    fn request(&self, log: &Log) -> Option<AnchorRequest> {
        let block = BlockRef {
            number: log.block_number?,
            hash: log.block_hash?.0,
        };
        if log.removed || log.address() != self.consumer {
            return None;
        }
        let event = Abi::MessageQueued::decode_log(&log.inner).ok()?.data;
        let index = u32::try_from(event.idx).ok()?;
        Some(self.anchor_request(index, event.data.to_vec(), block))
    }

    /// A request as the queue holds it. Which block it is in is not to be had: the
    /// number of another block and a hash of its own stand for it.
    async fn stored(&self, index: u32, from: u64) -> Result<Option<AnchorRequest>, TargetError> {
        let data = self.storage(message_key(index)).await?;
        if data.is_empty() {
            return Ok(None);
        }
        let block = BlockRef {
            number: from,
            hash: self.commitment(index, &data).0,
        };
        Ok(Some(self.anchor_request(index, data.to_vec(), block)))
    }

    fn anchor_request(&self, index: u32, data: Vec<u8>, block: BlockRef) -> AnchorRequest {
        AnchorRequest {
            number: U256::from(index).to_be_bytes(),
            // The interface does not tell who asked the consumer.
            requester: self.consumer.to_vec(),
            commitment: self.commitment(index, &data).0,
            input: data,
            block,
            expires_at: None,
            fee: 0,
        }
    }

    /// What binds an outcome to a request: the interface has nothing of the kind, so
    /// this is between this adapter's own parts.
    fn commitment(&self, index: u32, data: &[u8]) -> B256 {
        keccak256((self.consumer, index, keccak256(data)).abi_encode())
    }

    /// The first request in the queue, and the one that comes next.
    async fn queue(&self) -> Result<(u32, u32), TargetError> {
        // The head first: it never gets past the tail that is read after it.
        let head = self.number(HEAD.to_vec()).await?;
        let tail = self.number(TAIL.to_vec()).await?;
        Ok((head, tail))
    }

    async fn number(&self, key: Vec<u8>) -> Result<u32, TargetError> {
        number_of(&self.storage(key).await?)
    }

    async fn storage(&self, key: Vec<u8>) -> Result<Bytes, TargetError> {
        let call = Abi::getStorageCall { key: key.into() };
        self.relay.view_newest(self.consumer, &call).await
    }

    fn index(&self, number: RequestNumber) -> Result<u32, TargetError> {
        index_of(number).ok_or_else(|| {
            TargetError::Malformed(format!(
                "{} has no request {}: its queue counts to 2^32",
                self.consumer,
                U256::from_be_bytes(number)
            ))
        })
    }
}

fn index_of(number: RequestNumber) -> Option<u32> {
    u32::try_from(U256::from_be_bytes(number)).ok()
}
