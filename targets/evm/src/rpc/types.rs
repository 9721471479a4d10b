//! What of an endpoint's answers the adapter uses.

use alloy::{
    primitives::{Address, B256, U64},
    rpc::types::Log,
};
use phat_target::BlockRef;
use serde::Deserialize;

/// The parts of a block that the adapter uses.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Block {
    number: U64,
    hash: B256,
}

impl From<Block> for BlockRef {
    fn from(block: Block) -> Self {
        Self {
            number: block.number.to(),
            hash: block.hash.0,
        }
    }
}

/// The parts of a receipt that the adapter uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Receipt {
    block_number: U64,
    block_hash: B256,
    gas_used: U64,
    status: U64,
    contract_address: Option<Address>,
}

impl Receipt {
    /// The block that the transaction is in.
    pub(crate) fn block(&self) -> BlockRef {
        BlockRef {
            number: self.block_number.to(),
            hash: self.block_hash.0,
        }
    }

    /// The gas it used.
    pub(crate) fn gas_used(&self) -> u64 {
        self.gas_used.to()
    }

    /// Whether it did not revert.
    pub(crate) fn success(&self) -> bool {
        self.status == U64::ONE
    }

    /// The contract it created.
    pub(crate) fn contract_address(&self) -> Option<Address> {
        self.contract_address
    }
}

/// Logs in their order, each once, without what endpoints may leave out: the same
/// search then looks the same from every endpoint.
pub(super) fn tidy(mut logs: Vec<Log>) -> Vec<Log> {
    for log in &mut logs {
        log.block_timestamp = None;
    }
    logs.sort_by_key(|log| (log.block_number, log.block_hash, log.log_index));
    logs.dedup_by_key(|log| (log.block_number, log.block_hash, log.log_index));
    logs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_put_in_order_once() {
        let log = |block: u64, index: u64| Log {
            block_number: Some(block),
            block_hash: Some(B256::with_last_byte(1)),
            block_timestamp: Some(block),
            log_index: Some(index),
            ..Log::default()
        };
        let logs = tidy(vec![log(2, 0), log(1, 1), log(2, 0), log(1, 0), log(1, 1)]);
        let places: Vec<_> = logs
            .iter()
            .map(|log| (log.block_number.unwrap_or(0), log.log_index.unwrap_or(9)))
            .collect();
        assert_eq!(places, [(1, 0), (1, 1), (2, 0)]);
        assert!(logs.iter().all(|log| log.block_timestamp.is_none()));
    }
}
