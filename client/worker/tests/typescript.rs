//! The answers that the TypeScript client is tested with are those of a worker.
//!
//! `client/ts/test/fixtures/answers.json` has answers and receipts as this crate writes
//! them. Signatures are random, so those in the file are verified and all else compared.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use phat_primitives::{CodeHash, ContractId, RequestId, WorkerId, blake2_256};
use phat_receipt::{Origin, Receipt, ReceiptBody, RunResult};
use phat_worker_client::{CallAnswer, HexBytes, LogEntry};
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey};
use serde::{Deserialize, Serialize};

const GENESIS: [u8; 32] = [0xee; 32];
const CONTRACT: ContractId = ContractId([0xc0; 32]);
const INPUT: &[u8] = b"abc";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Fixture {
    genesis_hash: HexBytes,
    contract: ContractId,
    input: HexBytes,
    succeeded: CallAnswer,
    failed: CallAnswer,
    /// Of a request at an anchor, with texts of each length that is encoded in another way.
    receipts: Vec<Receipt>,
}

fn identity() -> Keypair {
    MiniSecretKey::from_bytes(&[1; 32])
        .unwrap()
        .expand_to_keypair(ExpansionMode::Ed25519)
}

fn receipt(origin: Origin, result: RunResult, output: &[u8]) -> Receipt {
    let identity = identity();
    let body = ReceiptBody {
        genesis_hash: GENESIS,
        worker: WorkerId(identity.public.to_bytes()),
        contract: CONTRACT,
        code_hash: CodeHash([3; 32]),
        engine_hash: [4; 32],
        request: RequestId([5; 32]),
        origin,
        input_hash: blake2_256(INPUT),
        result,
        output_hash: blake2_256(output),
        transcript_root: [6; 32],
        fuel_used: 0x0102_0304_0506,
        ended_at_ms: 1_700_000_000_123,
    };
    Receipt::sign(body, &identity)
}

fn answer(result: RunResult, output: &[u8]) -> CallAnswer {
    let signed = receipt(Origin::Http, result, output);
    CallAnswer {
        request: signed.body.request,
        output: HexBytes(output.to_vec()),
        success: result == RunResult::Succeeded,
        receipt: signed.hash(),
        fuel_used: signed.body.fuel_used,
        logs: vec![LogEntry {
            sequence: 0,
            request: signed.body.request,
            level: "info".into(),
            message: "ran".into(),
        }],
        signed,
        transcript: None,
    }
}

fn fixture() -> Fixture {
    let anchored = |chain_bytes: usize, anchor_bytes: usize| {
        let origin = Origin::Anchor {
            chain: "é".repeat(chain_bytes / 2),
            anchor: vec![0xab; anchor_bytes],
            number: [7; 32],
            block: 0x0007_0605_0403_0201,
        };
        receipt(origin, RunResult::Succeeded, b"out")
    };
    Fixture {
        genesis_hash: HexBytes(GENESIS.to_vec()),
        contract: CONTRACT,
        input: HexBytes(INPUT.to_vec()),
        succeeded: answer(RunResult::Succeeded, b"cba"),
        failed: answer(RunResult::Failed, b"script_threw: no"),
        receipts: vec![anchored(10, 63), anchored(64, 20), anchored(2, 16_384)],
    }
}

impl Fixture {
    fn signed(&mut self) -> Vec<&mut Receipt> {
        let answers = [&mut self.succeeded.signed, &mut self.failed.signed];
        answers.into_iter().chain(&mut self.receipts).collect()
    }
}

#[test]
fn the_answers_of_the_typescript_client_are_those_of_a_worker() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ts/test/fixtures/answers.json");
    let fresh = fixture();
    let json = serde_json::to_string_pretty(&fresh).unwrap();
    let advice = format!("write this to {}:\n{json}", path.display());
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let mut kept: Fixture = serde_json::from_str(&text).expect(&advice);
    let mut expected = fresh.clone();
    for (kept, expected) in kept.signed().into_iter().zip(expected.signed()) {
        kept.verify_signature().expect(&advice);
        expected.signature = kept.signature;
    }
    assert_eq!(kept, expected, "{advice}");
}
