// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HubRequests} from "../HubRequests.sol";
import {IPhatConsumer} from "../interfaces/IPhatConsumer.sol";
import {IPhatHub} from "../interfaces/IPhatHub.sol";
import {LensAnswers} from "./LensAnswers.sol";

/// @title An oracle for the statistics of Lens profiles, at the shared anchor
/// @notice The same as {LensStats}, without an anchor in it.
/// @dev The input of a request is abi.encode(string profileId).
contract LensStatsShared is IPhatConsumer, LensAnswers {
    using HubRequests for IPhatHub;

    /// @dev Two words: kind and value.
    uint256 private constant OUTPUT_BYTES = 64;

    /// @notice The shared anchor.
    IPhatHub public immutable hub;

    /// @notice Only the shared anchor calls back.
    error OnlyHub(address caller);

    /// @param hub_ The shared anchor.
    /// @param owner The account that may set attestors there.
    /// @param attestors The keys whose outcomes are accepted from the start, each by itself; may be empty.
    constructor(IPhatHub hub_, address owner, address[] memory attestors) {
        hub = hub_;
        hub_.register(owner, 1, attestors);
    }

    /// @notice Asks for the followers of a profile, and offers the value sent along to whoever brings the answer.
    /// @param profileId The Lens profile id, for example "0x01".
    /// @param expiresAt The last second for an answer, since 1970. Later, the value can be had back, see
    /// {IPhatAnchor.expire}.
    /// @return id The id to look the answer up with.
    function requestWithFee(string calldata profileId, uint40 expiresAt) external payable returns (uint256 id) {
        id = hub.ask(msg.sender, abi.encode(profileId), msg.value, expiresAt);
        _keepQuestion(id, profileId);
    }

    /// @notice Asks for the followers of a profile.
    /// @param profileId The Lens profile id, for example "0x01".
    /// @return id The id to look the answer up with.
    function request(string calldata profileId) external returns (uint256 id) {
        id = hub.ask(msg.sender, abi.encode(profileId), 0, 0);
        _keepQuestion(id, profileId);
    }

    /// @inheritdoc IPhatConsumer
    function onPhatOutcome(uint256 id, bool success, bytes calldata output) external {
        if (msg.sender != address(hub)) revert OnlyHub(msg.sender);
        (bool ok, uint64 value) = (false, CODE_RUN_FAILED);
        if (success && output.length == OUTPUT_BYTES) {
            (uint256 kind, uint256 word) = abi.decode(output, (uint256, uint256));
            (ok, value) = _judge(kind, word);
        }
        _keepAnswer(id, ok, value);
    }
}
