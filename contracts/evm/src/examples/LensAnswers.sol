// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title What a consumer for the statistics of Lens profiles keeps, whichever anchor it asks at
/// @notice The output of a Phat Contract is abi.encode(uint256 kind, uint256 value): kind 0 is an answer, `value` the
/// total of followers; kind 2 is an error, `value` the Phat Contract's error code (1 profile not found, 2 API
/// unreachable or its HTTP status not 200, 3 malformed answer).
/// @dev Question and answer share one slot where the profile id is short, as most are. The request fills the slot, so
/// that the answer only changes it, which costs 5 000 gas instead of the 22 100 of a new slot.
abstract contract LensAnswers {
    /// @notice Error code of a request whose run failed or whose output has another form than the one agreed on.
    uint64 public constant CODE_RUN_FAILED = 0;

    uint256 private constant KIND_ANSWER = 0;
    uint256 private constant KIND_ERROR = 2;
    uint256 private constant HEAD_BYTES = 21;
    uint256 private constant LONG = type(uint8).max;
    uint256 private constant SETTLED = 1;
    uint256 private constant OK = 1 << 8;
    uint256 private constant VALUE_SHIFT = 16;
    uint256 private constant LENGTH_SHIFT = 80;
    uint256 private constant HEAD_SHIFT = 88;

    /// @dev One word for question and answer, taken apart by hand, as the compiler would load a packed struct once for each
    /// member. From the lowest bit on: 8 bits say whether the answer is there, 8 whether it is no error, 64 are its value,
    /// 8 the length of the profile id, 168 the profile id itself. A long one is kept aside, and its length is {LONG}.
    mapping(uint256 => uint256) private _answers;
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
        uint256 word = _answers[id];
        settled = word & SETTLED != 0;
        ok = word & OK != 0;
        return (settled, ok, _profileId(id, word), uint64(word >> VALUE_SHIFT));
    }

    /// @dev Keeps the profile that a request asks for. The request is new, and nothing is kept of it.
    function _keepQuestion(uint256 id, string calldata profileId) internal {
        uint256 length = bytes(profileId).length;
        if (length > HEAD_BYTES) {
            _answers[id] = LONG << LENGTH_SHIFT;
            _longProfileIds[id] = profileId;
        } else {
            uint256 head;
            assembly ("memory-safe") {
                // A word of calldata, without what follows the profile id in it.
                let rest := sub(0x100, shl(3, length))
                head := shl(rest, shr(rest, calldataload(profileId.offset)))
            }
            _answers[id] = head | length << LENGTH_SHIFT;
        }
    }

    /// @dev Keeps the answer to a request and tells of it.
    function _keepAnswer(uint256 id, bool ok, uint64 value) internal {
        uint256 word = _answers[id];
        string memory profileId = _profileId(id, word);
        word = word >> LENGTH_SHIFT << LENGTH_SHIFT | uint256(value) << VALUE_SHIFT | SETTLED;
        if (ok) {
            _answers[id] = word | OK;
            emit StatsReceived(id, profileId, value);
        } else {
            _answers[id] = word;
            emit StatsFailed(id, profileId, value);
        }
    }

    /// @dev What the two words of an output mean. Never reverts: a request must end whatever the Phat Contract says.
    function _judge(uint256 kind, uint256 word) internal pure returns (bool ok, uint64 value) {
        if ((kind != KIND_ANSWER && kind != KIND_ERROR) || word > type(uint64).max) return (false, CODE_RUN_FAILED);
        // The bound was checked just above.
        return (kind == KIND_ANSWER, uint64(word));
    }

    function _profileId(uint256 id, uint256 word) private view returns (string memory) {
        uint256 length = uint8(word >> LENGTH_SHIFT);
        if (length == LONG) return _longProfileIds[id];
        bytes memory text = abi.encodePacked(word >> HEAD_SHIFT << HEAD_SHIFT);
        assembly ("memory-safe") {
            // Not above the 32 bytes that there are.
            mstore(text, length)
        }
        return string(text);
    }
}
