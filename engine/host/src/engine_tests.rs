use std::fmt::Write;

use phat_primitives::{ContractId, RequestId};

use super::*;
use crate::NoKeyValue;

/// The engine whose fuel the table below tells. Another one, such as one whose
/// guest another clang compiled, may use other fuel; the host's prices are the
/// same for all.
const ENGINE: &str = "0xec10bed1d50617eda4def8ded4a618f62edf2efd55cc72127f0053fd2ceafeaa";

/// A function's body for each host call, what the host charges for the run, and
/// what the run uses in all.
///
/// Engines with the same hash use the same fuel. What changes a price here changes
/// neither the guest nor wasmtime, so it must change [`ABI_VERSION`].
const TABLE: &[(&str, &str, u64, u64)] = &[
    ("nothing", "", 4080, 113312),
    ("http.start", "fetch('https://a.example/')", 504122, 813563),
    (
        "http.start, and its error",
        "await fetch('https://a.example/').catch(() => 0)",
        505214,
        888722,
    ),
    (
        "events.start-timer",
        "setTimeout(() => 0, 60_000)",
        9080,
        137066,
    ),
    (
        "events.start-timer, events.next",
        "await new Promise((done) => setTimeout(done, 0))",
        10080,
        169843,
    ),
    (
        "events.start-timer, events.cancel",
        "clearTimeout(setTimeout(() => 0, 60_000))",
        10080,
        152061,
    ),
    ("kv.get", "await kv.get('key')", 54086, 197738),
    (
        "kv.get, twice",
        "await kv.get('key'); await kv.get('key')",
        104092,
        273352,
    ),
    ("kv.set", "await kv.set('key', 'value')", 54096, 210287),
    ("kv.delete", "await kv.delete('key')", 54086, 197484),
    ("log.write", "log.info('line')", 5088, 146986),
    ("clock.now", "Date.now()", 5080, 118808),
    (
        "random.bytes",
        "crypto.getRandomValues(new Uint8Array(100))",
        5280,
        145158,
    ),
    ("script.code-hash", "pink.jsCodeHash()", 5080, 122056),
    (
        "script.code-hash, keys.vrf",
        "pink.vrf('salt')",
        305182,
        534182,
    ),
];

fn run(body: &str) -> Run {
    // As long as the longest, so that the price of the text is the same.
    let script = format!(
        "import {{ kv, log }} from 'phat'; export default async () => {{ {body:80}; return '' }}"
    );
    Run {
        class: RunClass::Call,
        code: script.into_bytes().into(),
        request: RunRequest {
            contract: ContractId([1; 32]),
            request: RequestId([2; 32]),
            input: Vec::new(),
            caller: String::new(),
            chain: String::new(),
            block: 0,
            settings: "{}".to_owned(),
        },
        limits: Limits::default(),
        allowed_hosts: Vec::new(),
        kv: Arc::new(NoKeyValue),
        keys: Arc::new(ContractKeys::local(ContractId([1; 32]))),
        secrets: Secrets::default(),
    }
}

/// What the host charges for a run, and what it uses.
async fn fuel(engine: &Engine, body: &str) -> (u64, u64) {
    let run = run(body);
    let code = run.code.clone();
    let report = engine.run(run).await;
    assert_eq!(report.outcome, Outcome::Output(Vec::new()), "{body}");
    let header = report.transcript.header;
    let place = engine
        .inner
        .shares
        .enter(RunClass::Call, header.request.contract);
    let journal = Journal::replaying(header.limits.transcript_bytes, report.transcript.entries);
    let executed = engine
        .execute(
            &code,
            header,
            journal,
            None,
            Vault::default(),
            place.unwrap(),
        )
        .await;
    assert_eq!(executed.divergence, None, "{body}");
    assert_eq!(executed.report.fuel_used, report.fuel_used, "{body}");
    (executed.host_fuel, report.fuel_used)
}

#[tokio::test]
async fn the_prices_of_host_calls_are_pinned() {
    let engine = Engine::new(EngineConfig::default()).unwrap();
    let is_same_engine = engine.hash().to_string() == ENGINE;
    let (mut found, mut is_same) = (String::new(), true);
    for (name, body, host_fuel, fuel_used) in TABLE {
        let (host, all) = fuel(&engine, body).await;
        writeln!(found, "    ({name:?}, {body:?}, {host}, {all}),").unwrap();
        is_same &= host == *host_fuel && (all == *fuel_used || !is_same_engine);
    }
    assert!(
        is_same,
        "prices are others than before: raise ABI_VERSION, and put this into the table, \
         of engine {}\n{found}",
        engine.hash()
    );
}

/// The hash of the engine has wasmtime's version in it, spelt out.
#[test]
fn the_wasmtime_version_is_the_one_in_the_lock_file() {
    let lock =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.lock")).unwrap();
    let entry = format!("name = \"wasmtime\"\nversion = \"{WASMTIME_VERSION}\"");
    assert!(lock.contains(&entry), "{WASMTIME_VERSION}");
}
