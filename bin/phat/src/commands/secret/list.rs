//! Listing the secrets of a contract.

use std::{collections::BTreeMap, fmt};

use anyhow::Result;
use phat_primitives::{ContractId, limits::SECRET_SEAL_BYTES};
use serde::Serialize;

use super::{contract_of, manifest_of};
use crate::chain::SecretReader;

/// The secrets of a contract.
#[derive(Debug, Serialize)]
pub struct Listed {
    contract: ContractId,
    /// The generation of the cluster's newest key, if it has one.
    generation: Option<u32>,
    /// In the order of their names.
    secrets: Vec<Secret>,
}

/// A secret that is set, or that the manifest lists.
#[derive(Debug, Serialize)]
struct Secret {
    name: String,
    state: State,
    /// The generation of the key that it is sealed to, if it is set.
    generation: Option<u32>,
    /// The bytes of the value, if it is set.
    bytes: Option<usize>,
    /// Whether the manifest lists it.
    is_listed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It is sealed to the newest key.
    Set,
    /// It is sealed to another key than the newest.
    OldKey,
    /// It is not on the chain.
    NotSet,
}

/// Lists the secrets of a contract.
pub async fn list(chain: &impl SecretReader, id: ContractId) -> Result<Listed> {
    let contract = contract_of(chain, id).await?;
    let listed = manifest_of(&contract)?.secrets;
    let current = chain.cluster_key(contract.cluster).await?;
    let generation = current.map(|(generation, _)| generation);
    let mut secrets: BTreeMap<String, Secret> = listed
        .iter()
        .map(|name| (name.clone(), Secret::not_set(name.clone())))
        .collect();
    for found in chain.secrets(id).await? {
        let is_current = generation == Some(found.generation);
        let secret = Secret {
            name: found.name.clone(),
            state: if is_current {
                State::Set
            } else {
                State::OldKey
            },
            generation: Some(found.generation),
            bytes: Some(
                found
                    .sealed
                    .len()
                    .saturating_sub(SECRET_SEAL_BYTES as usize),
            ),
            is_listed: listed.contains(&found.name),
        };
        secrets.insert(found.name, secret);
    }
    Ok(Listed {
        contract: id,
        generation,
        secrets: secrets.into_values().collect(),
    })
}

impl Secret {
    /// One that the manifest lists and nobody has set.
    fn not_set(name: String) -> Self {
        Self {
            name,
            state: State::NotSet,
            generation: None,
            bytes: None,
            is_listed: true,
        }
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.secrets.is_empty() {
            return writeln!(
                f,
                "the contract has no secrets, and its manifest lists none"
            );
        }
        let names = self.secrets.iter().map(|secret| secret.name.len());
        let width = names.max().unwrap_or_default();
        for secret in &self.secrets {
            write!(f, "{:<width$}  ", secret.name)?;
            match (secret.bytes, secret.generation) {
                (Some(bytes), Some(generation)) => {
                    write!(f, "{bytes} bytes, key of generation {generation}")?;
                }
                _ => write!(f, "not set")?,
            }
            if secret.state == State::OldKey {
                write!(f, ": not the newest key, set it again")?;
            }
            if !secret.is_listed {
                write!(f, "; not in the manifest, so the contract does not get it")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
