//! `phat secret`: what only a contract may know.

mod input;
mod list;
mod set;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::{Args, Subcommand};
use phat_manifest::Manifest;
use phat_primitives::{ContractId, limits::SECRET_NAME_BYTES_MAX, secret::is_secret_name};

use self::{
    list::list,
    set::{Place, remove},
};
use crate::{
    args::ChainArgs,
    chain::{ChainReader, ChainWriter, Contract, connect, connect_as},
    output::{Output, Verdict},
};

/// Give a contract secrets, list their names, and remove them.
///
/// A secret is encrypted here, to the key of the contract's cluster, and only the contract gets it,
/// by `secret(NAME)`. Receipts have no more than a commitment to it, but all that the contract
/// sends.
#[derive(Args, Debug)]
pub struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand, Debug)]
enum Command {
    Set(SetOptions),
    List(ListOptions),
    Remove(RemoveOptions),
}

/// Give a contract a secret, or another value for one that it has.
///
/// The value is a text of at most 64 KiB. It is read from standard input, where one line feed at
/// its end is left out, or asked for at a terminal, which does not show it; never give it as an
/// argument of a command. Workers have it a moment after the block with it is final.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat secret set 0x3b1e… api-key                           asks for it\n  pass show api | phat secret set 0x3b1e… api-key\n  phat secret set 0x3b1e… api-key --value-file key.txt"
)]
struct SetOptions {
    #[command(flatten)]
    secret: SecretArgs,
    /// Take the value from this file, with all its bytes.
    #[arg(long, value_name = "FILE")]
    value_file: Option<PathBuf>,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    chain: ChainArgs,
}

/// List the secrets of a contract, and those that its manifest lists and nobody has set.
///
/// Nobody but workers can read the values. One that is sealed to an older key than the cluster's
/// newest should be set again, so that new workers can read it too.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat secret list 0x3b1e… --json")]
struct ListOptions {
    /// The contract's id.
    #[arg(value_name = "ID")]
    id: ContractId,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Remove a secret of a contract, and get its deposit back.
///
/// The value stays in the blocks of the chain, sealed. If it must not be known, make it worthless
/// where it is used, too.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat secret remove 0x3b1e… api-key")]
struct RemoveOptions {
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    signer: SignerArgs,
    #[command(flatten)]
    chain: ChainArgs,
}

/// Which secret.
#[derive(Args, Debug)]
struct SecretArgs {
    /// The contract's id.
    #[arg(value_name = "ID")]
    id: ContractId,
    /// The secret's name, as the contract reads it and its manifest lists it.
    #[arg(value_name = "NAME", value_parser = parse_name)]
    name: String,
}

/// Who signs.
#[derive(Args, Debug)]
struct SignerArgs {
    /// The secret of the account that owns the contract: a phrase, or a development account such
    /// as //Alice.
    #[arg(
        long,
        value_name = "SURI",
        env = "PHAT_SURI",
        hide_env_values = true,
        default_value = "//Alice"
    )]
    suri: String,
}

fn parse_name(text: &str) -> Result<String, String> {
    if is_secret_name(text.as_bytes()) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "use 1 to {SECRET_NAME_BYTES_MAX} letters, digits, - and _"
        ))
    }
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    match options.command {
        Command::Set(options) => {
            output.progress(format_args!("Connecting to {}…", options.chain.chain));
            let chain = connect_as(&options.chain.chain, &options.signer.suri).await?;
            let SecretArgs { id, name } = options.secret;
            // All else is checked before anybody types a secret.
            let place = Place::find(&chain, id, name).await?;
            let value = match &options.value_file {
                Some(path) => input::from_file(path)?,
                None => input::from_standard_input(&place.name, output).await?,
            };
            let set = place.set(&chain, &value, output).await?;
            Ok(output.finish(&set, Verdict::Done)?)
        }
        Command::List(options) => {
            output.progress(format_args!("Connecting to {}…", options.chain.chain));
            let chain = connect(&options.chain.chain).await?;
            let listed = list(&chain, options.id).await?;
            Ok(output.finish(&listed, Verdict::Done)?)
        }
        Command::Remove(options) => {
            output.progress(format_args!("Connecting to {}…", options.chain.chain));
            let chain = connect_as(&options.chain.chain, &options.signer.suri).await?;
            let SecretArgs { id, name } = options.secret;
            let removed = remove(&chain, id, name, output).await?;
            Ok(output.finish(&removed, Verdict::Done)?)
        }
    }
}

/// A contract that is on the chain.
async fn contract_of(chain: &impl ChainReader, id: ContractId) -> Result<Contract> {
    match chain.contract(id).await? {
        Some(contract) => Ok(contract),
        None => bail!("there is no contract {id} on this chain: check the id and --chain"),
    }
}

/// A contract that belongs to the account that signs.
async fn own_contract(chain: &impl ChainWriter, id: ContractId) -> Result<Contract> {
    let contract = contract_of(chain, id).await?;
    if contract.owner != chain.account() {
        bail!(
            "{id} belongs to {}: give its owner with --suri",
            contract.owner
        );
    }
    Ok(contract)
}

fn manifest_of(contract: &Contract) -> Result<Manifest> {
    Manifest::parse(&contract.manifest)
        .context("the contract's manifest cannot be read, so no worker serves it")
}

#[cfg(test)]
mod tests;
