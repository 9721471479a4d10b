// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a contract implements to be told of outcomes that nobody asked for
/// @notice Those of schedules, of logs of other contracts and of calls over HTTP. A consumer that inherits {PhatAnchor}
/// has this already. One that uses the shared {PhatHub} implements it when it is told of such outcomes, and accepts
/// calls from the hub alone; when it only reads its key-value store, with nothing in it. It may leave it out, but then
/// each of them counts as refused, which costs whoever relays it a slot.
interface IPhatPushConsumer {
    /// @notice Receives an outcome that nobody asked for, once.
    /// @dev Called with exactly the gas that the consumer has set as its callback gas, after the outcome's writes. When it
    /// reverts, or needs more, the writes stand, and anyone may have it called again by {IPhatAnchor.retryPush}, until it
    /// does not revert: perhaps after later outcomes.
    /// @param firing The id of what made the Phat Contract run.
    /// @param success Whether the run ended with an output. When false, `output` is UTF-8 text "code: message".
    /// @param output The bytes that the Phat Contract returned.
    function onPhatPush(bytes32 firing, bool success, bytes calldata output) external;
}
