//! Which options are taken, which are refused, and what they come to.

use clap::ValueEnum;

use super::{chains::CONFIRMATIONS_DEFAULT, *};

const NODE: &str = "ws://127.0.0.1:9944";

fn parse(arguments: &[&str]) -> Result<Options, String> {
    parse_all(&[&["--trust-rpc", NODE][..], arguments].concat())
}

fn parse_all(arguments: &[&str]) -> Result<Options, String> {
    let all = ["phat-worker", "--data-dir", "d"].iter().chain(arguments);
    Options::try_parse_from(all).map_err(|error| error.to_string())
}

#[test]
fn the_chain_is_followed_in_one_way_and_it_has_to_be_said() {
    let address = "/ip4/192.0.2.1/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6";
    let spec = ["--chain-spec", "phat.json"];
    let light = parse_all(&[&spec[..], &["--bootnode", address]].concat()).unwrap();
    assert_eq!(light.chain_spec, Some("phat.json".into()));
    assert_eq!(light.bootnodes, [address.parse::<Bootnode>().unwrap()]);
    assert_eq!((light.trust_rpc, light.chain_silence_s), (None, 120));
    let trusting = parse(&[]).unwrap();
    assert_eq!(trusting.trust_rpc.unwrap().as_str(), "ws://127.0.0.1:9944/");

    for (arguments, reason) in [
        (&[][..], "--chain-spec"),
        (
            &["--trust-rpc", NODE, "--chain-spec", "f"][..],
            "cannot be used with",
        ),
        (
            &["--trust-rpc", NODE, "--bootnode", address][..],
            "cannot be used with",
        ),
        (
            &["--chain-spec", "f", "--bootnode", NODE][..],
            "/tcp/30333/p2p/ID",
        ),
        (
            &["--chain-spec", "f", "--chain-silence-s", "4"][..],
            "5..=3600",
        ),
    ] {
        let error = parse_all(arguments).unwrap_err();
        assert!(error.contains(reason), "{arguments:?}: {error}");
    }
}

#[test]
fn a_target_is_a_chain_and_a_url() {
    let options = parse(&[
        "--target",
        "eip155:1=https://a.example/key=1",
        "--target",
        "eip155:56=http://b.example",
        "--target",
        "ethereum=https://b.example",
    ])
    .unwrap();
    assert_eq!(options.targets.len(), 3);
    assert_eq!(options.targets[2].chain_id, 1);
    assert_eq!(options.targets[0].chain_id, 1);
    assert_eq!(options.targets[0].rpc.as_str(), "https://a.example/key=1");
    for bad in [
        "1=http://a",
        "eip155:0=http://a",
        "eip155:1",
        "eip155:1=ws://a",
    ] {
        let error = parse(&["--target", bad]).unwrap_err();
        assert!(error.contains("give a chain and a URL"), "{error}");
    }
}

#[test]
fn confirmations_are_for_one_chain_or_for_all() {
    let of = |arguments: &[&str]| {
        let options = parse(arguments).unwrap();
        [1, 56].map(|chain_id| options.confirmations(chain_id))
    };
    assert_eq!(of(&[]), [12, 15]);
    let unknown = parse(&[]).unwrap().confirmations(424_242);
    assert_eq!(unknown, CONFIRMATIONS_DEFAULT);
    assert_eq!(of(&["--confirmations", "0"]), [0, 0]);
    assert_eq!(of(&["--confirmations", "eip155:1=20"]), [20, 15]);
    assert_eq!(of(&["--confirmations", "bsc=3"]), [12, 3]);
    assert_eq!(of(&["--confirmations", "3,eip155:56=15"]), [3, 15]);
    let twice = ["--confirmations", "eip155:1=12", "--confirmations", "2"];
    assert_eq!(of(&twice), [12, 2]);
    for bad in ["", "x", "eip155:1", "1=2", "eip155:0=2", "eip155:1=-1"] {
        let error = parse(&["--confirmations", bad]).unwrap_err();
        assert!(error.contains("a number of blocks"), "{bad}: {error}");
    }
}

#[test]
fn endpoints_agree_on_one_chain_or_on_all() {
    let of = |arguments: &[&str]| {
        let options = parse(arguments).unwrap();
        [1, 8453].map(|chain_id| options.rpc_quorum(chain_id))
    };
    assert_eq!(of(&[]), [None, None]);
    assert_eq!(of(&["--rpc-quorum", "2"]), [Some(2), Some(2)]);
    assert_eq!(
        of(&["--rpc-quorum", "base=3,eip155:1=1"]),
        [Some(1), Some(3)]
    );
    for bad in ["0", "x", "eip155:1", "base=0", "nowhere=1"] {
        let error = parse(&["--rpc-quorum", bad]).unwrap_err();
        assert!(error.contains("a number of endpoints"), "{bad}: {error}");
    }
}

#[test]
fn what_a_settlement_may_cost_is_bounded() {
    let options = parse(&[]).unwrap();
    assert_eq!((options.gas_max, options.fee_cap_gwei), (15_000_000, 500));
    let options = parse(&["--gas-max", "16777216", "--fee-cap-gwei", "1"]).unwrap();
    assert_eq!((options.gas_max, options.fee_cap_gwei), (16_777_216, 1));
    assert!(parse(&["--gas-max", "16777217"]).is_err());
    assert!(parse(&["--gas-max", "99999"]).is_err());
    assert!(parse(&["--fee-cap-gwei", "0"]).is_err());
}

#[test]
fn nothing_vouches_for_the_worker_unless_asked() {
    assert_eq!(parse(&[]).unwrap().attestation, AttestationOption::None);
    for option in AttestationOption::value_variants() {
        let parsed = parse(&["--attestation", &option.to_string()]).unwrap();
        assert_eq!(parsed.attestation, *option);
    }
    assert!(parse(&["--attestation", "sev"]).is_err());
}

#[test]
fn collateral_is_fetched_from_intel_unless_said_otherwise() {
    let options = parse(&[]).unwrap();
    assert_eq!(
        options.pccs_url.as_str(),
        "https://api.trustedservices.intel.com/"
    );
    assert_eq!((options.collateral, options.pccs_ca), (None, None));
    let file = parse(&["--collateral", "f"]).unwrap();
    assert_eq!(file.collateral, Some("f".into()));
    for other in [["--pccs-url", "https://a.example"], ["--pccs-ca", "ca.pem"]] {
        let error = parse(&[&["--collateral", "f"][..], &other].concat()).unwrap_err();
        assert!(error.contains("cannot be used with"), "{error}");
        assert!(parse(&other).is_ok());
    }
}

#[test]
fn a_simulated_platform_has_a_name() {
    let simulated = |arguments: &[&str]| parse(arguments).unwrap().simulated();
    assert_eq!(simulated(&[]), SimulatedOptions::default());
    let named = simulated(&["--simulated-platform", "other"]);
    assert_eq!(named.platform, "other");
    assert_eq!(named.mr_enclave, SIMULATED_MR_ENCLAVE);
    let digits = format!("0x{}", "ab".repeat(32));
    let measured = simulated(&["--simulated-measurement", &digits]);
    assert_eq!(measured.mr_enclave, [0xab; 32]);
    let error = parse(&["--simulated-measurement", "0xab"]).unwrap_err();
    assert!(error.contains("64 hexadecimal digits"), "{error}");
}

#[test]
fn limits_hold() {
    assert_eq!(parse(&["--runs-max", "256"]).unwrap().runs_max, 256);
    assert!(parse(&["--runs-max", "257"]).is_err());
    assert!(parse(&["--calls-max", "0"]).is_err());
    let waiting = |count| parse(&["--calls-waiting-max", count]);
    assert_eq!(waiting("0").unwrap().calls_waiting_max, 0);
    assert!(waiting("257").is_err());
    assert!(parse(&["--processors", "0"]).is_err());
    assert!(parse(&["--poll-ms", "1"]).is_err());
    assert!(parse(&["--batch-every-s", "0"]).is_err());
    let batch = |count| parse(&["--batch-receipts-max", count]);
    assert_eq!(batch("65536").unwrap().batch_receipts_max, 65_536);
    assert!(batch("65537").is_err());
    assert_eq!(parse(&["--cluster", "7"]).unwrap().cluster, ClusterId(7));
}
