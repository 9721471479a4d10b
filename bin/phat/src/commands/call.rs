//! `phat call`: one call of a contract over HTTP.

use std::{fmt, time::Duration};

use anyhow::Result;
use clap::Args;
use phat_primitives::ContractId;
use phat_worker_client::{CallAnswer, WorkerClient};
use serde::Serialize;

use super::run::printable;
use crate::{
    args::{HexArg, WorkerArgs},
    output::{Output, Verdict},
};

/// Calls that take longer are announced.
const QUIET_MAX: Duration = Duration::from_secs(1);

/// Call a contract and wait for its answer.
///
/// The exit code is 1 when the run fails.
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
    let mut calling = std::pin::pin!(client.call(options.id, input));
    let answer = match tokio::time::timeout(QUIET_MAX, &mut calling).await {
        Ok(answer) => answer,
        Err(_) => {
            output.progress("Waiting for the answer…");
            calling.await
        }
    }?;
    let success = answer.success;
    output.emit(&Answer {
        text: printable(&answer.output.0),
        answer,
    })?;
    Ok(Verdict::of(success))
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
        writeln!(f, "receipt  {}", answer.receipt)
    }
}
