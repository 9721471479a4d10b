//! `phat gov propose`: referenda about what this network decides.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use phat_chain_client::{GovernanceAction, Proposal};
use phat_primitives::{AccountBytes, ClusterId, blake2_256, limits::ROOT_BYTES_MAX};

use super::{
    act::{Acted, act},
    measurement::MeasurementArgs,
    track_of,
};
use crate::{
    amount::{Amount, parse_positive},
    args::{HexArg, SignArgs, parse_account_argument},
    chain::{GovernanceWriter, connect_as},
    output::{Output, Verdict},
};

/// What a runtime begins with: WebAssembly, or the mark of a compressed one.
const RUNTIME_STARTS: [&[u8]; 2] = [b"\0asm", &[82, 188, 83, 118, 70, 219, 142, 5]];

/// Propose something to the holders of PHA.
///
/// The deposits of the submission and of the decision are held until the referendum is over.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    AllowMeasurement(AllowOptions),
    RevokeMeasurement(RevokeOptions),
    SetRoots(RootsOptions),
    RotateKey(RotateOptions),
    Spend(SpendOptions),
    Upgrade(UpgradeOptions),
    Cancel(CancelOptions),
    Call(CallOptions),
}

/// What all proposals have.
#[derive(Args, Debug)]
struct ProposeArgs {
    /// Leave the deposit of the decision to somebody else.
    #[arg(long)]
    no_deposit: bool,
    #[command(flatten)]
    sign: SignArgs,
}

/// Let workers run an enclave or a virtual machine.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat gov propose allow-measurement --mr-enclave 0x3b1e… --isv-svn-min 2"
)]
struct AllowOptions {
    #[command(flatten)]
    measurement: MeasurementArgs,
    /// The least version of the enclave. Virtual machines have none.
    #[arg(long, value_name = "VERSION", default_value_t = 0)]
    isv_svn_min: u16,
    #[command(flatten)]
    propose: ProposeArgs,
}

/// Suspend the workers that run an enclave or a virtual machine.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov propose revoke-measurement --mr-enclave 0x3b1e…")]
struct RevokeOptions {
    #[command(flatten)]
    measurement: MeasurementArgs,
    #[command(flatten)]
    propose: ProposeArgs,
}

/// Replace the root certificates that attestations may end at.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov propose set-roots intel-root.der")]
struct RootsOptions {
    /// The certificates, each in DER.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    #[command(flatten)]
    propose: ProposeArgs,
}

/// Have a cluster change its key.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov propose rotate-key 0")]
struct RotateOptions {
    /// The cluster.
    #[arg(value_name = "CLUSTER")]
    cluster: u32,
    #[command(flatten)]
    propose: ProposeArgs,
}

/// Pay somebody from the treasury.
///
/// Up to 10 000 PHA are a small spend, up to 1 000 000 PHA a large one.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov propose spend 2500PHA 5GrwvaEF…")]
struct SpendOptions {
    /// How much, such as 2500PHA.
    #[arg(value_name = "AMOUNT", value_parser = parse_positive)]
    amount: Amount,
    /// Whom: an address, a public key or a development account.
    #[arg(value_name = "ACCOUNT", value_parser = parse_account_argument)]
    beneficiary: AccountBytes,
    #[command(flatten)]
    propose: ProposeArgs,
}

/// Replace the chain's runtime.
///
/// The referendum is about the file's hash. When it has been carried out, anybody gives the chain
/// the file with `phat gov upgrade FILE`.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov propose upgrade phat_runtime.compact.compressed.wasm")]
struct UpgradeOptions {
    /// The new runtime.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    propose: ProposeArgs,
}

/// Stop another referendum.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat gov propose cancel 3")]
struct CancelOptions {
    /// The referendum's number.
    #[arg(value_name = "ID")]
    id: u32,
    #[command(flatten)]
    propose: ProposeArgs,
}

/// Propose any call of the chain's.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat gov propose call 0x1408100e000000000000 --track parameters"
)]
struct CallOptions {
    /// The call in SCALE, in hexadecimal digits.
    #[arg(value_name = "HEX")]
    call: HexArg,
    /// The track that it is carried out as: its name or number, see `phat gov tracks`.
    #[arg(long, value_name = "TRACK")]
    track: String,
    #[command(flatten)]
    propose: ProposeArgs,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let (proposal, options) = match options.command {
        Command::AllowMeasurement(options) => {
            let proposal = Proposal::AllowMeasurement {
                rule: options.measurement.rule()?,
                isv_svn_min: options.isv_svn_min,
            };
            (proposal, options.propose)
        }
        Command::RevokeMeasurement(options) => {
            let rule = options.measurement.rule()?;
            (Proposal::RevokeMeasurement(rule), options.propose)
        }
        Command::SetRoots(options) => {
            let roots: Result<_> = options.files.iter().map(|file| read_root(file)).collect();
            (Proposal::SetRoots(roots?), options.propose)
        }
        Command::RotateKey(options) => (
            Proposal::RotateKey(ClusterId(options.cluster)),
            options.propose,
        ),
        Command::Spend(options) => {
            let proposal = Proposal::Spend {
                amount: options.amount.0,
                beneficiary: options.beneficiary,
            };
            (proposal, options.propose)
        }
        Command::Upgrade(options) => {
            let code_hash = blake2_256(&read_runtime(&options.file)?);
            (Proposal::Upgrade { code_hash }, options.propose)
        }
        Command::Cancel(options) => (Proposal::Cancel(options.id), options.propose),
        Command::Call(options) => return propose_call(options, output).await,
    };
    let sign = &options.sign;
    output.progress(format_args!("Connecting to {}…", sign.chain.chain));
    let chain = connect_as(&sign.chain.chain, &sign.suri).await?;
    let proposed = propose(&chain, &proposal, &options, output).await?;
    Ok(output.finish(&proposed, Verdict::Done)?)
}

async fn propose_call(options: CallOptions, output: &mut Output<'_>) -> Result<Verdict> {
    let sign = &options.propose.sign;
    output.progress(format_args!("Connecting to {}…", sign.chain.chain));
    let chain = connect_as(&sign.chain.chain, &sign.suri).await?;
    let proposal = Proposal::Call {
        bytes: options.call.0,
        track: track_of(&chain, &options.track).await?.id,
    };
    let proposed = propose(&chain, &proposal, &options.propose, output).await?;
    Ok(output.finish(&proposed, Verdict::Done)?)
}

async fn propose(
    chain: &impl GovernanceWriter,
    proposal: &Proposal,
    options: &ProposeArgs,
    output: &mut Output<'_>,
) -> Result<Acted> {
    let (with_deposit, is_dry_run) = (!options.no_deposit, options.sign.dry_run);
    submit(chain, proposal, with_deposit, is_dry_run, output).await
}

/// Submits a referendum, and places its deposit too if that is wanted.
pub async fn submit(
    chain: &impl GovernanceWriter,
    proposal: &Proposal,
    with_deposit: bool,
    is_dry_run: bool,
    output: &mut Output<'_>,
) -> Result<Acted> {
    let mut actions = chain.submission(proposal).await?;
    if is_dry_run && with_deposit {
        // The number that the referendum would get if it were submitted now.
        let index = chain.referendum_count().await?;
        actions.push(GovernanceAction::PlaceDeposit(index));
    }
    let submitted = act(chain, &actions, is_dry_run, output).await?;
    let Some(index) = submitted.referendum.filter(|_| with_deposit) else {
        return Ok(submitted);
    };
    let deposit = [GovernanceAction::PlaceDeposit(index)];
    let deposited = act(chain, &deposit, is_dry_run, output)
        .await
        .with_context(|| {
            format!(
                "referendum {index} is there without its deposit: try `phat gov deposit {index}`"
            )
        })?;
    submitted.and(deposited)
}

/// The bytes of a root certificate.
fn read_root(file: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    if bytes.starts_with(b"-----BEGIN") {
        let name = file.display();
        bail!("{name} is in PEM: make DER of it with `openssl x509 -in {name} -outform der`");
    }
    if bytes.is_empty() || bytes.len() > ROOT_BYTES_MAX as usize {
        bail!(
            "{} has {} bytes; a root certificate in DER has 1 to {ROOT_BYTES_MAX}",
            file.display(),
            bytes.len()
        );
    }
    Ok(bytes)
}

/// The bytes of a runtime.
pub fn read_runtime(file: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
    if !RUNTIME_STARTS.iter().any(|start| bytes.starts_with(start)) {
        bail!("{} is no WebAssembly, so no runtime", file.display());
    }
    Ok(bytes)
}
