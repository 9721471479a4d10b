//! `phat requests`: requests of anchors and how far they have come.

use std::fmt;

use anyhow::Result;
use clap::Args;
use phat_primitives::ContractId;
use phat_worker_client::{RequestsPage, WorkerClient};
use serde::Serialize;

use crate::{
    args::WorkerArgs,
    output::{Output, Verdict},
};

/// Show the requests that a worker has seen, newest first.
///
/// A gateway needs to know the contract; a worker shows all if none is given.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat requests --contract 0x3b1e…")]
pub struct Options {
    /// Only the requests of this contract.
    #[arg(long, value_name = "ID")]
    contract: Option<ContractId>,
    #[command(flatten)]
    worker: WorkerArgs,
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Requests(RequestsPage);

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let client = WorkerClient::new(options.worker.worker.as_str())?;
    let requests = Requests(client.requests(options.contract).await?);
    Ok(output.finish(&requests, Verdict::Done)?)
}

impl fmt::Display for Requests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.requests.is_empty() {
            return writeln!(f, "no requests");
        }
        for request in &self.0.requests {
            write!(
                f,
                "{:<10} request {} at {} on {}, block {}",
                request.step,
                request.number,
                request.anchor,
                request.chain,
                request.block_requested
            )?;
            if let Some(block) = request.block_settled {
                write!(f, ", settled in block {block}")?;
            }
            writeln!(f)?;
            if let Some(receipt) = request.receipt {
                writeln!(f, "           receipt {receipt}")?;
            }
            if let Some(transaction) = &request.tx {
                writeln!(f, "           transaction {transaction}")?;
            }
            if let Some(error) = &request.error {
                writeln!(f, "           {error}")?;
            }
        }
        Ok(())
    }
}
