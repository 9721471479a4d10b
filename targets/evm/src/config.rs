//! What an adapter needs to know about its chain.

use std::{fmt, time::Duration};

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

/// One EVM chain, the endpoint to reach it by and the account that pays there.
#[derive(Clone)]
pub struct EvmConfig {
    /// The EIP-155 id of the chain. An endpoint of another chain is refused.
    pub chain_id: u64,
    /// The HTTP URL of the JSON-RPC endpoint.
    pub rpc: Url,
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
            rpc,
            relay_key: Zeroizing::new(relay_key),
            confirmations: 0,
            timeout: Duration::from_secs(15),
            log_blocks_max: 2_000,
            fee_per_gas_max: u128::from(FEE_CAP_GWEI_DEFAULT) * WEI_PER_GWEI,
            gas_max: GAS_MAX_DEFAULT,
        }
    }
}

impl fmt::Debug for EvmConfig {
    /// Leaves out the key, and of the URL all but the host: the rest often
    /// holds a provider's access token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvmConfig")
            .field("chain_id", &self.chain_id)
            .field("rpc", &self.rpc.host_str())
            .field("confirmations", &self.confirmations)
            .field("timeout", &self.timeout)
            .field("log_blocks_max", &self.log_blocks_max)
            .field("fee_per_gas_max", &self.fee_per_gas_max)
            .field("gas_max", &self.gas_max)
            .finish_non_exhaustive()
    }
}
