//! `phat call`: one call of a contract over HTTP.

use std::{fmt, time::Duration};

use anyhow::{Result, bail};
use clap::Args;
use phat_primitives::ContractId;
use phat_receipt::RunResult;
use phat_worker_client::{CallAnswer, WorkerClient};
use serde::Serialize;

use crate::{
    args::{HexArg, WorkerArgs},
    output::{Output, Verdict},
    run_output::printable,
};

/// Calls that take longer are announced.
const QUIET_MAX: Duration = Duration::from_secs(1);

/// Call a contract and wait for its answer.
///
/// The answer comes with a signed receipt, and is shown only if the receipt is
/// signed by the worker that it names and is about this contract, input and
/// output. `phat verify` tells whether that worker is one of the network's.
///
/// The exit code is 1 when the run fails or the answer is not what was signed.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat call 0x3b1e… --text '{\"profile\":\"0x01\"}' --json")]
pub struct Options {
    /// The contract's id.
    #[arg(value_name = "ID")]
    id: ContractId,
    /// The input as bytes.
    #[arg(long, value_name = "HEX", conflicts_with = "text")]
    input: Option<HexArg>,
    /// The input as text.
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    #[command(flatten)]
    worker: WorkerArgs,
}

/// The answer of a call.
#[derive(Debug, Serialize)]
struct Answer {
    #[serde(flatten)]
    answer: CallAnswer,
    text: Option<String>,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let client = WorkerClient::new(options.worker.worker.as_str())?;
    let input = match (options.input, options.text) {
        (Some(HexArg(bytes)), _) => bytes,
        (None, text) => text.unwrap_or_default().into_bytes(),
    };
    let mut calling = std::pin::pin!(client.call(options.id, input.clone()));
    let answer = match tokio::time::timeout(QUIET_MAX, &mut calling).await {
        Ok(answer) => answer,
        Err(_) => {
            output.progress("Waiting for the answer…");
            calling.await
        }
    }?;
    if let Err(reason) = check(&answer, options.id, &input) {
        bail!(
            "the answer is not what its worker signed: {reason}; whoever answered or passed it \
             on cannot be trusted, so ask another worker"
        );
    }
    let verdict = Verdict::of(answer.success);
    let answer = Answer {
        text: printable(&answer.output.0),
        answer,
    };
    Ok(output.finish(&answer, verdict)?)
}

/// Whether the receipt that came with an answer is signed, and is one of this
/// contract, input and output.
fn check(answer: &CallAnswer, contract: ContractId, input: &[u8]) -> Result<(), String> {
    let signed = &answer.signed;
    let body = &signed.body;
    signed
        .verify_signature()
        .and_then(|()| signed.verify_input(input))
        .and_then(|()| signed.verify_output(&answer.output.0))
        .map_err(|error| error.to_string())?;
    let same = [
        ("contract", body.contract == contract),
        ("hash", signed.hash() == answer.receipt),
        ("request", body.request == answer.request),
        (
            "result",
            (body.result == RunResult::Succeeded) == answer.success,
        ),
        ("amount of fuel", body.fuel_used == answer.fuel_used),
    ];
    match same.iter().find(|(_, is_same)| !is_same) {
        Some((what, _)) => Err(format!("the receipt is of another {what}")),
        None => Ok(()),
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = &self.answer;
        for line in &answer.logs {
            writeln!(f, "log      {}: {}", line.level, line.message)?;
        }
        if answer.success {
            writeln!(f, "output   {}", answer.output)?;
            if let Some(text) = &self.text {
                writeln!(f, "text     {text}")?;
            }
        } else {
            let reason = String::from_utf8_lossy(&answer.output.0);
            writeln!(f, "failed   {reason}")?;
        }
        writeln!(f, "fuel     {}", answer.fuel_used)?;
        writeln!(f, "receipt  {}", answer.receipt)?;
        writeln!(f, "signed   by worker {}", answer.signed.body.worker)
    }
}
