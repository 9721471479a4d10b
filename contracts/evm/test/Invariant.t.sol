// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {Handler} from "./support/Handler.sol";
import {InheritedRecorder, Recorder} from "./support/Recorders.sol";
import {Test} from "./support/Test.sol";

/// What holds after any sequence of requests, settlements, pushes, repetitions, failures, expiries, claims and rotations.
abstract contract InvariantTest is Test {
    Handler internal handler;
    IPhatAnchor internal anchor;
    Recorder internal consumer;

    function start(bool isShared) internal {
        handler = new Handler(isShared);
        (anchor, consumer) = (handler.anchor(), handler.consumer());
    }

    /// @dev Forge asks this for the contracts to call, and {targetSelectors} for their functions.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    struct Selectors {
        address target;
        bytes4[] selectors;
    }

    function targetSelectors() public view returns (Selectors[] memory targets) {
        bytes4[] memory selectors = new bytes4[](13);
        // What is listed more than once is called as much more often.
        selectors[0] = Handler.ask.selector;
        selectors[1] = Handler.ask.selector;
        selectors[2] = Handler.settle.selector;
        selectors[3] = Handler.settle.selector;
        selectors[4] = Handler.settle.selector;
        selectors[5] = Handler.settleBatch.selector;
        selectors[6] = Handler.settleAgain.selector;
        selectors[7] = Handler.retry.selector;
        selectors[8] = Handler.expire.selector;
        selectors[9] = Handler.claim.selector;
        selectors[10] = Handler.setAttestors.selector;
        selectors[11] = Handler.setMood.selector;
        selectors[12] = Handler.wait_.selector;
        targets = new Selectors[](1);
        targets[0] = Selectors(address(handler), selectors);
    }

    /// One run of random play serves all.
    function invariant_all() public view {
        each_request_is_settled_at_most_once();
        versions_count_the_writes();
        funds_are_conserved();
    }

    function each_request_is_settled_at_most_once() private view {
        uint256 delivered = 0;
        for (uint256 id = 0; id <= handler.count() + 1; ++id) {
            // Both count their cases in the same order.
            equal(uint256(anchor.status(address(consumer), id)), uint256(handler.fateOf(id)));
            bool isDelivered = handler.fateOf(id) == Handler.Fate.Settled;
            equal(consumer.callsOf(id), isDelivered ? 1 : 0);
            if (isDelivered) ++delivered;
        }
        equal(anchor.requestCount(address(consumer)), handler.count());
        equal(consumer.calls(), delivered);
        equal(handler.delivered(), delivered);
        equal(consumer.pushes(), handler.pushed());
    }

    function versions_count_the_writes() private view {
        for (uint256 key = 0; key < handler.KEYS(); ++key) {
            (, uint64 version) = anchor.getValue(address(consumer), bytes32(key));
            equal(version, handler.writes(bytes32(key)));
        }
    }

    function funds_are_conserved() private view {
        uint256 owed = handler.feesOpen();
        for (uint256 i = 0; i < handler.ACCOUNTS(); ++i) {
            equal(anchor.creditOf(handler.accountOf(i)), handler.credits(i));
            owed += handler.credits(i);
        }
        equal(address(anchor).balance, owed);
        hasReserved(owed);
    }

    function hasReserved(uint256 owed) internal view virtual;
}

contract InheritedInvariantTest is InvariantTest {
    function setUp() public {
        start(false);
    }

    function hasReserved(uint256 owed) internal view override {
        equal(InheritedRecorder(payable(address(anchor))).reserved(), owed);
    }
}

contract SharedInvariantTest is InvariantTest {
    function setUp() public {
        start(true);
    }

    function hasReserved(uint256) internal view override {
        equal(address(consumer).balance, 0);
    }
}
