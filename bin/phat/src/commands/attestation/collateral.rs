//! `phat attestation collateral`.

use std::{
    fmt, fs,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use clap::Args;
use phat_collateral::{INTEL_PCS_URL, PccsClient, PccsConfig};
use serde::Serialize;
use url::Url;

use super::files::{quote_in, read};
use crate::output::{Output, Verdict};

/// Fetch what Intel publishes of the platform that made a quote.
///
/// It is asked for by version 4 of the interface of Intel's provisioning certification service,
/// which caches of it (PCCS) have too. What is written is what `phat attestation verify` and
/// `phat-worker --collateral` read. That it is of this kind of platform and holds now is checked;
/// Intel's signatures are for the one to check who verifies the quote.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat attestation collateral --quote quote.bin --out collateral.json"
)]
pub struct Options {
    /// The quote: bytes, or hexadecimal digits.
    #[arg(long, value_name = "FILE")]
    quote: PathBuf,
    /// The service: Intel's, or a cache of it.
    #[arg(long, env = "PHAT_PCCS_URL", value_name = "URL", default_value = INTEL_PCS_URL)]
    pccs_url: Url,
    /// A certificate authority in PEM form to trust besides the system's: caches often have
    /// certificates of their own making.
    #[arg(long, value_name = "FILE")]
    pccs_ca: Option<PathBuf>,
    /// Where to write the collateral, in JSON.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Debug, Serialize)]
struct Fetched {
    collateral: PathBuf,
    bytes: usize,
}

/// Runs the command.
pub async fn run(options: &Options, output: &mut Output<'_>) -> Result<Verdict> {
    let quote = quote_in(read(&options.quote)?);
    let mut config = PccsConfig::new(options.pccs_url.clone());
    if let Some(path) = &options.pccs_ca {
        config.extra_ca_pem.push(read(path)?);
    }
    let client = PccsClient::new(&config)?;
    let now_s = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    output.progress(format_args!("asking {}", options.pccs_url));
    let collateral = client.collateral(&quote, now_s).await?;
    let json = serde_json::to_vec_pretty(&collateral)?;
    fs::write(&options.out, &json).with_context(|| options.out.display().to_string())?;
    let fetched = Fetched {
        collateral: options.out.clone(),
        bytes: json.len(),
    };
    Ok(output.finish(&fetched, Verdict::Done)?)
}

impl fmt::Display for Fetched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "collateral   {}, {} bytes",
            self.collateral.display(),
            self.bytes
        )
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::phat;

    /// What the command says of this quote at this service, and whether it wrote anything.
    async fn refused(quote: &[u8], url: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (quote_file, out) = (path("quote.bin"), path("collateral.json"));
        std::fs::write(&quote_file, quote).unwrap();
        let arguments = ["attestation", "collateral", "--quote", &quote_file];
        let (code, _, said) =
            phat(&[&arguments[..], &["--pccs-url", url, "--out", &out]].concat()).await;
        assert_eq!(code, 1, "{said}");
        assert!(!std::path::Path::new(&out).exists());
        said
    }

    #[tokio::test]
    async fn nothing_is_written_where_nothing_was_fetched() {
        let said = refused(b"no quote", "https://localhost:1").await;
        assert!(said.contains("does not tell of which platform"), "{said}");
        let said = refused(b"no quote", "http://localhost:1").await;
        assert!(said.contains("begins with https://"), "{said}");

        let intel = phat_attestation_simulator::SimulatedIntel::development().unwrap();
        let report = phat_attestation_simulator::SgxReport::default();
        let report = phat_attestation_simulator::Report::Sgx(report);
        let platform = intel.platform("a").unwrap();
        let quote = platform.quote(&report, [7; 64]).unwrap();
        let said = refused(&quote, "https://localhost:1").await;
        assert!(said.contains("gives no whole answer"), "{said}");
    }
}
