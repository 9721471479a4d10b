use std::fmt::Write;

use phat_primitives::{ContractId, RequestId};

use super::*;
use crate::NoKeyValue;

#[path = "engine_wasi_tests.rs"]
mod wasi;

/// The engine whose fuel the table below tells. Another one may use other fuel; the
/// host's prices are the same for all.
const ENGINE: &str = "0x72d06784a3b4401ec2e524b03fc67fe8e3e4300ad4aea2967f05366e68d97264";

/// A function's body for each host call, what the host charges for the run, and
/// what the run uses in all.
///
/// Engines with the same hash use the same fuel. What changes a price here changes
/// neither the guest nor wasmtime, so it must change [`ABI_VERSION`].
const TABLE: &[(&str, &str, u64, u64)] = &[
    ("nothing", "", 4200, 109703),
    ("http.start", "fetch('https://a.example/')", 504242, 797048),
    (
        "http.start, and its error",
        "await fetch('https://a.example/').catch(() => 0)",
        505334,
        868502,
    ),
    (
        "events.start-timer",
        "setTimeout(() => 0, 60_000)",
        9200,
        131414,
    ),
    (
        "events.start-timer, events.next",
        "await new Promise((done) => setTimeout(done, 0))",
        10200,
        162407,
    ),
    (
        "events.start-timer, events.cancel",
        "clearTimeout(setTimeout(() => 0, 60_000))",
        10200,
        145852,
    ),
    ("kv.get", "await kv.get('key')", 54206, 192015),
    (
        "kv.get, twice",
        "await kv.get('key'); await kv.get('key')",
        104212,
        266214,
    ),
    ("kv.set", "await kv.set('key', 'value')", 54216, 204018),
    ("kv.delete", "await kv.delete('key')", 54206, 191785),
    ("log.write", "log.info('line')", 5208, 141072),
    ("clock.now", "Date.now()", 5200, 114719),
    (
        "random.bytes",
        "crypto.getRandomValues(new Uint8Array(100))",
        5400,
        139458,
    ),
    ("script.code-hash", "pink.jsCodeHash()", 5200, 117860),
    (
        "script.code-hash, keys.vrf",
        "pink.vrf('salt')",
        305302,
        523590,
    ),
    (
        "keys.public-key",
        "await phat.publicKey('ed25519')",
        104200,
        232844,
    ),
    (
        "keys.sign",
        "await phat.sign('sr25519', 'message')",
        104214,
        249394,
    ),
    ("keys.derive", "pink.deriveSecret('salt')", 24208, 201180),
    ("keys.secret", "await phat.secret('name')", 24208, 149551),
];

fn run(body: &str) -> Run {
    // As long as the longest, so that the price of the text is the same.
    let script = format!(
        "import phat, {{ kv, log }} from 'phat'; export default async () => {{ {body:80}; return '' }}"
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

/// What the host charges for a run that gives back nothing, and what it uses. Its replay must use
/// the same.
async fn spent(engine: &Engine, run: Run) -> (u64, u64) {
    let (code, keys) = (run.code.clone(), run.keys.clone());
    let report = engine.run(run).await;
    assert_eq!(report.outcome, Outcome::Output(Vec::new()));
    let header = report.transcript.header;
    let place = engine
        .inner
        .shares
        .enter(RunClass::Call, header.request.contract);
    let vault = Vault {
        keys: Some(keys),
        secrets: Secrets::default(),
        code: header.code_hash,
    };
    let journal = Journal::replaying(header.limits.transcript_bytes, report.transcript.entries);
    let executed = engine
        .execute(&code, header, journal, None, vault, place.unwrap())
        .await;
    assert_eq!(executed.divergence, None);
    assert_eq!(executed.report.fuel_used, report.fuel_used);
    (executed.host_fuel, report.fuel_used)
}

#[tokio::test]
async fn the_prices_of_host_calls_are_pinned() {
    let engine = Engine::new(EngineConfig::default()).unwrap();
    let is_same_engine = engine.hash().to_string() == ENGINE;
    let (mut found, mut is_same) = (String::new(), true);
    for (name, body, host_fuel, fuel_used) in TABLE {
        let (host, all) = spent(&engine, run(body)).await;
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
