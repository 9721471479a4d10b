// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../PhatAnchor.sol";
import {LensAnswers} from "./LensAnswers.sol";

/// @title An oracle for the statistics of Lens profiles, with an anchor of its own
/// @notice Asks a Phat Contract how many followers a Lens profile has, and keeps the answers.
/// @dev The input of a request is abi.encode(string profileId).
contract LensStats is PhatAnchor, LensAnswers {
    /// @dev Two words: kind and value.
    uint256 private constant OUTPUT_BYTES = 64;

    /// @param initialOwner The account that may set attestors.
    /// @param initialAttestors The keys whose outcomes are accepted from the start, each by itself; may be empty.
    constructor(address initialOwner, address[] memory initialAttestors)
        PhatAnchor(initialOwner, initialAttestors, 1)
    {}

    /// @notice Asks for the followers of a profile.
    /// @param profileId The Lens profile id, for example "0x01".
    /// @return id The id to look the answer up with.
    function request(string calldata profileId) external returns (uint256 id) {
        id = _request(abi.encode(profileId));
        _keepQuestion(id, profileId);
    }

    /// @notice Asks for the followers of a profile, and offers the value sent along to whoever brings the answer.
    /// @param profileId The Lens profile id, for example "0x01".
    /// @param expiresAt The last second for an answer, since 1970. Later, the value can be had back, see {expire}.
    /// @return id The id to look the answer up with.
    function requestWithFee(string calldata profileId, uint40 expiresAt) external payable returns (uint256 id) {
        id = _request(msg.sender, abi.encode(profileId), msg.value, expiresAt);
        _keepQuestion(id, profileId);
    }

    /// @inheritdoc PhatAnchor
    function _onOutcome(uint256 id, bool success, bytes calldata output) internal override {
        (bool ok, uint64 value) = (false, CODE_RUN_FAILED);
        if (success && output.length == OUTPUT_BYTES) {
            (uint256 kind, uint256 word) = abi.decode(output, (uint256, uint256));
            (ok, value) = _judge(kind, word);
        }
        _keepAnswer(id, ok, value);
    }
}
