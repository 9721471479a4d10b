//! Rust types of the contracts that the adapter speaks to.

#![allow(
    missing_docs,
    clippy::too_many_arguments,
    reason = "generated from the contracts, which document themselves"
)]

/// The lean anchor, inherited or shared: what the adapter uses of
/// `contracts/evm/src/interfaces`. A status is a number here, so that one that is not
/// known is an error with words.
pub(crate) mod anchor {
    alloy::sol! {
        #![sol(all_derives)]

        interface PhatAnchor {
            struct Read {
                bytes32 key;
                uint64 version;
            }

            struct Write {
                bytes32 key;
                bytes value;
            }

            struct Outcome {
                uint256 requestId;
                address consumer;
                bytes32 commitment;
                bool success;
                bytes output;
                Read[] reads;
                Write[] writes;
            }

            struct Bounds {
                uint40 validUntil;
                uint24 settlementsPerHourMax;
                bool mayWrite;
                bool mayRotate;
            }

            event Requested(
                uint256 indexed id,
                address indexed consumer,
                address indexed requester,
                bytes input,
                uint96 fee,
                uint40 expiresAt
            );
            event Settled(
                uint256 indexed id,
                address indexed consumer,
                address indexed relayer,
                bool success,
                bool delivered
            );
            event Pushed(
                bytes32 indexed firing,
                address indexed consumer,
                address indexed relayer,
                bool success,
                bool delivered
            );

            function settle(Outcome calldata outcome, bytes calldata signatures) external;
            function settleBatch(Outcome[] calldata outcomes, bytes[] calldata signatures)
                external
                returns (bytes[] memory refusals);
            function setAttestors(
                address consumer,
                uint256 threshold,
                address[] calldata attestors
            ) external;
            function status(address consumer, uint256 id) external view returns (uint8);
            function getValue(address consumer, bytes32 key)
                external
                view
                returns (bytes memory value, uint64 version);
            function quorumOf(address consumer)
                external
                view
                returns (
                    uint256 threshold,
                    address[] memory attestors,
                    uint256 epoch,
                    Bounds memory bounds
                );
            function callbackGasOf(address consumer) external view returns (uint256);
            function commitmentOf(
                address consumer,
                address requester,
                bytes calldata input,
                uint96 fee,
                uint40 expiresAt
            ) external pure returns (bytes32);
            function outcomeDigest(Outcome calldata outcome) external view returns (bytes32);

            error UnknownRequest(uint256 id);
            error AlreadySettled(uint256 id);
            error CommitmentMismatch(uint256 id, bytes32 expected, bytes20 actual);
            error Expired(uint256 id, uint40 expiresAt);
            error StaleVersion(bytes32 key, uint64 expected, uint64 actual);
            error Unguarded();
            error QuorumMissing(uint256 have, uint256 need);
            error SignaturesMalformed(uint256 length);
            error InvalidSignature(uint256 index);
            error SignersOutOfOrder(address previous, address signer);
            error NotAttestor(address recovered);
            error AttestorsLapsed(uint40 validUntil);
            error RateExceeded(uint256 max, uint40 retryAt);
            error WritesForbidden();
            error OutOfGasForOutcome(uint256 left, uint256 min);
            error LengthMismatch(uint256 outcomes, uint256 signatures);
            error BatchTooLarge(uint256 count, uint256 max);
            error InputTooLarge(uint256 length, uint256 max);
            error NotAuthorized(address consumer, address account);
            error InvalidThreshold(uint256 threshold, uint256 attestors);
            error ZeroAttestor();
            error DuplicateAttestor(address attestor);
            error UnknownConsumer(address consumer);
        }
    }
}

/// The older rollup interface.
pub(crate) mod rollup {
    alloy::sol! {
        #![sol(all_derives)]

        interface PhatRollupAnchor {
            struct ForwardRequest {
                address from;
                uint256 nonce;
                bytes data;
            }

            event MessageQueued(uint256 idx, bytes data);

            function rollupU256CondEq(
                bytes[] memory condKeys,
                bytes[] memory condValues,
                bytes[] memory updateKeys,
                bytes[] memory updateValues,
                bytes[] memory actions
            ) external returns (bool);
            function metaTxRollupU256CondEq(ForwardRequest calldata req, bytes calldata signature)
                external
                returns (bool);
            function getStorage(bytes memory key) external view returns (bytes memory);
            function metaTxGetNonce(address from) external view returns (uint256);
            function hasRole(bytes32 role, address account) external view returns (bool);

            error BadAttestor();
            error BadCondLen(uint256 keys, uint256 values);
            error BadUpdateLen(uint256 keys, uint256 values);
            error CondNotMet(bytes key, uint32 expected, uint32 actual);
            error CannotDecodeAction(uint8 kind);
            error UnsupportedAction(uint8 kind);
            error Internal_toUint32Strict_outOfBounds(bytes data);
            error InvalidPopTarget(uint256 target, uint256 tail);
            error NonceTooLow(uint256 actual, uint256 least);
            error MetaTxSignatureNotMatch();
        }
    }
}

/// What tells the fee for data on chains of the OP stack.
pub(crate) mod gas_price_oracle {
    alloy::sol! {
        interface GasPriceOracle {
            function getL1Fee(bytes memory transaction) external view returns (uint256);
        }
    }
}

/// The example consumer.
pub(crate) mod lens_stats {
    alloy::sol!(
        #![sol(all_derives)]
        LensStats,
        "../../contracts/evm/artifacts/LensStats.json"
    );
}

/// A consumer of the tests that takes no outcome.
#[cfg(test)]
pub(crate) mod errors {
    alloy::sol! {
        /// An error that the anchor does not know.
        #[derive(Debug)]
        error Refused(uint256 code);
    }
}
