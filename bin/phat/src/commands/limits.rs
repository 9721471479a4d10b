//! `phat limits`: what a run may use and what the chain stores.

use std::fmt;

use anyhow::Result;
use clap::Args;
use phat_engine::limits::TRANSCRIPT_ENTRIES_MAX;
use phat_manifest::{LimitInfo, Limits};
use phat_primitives::limits::{CODE_BYTES_MAX, ENDPOINT_BYTES_MAX, MANIFEST_BYTES_MAX};
use phat_worker_client::CALL_INPUT_BYTES_MAX;
use serde::Serialize;

use crate::output::{Output, Verdict};

/// Show every limit with its default and its maximum.
///
/// A manifest sets the limits of a run in its table `limits`, from 1 to the maximum.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat limits --json")]
pub struct Options {}

// Bounds that the engine, the manifest and the anchor keep to themselves. Tests try
// each of them, or read where it is set.
/// What an anchor takes as a request's input.
const ANCHOR_INPUT_BYTES_MAX: u64 = 16_384;
/// Timers of a run at once.
const TIMERS_MAX: u64 = 1024;
/// Headers of one HTTP request.
const HTTP_REQUEST_HEADERS_MAX: u64 = 256;
/// Bytes of one `crypto.getRandomValues`.
const RANDOM_BYTES_MAX: u64 = 65_536;
/// What of a failure's message a consumer gets.
const FAILURE_MESSAGE_BYTES_MAX: u64 = 256;
/// Characters of a contract's name.
const NAME_CHARS_MAX: u64 = 64;
/// Entries of `allowed_hosts`.
const ALLOWED_HOSTS_MAX: u64 = 64;
/// Entries of `triggers`.
const TRIGGERS_MAX: u64 = 16;

/// The limits of a run, of what goes into it, and of what is stored.
#[derive(Debug, Serialize)]
struct LimitTable {
    run: &'static [LimitInfo],
    fixed: [FixedLimit; 5],
    input: [FixedLimit; 2],
    manifest: [FixedLimit; 3],
    stored: [FixedLimit; 3],
}

/// A bound that no manifest changes.
#[derive(Clone, Debug, Serialize)]
struct FixedLimit {
    name: &'static str,
    description: &'static str,
    unit: &'static str,
    max: u64,
}

/// Runs the command.
pub fn run(_: Options, output: &mut Output<'_>) -> Result<Verdict> {
    Ok(output.finish(&table(), Verdict::Done)?)
}

fn table() -> LimitTable {
    let fixed = |name, description, unit, max| FixedLimit {
        name,
        description,
        unit,
        max,
    };
    let bytes = |name, description, max| fixed(name, description, "bytes", max);
    let stored = |name, description, max| bytes(name, description, u64::from(max));
    LimitTable {
        run: Limits::TABLE,
        fixed: [
            fixed(
                "transcript_entries",
                "Host calls of the run.",
                "entries",
                TRANSCRIPT_ENTRIES_MAX,
            ),
            fixed("timers", "Timers under way at once.", "timers", TIMERS_MAX),
            fixed(
                "http_request_headers",
                "Headers of one HTTP request.",
                "headers",
                HTTP_REQUEST_HEADERS_MAX,
            ),
            bytes(
                "random_bytes",
                "One call of crypto.getRandomValues.",
                RANDOM_BYTES_MAX,
            ),
            bytes(
                "failure_message_bytes",
                "A failure's message, cut to this for the consumer.",
                FAILURE_MESSAGE_BYTES_MAX,
            ),
        ],
        input: [
            bytes(
                "call_input_bytes",
                "The input of a call over HTTP.",
                CALL_INPUT_BYTES_MAX as u64,
            ),
            bytes(
                "anchor_input_bytes",
                "The input of a request at an anchor.",
                ANCHOR_INPUT_BYTES_MAX,
            ),
        ],
        manifest: [
            fixed(
                "name_chars",
                "The name of a contract.",
                "characters",
                NAME_CHARS_MAX,
            ),
            fixed(
                "allowed_hosts",
                "Hosts that a contract may call.",
                "entries",
                ALLOWED_HOSTS_MAX,
            ),
            fixed(
                "triggers",
                "Anchors that a contract serves.",
                "entries",
                TRIGGERS_MAX,
            ),
        ],
        stored: [
            stored("code_bytes", "The code of a contract.", CODE_BYTES_MAX),
            stored(
                "manifest_bytes",
                "The manifest of a contract.",
                MANIFEST_BYTES_MAX,
            ),
            stored(
                "endpoint_bytes",
                "The URL of a worker's HTTP API.",
                ENDPOINT_BYTES_MAX,
            ),
        ],
    }
}

impl fmt::Display for LimitTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<26}{:>16}{:>19}  unit", "A run", "default", "max")?;
        for row in self.run {
            writeln!(
                f,
                "{:<26}{:>16}{:>19}  {:<14}{}",
                row.name, row.default, row.max, row.unit, row.description
            )?;
        }
        for (title, rows) in [
            ("A run, whatever its manifest says", &self.fixed[..]),
            ("What a run is given", &self.input[..]),
            ("A manifest", &self.manifest[..]),
            ("On the chain", &self.stored[..]),
        ] {
            writeln!(f, "\n{title}")?;
            for row in rows {
                write!(f, "{row}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for FixedLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<26}{:>16}{:>19}  {:<14}{}",
            self.name, "", self.max, self.unit, self.description
        )
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use phat_manifest::Manifest;

    use super::*;
    use crate::testing::{local_engine, recorded_run};

    #[test]
    fn every_limit_is_shown_in_both_forms() {
        let table = table();
        let text = table.to_string();
        let fixed = [
            &table.fixed[..],
            &table.input,
            &table.manifest,
            &table.stored,
        ]
        .concat();
        for name in Limits::TABLE
            .iter()
            .map(|row| row.name)
            .chain(fixed.iter().map(|row| row.name))
        {
            assert!(text.contains(name), "{name} is missing in\n{text}");
        }
        assert!(
            text.contains(
                "time_ms                             900000            3600000  milliseconds  Time"
            ),
            "{text}"
        );
        assert!(
            text.contains(
                "call_input_bytes                                      1048576  bytes         The"
            ),
            "{text}"
        );

        let json = serde_json::to_value(&table).unwrap();
        assert_eq!(json["run"].as_array().unwrap().len(), Limits::TABLE.len());
        assert_eq!(json["input"][1]["max"], 16 * 1024);
        assert_eq!(json["stored"][0]["max"], 2 * 1024 * 1024);
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
        assert_eq!(output(&timers(TIMERS_MAX)).await, "fits");
        let more = output(&timers(TIMERS_MAX + 1)).await;
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
        assert_eq!(output(&headers(HTTP_REQUEST_HEADERS_MAX)).await, "refused");
        let more = output(&headers(HTTP_REQUEST_HEADERS_MAX + 1)).await;
        assert!(more.contains("http_request_headers of 256"), "{more}");

        let random = |count: u64| {
            format!(
                "export default () => {{ try {{ \
                 return `${{crypto.getRandomValues(new Uint8Array({count})).length}}` }} \
                 catch (error) {{ return error.name }} }}"
            )
        };
        assert_eq!(output(&random(RANDOM_BYTES_MAX)).await, "65536");
        assert_eq!(output(&random(RANDOM_BYTES_MAX + 1)).await, "RangeError");

        let thrown = output("export default () => { throw new Error('x'.repeat(1000)) }").await;
        let (_, message) = thrown.split_once(": ").unwrap();
        assert_eq!(message.len() as u64, FAILURE_MESSAGE_BYTES_MAX);
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
        check("name", name(NAME_CHARS_MAX), name(NAME_CHARS_MAX + 1));

        let hosts = |count: u64| {
            let hosts: Vec<_> = (0..count).map(|n| format!("\"h{n}\"")).collect();
            format!("{}allowed_hosts = [{}]\n", name(1), hosts.join(", "))
        };
        let max = ALLOWED_HOSTS_MAX;
        check("allowed_hosts", hosts(max), hosts(max + 1));

        let triggers = |count: u64| {
            let trigger = |n| {
                format!("[[triggers]]\nkind = \"anchor\"\nchain_id = 1\naddress = \"0x{n:040x}\"\n")
            };
            name(1) + &(0..count).map(trigger).collect::<String>()
        };
        check(
            "triggers",
            triggers(TRIGGERS_MAX),
            triggers(TRIGGERS_MAX + 1),
        );
    }

    #[test]
    fn the_anchor_has_this_bound() {
        let anchor = "../../contracts/evm/src/PhatAnchor.sol";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(anchor);
        let source = std::fs::read_to_string(path).unwrap().replace('_', "");
        let bound = format!("INPUTBYTESMAX = {ANCHOR_INPUT_BYTES_MAX};");
        assert!(source.contains(&bound), "{anchor} has another bound");
    }
}
