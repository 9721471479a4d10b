//! `phat call`: one call of a contract over HTTP.

use std::{
    fmt,
    future::Future,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Error, Result, anyhow, bail};
use clap::Args;
use phat_primitives::ContractId;
use phat_receipt::RunResult;
use phat_worker_client::{
    CallAnswer, CallKey, ClientError, EncryptedCall, HexBytes, ReceiptBundle, WorkerClient,
};
use serde::Serialize;

use super::stake;
use crate::{
    args::{ChainArgs, HexArg, WorkerArgs},
    call_key::{self, Target, To},
    chain::connect,
    output::{Output, Verdict},
    run_output::printable,
};

/// The name of a worker's error for a contract that nobody has staked to.
const NO_STAKE: &str = "no_stake";
/// Calls that take longer are announced.
const QUIET_MAX: Duration = Duration::from_secs(1);

/// Call a contract and wait for its answer.
///
/// The answer comes with a signed receipt, and is shown only if the receipt is
/// signed by the worker that it names and is about this contract, input and
/// output. `phat verify` tells whether that worker is one of the network's.
///
/// With --encrypted, nobody between here and the worker can read the input or the
/// answer, and the worker keeps neither. The key to encrypt to is read from the chain.
///
/// The exit code is 1 when the run fails or the answer is not what was signed.
#[derive(Args, Debug)]
#[command(after_help = "Example:
  phat call 0x3b1e… --text '{\"profile\":\"0x01\"}' --json
  phat call 0x3b1e… --text secret --encrypted --receipt receipt.json")]
pub struct Options {
    /// The contract's id.
    #[arg(value_name = "ID")]
    id: ContractId,
    /// The input as bytes.
    #[arg(long, value_name = "HEX", conflicts_with = "text")]
    input: Option<HexArg>,
    /// The input as text.
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Encrypt the call, and have the answer encrypted.
    #[arg(long)]
    encrypted: bool,
    /// Whose key to encrypt to.
    #[arg(long, value_enum, default_value = "worker", requires = "encrypted")]
    to: To,
    /// Encrypt to the key that the worker itself tells, and ask no chain: whoever is
    /// in between can tell another one, and read the call.
    #[arg(long, requires = "encrypted")]
    trust_worker_key: bool,
    /// Write the receipt with its data to this file: of an encrypted call, the worker
    /// keeps none.
    #[arg(long, value_name = "FILE", requires = "encrypted")]
    receipt: Option<PathBuf>,
    #[command(flatten)]
    worker: WorkerArgs,
    #[command(flatten)]
    chain: ChainArgs,
}

/// The answer of a call.
#[derive(Debug, Serialize)]
struct Answer {
    #[serde(flatten)]
    answer: CallAnswer,
    text: Option<String>,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let client = WorkerClient::new(options.worker.worker.as_str())?;
    let input = match (&options.input, &options.text) {
        (Some(HexArg(bytes)), _) => bytes.clone(),
        (None, text) => text.clone().unwrap_or_default().into_bytes(),
    };
    let mut answer = if options.encrypted {
        let target = target(&options, &client, output).await?;
        let call = EncryptedCall {
            contract: options.id,
            genesis_hash: target.genesis_hash,
            to: target.key,
            input: &input,
            transcript: options.receipt.is_some(),
        };
        let answer = announced(client.call_encrypted(&call), output).await;
        let answer = answer.map_err(|error| explain(error, options.id))?;
        refuse_if_forged(check(&answer, options.id, &input))?;
        refuse_if_forged(check_target(&answer, &target))?;
        answer
    } else {
        let answer = announced(client.call(options.id, input.clone()), output).await;
        let answer = answer.map_err(|error| explain(error, options.id))?;
        refuse_if_forged(check(&answer, options.id, &input))?;
        answer
    };
    let transcript = answer.transcript.take();
    // The answer is shown, whatever becomes of the file.
    let saved = match &options.receipt {
        Some(file) => save(file, &answer, input, transcript),
        None => Ok(()),
    };
    let verdict = Verdict::of(answer.success);
    let answer = Answer {
        text: printable(&answer.output.0),
        answer,
    };
    let verdict = output.finish(&answer, verdict)?;
    saved?;
    Ok(verdict)
}

/// Waits for the answer, and says so if it takes a while.
async fn announced(
    calling: impl Future<Output = Result<CallAnswer, ClientError>>,
    output: &mut Output<'_>,
) -> Result<CallAnswer, ClientError> {
    let mut calling = std::pin::pin!(calling);
    match tokio::time::timeout(QUIET_MAX, &mut calling).await {
        Ok(answer) => answer,
        Err(_) => {
            output.progress("Waiting for the answer…");
            calling.await
        }
    }
}

/// What to do about a refusal, where that does not depend on who refuses.
fn explain(error: ClientError, id: ContractId) -> Error {
    match error {
        ClientError::Refused { status, code, .. } if code == NO_STAKE => anyhow!(
            "the worker refused ({status}, {code}): nobody has staked to the contract, so no \
             worker runs it: stake to it with {}",
            stake::add_command(id)
        ),
        error => error.into(),
    }
}

/// The key to encrypt to.
async fn target(
    options: &Options,
    client: &WorkerClient,
    output: &mut Output<'_>,
) -> Result<Target> {
    if options.trust_worker_key {
        if options.to == To::Cluster {
            bail!("--trust-worker-key goes with --to worker: a worker tells its own key only");
        }
        return call_key::from_worker(client).await;
    }
    let url = &options.chain.chain;
    output.progress(format_args!("Reading the key from {url}…"));
    let chain = connect(url).await.context(
        "the key to encrypt to is read from the chain: give a node of it with --chain, or take \
         the worker's word for its key with --trust-worker-key",
    )?;
    call_key::from_chain(&chain, client, options.id, options.to).await
}

/// Writes the receipt and its data.
fn save(
    file: &Path,
    answer: &CallAnswer,
    input: Vec<u8>,
    transcript: Option<HexBytes>,
) -> Result<()> {
    let transcript = transcript.ok_or_else(|| {
        anyhow!(
            "the receipt was not saved: the worker left the transcript out, which is too long \
             or for which it has no memory now"
        )
    })?;
    let bundle = ReceiptBundle {
        receipt: answer.signed.clone(),
        input: HexBytes(input),
        output: answer.output.clone(),
        transcript,
    };
    let json = serde_json::to_vec_pretty(&bundle)?;
    std::fs::write(file, json)
        .with_context(|| format!("the receipt was not saved: {}", file.display()))
}

fn refuse_if_forged(checked: Result<(), String>) -> Result<()> {
    checked.map_err(|reason| {
        anyhow!(
            "the answer is not what its worker signed: {reason}; whoever answered or passed it \
             on cannot be trusted, so ask another worker"
        )
    })
}

/// Whether the receipt is of the chain, and by the worker, that the call was encrypted for.
fn check_target(answer: &CallAnswer, target: &Target) -> Result<(), String> {
    let body = &answer.signed.body;
    if body.genesis_hash != target.genesis_hash {
        return Err("the receipt is of another chain".into());
    }
    match target.key {
        CallKey::Worker { worker, .. } if body.worker != worker => {
            Err("the receipt is of another worker".into())
        }
        _ => Ok(()),
    }
}

/// Whether the receipt that came with an answer is signed, and is one of this
/// contract, input and output.
fn check(answer: &CallAnswer, contract: ContractId, input: &[u8]) -> Result<(), String> {
    let signed = &answer.signed;
    let body = &signed.body;
    signed
        .verify_signature()
        .and_then(|()| signed.verify_input(input))
        .and_then(|()| signed.verify_output(&answer.output.0))
        .map_err(|error| error.to_string())?;
    let same = [
        ("contract", body.contract == contract),
        ("hash", signed.hash() == answer.receipt),
        ("request", body.request == answer.request),
        (
            "result",
            (body.result == RunResult::Succeeded) == answer.success,
        ),
        ("amount of fuel", body.fuel_used == answer.fuel_used),
    ];
    match same.iter().find(|(_, is_same)| !is_same) {
        Some((what, _)) => Err(format!("the receipt is of another {what}")),
        None => Ok(()),
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = &self.answer;
        for line in &answer.logs {
            writeln!(f, "log      {}: {}", line.level, line.message)?;
        }
        if answer.success {
            writeln!(f, "output   {}", answer.output)?;
            if let Some(text) = &self.text {
                writeln!(f, "text     {text}")?;
            }
        } else {
            let reason = String::from_utf8_lossy(&answer.output.0);
            writeln!(f, "failed   {reason}")?;
        }
        writeln!(f, "fuel     {}", answer.fuel_used)?;
        writeln!(f, "receipt  {}", answer.receipt)?;
        writeln!(f, "signed   by worker {}", answer.signed.body.worker)
    }
}

#[cfg(test)]
#[path = "call_tests.rs"]
mod tests;
