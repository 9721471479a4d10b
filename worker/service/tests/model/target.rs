//! A target chain in memory. A block is made at every look at its head, so time
//! passes as fast as the worker looks.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use phat_primitives::blake2_256;
use phat_target::{
    AnchorRequest, BlockRef, ChainLog, LogFilter, PreparedTransaction, Quorum, Rejection,
    RequestNumber, RequestStatus, Rollup, SignedRollup, Target, TargetError, TransactionHash,
    TransactionStatus, Versioned,
};
use tokio::sync::Notify;

pub const CHAIN: &str = "eip155:31337";
pub const ANCHOR: [u8; 20] = [7; 20];

/// What the chain holds, and what a test changes about it.
#[derive(Default)]
pub struct State {
    pub tip: u64,
    pub requests: Vec<AnchorRequest>,
    /// What each request was settled with, in order of time.
    pub settlements: Vec<Rollup>,
    pub values: BTreeMap<Vec<u8>, (Vec<u8>, u64)>,
    pub is_down: bool,
    pub takes_no_attestor: bool,
    /// Transactions stay in the pool.
    pub is_jammed: bool,
    /// The anchors of requests that were not made at [`ANCHOR`].
    pub anchors: BTreeMap<RequestNumber, Vec<u8>>,
    /// Anchors that cannot be searched, and why.
    pub bad_anchors: BTreeMap<Vec<u8>, TargetError>,
    /// Requests whose status cannot be read.
    pub unreadable: BTreeSet<RequestNumber>,
    /// Requests whose settlement reverts, and with what words.
    pub reverting: BTreeMap<RequestNumber, String>,
    /// Requests whose transactions the endpoint does not take.
    pub unsendable: BTreeSet<RequestNumber>,
    /// The longest output that can be signed.
    pub signed_bytes_max: Option<usize>,
    /// What says that a run has failed cannot be signed, as parts of a consumer's store are
    /// signed along and cannot be read.
    pub is_failure_unsignable: bool,
    /// The longest output that can be paid for.
    pub paid_bytes_max: Option<usize>,
    /// The relay account, if it is another than usual.
    pub relay_account: Option<String>,
    /// Logs of contracts, with the block that each is in.
    pub logs: Vec<(LogFilter, ChainLog)>,
    /// The most requests of one transaction; 0 counts as 1.
    pub batch_max: usize,
    /// The most requests whose settlements one transaction can pay for.
    pub fitting_max: Option<usize>,
    /// What the relay account has.
    pub balance: u128,
    /// How many must sign, and who may; none of them where nobody is named.
    pub quorum: Option<(u32, Vec<String>)>,
    /// How many requests each transaction carried that was included.
    pub carried: Vec<usize>,
    pub sent: u64,
    nonce: u64,
    pool: BTreeMap<u64, PreparedTransaction>,
    rollups: BTreeMap<TransactionHash, Vec<SignedRollup>>,
    included: BTreeMap<TransactionHash, (u64, bool)>,
}

/// The chain.
#[derive(Clone, Default)]
pub struct ModelTarget {
    state: Arc<Mutex<State>>,
    looked_at: Arc<Notify>,
}

impl ModelTarget {
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Asks for something at the anchor. Gives the request's number.
    pub fn request(&self, input: &[u8]) -> RequestNumber {
        let mut state = self.state();
        let number = state.next_number();
        let block = state.mine();
        state.requests.push(AnchorRequest {
            number,
            requester: vec![1; 20],
            input: input.to_vec(),
            commitment: blake2_256(input),
            block,
            expires_at: None,
            fee: 0,
        });
        number
    }

    /// Has a contract log this, in a block of its own. What `filter` is, is found by it.
    pub fn log(&self, filter: &LogFilter, count: u32) {
        let mut state = self.state();
        let block = state.mine();
        for index in 0..count {
            let log = ChainLog {
                block,
                index,
                json: serde_json::json!({ "logIndex": index }),
            };
            state.logs.push((filter.clone(), log));
        }
    }

    /// Asks for something at another anchor. Gives the request's number.
    pub fn request_at(&self, anchor: [u8; 20], input: &[u8]) -> RequestNumber {
        let mut state = self.state();
        let number = state.next_number();
        state.anchors.insert(number, anchor.to_vec());
        drop(state);
        self.request(input)
    }

    /// Reorganises a request away and gives its number to another one.
    pub fn replace(&self, number: RequestNumber, input: &[u8]) {
        let mut state = self.state();
        let block = state.mine();
        let mut requests = state.requests.iter_mut();
        let replaced = requests.find(|request| request.number == number).unwrap();
        replaced.input = input.to_vec();
        replaced.commitment = blake2_256(input);
        replaced.block = block;
    }

    /// Waits until the chain is as a test wants it.
    pub async fn until(&self, what: &str, mut is_so: impl FnMut(&State) -> bool) {
        self.until_or(what, || is_so(&self.state())).await;
    }

    /// Waits until something is so, checked whenever the worker looks at the chain.
    pub async fn until_or(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let wait = async {
            loop {
                let looked_at = self.looked_at.notified();
                if is_so() {
                    return;
                }
                looked_at.await;
            }
        };
        // Only a test that fails waits that long.
        let guard = std::time::Duration::from_secs(60);
        tokio::time::timeout(guard, wait)
            .await
            .unwrap_or_else(|_| panic!("it never came to this: {what}"));
    }

    fn up(&self) -> Result<MutexGuard<'_, State>, TargetError> {
        let state = self.state();
        if state.is_down {
            return Err(TargetError::Unreachable {
                chain: CHAIN.into(),
                reason: "it is down".into(),
            });
        }
        Ok(state)
    }
}

impl State {
    pub fn settled(&self, number: RequestNumber) -> Vec<&Rollup> {
        let all = self.settlements.iter();
        all.filter(|rollup| rollup.number == number).collect()
    }

    /// Undoes what settled a request, and what else its transaction settled, as a deep
    /// reorganisation does.
    pub fn undo(&mut self, number: RequestNumber) {
        self.settlements.retain(|rollup| rollup.number != number);
        let carries = |all: &Vec<SignedRollup>| all.iter().any(|one| one.rollup.number == number);
        let rollups = &self.rollups;
        self.included
            .retain(|hash, _| !rollups.get(hash).is_some_and(carries));
    }

    fn next_number(&self) -> RequestNumber {
        let mut number = [0; 32];
        let next = self.requests.len() as u64 + 1;
        number[24..].copy_from_slice(&next.to_be_bytes());
        number
    }

    fn block(&self, number: u64) -> BlockRef {
        BlockRef {
            number,
            hash: blake2_256(&number.to_be_bytes()),
        }
    }

    fn mine(&mut self) -> BlockRef {
        self.tip += 1;
        while !self.is_jammed
            && let Some(transaction) = self.pool.remove(&self.nonce)
        {
            self.nonce += 1;
            let all = self.rollups[&transaction.hash].clone();
            let mut passed_over = 0;
            self.carried.push(all.len());
            for signed in &all {
                if self.check(signed).is_err() {
                    passed_over += 1;
                    continue;
                }
                for write in &signed.rollup.writes {
                    let slot = self.values.entry(write.key.clone()).or_default();
                    *slot = (write.value.clone(), slot.1 + 1);
                }
                self.settlements.push(signed.rollup.clone());
            }
            let success = all.len() > 1 || passed_over == 0;
            self.included.insert(transaction.hash, (self.tip, success));
        }
        self.block(self.tip)
    }

    fn version(&self, key: &[u8]) -> u64 {
        self.values.get(key).map_or(0, |(_, version)| *version)
    }

    fn check(&self, signed: &SignedRollup) -> Result<(), Rejection> {
        let rollup = &signed.rollup;
        if let Some((need, attestors)) = &self.quorum {
            let signers = signed.signatures.iter().map(|one| signer(one));
            let mut have = 0;
            for signer in signers {
                if !attestors.contains(&signer) {
                    return Err(Rejection::NotAttestor(signer));
                }
                have += 1;
            }
            let need = *need;
            if have < need {
                return Err(Rejection::QuorumMissing { have, need });
            }
        }
        if self.takes_no_attestor {
            return Err(Rejection::NotAttestor("0xabcd".into()));
        }
        if rollup.number == [0; 32] {
            return self.check_unasked(rollup);
        }
        if !self.settled(rollup.number).is_empty() {
            return Err(Rejection::AlreadySettled);
        }
        if let Some(reason) = self.reverting.get(&rollup.number) {
            return Err(Rejection::Reverted(reason.clone()));
        }
        let open = self
            .requests
            .iter()
            .find(|request| request.number == rollup.number);
        if open.is_none_or(|request| request.commitment != rollup.commitment) {
            return Err(Rejection::CommitmentMismatch);
        }
        self.check_reads(rollup)
    }

    /// What nobody asked for is taken if it depends on a key that it changes.
    fn check_unasked(&self, rollup: &Rollup) -> Result<(), Rejection> {
        let read = rollup.reads.first().map(|read| &read.key);
        let written = rollup.writes.first().map(|write| &write.key);
        if read.is_none() || read != written {
            return Err(Rejection::Reverted("Unguarded()".into()));
        }
        self.check_reads(rollup)
    }

    fn check_reads(&self, rollup: &Rollup) -> Result<(), Rejection> {
        for read in &rollup.reads {
            let actual = self.version(&read.key);
            if actual != read.version {
                return Err(Rejection::StaleVersion {
                    expected: read.version,
                    actual,
                });
            }
        }
        Ok(())
    }
}

/// The account whose signature this is.
fn signer(signature: &[u8]) -> String {
    format!("0x{}", hex::encode(signature))
}

#[async_trait]
impl Target for ModelTarget {
    fn chain(&self) -> &str {
        CHAIN
    }

    fn relay_account(&self) -> String {
        let account = self.state().relay_account.clone();
        account.unwrap_or_else(|| "0xrelay".into())
    }

    fn confirmations(&self) -> u64 {
        0
    }

    fn attestor(&self, contract_key: &[u8; 32]) -> Result<String, TargetError> {
        Ok(format!(
            "0x{}",
            hex::encode(&blake2_256(contract_key)[..20])
        ))
    }

    async fn head(&self) -> Result<BlockRef, TargetError> {
        let head = self.up().map(|mut state| state.mine());
        self.looked_at.notify_waiters();
        head
    }

    async fn block(&self, number: u64) -> Result<BlockRef, TargetError> {
        Ok(self.up()?.block(number))
    }

    async fn requests(
        &self,
        anchor: &[u8],
        from: u64,
        to: u64,
    ) -> Result<Vec<AnchorRequest>, TargetError> {
        let state = self.up()?;
        if let Some(error) = state.bad_anchors.get(anchor) {
            return Err(error.clone());
        }
        let all = state.requests.iter();
        let found = all.filter(|request| {
            let at = state.anchors.get(&request.number);
            at.map_or(&ANCHOR[..], Vec::as_slice) == anchor
                && (from..=to).contains(&request.block.number)
        });
        Ok(found.cloned().collect())
    }

    async fn request_status(
        &self,
        _anchor: &[u8],
        number: RequestNumber,
    ) -> Result<RequestStatus, TargetError> {
        let state = self.up()?;
        if state.unreadable.contains(&number) {
            return Err(TargetError::Malformed("it is no anchor".into()));
        }
        Ok(if !state.settled(number).is_empty() {
            RequestStatus::Settled
        } else if state
            .requests
            .iter()
            .any(|request| request.number == number)
        {
            RequestStatus::Open
        } else {
            RequestStatus::Unknown
        })
    }

    async fn read(
        &self,
        _anchor: &[u8],
        key: &[u8],
        _block: BlockRef,
    ) -> Result<Versioned, TargetError> {
        let state = self.up()?;
        let (value, version) = state.values.get(key).cloned().unwrap_or_default();
        Ok(Versioned { value, version })
    }

    async fn logs(
        &self,
        filter: &LogFilter,
        from: u64,
        to: u64,
    ) -> Result<Vec<ChainLog>, TargetError> {
        let state = self.up()?;
        let found = state
            .logs
            .iter()
            .filter(|(by, log)| by == filter && (from..=to).contains(&log.block.number));
        Ok(found.map(|(_, log)| log.clone()).collect())
    }

    async fn quorum(&self, _anchor: &[u8]) -> Result<Quorum, TargetError> {
        let (threshold, attestors) = self.up()?.quorum.clone().unwrap_or((1, Vec::new()));
        Ok(Quorum {
            threshold,
            attestors,
        })
    }

    async fn sign(
        &self,
        _anchor: &[u8],
        rollup: Rollup,
        contract_key: &[u8; 32],
    ) -> Result<SignedRollup, TargetError> {
        if !rollup.success && self.state().is_failure_unsignable {
            return Err(TargetError::Malformed("junk in its store".into()));
        }
        let bytes = rollup.output.len();
        if self.state().signed_bytes_max.is_some_and(|max| bytes > max) {
            let reason = format!("its settlement has {bytes} bytes");
            return Err(TargetError::OutcomeTooLarge(reason));
        }
        Ok(SignedRollup {
            rollup,
            signatures: vec![blake2_256(contract_key)[..20].to_vec()],
        })
    }

    fn signers(&self, _anchor: &[u8], signed: &SignedRollup) -> Result<Vec<String>, TargetError> {
        Ok(signed.signatures.iter().map(|one| signer(one)).collect())
    }

    fn join(&self, _anchor: &[u8], signed: Vec<SignedRollup>) -> Result<SignedRollup, TargetError> {
        let mut all = signed.into_iter();
        let none = || TargetError::Malformed("nothing to join".into());
        let mut joined = all.next().ok_or_else(none)?;
        for one in all {
            if one.rollup != joined.rollup {
                return Err(TargetError::Malformed("they differ".into()));
            }
            joined.signatures.extend(one.signatures);
        }
        joined.signatures.sort();
        joined.signatures.dedup();
        Ok(joined)
    }

    fn batch_max(&self, _anchor: &[u8]) -> usize {
        self.state().batch_max.max(1)
    }

    async fn balance(&self) -> Result<u128, TargetError> {
        Ok(self.up()?.balance)
    }

    async fn next_nonce(&self) -> Result<u64, TargetError> {
        let state = self.up()?;
        let mut nonce = state.nonce;
        while state.pool.contains_key(&nonce) {
            nonce += 1;
        }
        Ok(nonce)
    }

    async fn prepare(
        &self,
        _anchor: &[u8],
        rollups: &[SignedRollup],
        nonce: u64,
        replaces: Option<&PreparedTransaction>,
    ) -> Result<PreparedTransaction, TargetError> {
        let mut state = self.up()?;
        assert!(!rollups.is_empty() && rollups.len() <= state.batch_max.max(1));
        if let [alone] = rollups {
            state.check(alone).map_err(TargetError::Rejected)?;
        }
        if state.fitting_max.is_some_and(|max| rollups.len() > max) {
            return Err(TargetError::GasCap {
                chain: CHAIN.into(),
                reason: "too many".into(),
                cap: 1,
            });
        }
        let bytes = rollups.iter().map(|one| one.rollup.output.len()).max();
        let bytes = bytes.unwrap_or(0);
        if state.paid_bytes_max.is_some_and(|max| bytes > max) {
            let reason = format!("its {bytes} bytes take too much gas");
            return Err(TargetError::OutcomeTooLarge(reason));
        }
        let fee_per_gas_max = replaces.map_or(1, |replaced| replaced.fee_per_gas_max + 1);
        let parts = rollups.iter();
        let raw = parts
            .flat_map(|one| [&one.rollup.number[..], &one.rollup.output].concat())
            .collect::<Vec<_>>();
        let parts = [
            &raw[..],
            &nonce.to_be_bytes(),
            &fee_per_gas_max.to_be_bytes(),
        ];
        let hash = blake2_256(&parts.concat());
        state.rollups.insert(hash, rollups.to_vec());
        Ok(PreparedTransaction {
            nonce,
            hash,
            raw,
            fee_per_gas_max,
            tip_per_gas: 0,
            cost_max: 100 * rollups.len() as u128,
        })
    }

    async fn send(&self, transaction: &PreparedTransaction) -> Result<(), TargetError> {
        let mut state = self.up()?;
        state.sent += 1;
        let mut settles = state.rollups[&transaction.hash].iter();
        let is_unsendable = settles.any(|one| state.unsendable.contains(&one.rollup.number));
        if is_unsendable {
            return Err(TargetError::Refused {
                chain: CHAIN.into(),
                method: "eth_sendRawTransaction",
                reason: "oversized data".into(),
            });
        }
        if state.included.contains_key(&transaction.hash) {
            return Ok(());
        }
        if transaction.nonce < state.nonce {
            return Err(TargetError::NonceUsed {
                chain: CHAIN.into(),
                nonce: transaction.nonce,
            });
        }
        state.pool.insert(transaction.nonce, transaction.clone());
        Ok(())
    }

    async fn transaction_status(
        &self,
        hash: TransactionHash,
    ) -> Result<TransactionStatus, TargetError> {
        let state = self.up()?;
        if let Some((block, success)) = state.included.get(&hash) {
            return Ok(TransactionStatus::Included {
                block: state.block(*block),
                gas_used: 21_000,
                success: *success,
                is_final: true,
            });
        }
        let is_pooled = state.pool.values().any(|pooled| pooled.hash == hash);
        Ok(if is_pooled {
            TransactionStatus::Pending
        } else {
            TransactionStatus::Unknown
        })
    }
}
