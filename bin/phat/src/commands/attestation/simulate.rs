//! `phat attestation simulate`.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use clap::{Args, ValueEnum};
use phat_attestation_simulator::{
    CollateralOptions, Report, Revoked, SgxReport, SimulatedIntel, TcbStatus, TdxReport, TdxVersion,
};
use serde::Serialize;

use crate::{
    args::HexArg,
    output::{Output, Verdict},
};

const DAY_S: u64 = 24 * 60 * 60;

/// Make a quote and its collateral under a simulated root, for development and tests.
///
/// They are as Intel's are, under a root certificate that everyone has the key of. Only
/// development networks accept it.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat attestation simulate --tee sgx --out simulated\n  phat attestation verify --quote simulated/quote.bin \\\n    --collateral simulated/collateral.json --root-ca simulated/root-ca.der"
)]
pub struct Options {
    /// What is quoted: an enclave in a quote of version 3, or a virtual machine in one of
    /// version 4 or 5.
    #[arg(long, value_enum)]
    tee: TeeArg,
    /// The folder for quote.bin, collateral.json and root-ca.der.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Which platform quotes; each name is one.
    #[arg(long, value_name = "NAME", default_value = "platform")]
    platform: String,
    /// What the software asks to have in the quote: up to 64 bytes.
    #[arg(long, value_name = "HEX", default_value = "0x")]
    report_data: HexArg,
    /// MRENCLAVE of an enclave, or MRTD of a machine: 32 or 48 bytes.
    #[arg(long, value_name = "HEX", default_value = "0x")]
    measurement: HexArg,
    /// MRSIGNER of an enclave: 32 bytes.
    #[arg(long, value_name = "HEX", default_value = "0x")]
    mr_signer: HexArg,
    /// RTMR0 to RTMR3 of a machine: 48 bytes each.
    #[arg(long, value_name = "HEX", num_args = 1..=4)]
    rtmr: Vec<HexArg>,
    /// Quote in debug mode.
    #[arg(long)]
    debug: bool,
    /// The state of the platform.
    #[arg(long, value_enum, default_value = "up-to-date")]
    tcb_status: StatusArg,
    /// What is known against it, such as INTEL-SA-00615.
    #[arg(long, value_name = "ID")]
    advisory: Vec<String>,
    /// A certificate that is revoked.
    #[arg(long, value_enum)]
    revoke: Option<RevokeArg>,
    /// From when the collateral holds, in seconds since 1970; now by default.
    #[arg(long, value_name = "UNIX")]
    issued_at: Option<u64>,
    /// For how many days it holds.
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    days: u64,
    /// What the keys of the simulated root follow from; those of development networks by
    /// default.
    #[arg(long, value_name = "TEXT")]
    seed: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TeeArg {
    Sgx,
    /// A machine of TDX 1.0, in a quote of version 4.
    Tdx,
    /// A machine of TDX 1.5, in a quote of version 5.
    #[value(name = "tdx-1.5")]
    Tdx15,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StatusArg {
    UpToDate,
    SwHardeningNeeded,
    ConfigurationNeeded,
    ConfigurationAndSwHardeningNeeded,
    OutOfDate,
    OutOfDateConfigurationNeeded,
    Revoked,
}

impl From<StatusArg> for TcbStatus {
    fn from(status: StatusArg) -> Self {
        match status {
            StatusArg::UpToDate => Self::UpToDate,
            StatusArg::SwHardeningNeeded => Self::SWHardeningNeeded,
            StatusArg::ConfigurationNeeded => Self::ConfigurationNeeded,
            StatusArg::ConfigurationAndSwHardeningNeeded => Self::ConfigurationAndSWHardeningNeeded,
            StatusArg::OutOfDate => Self::OutOfDate,
            StatusArg::OutOfDateConfigurationNeeded => Self::OutOfDateConfigurationNeeded,
            StatusArg::Revoked => Self::Revoked,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RevokeArg {
    Platform,
    PlatformAuthority,
    TcbSigner,
}

impl From<RevokeArg> for Revoked {
    fn from(revoke: RevokeArg) -> Self {
        match revoke {
            RevokeArg::Platform => Self::Platform,
            RevokeArg::PlatformAuthority => Self::PlatformAuthority,
            RevokeArg::TcbSigner => Self::TcbSigner,
        }
    }
}

#[derive(Debug, Serialize)]
struct Simulated {
    quote: PathBuf,
    collateral: PathBuf,
    root_ca: PathBuf,
}

/// Runs the command.
pub fn run(options: &Options, output: &mut Output<'_>) -> Result<Verdict> {
    let intel = match &options.seed {
        Some(seed) => SimulatedIntel::new(seed.as_bytes()),
        None => SimulatedIntel::development(),
    }?;
    let platform = intel.platform(&options.platform)?;
    let report = options.report()?;
    let quote = platform.quote(&report, bytes(&options.report_data, "--report-data")?)?;
    let collateral = intel.collateral(&platform, report.tee(), &options.collateral()?)?;

    let path = |name: &str| options.out.join(name);
    let simulated = Simulated {
        quote: path("quote.bin"),
        collateral: path("collateral.json"),
        root_ca: path("root-ca.der"),
    };
    fs::create_dir_all(&options.out).with_context(|| options.out.display().to_string())?;
    write(&simulated.quote, &quote)?;
    write(
        &simulated.collateral,
        &serde_json::to_vec_pretty(&collateral)?,
    )?;
    write(&simulated.root_ca, &intel.root_certificate()?)?;
    Ok(output.finish(&simulated, Verdict::Done)?)
}

impl Options {
    fn report(&self) -> Result<Report> {
        let version = match self.tee {
            TeeArg::Sgx => {
                return Ok(Report::Sgx(SgxReport {
                    mr_enclave: bytes(&self.measurement, "--measurement")?,
                    mr_signer: bytes(&self.mr_signer, "--mr-signer")?,
                    debug: self.debug,
                    ..SgxReport::default()
                }));
            }
            TeeArg::Tdx => TdxVersion::V4,
            TeeArg::Tdx15 => TdxVersion::V5,
        };
        let mut rtmr = [[0; 48]; 4];
        for (register, given) in rtmr.iter_mut().zip(&self.rtmr) {
            *register = bytes(given, "--rtmr")?;
        }
        Ok(Report::Tdx(TdxReport {
            version,
            mr_td: bytes(&self.measurement, "--measurement")?,
            rtmr,
            debug: self.debug,
        }))
    }

    fn collateral(&self) -> Result<CollateralOptions> {
        let issued_at = match self.issued_at {
            Some(at) => at,
            None => SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
        };
        Ok(CollateralOptions {
            next_update: issued_at.saturating_add(self.days.saturating_mul(DAY_S)),
            tcb_status: self.tcb_status.into(),
            advisories: self.advisory.clone(),
            revoked: self.revoke.map(Revoked::from),
            ..CollateralOptions::at(issued_at)
        })
    }
}

/// What is given, with zeros behind it.
fn bytes<const N: usize>(given: &HexArg, option: &str) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    let length = given.0.len();
    bytes
        .get_mut(..length)
        .with_context(|| format!("{option} has {length} bytes, and may have {N}"))?
        .copy_from_slice(&given.0);
    Ok(bytes)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| path.display().to_string())
}

impl fmt::Display for Simulated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "quote        {}", self.quote.display())?;
        writeln!(f, "collateral   {}", self.collateral.display())?;
        writeln!(f, "root CA      {}", self.root_ca.display())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::phat;

    /// Simulates with these options, and verifies with those.
    async fn check(simulate: &[&str], verify: &[&str]) -> (u8, Value) {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().to_str().unwrap();
        let file = |name: &str| format!("{out}/{name}");
        let made = [&["attestation", "simulate", "--out", out], simulate].concat();
        let (code, text, _) = phat(&made).await;
        assert_eq!(code, 0, "{text}");
        let (quote, collateral) = (file("quote.bin"), file("collateral.json"));
        let root = file("root-ca.der");
        let mut arguments = vec!["attestation", "verify", "--json", "--quote", &quote];
        arguments.extend(["--collateral", &collateral]);
        if !verify.contains(&"--intel") {
            arguments.extend(["--root-ca", &root]);
        }
        arguments.extend(verify.iter().filter(|option| **option != "--intel"));
        let (code, text, _) = phat(&arguments).await;
        (code, serde_json::from_str(&text).unwrap())
    }

    #[tokio::test]
    async fn what_is_simulated_is_verified() {
        let (code, found) = check(
            &[
                "--tee",
                "sgx",
                "--measurement",
                "0x0102",
                "--report-data",
                "0xff",
            ],
            &[],
        )
        .await;
        assert_eq!(code, 0, "{found}");
        assert_eq!(found["ok"], json!(true));
        assert_eq!(found["platform"], json!("sgx"));
        assert_eq!(found["tcb_status"], json!("UpToDate"));
        assert_eq!(found["advisories"], json!([]));
        assert_eq!(found["confidence_level"], json!(1));
        assert_eq!(found["error"], Value::Null);
        let mr_enclave = format!("0x0102{}", "00".repeat(30));
        assert_eq!(found["measurement"]["mr_enclave"], json!(mr_enclave));
        assert_eq!(
            found["report_data"],
            json!(format!("0xff{}", "00".repeat(63)))
        );

        for tee in ["tdx", "tdx-1.5"] {
            let (code, found) = check(
                &[
                    "--tee",
                    tee,
                    "--tcb-status",
                    "out-of-date",
                    "--advisory",
                    "INTEL-SA-1",
                ],
                &[],
            )
            .await;
            assert_eq!(code, 0, "{found}");
            assert_eq!(found["platform"], json!("tdx"));
            assert_eq!(found["confidence_level"], json!(5));
            assert_eq!(found["advisories"], json!(["INTEL-SA-1"]));
        }
    }

    #[tokio::test]
    async fn what_does_not_hold_has_a_reason() {
        for (simulate, verify, reason) in [
            (&["--tee", "sgx", "--debug"][..], &[][..], "debug"),
            (
                &["--tee", "tdx", "--revoke", "platform"],
                &[],
                "certificate_revoked",
            ),
            (
                &["--tee", "tdx", "--tcb-status", "revoked"],
                &[],
                "tcb_refused",
            ),
            (&["--tee", "sgx"], &["--intel"], "root_unknown"),
            (
                &["--tee", "sgx", "--issued-at", "1700000000"],
                &[],
                "expired",
            ),
            (&["--tee", "sgx"], &["--at", "1700000000"], "not_yet_valid"),
        ] {
            let (code, found) = check(simulate, verify).await;
            assert_eq!(code, 1, "{found}");
            assert_eq!(found["ok"], json!(false));
            assert_eq!(found["error"]["code"], json!(reason));
            assert!(found["error"]["message"].is_string());
        }
    }

    #[tokio::test]
    async fn wrong_input_says_what_is_wrong() {
        let long = "00".repeat(33);
        let arguments = ["attestation", "simulate", "--tee", "sgx", "--out", "unused"];
        let (code, _, text) = phat(&[&arguments[..], &["--measurement", &long]].concat()).await;
        assert_eq!(code, 1);
        assert!(
            text.contains("--measurement has 33 bytes, and may have 32"),
            "{text}"
        );
    }
}
