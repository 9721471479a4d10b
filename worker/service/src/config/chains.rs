//! Target chains on the command line: where they are reached, and when what they show counts.

use std::str::FromStr;

use phat_target::presets::{evm_chain_id, evm_preset};
use url::Url;

use super::Options;

/// Confirmations where nothing else is said.
pub(super) const CONFIRMATIONS_DEFAULT: u64 = 1;

impl Options {
    /// The confirmations on a chain.
    pub fn confirmations(&self, chain_id: u64) -> u64 {
        let of = |chain_id| {
            let mut given = self.confirmations.iter();
            given.find(|given| given.chain_id == chain_id)
        };
        let preset = || evm_preset(chain_id).map(|preset| preset.confirmations);
        of(Some(chain_id))
            .or_else(|| of(None))
            .map(|given| given.blocks)
            .or_else(preset)
            .unwrap_or(CONFIRMATIONS_DEFAULT)
    }

    /// How many endpoints of a chain must agree, if anything is said about it.
    pub fn rpc_quorum(&self, chain_id: u64) -> Option<usize> {
        let of = |chain_id| {
            let mut given = self.rpc_quorum.iter();
            given.find(|given| given.chain_id == chain_id)
        };
        let given = of(Some(chain_id)).or_else(|| of(None))?;
        Some(given.endpoints)
    }
}

/// How many endpoints must agree, on one chain or on all that are not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RpcQuorumOption {
    /// The EIP-155 id of the chain.
    pub chain_id: Option<u64>,
    /// How many; at least 1.
    pub endpoints: usize,
}

impl FromStr for RpcQuorumOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?}: give a number of endpoints, or as in eip155:1=2");
        let (chain_id, endpoints) = match text.split_once('=') {
            Some((chain, endpoints)) => (Some(evm_chain_id(chain).ok_or_else(wrong)?), endpoints),
            None => (None, text),
        };
        match endpoints.parse() {
            Ok(endpoints) if endpoints > 0 => Ok(Self {
                chain_id,
                endpoints,
            }),
            _ => Err(wrong()),
        }
    }
}

/// How many confirmations to wait for, on one chain or on all that are not named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConfirmationsOption {
    /// The EIP-155 id of the chain.
    pub chain_id: Option<u64>,
    /// The confirmations.
    pub blocks: u64,
}

impl FromStr for ConfirmationsOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?}: give a number of blocks, or as in eip155:1=12");
        let (chain_id, blocks) = match text.split_once('=') {
            Some((chain, blocks)) => (Some(evm_chain_id(chain).ok_or_else(wrong)?), blocks),
            None => (None, text),
        };
        let blocks = blocks.parse().map_err(|_| wrong())?;
        Ok(Self { chain_id, blocks })
    }
}

/// A target chain and where to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetOption {
    /// The EIP-155 id of the chain.
    pub chain_id: u64,
    /// The RPC endpoint.
    pub rpc: Url,
}

impl FromStr for TargetOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("{text:?}: give a chain and a URL, as in eip155:1=https://rpc.example.org");
        let (chain, url) = text.split_once('=').ok_or_else(wrong)?;
        let chain_id = evm_chain_id(chain).ok_or_else(wrong)?;
        let rpc: Url = url.parse().map_err(|_| wrong())?;
        if !matches!(rpc.scheme(), "http" | "https") {
            return Err(wrong());
        }
        Ok(Self { chain_id, rpc })
    }
}
