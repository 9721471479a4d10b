// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a consumer for the statistics of Lens profiles keeps, whichever anchor it asks at
/// @notice The output of a Phat Contract is abi.encode(uint256 kind, uint256 value): kind 0 is an answer, `value` the
/// total of followers; kind 2 is an error, `value` the Phat Contract's error code (1 profile not found, 2 API
/// unreachable or its HTTP status not 200, 3 malformed answer).
/// @dev Question and answer share one slot where the profile id is short, as most are. The request fills the slot, so
/// that the answer only changes it, which costs 5 000 gas instead of the 22 100 of a new slot.
abstract contract LensAnswers {
    /// @dev One slot. `length` and `head` are the profile id; a long one is kept aside, and `length` is {LONG}.
    struct Answer {
        bool settled;
        bool ok;
        uint64 value;
        uint8 length;
        bytes21 head;
    }

    /// @notice Error code of a request whose run failed or whose output has another form than the one agreed on.
    uint64 public constant CODE_RUN_FAILED = 0;

    uint256 private constant KIND_ANSWER = 0;
    uint256 private constant KIND_ERROR = 2;
    uint256 private constant HEAD_BYTES = 21;
    uint8 private constant LONG = type(uint8).max;

    mapping(uint256 => Answer) private _answers;
    mapping(uint256 => string) private _longProfileIds;

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

    /// @notice The answer to a request.
    /// @param id The request's id.
    /// @return settled Whether the outcome has arrived.
    /// @return ok Whether it is an answer rather than an error.
    /// @return profileId The profile that was asked for.
    /// @return value The followers when `ok`, else the error code.
    function answers(uint256 id) external view returns (bool settled, bool ok, string memory profileId, uint256 value) {
        Answer storage answer = _answers[id];
        return (answer.settled, answer.ok, _profileId(id, answer.length, answer.head), answer.value);
    }

    /// @dev Keeps the profile that a request asks for.
    function _keepQuestion(uint256 id, string calldata profileId) internal {
        uint256 length = bytes(profileId).length;
        if (length > HEAD_BYTES) {
            _answers[id].length = LONG;
            _longProfileIds[id] = profileId;
        } else {
            Answer storage answer = _answers[id];
            // Not above the bytes of a head.
            (answer.length, answer.head) = (uint8(length), bytes21(bytes(profileId)));
        }
    }

    /// @dev Keeps the answer to a request and tells of it.
    function _keepAnswer(uint256 id, bool ok, uint64 value) internal {
        Answer storage answer = _answers[id];
        (uint8 length, bytes21 head) = (answer.length, answer.head);
        (answer.settled, answer.ok, answer.value) = (true, ok, value);
        string memory profileId = _profileId(id, length, head);
        if (ok) {
            emit StatsReceived(id, profileId, value);
        } else {
            emit StatsFailed(id, profileId, value);
        }
    }

    /// @dev What the two words of an output mean. Never reverts: a request must end whatever the Phat Contract says.
    function _judge(uint256 kind, uint256 word) internal pure returns (bool ok, uint64 value) {
        if ((kind != KIND_ANSWER && kind != KIND_ERROR) || word > type(uint64).max) return (false, CODE_RUN_FAILED);
        // The bound was checked just above.
        return (kind == KIND_ANSWER, uint64(word));
    }

    function _profileId(uint256 id, uint8 length, bytes21 head) private view returns (string memory) {
        if (length == LONG) return _longProfileIds[id];
        bytes memory text = abi.encodePacked(bytes32(head));
        assembly ("memory-safe") {
            // Not above the 32 bytes that there are.
            mstore(text, length)
        }
        return string(text);
    }
}
