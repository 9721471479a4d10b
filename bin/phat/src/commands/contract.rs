//! `phat contract`: what a contract is, and what it will be.

use std::{fmt, time::Duration};

use anyhow::Result;
use clap::{Args, Subcommand};
use phat_primitives::{AccountBytes, ClusterId, CodeHash, ContractId};
use phat_worker_client::{ClientError, WorkerClient};
use reqwest::StatusCode;
use serde::Serialize;
use tokio::time::{Instant, sleep};
use url::Url;

use super::deploy::{Attestor, IdentityArgs};
use crate::{
    args::WorkerArgs,
    chain::account_of,
    output::{Output, Verdict},
    project::Project,
};

/// How often a worker is asked whether it knows a contract.
const KNOWN_POLL: Duration = Duration::from_millis(250);

/// Said below the accounts: nothing else vouches for them.
pub const ATTESTORS_NOTE: &str = "           This is the word of the worker that answered: \
                                  allow it to sign only if you trust that worker.";

/// Show the id that a contract will have, or the accounts that sign for it.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Id(IdOptions),
    Attestors(AttestorsOptions),
}

/// Show the id that `phat deploy` will give the contract, without a chain.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat contract id examples/lens-stats --json")]
struct IdOptions {
    #[command(flatten)]
    identity: IdentityArgs,
}

/// Show the accounts that sign for a contract, for consumers to allow.
///
/// The worker must have seen the contract on the chain. On a network whose workers
/// nothing attests, an account is the answering worker's word, and whoever owns the
/// consumer hands its outcomes to that account: ask a worker that you trust.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat contract attestors 0x3b1e… --worker http://127.0.0.1:8080"
)]
struct AttestorsOptions {
    /// The contract's id.
    #[arg(value_name = "ID")]
    id: ContractId,
    #[command(flatten)]
    worker: WorkerArgs,
}

#[derive(Debug, Serialize)]
struct Identity {
    contract: ContractId,
    code_hash: CodeHash,
    cluster: ClusterId,
    owner: AccountBytes,
}

#[derive(Debug, Serialize)]
struct Attestors {
    contract: ContractId,
    attestors: Vec<Attestor>,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    match options.command {
        Command::Id(options) => {
            let identity = identity(&options.identity)?;
            Ok(output.finish(&identity, Verdict::Done)?)
        }
        Command::Attestors(options) => {
            let contract = options.id;
            let attestors = Attestors {
                contract,
                attestors: attestors(&options.worker.worker, contract).await?,
            };
            Ok(output.finish(&attestors, Verdict::Done)?)
        }
    }
}

fn identity(options: &IdentityArgs) -> Result<Identity> {
    let (_, _, code) = Project::load_with_manifest(&options.path)?;
    let (owner, code_hash) = (account_of(&options.suri)?, CodeHash::of(&code));
    Ok(Identity {
        contract: ContractId::derive(&owner, options.cluster, &code_hash, &options.salt.0),
        code_hash,
        cluster: options.cluster,
        owner,
    })
}

/// Asks a worker or gateway who signs for a contract that was created a moment
/// ago: workers see it when its block is finalised.
pub async fn attestors_once_known(
    worker: &Url,
    id: ContractId,
    time_max: Duration,
) -> Result<Vec<Attestor>, ClientError> {
    let give_up = Instant::now() + time_max;
    loop {
        match attestors(worker, id).await {
            Err(ClientError::Refused { status, .. })
                if status == StatusCode::NOT_FOUND && Instant::now() < give_up => {}
            answer => return answer,
        }
        sleep(KNOWN_POLL).await;
    }
}

/// Asks a worker or gateway who signs for a contract.
async fn attestors(worker: &Url, id: ContractId) -> Result<Vec<Attestor>, ClientError> {
    let contract = WorkerClient::new(worker.as_str())?.contract(id).await?;
    let attestors = contract.attestors.into_iter();
    Ok(attestors
        .map(|(chain, account)| Attestor { chain, account })
        .collect())
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "contract   {}", self.contract)?;
        writeln!(f, "code       {}", self.code_hash)?;
        writeln!(f, "cluster    {}", self.cluster)?;
        writeln!(f, "owner      {}", self.owner)
    }
}

impl fmt::Display for Attestors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.attestors.is_empty() {
            return writeln!(f, "the worker has no target chain to sign for");
        }
        for attestor in &self.attestors {
            writeln!(f, "attestor   {} on {}", attestor.account, attestor.chain)?;
        }
        writeln!(f, "{ATTESTORS_NOTE}")
    }
}
