use super::*;

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
