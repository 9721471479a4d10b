//! The decisions about requests. What the tests have in common is here.

use phat_primitives::{ContractId, ReceiptHash, RequestId, WorkerId};
use phat_target::{
    AnchorRequest, BlockRef, PreparedTransaction, Rejection, RequestStatus, TargetError,
    TransactionStatus,
};

use super::*;
use RequestStatus::{Expired, Failed, Open, Settled, Unknown};
use TransactionStatus::{Pending, Unknown as Unsent};

mod failures;
mod outputs;
mod ranks;
mod records;
mod replaced;
mod sharing;
mod situations;
mod watching;

const POLICY: Policy = Policy {
    confirmations: 2,
    takeover_blocks: 10,
    replace_after_blocks: 5,
    backoff_blocks_max: 16,
    runs_max: 3,
    attempts_kept_max: 4,
    failures_max: 3,
    rejections_max: 5,
    attempt_refusals_max: 2,
    refusals_max: 5,
    unknown_blocks_max: 20,
    unreadable_blocks_max: 40,
    watch_blocks: 30,
};

fn event(input: &[u8], block: u64) -> Event {
    Event {
        contract: ContractId([1; 32]),
        chain: "eip155:1".into(),
        anchor: vec![2; 20],
        request: AnchorRequest {
            number: [3; 32],
            requester: vec![4; 20],
            input: input.to_vec(),
            commitment: phat_primitives::blake2_256(input),
            block: block_ref(block),
            expires_at: None,
            fee: 0,
        },
    }
}

fn block_ref(number: u64) -> BlockRef {
    BlockRef {
        number,
        hash: [number as u8; 32],
    }
}

fn seen() -> Record {
    Record::seen(&event(b"in", 100), 1, 0)
}

fn executed() -> Record {
    let mut record = seen();
    record.executed(ReceiptHash([5; 32]));
    record
}

fn prepared(nonces: &[u64]) -> Record {
    let mut record = executed();
    for (index, nonce) in nonces.iter().enumerate() {
        record.prepared(&transaction(*nonce, index as u8), 1, &POLICY);
    }
    record
}

fn sent_at(nonces: &[u64], block: u64) -> Record {
    let mut record = prepared(nonces);
    for number in 0..nonces.len() {
        record.sent(number as u32, block);
    }
    record
}

fn with(mut record: Record, change: impl FnOnce(&mut Record)) -> Record {
    change(&mut record);
    record
}

fn transaction(nonce: u64, tag: u8) -> PreparedTransaction {
    PreparedTransaction {
        nonce,
        hash: [tag; 32],
        raw: vec![tag],
        fee_per_gas_max: 1,
        tip_per_gas: 1,
        cost_max: 1,
    }
}

fn included(success: bool, is_final: bool) -> TransactionStatus {
    TransactionStatus::Included {
        block: block_ref(105),
        gas_used: 6,
        success,
        is_final,
    }
}

fn look(head: u64, status: RequestStatus, transactions: &[TransactionStatus]) -> Observation {
    Observation {
        head,
        start_block: 100,
        submit_block: 0,
        status,
        transactions: transactions.to_vec(),
        nonce_gap: None,
    }
}

fn prepare(nonce: Nonce, replaces: Option<u32>) -> Action {
    Action::Prepare { nonce, replaces }
}

fn until(until: u64) -> Action {
    Action::Wait { until }
}

fn own(tag: u8) -> Action {
    Action::Finish(Settlement::Own {
        transaction: [tag; 32],
        block: 105,
        gas_used: 6,
    })
}
