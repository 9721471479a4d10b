// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a contract implements to be called back with outcomes
/// @notice A consumer that inherits {PhatAnchor} has this already. One that uses the shared {PhatHub} implements it, and
/// accepts calls from the hub alone.
interface IPhatConsumer {
    /// @notice Receives the outcome of a request, once.
    /// @dev Called with exactly the gas that the consumer has set as its callback gas. When it reverts, or needs more, the
    /// request is settled all the same, and anyone may bring the outcome again by {IPhatAnchor.retry}.
    /// @param id The request's id.
    /// @param success Whether the run ended with an output. When false, `output` is UTF-8 text "code: message".
    /// @param output The bytes that the Phat Contract returned.
    function onPhatOutcome(uint256 id, bool success, bytes calldata output) external;
}
