//! The adapter for EVM chains.
//!
//! [`EvmTarget`] speaks to the JSON-RPC endpoints of a chain and serves every anchor
//! there: the lean one (`contracts/evm/src/interfaces/IPhatAnchor.sol`), inherited by
//! a consumer or shared, and consumers with the older rollup interface. [`deploy`]
//! puts the example consumer on a chain and calls it, for tests, the command line and
//! the demonstration.
//!
//! A process that uses this crate installs the default TLS provider of rustls
//! first; the crate itself chooses none.

mod anchor;
mod config;
mod contracts;
pub mod deploy;
mod fees;
mod lean;
mod logs;
mod outcome;
mod refusal;
mod relay;
mod revert;
mod rollup;
mod rpc;
mod size;
mod target;
mod transaction;

pub use alloy::primitives::{Address, B256, U256};
pub use anchor::{rollup_anchor, shared_anchor};
pub use config::{
    EvmConfig, FEE_CAP_GWEI_DEFAULT, GAS_MAX_DEFAULT, TRANSACTION_GAS_MAX, WEI_PER_GWEI,
};
pub use outcome::{attestor, commitment, digest, key_hash, sign};
pub use target::EvmTarget;
