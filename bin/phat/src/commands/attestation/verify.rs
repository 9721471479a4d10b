//! `phat attestation verify`.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use phat_attestation::{
    AttestationError, Collateral, INTEL_ROOT_CA, Measurement, Verified, verify,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use serde::Serialize;

use super::files::{quote_in, read};
use crate::output::{Output, Verdict};

/// Verify a quote of SGX or TDX with its collateral, and show what it says.
///
/// Nothing is fetched. The quote is verified as it is at one time, against Intel's root
/// certificate or another one. The exit code is 1 if it does not hold; the reason is then
/// in `error`.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat attestation verify --quote quote.bin --collateral collateral.json --at 1750809600"
)]
pub struct Options {
    /// The quote: bytes, or hexadecimal digits.
    #[arg(long, value_name = "FILE")]
    quote: PathBuf,
    /// What Intel publishes about the platform, in JSON, as PCCS clients write it.
    #[arg(long, value_name = "FILE")]
    collateral: PathBuf,
    /// The time, in seconds since 1970; now by default.
    #[arg(long, value_name = "UNIX")]
    at: Option<u64>,
    /// The root certificate to accept in place of Intel's, in DER or PEM.
    #[arg(long, value_name = "FILE")]
    root_ca: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Shown {
    ok: bool,
    #[serde(flatten)]
    verified: Option<Verified>,
    error: Option<Reason>,
}

#[derive(Debug, Serialize)]
struct Reason {
    code: &'static str,
    message: String,
}

/// Runs the command.
pub fn run(options: &Options, output: &mut Output<'_>) -> Result<Verdict> {
    let quote = quote_in(read(&options.quote)?);
    let collateral: Collateral =
        serde_json::from_slice(&read(&options.collateral)?).with_context(|| {
            format!(
                "{} is no collateral in JSON, with fields such as tcb_info",
                options.collateral.display()
            )
        })?;
    let root = match &options.root_ca {
        Some(path) => root_in(path)?,
        None => INTEL_ROOT_CA.to_vec(),
    };
    let at = match options.at {
        Some(at) => at,
        None => SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
    };
    let shown = Shown::of(verify(&quote, &collateral, &[&root], at));
    Ok(output.finish(&shown, Verdict::of(shown.ok))?)
}

impl Shown {
    fn of(result: Result<Verified, AttestationError>) -> Self {
        let (verified, error) = match result {
            Ok(verified) => (Some(verified), None),
            Err(error) => {
                let reason = Reason {
                    code: error.code(),
                    message: error.to_string(),
                };
                (None, Some(reason))
            }
        };
        Self {
            ok: error.is_none(),
            verified,
            error,
        }
    }
}

fn root_in(path: &Path) -> Result<Vec<u8>> {
    let file = fs::read(path).with_context(|| path.display().to_string())?;
    if !file.trim_ascii_start().starts_with(b"-----BEGIN") {
        return Ok(file);
    }
    let mut found = CertificateDer::pem_slice_iter(&file);
    match (found.next(), found.next()) {
        (Some(Ok(root)), None) => Ok(root.to_vec()),
        _ => bail!(
            "{} is to have one certificate, the root's, in PEM or DER",
            path.display()
        ),
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(reason) = &self.error {
            writeln!(f, "does NOT hold: {}", reason.message)?;
        }
        let Some(verified) = &self.verified else {
            return Ok(());
        };
        let Verified {
            platform: _,
            tcb_status,
            advisories,
            measurement,
            report_data,
            confidence_level,
            expires_at,
        } = verified;
        writeln!(f, "holds")?;
        writeln!(f, "TCB status        {tcb_status}")?;
        if !advisories.is_empty() {
            writeln!(f, "advisories        {}", advisories.join(", "))?;
        }
        writeln!(f, "confidence level  {confidence_level}, from 1 to 5")?;
        match measurement {
            Measurement::Sgx {
                mr_enclave,
                mr_signer,
                isv_prod_id,
                isv_svn,
            } => {
                writeln!(f, "platform          SGX")?;
                writeln!(f, "MRENCLAVE         {}", hex::encode(mr_enclave))?;
                writeln!(f, "MRSIGNER          {}", hex::encode(mr_signer))?;
                writeln!(f, "product, version  {isv_prod_id}, {isv_svn}")?;
            }
            Measurement::Tdx { mr_td, rtmr } => {
                writeln!(f, "platform          TDX")?;
                writeln!(f, "MRTD              {}", hex::encode(mr_td))?;
                for (number, register) in rtmr.iter().enumerate() {
                    writeln!(f, "RTMR{number}             {}", hex::encode(register))?;
                }
            }
        }
        writeln!(f, "report data       {}", hex::encode(report_data))?;
        writeln!(f, "holds until       {expires_at} s since 1970")
    }
}
