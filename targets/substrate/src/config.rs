//! What an adapter needs to know about its chain.

use std::{fmt, time::Duration};

use url::Url;
use zeroize::Zeroizing;

/// What runtimes call the anchor pallet where nothing else is said.
pub const DEFAULT_PALLET: &str = "Anchor";

/// What the names of Substrate chains begin with.
const NAMESPACE: &str = "polkadot:";

/// How many bytes of the hash of its first block a chain is named by.
const NAMED_BYTES: usize = 16;

/// How long one answer of the node may take where nothing else is said.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(20);

/// One Substrate chain, the node to reach it by and the account that pays there.
#[derive(Clone)]
pub struct SubstrateTargetConfig {
    /// The chain's name, as [`chain_name`] makes it. A node of another chain is refused.
    pub chain: String,
    /// The WebSocket URL of the node: `ws://` on this machine, `wss://` anywhere.
    pub rpc: Url,
    /// The secret seed of the relay account, of sr25519.
    pub relay_key: Zeroizing<[u8; 32]>,
    /// What the runtime calls the anchor pallet.
    pub pallet: String,
    /// How long one answer of the node may take.
    pub timeout: Duration,
    /// The most that one transaction may cost, tip included, in the chain's smallest unit. What
    /// costs more is not sent.
    pub cost_max: u128,
}

impl SubstrateTargetConfig {
    /// A configuration with the usual name and bounds, and no bound of what a transaction costs.
    pub fn new(chain: String, rpc: Url, relay_key: [u8; 32]) -> Self {
        Self {
            chain,
            rpc,
            relay_key: Zeroizing::new(relay_key),
            pallet: DEFAULT_PALLET.into(),
            timeout: TIMEOUT_DEFAULT,
            cost_max: u128::MAX,
        }
    }
}

impl fmt::Debug for SubstrateTargetConfig {
    /// Leaves out the key, and of the URL all but the host: the rest often holds a provider's
    /// access token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubstrateTargetConfig")
            .field("chain", &self.chain)
            .field("rpc", &self.rpc.host_str())
            .field("pallet", &self.pallet)
            .field("timeout", &self.timeout)
            .field("cost_max", &self.cost_max)
            .finish_non_exhaustive()
    }
}

/// The name of the chain whose first block has this hash, as CAIP-2 has it: `polkadot:` and the
/// first 16 bytes in hexadecimal digits.
pub fn chain_name(genesis_hash: &[u8; 32]) -> String {
    format!("{NAMESPACE}{}", hex::encode(&genesis_hash[..NAMED_BYTES]))
}

/// Whether a text has the form of such a name.
pub fn is_chain_name(text: &str) -> bool {
    text.strip_prefix(NAMESPACE).is_some_and(|digits| {
        digits.len() == 2 * NAMED_BYTES
            && digits
                .bytes()
                .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_goes_by_the_beginning_of_its_genesis_hash() {
        let mut hash = [0; 32];
        hash[0] = 0x91;
        hash[15] = 0xc3;
        hash[16] = 0xff;
        assert_eq!(
            chain_name(&hash),
            "polkadot:910000000000000000000000000000c3"
        );
    }

    #[test]
    fn names_have_one_form() {
        assert!(is_chain_name(&chain_name(&[0xab; 32])));
        let digits = "ab".repeat(16);
        for bad in [
            String::new(),
            digits.clone(),
            format!("polkadot:{}", digits.to_uppercase()),
            format!("polkadot:{digits}00"),
            format!("eip155:{digits}"),
            "polkadot:".into(),
        ] {
            assert!(!is_chain_name(&bad), "{bad}");
        }
    }

    #[test]
    fn neither_key_nor_token_is_shown() {
        let rpc = "wss://node.example/token".parse().expect("a URL");
        let shown = format!(
            "{:?}",
            SubstrateTargetConfig::new(chain_name(&[0; 32]), rpc, [7; 32])
        );
        assert!(shown.contains("node.example"), "{shown}");
        assert!(
            !shown.contains("token") && !shown.contains("7, 7"),
            "{shown}"
        );
    }
}
