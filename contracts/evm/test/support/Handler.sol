// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../../src/PhatAnchor.sol";
import {AnchorTest} from "./AnchorTest.sol";
import {Recorder} from "./Consumers.sol";

/// @title Does to an anchor whatever may be done to it, and remembers what should have come of it
/// @dev Arguments are random; each is cut down to one of few cases, so that they meet.
contract Handler is AnchorTest {
    uint256 public constant KEYS = 3;
    uint256 private constant REQUESTS_MAX = 16;

    mapping(uint256 => bool) public isSettled;
    mapping(uint256 => bytes) private settlements;
    mapping(address => bool) private isAllowed;
    mapping(bytes32 => uint64) public writes;
    uint256 public settledCount;

    constructor() {
        AnchorTest.setUp();
        isAllowed[attestor] = true;
    }

    function setUp() public pure override {}

    function recorder() external view returns (Recorder) {
        return anchor;
    }

    function ask(address requester, bytes calldata input) external {
        if (anchor.requestCount() == REQUESTS_MAX) return;
        vm.prank(requester);
        equal(anchor.ask(input), anchor.requestCount());
    }

    /// @dev A key that is dismissed, or was never allowed, signs too; versions are wrong now and then.
    function settle(uint256 id, bool byStranger, uint8 stale, uint8[] calldata reads, uint8[] calldata written)
        external
    {
        id = id % (anchor.requestCount() + 2);
        PhatAnchor.Outcome memory outcome = plain(id, abi.encode(id));
        outcome.reads = readsOf(reads, stale % 8 == 0 ? 1 : 0);
        outcome.writes = writesOf(written);
        uint256 signer = byStranger ? STRANGER_KEY : ATTESTOR_KEY;
        bool isOpen = id != 0 && id <= anchor.requestCount() && !isSettled[id];
        bool isCurrent = stale % 8 != 0 || outcome.reads.length == 0;

        bytes memory call = abi.encodeCall(PhatAnchor.settle, (outcome, sign(signer, outcome)));
        (bool done,) = address(anchor).call(call);
        check(done == (isOpen && isCurrent && isAllowed[vm.addr(signer)]), "settled, or not, against the rules");
        if (done) remember(outcome, call);
    }

    /// @dev Brings an outcome that was taken once more, to the letter.
    function settleAgain(uint256 id) external {
        id = id % (anchor.requestCount() + 1);
        if (!isSettled[id]) return;
        (bool done, bytes memory reason) = address(anchor).call(settlements[id]);
        check(!done, "settled twice");
        equal(reason, abi.encodeWithSelector(PhatAnchor.AlreadySettled.selector, id));
    }

    function setAttestor(bool isStranger, bool allowed) external {
        address key = vm.addr(isStranger ? STRANGER_KEY : ATTESTOR_KEY);
        vm.prank(owner);
        anchor.setAttestor(key, allowed);
        isAllowed[key] = allowed;
    }

    function readsOf(uint8[] calldata keys, uint64 ahead) private view returns (PhatAnchor.Read[] memory reads) {
        reads = new PhatAnchor.Read[](keys.length % 4);
        for (uint256 i = 0; i < reads.length; ++i) {
            bytes32 key = bytes32(keys[i] % KEYS);
            reads[i] = PhatAnchor.Read(key, writes[key] + ahead);
        }
    }

    function writesOf(uint8[] calldata keys) private pure returns (PhatAnchor.Write[] memory list) {
        list = new PhatAnchor.Write[](keys.length % 4);
        for (uint256 i = 0; i < list.length; ++i) {
            list[i] = PhatAnchor.Write(bytes32(keys[i] % KEYS), abi.encode(keys.length, i));
        }
    }

    function remember(PhatAnchor.Outcome memory outcome, bytes memory call) private {
        isSettled[outcome.requestId] = true;
        settlements[outcome.requestId] = call;
        ++settledCount;
        for (uint256 i = 0; i < outcome.writes.length; ++i) {
            ++writes[outcome.writes[i].key];
        }
    }
}
