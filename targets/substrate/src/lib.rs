//! The adapter for Substrate chains.
//!
//! [`SubstrateTarget`] speaks to one node and serves every consumer of the anchor pallet
//! (`chain/pallets/anchor`) on its chain. What the chain's calls, storage and events look like it
//! learns from the chain's metadata while it runs: the pallet is found by its name, and a chain that
//! does not have it, or has it in another shape, is named in the error.
//!
//! The bytes of an anchor are the account of a consumer. Accounts have 32 bytes here; chains with
//! accounts of 20 bytes are served as EVM chains.

mod anchor;
mod blocks;
mod config;
mod connection;
mod events;
mod outcome;
mod relay;
mod target;

pub use config::{DEFAULT_PALLET, SubstrateTargetConfig, chain_name, is_chain_name};
pub use outcome::{attestor, attestor_key, parse_attestor};
pub use target::SubstrateTarget;
