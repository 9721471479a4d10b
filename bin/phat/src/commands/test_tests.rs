use std::fs;

use serde_json::{Value, json};

use crate::testing::phat;

const CODE: &str = "export default async (request) => {
  const text = new TextDecoder().decode(request.input)
  if (text === 'fail') throw new RangeError('too far')
  console.log(`got ${text}`)
  return JSON.stringify({ text, size: text.length })
}";

/// Runs the tests of a contract with these fixtures.
async fn run(fixtures: &[(&str, Value)], arguments: &[&str]) -> (u8, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("tests")).unwrap();
    write("phat.toml", "name = \"a\"\nentry = \"a.js\"\n");
    write("a.js", CODE);
    for (name, fixture) in fixtures {
        write(&format!("tests/{name}"), &fixture.to_string());
    }
    let path = folder.path().to_str().unwrap();
    phat(&[&["test", path], arguments].concat()).await
}

fn of(text: &str, expect: Value) -> Value {
    json!({ "request": format!("0x{}", hex::encode(text)), "expect": expect })
}

#[tokio::test]
async fn what_is_as_expected_passes() {
    let fixtures = [
        (
            "hex.json",
            of(
                "a",
                json!({ "output": format!("0x{}", hex::encode(r#"{"text":"a","size":1}"#)) }),
            ),
        ),
        (
            "json.json",
            of(
                "b",
                json!({ "output": { "json": { "size": 1, "text": "b" } }, "logs": ["got b"] }),
            ),
        ),
        (
            "size.json",
            of("c", json!({ "output_bytes": 21, "writes": {} })),
        ),
        (
            "text.json",
            of("d", json!({ "output": r#"{"text":"d","size":1}"# })),
        ),
        (
            "throws.json",
            of(
                "fail",
                json!({ "error": "script_threw", "message": "too far" }),
            ),
        ),
        ("anything.json", of("e", json!({}))),
    ];
    let (exit, text, _) = run(&fixtures, &[]).await;
    assert_eq!(exit, 0, "{text}");
    assert!(text.ends_with("6 passed, 0 failed\n"), "{text}");
    let (_, text, _) = run(&fixtures, &["--filter", "hex"]).await;
    assert_eq!(text, "ok      tests/hex.json\n\n1 passed, 0 failed\n");
}

#[tokio::test]
async fn what_differs_is_shown() {
    let check = async |fixture: Value, expected: &[&str]| {
        let (exit, text, _) = run(&[("a.json", fixture)], &[]).await;
        assert_eq!(exit, 1, "{text}");
        assert!(text.starts_with("FAILED  tests/a.json\n"), "{text}");
        assert!(text.ends_with("0 passed, 1 failed\n"), "{text}");
        for expected in expected {
            assert!(text.contains(expected), "{text} lacks {expected:?}");
        }
    };
    check(
        of(
            "ab",
            json!({ "output": { "json": { "text": "ab", "size": 3 } } }),
        ),
        &["the output differs", "-  \"size\": 3", "+  \"size\": 2"],
    )
    .await;
    check(
        of("a", json!({ "output": "{\"text\":\"b\",\"size\":1}" })),
        &[
            "differs at byte 9 of 21",
            "expected  {\"text\":\"b\"",
            "got       {\"text\":\"a\"",
        ],
    )
    .await;
    check(of("a", json!({ "output_bytes": 5 })), &["21 bytes, not 5"]).await;
    check(
        of("a", json!({ "error": "script_threw" })),
        &["expected the error script_threw, got the output"],
    )
    .await;
    check(
        of("fail", json!({ "output": "x" })),
        &["expected an output, got script_threw: RangeError: too far"],
    )
    .await;
    check(of("fail", json!({})), &["the run failed: script_threw"]).await;
    check(
        of("fail", json!({ "error": "out_of_fuel" })),
        &["expected the error out_of_fuel"],
    )
    .await;
    check(
        of(
            "fail",
            json!({ "error": "script_threw", "message": "too near" }),
        ),
        &["the message lacks \"too near\""],
    )
    .await;
    check(
        of("a", json!({ "logs": ["got a", "got a"] })),
        &["the log lacks \"got a\"", "info: got a"],
    )
    .await;
    check(
        of("a", json!({ "writes": { "0x01": "0x02" } })),
        &["what is written differs", "-0x01 = 0x02"],
    )
    .await;
    check(
        json!({ "request": "0x" }),
        &["it expects nothing", "--record"],
    )
    .await;
    check(json!({ "expected": {} }), &["unknown field"]).await;
}

#[tokio::test]
async fn results_are_json_if_asked_for() {
    let fixtures = [
        ("a.json", of("a", json!({}))),
        ("b.json", of("fail", json!({}))),
    ];
    let (exit, text, _) = run(&fixtures, &["--json"]).await;
    let json: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(exit, 1);
    assert_eq!(
        (&json["ok"], &json["passed"], &json["failed"]),
        (&json!(false), &json!(1), &json!(1))
    );
    let tests = json["tests"].as_array().unwrap();
    assert_eq!(tests[0]["name"], "tests/a.json");
    assert!(tests[0]["fuel"].as_u64().unwrap() > 0);
    assert_eq!(tests[1]["problems"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_contract_without_tests_is_told_how_to_make_one() {
    let (exit, _, progress) = run(&[], &[]).await;
    assert_eq!(exit, 1);
    assert!(
        progress.contains("has no tests") && progress.contains("--record"),
        "{progress}"
    );
    let (exit, _, progress) = run(&[("a.json", of("a", json!({})))], &["--filter", "zz"]).await;
    assert_eq!(exit, 1);
    assert!(progress.contains("named \"zz\""), "{progress}");
}
