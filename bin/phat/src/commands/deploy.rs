//! `phat deploy`: a contract onto the chain.

use std::{fmt, path::PathBuf, time::Duration};

use anyhow::{Context, Result, bail};
use clap::Args;
use phat_manifest::{AnchorTrigger, Manifest, Trigger};
use phat_primitives::{ClusterId, CodeHash, ContractId};
use serde::Serialize;
use url::Url;

use super::{
    contract::{ATTESTORS_NOTE, attestors_once_known},
    stake,
};
use crate::{
    amount::Amount,
    args::{ChainArgs, Salt, TargetAnchor},
    chain::{Block, ChainWriter, NewContract, StakeReader, connect_as},
    output::{Output, Verdict},
    project::Project,
};

/// How WebAssembly starts.
const WASM_MAGIC: &[u8] = b"\0asm";
/// The function that merges outputs which may differ.
const AGGREGATE: &str = "aggregate";
/// Time for a worker to see a new contract.
const KNOWN_TIME_MAX: Duration = Duration::from_secs(30);

/// Deploy a contract: upload its code if it is new, and create the contract.
///
/// Everything is checked before anything is sent. Deploying the same thing again
/// changes nothing. The same owner, cluster, code and salt give the same contract
/// id, which `phat contract id` tells in advance.
///
/// Workers run no contract without stake, except on a development network. Where it takes
/// stake, the result says so.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat deploy examples/lens-stats --target-anchor eip155:31337:0x5FbDB2315678afecb367f032d93F642f64180aa3@1"
)]
pub struct Options {
    #[command(flatten)]
    identity: IdentityArgs,
    /// Add an anchor to the manifest's triggers, or change its first block.
    #[arg(long, value_name = "CHAIN:ADDRESS@BLOCK")]
    target_anchor: Vec<TargetAnchor>,
    /// Give this contract the manifest of DIR, and create none.
    #[arg(long, value_name = "ID")]
    update: Option<ContractId>,
    /// A worker or gateway to wait for until it knows the contract, and to ask for
    /// the accounts that sign for it. On a network whose workers nothing attests, the
    /// accounts are that worker's word: ask one that you trust.
    #[arg(long, value_name = "URL", env = "PHAT_WORKER")]
    worker: Option<Url>,
    #[command(flatten)]
    chain: ChainArgs,
}

/// What decides a contract's id.
#[derive(Args, Clone, Debug)]
pub struct IdentityArgs {
    /// The contract's folder, with its phat.toml.
    #[arg(value_name = "DIR")]
    pub path: PathBuf,
    /// The cluster that is to serve it.
    #[arg(long, value_name = "NUMBER", default_value = "0", value_parser = parse_cluster)]
    pub cluster: ClusterId,
    /// The secret of the account that owns the contract: a phrase, or a
    /// development account such as //Alice.
    #[arg(
        long,
        value_name = "SURI",
        env = "PHAT_SURI",
        hide_env_values = true,
        default_value = "//Alice"
    )]
    pub suri: String,
    /// Tells contracts of the same owner and code apart: up to 32 bytes.
    #[arg(long, value_name = "HEX", default_value = "00")]
    pub salt: Salt,
}

fn parse_cluster(text: &str) -> Result<ClusterId, String> {
    text.parse()
        .map(ClusterId)
        .map_err(|_| "give a number".into())
}

/// What is to be on the chain.
#[derive(Clone, Debug)]
struct Plan {
    cluster: ClusterId,
    salt: Salt,
    code: Vec<u8>,
    manifest: String,
}

/// What is on the chain now.
#[derive(Debug, Serialize)]
pub struct Deployed {
    contract: ContractId,
    code_hash: CodeHash,
    cluster: ClusterId,
    state: State,
    code_uploaded: bool,
    block: Block,
    /// What has to be staked to it, at the least, before workers run it; left out when they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    stake_needed: Option<Amount>,
    attestors: Vec<Attestor>,
}

/// What a deployment did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Created,
    Updated,
    Unchanged,
}

/// An account that signs for the contract on a chain.
#[derive(Debug, Serialize)]
pub struct Attestor {
    /// The chain, such as `eip155:1`.
    pub chain: String,
    /// The account.
    pub account: String,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let plan = Plan::new(&options)?;
    output.progress(format_args!("Connecting to {}…", options.chain.chain));
    let chain = connect_as(&options.chain.chain, &options.identity.suri).await?;
    let mut deployed = match options.update {
        Some(id) => update(&plan, id, &chain, output).await?,
        None => deploy(&plan, &chain, output).await?,
    };
    deployed.note_stake(&chain, output).await;
    if let Some(worker) = &options.worker {
        output.progress(format_args!("Asking {worker} who signs for the contract…"));
        match attestors_once_known(worker, deployed.contract, KNOWN_TIME_MAX).await {
            Ok(attestors) => deployed.attestors = attestors,
            // The deployment stands without it.
            Err(error) => output.progress(format_args!("The attestors are not known yet: {error}")),
        }
    }
    Ok(output.finish(&deployed, Verdict::Done)?)
}

async fn deploy(
    plan: &Plan,
    chain: &impl ChainWriter,
    output: &mut Output<'_>,
) -> Result<Deployed> {
    let code_hash = CodeHash::of(&plan.code);
    let owner = chain.account();
    let id = ContractId::derive(&owner, plan.cluster, &code_hash, &plan.salt.0);
    if let Some(contract) = chain.contract(id).await? {
        if contract.manifest != plan.manifest {
            bail!(
                "{id} is deployed with another manifest: use --update {id} to replace it, \
                 or another --salt to create a second contract"
            );
        }
        return Ok(plan.done(id, State::Unchanged, false, chain.finalised().await?));
    }
    let is_new = !chain.has_code(code_hash).await?;
    if is_new {
        let bytes = plan.code.len();
        output.progress(format_args!(
            "Uploading {bytes} bytes of code and creating the contract…"
        ));
    } else {
        output.progress("The code is on the chain already. Creating the contract…");
    }
    let block = chain
        .create(NewContract {
            cluster: plan.cluster,
            code: plan.code.clone(),
            manifest: plan.manifest.clone(),
            salt: plan.salt.0,
        })
        .await
        .context("the contract was not created")?;
    Ok(plan.done(id, State::Created, is_new, block))
}

async fn update(
    plan: &Plan,
    id: ContractId,
    chain: &impl ChainWriter,
    output: &mut Output<'_>,
) -> Result<Deployed> {
    let Some(contract) = chain.contract(id).await? else {
        bail!("there is no contract {id} on this chain: deploy it without --update");
    };
    if contract.owner != chain.account() {
        bail!(
            "{id} belongs to {}: give its owner with --suri",
            contract.owner
        );
    }
    let code_hash = CodeHash::of(&plan.code);
    if contract.code_hash != code_hash {
        bail!(
            "{id} runs the code {}, the folder has {code_hash}: the code of a contract \
             never changes; deploy the new code as a new contract",
            contract.code_hash
        );
    }
    let plan = Plan {
        cluster: contract.cluster,
        ..plan.clone()
    };
    if contract.manifest == plan.manifest {
        return Ok(plan.done(id, State::Unchanged, false, chain.finalised().await?));
    }
    output.progress("Replacing the manifest…");
    let block = chain
        .set_manifest(id, plan.manifest.clone())
        .await
        .context("the manifest was not replaced")?;
    Ok(plan.done(id, State::Updated, false, block))
}

impl Plan {
    fn new(options: &Options) -> Result<Self> {
        let identity = &options.identity;
        let (manifest, text, code) = Project::load_with_manifest(&identity.path)?;
        check_aggregate(&manifest, &code)?;
        let anchors = options
            .target_anchor
            .iter()
            .map(|TargetAnchor(anchor)| anchor);
        Ok(Self {
            cluster: identity.cluster,
            salt: identity.salt,
            code,
            manifest: with_anchors(manifest, text, anchors)?,
        })
    }

    fn done(
        &self,
        contract: ContractId,
        state: State,
        code_uploaded: bool,
        block: Block,
    ) -> Deployed {
        Deployed {
            contract,
            code_hash: CodeHash::of(&self.code),
            cluster: self.cluster,
            state,
            code_uploaded,
            block,
            stake_needed: None,
            attestors: Vec::new(),
        }
    }
}

impl Deployed {
    /// Looks up whether workers run the contract as it is. The deployment stands without an
    /// answer.
    async fn note_stake(&mut self, chain: &impl StakeReader, output: &mut Output<'_>) {
        match chain.stake_state(self.contract, None).await {
            Ok(Some(found)) if !found.is_run() => self.stake_needed = Some(found.minimum),
            Ok(_) => {}
            Err(error) => output.progress(format_args!(
                "It is not known whether the contract needs stake: {error:#}"
            )),
        }
    }
}

/// Refuses code that cannot merge outputs where the manifest says that it does: each of its
/// requests would settle as a failure.
fn check_aggregate(manifest: &Manifest, code: &[u8]) -> Result<()> {
    if !manifest.verification.is_some_and(|asked| asked.aggregate) {
        return Ok(());
    }
    if code.starts_with(WASM_MAGIC) {
        bail!(
            "verification.aggregate is for JavaScript contracts, and the entry is a component: \
             leave it out, and have all runs give the same outcome bit for bit"
        );
    }
    // Whatever a bundler does to it, a module names what it exports.
    let name = AGGREGATE.as_bytes();
    if !code.windows(name.len()).any(|part| part == name) {
        bail!(
            "the manifest has verification.aggregate, and the script exports no function of \
             this name: write `export function {AGGREGATE}(outputs, request) {{ … }}`, or leave \
             it out"
        );
    }
    Ok(())
}

/// The manifest's text with `anchors` among its triggers. Without any, it is the
/// text as written.
fn with_anchors<'a>(
    mut manifest: Manifest,
    text: String,
    anchors: impl Iterator<Item = &'a AnchorTrigger>,
) -> Result<String> {
    let mut is_changed = false;
    for anchor in anchors {
        is_changed = true;
        manifest.triggers.retain(|trigger| match trigger {
            Trigger::Anchor(known) => {
                (known.chain_id, known.anchor()) != (anchor.chain_id, anchor.anchor())
            }
            _ => true,
        });
        manifest.triggers.push(Trigger::Anchor(anchor.clone()));
    }
    if is_changed {
        Ok(manifest.to_toml()?)
    } else {
        Ok(text)
    }
}

impl fmt::Display for Deployed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Created => "created",
            State::Updated => "updated: it has the new manifest",
            State::Unchanged => "deployed already, nothing to do",
        };
        let uploaded = if self.code_uploaded {
            " (uploaded)"
        } else {
            ""
        };
        writeln!(f, "contract   {}", self.contract)?;
        writeln!(f, "state      {state}")?;
        writeln!(f, "code       {}{uploaded}", self.code_hash)?;
        writeln!(f, "cluster    {}", self.cluster)?;
        writeln!(f, "block      {}", self.block.number)?;
        if let Some(minimum) = &self.stake_needed {
            let command = stake::add_command(self.contract);
            writeln!(
                f,
                "stake      none, so no worker runs it: stake to it with {command}, at least \
                 {minimum}"
            )?;
        }
        for attestor in &self.attestors {
            writeln!(f, "attestor   {} on {}", attestor.account, attestor.chain)?;
        }
        if !self.attestors.is_empty() {
            writeln!(f, "{ATTESTORS_NOTE}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "deploy_tests.rs"]
mod tests;
