//! A second Substrate chain on this machine: the same node, and another first block.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use crate::node::{Node, export_chain_spec};

/// Something in the state of the first block that the development chain does not have there, so
/// that it is another block: a key that no pallet uses.
const MARK: &str = "0x706861742f6532652f666f726569676e";

/// How many hexadecimal digits of the hash of its first block a chain is named by.
const NAMED_DIGITS: usize = 32;

/// A chain that is foreign to the Phat network, with the anchor pallet.
pub struct ForeignChain {
    /// Its only node.
    pub node: Node,
    /// Its name, as CAIP-2 has it.
    pub name: String,
}

impl ForeignChain {
    /// Starts it with its state and log in `folder`.
    pub async fn start(folder: &Path) -> anyhow::Result<Self> {
        let folder = folder.join("foreign");
        fs::create_dir_all(&folder)?;
        let spec = specification(&folder).await?;
        let spec = spec.to_str().context("the path is not UTF-8")?;
        let node = Node::start_as(&folder, &["--chain", spec, "--alice", "--validator"]).await?;
        let hash = node.rpc("chain_getBlockHash", json!([0])).await?;
        let hash = hash.as_str().context("a chain has a first block")?;
        let digits = hash.trim_start_matches("0x").get(..NAMED_DIGITS);
        let name = format!("polkadot:{}", digits.context("a hash has 64 digits")?);
        Ok(Self { node, name })
    }

    /// How a worker is told to serve it.
    pub fn worker_arguments(&self) -> Vec<String> {
        let named = format!("{}={}", self.name, self.node.url());
        vec!["--substrate".into(), named]
    }
}

/// The specification of the development chain with another name and another first block.
async fn specification(folder: &Path) -> anyhow::Result<PathBuf> {
    let file = folder.join("foreign.json");
    export_chain_spec("dev", &file, &["--raw"]).await?;
    let mut spec: Value = serde_json::from_slice(&fs::read(&file)?)?;
    let top = spec["genesis"]["raw"]["top"].as_object_mut();
    let before = top
        .context("a raw specification has the state of the first block")?
        .insert(MARK.into(), json!("0x01"));
    ensure!(before.is_none(), "the development chain uses {MARK}");
    spec["name"] = json!("Foreign Development");
    spec["id"] = json!("foreign_dev");
    fs::write(&file, spec.to_string())?;
    Ok(file)
}
