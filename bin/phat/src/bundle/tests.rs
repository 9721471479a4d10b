use codec::Encode;
use phat_chain_proof::{fake, key};
use phat_engine::{EngineHash, RunRequest, Transcript, TranscriptHeader};
use phat_manifest::Limits;
use phat_primitives::{
    AccountBytes, Attestation, ClusterId, CodeHash, EncryptionKey, RequestId,
    attestation::{ConfidenceLevel, Measurement},
};
use phat_receipt::{Origin, Receipt, ReceiptBody, RunResult};

use super::*;
use crate::testing::{CONTRACT, identity, phat, worker_id};

/// When the run ended, and two minutes later the block, in milliseconds since 1970.
const ENDED_AT_MS: u64 = 1_800_000_000_000;
const NOW_MS: u64 = ENDED_AT_MS + 120_000;

const MEASUREMENT: Measurement = Measurement::Sgx {
    mr_enclave: [1; 32],
    mr_signer: [2; 32],
    isv_prod_id: 3,
    isv_svn: 4,
};

fn genesis() -> [u8; 32] {
    fake::proof(&[]).1
}

fn anchor() -> Origin {
    Origin::Anchor {
        chain: "eip155:1".into(),
        anchor: vec![0xab; 20],
        number: [5; 32],
        block: 7,
    }
}

fn transcript(origin: &Origin) -> Transcript {
    let (chain, block) = match origin {
        Origin::Http | Origin::Trigger { .. } => (String::new(), 0),
        Origin::Anchor { chain, block, .. } => (chain.clone(), *block),
    };
    Transcript {
        header: TranscriptHeader {
            engine: EngineHash([4; 32]),
            code_hash: CodeHash([3; 32]),
            request: RunRequest {
                contract: CONTRACT,
                request: RequestId([5; 32]),
                input: b"in".into(),
                caller: origin.caller(),
                chain,
                block,
                settings: "{}".into(),
            },
            limits: Limits::default(),
            allowed_hosts: Vec::new(),
        },
        entries: Vec::new(),
    }
}

fn body(origin: Origin) -> ReceiptBody {
    ReceiptBody {
        genesis_hash: genesis(),
        worker: worker_id(),
        contract: CONTRACT,
        code_hash: CodeHash([3; 32]),
        engine_hash: [4; 32],
        request: RequestId([5; 32]),
        input_hash: blake2_256(b"in"),
        result: RunResult::Succeeded,
        output_hash: blake2_256(b"out"),
        transcript_root: transcript(&origin).root(),
        origin,
        fuel_used: 10,
        ended_at_ms: ENDED_AT_MS,
    }
}

/// What the state of the chain is made of.
struct Known {
    worker: Option<state::Worker>,
    contract: Option<state::Contract>,
    cluster: Option<ClusterId>,
    has_code: bool,
    requires_attestation: Option<bool>,
    level_max: Option<u8>,
    /// The least version of the enclave, and that of its signer's product.
    rules: [Option<u16>; 2],
}

impl Default for Known {
    fn default() -> Self {
        let manifest = "name = \"a\"\nentry = \"a.js\"\n";
        Self {
            worker: Some(state::Worker {
                operator: AccountBytes([7; 32]),
                encryption_key: EncryptionKey([8; 32]),
                endpoint: b"http://worker".into(),
                attestation: Attestation::None,
            }),
            contract: Some(state::Contract {
                owner: AccountBytes([7; 32]),
                cluster: ClusterId(0),
                code_hash: CodeHash([3; 32]),
                manifest: manifest.into(),
            }),
            cluster: Some(ClusterId(0)),
            has_code: true,
            requires_attestation: Some(false),
            level_max: None,
            rules: [None, None],
        }
    }
}

impl Known {
    /// With a worker that is attested so, where that is required.
    fn attested(level: u8, expires_at_s: u64) -> Self {
        let mut known = Self {
            requires_attestation: None,
            rules: [Some(4), None],
            ..Self::default()
        };
        known.worker.as_mut().unwrap().attestation = Attestation::Dcap {
            measurement: MEASUREMENT,
            confidence_level: ConfidenceLevel::new(level).unwrap(),
            expires_at_s,
        };
        known
    }

    fn entries(&self, body: &ReceiptBody) -> Vec<(Vec<u8>, Vec<u8>)> {
        // What follows the first fields is not read.
        let longer = |value: Vec<u8>| [value, vec![9; 20]].concat();
        let values = [
            Some(NOW_MS.encode()),
            self.worker.as_ref().map(|worker| longer(worker.encode())),
            self.cluster.map(|cluster| cluster.encode()),
            self.contract.as_ref().map(|known| longer(known.encode())),
            self.has_code.then(|| vec![1; 60]),
            self.requires_attestation.map(|required| required.encode()),
            self.level_max.map(|level| level.encode()),
        ];
        let (own, signer) = MEASUREMENT.rules();
        let rules = [own, signer.unwrap()]
            .map(|rule| key::blake2_128_concat("Registry", "AllowedMeasurements", &rule.encode()));
        let least = self.rules.map(|least| least.map(|least| least.encode()));
        let keys = keys(body).into_iter().chain(rules);
        let entries = keys.zip(values.into_iter().chain(least));
        entries
            .filter_map(|(key, value)| Some((key, value?)))
            .collect()
    }
}

fn bundle_of(origin: Origin, known: &Known) -> Bundle {
    let body = body(origin);
    let (chain, _) = fake::proof(&known.entries(&body));
    Bundle {
        format: FORMAT.into(),
        conformance: conformance().to_vec().into(),
        transcript: transcript(&body.origin).encode().into(),
        receipt: Receipt::sign(body, &identity()),
        input: b"in".to_vec().into(),
        output: b"out".to_vec().into(),
        chain,
        anchor: None,
    }
}

fn good() -> Bundle {
    bundle_of(Origin::Http, &Known::default())
}

/// Verifies, and compares the checks that fail with `expected`: name and a part of the detail.
#[track_caller]
fn check(bundle: Bundle, expected: &[(&str, &str)]) {
    let verification = verify(bundle, genesis());
    let failed = verification.checks.iter().filter(|check| check.is_failed());
    let failed: Vec<_> = failed.collect();
    let names: Vec<_> = failed.iter().map(|check| check.name).collect();
    let expected_names: Vec<_> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, expected_names, "{verification}");
    for (check, (_, detail)) in failed.iter().zip(expected) {
        assert!(
            check.detail.contains(detail),
            "{check} does not say {detail:?}"
        );
    }
    assert_eq!(verification.ok, expected.is_empty());
}

#[track_caller]
fn altered(change: impl FnOnce(&mut Bundle), expected: &[(&str, &str)]) {
    let mut bundle = good();
    change(&mut bundle);
    check(bundle, expected);
}

/// A change, and what the check that misses it says.
type Change<T> = (fn(&mut T), &'static str);

#[test]
fn a_good_bundle_holds_and_every_layer_is_listed() {
    let verification = verify(good(), genesis());
    let names: Vec<_> = verification.checks.iter().map(|check| check.name).collect();
    let expected = [
        "format",
        "signature",
        "data",
        "chain",
        "finality",
        "registration",
        "attestation",
        "contract",
        "cluster",
        "manifest",
        "anchor",
    ];
    assert_eq!(names, expected);
    let text = verification.to_string();
    assert!(verification.ok && verification.complete, "{text}");
    let hash = good().receipt.hash();
    assert!(text.ends_with(&format!("receipt {hash} holds\n")), "{text}");
    let proven = verification.proven.unwrap();
    assert_eq!(proven.block.unwrap().number, u64::from(fake::BLOCK_NUMBER));
    assert_eq!(proven.block_time_ms, Some(NOW_MS));
    assert_eq!(verification.attestation, Some(Attestation::None));
}

#[test]
fn every_altered_part_is_caught_by_name() {
    altered(
        |bundle| bundle.conformance.0[0] ^= 1,
        &[("format", "made to the text")],
    );
    altered(
        |bundle| bundle.receipt.body.fuel_used += 1,
        &[("signature", "does not match")],
    );
    altered(
        |bundle| bundle.receipt.signature[0] ^= 1,
        &[("signature", "")],
    );
    let changes: [Change<Bundle>; 3] = [
        (|bundle| bundle.input.0.push(0), "input: "),
        (|bundle| bundle.output.0.clear(), "output: "),
        (|bundle| bundle.transcript.0.clear(), "transcript: "),
    ];
    for (change, what) in changes {
        altered(change, &[("data", what)]);
    }
    altered(
        |bundle| bundle.chain.justification = fake::bytes(vec![0; 50]),
        &[("finality", "cannot be read")],
    );
    altered(
        |bundle| bundle.chain.set_changes = fake::list([]),
        &[("finality", "authority set 0 did not finalise block")],
    );
    altered(
        |bundle| bundle.chain.block.header = bundle.chain.genesis.header.clone(),
        &[("finality", "no child")],
    );
    // Without the state nothing that it should show is known.
    altered(
        |bundle| bundle.chain.block.nodes = fake::list([]),
        &[
            ("registration", "lacks"),
            ("attestation", "lacks"),
            ("contract", "lacks"),
            ("cluster", "lacks"),
        ],
    );
}

/// Each node of the state that is left out is missed by some check, or by none that needs it.
#[test]
fn a_state_with_parts_left_out_never_holds_by_less() {
    let whole = good();
    let mut missed = std::collections::BTreeSet::new();
    for index in 0..whole.chain.block.nodes.len() {
        let mut bundle = whole.clone();
        let mut nodes = bundle.chain.block.nodes.to_vec();
        nodes.remove(index);
        bundle.chain.block.nodes = fake::list(nodes);
        let verification = verify(bundle, genesis());
        assert!(!verification.ok, "node {index}: {verification}");
        let failed = verification.checks.iter().filter(|check| check.is_failed());
        missed.extend(failed.map(|check| check.name));
    }
    for name in ["registration", "attestation", "contract", "cluster"] {
        assert!(missed.contains(name), "{missed:?} lacks {name}");
    }
}

#[test]
fn another_chain_is_told() {
    let other = verify(good(), [9; 32]);
    let failed = other.checks.iter().filter(|check| check.is_failed());
    let names: Vec<_> = failed.map(|check| check.name).collect();
    assert_eq!(names, ["chain", "finality"]);
    assert!(!other.ok);
    let layer = serde_json::to_value(&other).unwrap()["failed_layer"].clone();
    assert_eq!(layer, "genesis");
}

#[test]
fn what_the_chain_does_not_know_fails() {
    let with = |change: fn(&mut Known), expected: &[(&str, &str)]| {
        let mut known = Known::default();
        change(&mut known);
        check(bundle_of(Origin::Http, &known), expected);
    };
    with(
        |known| known.worker = None,
        &[
            ("registration", "is not registered at block 20"),
            ("attestation", "is not registered"),
        ],
    );
    with(
        |known| known.contract = None,
        &[
            ("contract", "does not exist"),
            ("cluster", "does not exist"),
        ],
    );
    with(
        |known| known.contract.as_mut().unwrap().code_hash = CodeHash([9; 32]),
        &[("contract", "the receipt says 0x0303")],
    );
    with(
        |known| known.has_code = false,
        &[("contract", "has no code")],
    );
    with(
        |known| known.cluster = Some(ClusterId(1)),
        &[("cluster", "serves cluster 1, the contract is in cluster 0")],
    );
    with(
        |known| known.cluster = None,
        &[("cluster", "serves no cluster")],
    );
}

#[test]
fn a_manifest_of_another_time_is_shown_and_is_no_failure() {
    let mut known = Known::default();
    known.contract.as_mut().unwrap().manifest = b"name = 1".into();
    let verification = verify(bundle_of(Origin::Http, &known), genesis());
    let text = verification.to_string();
    assert!(verification.ok, "{text}");
    assert!(text.contains("changed  manifest     no run is possible at block 20"));
    assert!(text.ends_with("under another manifest than that of the block\n"));
}

#[test]
fn an_attestation_counts_as_it_did_on_the_chain() {
    let (now_s, ended_s) = (NOW_MS / 1000, ENDED_AT_MS / 1000);
    let with = |known: &Known, expected: &[(&str, &str)]| {
        check(bundle_of(Origin::Http, known), expected);
    };
    let good = || Known::attested(2, now_s + 1);
    with(&good(), &[]);
    with(
        &Known::attested(2, now_s),
        &[("attestation", "had expired at the block")],
    );
    with(
        &Known {
            level_max: Some(1),
            ..good()
        },
        &[("attestation", "level 1 or better")],
    );
    with(
        &Known {
            rules: [Some(5), None],
            ..good()
        },
        &[("attestation", "does not allow this software")],
    );
    with(
        &Known {
            rules: [None, None],
            ..good()
        },
        &[("attestation", "does not allow this software")],
    );
    with(
        &Known {
            rules: [None, Some(0)],
            ..good()
        },
        &[],
    );
    for requires_attestation in [None, Some(true)] {
        let known = Known {
            requires_attestation,
            ..Known::default()
        };
        with(&known, &[("attestation", "nothing vouches")]);
    }

    // A run that ended, by the worker's clock, when nothing vouched for the worker any more.
    let mut late = bundle_of(Origin::Http, &Known::attested(2, now_s + 1));
    late.receipt.body.ended_at_ms = (now_s + 1) * 1000;
    late.receipt = Receipt::sign(late.receipt.body, &identity());
    check(late, &[("attestation", "before the run ended")]);
    assert!(ended_s < now_s);
}

fn settlement() -> Settlement {
    let settled = "741501b5aed99fba86a0b43c4312bf0608bcf56af16fda9821880968f8635c94";
    let mut data = vec![0; 64];
    data[31] = 1;
    data[63] = 1;
    Settlement {
        chain: "eip155:1".into(),
        block_number: 12,
        block_hash: vec![1; 32].into(),
        transaction: vec![2; 32].into(),
        address: vec![0xab; 20].into(),
        topics: vec![
            hex::decode(settled).unwrap().into(),
            vec![5; 32].into(),
            [vec![0; 12], vec![0xab; 20]].concat().into(),
            vec![0; 32].into(),
        ],
        data: data.into(),
    }
}

fn anchored() -> Bundle {
    let mut known = Known::default();
    let trigger = "[[triggers]]\nkind = \"anchor\"\nchain_id = 1\n";
    let address = format!("address = \"0x{}\"\n", "ab".repeat(20));
    let contract = known.contract.as_mut().unwrap();
    contract.manifest.extend(trigger.bytes());
    contract.manifest.extend(address.bytes());
    bundle_of(anchor(), &known)
}

#[test]
fn a_settlement_is_claimed_and_never_proven() {
    let mut bundle = anchored();
    bundle.anchor = Some(settlement());
    let verification = verify(bundle, genesis());
    let text = verification.to_string();
    assert!(verification.ok && verification.complete, "{text}");
    assert!(text.contains("claimed  anchor "), "{text}");
    assert!(text.contains("ask eip155:1 whether it is there"), "{text}");

    let verification = verify(anchored(), genesis());
    let text = verification.to_string();
    assert!(verification.ok && !verification.complete, "{text}");
    assert!(text.contains("skipped  anchor "), "{text}");

    let mut undelivered = anchored();
    let mut settlement_of = settlement();
    settlement_of.data.0[63] = 0;
    undelivered.anchor = Some(settlement_of);
    assert!(verify(undelivered, genesis()).ok, "the callback failed");

    let changes: [Change<Settlement>; 7] = [
        (|settlement| settlement.chain.push('0'), "chain"),
        (|settlement| settlement.address.0[0] ^= 1, "anchor"),
        (|settlement| settlement.topics[1].0[0] ^= 1, "request"),
        (|settlement| settlement.topics[2].0[31] ^= 1, "consumer"),
        (|settlement| settlement.topics.clear(), "event"),
        (|settlement| settlement.data.0.truncate(32), "result"),
        (|settlement| settlement.data.0[31] = 0, "result"),
    ];
    for (change, what) in changes {
        let mut bundle = anchored();
        let mut settlement = settlement();
        change(&mut settlement);
        bundle.anchor = Some(settlement);
        check(bundle, &[("anchor", what)]);
    }
    altered(
        |bundle| bundle.anchor = Some(settlement()),
        &[("anchor", "a call over HTTP")],
    );
}

#[test]
fn what_is_no_bundle_is_told() {
    let good = good();
    let json = serde_json::to_value(&good).unwrap();
    let parse = |value: &serde_json::Value| Bundle::parse(value.to_string().as_bytes());
    assert_eq!(parse(&json).unwrap(), Some(good));
    assert_eq!(Bundle::parse(b"no JSON").unwrap(), None);
    assert_eq!(parse(&serde_json::json!({})).unwrap(), None);
    let foreign = serde_json::json!({ "format": "something else" });
    assert_eq!(parse(&foreign).unwrap(), None);

    let mut other = json.clone();
    other["format"] = "phat/receipt-bundle/2".into();
    let error = parse(&other).unwrap_err().to_string();
    assert!(error.contains("this release reads"), "{error}");
    let mut more = json.clone();
    more["more"] = 1.into();
    let error = format!("{:#}", parse(&more).unwrap_err());
    assert!(error.contains("unknown field `more`"), "{error}");
    let mut less = json;
    less.as_object_mut().unwrap().remove("chain");
    let error = format!("{:#}", parse(&less).unwrap_err());
    assert!(error.contains("missing field `chain`"), "{error}");
}

/// The text is what others implement: whoever changes it makes another format of it, unless no
/// release has it yet.
#[test]
fn the_text_of_the_format_is_pinned() {
    assert_eq!(
        hex::encode(conformance()),
        "554c7a3da25894111bcb8445977719b353c35d28fcd115d89043a05fa579f545"
    );
}

#[tokio::test]
async fn the_command_checks_a_bundle_without_a_chain() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle.json");
    std::fs::write(&file, serde_json::to_vec(&good()).unwrap()).unwrap();
    let file = file.to_str().unwrap();
    let genesis = format!("0x{}", hex::encode(genesis()));

    let (code, result, progress) = phat(&["verify", file, "--genesis", &genesis, "--json"]).await;
    assert_eq!((code, progress.as_str()), (0, ""), "{result}");
    let json: serde_json::Value = serde_json::from_str(&result).unwrap();
    assert_eq!(json["ok"], true);
    assert_eq!(json["format"], FORMAT);
    assert_eq!(json["block"]["number"], fake::BLOCK_NUMBER);
    let size = std::fs::metadata(file).unwrap().len();
    assert_eq!(json["size_bytes"], size);
    assert!(json["verify_us"].as_u64().unwrap() > 0);

    let other = format!("0x{}", "00".repeat(32));
    let (code, result, _) = phat(&["verify", file, "--genesis", &other]).await;
    assert_eq!(code, 1, "{result}");
    let (code, _, progress) = phat(&["verify", file, "--offline"]).await;
    assert_eq!(code, 1);
    assert!(progress.contains("--genesis"), "{progress}");
}

#[tokio::test]
async fn what_a_bundle_takes_is_measured() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bundle.json");
    let json = serde_json::to_vec(&good()).unwrap();
    std::fs::write(&file, &json).unwrap();
    let file = file.to_str().unwrap();
    let bench = ["bench", "trust", "--rounds", "1", "--bundle", file];
    let (code, result, progress) = phat(&[&bench[..], &["--json"]].concat()).await;
    assert_eq!(code, 0, "{progress}");
    let figures: serde_json::Value = serde_json::from_str(&result).unwrap();
    assert_eq!(figures["bundle_bytes"], json.len());
    assert!(figures["bundle_verify_ms_p50"].as_f64().unwrap() > 0.0);
    let parts = figures["bundle_bytes_by_part"].as_object().unwrap();
    let sum: u64 = parts.values().map(|bytes| bytes.as_u64().unwrap()).sum();
    assert_eq!(sum, json.len() as u64);
    for part in ["receipt", "chain_genesis", "chain_justification", "other"] {
        assert!(parts[part].as_u64().unwrap() > 10, "{part}: {parts:?}");
    }

    // What does not hold is not measured.
    let mut wrong = good();
    wrong.input.0 = b"other".to_vec();
    std::fs::write(file, serde_json::to_vec(&wrong).unwrap()).unwrap();
    let (code, _, progress) = phat(&bench).await;
    assert_eq!(code, 1);
    assert!(
        progress.contains("the bundle does not hold: data"),
        "{progress}"
    );
}
