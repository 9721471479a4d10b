use std::fs;

use axum::http::StatusCode;
use phat_receipt::{Receipt, RunResult};
use serde_json::{Value, json};

use crate::testing::{FakeWorker, phat};

/// A project with this manifest and code; and `phat run` in it, as text and as JSON.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new(manifest: &str, code: &str) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write(
            "phat.toml",
            &format!("name = \"a\"\nentry = \"a.js\"\n{manifest}"),
        );
        folder.write("a.js", code);
        folder
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    async fn run(&self, arguments: &[&str]) -> (u8, String, String) {
        let folder = self.path("");
        phat(&[&["run", &folder], arguments].concat()).await
    }

    async fn json(&self, arguments: &[&str]) -> Value {
        let (_, text, _) = self.run(&[arguments, &["--json"]].concat()).await;
        serde_json::from_str(&text).unwrap()
    }
}

#[tokio::test]
async fn a_run_shows_output_logs_fuel_and_time() {
    let code = "export default (r) => { console.warn('seen'); return r.input }";
    let folder = Folder::new("", code);
    let (exit, text, _) = folder.run(&["--request", "0x68656c6c6f"]).await;
    assert_eq!(exit, 0);
    let (shown, rest) = text.split_once("fuel     ").unwrap();
    assert_eq!(
        shown,
        "log      warn: seen\noutput   0x68656c6c6f\ntext     hello\n"
    );
    let (fuel, time) = rest.split_once('\n').unwrap();
    assert!(fuel.parse::<u64>().unwrap() > 0, "{text}");
    assert!(
        time.starts_with("time     ") && time.ends_with(" ms\n"),
        "{text}"
    );
    let (_, text, _) = folder.run(&["--request", "0x00ff"]).await;
    assert!(text.contains("output   0x00ff\nfuel"), "{text}");
}

#[tokio::test]
async fn the_json_has_these_fields_and_a_receipt_that_holds() {
    let folder = Folder::new(
        "",
        "export default (r) => { console.log('x'); return r.input }",
    );
    let json = folder.json(&["--request", "0x01"]).await;
    let mut names: Vec<_> = json
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "elapsed_us",
            "error",
            "fuel",
            "http",
            "logs",
            "ok",
            "output",
            "receipt"
        ]
    );
    assert_eq!(json["error"], Value::Null);
    assert_eq!(json["logs"], json!([{ "level": "info", "message": "x" }]));

    let receipt: Receipt = serde_json::from_value(json["receipt"].clone()).unwrap();
    receipt.verify_signature().unwrap();
    receipt.verify_input(&[1]).unwrap();
    receipt.verify_output(&[1]).unwrap();
    assert_eq!(receipt.body.result, RunResult::Succeeded);
    assert_eq!(receipt.body.genesis_hash, [0; 32]);
    assert_eq!(Value::from(receipt.body.fuel_used), json["fuel"]);
    // Nobody signs twice.
    let again = folder.json(&["--request", "0x01"]).await;
    assert_ne!(
        again["receipt"]["body"]["worker"],
        json["receipt"]["body"]["worker"]
    );
}

#[tokio::test]
async fn settings_come_from_the_manifest_or_are_any_text() {
    let folder = Folder::new(
        "[settings]\nn = 1\n",
        "export default (r) => JSON.stringify(r.settings)",
    );
    let text = async |arguments: &[&str]| {
        let json = folder.json(arguments).await;
        let output = json["output"].as_str().unwrap_or_default();
        String::from_utf8(hex::decode(&output[2..]).unwrap()).unwrap()
    };
    assert_eq!(text(&[]).await, r#"{"n":1}"#);
    assert_eq!(text(&["--settings", r#"{"n":2}"#]).await, r#"{"n":2}"#);
    // What the script makes of another text is its own matter; it is taken as it is.
    let transcript = folder.path("transcript.json");
    folder
        .json(&["--settings", "any text", "--transcript", &transcript])
        .await;
    let transcript: Value = serde_json::from_slice(&fs::read(transcript).unwrap()).unwrap();
    assert_eq!(transcript["header"]["request"]["settings"], "any text");
}

#[tokio::test]
async fn a_failure_is_named_with_its_place() {
    let endless = "export default () => { for (;;); }";
    let folder = Folder::new("[limits]\nfuel = 100_000_000\n", endless);
    let (exit, text, _) = folder.run(&[]).await;
    assert_eq!(exit, 1);
    assert!(
        text.contains("failed   out_of_fuel: the limit fuel of 100000000"),
        "{text}"
    );
    let json = folder.json(&[]).await;
    assert_eq!(
        (&json["ok"], &json["output"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(json["error"]["code"], "out_of_fuel");

    folder.write(
        "a.js",
        "export default () => {\n  throw new TypeError('no')\n}\n",
    );
    let (_, text, _) = folder.run(&[]).await;
    assert!(
        text.contains("failed   script_threw: TypeError: no\n"),
        "{text}"
    );
    let place = format!("--> {}:2:", folder.path("a.js"));
    assert!(text.contains(&place), "{text}");
    assert!(text.contains("2 |   throw new TypeError('no')\n"), "{text}");
    assert!(text.contains("^\n"), "{text}");

    folder.write("a.js", "export default () => 1");
    assert_eq!(folder.json(&[]).await["error"]["code"], "wrong_type");
}

/// Asks twice and draws: a run that no other run is like, unless it is on a fixture.
const ASKS: &str = "import { kv } from 'phat'
export default async (request) => {
  const { url } = request.settings
  const first = await (await fetch(url, { method: 'POST', body: 'q', headers: { authorization: 'k' } })).text()
  const second = await fetch(`${url}?two`)
  await kv.set('seen', 'x')
  console.log('asked')
  const drawn = crypto.getRandomValues(new Uint8Array(4)).join()
  return `${first} ${second.status} ${Date.now()} ${drawn}`
}";

#[tokio::test]
async fn a_run_that_is_recorded_is_repeated_without_the_network() {
    let server = FakeWorker::start(|path| match path {
        "/?two" => (StatusCode::NOT_FOUND, String::new()),
        _ => (StatusCode::OK, "first".to_owned()),
    })
    .await;
    let manifest = format!(
        "allowed_hosts = [\"127.0.0.1\"]\n[settings]\nurl = \"{}/\"\n",
        server.url
    );
    let folder = Folder::new(&manifest, ASKS);
    let fixture = folder.path("tests/asks.json");
    let recorded = folder
        .json(&[
            "--request",
            "0x07",
            "--allow-private-egress",
            "--record",
            &fixture,
        ])
        .await;
    assert_eq!(recorded["ok"], true, "{recorded}");
    assert_eq!(
        recorded["http"],
        json!([
            { "method": "POST", "url": format!("{}/", server.url), "status": 200 },
            { "method": "GET", "url": format!("{}/?two", server.url), "status": 404 },
        ])
    );
    let saved = fs::read_to_string(&fixture).unwrap();
    assert!(!saved.contains("authorization"), "{saved}");
    let json: Value = serde_json::from_str(&saved).unwrap();
    assert_eq!(json["request"], "0x07");
    assert_eq!(json["http"].as_array().unwrap().len(), 2);
    assert_eq!(json["expect"]["logs"], json!(["asked"]));
    assert_eq!(json["expect"]["writes"], json!({ "0x7365656e": "0x78" }));
    assert!(
        json["clock_ms"].is_u64() && json["random_seed"].is_string(),
        "{saved}"
    );

    let asked = server.asked().len();
    drop(server);
    // Code that was changed, and does the same.
    folder.write("a.js", &format!("// Changed.\n{ASKS}"));
    let replayed = folder.json(&["--replay", &fixture]).await;
    assert_eq!(replayed["output"], recorded["output"], "{replayed}");
    assert_eq!(replayed["http"], recorded["http"]);
    assert_eq!(asked, 2);
    let tests = folder.path("");
    let (exit, text, _) = phat(&["test", &tests]).await;
    assert_eq!(
        (exit, &*text),
        (0, "ok      tests/asks.json\n\n1 passed, 0 failed\n")
    );

    // Code that asks something else is told what to do.
    folder.write("a.js", &ASKS.replace("?two", "?three"));
    let (exit, text, progress) = folder.run(&["--replay", &fixture]).await;
    assert_eq!(exit, 1);
    assert!(text.contains("record it again with --record"), "{text}");
    assert!(
        progress.contains("no answer to GET") && progress.contains("?three"),
        "{progress}"
    );

    // The fixture is brought up to date without the network.
    folder.write("a.js", "export default (r) => r.input");
    let both = ["--replay", &fixture, "--record", &fixture];
    assert_eq!(folder.json(&both).await["output"], "0x07");
    let json: Value = serde_json::from_slice(&fs::read(&fixture).unwrap()).unwrap();
    assert_eq!(json["expect"]["output"], "0x07");
    assert!(json["http"].is_null() && json["clock_ms"].is_null());
}

#[tokio::test]
async fn a_replay_keeps_the_hosts_and_limits_of_the_manifest() {
    let code = "export default async () => { try { await fetch('https://b.example/') } \
                catch (error) { return error.message } }";
    let folder = Folder::new("allowed_hosts = [\"a.example\"]\n", code);
    let fixture = json!({ "http": [{
        "request": { "url": "https://b.example/" }, "response": { "body": "never seen" },
    }]});
    folder.write("fixture.json", &fixture.to_string());
    let arguments = ["--replay", &folder.path("fixture.json")];
    let (_, text, _) = folder.run(&arguments).await;
    assert!(
        text.contains("not in the manifest's allowed_hosts"),
        "{text}"
    );
    let json = folder.json(&arguments).await;
    assert_eq!(json["http"][0]["status"], Value::Null);
    assert_eq!(json["http"][0]["error"], "host_not_allowed");

    folder.write(
        "a.js",
        &code.replace("b.example", "a.example").replace(
            "await fetch('https://a.example/')",
            "return await (await fetch('https://a.example/')).text()",
        ),
    );
    folder.write(
        "fixture.json",
        &fixture.to_string().replace("b.example", "a.example"),
    );
    folder.write(
        "phat.toml",
        "name = \"a\"\nentry = \"a.js\"\nallowed_hosts = [\"a.example\"]\n[limits]\nhttp_response_bytes = 5\n",
    );
    let (_, text, _) = folder.run(&arguments).await;
    assert!(
        text.contains("the limit http_response_bytes of 5"),
        "{text}"
    );
}

#[tokio::test]
async fn keys_and_time_come_from_the_fixture() {
    let code = "import { kv } from 'phat'\nexport default async () => \
                `${new TextDecoder().decode(await kv.get('k'))} ${await kv.get('l')} ${Date.now()}`";
    let folder = Folder::new("", code);
    let fixture = json!({ "kv": { "0x6b": "0x76" }, "clock_ms": 1_700_000_000_000_u64 });
    folder.write("fixture.json", &fixture.to_string());
    let (_, text, _) = folder
        .run(&["--replay", &folder.path("fixture.json")])
        .await;
    assert!(text.contains("text     v null 1700000000000\n"), "{text}");
}
