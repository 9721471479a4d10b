//! `phat replay`: a recorded run, once more.

use std::{collections::BTreeSet, fmt, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result, bail};
use clap::Args;
use phat_engine::{Engine, EngineHash, Entry, ReplayError, RunReport, Secrets, Transcript};
use phat_primitives::{CodeHash, ReceiptHash, blake2_256};
use phat_receipt::{ReceiptBody, RunResult};
use serde::Serialize;
use tokio::time::timeout;

use crate::{
    args::{ChainArgs, EgressArgs, WorkerArgs},
    chain::{ChainReader, connect},
    checks::{Check, check_transcript},
    local::engine,
    output::{Output, Verdict},
    project::read_code,
    receipt_file::{ReceiptFile, ReceiptSource},
    secrets::SecretsArgs,
};

/// Run the code of a receipt again on its transcript, and compare the results.
///
/// Nothing is called: every answer comes from the transcript, but for secrets, which
/// it only commits to: a run that read one needs --secrets. Only the engine
/// that made the receipt can tell; another one says so. The exit code is 1 when
/// the results differ or cannot be compared.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat replay receipt.json --code dist/index.js")]
pub struct Options {
    /// A file that `phat receipt get --out` wrote, or a receipt's hash.
    #[arg(value_name = "RECEIPT")]
    receipt: ReceiptSource,
    /// The code, instead of that on the chain.
    #[arg(long, value_name = "FILE")]
    code: Option<PathBuf>,
    /// Give up after this time. A transcript says itself how much its run could
    /// use, which may be hours.
    #[arg(long, value_name = "SECONDS", default_value_t = 900,
          value_parser = clap::value_parser!(u64).range(1..=604_800))]
    time_max: u64,
    #[command(flatten)]
    secrets: SecretsArgs,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    worker: WorkerArgs,
}

/// What came of a replay.
#[derive(Debug, Serialize)]
pub(super) struct Replay {
    pub(super) ok: bool,
    receipt: ReceiptHash,
    pub(super) engine_recorded: EngineHash,
    pub(super) engine_here: EngineHash,
    checks: Vec<Check>,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let file = ReceiptFile::load(&options.receipt, &options.worker.worker).await?;
    let code = match &options.code {
        Some(path) => read_code(path)?,
        None => {
            output.progress(format_args!(
                "Getting the code from {}…",
                options.chain.chain
            ));
            let chain = connect(&options.chain.chain)
                .await
                .context("without a chain, give the code with --code")?;
            code_of(&file.receipt.body, &chain).await?
        }
    };
    // Nothing is called in a replay, so there is nothing to allow.
    let engine = engine(&EgressArgs::default())?;
    output.progress("Replaying…");
    let time_max = Duration::from_secs(options.time_max);
    let secrets = options.secrets.load()?;
    let replay = replay(&file, code, secrets, &engine, time_max).await?;
    Ok(output.finish(&replay, Verdict::of(replay.ok))?)
}

/// The code that a receipt names, from the chain.
pub(super) async fn code_of(body: &ReceiptBody, chain: &impl ChainReader) -> Result<Vec<u8>> {
    let Some(code) = chain.code(body.code_hash).await? else {
        bail!(
            "the chain has no code {}: give it with --code",
            body.code_hash
        );
    };
    Ok(code)
}

/// Runs the code of a receipt again, and compares.
pub(super) async fn replay(
    file: &ReceiptFile,
    code: Vec<u8>,
    secrets: Secrets,
    engine: &Engine,
    time_max: Duration,
) -> Result<Replay> {
    let body = &file.receipt.body;
    let Some(data) = &file.data else {
        bail!("the file holds no transcript: get the receipt with `phat receipt get --out`");
    };
    let transcript = Transcript::decode(&data.transcript)?;
    let mut checks = vec![
        Check::of("transcript", check_transcript(body, &transcript)),
        Check::of("code", check_code(body, &code)),
        Check::of("engine", check_engine(body, engine)),
    ];
    if !checks.iter().any(Check::is_failed) {
        check_secrets(&transcript, &secrets)?;
        let replaying = engine.replay_with(Arc::from(code), &transcript, None, secrets);
        let Ok(replayed) = timeout(time_max, replaying).await else {
            bail!(
                "the replay has not ended within {} s, so nothing is known about the receipt: \
                 give it more time with --time-max",
                time_max.as_secs()
            );
        };
        match replayed {
            Ok(report) => checks.extend(compare(body, &report)),
            Err(error @ ReplayError::Divergence { .. }) => {
                checks.push(Check::of("host calls", Err(error.to_string())));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Replay {
        ok: !checks.iter().any(Check::is_failed),
        receipt: file.receipt.hash(),
        engine_recorded: EngineHash(body.engine_hash),
        engine_here: engine.hash(),
        checks,
    })
}

fn check_code(body: &ReceiptBody, code: &[u8]) -> Result<String, String> {
    let hash = CodeHash::of(code);
    if hash == body.code_hash {
        Ok(hash.to_string())
    } else {
        Err(format!(
            "it is {hash}, the receipt is of {}",
            body.code_hash
        ))
    }
}

fn check_engine(body: &ReceiptBody, engine: &Engine) -> Result<String, String> {
    let recorded = EngineHash(body.engine_hash);
    if recorded == engine.hash() {
        Ok(recorded.to_string())
    } else {
        Err(format!(
            "the run is of engine {recorded}, this is {}: replay it with the release that ran it",
            engine.hash()
        ))
    }
}

/// Refuses a replay without the secrets that the run read.
fn check_secrets(transcript: &Transcript, secrets: &Secrets) -> Result<()> {
    let read = transcript.entries.iter().filter_map(|entry| match entry {
        Entry::SecretRead {
            name,
            commitment: Some(_),
        } => Some(name.as_str()),
        _ => None,
    });
    let missing: BTreeSet<_> = read.filter(|name| secrets.get(name).is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|name| format!("{name:?}")).collect();
    bail!(
        "the run read secrets, of which a receipt has commitments only: give {} with --secrets \
         FILE, a JSON object of names and texts",
        names.join(", ")
    )
}

/// What the replay gave against what the receipt says.
fn compare(body: &ReceiptBody, report: &RunReport) -> [Check; 4] {
    let (success, output) = report.outcome.settlement();
    let result = if success {
        RunResult::Succeeded
    } else {
        RunResult::Failed
    };
    let word = |result| match result {
        RunResult::Succeeded => "succeeded".to_owned(),
        RunResult::Failed => "failed".to_owned(),
    };
    let hex = |hash: [u8; 32]| format!("0x{}", hex::encode(hash));
    let root = hex(report.transcript.root());
    [
        same("result", word(body.result), word(result)),
        same("output", hex(body.output_hash), hex(blake2_256(&output))),
        same("host calls", hex(body.transcript_root), root),
        same(
            "fuel",
            body.fuel_used.to_string(),
            report.fuel_used.to_string(),
        ),
    ]
}

fn same(name: &'static str, recorded: String, replayed: String) -> Check {
    if recorded == replayed {
        Check::of(name, Ok(recorded))
    } else {
        Check::of(
            name,
            Err(format!(
                "the replay gives {replayed}, the receipt says {recorded}"
            )),
        )
    }
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            writeln!(f, "{check}")?;
        }
        let verdict = if self.ok {
            "is what the code gives"
        } else if self.engine_recorded != self.engine_here {
            "cannot be replayed with this engine"
        } else {
            "is NOT what the code gives"
        };
        writeln!(f, "receipt {} {verdict}", self.receipt)
    }
}

#[cfg(test)]
#[path = "replay_tests.rs"]
mod tests;
