//! Receipts from anyone.

use codec::{DecodeAll, Encode};
use phat_primitives::{CodeHash, ContractId, RequestId, WorkerId};
use phat_receipt::{Origin, Receipt, ReceiptBody, RunResult};
use schnorrkel::{ExpansionMode, MiniSecretKey};

pub fn run(bytes: &[u8]) {
    if let Ok(receipt) = Receipt::decode_all(&mut &bytes[..]) {
        assert_eq!(receipt.encode(), bytes);
        check(&receipt);
    }
    if let Ok(receipt) = serde_json::from_slice::<Receipt>(bytes) {
        check(&receipt);
    }
}

fn check(receipt: &Receipt) {
    let text = serde_json::to_string(receipt).expect("a receipt has a JSON form");
    let again: Receipt = serde_json::from_str(&text).expect("what was written is read");
    assert_eq!(&again, receipt);
    assert_eq!(again.hash(), receipt.hash());
    // Signed by another key, or altered: only the seeds hold.
    let holds = receipt.verify_signature().is_ok();
    let is_seed = signed().iter().any(|seed| seed.body == receipt.body);
    assert!(!holds || is_seed, "a signature was made up");
    let _ = receipt.verify_input(&[]);
    let _ = receipt.verify_output(&[]);
    let _ = receipt.verify_transcript_root([0; 32]);
    let _ = receipt.body.origin.caller();
}

fn signed() -> Vec<Receipt> {
    let key = MiniSecretKey::from_bytes(&[7; 32]).expect("any 32 bytes are a seed");
    let key = key.expand_to_keypair(ExpansionMode::Ed25519);
    let origins = [
        Origin::Http,
        Origin::Anchor {
            chain: "eip155:1".to_owned(),
            anchor: vec![0xaa; 20],
            number: [1; 32],
            block: 5,
        },
        Origin::Trigger {
            name: "hourly".to_owned(),
        },
    ];
    let body = |origin| ReceiptBody {
        genesis_hash: [1; 32],
        worker: WorkerId(key.public.to_bytes()),
        contract: ContractId([2; 32]),
        code_hash: CodeHash([3; 32]),
        engine_hash: [4; 32],
        request: RequestId([5; 32]),
        origin,
        input_hash: [6; 32],
        result: RunResult::Succeeded,
        output_hash: [7; 32],
        transcript_root: [8; 32],
        fuel_used: 9,
        ended_at_ms: 10,
    };
    origins
        .into_iter()
        .map(|origin| Receipt::sign(body(origin), &key))
        .collect()
}

pub fn seeds() -> Vec<Vec<u8>> {
    let receipts = signed();
    let bytes = receipts.iter().map(Encode::encode);
    let texts = receipts
        .iter()
        .map(|receipt| serde_json::to_vec(receipt).expect("a receipt has a JSON form"));
    bytes.chain(texts).collect()
}
