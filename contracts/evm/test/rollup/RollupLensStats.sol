// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {LensAnswers} from "../../src/examples/LensAnswers.sol";
import {PhatRollupAnchor} from "./PhatRollupAnchor.sol";

/// @title The consumer LensStats with the older rollup interface
/// @notice A fixture: what it keeps and the events it emits are those of {LensStats}.
/// @dev A request is abi.encode(uint256 id, string profileId), a reply abi.encode(uint256 kind, uint256 id, uint256
/// value): kind 0 is an answer, 2 an error.
contract RollupLensStats is PhatRollupAnchor, LensAnswers {
    /// @dev Three words: kind, id and value.
    uint256 private constant REPLY_BYTES = 96;

    uint256 private _requestCount;

    /// @notice The reply has another form than the one agreed on.
    error MalformedReply();

    /// @param admin The account that may grant and revoke the role of attestors.
    /// @param attestor The key whose rollups are accepted from the start.
    constructor(address admin, address attestor) {
        _grantRole(DEFAULT_ADMIN_ROLE, admin);
        _grantRole(ATTESTOR_ROLE, attestor);
    }

    /// @notice Asks for the followers of a profile.
    /// @param profileId The Lens profile id, for example "0x01".
    /// @return id The id to look the answer up with.
    function request(string calldata profileId) external returns (uint256 id) {
        id = ++_requestCount;
        _pushMessage(abi.encode(id, profileId));
        _keepQuestion(id, profileId);
    }

    /// @inheritdoc PhatRollupAnchor
    function _onMessageReceived(bytes memory reply) internal override {
        if (reply.length != REPLY_BYTES) revert MalformedReply();
        (uint256 kind, uint256 id, uint256 word) = abi.decode(reply, (uint256, uint256, uint256));
        (bool ok, uint64 value) = _judge(kind, word);
        _keepAnswer(id, ok, value);
    }
}
