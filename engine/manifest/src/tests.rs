use super::*;
use crate::{SideEffects, Topic};

const SMALLEST: &str = "name = \"a\"\nentry = \"index.js\"\n";

/// Parses `SMALLEST` with `more` behind it; `expected` is a part of the error,
/// or empty where the manifest is good.
fn check(more: &str, expected: &str) {
    match (Manifest::parse(&format!("{SMALLEST}{more}")), expected) {
        (Ok(_), "") => {}
        (Ok(_), _) => panic!("accepted, though it should say {expected:?}: {more}"),
        (Err(error), "") => panic!("refused: {error}: {more}"),
        (Err(error), _) => assert!(
            error.to_string().contains(expected),
            "{error} does not say {expected:?}"
        ),
    }
}

#[test]
fn fields_are_checked() {
    check("", "");
    check("limts = 3", "unknown field `limts`");
    check("[limits]\ntime_seconds = 3", "unknown field `time_seconds`");
    check("[limits]\ntime_ms = 0", "limits.time_ms = 0");
    check("[limits]\ntime_ms = 3_600_000", "");
    check(
        "[limits]\ntime_ms = 3_600_001",
        "from 1 to 3600000 milliseconds",
    );
    check("[settings]\nwhen = 2026-01-01", "put dates in quotes");
    check(
        "[settings]\nmost = [9007199254740991, -9007199254740991]",
        "",
    );
    check(
        "[settings]\nover = [9007199254740992]",
        "put 9007199254740992 in quotes",
    );
    check("[settings]\nover = -9007199254740992", "would round");
    check("[settings]\na = { b = -inf }", "put inf and nan in quotes");
    check("[settings]\na = nan", "put inf and nan in quotes");
    check("[settings]\nany = { nested = [1, \"a\"] }", "");
    check("[[triggers]]\nkind = \"cron\"", "unknown variant");
}

#[test]
fn names_of_secrets_are_checked() {
    check("secrets = [\"api-key\", \"API_KEY_2\"]", "");
    check(
        "secrets = [\"api key\"]",
        "secrets: \"api key\": use 1 to 64",
    );
    check("secrets = [\"\"]", "use 1 to 64");
    check("secrets = [\"a\", \"a\"]", "\"a\" is listed twice");
    let names = |count: usize| {
        let names: Vec<_> = (0..count).map(|index| format!("\"s{index}\"")).collect();
        format!("secrets = [{}]", names.join(","))
    };
    check(&names(32), "");
    check(&names(33), "secrets: 33 entries; at most 32 fit");

    let text = format!("{SMALLEST}secrets = [\"api-key\"]\n[settings]\na = 1\n");
    let manifest = Manifest::parse(&text).unwrap();
    assert_eq!(manifest.secrets, ["api-key"]);
    assert_eq!(
        Manifest::parse(&manifest.to_toml().unwrap()).unwrap(),
        manifest
    );
}

#[test]
fn anchors_are_checked() {
    let anchor = |chain: u64, address: &str| {
        format!("[[triggers]]\nkind = \"anchor\"\nchain_id = {chain}\naddress = \"{address}\"\n")
    };
    let address = format!("0x{}", "aB".repeat(20));
    check(&anchor(1, &address), "");
    check(&anchor(0, &address), "0 is no chain");
    check(&anchor(1, &address[2..]), "is not an address");
    check(&anchor(1, &format!("{address}0")), "is not an address");
    check(
        &format!("{}{}", anchor(1, &address), anchor(2, &address)),
        "",
    );
    check(
        &format!("{}{}", anchor(1, &address), anchor(1, &address)),
        "listed twice",
    );
    let many: String = (1..=17).map(|chain| anchor(chain, &address)).collect();
    check(&many, "17 entries; at most 16 fit");
}

#[test]
fn anchors_of_each_kind_are_what_targets_take() {
    let [one, two] = ["11", "22"].map(|pair| format!("0x{}", pair.repeat(20)));
    let anchor = |more: &str| {
        format!("[[triggers]]\nkind = \"anchor\"\nchain_id = 1\naddress = \"{one}\"\n{more}\n")
    };
    let shared = format!("consumer = \"{two}\"");
    let bytes = |more: &str| {
        let manifest = Manifest::parse(&format!("{SMALLEST}{}", anchor(more))).unwrap();
        let read = Manifest::parse(&manifest.to_toml().unwrap()).unwrap();
        assert_eq!(read, manifest);
        manifest.anchors().next().unwrap().anchor()
    };
    assert_eq!(bytes(""), [0x11; 20]);
    assert_eq!(bytes("interface = \"phat\""), [0x11; 20]);
    assert_eq!(bytes(&shared), [[0x11; 20], [0x22; 20]].concat());
    let older = [&[1][..], &[0x11; 20]].concat();
    assert_eq!(bytes("interface = \"rollup\""), older);
    // One shared anchor has many consumers, and none of them is another.
    check(&format!("{}{}", anchor(""), anchor(&shared)), "");
    check(
        &format!("{}{}", anchor(&shared), anchor(&shared)),
        "listed twice",
    );
    check(
        &anchor(&format!("interface = \"rollup\"\n{shared}")),
        "leave the consumer out",
    );
    check(&anchor("interface = \"other\""), "unknown variant");
}

#[test]
fn substrate_anchors_are_checked() {
    let anchor = |chain: &str, consumer: &str| {
        format!(
            "[[triggers]]\nkind = \"substrate_anchor\"\nchain = \"{chain}\"\nconsumer = \
             \"{consumer}\"\n"
        )
    };
    let chain = format!("polkadot:{}", "0f".repeat(16));
    let hex = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
    let ss58 = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    check(&anchor(&chain, hex), "");
    check(&anchor(&chain, ss58), "");
    // The same account, of another network.
    let polkadot = "15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5";
    for other in [hex, polkadot] {
        let twice = format!("{}{}", anchor(&chain, ss58), anchor(&chain, other));
        check(&twice, "listed twice");
    }
    let wrong = ss58.replace("QY", "QZ");
    for bad in [&wrong[..], "", "0x12", &hex[2..], &"5".repeat(100)] {
        check(&anchor(&chain, bad), "is not an account");
    }
    for bad in ["polkadot", "polkadot:0F", "eip155:1", &chain[..40], ""] {
        check(&anchor(bad, hex), "is not a Substrate chain");
    }
}

#[test]
fn schedules_are_checked() {
    let schedule =
        |more: &str| format!("[[triggers]]\nkind = \"schedule\"\nname = \"hourly\"\n{more}\n");
    check(&schedule("cron = \"0 0 * * * *\""), "");
    check(&schedule(""), "missing field `cron`");
    check(&schedule("cron = \"0 0 * *\""), "triggers.cron:");
    check(
        &schedule("cron = \"0 0 * * * *\"\ntime_zone = \"Berlin\""),
        "triggers.time_zone:",
    );
    let all = |max: u32| {
        schedule(&format!(
            "cron = \"0 0 * * * *\"\nmissed = \"all\"\nmissed_max = {max}"
        ))
    };
    check(&all(1), "");
    check(&all(1_000), "");
    check(&all(0), "from 1 to 1000");
    check(&all(1_001), "from 1 to 1000");
    check(
        &schedule("cron = \"0 0 * * * *\"\nmissed_max = 5"),
        "counts with missed",
    );
    let twice = schedule("cron = \"0 0 * * * *\"").repeat(2);
    check(&twice, "is the name of two triggers");
    let named = |name: &str| {
        format!("[[triggers]]\nkind = \"schedule\"\nname = {name:?}\ncron = \"0 0 * * * *\"\n")
    };
    check(&named(&"a".repeat(32)), "");
    for bad in ["", "a b", "a/b", &"a".repeat(33)] {
        check(&named(bad), "triggers.name");
    }
}

#[test]
fn logs_and_events_are_checked() {
    let address = format!("0x{}", "ab".repeat(20));
    let log = |more: &str| {
        format!(
            "[[triggers]]\nkind = \"evm_log\"\nname = \"moved\"\nchain_id = 1\naddress = \
             \"{address}\"\n{more}\n"
        )
    };
    check(&log(""), "missing field `from_block`");
    check(&log("from_block = 5"), "");
    let text = log(&format!(
        "from_block = 5\ntopics = [\"Transfer(address,address,uint256)\", \"*\", \"{address}\"]"
    ));
    let manifest = Manifest::parse(&format!("{SMALLEST}{text}")).unwrap();
    let Some(Trigger::EvmLog(found)) = manifest.trigger("moved") else {
        panic!("{manifest:?}");
    };
    // As it is in every block explorer.
    assert_eq!(
        found.topics[0].to_string(),
        "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
    );
    assert_eq!(found.topics[1], Topic::Any);
    let padded = [&[0; 12][..], &[0xab; 20]].concat();
    assert_eq!(found.topics[2], Topic::Exactly(padded.try_into().unwrap()));
    let again = Manifest::parse(&manifest.to_toml().unwrap()).unwrap();
    assert_eq!(again, manifest);
    for bad in [
        "",
        "0x12",
        "Transfer",
        "Transfer(address from)",
        "(uint256)",
    ] {
        check(
            &log(&format!("from_block = 5\ntopics = [{bad:?}]")),
            "is not a topic",
        );
    }
    check(
        &log("from_block = 5\ntopics = [\"*\", \"*\", \"*\", \"*\", \"*\"]"),
        "at most 4",
    );

    let event = |pallet: &str| {
        format!(
            "[[triggers]]\nkind = \"substrate_event\"\nname = \"moved\"\nchain = \
             \"polkadot:{}\"\npallet = {pallet:?}\nevent = \"Transfer\"\nfrom_block = 0\n",
            "0f".repeat(16)
        )
    };
    check(&event("Balances"), "");
    check(&event(""), "triggers.pallet");
    check(&event("Balances::Transfer"), "triggers.pallet");
}

#[test]
fn webhooks_are_checked() {
    let hook = |secrets: &str, signature: &str| {
        format!(
            "secrets = [{secrets}]\n[[triggers]]\nkind = \"webhook\"\nname = \"pushed\"\n\
             signature = {{ {signature} }}\n"
        )
    };
    let github = "scheme = \"github\", secret = \"key\"";
    check(&hook("\"key\"", github), "");
    check(&hook("", github), "is not among the manifest's secrets");
    let stripe = |s: u32| format!("scheme = \"stripe\", secret = \"key\", tolerance_s = {s}");
    check(&hook("\"key\"", &stripe(3_600)), "");
    check(&hook("\"key\"", &stripe(0)), "from 1 to 3600");
    check(&hook("\"key\"", &stripe(3_601)), "from 1 to 3600");
    let ed25519 = |key: &str| format!("scheme = \"ed25519\", public_key = \"{key}\"");
    check(&hook("", &ed25519(&format!("0x{}", "01".repeat(32)))), "");
    check(&hook("", &ed25519("0x01")), "triggers.signature.public_key");
    check(&hook("", "scheme = \"none\""), "unknown variant");
    check(
        "[[triggers]]\nkind = \"webhook\"\nname = \"pushed\"\n",
        "missing field `signature`",
    );
}

#[test]
fn replies_are_checked() {
    let reply = |reply: &str| {
        format!(
            "[[triggers]]\nkind = \"schedule\"\nname = \"hourly\"\ncron = \"0 0 * * * *\"\n\
             side_effects = \"once\"\nreply = {{ {reply} }}\n"
        )
    };
    let address = format!("0x{}", "11".repeat(20));
    let account = format!("0x{}", "22".repeat(32));
    let substrate = format!("polkadot:{}", "0f".repeat(16));
    for (good, anchor) in [
        (
            format!("chain = \"eip155:1\", address = \"{address}\""),
            vec![0x11; 20],
        ),
        (
            format!("chain = \"eip155:1\", address = \"{address}\", consumer = \"{address}\""),
            vec![0x11; 40],
        ),
        (
            format!("chain = \"{substrate}\", consumer = \"{account}\""),
            vec![0x22; 32],
        ),
    ] {
        let manifest = Manifest::parse(&format!("{SMALLEST}{}", reply(&good))).unwrap();
        let firing = manifest.trigger("hourly").unwrap().firing().unwrap();
        assert_eq!(firing.side_effects, SideEffects::Once);
        assert_eq!(firing.reply.unwrap().anchor().unwrap(), anchor);
        let again = Manifest::parse(&manifest.to_toml().unwrap()).unwrap();
        assert_eq!(again, manifest);
    }
    for (bad, expected) in [
        ("chain = \"eip155:1\"".to_owned(), "triggers.reply.address"),
        (
            format!("chain = \"eip155:0\", address = \"{address}\""),
            "triggers.reply.chain",
        ),
        (
            format!("chain = \"eip155:1\", address = \"{address}\", consumer = \"{account}\""),
            "triggers.reply.consumer",
        ),
        (
            format!("chain = \"{substrate}\", address = \"{address}\""),
            "triggers.reply.address",
        ),
        (
            format!("chain = \"{substrate}\""),
            "triggers.reply.consumer",
        ),
        ("chain = \"cosmos:hub\"".to_owned(), "triggers.reply.chain"),
    ] {
        check(&reply(&bad), expected);
    }
}

#[test]
fn hosts_are_checked() {
    for good in [
        "api.example.org",
        "*.example.org",
        "127.0.0.1:8443",
        "[::1]:1",
        "localhost",
    ] {
        check(&format!("allowed_hosts = [{good:?}]"), "");
    }
    for bad in [
        "",
        "*",
        "*.",
        "https://a.org",
        "a.org/x",
        "A.org",
        "a..b",
        "a:99999",
        "a b",
        "[::1",
        "*.*.org",
        "*.[::1]",
        "a:0",
        "a:+80",
    ] {
        check(&format!("allowed_hosts = [{bad:?}]"), "allowed_hosts");
    }
}

#[test]
fn a_manifest_survives_writing_and_reading() {
    let text = format!(
        "{SMALLEST}allowed_hosts = [\"a.org\"]\n[settings]\nn = 1\n[limits]\nfuel = 5\n\
         [[triggers]]\nkind = \"anchor\"\nchain_id = 1\naddress = \"0x{}\"\n",
        "01".repeat(20)
    );
    let manifest = Manifest::parse(&text).unwrap();
    assert_eq!(manifest.settings_json(), r#"{"n":1}"#);
    assert_eq!(
        Manifest::parse(&manifest.to_toml().unwrap()).unwrap(),
        manifest
    );
}

#[test]
fn the_chain_bounds_the_text() {
    let fill = MANIFEST_BYTES_MAX as usize - SMALLEST.len();
    check(&"#".repeat(fill), "");
    check(&"#".repeat(fill + 1), "the chain stores at most 16384");
    assert!(matches!(
        Manifest::parse_bytes(&[0xff]),
        Err(ManifestError::NotText)
    ));
}

/// A contract that sets nothing must get a response of the largest size that it
/// may get into the record of its run.
#[test]
fn the_largest_response_fits_into_the_transcript() {
    let limits = Limits::default();
    assert!(limits.http_response_bytes + limits.http_request_bytes < limits.transcript_bytes);
    let max = |name: &str| {
        Limits::TABLE
            .iter()
            .find(|row| row.name == name)
            .unwrap()
            .max
    };
    assert!(max("http_response_bytes") < max("transcript_bytes"));
}

#[test]
fn the_table_lists_what_check_enforces() {
    assert_eq!(Limits::default().check(), Ok(()));
    for row in Limits::TABLE {
        assert!((1..=row.max).contains(&row.default), "{}", row.name);
        check(&format!("[limits]\n{} = {}", row.name, row.max), "");
        check(
            &format!("[limits]\n{} = {}", row.name, row.max + 1),
            row.name,
        );
    }
}

#[test]
fn a_reply_may_be_for_what_is_written_alone() {
    let trigger = |side_effects: &str, when: &str| {
        format!(
            "[[triggers]]\nkind = \"schedule\"\nname = \"tick\"\ncron = \"0 * * * * *\"\n\
             side_effects = \"{side_effects}\"\n\
             reply = {{ chain = \"eip155:1\", address = \"0x{}\"{when} }}\n",
            "11".repeat(20)
        )
    };
    let (written, always) = (", when = \"written\"", ", when = \"always\"");
    for (when, is_written) in [("", false), (always, false), (written, true)] {
        let text = format!("{SMALLEST}{}", trigger("at_least_once", when));
        let manifest = Manifest::parse(&text).unwrap();
        let firing = manifest.triggers[0].firing().unwrap();
        assert_eq!(firing.settles_written_only(), is_written, "{when}");
        let again = Manifest::parse(&manifest.to_toml().unwrap()).unwrap();
        assert_eq!(again, manifest);
    }
    check(&trigger("once", always), "");
    check(&trigger("once", written), "triggers.reply.when");
    check(
        &trigger("at_least_once", ", when = \"never\""),
        "unknown variant",
    );
}
