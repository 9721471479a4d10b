// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HubRequests} from "../../src/HubRequests.sol";
import {PhatAnchor} from "../../src/PhatAnchor.sol";
import {IPhatConsumer} from "../../src/interfaces/IPhatConsumer.sol";
import {IPhatHub} from "../../src/interfaces/IPhatHub.sol";
import {IPhatPushConsumer} from "../../src/interfaces/IPhatPushConsumer.sol";

/// @title A contract that takes its time, in gas, to be told something
contract Listener {
    uint256 private constant TIMES = 10;
    uint256[] private heard;

    function tell(uint256 id) external {
        for (uint256 i = 0; i < TIMES; ++i) {
            heard.push(id);
        }
    }

    function heardAll() external view returns (bool) {
        return heard.length == TIMES;
    }
}

/// @title A consumer that counts its callbacks, and does in them what it was told to
abstract contract Recorder {
    enum Mood {
        Content,
        Refusing,
        Verbose,
        Wasteful,
        Calling,
        Telling,
        Curt
    }

    uint256 private constant VERBOSE_BYTES = 10_000;

    Listener public immutable listener = new Listener();
    mapping(uint256 => uint256) public callsOf;
    uint256 public calls;
    uint256 public lastId;
    bool public lastSuccess;
    bytes public lastOutput;
    uint256 public pushes;
    bytes32 public lastFiring;
    Mood public mood;
    address public callee;
    bytes public callData;
    bool public callDone;
    bytes public callResult;

    error Unwilling(uint256 id);

    receive() external payable {}

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    /// @dev Has the next callbacks call something and keep what comes of it.
    function setCall(address callee_, bytes calldata data) external {
        (mood, callee, callData) = (Mood.Calling, callee_, data);
    }

    function ask(bytes memory input) external virtual returns (uint256 id);

    function askWithTerms(bytes memory input, uint40 expiresAt) external payable virtual returns (uint256 id);

    function record(uint256 id, bool success, bytes calldata output) internal {
        bear(id);
        ++callsOf[id];
        ++calls;
        (lastId, lastSuccess, lastOutput) = (id, success, output);
        act(id);
    }

    function recordPush(bytes32 firing, bool success, bytes calldata output) internal {
        bear(uint256(firing));
        ++pushes;
        (lastFiring, lastSuccess, lastOutput) = (firing, success, output);
        act(uint256(firing));
    }

    /// @dev Takes it, or not.
    function bear(uint256 id) private view {
        if (mood == Mood.Refusing) revert Unwilling(id);
        if (mood == Mood.Curt) revert();
        if (mood == Mood.Verbose) {
            bytes memory much = new bytes(VERBOSE_BYTES);
            assembly {
                revert(add(much, 0x20), mload(much))
            }
        }
        if (mood == Mood.Wasteful) {
            while (true) {}
        }
    }

    function act(uint256 id) private {
        if (mood == Mood.Calling) (callDone, callResult) = callee.call(callData);
        if (mood == Mood.Telling) {
            try listener.tell(id) {} catch {}
        }
    }
}

/// @title A recorder with an anchor of its own
contract InheritedRecorder is PhatAnchor, Recorder {
    constructor(address owner, uint256 threshold, address[] memory attestors) PhatAnchor(owner, attestors, threshold) {}

    function ask(bytes memory input) external override returns (uint256) {
        return _request(input);
    }

    function askWithTerms(bytes memory input, uint40 expiresAt) external payable override returns (uint256) {
        return _request(msg.sender, input, msg.value, expiresAt);
    }

    /// @dev Promises what it may not have.
    function askOnCredit(uint256 fee, uint40 expiresAt) external returns (uint256) {
        return _request(msg.sender, "", fee, expiresAt);
    }

    function _onOutcome(uint256 id, bool success, bytes calldata output) internal override {
        record(id, success, output);
    }

    function _onPush(bytes32 firing, bool success, bytes calldata output) internal override {
        recordPush(firing, success, output);
    }
}

/// @title A recorder at the shared anchor
/// @dev Asks in both of the ways that there are.
contract SharedRecorder is IPhatConsumer, IPhatPushConsumer, Recorder {
    using HubRequests for IPhatHub;

    IPhatHub private immutable hub;

    error NotHub();

    constructor(IPhatHub hub_, address owner, uint256 threshold, address[] memory attestors) {
        hub = hub_;
        hub_.register(owner, threshold, attestors);
    }

    function ask(bytes memory input) external override returns (uint256) {
        return hub.ask(msg.sender, input, 0, 0);
    }

    function askWithTerms(bytes memory input, uint40 expiresAt) external payable override returns (uint256) {
        return hub.request{value: msg.value}(msg.sender, input, expiresAt);
    }

    function onPhatOutcome(uint256 id, bool success, bytes calldata output) external {
        if (msg.sender != address(hub)) revert NotHub();
        record(id, success, output);
    }

    function onPhatPush(bytes32 firing, bool success, bytes calldata output) external {
        if (msg.sender != address(hub)) revert NotHub();
        recordPush(firing, success, output);
    }
}
