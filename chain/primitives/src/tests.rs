use codec::Encode;

use super::*;

#[test]
fn an_id_reads_back_from_its_text() {
    let id = ContractId([0xab; 32]);
    let text = format!("{id}");
    assert_eq!(text, format!("0x{}", "ab".repeat(32)));
    assert_eq!(text.parse::<ContractId>(), Ok(id));
    assert_eq!(text[2..].parse::<ContractId>(), Ok(id));
    for bad in ["", "0x", "0xab", &text[..65], "zz"] {
        let error = bad.parse::<ContractId>().unwrap_err();
        assert!(error.to_string().contains("64 hexadecimal digits"));
    }
}

#[test]
fn each_part_of_a_contract_changes_its_id() {
    let owner = AccountBytes([1; 32]);
    let code = CodeHash::of(b"code");
    let id = ContractId::derive(&owner, ClusterId(0), &code, &[0; 32]);
    let others = [
        ContractId::derive(&AccountBytes([2; 32]), ClusterId(0), &code, &[0; 32]),
        ContractId::derive(&owner, ClusterId(1), &code, &[0; 32]),
        ContractId::derive(&owner, ClusterId(0), &CodeHash::of(b"codf"), &[0; 32]),
        ContractId::derive(&owner, ClusterId(0), &code, &[1; 32]),
    ];
    assert!(!others.contains(&id));
}

#[test]
fn each_part_of_a_request_changes_its_id() {
    let id = RequestId::of_anchor("eip155:1", &[8; 20], &[9; 32], &[10; 32]);
    let others = [
        RequestId::of_anchor("eip155:2", &[8; 20], &[9; 32], &[10; 32]),
        RequestId::of_anchor("eip155:1", &[9; 20], &[9; 32], &[10; 32]),
        RequestId::of_anchor("eip155:1", &[8; 20], &[8; 32], &[10; 32]),
        RequestId::of_anchor("eip155:1", &[8; 20], &[9; 32], &[11; 32]),
    ];
    assert!(!others.contains(&id));
}

/// These encodings are signed or stored on chain: a change of any is a new version.
#[test]
fn encodings_are_pinned() {
    let registration = Registration {
        genesis_hash: [1; 32],
        operator: AccountBytes([2; 32]),
        worker: WorkerId([3; 32]),
        encryption_key: EncryptionKey([4; 32]),
        endpoint: b"http://127.0.0.1:1",
        attestation: Attestation::None,
    };
    let pinned = |bytes: &[u8]| hex::encode(blake2_256(bytes));
    assert_eq!(
        [
            pinned(&registration.signing_payload()),
            pinned(&(ClusterId(7), CodeHash([5; 32])).encode()),
            pinned(&ManifestHash::of(b"name = \"pinned\"").encode()),
            hex::encode(ContractId::derive(
                &AccountBytes([2; 32]),
                ClusterId(7),
                &CodeHash([5; 32]),
                &[6; 32]
            )),
            hex::encode(RequestId::of_anchor(
                "eip155:1", &[8; 20], &[9; 32], &[10; 32]
            )),
        ],
        [
            "c1ea0b5eb98935c9250c666044978ad26c05df0e25ed2e285c6bb6023b8e4b13",
            "dc45f256f5972acc277d645f0b4ef8332b302c46a547c37c0314a8e1d4196986",
            "0a7f870ee493709854ad85782806a94adc4251bf12c01928347e47f804e9a49d",
            "7bf4fa23364d4128252b7a9f9a57f785cd62320731d4673ddc29f7e8482cdc29",
            "5fc1ad0abb1ea5b3d3d2c440f43a3a06d6fdca498cbdbbb080aee3db7814d4a6",
        ]
    );
}
