use codec::Encode;

use super::{
    attestation::{
        Attested, ConfidenceLevel, Measurement, MeasurementRule, Platform, Refusal, ReportData,
    },
    cluster_key::{AttestorStatement, ClusterKeyAnnouncement, ClusterKeyQuestion},
    *,
};

const ENCLAVE: Measurement = Measurement::Sgx {
    mr_enclave: [5; 32],
    mr_signer: [6; 32],
    isv_prod_id: 7,
    isv_svn: 8,
};
const MACHINE: Measurement = Measurement::Tdx {
    mr_td: [5; 48],
    rtmr: [[6; 48]; 4],
};
const BOUND: ReportData = ReportData {
    genesis_hash: [1; 32],
    worker: WorkerId([3; 32]),
    encryption_key: EncryptionKey([4; 32]),
    operator: AccountBytes([2; 32]),
};

const KEY: ClusterKey = ClusterKey {
    encryption_key: EncryptionKey([11; 32]),
    signing_key: [12; 32],
};
const ANNOUNCEMENT: ClusterKeyAnnouncement = ClusterKeyAnnouncement {
    genesis_hash: [1; 32],
    cluster: ClusterId(7),
    generation: 13,
    key: KEY,
    worker: WorkerId([3; 32]),
};
const STATEMENT: AttestorStatement = AttestorStatement {
    genesis_hash: [1; 32],
    contract: ContractId([14; 32]),
    generation: 13,
    public_key: [15; 33],
};

fn level(number: u8) -> ConfidenceLevel {
    ConfidenceLevel::new(number).unwrap()
}

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

#[test]
fn each_part_of_what_a_quote_binds_changes_it() {
    let others = [
        ReportData {
            genesis_hash: [9; 32],
            ..BOUND
        },
        ReportData {
            worker: WorkerId([9; 32]),
            ..BOUND
        },
        ReportData {
            encryption_key: EncryptionKey([9; 32]),
            ..BOUND
        },
        ReportData {
            operator: AccountBytes([9; 32]),
            ..BOUND
        },
    ];
    assert!(
        others
            .iter()
            .all(|other| other.to_bytes() != BOUND.to_bytes())
    );
}

#[test]
fn each_part_of_an_announcement_of_a_cluster_s_key_changes_it() {
    let others = [
        ClusterKeyAnnouncement {
            genesis_hash: [9; 32],
            ..ANNOUNCEMENT
        },
        ClusterKeyAnnouncement {
            cluster: ClusterId(8),
            ..ANNOUNCEMENT
        },
        ClusterKeyAnnouncement {
            generation: 14,
            ..ANNOUNCEMENT
        },
        ClusterKeyAnnouncement {
            key: ClusterKey {
                encryption_key: EncryptionKey([9; 32]),
                ..KEY
            },
            ..ANNOUNCEMENT
        },
        ClusterKeyAnnouncement {
            key: ClusterKey {
                signing_key: [9; 32],
                ..KEY
            },
            ..ANNOUNCEMENT
        },
        ClusterKeyAnnouncement {
            worker: WorkerId([9; 32]),
            ..ANNOUNCEMENT
        },
    ];
    let payload = ANNOUNCEMENT.signing_payload();
    assert!(
        others
            .iter()
            .all(|other| other.signing_payload() != payload)
    );
}

const QUESTION: ClusterKeyQuestion = ClusterKeyQuestion {
    genesis_hash: [1; 32],
    cluster: ClusterId(7),
    generation: 13,
    asker: WorkerId([4; 32]),
    giver: WorkerId([5; 32]),
    block: 21,
};

#[test]
fn each_part_of_a_question_for_a_cluster_s_key_changes_it() {
    let others = [
        ClusterKeyQuestion {
            genesis_hash: [9; 32],
            ..QUESTION
        },
        ClusterKeyQuestion {
            cluster: ClusterId(8),
            ..QUESTION
        },
        ClusterKeyQuestion {
            generation: 14,
            ..QUESTION
        },
        ClusterKeyQuestion {
            asker: WorkerId([9; 32]),
            ..QUESTION
        },
        ClusterKeyQuestion {
            giver: WorkerId([9; 32]),
            ..QUESTION
        },
        ClusterKeyQuestion {
            block: 22,
            ..QUESTION
        },
    ];
    let payload = QUESTION.signing_payload();
    assert!(
        others
            .iter()
            .all(|other| other.signing_payload() != payload)
    );
}

#[test]
fn each_part_of_a_statement_about_an_attestor_changes_it() {
    let others = [
        AttestorStatement {
            genesis_hash: [9; 32],
            ..STATEMENT
        },
        AttestorStatement {
            contract: ContractId([9; 32]),
            ..STATEMENT
        },
        AttestorStatement {
            generation: 14,
            ..STATEMENT
        },
        AttestorStatement {
            public_key: [9; 33],
            ..STATEMENT
        },
    ];
    let payload = STATEMENT.signing_payload();
    assert!(
        others
            .iter()
            .all(|other| other.signing_payload() != payload)
    );
}

#[test]
fn a_cluster_s_key_reads_back_from_json() {
    let json = serde_json::to_string(&KEY).unwrap();
    let expected = format!(
        "{{\"encryption_key\":\"0x{}\",\"signing_key\":\"0x{}\"}}",
        "0b".repeat(32),
        "0c".repeat(32)
    );
    assert_eq!(json, expected);
    assert_eq!(serde_json::from_str::<ClusterKey>(&json).unwrap(), KEY);
}

#[test]
fn a_confidence_level_is_from_one_to_five() {
    for number in [1, 5] {
        assert_eq!(level(number).get(), number);
        assert!(level(number).is_valid());
    }
    for number in [0, 6, 255] {
        assert_eq!(ConfidenceLevel::new(number), None);
        let json = number.to_string();
        let error = serde_json::from_str::<ConfidenceLevel>(&json).unwrap_err();
        assert!(error.to_string().contains("from 1 to 5"), "{error}");
        let decoded = <ConfidenceLevel as codec::Decode>::decode(&mut &[number][..]).unwrap();
        assert!(!decoded.is_valid());
    }
    assert!(ConfidenceLevel::BEST < ConfidenceLevel::WORST);
}

#[test]
fn measurements_have_rules_that_cover_them() {
    let enclave = MeasurementRule::SgxEnclave {
        mr_enclave: [5; 32],
    };
    let signer = MeasurementRule::SgxSigner {
        mr_signer: [6; 32],
        isv_prod_id: 7,
    };
    assert_eq!(ENCLAVE.rules(), (enclave, Some(signer)));
    assert_eq!((ENCLAVE.platform(), ENCLAVE.isv_svn()), (Platform::Sgx, 8));
    let machine = MeasurementRule::Tdx {
        mr_td: [5; 48],
        rtmr: [[6; 48]; 4],
    };
    assert_eq!(MACHINE.rules(), (machine, None));
    assert_eq!((MACHINE.platform(), MACHINE.isv_svn()), (Platform::Tdx, 0));
    assert_eq!(
        [enclave, signer, machine].map(|rule| rule.platform()),
        [Platform::Sgx, Platform::Sgx, Platform::Tdx]
    );
}

#[test]
fn json_has_hexadecimal_digits_and_reads_back() {
    fn check<T>(value: T, expected: &str)
    where
        T: serde::Serialize + serde::de::DeserializeOwned + PartialEq + core::fmt::Debug,
    {
        assert_eq!(serde_json::to_string(&value).unwrap(), expected);
        assert_eq!(serde_json::from_str::<T>(expected).unwrap(), value);
    }
    let (fives, sixes) = ("05".repeat(32), "06".repeat(32));
    let enclave = format!(
        "{{\"mr_enclave\":\"0x{fives}\",\"mr_signer\":\"0x{sixes}\",\"isv_prod_id\":7,\"isv_svn\":8}}"
    );
    check(ENCLAVE, &enclave);
    let register = format!("\"0x{}\"", "06".repeat(48));
    let machine = format!(
        "{{\"mr_td\":\"0x{}\",\"rtmr\":[{register},{register},{register},{register}]}}",
        "05".repeat(48)
    );
    check(MACHINE, &machine);
    check(
        ENCLAVE.rules().0,
        &format!("{{\"sgx_enclave\":{{\"mr_enclave\":\"0x{fives}\"}}}}"),
    );
    check(MACHINE.rules().0, &format!("{{\"tdx\":{machine}}}"));
    check(Attestation::None, "\"none\"");
    check(
        Attestation::Dcap {
            measurement: ENCLAVE,
            confidence_level: level(2),
            expires_at_s: 9,
        },
        &format!(
            "{{\"dcap\":{{\"measurement\":{enclave},\"confidence_level\":2,\"expires_at_s\":9}}}}"
        ),
    );
    check(Refusal::RootUnknown, "\"root_unknown\"");

    let short = "{\"sgx_enclave\":{\"mr_enclave\":\"0x05\"}}";
    let error = serde_json::from_str::<MeasurementRule>(short).unwrap_err();
    assert!(
        error.to_string().contains("give 64 hexadecimal digits"),
        "{error}"
    );
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
    };
    let attestation = Attestation::Dcap {
        measurement: ENCLAVE,
        confidence_level: level(2),
        expires_at_s: 9,
    };
    let answers: [Result<Attested, Refusal>; 2] = [
        Ok(Attested {
            measurement: ENCLAVE,
            confidence_level: level(2),
            report_data: [10; 64],
            expires_at_s: 9,
        }),
        Err(Refusal::RootUnknown),
    ];
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
            hex::encode(&BOUND.to_bytes()[..32]),
            pinned(&attestation.encode()),
            pinned(&(MACHINE.rules().0, ENCLAVE.rules().1.unwrap()).encode()),
            pinned(&(&answers[0], &answers[1]).encode()),
            pinned(&ANNOUNCEMENT.signing_payload()),
            pinned(&STATEMENT.signing_payload()),
            pinned(&QUESTION.signing_payload()),
        ],
        [
            "88d77344fc4362ca9dd5480f2dad293d77fe6926d564d2ba0e8a8d633ce0e923",
            "dc45f256f5972acc277d645f0b4ef8332b302c46a547c37c0314a8e1d4196986",
            "0a7f870ee493709854ad85782806a94adc4251bf12c01928347e47f804e9a49d",
            "7bf4fa23364d4128252b7a9f9a57f785cd62320731d4673ddc29f7e8482cdc29",
            "5fc1ad0abb1ea5b3d3d2c440f43a3a06d6fdca498cbdbbb080aee3db7814d4a6",
            "c1b4b3e7582bb77087443a3c64027c8e648d9376e2723673cd0a5e3711461d58",
            "f00decaaef52bf8165458029b048bfb3d93f610e8a771ff622d336057a95c34f",
            "1e1d0872cb9ae324a625650abd1c47a9a639b457a78375e8eb098914876d548d",
            "b81860fd420eb1ff4bc3d81fd17c6cc9a82100a1c870242c872ac4c542508411",
            "4008eaaba2df79c2487c38c8c500c01ab00811abb088326a057b6d8a83b45ac7",
            "c805dbd4cf6198c5eb973db849f3f8ae497a0d3de9bed8daa78da5562d58e7e7",
            "213984f08de39185f9a14faec59902c9f38cec351dda7ff3aaf1eab9986905ce",
        ]
    );
}
