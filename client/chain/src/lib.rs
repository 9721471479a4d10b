//! Typed access to the Phat chain.
//!
//! [`ChainClient`] follows the chain and submits transactions, through a node that it believes or
//! with a light client that believes nobody. [`State`] reads the chain as it was at one block, and
//! [`Signer`] is who transactions are from. All of it speaks in the types of `phat-primitives`.
//! [`ProofSource`] has a node prove what the chain knew, for those who do not ask a node.
//!
//! The calls and storage that the crate knows are those of the metadata in
//! `metadata/phat.scale`. A chain whose runtime has changed them is refused with
//! [`ChainError::Incompatible`], entry by entry: what has not changed still works.

mod account;
mod anchor;
mod answer;
mod api;
mod bootnode;
mod bridge;
mod client;
mod cluster_keys;
mod computation;
mod config;
mod contract_stake;
mod economy;
mod error;
mod fee;
mod finality;
mod fund;
mod governance;
mod light;
mod proof;
mod receipts;
mod registration;
mod secrets;
mod session;
mod signer;
mod stake_pool;
mod state;
mod submit;
mod sudo;
mod transfer;
mod types;
mod vault;

pub use account::parse_account;
pub use anchor::{AnchorConsumer, AnchorRequestState, NewAnchorConsumer};
pub use answer::ANSWER_TIMEOUT;
pub use bootnode::{Bootnode, ParseBootnodeError};
pub use bridge::{BRIDGE_ACCOUNT, BridgeBooks};
pub use client::{ChainClient, FinalizedBlock};
pub use cluster_keys::{Attestor, PublishedKey};
pub use computation::{
    BenchmarkRun, BenchmarkScore, BenchmarkStage, CommittedWork, HeartbeatChallenge, SessionPhase,
    WorkerPerformance, WorkerSession,
};
pub use contract_stake::ContractStakes;
pub use economy::{EconomyAction, EconomyOutcome};
pub use error::ChainError;
pub use finality::{FINALITY_LAG_BLOCKS_MAX, FinalityLog};
pub use fund::{FundTerms, NoticedRate, Position, Queue, RateRise, ShareBook, WaitingWithdrawal};
pub use governance::{
    BILLION, Conviction, Curve, GovernanceAction, OngoingReferendum, Proposal, ProposedCall,
    Referendum, ReferendumOutcome, Track, TrackId,
};
pub use light::CHAIN_SPEC_BYTES_MAX;
pub use proof::{ProofSource, ProofSourceError};
pub use receipts::{
    Batch, BatchHead, ChallengeDecision, ChallengeOutcome, Fault, FaultEvidence, OpenChallenge,
    Seat,
};
pub use registration::RegistrationShare;
pub use secrets::SealedSecret;
pub use session::{EconomySettings, RegisteredWorker, SessionAction, StakedSession};
pub use signer::Signer;
pub use stake_pool::{Pool, PoolAction, PoolWorker};
pub use state::State;
pub use submit::FINALITY_TIMEOUT;
pub use types::{
    BlockHash, Contract, Deployment, Evidence, Included, NewContract, NewWorker, Worker,
};
pub use vault::{Vault, VaultAction, VaultInPool};
