use phat_primitives::{
    CodeHash, ContractId, RequestId,
    receipt::{Origin, RunResult},
};
use schnorrkel::{ExpansionMode, MiniSecretKey};

use super::*;

fn identity(seed: u8) -> Keypair {
    MiniSecretKey::from_bytes(&[seed; 32])
        .unwrap()
        .expand_to_keypair(ExpansionMode::Ed25519)
}

fn body(identity: &Keypair) -> ReceiptBody {
    ReceiptBody {
        genesis_hash: [1; 32],
        worker: WorkerId(identity.public.to_bytes()),
        contract: ContractId([2; 32]),
        code_hash: CodeHash([3; 32]),
        engine_hash: [4; 32],
        request: RequestId([5; 32]),
        origin: Origin::Anchor {
            chain: "eip155:1".into(),
            anchor: vec![6; 20],
            number: [7; 32],
            block: 8,
        },
        input_hash: blake2_256(b"in"),
        result: RunResult::Succeeded,
        output_hash: blake2_256(b"out"),
        transcript_root: [9; 32],
        fuel_used: 10,
        ended_at_ms: 11,
    }
}

#[test]
fn a_signed_receipt_verifies_and_survives_json_and_scale() {
    let identity = identity(1);
    let receipt = Receipt::sign(body(&identity), &identity);
    receipt.verify_signature().unwrap();
    receipt.verify_input(b"in").unwrap();
    receipt.verify_output(b"out").unwrap();
    receipt.verify_transcript_root([9; 32]).unwrap();

    let json = serde_json::to_string(&receipt).unwrap();
    assert_eq!(serde_json::from_str::<Receipt>(&json).unwrap(), receipt);
    assert_eq!(
        Receipt::decode(&mut &receipt.encode()[..]).unwrap(),
        receipt
    );
}

#[test]
fn whatever_is_changed_the_signature_fails() {
    let identity = identity(1);
    let good = Receipt::sign(body(&identity), &identity);
    let changes: &[fn(&mut Receipt)] = &[
        |r| r.body.genesis_hash[0] ^= 1,
        |r| r.body.contract.0[0] ^= 1,
        |r| r.body.code_hash.0[0] ^= 1,
        |r| r.body.engine_hash[0] ^= 1,
        |r| r.body.request.0[0] ^= 1,
        |r| r.body.origin = Origin::Http,
        |r| r.body.input_hash[0] ^= 1,
        |r| r.body.result = RunResult::Failed,
        |r| r.body.output_hash[0] ^= 1,
        |r| r.body.transcript_root[0] ^= 1,
        |r| r.body.fuel_used += 1,
        |r| r.body.ended_at_ms += 1,
    ];
    for (index, change) in changes.iter().enumerate() {
        let mut receipt = good.clone();
        change(&mut receipt);
        assert_eq!(
            receipt.verify_signature(),
            Err(ReceiptError::WrongSignature(receipt.body.worker)),
            "change {index}"
        );
    }
}

#[test]
fn another_worker_cannot_sign_for_it() {
    let receipt = Receipt::sign(body(&identity(1)), &identity(2));
    assert!(matches!(
        receipt.verify_signature(),
        Err(ReceiptError::WrongSignature(_))
    ));
}

#[test]
fn other_data_is_named() {
    let identity = identity(1);
    let receipt = Receipt::sign(body(&identity), &identity);
    let error = receipt.verify_output(b"other").unwrap_err().to_string();
    assert!(error.contains("the output at hand"), "{error}");
    assert!(receipt.verify_input(b"other").is_err());
    assert!(receipt.verify_transcript_root([0; 32]).is_err());
}

/// Signed bytes: a change of the layout is a new version of the receipt.
#[test]
fn the_encoding_is_pinned() {
    assert_eq!(
        body(&identity(1)).hash().to_string(),
        "0x054c4c1ae01c7000d56f17c772652c24cfeb57db6120669c0176445f8b0b6c38"
    );
}

/// Chains and clients in other languages check it so.
#[test]
fn what_is_signed_is_pinned() {
    let identity = identity(1);
    let body = body(&identity);
    let payload = body.signing_payload();
    assert_eq!(payload, [b"phat/receipt/1", &body.hash().0[..]].concat());
    let receipt = Receipt::sign(body, &identity);
    let signature = Signature::from_bytes(&receipt.signature).unwrap();
    let verified = identity
        .public
        .verify_simple(b"substrate", &payload, &signature);
    assert!(verified.is_ok());
}
