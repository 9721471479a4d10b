// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../PhatAnchor.sol";

/// @title An oracle for the statistics of Lens profiles
/// @notice Asks a Phat Contract how many followers a Lens profile has, and keeps the answers.
/// @dev The input of a request is abi.encode(string profileId). The output is abi.encode(uint256 kind, uint256 value):
/// kind 0 is an answer, `value` the total of followers; kind 2 is an error, `value` the Phat Contract's error code
/// (1 profile not found, 2 API unreachable or its HTTP status not 200, 3 malformed answer).
contract LensStats is PhatAnchor {
    /// @dev Ordered so that all but the string share one storage slot.
    struct Answer {
        bool settled;
        bool ok;
        uint240 value;
        string profileId;
    }

    /// @notice Error code of a request whose run failed or whose output has another form than the one agreed on.
    uint256 public constant CODE_RUN_FAILED = 0;

    uint256 private constant KIND_ANSWER = 0;
    uint256 private constant KIND_ERROR = 2;
    /// @dev Two words: kind and value.
    uint256 private constant OUTPUT_BYTES = 64;

    mapping(uint256 => Answer) private _answers;

    /// @notice A profile's followers have arrived.
    /// @param id The request's id.
    /// @param profileId The profile that was asked for.
    /// @param followers How many accounts follow it.
    event StatsReceived(uint256 indexed id, string profileId, uint256 followers);

    /// @notice A request has ended without an answer.
    /// @param id The request's id.
    /// @param profileId The profile that was asked for.
    /// @param code The Phat Contract's error code, or {CODE_RUN_FAILED}.
    event StatsFailed(uint256 indexed id, string profileId, uint256 code);

    /// @param initialOwner The account that may set attestors.
    /// @param initialAttestors The keys whose outcomes are accepted from the start; may be empty.
    constructor(address initialOwner, address[] memory initialAttestors) PhatAnchor(initialOwner, initialAttestors) {}

    /// @notice Asks for the followers of a profile.
    /// @param profileId The Lens profile id, for example "0x01".
    /// @return id The id to look the answer up with.
    function request(string calldata profileId) external returns (uint256 id) {
        id = _request(abi.encode(profileId));
        _answers[id].profileId = profileId;
    }

    /// @notice The answer to a request.
    /// @param id The request's id.
    /// @return settled Whether the outcome has arrived.
    /// @return ok Whether it is an answer rather than an error.
    /// @return profileId The profile that was asked for.
    /// @return value The followers when `ok`, else the error code.
    function answers(uint256 id) external view returns (bool settled, bool ok, string memory profileId, uint256 value) {
        Answer storage answer = _answers[id];
        return (answer.settled, answer.ok, answer.profileId, answer.value);
    }

    /// @inheritdoc PhatAnchor
    function _onOutcome(uint256 id, bool success, bytes calldata output) internal override {
        (bool ok, uint240 value) = _decode(success, output);
        Answer storage answer = _answers[id];
        (answer.settled, answer.ok, answer.value) = (true, ok, value);
        if (ok) {
            emit StatsReceived(id, answer.profileId, value);
        } else {
            emit StatsFailed(id, answer.profileId, value);
        }
    }

    /// @dev Never reverts: a request must end whatever the Phat Contract says.
    function _decode(bool success, bytes calldata output) private pure returns (bool ok, uint240 value) {
        if (!success || output.length != OUTPUT_BYTES) return (false, uint240(CODE_RUN_FAILED));
        (uint256 kind, uint256 word) = abi.decode(output, (uint256, uint256));
        if ((kind != KIND_ANSWER && kind != KIND_ERROR) || word > type(uint240).max) {
            return (false, uint240(CODE_RUN_FAILED));
        }
        // The bound was checked just above.
        return (kind == KIND_ANSWER, uint240(word));
    }
}
