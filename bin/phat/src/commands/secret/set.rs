//! Setting and removing secrets.

use std::fmt;

use anyhow::{Context, Result, bail};
use phat_envelope::seal;
use phat_primitives::{
    ContractId, EncryptionKey,
    limits::SECRETS_MAX,
    secret::{SEAL_INFO, seal_data},
};
use serde::Serialize;
use zeroize::Zeroizing;

use super::{manifest_of, own_contract};
use crate::{
    chain::{Block, SealedSecret, SecretWriter},
    output::Output,
};

/// Where a secret is to go, which was checked.
#[derive(Debug)]
pub struct Place {
    pub name: String,
    contract: ContractId,
    genesis_hash: [u8; 32],
    generation: u32,
    key: EncryptionKey,
    is_replaced: bool,
}

/// A secret that was set.
#[derive(Debug, Serialize)]
pub struct Set {
    contract: ContractId,
    name: String,
    state: State,
    /// The generation of the cluster's key that it is sealed to.
    generation: u32,
    block: Block,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Set,
    Replaced,
}

/// A secret that was removed.
#[derive(Debug, Serialize)]
pub struct Removed {
    contract: ContractId,
    name: String,
    block: Block,
}

impl Place {
    /// Checks that a secret of this name would reach the contract.
    pub async fn find(chain: &impl SecretWriter, id: ContractId, name: String) -> Result<Self> {
        let contract = own_contract(chain, id).await?;
        if !manifest_of(&contract)?.secrets.contains(&name) {
            bail!(
                "the contract would not get it: its manifest does not list {name:?}. Add \
                 `secrets = [{name:?}]` to phat.toml, and give the contract this manifest with \
                 `phat deploy DIR --update {id}`"
            );
        }
        let cluster = contract.cluster;
        let Some((generation, key)) = chain.cluster_key(cluster).await? else {
            bail!(
                "cluster {cluster} has no key to encrypt to yet: its first worker makes one; try \
                 again when a worker of it runs"
            );
        };
        let secrets = chain.secrets(id).await?;
        let is_replaced = secrets.iter().any(|secret| secret.name == name);
        if !is_replaced && secrets.len() >= SECRETS_MAX as usize {
            bail!(
                "the contract has {SECRETS_MAX} secrets, which is as many as fit: remove one with \
                 `phat secret remove {id} NAME`"
            );
        }
        Ok(Self {
            name,
            contract: id,
            genesis_hash: chain.genesis_hash(),
            generation,
            key,
            is_replaced,
        })
    }

    /// Seals the value and sets it.
    pub async fn set(
        self,
        chain: &impl SecretWriter,
        value: &Zeroizing<String>,
        output: &mut Output<'_>,
    ) -> Result<Set> {
        let Self {
            name,
            contract,
            generation,
            ..
        } = self;
        let data = seal_data(&self.genesis_hash, &contract, &name, generation);
        let sealed = seal(&self.key, SEAL_INFO, &data, value.as_bytes())
            .context("the secret was not encrypted")?;
        output.progress("Setting the secret…");
        let secret = SealedSecret {
            name: name.clone(),
            generation,
            sealed,
        };
        let block = chain
            .set_secret(contract, secret)
            .await
            .context("the secret was not set")?;
        Ok(Set {
            contract,
            name,
            state: if self.is_replaced {
                State::Replaced
            } else {
                State::Set
            },
            generation,
            block,
        })
    }
}

/// Removes a secret.
pub async fn remove(
    chain: &impl SecretWriter,
    id: ContractId,
    name: String,
    output: &mut Output<'_>,
) -> Result<Removed> {
    own_contract(chain, id).await?;
    let secrets = chain.secrets(id).await?;
    if !secrets.iter().any(|secret| secret.name == name) {
        bail!("the contract has no secret {name:?}: `phat secret list {id}` shows those it has");
    }
    output.progress("Removing the secret…");
    let block = chain
        .remove_secret(id, name.clone())
        .await
        .context("the secret was not removed")?;
    Ok(Removed {
        contract: id,
        name,
        block,
    })
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Set => "set",
            State::Replaced => "replaced",
        };
        writeln!(f, "contract   {}", self.contract)?;
        writeln!(f, "secret     {}", self.name)?;
        writeln!(f, "state      {state}")?;
        writeln!(f, "key        generation {}", self.generation)?;
        writeln!(f, "block      {}", self.block.number)
    }
}

impl fmt::Display for Removed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "contract   {}", self.contract)?;
        writeln!(f, "secret     {}", self.name)?;
        writeln!(f, "state      removed")?;
        writeln!(f, "block      {}", self.block.number)
    }
}
