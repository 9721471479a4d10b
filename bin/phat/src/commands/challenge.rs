//! `phat challenge`: receipts that are wrong, brought before a panel.

use std::{fmt, path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use codec::Encode;
use phat_chain_client::{
    ChainClient, ChallengeDecision, ChallengeOutcome, FaultEvidence, OpenChallenge, Signer,
};
use phat_engine::Transcript;
use phat_primitives::{
    ReceiptHash, WorkerId,
    challenges::{ChallengeId, Verdict as Found},
};
use phat_receipt::ReceiptBody;
use serde::Serialize;
use url::Url;

use super::replay;
use crate::{
    args::{ChainArgs, EgressArgs, WorkerArgs},
    chain::connect,
    local::engine,
    output::{Output, Verdict},
    project::read_code,
    receipt_file::{ReceiptFile, ReceiptSource},
    secrets::SecretsArgs,
};

/// Challenge a receipt that is not what the code gives.
///
/// A deposit is held until a panel of workers has run the code again. It is lost if the
/// receipt holds, so the code is run here first, and a receipt that holds is not
/// challenged. A part of it is lost if the panel comes to nothing. The data of the receipt,
/// which is the file itself, must be at the URL until the panel has voted, for everyone to read.
#[derive(Args, Debug)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "Example:\n  phat challenge receipt.json --data-url https://example.org/receipt.json --suri //Bob\n  phat challenge show 0"
)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    /// A file that `phat receipt get --out` wrote, or a receipt's hash.
    #[arg(value_name = "RECEIPT", required = true)]
    receipt: Option<ReceiptSource>,
    /// Where the file is for the panel: https://…, up to 256 characters.
    #[arg(long, value_name = "URL", required = true)]
    data_url: Option<Url>,
    /// The key that pays the deposit and the fee: a secret phrase, a seed, or a
    /// development account such as //Alice.
    #[arg(
        long,
        value_name = "SURI",
        env = "PHAT_SURI",
        hide_env_values = true,
        default_value = "//Alice"
    )]
    suri: String,
    /// Challenge it whatever a replay here gives, and without one.
    #[arg(long)]
    force: bool,
    /// The code, instead of that on the chain.
    #[arg(long, value_name = "FILE")]
    code: Option<PathBuf>,
    /// Give up the replay after this time.
    #[arg(long, value_name = "SECONDS", default_value_t = 900,
          value_parser = clap::value_parser!(u64).range(1..=604_800))]
    time_max: u64,
    #[command(flatten)]
    secrets: SecretsArgs,
    #[command(flatten)]
    chain: ChainArgs,
    #[command(flatten)]
    worker: WorkerArgs,
}

#[derive(Subcommand, Debug)]
enum Command {
    Show(ShowOptions),
}

/// Show a challenge: who judges it and what was found, or what became of it.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat challenge show 0")]
struct ShowOptions {
    /// The challenge's number.
    #[arg(value_name = "ID")]
    id: u32,
    #[command(flatten)]
    chain: ChainArgs,
}

/// A challenge that was made.
#[derive(Debug, Serialize)]
struct Made {
    challenge: ChallengeId,
    receipt: ReceiptHash,
    accused: WorkerId,
}

/// A challenge as it is.
#[derive(Debug, Serialize)]
struct Shown {
    challenge: ChallengeId,
    receipt: ReceiptHash,
    accused: WorkerId,
    /// `open`, `fault`, `holds` or `undecided`.
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Found>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_at: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_url: Option<String>,
    panel: Vec<Member>,
}

/// A member of a panel.
#[derive(Debug, Serialize)]
struct Member {
    worker: WorkerId,
    verdict: Option<Found>,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    match options.command {
        Some(Command::Show(options)) => show(options, output).await,
        None => make(options, output).await,
    }
}

async fn make(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let (Some(source), Some(data_url)) = (&options.receipt, &options.data_url) else {
        bail!("give a receipt and --data-url, or `show ID`");
    };
    let signer = Signer::from_uri(&options.suri)?;
    let file = ReceiptFile::load(source, &options.worker.worker).await?;
    file.receipt.verify_signature()?;
    check_data(&file)?;
    if !options.force {
        check_fault(&options, &file, output).await?;
    }
    let body = &file.receipt.body;
    output.progress(format_args!("Challenging at {}…", options.chain.chain));
    let client = ChainClient::connect(&options.chain.chain).await?;
    if client.genesis_hash().0 != body.genesis_hash {
        bail!("the receipt is of another chain: give its node with --chain");
    }
    let (challenge, _) = client
        .challenge(
            &signer,
            body.encode(),
            file.receipt.signature,
            data_url.to_string(),
        )
        .await?;
    let made = Made {
        challenge,
        receipt: body.hash(),
        accused: body.worker,
    };
    Ok(output.finish(&made, Verdict::Done)?)
}

/// Refuses what no panel can judge: without the transcript that was signed, or with secrets in it.
fn check_data(file: &ReceiptFile) -> Result<()> {
    let Some(data) = &file.data else {
        bail!("the file holds no transcript: get the receipt with `phat receipt get --out`");
    };
    let transcript = Transcript::decode(&data.transcript)?;
    file.receipt
        .verify_transcript_root(transcript.root())
        .context("a panel can judge the receipt by its own transcript alone")?;
    if transcript.reads_secrets() {
        bail!("the run read secrets of its contract's owner, which no panel has, so none can tell");
    }
    Ok(())
}

/// Refuses a receipt that a replay here does not show to be wrong.
async fn check_fault(options: &Options, file: &ReceiptFile, output: &mut Output<'_>) -> Result<()> {
    let body: &ReceiptBody = &file.receipt.body;
    let code = match &options.code {
        Some(path) => read_code(path)?,
        None => replay::code_of(body, &connect(&options.chain.chain).await?).await?,
    };
    let engine = engine(&EgressArgs::default())?;
    output.progress("Replaying…");
    let time_max = Duration::from_secs(options.time_max);
    let secrets = options.secrets.load()?;
    let replayed = replay::replay(file, code, secrets, &engine, time_max).await?;
    if replayed.ok {
        bail!("the receipt is what the code gives: a challenge would cost the deposit");
    }
    if replayed.engine_recorded != replayed.engine_here {
        bail!(
            "the run is of engine {}, this is {}: replay it with the release that ran it, or \
             challenge it with --force",
            replayed.engine_recorded,
            replayed.engine_here
        );
    }
    Ok(())
}

async fn show(options: ShowOptions, output: &mut Output<'_>) -> Result<Verdict> {
    let id = ChallengeId(options.id);
    let client = ChainClient::connect(&options.chain.chain).await?;
    let state = client.latest().await?;
    let shown = if let Some(open) = state.challenge(id).await? {
        Shown::open(open)
    } else if let Some(decision) = state.challenge_decision(id).await? {
        Shown::decided(&decision)
    } else {
        bail!("there is no challenge {id}, or it was decided too long ago for the chain to know");
    };
    Ok(output.finish(&shown, Verdict::Done)?)
}

impl Shown {
    fn open(open: OpenChallenge) -> Self {
        let seats = open.panel.into_iter().map(|seat| Member {
            worker: seat.worker,
            verdict: seat.verdict,
        });
        Self {
            challenge: open.id,
            receipt: open.receipt,
            accused: open.accused,
            state: "open",
            found: None,
            deadline: Some(open.deadline),
            decided_at: None,
            data_url: Some(open.data_url),
            panel: seats.collect(),
        }
    }

    fn decided(decision: &ChallengeDecision) -> Self {
        let (state, found) = match decision.outcome {
            ChallengeOutcome::Fault(FaultEvidence::OtherCode) => ("fault", None),
            ChallengeOutcome::Fault(FaultEvidence::Replay(found)) => ("fault", Some(found)),
            ChallengeOutcome::Holds => ("holds", None),
            ChallengeOutcome::Undecided => ("undecided", None),
        };
        Self {
            challenge: decision.challenge,
            receipt: decision.receipt,
            accused: decision.accused,
            state,
            found,
            deadline: None,
            decided_at: Some(decision.decided_at),
            data_url: None,
            panel: Vec::new(),
        }
    }
}

/// What a member found, in words.
fn words(found: Option<Found>) -> String {
    match found {
        None => "has not voted".into(),
        Some(Found::Holds) => "the receipt holds".into(),
        Some(Found::Differs(run)) => format!(
            "the run {:?} with the output 0x{} for {} fuel",
            run.result,
            hex::encode(run.output_hash),
            run.fuel_used
        )
        .to_lowercase(),
        Some(Found::Diverges { entry }) => {
            format!("the code does not follow the transcript from entry {entry} on")
        }
        Some(Found::OtherRun) => "the transcript is of another run".into(),
        Some(Found::Unavailable) => "it cannot be told".into(),
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "challenge   {}", self.challenge)?;
        writeln!(f, "receipt     {}", self.receipt)?;
        writeln!(f, "accused     {}", self.accused)?;
        writeln!(
            f,
            "see what becomes of it: phat challenge show {}",
            self.challenge
        )
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "challenge   {}", self.challenge)?;
        writeln!(f, "receipt     {}", self.receipt)?;
        writeln!(f, "accused     {}", self.accused)?;
        let state = match (self.state, self.found) {
            ("fault", None) => {
                "the receipt is WRONG: it names code that its contract does not run".into()
            }
            ("fault", found) => format!("the receipt is WRONG: {}", words(found)),
            ("holds", _) => "the receipt holds, and the deposit is lost".into(),
            ("undecided", _) => "undecided, which may cost a part of the deposit".into(),
            (other, _) => other.to_owned(),
        };
        writeln!(f, "state       {state}")?;
        if let Some(deadline) = self.deadline {
            writeln!(f, "votes until block {deadline}")?;
        }
        if let Some(block) = self.decided_at {
            writeln!(f, "decided in  block {block}")?;
        }
        if let Some(url) = &self.data_url {
            writeln!(f, "data        {url}")?;
        }
        for member in &self.panel {
            writeln!(
                f,
                "panel       {}: {}",
                member.worker,
                words(member.verdict)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "challenge_tests.rs"]
mod tests;
