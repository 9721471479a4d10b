//! `phat verify`: whether a receipt holds.

use std::{fmt, time::Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use phat_engine::Transcript;
use phat_manifest::{Manifest, Trigger};
use phat_primitives::{Attestation, ReceiptHash};
use phat_receipt::{Origin, ReceiptBody, ReceiptError};
use serde::Serialize;

use super::info::attestation_text;
use crate::{
    args::{ChainArgs, HashArg, WorkerArgs},
    bundle::{self, Bundle, Proven},
    chain::{ChainReader, Contract, connect},
    checks::{Check, check_transcript},
    inclusion,
    output::{Output, Verdict},
    receipt_file::{ReceiptFile, ReceiptSource, read_file},
};

/// Check a receipt: who signed it, over what, and who vouches for the signer.
///
/// The worker and the contract are looked up on the chain, at its newest
/// finalised block. Whether the code gives this result is for `phat replay` to
/// tell. The exit code is 1 when a check fails, and when one cannot be made, unless
/// --offline says that not all can. That the contract's manifest is another one
/// now is shown as `changed` and is no failure.
///
/// A bundle that `phat receipt bundle` wrote is checked without asking anyone, if --genesis says
/// which chain is meant.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat verify receipt.json --chain ws://127.0.0.1:9944\n  phat verify bundle.json --genesis 0x5f3a…"
)]
pub struct Options {
    /// A file that `phat receipt get --out` or `phat receipt bundle` wrote, or a receipt's
    /// hash.
    #[arg(value_name = "RECEIPT")]
    receipt: ReceiptSource,
    /// Make only the checks that need no chain, and no more of them than the file
    /// has the data for.
    #[arg(long)]
    offline: bool,
    /// The hash of the chain's first block, to check a bundle against. Without it the
    /// chain is asked for it.
    #[arg(long, value_name = "HASH")]
    genesis: Option<HashArg>,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    worker: WorkerArgs,
}

/// What was found.
#[derive(Debug, Serialize)]
pub struct Verification {
    /// Whether the receipt holds, as far as it was to be checked.
    pub ok: bool,
    /// Whether all checks were made.
    pub complete: bool,
    /// The receipt's hash.
    pub receipt: ReceiptHash,
    /// What vouches for the worker, if that is known.
    pub attestation: Option<Attestation>,
    /// The checks with their results.
    pub checks: Vec<Check>,
    /// Of a bundle, what is proven and what that took.
    #[serde(flatten)]
    pub proven: Option<Proven>,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    if let ReceiptSource::File(path) = &options.receipt {
        let json = read_file(path)?;
        if Bundle::is_one(&json) {
            let genesis_hash = genesis_hash(&options, output).await?;
            let at = || format!("{}", path.display());
            let verification = verify_bundle(&json, genesis_hash).with_context(at)?;
            return Ok(output.finish(&verification, Verdict::of(verification.ok))?);
        }
    }
    if options.genesis.is_some() {
        bail!("--genesis is for bundles: make one with `phat receipt bundle`");
    }
    let file = ReceiptFile::load(&options.receipt, &options.worker.worker).await?;
    let verification = if options.offline {
        verify(&file, None::<&crate::chain::Client>).await?
    } else {
        output.progress(format_args!("Connecting to {}…", options.chain.chain));
        let chain = connect(&options.chain.chain)
            .await
            .context("without a chain, check with --offline what needs none")?;
        let mut verification = verify(&file, Some(&chain)).await?;
        // Where it is published is shown if anyone says so.
        let worker = &options.worker.worker;
        let inclusion = inclusion::check(&file.receipt, worker, &chain).await?;
        verification.checks.extend(inclusion);
        verification
    };
    Ok(output.finish(&verification, Verdict::of(verification.ok))?)
}

/// The chain that a bundle is to be of.
async fn genesis_hash(options: &Options, output: &mut Output<'_>) -> Result<[u8; 32]> {
    if let Some(HashArg(hash)) = options.genesis {
        return Ok(hash);
    }
    if options.offline {
        bail!(
            "a bundle proves what some chain knew, so say which chain you mean: give the hash of \
             its first block with --genesis, from someone whom you trust"
        );
    }
    output.progress(format_args!("Connecting to {}…", options.chain.chain));
    let chain = connect(&options.chain.chain)
        .await
        .context("without a chain, say with --genesis which one you mean")?;
    Ok(chain.genesis_hash())
}

fn verify_bundle(json: &[u8], genesis_hash: [u8; 32]) -> Result<Verification> {
    let start = Instant::now();
    let bundle = Bundle::parse(json)?.context("the file is no bundle")?;
    let mut verification = bundle::verify(bundle, genesis_hash);
    if let Some(proven) = &mut verification.proven {
        proven.size_bytes = json.len();
        proven.verify_us = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    }
    Ok(verification)
}

async fn verify(file: &ReceiptFile, chain: Option<&impl ChainReader>) -> Result<Verification> {
    let body = &file.receipt.body;
    let signed = file.receipt.verify_signature();
    let mut checks = vec![Check::of(
        "signature",
        said(signed, || format!("by worker {}", body.worker)),
    )];
    let (made, transcript) = check_data(file);
    checks.extend(made);
    let attestation = match chain {
        Some(chain) => {
            let (made, attestation) = check_chain(body, transcript.as_ref(), chain).await?;
            checks.extend(made);
            attestation
        }
        None => {
            let names = ["chain", "worker", "contract", "cluster", "manifest"];
            checks.extend(names.map(|name| Check::skipped(name, "offline")));
            None
        }
    };
    let complete = !checks.iter().any(Check::is_skipped);
    Ok(Verification {
        // What was not checked does not hold, unless nobody expects it to.
        ok: !checks.iter().any(Check::is_failed) && (complete || chain.is_none()),
        complete,
        receipt: file.receipt.hash(),
        attestation,
        checks,
        proven: None,
    })
}

/// Input, output and transcript against what the receipt says. Gives the
/// transcript if it is the receipt's.
pub fn check_data(file: &ReceiptFile) -> ([Check; 3], Option<Transcript>) {
    let receipt = &file.receipt;
    let Some(data) = &file.data else {
        let skipped = |name| Check::skipped(name, "not in the file");
        return (["input", "output", "transcript"].map(skipped), None);
    };
    let bytes = |bytes: &[u8]| format!("{} bytes", bytes.len());
    let (transcript_check, transcript) = match Transcript::decode(&data.transcript) {
        Ok(transcript) => {
            let checked = check_transcript(&receipt.body, &transcript);
            let own = checked.is_ok().then_some(transcript);
            (checked, own)
        }
        Err(error) => (Err(error.to_string()), None),
    };
    let checks = [
        Check::of(
            "input",
            said(receipt.verify_input(&data.input), || bytes(&data.input)),
        ),
        Check::of(
            "output",
            said(receipt.verify_output(&data.output), || bytes(&data.output)),
        ),
        Check::of("transcript", transcript_check),
    ];
    (checks, transcript)
}

/// What a check of the receipt itself found.
pub fn said(
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
    transcript: Option<&Transcript>,
    chain: &impl ChainReader,
) -> Result<([Check; 5], Option<Attestation>)> {
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
            other("manifest"),
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
        check_manifest(body, transcript, contract.as_ref(), None),
    ];
    Ok((checks, worker.map(|worker| worker.attestation)))
}

/// What the run was given against the contract's manifest now, or at a block. The owner
/// may replace a manifest, so a difference does not tell that the run was wrong.
pub fn check_manifest(
    body: &ReceiptBody,
    transcript: Option<&Transcript>,
    contract: Option<&Contract>,
    block: Option<u64>,
) -> Check {
    const NAME: &str = "manifest";
    let (of, at, since) = match block {
        None => ("now".into(), "now".into(), "it may have been changed since"),
        Some(block) => (
            format!("block {block}"),
            format!("at block {block}"),
            "it may have been changed in between",
        ),
    };
    let Some(contract) = contract else {
        return Check::skipped(NAME, "the contract is unknown");
    };
    let Some(Transcript { header, .. }) = transcript else {
        return Check::skipped(NAME, "there is no transcript of the run");
    };
    let now = match Manifest::parse(&contract.manifest) {
        Ok(now) => now,
        Err(error) => {
            return Check::changed(NAME, format!("no run is possible {at} ({since}): {error}"));
        }
    };
    let settings = |json: &str| serde_json::from_str::<serde_json::Value>(json).ok();
    let same = [
        (
            "settings",
            settings(&header.request.settings) == settings(&now.settings_json()),
        ),
        ("allowed_hosts", header.allowed_hosts == now.allowed_hosts),
        ("limits", header.limits == now.limits),
        ("triggers", is_trigger(&body.origin, &now)),
    ];
    let differs = same.iter().filter(|(_, is_same)| !is_same);
    let differing: Vec<_> = differs.map(|(what, _)| *what).collect();
    if differing.is_empty() {
        let same = "settings, allowed_hosts, limits and trigger are those of";
        Check::of(NAME, Ok(format!("{same} {of}")))
    } else {
        let what = differing.join(" and ");
        let detail = format!("{what}: differs from the manifest {at} ({since})");
        Check::changed(NAME, detail)
    }
}

/// Whether requests from there make the contract run. A call over HTTP always may.
fn is_trigger(origin: &Origin, manifest: &Manifest) -> bool {
    let (chain, anchor) = match origin {
        Origin::Http => return true,
        Origin::Trigger { name } => return manifest.trigger(name).is_some(),
        Origin::Anchor { chain, anchor, .. } => (chain, anchor),
    };
    manifest.triggers.iter().any(|trigger| match trigger {
        Trigger::Anchor(known) => *chain == known.chain() && *anchor == known.anchor(),
        Trigger::SubstrateAnchor(known) => *chain == known.chain && anchor[..] == known.consumer.0,
        // The outcome of a firing goes there too.
        _ => trigger
            .firing()
            .and_then(|firing| firing.reply)
            .is_some_and(|reply| {
                *chain == reply.chain && reply.anchor().is_ok_and(|known| *anchor == known)
            }),
    })
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for check in &self.checks {
            writeln!(f, "{check}")?;
        }
        let vouches = match &self.attestation {
            Some(attestation @ Attestation::None) => format!(
                "{} (nothing vouches for the worker's hardware and software)",
                attestation_text(attestation)
            ),
            Some(attestation) => attestation_text(attestation),
            None => "unknown".into(),
        };
        writeln!(f, "attestation: {vouches}")?;
        if let Some(proven) = &self.proven {
            let (bytes, micros) = (proven.size_bytes, proven.verify_us);
            writeln!(f, "bundle: {bytes} bytes, checked in {micros} µs")?;
        }
        let receipt = self.receipt;
        let skipped = self.checks.iter().filter(|check| check.is_skipped());
        let skipped = match skipped.count() {
            1 => "1 check skipped".to_owned(),
            count => format!("{count} checks skipped"),
        };
        if self.checks.iter().any(Check::is_failed) {
            writeln!(f, "receipt {receipt} does NOT hold")
        } else if !self.ok {
            writeln!(
                f,
                "receipt {receipt} was NOT checked in full ({skipped}): get it with its data by \
                 `phat receipt get {receipt} --out FILE`, or check what is here with --offline"
            )
        } else if !self.complete {
            writeln!(f, "receipt {receipt} holds as far as checked ({skipped})")
        } else if self.checks.iter().any(Check::is_changed) {
            writeln!(
                f,
                "receipt {receipt} holds, under another manifest than that of {}",
                match self.proven {
                    Some(_) => "the block",
                    None => "now",
                }
            )
        } else {
            writeln!(f, "receipt {receipt} holds")
        }
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
