//! The adapter for EVM chains.
//!
//! [`EvmTarget`] speaks to one JSON-RPC endpoint and serves every anchor
//! (`contracts/evm/src/PhatAnchor.sol`) on its chain. [`deploy`] puts anchors
//! and the example consumer on a chain and calls them, for tests, the command
//! line and the demonstration.
//!
//! A process that uses this crate installs the default TLS provider of rustls
//! first; the crate itself chooses none.

mod config;
mod contracts;
pub mod deploy;
mod fees;
mod outcome;
mod relay;
mod revert;
mod rpc;
mod size;
mod target;
mod transaction;

pub use alloy::primitives::{Address, B256, U256};
pub use config::{
    EvmConfig, FEE_CAP_GWEI_DEFAULT, GAS_MAX_DEFAULT, TRANSACTION_GAS_MAX, WEI_PER_GWEI,
};
pub use outcome::{attestor, commitment, digest, key_hash, sign};
pub use target::EvmTarget;
