//! The Substrate chains that the worker serves, as its command line names them.

use std::{str::FromStr, sync::Arc};

use phat_primitives::blake2_256;
use phat_target::{Target, TargetError};
use phat_target_substrate::{
    DEFAULT_PALLET, SubstrateTarget, SubstrateTargetConfig, is_chain_name,
};
use url::Url;
use zeroize::Zeroizing;

/// Separates the relay account on Substrate chains from the one on EVM chains, which has a key of
/// another kind.
const RELAY_DOMAIN: &[u8; 26] = b"phat/relay-key/substrate/1";

/// A Substrate chain and where to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubstrateOption {
    /// The chain's name as CAIP-2 has it.
    pub chain: String,
    /// The WebSocket URL of a node.
    pub rpc: Url,
    /// What the chain calls the anchor pallet.
    pub pallet: String,
}

impl FromStr for SubstrateOption {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?}: give a chain and the WebSocket URL of a node, as in \
                 polkadot:91b171bb158e2d3848fa23a9f1c25182=wss://rpc.example.org; if the chain \
                 calls the anchor pallet otherwise than {DEFAULT_PALLET}, write /PALLET after the \
                 chain"
            )
        };
        let (name, url) = text.split_once('=').ok_or_else(wrong)?;
        let (chain, pallet) = name.split_once('/').unwrap_or((name, DEFAULT_PALLET));
        let rpc: Url = url.parse().map_err(|_| wrong())?;
        let is_good =
            is_chain_name(chain) && !pallet.is_empty() && matches!(rpc.scheme(), "ws" | "wss");
        if !is_good {
            return Err(wrong());
        }
        Ok(Self {
            chain: chain.to_owned(),
            rpc,
            pallet: pallet.to_owned(),
        })
    }
}

/// The adapters of these chains, which share one relay account. A chain that is named twice is the
/// error.
pub fn targets(
    options: &[SubstrateOption],
    relay_key: &[u8; 32],
    cost_max: u128,
) -> Result<Vec<Arc<dyn Target>>, SubstrateError> {
    let seed = relay_seed(relay_key);
    let mut targets: Vec<Arc<dyn Target>> = Vec::new();
    for (index, option) in options.iter().enumerate() {
        let mut before = options.iter().take(index);
        if before.any(|other| other.chain == option.chain) {
            return Err(SubstrateError::Twice(option.chain.clone()));
        }
        let mut config =
            SubstrateTargetConfig::new(option.chain.clone(), option.rpc.clone(), *seed);
        config.pallet = option.pallet.clone();
        config.cost_max = cost_max;
        targets.push(Arc::new(SubstrateTarget::new(&config)?));
    }
    Ok(targets)
}

/// Why the chains cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum SubstrateError {
    /// A chain is given twice.
    #[error("--substrate {0} is given twice: give each chain once")]
    Twice(String),
    /// A chain itself.
    #[error(transparent)]
    Target(#[from] TargetError),
}

/// The seed of the relay account on Substrate chains.
fn relay_seed(relay_key: &[u8; 32]) -> Zeroizing<[u8; 32]> {
    let mut material = Zeroizing::new(RELAY_DOMAIN.to_vec());
    material.extend_from_slice(relay_key);
    Zeroizing::new(blake2_256(&material))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHAIN: &str = "polkadot:91b171bb158e2d3848fa23a9f1c25182";

    #[test]
    fn a_substrate_chain_is_a_name_and_a_url() {
        let option: SubstrateOption = format!("{CHAIN}=ws://127.0.0.1:9944").parse().unwrap();
        assert_eq!((&*option.chain, &*option.pallet), (CHAIN, "Anchor"));
        let option: SubstrateOption = format!("{CHAIN}/Rollups=wss://a.example/k=1")
            .parse()
            .unwrap();
        assert_eq!(option.pallet, "Rollups");
        assert_eq!(option.rpc.as_str(), "wss://a.example/k=1");
        for bad in [
            CHAIN.to_owned(),
            format!("{CHAIN}=http://a"),
            format!("{CHAIN}/=ws://a"),
            "eip155:1=ws://a".to_owned(),
            "polkadot:91b1=ws://a".to_owned(),
        ] {
            let error = bad.parse::<SubstrateOption>().unwrap_err();
            assert!(error.contains("WebSocket URL"), "{error}");
        }
    }

    #[test]
    fn each_chain_is_served_once_by_one_account() {
        let one: SubstrateOption = format!("{CHAIN}=ws://127.0.0.1:1").parse().unwrap();
        let mut other = one.clone();
        other.chain = CHAIN.replace('9', "8");
        let made = targets(&[one.clone(), other], &[7; 32], 1).unwrap();
        assert_eq!(made[0].relay_account(), made[1].relay_account());
        assert_eq!(made[0].chain(), CHAIN);
        let twice = targets(&[one.clone(), one], &[7; 32], 1);
        let error = twice.err().unwrap().to_string();
        assert!(error.contains("given twice"), "{error}");
    }
}
