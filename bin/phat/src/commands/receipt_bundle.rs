//! `phat receipt bundle`: a receipt with the proof of what the chain knew.

use std::{fmt, path::PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use phat_chain_client::ProofSource;
use phat_chain_proof::{ChainProof, StateProof};
use phat_primitives::ReceiptHash;
use phat_receipt::ReceiptBody;
use serde::Serialize;

use crate::{
    args::{ChainArgs, EvmRpc, WorkerArgs},
    bundle::{self, Bundle, FORMAT, Settlement, State, conformance},
    chain::Block,
    checks::Check,
    output::{Output, Verdict},
    receipt_file::{ReceiptFile, ReceiptSource},
};

/// Make one file of a receipt and of all that it takes to check it.
///
/// `phat verify` checks the file without asking anyone. It holds the receipt with its data, and the
/// proof of what the chain knew of worker and contract at a final block. The node must have the
/// state of that block, and of the first block unless --genesis-from gives it: one that was started
/// with `--state-pruning archive` has.
///
/// Nothing is written if the receipt does not hold at that block.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat receipt bundle 0x93af… --out bundle.json")]
pub struct Options {
    /// A file that `phat receipt get --out` wrote, or a receipt's hash.
    #[arg(value_name = "RECEIPT")]
    receipt: ReceiptSource,
    /// Write the bundle to this file.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The number of the block to prove, instead of the newest final one.
    #[arg(long, value_name = "BLOCK")]
    at: Option<u32>,
    /// Take the proof of the first block's state from this bundle of the same chain.
    #[arg(long, value_name = "BUNDLE")]
    genesis_from: Option<PathBuf>,
    /// The EVM chain of the receipt's anchor: has the bundle name the transaction that settled the
    /// request.
    #[arg(long, value_name = "eip155:ID=URL")]
    evm_rpc: Option<EvmRpc>,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    worker: WorkerArgs,
}

/// What was made.
#[derive(Debug, Serialize)]
struct Made {
    format: &'static str,
    receipt: ReceiptHash,
    genesis_hash: String,
    block: Option<Block>,
    size_bytes: usize,
    file: PathBuf,
    checks: Vec<Check>,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let file = ReceiptFile::load(&options.receipt, &options.worker.worker).await?;
    let body = &file.receipt.body;
    let hash = file.receipt.hash();
    let Some(data) = file.data else {
        bail!(
            "the file lacks the data of the run: get it with `phat receipt get {hash} --out FILE`"
        );
    };
    let genesis = match &options.genesis_from {
        Some(path) => Some(Bundle::read(path)?.chain.genesis),
        None => None,
    };
    let chain = &options.chain.chain;
    output.progress(format_args!("Having {chain} prove what it knew…"));
    let proof = prove(body, chain, options.at, genesis).await?;
    let anchor = match &options.evm_rpc {
        Some(rpc) => {
            let found = Settlement::find(body, rpc).await?;
            Some(found.context("the anchor has not settled the request yet")?)
        }
        None => None,
    };
    let genesis_hash = body.genesis_hash;
    let bundle = Bundle {
        format: FORMAT.into(),
        conformance: conformance().to_vec().into(),
        receipt: file.receipt,
        input: data.input.into(),
        output: data.output.into(),
        transcript: data.transcript.into(),
        chain: proof,
        anchor,
    };
    let json = serde_json::to_vec(&bundle)?;
    let verification = bundle::verify(bundle, genesis_hash);
    if let Some(failed) = verification.checks.iter().find(|check| check.is_failed()) {
        bail!(
            "no bundle was written, since the receipt does not hold at the block: {}: {}",
            failed.name,
            failed.detail
        );
    }
    std::fs::write(&options.out, &json).with_context(|| format!("{}", options.out.display()))?;
    let made = Made {
        format: FORMAT,
        receipt: hash,
        genesis_hash: format!("0x{}", hex::encode(genesis_hash)),
        block: verification.proven.and_then(|proven| proven.block),
        size_bytes: json.len(),
        file: options.out,
        checks: verification.checks,
    };
    Ok(output.finish(&made, Verdict::Done)?)
}

/// The proof of all that a bundle shows of the chain's state.
async fn prove(
    body: &ReceiptBody,
    url: &str,
    at: Option<u32>,
    genesis: Option<StateProof>,
) -> Result<ChainProof> {
    let source = ProofSource::connect(url).await?;
    let genesis_hash = source.genesis_hash().0;
    if genesis_hash != body.genesis_hash {
        bail!(
            "the receipt is of the chain 0x{}, and {url} serves 0x{}: give another with --chain",
            hex::encode(body.genesis_hash),
            hex::encode(genesis_hash)
        );
    }
    let mut proof = source.prove(at, &bundle::keys(body), genesis).await?;
    // Which rules bear on the worker is known once its attestation is.
    let rules = {
        let block = proof.verify(genesis_hash)?;
        State::new(&block, body).rule_keys()
    };
    let rules = rules.map_err(anyhow::Error::msg)?;
    if !rules.is_empty() {
        source.add(&mut proof, &rules).await?;
    }
    Ok(proof)
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            writeln!(f, "{check}")?;
        }
        writeln!(f, "receipt     {}", self.receipt)?;
        writeln!(f, "genesis     {}", self.genesis_hash)?;
        if let Some(block) = &self.block {
            writeln!(f, "block       {}", block.number)?;
        }
        writeln!(
            f,
            "saved       {} ({} bytes)",
            self.file.display(),
            self.size_bytes
        )
    }
}
