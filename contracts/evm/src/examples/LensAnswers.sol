// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a consumer for the statistics of Lens profiles keeps, whichever anchor it asks at
/// @notice The output of a Phat Contract is abi.encode(uint256 kind, uint256 value): kind 0 is an answer, `value` the
/// total of followers; kind 2 is an error, `value` the Phat Contract's error code (1 profile not found, 2 API
/// unreachable or its HTTP status not 200, 3 malformed answer).
/// @dev Question and answer share one slot where the profile id is short, as most are. The request fills the slot, so
/// that the answer only changes it, which costs 5 000 gas instead of the 22 100 of a new slot.
abstract contract LensAnswers {
    enum State {
        None,
        Asked,
        Answered,
        Failed
    }

    /// @dev One slot. `length` and `head` are the profile id; one of more than 22 bytes is kept aside, and `length` is 0.
    struct Answer {
        State state;
        uint8 length;
        uint64 value;
        bytes22 head;
    }

    /// @notice Error code of a request whose run failed or whose output has another form than the one agreed on.
    uint64 public constant CODE_RUN_FAILED = 0;

    uint256 private constant KIND_ANSWER = 0;
    uint256 private constant KIND_ERROR = 2;
    uint256 private constant HEAD_BYTES = 22;

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
        ok = answer.state == State.Answered;
        return (ok || answer.state == State.Failed, ok, _profileId(id, answer), answer.value);
    }

    /// @dev Keeps the profile that a request asks for.
    function _keepQuestion(uint256 id, string calldata profileId) internal {
        uint256 length = bytes(profileId).length;
        if (length > HEAD_BYTES) {
            _answers[id] = Answer(State.Asked, 0, 0, "");
            _longProfileIds[id] = profileId;
        } else {
            // Not above the bytes of a head.
            _answers[id] = Answer(State.Asked, uint8(length), 0, bytes22(bytes(profileId)));
        }
    }

    /// @dev Keeps the answer to a request and tells of it.
    function _keepAnswer(uint256 id, bool ok, uint64 value) internal {
        Answer storage answer = _answers[id];
        (answer.state, answer.value) = (ok ? State.Answered : State.Failed, value);
        if (ok) {
            emit StatsReceived(id, _profileId(id, answer), value);
        } else {
            emit StatsFailed(id, _profileId(id, answer), value);
        }
    }

    /// @dev What the two words of an output mean. Never reverts: a request must end whatever the Phat Contract says.
    function _judge(uint256 kind, uint256 word) internal pure returns (bool ok, uint64 value) {
        if ((kind != KIND_ANSWER && kind != KIND_ERROR) || word > type(uint64).max) return (false, CODE_RUN_FAILED);
        // The bound was checked just above.
        return (kind == KIND_ANSWER, uint64(word));
    }

    function _profileId(uint256 id, Answer storage answer) private view returns (string memory) {
        if (answer.length == 0) return _longProfileIds[id];
        bytes memory text = new bytes(answer.length);
        bytes32 word = answer.head;
        assembly ("memory-safe") {
            // Memory is padded to whole words, and the head is padded with zeros.
            mstore(add(text, 0x20), word)
        }
        return string(text);
    }
}
