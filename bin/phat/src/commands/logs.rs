//! `phat logs`: what a contract logged.

use std::{fmt, time::Duration};

use anyhow::Result;
use clap::Args;
use phat_primitives::ContractId;
use phat_worker_client::{LogEntry, WorkerClient};
use serde::Serialize;
use tokio::time::sleep;

use crate::{
    args::WorkerArgs,
    output::{Output, Verdict},
};

/// How often new lines are asked for.
const FOLLOW_INTERVAL: Duration = Duration::from_secs(1);

/// Show what a contract logged, as the worker that answers has it.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat logs 0x3b1e… --follow")]
pub struct Options {
    /// The contract's id.
    #[arg(value_name = "ID")]
    id: ContractId,
    /// Go on until Ctrl-C, and show each line as it comes.
    #[arg(long, short)]
    follow: bool,
    /// Leave out the lines up to this number.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    after: u64,
    #[command(flatten)]
    worker: WorkerArgs,
}

/// One line.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Line(LogEntry);

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let client = WorkerClient::new(options.worker.worker.as_str())?;
    let mut after = options.after;
    loop {
        let page = client.logs(options.id, after).await?;
        let is_end = page.logs.is_empty();
        for entry in page.logs {
            if !output.item(&Line(entry))? {
                return Ok(Verdict::Done);
            }
        }
        // A worker that does not count on would be asked for the same for ever.
        let is_stuck = page.next <= after;
        after = page.next.max(after);
        if is_end || is_stuck {
            if !options.follow {
                return Ok(Verdict::Done);
            }
            sleep(FOLLOW_INTERVAL).await;
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LogEntry {
            sequence,
            level,
            message,
            ..
        } = &self.0;
        write!(f, "{sequence:>6} {level:<5} {message}")
    }
}
