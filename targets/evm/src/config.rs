//! What an adapter needs to know about its chain.

use std::{fmt, time::Duration};

use phat_target::presets::{FeeModel, Preset};
use url::Url;
use zeroize::Zeroizing;

/// The most gas that any transaction may have (EIP-7825).
pub const TRANSACTION_GAS_MAX: u64 = 1 << 24;
/// The most gas that is paid for in one settlement where nothing else is said.
pub const GAS_MAX_DEFAULT: u64 = 15_000_000;
/// The most that is paid per unit of gas where nothing else is said, in gwei.
pub const FEE_CAP_GWEI_DEFAULT: u64 = 500;
/// Wei in a gwei.
pub const WEI_PER_GWEI: u128 = 1_000_000_000;

/// Blocks that an endpoint may lag behind the others where nothing else is said.
const LAG_BLOCKS_MAX_DEFAULT: u64 = 16;

/// One EVM chain, the endpoints to reach it by and the account that pays there.
#[derive(Clone)]
pub struct EvmConfig {
    /// The EIP-155 id of the chain. An endpoint of another chain is refused.
    pub chain_id: u64,
    /// The HTTP URLs of the JSON-RPC endpoints, the one to ask first first. One
    /// alone is believed whatever it says.
    pub rpcs: Vec<Url>,
    /// How many endpoints must give the same answer to what decisions hang on: the
    /// head, blocks, requests, their state, receipts. `None`: half of them, rounded
    /// up. In any case it takes more than half of those that answer.
    pub rpc_quorum: Option<usize>,
    /// How long one of several endpoints may take to answer.
    pub patience: Duration,
    /// How many blocks an endpoint may be behind the others before it is left out.
    pub lag_blocks_max: u64,
    /// How the chain asks for fees.
    pub fee_model: FeeModel,
    /// The secret key of the relay account.
    pub relay_key: Zeroizing<[u8; 32]>,
    /// How many blocks must lie above a block before what is in it counts as
    /// final; 0 on chains whose head is final.
    pub confirmations: u64,
    /// How long one RPC call may take.
    pub timeout: Duration,
    /// The most blocks that one search for logs spans. Smaller spans are tried
    /// by themselves when the endpoint refuses.
    pub log_blocks_max: u64,
    /// The most that a transaction may pay per unit of gas, in wei, whatever the
    /// endpoint says the price is.
    pub fee_per_gas_max: u128,
    /// The most gas that one transaction may take, at most
    /// [`TRANSACTION_GAS_MAX`]. What takes more is not sent.
    pub gas_max: u64,
}

impl EvmConfig {
    /// A configuration with the usual bounds and no confirmations.
    pub fn new(chain_id: u64, rpc: Url, relay_key: [u8; 32]) -> Self {
        Self {
            chain_id,
            rpcs: vec![rpc],
            rpc_quorum: None,
            patience: Duration::from_secs(4),
            lag_blocks_max: LAG_BLOCKS_MAX_DEFAULT,
            fee_model: FeeModel::default(),
            relay_key: Zeroizing::new(relay_key),
            confirmations: 0,
            timeout: Duration::from_secs(15),
            log_blocks_max: 2_000,
            fee_per_gas_max: u128::from(FEE_CAP_GWEI_DEFAULT) * WEI_PER_GWEI,
            gas_max: GAS_MAX_DEFAULT,
        }
    }

    /// Takes over what is known of the chain.
    pub fn apply(&mut self, preset: &Preset) {
        self.confirmations = preset.confirmations;
        self.fee_model = preset.fee_model;
        self.lag_blocks_max = preset.lag_blocks_max();
    }

    /// How many endpoints must give the same answer: at least 1, at most all.
    pub fn quorum(&self) -> usize {
        let count = self.rpcs.len().max(1);
        self.rpc_quorum
            .unwrap_or_else(|| count.div_ceil(2))
            .clamp(1, count)
    }
}

impl fmt::Debug for EvmConfig {
    /// Leaves out the key, and of the URLs all but the hosts: the rest often
    /// holds a provider's access token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<_> = self.rpcs.iter().map(Url::host_str).collect();
        f.debug_struct("EvmConfig")
            .field("chain_id", &self.chain_id)
            .field("rpcs", &hosts)
            .field("rpc_quorum", &self.quorum())
            .field("fee_model", &self.fee_model)
            .field("confirmations", &self.confirmations)
            .field("timeout", &self.timeout)
            .field("log_blocks_max", &self.log_blocks_max)
            .field("fee_per_gas_max", &self.fee_per_gas_max)
            .field("gas_max", &self.gas_max)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use phat_target::presets::preset;

    use super::*;

    #[test]
    fn half_of_the_endpoints_must_agree_unless_said_otherwise() {
        let url: Url = "https://a.example/token".parse().unwrap();
        let mut config = EvmConfig::new(1, url.clone(), [1; 32]);
        for (count, quorum) in [(1, 1), (2, 1), (3, 2), (4, 2), (5, 3)] {
            config.rpcs = vec![url.clone(); count];
            assert_eq!(config.quorum(), quorum, "{count}");
        }
        for (given, quorum) in [(0, 1), (4, 4), (9, 5)] {
            config.rpc_quorum = Some(given);
            assert_eq!(config.quorum(), quorum, "{given}");
        }
        assert!(!format!("{config:?}").contains("token"));
    }

    #[test]
    fn a_preset_gives_the_defaults() {
        let mut config = EvmConfig::new(10, "https://a.example".parse().unwrap(), [1; 32]);
        config.apply(preset("optimism").unwrap());
        assert_eq!(
            (
                config.confirmations,
                config.fee_model,
                config.lag_blocks_max
            ),
            (10, FeeModel::Eip1559WithDataFee, 15)
        );
    }
}
