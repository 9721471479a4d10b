//! `phat limits`: every bound that a contract may meet, and who sets it.

use std::fmt;

use anyhow::Result;
use clap::Args;
use phat_engine::{EngineConfig, FIXED_LIMITS};
use phat_manifest::{LimitInfo, Limits, Manifest, Trigger};
use phat_primitives::limits::{CODE_BYTES_MAX, ENDPOINT_BYTES_MAX, MANIFEST_BYTES_MAX};
use phat_worker_client::{
    CALL_INPUT_BYTES_MAX,
    limits::{
        CALLS_DEFAULT, CALLS_WAITING_DEFAULT, CALLS_WAITING_MAX, COMPILED_MIB_DEFAULT,
        COMPILED_MIB_MAX, CONCURRENT_MAX, MEMORY_MIB_DEFAULT, MEMORY_MIB_MAX, RUNS_DEFAULT,
    },
};
use serde::Serialize;

use crate::output::{Output, Verdict};

/// Show every limit with its unit, its default, its maximum, and who sets it.
///
/// A manifest sets the limits of a run in its table `limits`, from 1 to the maximum.
/// Those that the engine or the chain keeps are the same for every contract. What the
/// operator of a worker sets is for all its contracts together; one contract gets at
/// most a quarter of it.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat limits --json")]
pub struct Options {}

/// What an anchor takes as a request's input. A test compares it with the anchor.
const ANCHOR_INPUT_BYTES_MAX: u64 = 16_384;

/// Who sets a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum SetBy {
    /// The contract's manifest, up to the maximum.
    Manifest,
    /// The operator of the worker, for all contracts together.
    Operator,
    /// The chain: the same on every worker.
    Chain,
    /// Nobody: the engine keeps it.
    Engine,
}

/// A limit, and who sets it.
#[derive(Clone, Debug, Serialize)]
struct Limit {
    #[serde(flatten)]
    info: LimitInfo,
    set_by: SetBy,
}

/// All limits.
#[derive(Debug, Serialize)]
struct LimitTable {
    limits: Vec<Limit>,
}

/// Runs the command.
pub fn run(_: Options, output: &mut Output<'_>) -> Result<Verdict> {
    Ok(output.finish(&table(), Verdict::Done)?)
}

fn table() -> LimitTable {
    let engine = EngineConfig::default();
    let fixed = |name, description, unit, count: usize| {
        LimitInfo::fixed(name, description, unit, count as u64)
    };
    let of_engine = [
        fixed(
            "call_input_bytes",
            "The input of a call over HTTP.",
            "bytes",
            CALL_INPUT_BYTES_MAX,
        ),
        fixed(
            "http_requests_open",
            "HTTP requests of all runs at once; more wait.",
            "requests",
            engine.http_requests_open_max,
        ),
        fixed(
            "dns_lookups",
            "Names that are looked up at once; more wait.",
            "lookups",
            engine.dns_lookups_max,
        ),
    ];
    let rows = [
        (SetBy::Manifest, Limits::TABLE),
        (SetBy::Manifest, Trigger::TABLE),
        (SetBy::Engine, FIXED_LIMITS),
        (SetBy::Engine, &of_engine),
        (SetBy::Engine, Manifest::TABLE),
        (SetBy::Operator, &of_operator()),
        (SetBy::Chain, &of_chain()),
    ];
    let limits = rows
        .into_iter()
        .flat_map(|(set_by, rows)| rows.iter().cloned().map(move |info| Limit { info, set_by }));
    LimitTable {
        limits: limits.collect(),
    }
}

/// What the operator of a worker sets, with the worker's own defaults.
fn of_operator() -> [LimitInfo; 5] {
    let row = |name, description, unit, default: u64, max: u64| LimitInfo {
        name,
        description,
        unit,
        default,
        max,
    };
    [
        row(
            "runs_concurrent",
            "Runs for anchors at once; more wait (--runs-max).",
            "runs",
            RUNS_DEFAULT as u64,
            CONCURRENT_MAX as u64,
        ),
        row(
            "calls_concurrent",
            "Calls over HTTP at once (--calls-max).",
            "calls",
            CALLS_DEFAULT as u64,
            CONCURRENT_MAX as u64,
        ),
        row(
            "memory_total_mib",
            "Memory of all runs together (--memory-mib).",
            "MiB",
            MEMORY_MIB_DEFAULT,
            MEMORY_MIB_MAX,
        ),
        row(
            "calls_waiting",
            "Calls that wait for their turn to run (--calls-waiting-max).",
            "calls",
            CALLS_WAITING_DEFAULT as u64,
            CALLS_WAITING_MAX as u64,
        ),
        row(
            "compiled_mib",
            "Disk for compiled contracts (--compiled-mib).",
            "MiB",
            COMPILED_MIB_DEFAULT,
            COMPILED_MIB_MAX,
        ),
    ]
}

/// What the chains store.
fn of_chain() -> [LimitInfo; 4] {
    let bytes = |name, description, max| LimitInfo::fixed(name, description, "bytes", max);
    [
        bytes(
            "code_bytes",
            "The code of a contract: a script or a component.",
            u64::from(CODE_BYTES_MAX),
        ),
        bytes(
            "manifest_bytes",
            "The manifest of a contract.",
            u64::from(MANIFEST_BYTES_MAX),
        ),
        bytes(
            "endpoint_bytes",
            "The URL of a worker's HTTP API.",
            u64::from(ENDPOINT_BYTES_MAX),
        ),
        bytes(
            "anchor_input_bytes",
            "The input of a request at an anchor.",
            ANCHOR_INPUT_BYTES_MAX,
        ),
    ]
}

impl SetBy {
    /// The title above its limits.
    fn title(self) -> &'static str {
        match self {
            Self::Manifest => "Set by the contract's manifest",
            Self::Operator => "Set by the operator of the worker",
            Self::Chain => "Kept by the chain",
            Self::Engine => "Kept by the engine",
        }
    }
}

impl fmt::Display for LimitTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = None;
        for Limit { info, set_by } in &self.limits {
            if last != Some(*set_by) {
                if last.is_some() {
                    writeln!(f)?;
                }
                writeln!(
                    f,
                    "{:<34}{:>18}{:>19}  unit",
                    set_by.title(),
                    "default",
                    "max"
                )?;
                last = Some(*set_by);
            }
            writeln!(
                f,
                "{:<34}{:>18}{:>19}  {:<14}{}",
                info.name, info.default, info.max, info.unit, info.description
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use phat_manifest::Manifest;

    use super::*;
    use crate::testing::{local_engine, recorded_run};

    /// The value of a row that nobody sets.
    fn max(name: &str) -> u64 {
        let table = table();
        let mut rows = table.limits.iter().filter(|row| row.info.name == name);
        let row = rows
            .next()
            .unwrap_or_else(|| panic!("{name} is not listed"));
        assert!(rows.next().is_none(), "{name} is listed twice");
        row.info.max
    }

    #[test]
    fn every_limit_is_shown_once_in_both_forms() {
        let table = table();
        let text = table.to_string();
        let json = serde_json::to_value(&table).unwrap();
        let rows = json["limits"].as_array().unwrap();
        assert_eq!(rows.len(), table.limits.len());
        for (row, limit) in rows.iter().zip(&table.limits) {
            let name = limit.info.name;
            assert_eq!(max(name), limit.info.max);
            assert!(limit.info.default <= limit.info.max, "{name}");
            assert!(
                text.contains(&format!("\n{name} ")),
                "{name} is missing in\n{text}"
            );
            for field in ["name", "description", "unit", "default", "max", "set_by"] {
                assert!(!row[field].is_null(), "{name} has no {field}");
            }
        }
        for set_by in ["manifest", "operator", "chain", "engine"] {
            assert!(rows.iter().any(|row| row["set_by"] == set_by), "{set_by}");
        }
        assert_eq!(
            (max("code_bytes"), max("anchor_input_bytes")),
            (2 << 20, 16 << 10)
        );
        assert_eq!((max("time_ms"), max("timers")), (3_600_000, 1024));
    }

    /// The output of a script, or why it failed.
    async fn output(script: &str) -> String {
        let bundle = recorded_run(&local_engine(), script, b"").await;
        String::from_utf8(bundle.output.0).unwrap()
    }

    #[tokio::test]
    async fn the_engine_has_these_bounds() {
        let timers = |count: u64| {
            format!(
                "export default () => {{ for (let i = 0; i < {count}; i++) \
                 setTimeout(() => {{}}, 1e9); return 'fits' }}"
            )
        };
        let timers_max = max("timers");
        assert_eq!(output(&timers(timers_max)).await, "fits");
        let more = output(&timers(timers_max + 1)).await;
        assert!(more.contains("the limit timers of 1024"), "{more}");

        // No host is allowed, so a request that fits is refused for that.
        let headers = |count: u64| {
            format!(
                "export default async () => {{ const headers = new Headers(); \
                 for (let i = 0; i < {count}; i++) headers.append(`x-${{i}}`, 'a'); \
                 try {{ await fetch('https://a.example', {{ headers }}) }} \
                 catch (error) {{ return 'refused' }} }}"
            )
        };
        let headers_max = max("http_request_headers");
        assert_eq!(output(&headers(headers_max)).await, "refused");
        let more = output(&headers(headers_max + 1)).await;
        assert!(more.contains("http_request_headers of 256"), "{more}");

        let random = |count: u64| {
            format!(
                "export default () => {{ try {{ \
                 return `${{crypto.getRandomValues(new Uint8Array({count})).length}}` }} \
                 catch (error) {{ return error.name }} }}"
            )
        };
        let random_max = max("random_bytes");
        assert_eq!(output(&random(random_max)).await, "65536");
        assert_eq!(output(&random(random_max + 1)).await, "QuotaExceededError");

        let thrown = output("export default () => { throw new Error('x'.repeat(1000)) }").await;
        let (_, message) = thrown.split_once(": ").unwrap();
        assert_eq!(message.len() as u64, max("failure_message_bytes"));
    }

    #[test]
    fn a_manifest_has_these_bounds() {
        let check = |what: &str, fits: String, one_more: String| {
            let parse = |text: &str| Manifest::parse(&format!("entry = \"a.js\"\n{text}"));
            parse(&fits).unwrap();
            let error = parse(&one_more).unwrap_err().to_string();
            assert!(error.contains(what), "{error} does not say {what:?}");
        };
        let name = |count: u64| format!("name = \"{}\"\n", "a".repeat(count as usize));
        let name_max = max("name_chars");
        check("name", name(name_max), name(name_max + 1));

        let hosts = |count: u64| {
            let hosts: Vec<_> = (0..count).map(|n| format!("\"h{n}\"")).collect();
            format!("{}allowed_hosts = [{}]\n", name(1), hosts.join(", "))
        };
        let hosts_max = max("allowed_hosts");
        check("allowed_hosts", hosts(hosts_max), hosts(hosts_max + 1));

        let secrets = |count: u64| {
            let secrets: Vec<_> = (0..count).map(|n| format!("\"s{n}\"")).collect();
            format!("{}secrets = [{}]\n", name(1), secrets.join(", "))
        };
        let secrets_max = max("secrets");
        check("secrets", secrets(secrets_max), secrets(secrets_max + 1));

        let triggers = |count: u64| {
            let trigger = |n| {
                format!("[[triggers]]\nkind = \"anchor\"\nchain_id = 1\naddress = \"0x{n:040x}\"\n")
            };
            name(1) + &(0..count).map(trigger).collect::<String>()
        };
        let triggers_max = max("triggers");
        check(
            "triggers",
            triggers(triggers_max),
            triggers(triggers_max + 1),
        );
    }

    #[test]
    fn the_anchor_has_this_bound() {
        let anchor = "../../contracts/evm/src/core/RequestData.sol";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(anchor);
        let source = std::fs::read_to_string(path).unwrap().replace('_', "");
        let bound = format!("INPUTBYTESMAX = {ANCHOR_INPUT_BYTES_MAX};");
        assert!(source.contains(&bound), "{anchor} has another bound");
    }
}
