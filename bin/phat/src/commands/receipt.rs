//! `phat receipt`: receipts that workers keep.

use std::{fmt, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use phat_primitives::ReceiptHash;
use phat_receipt::Receipt;
use phat_worker_client::{ReceiptBundle, WorkerClient};
use serde::Serialize;

use super::receipt_bundle;
use crate::{
    args::WorkerArgs,
    output::{Output, Verdict},
    receipt_file,
};

/// Get receipts, and make bundles of them.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Get(GetOptions),
    Bundle(receipt_bundle::Options),
}

/// Get a receipt with the input, the output and the transcript of the run.
///
/// The file holds all that `phat verify` and `phat replay` need besides the chain.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat receipt get 0x93af… --out receipt.json")]
struct GetOptions {
    /// The receipt's hash.
    #[arg(value_name = "HASH")]
    hash: ReceiptHash,
    /// Write the receipt and its data to this file, and print a summary.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    worker: WorkerArgs,
}

/// A receipt, in full as JSON, in short as text.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Shown {
    Whole(Box<ReceiptBundle>),
    Saved {
        hash: ReceiptHash,
        file: PathBuf,
        receipt: Box<Receipt>,
    },
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    match options.command {
        Command::Get(options) => get(options, output).await,
        Command::Bundle(options) => receipt_bundle::run(options, output).await,
    }
}

async fn get(options: GetOptions, output: &mut Output<'_>) -> Result<Verdict> {
    let client = WorkerClient::new(options.worker.worker.as_str())?;
    let bundle = receipt_file::fetch(&client, options.hash).await?;
    let shown = match options.out {
        Some(file) => {
            let json = serde_json::to_vec_pretty(&bundle)?;
            std::fs::write(&file, json).with_context(|| format!("{}", file.display()))?;
            Shown::Saved {
                hash: options.hash,
                file,
                receipt: Box::new(bundle.receipt),
            }
        }
        None => Shown::Whole(Box::new(bundle)),
    };
    Ok(output.finish(&shown, Verdict::Done)?)
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (receipt, file) = match self {
            Self::Whole(bundle) => (&bundle.receipt, None),
            Self::Saved { receipt, file, .. } => (receipt.as_ref(), Some(file)),
        };
        write!(f, "{}", receipt_file::Summary(receipt))?;
        match file {
            Some(file) => writeln!(f, "saved       {}", file.display()),
            None => Ok(()),
        }
    }
}
