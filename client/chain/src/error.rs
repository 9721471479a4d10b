//! What can go wrong between a client and the chain, and what to do about it.

use std::time::Duration;

use subxt::error::{
    DispatchError, ExtrinsicError, RuntimeApiError, StorageError, TransactionEventsError,
    TransactionFinalizedSuccessError, TransactionProgressError, TransactionStatusError,
};

use crate::BlockHash;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum ChainError {
    /// There is no node to talk to.
    #[error("cannot reach a node at {url}: {source}; start one, or correct the URL")]
    Unreachable {
        /// Where the node was looked for.
        url: String,
        /// Why it was not found.
        source: Box<subxt::Error>,
    },

    /// The node does not answer, or answers what makes no sense.
    #[error("the node did not answer as it should: {0}; connect again, and see the node's log")]
    Node(#[source] Box<subxt::Error>),

    /// The node did not answer in time.
    #[error(
        "the node gave no answer within {} s; connect again, to another node if this one is too \
         busy or too far away", .0.as_secs()
    )]
    NoAnswer(Duration),

    /// A light client cannot be made of the chain's specification.
    #[error(
        "the chain specification cannot be used: {0}; write it with phat-node export-chain-spec \
         --raw"
    )]
    BadChainSpec(String),

    /// A light client has nobody to begin with.
    #[error(
        "there is no bootnode that a light client can reach, by TCP or WebSocket without TLS: \
         name one, or list it in the chain specification"
    )]
    NoBootnode,

    /// The light client is not at the chain's head yet.
    #[error(
        "the light client has not caught up with the chain yet and has {peers} peers; wait, and \
         if that does not change, check that its bootnodes are of this chain and can be reached"
    )]
    Behind {
        /// The nodes that it is connected to.
        peers: usize,
    },

    /// What is shown as final is far behind what was before.
    #[error(
        "block {known} was shown as final before, and is not any more: the node has lost it, is \
         another one that is behind, or hides it; wait, or ask another node"
    )]
    WentBack {
        /// The number of the newest block that was shown as final.
        known: u64,
    },

    /// A block is shown as final that is not the one that was before.
    #[error(
        "block {number} was shown as {known} when it was final, and is {shown} now: one of the two \
         is a lie, or the chain was made anew; use a node that you trust, and restart this program \
         to have it believe the new history"
    )]
    Rewritten {
        /// The number of the block.
        number: u64,
        /// Its hash as it was first shown.
        known: BlockHash,
        /// Its hash as it is shown now.
        shown: BlockHash,
    },

    /// The node ended the stream of blocks.
    #[error("the node ended the stream of blocks; connect again")]
    StreamEnded,

    /// The chain's runtime has changed.
    #[error(
        "the chain's runtime is not the one that this program was made for; use the release that \
         goes with the chain"
    )]
    Incompatible,

    /// The chain carried the transaction out and refused what it asked for.
    #[error("the chain refused: {pallet}.{error}: {explanation}")]
    Refused {
        /// The pallet that refused.
        pallet: String,
        /// The name of its error.
        error: String,
        /// What the error means and what to do, as the pallet documents it.
        explanation: String,
    },

    /// The chain carried the transaction out and it failed for a reason that is no pallet's own.
    #[error("the chain refused: {0}; check the balance and the rights of the signing account")]
    Failed(String),

    /// The node did not take the transaction.
    #[error(
        "the node did not take the transaction: {0}; check that the signing account can pay the \
         fee, and that no other program uses the account at the same time"
    )]
    Invalid(String),

    /// The transaction was not in a finalised block in time.
    #[error(
        "the transaction was not final within {} s; it may still become so: look before you \
         submit it again, and check that the chain finalises blocks",
        .0.as_secs()
    )]
    NotFinal(Duration),

    /// Something is longer than the chain takes.
    #[error("the {what} has {len} bytes, and the chain takes {max} at most; make it shorter")]
    TooLong {
        /// What is too long.
        what: &'static str,
        /// How long it is.
        len: usize,
        /// How long it may be.
        max: usize,
    },

    /// The bytes that the chain has for a code are not the code.
    #[error("the node gave bytes that are not the code asked for; use a node that you trust")]
    CodeCorrupt,

    /// What the chain has is not text where text was stored.
    #[error("the {0} on the chain is not text; use a node that you trust")]
    NotText(&'static str),

    /// The bytes are no call of the chain's.
    #[error("the bytes are no call of this chain: {0}; make them with the chain's metadata")]
    NotACall(String),

    /// There is no such track of referenda.
    #[error("there is no track {0}: phat gov tracks shows those there are")]
    UnknownTrack(u16),

    /// The text names no key.
    #[error("{0:?} is no key: give //NAME, a secret phrase, or 0x and 64 hexadecimal digits")]
    NotAKey(String),
}

impl ChainError {
    /// Whether the same may work on a new connection, or later with a light client.
    pub fn is_connection(&self) -> bool {
        matches!(
            self,
            Self::Unreachable { .. }
                | Self::Node(_)
                | Self::NoAnswer(_)
                | Self::Behind { .. }
                | Self::StreamEnded
        ) || self.is_contradiction()
    }

    /// Whether what is shown contradicts what was shown before.
    pub fn is_contradiction(&self) -> bool {
        matches!(self, Self::WentBack { .. } | Self::Rewritten { .. })
    }
}

impl<E: Into<subxt::Error>> From<E> for ChainError {
    fn from(error: E) -> Self {
        use subxt::Error;

        match error.into() {
            Error::ExtrinsicError(error) => from_extrinsic(error),
            Error::StorageError(StorageError::IncompatibleCodegen)
            | Error::RuntimeApiError(
                RuntimeApiError::IncompatibleCodegen
                | RuntimeApiError::TraitNotFound(_)
                | RuntimeApiError::MethodNotFound { .. },
            ) => Self::Incompatible,
            Error::TransactionStatusError(error) => from_status(error),
            Error::TransactionProgressError(error) => from_progress(error),
            Error::TransactionEventsError(error) => from_events(error),
            Error::TransactionFinalizedSuccessError(error) => match error {
                TransactionFinalizedSuccessError::FinalizationError(error) => from_progress(error),
                TransactionFinalizedSuccessError::SuccessError(error) => from_events(error),
                other => Self::Node(Box::new(other.into())),
            },
            other => Self::Node(Box::new(other)),
        }
    }
}

fn from_extrinsic(error: ExtrinsicError) -> ChainError {
    match error {
        ExtrinsicError::IncompatibleCodegen => ChainError::Incompatible,
        ExtrinsicError::TransactionStatusError(status) => from_status(status),
        other => ChainError::Node(Box::new(other.into())),
    }
}

fn from_progress(error: TransactionProgressError) -> ChainError {
    match error {
        TransactionProgressError::TransactionStatusError(status) => from_status(status),
        other => ChainError::Node(Box::new(other.into())),
    }
}

fn from_status(status: TransactionStatusError) -> ChainError {
    match status {
        TransactionStatusError::Error(reason)
        | TransactionStatusError::Invalid(reason)
        | TransactionStatusError::Dropped(reason) => ChainError::Invalid(reason),
        other => ChainError::Invalid(other.to_string()),
    }
}

fn from_events(error: TransactionEventsError) -> ChainError {
    match error {
        TransactionEventsError::ExtrinsicFailed(error) => from_dispatch(&error),
        other => ChainError::Node(Box::new(other.into())),
    }
}

fn from_dispatch(error: &DispatchError) -> ChainError {
    let DispatchError::Module(module) = error else {
        return ChainError::Failed(error.to_string());
    };
    match module.details() {
        Ok(details) => ChainError::Refused {
            pallet: details.pallet.name().to_owned(),
            error: details.variant.name.clone(),
            explanation: details.variant.docs.join(" ").trim().to_owned(),
        },
        Err(_) => ChainError::Failed(module.to_string()),
    }
}
