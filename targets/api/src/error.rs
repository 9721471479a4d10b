//! Why a target did not do as asked.

use thiserror::Error;

/// An operation on a target chain that failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TargetError {
    /// No answer, or an answer that is no JSON-RPC. Trying again may help.
    #[error("{chain}: the RPC endpoint cannot be reached: {reason}")]
    Unreachable {
        /// The chain's name.
        chain: String,
        /// What the transport reported.
        reason: String,
    },
    /// The endpoint answered with an error of its own. Trying again may help.
    #[error("{chain}: the RPC endpoint refused {method}: {reason}")]
    Refused {
        /// The chain's name.
        chain: String,
        /// The call that was refused.
        method: &'static str,
        /// The endpoint's reason.
        reason: String,
    },
    /// The fee that it takes is above the one that the worker may pay. The price
    /// may fall, and a transaction that waits already may still be included.
    #[error(
        "{chain}: the transaction takes a fee of {needed} per gas, above the worker's cap of \
         {cap}: raise the cap if the chain stays this expensive"
    )]
    FeeCap {
        /// The chain's name.
        chain: String,
        /// The fee per unit of gas that it takes, in the chain's smallest unit.
        needed: u128,
        /// The most per unit of gas that the worker may pay.
        cap: u128,
    },
    /// The endpoint takes the transaction only at a higher price: the base fee
    /// rose, or another transaction with its nonce waits that pays more.
    #[error("{chain}: the RPC endpoint finds the fee of the transaction too low: {reason}")]
    Underpriced {
        /// The chain's name.
        chain: String,
        /// The endpoint's reason.
        reason: String,
    },
    /// The settlement takes more gas than the worker pays for, and not because of
    /// the outcome's size: it is what the consumer does with it.
    #[error(
        "{chain}: the settlement takes more gas than the worker's cap of {cap} ({reason}): the \
         consumer's callback must do less, or the worker's operator raise --gas-max"
    )]
    GasCap {
        /// The chain's name.
        chain: String,
        /// How much it takes, as far as that is known.
        reason: String,
        /// The most gas that the worker pays for in one settlement.
        cap: u64,
    },
    /// The outcome is too large for any transaction that the worker may send. It
    /// never fits: the request can only be settled with another outcome.
    #[error("the outcome is too large to settle: {0}")]
    OutcomeTooLarge(String),
    /// The endpoint serves another chain than it is configured for.
    #[error("the endpoint for {expected} serves {actual}: correct the worker's list of endpoints")]
    WrongChain {
        /// The chain that is configured.
        expected: String,
        /// The chain that answers.
        actual: String,
    },
    /// The endpoints do not agree, and no answer has enough of them behind it.
    /// Nothing can be said about what was asked until they do.
    #[error(
        "{chain}: the RPC endpoints do not agree on {method}: {answers}; {needed} must give the \
         same answer: remove the wrong endpoint, or list more of them"
    )]
    Disagreement {
        /// The chain's name.
        chain: String,
        /// The call that they answered differently.
        method: &'static str,
        /// How many must agree.
        needed: usize,
        /// Which endpoints gave which answer.
        answers: String,
    },
    /// The anchor rejects the settlement.
    #[error("the anchor rejects the settlement: {0}")]
    Rejected(Rejection),
    /// The relay account cannot pay.
    #[error(
        "{chain}: the relay account {account} cannot pay for the transaction: {reason}; fund it"
    )]
    OutOfFunds {
        /// The chain's name.
        chain: String,
        /// The account to fund.
        account: String,
        /// What the endpoint said.
        reason: String,
    },
    /// The nonce is used by a transaction that is already included.
    #[error("{chain}: nonce {nonce} of the relay account is used already")]
    NonceUsed {
        /// The chain's name.
        chain: String,
        /// The nonce.
        nonce: u64,
    },
    /// An address, key or answer does not have the form it must have.
    #[error("{0}")]
    Malformed(String),
}

impl TargetError {
    /// Whether the same call may succeed later without anything being changed.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Disagreement { .. }
                | Self::Refused { .. }
                | Self::FeeCap { .. }
                | Self::Underpriced { .. }
        )
    }

    /// Whether the endpoints are away, the wrong ones or of two minds. That says
    /// nothing about the request that was asked about.
    pub fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. } | Self::WrongChain { .. } | Self::Disagreement { .. }
        )
    }
}

/// Why an anchor rejects a settlement.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Rejection {
    /// Someone settled the request first.
    #[error("the request is settled already")]
    AlreadySettled,
    /// There is no such request.
    #[error("there is no such request")]
    UnknownRequest,
    /// A reorganisation gave the request's number to another request. The outcome
    /// is of no use; the new request is found by scanning.
    #[error("a reorganisation gave the request's number to another request")]
    CommitmentMismatch,
    /// A key has changed since the run read it: run again on the new state.
    #[error("a key changed since the run read it (version {expected} then, {actual} now)")]
    StaleVersion {
        /// The version that the run saw.
        expected: u64,
        /// The version at the anchor.
        actual: u64,
    },
    /// The signer is not an attestor of the anchor.
    #[error(
        "{0} is not an attestor of the anchor: its owner must allow it with setAttestors, or with \
         the role ATTESTOR_ROLE where the anchor has the older interface"
    )]
    NotAttestor(String),
    /// The anchor settles its requests in their order, and others come first. The
    /// outcome is good; it is tried again when they are settled.
    #[error("{ahead} requests of the anchor come before it")]
    OutOfTurn {
        /// How many come first.
        ahead: u64,
    },
    /// The time is over in which the anchor takes an outcome.
    #[error("the request has expired")]
    Expired,
    /// Too few attestors have signed.
    #[error("{have} attestors have signed, the anchor asks for {need}")]
    QuorumMissing {
        /// How many signatures there are.
        have: u32,
        /// How many the anchor asks for.
        need: u32,
    },
    /// The anchor bounds what its attestors may do, and this is beyond. Time or its
    /// owner can change that.
    #[error("the anchor's bounds keep its attestors from settling: {0}")]
    OutOfBounds(String),
    /// The consumer's callback, or something else in the anchor, reverted.
    #[error("the anchor or its consumer reverted: {0}")]
    Reverted(String),
}
