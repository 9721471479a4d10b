//! `phat bench trust`: what it takes to verify, and to keep secret.

mod bundles;
mod figures;
mod measure;
mod quotes;
mod sealed;

use std::{fmt, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Args, builder::RangedU64ValueParser};
use phat_chain_client::{ChainClient, RegistrationShare};
use phat_primitives::WorkerId;
use serde::Serialize;

use self::{
    bundles::Bundles,
    figures::{Figures, QuotesPerSecond, Registrations},
    measure::measure,
};
use crate::output::{Output, Verdict};

/// Rounds that are made where nothing else is said: enough for 99 of 100 to mean something.
const ROUNDS: usize = 300;

/// Measure what it takes to verify quotes, receipts and bundles, and to encrypt and decrypt.
///
/// Quotes are of a simulated platform, verified in full. A bundle is yours: without --bundle
/// nothing is said of bundles, and without --chain nothing of blocks. The figures are of this
/// machine, now, and of this build: docs/performance.md says what each means. A build without
/// optimisations says little.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat bench trust --bundle bundle.json --chain ws://127.0.0.1:9944 --json"
)]
pub struct Options {
    /// A bundle that `phat receipt bundle` wrote, to be verified for the chain that it names.
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// The RPC endpoint of the bundle's chain: what the registration of its worker took of a
    /// block, if that came with a quote.
    #[arg(long, value_name = "URL", requires = "bundle")]
    chain: Option<String>,
    /// Rounds, each of which measures everything.
    #[arg(long, value_name = "N", default_value_t = ROUNDS,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    rounds: usize,
}

#[derive(Serialize)]
#[serde(transparent)]
struct Shown(Figures);

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let bundles = options.bundle.as_deref().map(Bundles::read).transpose()?;
    let registration = match (&options.chain, &bundles) {
        (Some(url), Some(bundles)) => {
            output.progress(format_args!("Connecting to {url}…"));
            Some(registration(url, bundles.worker()).await?)
        }
        _ => None,
    };
    let rounds = options.rounds;
    output.progress(format_args!("Measuring: {rounds} rounds…"));
    let figures = measure(bundles, registration, rounds)?;
    Ok(output.finish(&Shown(figures), Verdict::Done)?)
}

/// What the registration of a worker, with a quote, took of its block.
async fn registration(url: &str, worker: WorkerId) -> Result<RegistrationShare> {
    let chain = ChainClient::connect(url).await?;
    let share = chain.registration_share(&worker).await?;
    share.with_context(|| {
        format!(
            "{url} knows no registration of the worker {worker} with a quote: make the bundle \
             with a worker that was started with --attestation, or leave out --chain"
        )
    })
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures = &self.0;
        let (rounds, processors) = (figures.rounds, figures.processors);
        writeln!(
            f,
            "measured             {rounds} rounds, {processors} processors, one of them used"
        )?;
        bundle_lines(f, figures)?;
        let QuotesPerSecond { sgx, tdx } = figures.quotes_verified_per_s;
        writeln!(
            f,
            "quotes verified      {sgx:.0} a second of SGX, {tdx:.0} of TDX"
        )?;
        if let Some(Registrations {
            quote_block_weight_ms,
            quote_transaction_bytes,
            quotes_per_block,
        }) = &figures.registrations
        {
            writeln!(
                f,
                "one on the chain     {quote_block_weight_ms:.2} ms of a block and \
                 {quote_transaction_bytes} bytes: {quotes_per_block} fit into one"
            )?;
        }
        writeln!(
            f,
            "receipt verified     {:.1} µs",
            figures.receipt_verify_us_p50
        )?;
        writeln!(
            f,
            "message of {} bytes   {:.1} µs to seal, {:.1} µs to open",
            figures.envelope_bytes, figures.envelope_seal_us_p50, figures.envelope_open_us_p50
        )?;
        writeln!(
            f,
            "hand-over            {:.1} µs, both sides together",
            figures.handover_us_p50
        )
    }
}

fn bundle_lines(f: &mut fmt::Formatter<'_>, figures: &Figures) -> fmt::Result {
    let Some(bundle) = &figures.bundle else {
        return writeln!(f, "bundle               none: give one with --bundle");
    };
    writeln!(
        f,
        "bundle verified      {:.2} ms, 99 of 100 within {:.2} ms",
        bundle.bundle_verify_ms_p50, bundle.bundle_verify_ms_p99
    )?;
    writeln!(f, "bundle               {} bytes", bundle.bundle_bytes)?;
    for (part, bytes) in &bundle.bundle_bytes_by_part {
        writeln!(f, "  {part:<20} {bytes}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use crate::testing::phat;

    #[tokio::test]
    async fn what_needs_no_bundle_is_measured_without_one() {
        let trust = ["bench", "trust", "--rounds", "2"];
        let (code, result, progress) = phat(&[&trust[..], &["--json"]].concat()).await;
        assert_eq!(code, 0, "{progress}");
        assert_eq!(progress, "Measuring: 2 rounds…\n");
        let figures: Value = serde_json::from_str(&result).unwrap();
        for name in [
            "/quotes_verified_per_s/sgx",
            "/quotes_verified_per_s/tdx",
            "/receipt_verify_us_p50",
            "/envelope_seal_us_p50",
            "/envelope_open_us_p50",
            "/handover_us_p50",
        ] {
            let figure = figures.pointer(name).and_then(Value::as_f64);
            assert!(figure.is_some_and(|figure| figure > 0.0), "{name}");
        }
        assert_eq!(figures["rounds"], 2);
        assert_eq!(figures.get("bundle_bytes"), None);
        assert_eq!(figures.get("quote_block_weight_ms"), None);

        let (code, text, _) = phat(&trust).await;
        assert_eq!(code, 0);
        assert!(text.contains("give one with --bundle"), "{text}");
        assert!(text.contains("a second of SGX"), "{text}");
    }

    #[tokio::test]
    async fn what_is_no_bundle_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("receipt.json");
        std::fs::write(&file, "{}").unwrap();
        let file = file.to_str().unwrap();
        let (code, _, progress) = phat(&["bench", "trust", "--bundle", file]).await;
        assert_eq!(code, 1);
        assert!(progress.contains("is no receipt bundle"), "{progress}");
    }
}
