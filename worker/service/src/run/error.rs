//! Why a worker cannot start, or ended.

use std::{io, path::PathBuf};

use phat_engine::{EngineError, ParseProxyError};
use phat_keys::KeyStoreError;
use phat_target::TargetError;
use thiserror::Error;

use crate::{
    attest::AttestError, chain::ChainError, hardware::NotOnHardware, journal::JournalError,
    substrate::SubstrateError,
};

/// A worker that cannot start, or ended by itself.
#[derive(Debug, Error)]
pub enum RunError {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyStoreError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The engine.
    #[error("the engine cannot start: {0}")]
    Engine(#[from] EngineError),
    /// A target chain.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The Phat chain cannot be followed as was asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// Not one way to follow the chain is given, but none or two.
    #[error(
        "give --chain-spec FILE, to follow the chain with a light client, or for development \
         --trust-rpc URL, to believe a node"
    )]
    ChainSource,
    /// The chain specification is no text, or too long.
    #[error(
        "{0} is no chain specification: give a file as phat-node export-chain-spec --raw writes it"
    )]
    BadChainSpec(PathBuf),
    /// Something does not go with what is to vouch for the worker.
    #[error(transparent)]
    NotOnHardware(#[from] NotOnHardware),
    /// The Substrate chains.
    #[error(transparent)]
    Substrate(#[from] SubstrateError),
    /// An endpoint of a target chain is given twice.
    #[error(
        "--target eip155:{0} is given twice with the same endpoint: give each endpoint once, so \
         that none counts for two"
    )]
    TargetTwice(u64),
    /// More endpoints of a chain must agree than it has.
    #[error(
        "--rpc-quorum says that {needed} endpoints of eip155:{chain_id} must agree, and {count} \
         are given with --target"
    )]
    RpcQuorum {
        /// The chain.
        chain_id: u64,
        /// How many endpoints it has.
        count: usize,
        /// How many must agree.
        needed: usize,
    },
    /// Confirmations are given twice for a chain, or for all.
    #[error("--confirmations is given twice for {0}: give it once")]
    ConfirmationsTwice(String),
    /// Confirmations are given for a chain that is no target.
    #[error("--confirmations names eip155:{0}, and there is no --target of it")]
    ConfirmationsOfNone(u64),
    /// An amount is given for a chain that is no target.
    #[error(
        "{option} names {chain}, and there is no --target or --substrate of it: correct the name, \
         or leave it out"
    )]
    AmountOfNone {
        /// The option.
        option: &'static str,
        /// The chain.
        chain: String,
    },
    /// The proxy of contracts.
    #[error("--egress-proxy: {0}")]
    EgressProxy(#[from] ParseProxyError),
    /// The operator's secret.
    #[error("--operator-suri: {0}")]
    Operator(phat_chain_client::ChainError),
    /// What is to vouch for the worker.
    #[error(transparent)]
    Attest(#[from] AttestError),
    /// A file cannot be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The relay key file holds no key.
    #[error("{0} holds no secret key: it must have 64 hexadecimal digits")]
    BadRelayKey(PathBuf),
    /// The socket or the signals.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The performance test.
    #[error(transparent)]
    Performance(#[from] phat_performance::MachineError),
    /// A part ended that should not.
    #[error("a part of the worker ended by itself; see the log")]
    PartEnded,
}
