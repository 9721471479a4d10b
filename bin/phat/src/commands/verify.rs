//! `phat verify`: whether a receipt holds.

use std::fmt;

use anyhow::{Context, Result};
use clap::Args;
use phat_engine::Transcript;
use phat_primitives::{Attestation, ReceiptHash};
use phat_receipt::{ReceiptBody, ReceiptError};
use serde::Serialize;

use super::info::attestation_word;
use crate::{
    args::{ChainArgs, WorkerArgs},
    chain::{ChainReader, connect},
    checks::{Check, check_transcript},
    output::{Output, Verdict},
    receipt_file::{ReceiptFile, ReceiptSource},
};

/// Check a receipt: who signed it, over what, and who vouches for the signer.
///
/// The worker and the contract are looked up on the chain, at its newest
/// finalised block. Whether the code gives this result is for `phat replay` to
/// tell. The exit code is 1 when a check fails.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat verify receipt.json --chain ws://127.0.0.1:9944")]
pub struct Options {
    /// A file that `phat receipt get --out` wrote, or a receipt's hash.
    #[arg(value_name = "RECEIPT")]
    receipt: ReceiptSource,
    /// Make only the checks that need no chain.
    #[arg(long)]
    offline: bool,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    worker: WorkerArgs,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Verification {
    ok: bool,
    receipt: ReceiptHash,
    attestation: Option<Attestation>,
    checks: Vec<Check>,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let file = ReceiptFile::load(&options.receipt, &options.worker.worker).await?;
    let verification = if options.offline {
        verify(&file, None::<&crate::chain::Client>).await?
    } else {
        output.progress(format_args!("Connecting to {}…", options.chain.chain));
        let chain = connect(&options.chain.chain)
            .await
            .context("without a chain, check with --offline what needs none")?;
        verify(&file, Some(&chain)).await?
    };
    output.emit(&verification)?;
    Ok(Verdict::of(verification.ok))
}

async fn verify(file: &ReceiptFile, chain: Option<&impl ChainReader>) -> Result<Verification> {
    let body = &file.receipt.body;
    let signed = file.receipt.verify_signature();
    let mut checks = vec![Check::of(
        "signature",
        said(signed, || format!("by worker {}", body.worker)),
    )];
    checks.extend(check_data(file));
    let attestation = match chain {
        Some(chain) => {
            let (made, attestation) = check_chain(body, chain).await?;
            checks.extend(made);
            attestation
        }
        None => {
            let names = ["chain", "worker", "contract", "cluster"];
            checks.extend(names.map(|name| Check::skipped(name, "offline")));
            None
        }
    };
    Ok(Verification {
        ok: !checks.iter().any(Check::is_failed),
        receipt: file.receipt.hash(),
        attestation,
        checks,
    })
}

/// Input, output and transcript against the hashes in the receipt.
fn check_data(file: &ReceiptFile) -> [Check; 3] {
    let receipt = &file.receipt;
    let Some(data) = &file.data else {
        return ["input", "output", "transcript"]
            .map(|name| Check::skipped(name, "not in the file"));
    };
    let bytes = |bytes: &[u8]| format!("{} bytes", bytes.len());
    let transcript = match Transcript::decode(&data.transcript) {
        Ok(transcript) => check_transcript(&receipt.body, &transcript),
        Err(error) => Err(error.to_string()),
    };
    [
        Check::of(
            "input",
            said(receipt.verify_input(&data.input), || bytes(&data.input)),
        ),
        Check::of(
            "output",
            said(receipt.verify_output(&data.output), || bytes(&data.output)),
        ),
        Check::of("transcript", transcript),
    ]
}

fn said(
    result: Result<(), ReceiptError>,
    detail: impl FnOnce() -> String,
) -> Result<String, String> {
    match result {
        Ok(()) => Ok(detail()),
        Err(error) => Err(error.to_string()),
    }
}

/// The worker and the contract as the chain knows them now.
async fn check_chain(
    body: &ReceiptBody,
    chain: &impl ChainReader,
) -> Result<([Check; 4], Option<Attestation>)> {
    let genesis = chain.genesis_hash();
    if genesis != body.genesis_hash {
        let detail = format!(
            "the receipt is of the chain 0x{}, this is 0x{}",
            hex::encode(body.genesis_hash),
            hex::encode(genesis)
        );
        let other = |name| Check::skipped(name, "on another chain");
        let checks = [
            Check::of("chain", Err(detail)),
            other("worker"),
            other("contract"),
            other("cluster"),
        ];
        return Ok((checks, None));
    }
    let worker = chain.worker(body.worker).await?;
    let contract = chain.contract(body.contract).await?;
    let at = chain.finalised().await?.number;

    let worker_check = match &worker {
        Some(worker) => Ok(format!("registered, at {}", worker.endpoint)),
        None => Err(format!("{} is not registered at block {at}", body.worker)),
    };
    let contract_check = match &contract {
        None => Err(format!("{} does not exist at block {at}", body.contract)),
        Some(contract) if contract.code_hash != body.code_hash => Err(format!(
            "{} runs the code {}, the receipt says {}",
            body.contract, contract.code_hash, body.code_hash
        )),
        Some(_) => Ok(format!("runs the code {}", body.code_hash)),
    };
    let cluster_check = match (worker.as_ref().map(|worker| worker.cluster), &contract) {
        (Some(serves), Some(contract)) if serves == Some(contract.cluster) => Check::of(
            "cluster",
            Ok(format!("the worker serves cluster {}", contract.cluster)),
        ),
        (Some(Some(serves)), Some(contract)) => Check::of(
            "cluster",
            Err(format!(
                "the worker serves cluster {serves}, the contract is in cluster {}",
                contract.cluster
            )),
        ),
        (Some(None), Some(_)) => Check::of("cluster", Err("the worker serves no cluster".into())),
        _ => Check::skipped("cluster", "worker or contract are unknown"),
    };
    let checks = [
        Check::of(
            "chain",
            Ok(format!("0x{}, block {at}", hex::encode(genesis))),
        ),
        Check::of("worker", worker_check),
        Check::of("contract", contract_check),
        cluster_check,
    ];
    Ok((checks, worker.map(|worker| worker.attestation)))
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            writeln!(f, "{check}")?;
        }
        let vouches = match self.attestation {
            Some(attestation @ Attestation::None) => format!(
                "{} (nothing vouches for the worker's hardware and software)",
                attestation_word(attestation)
            ),
            None => "unknown".into(),
        };
        writeln!(f, "attestation: {vouches}")?;
        let holds = if self.ok { "holds" } else { "does NOT hold" };
        writeln!(f, "receipt {} {holds}", self.receipt)
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
