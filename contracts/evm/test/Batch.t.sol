// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors as E} from "../src/interfaces/IPhatAnchorErrors.sol";
import {AnchorTest, AtInherited, AtShared} from "./support/AnchorTest.sol";

/// Many outcomes in one transaction.
abstract contract BatchTest is AnchorTest {
    uint256 private constant BATCH_MAX = 256;

    function batch(uint256 count)
        private
        pure
        returns (IPhatAnchor.Outcome[] memory outcomes, bytes[] memory signatures)
    {
        return (new IPhatAnchor.Outcome[](count), new bytes[](count));
    }

    function refused(IPhatAnchor.Outcome memory outcome, bytes memory reason) private {
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.OutcomeRefused(outcome.requestId, outcome.consumer, reason);
    }

    function test_what_cannot_be_settled_is_passed_over() public {
        (IPhatAnchor.Outcome[] memory outcomes, bytes[] memory signatures) = batch(6);
        outcomes[0] = touching(ask(), "k", 0, "a");
        outcomes[1] = touching(ask(), "k", 0, "b");
        outcomes[2] = touching(ask(), "k", 1, "c");
        outcomes[3] = outcomes[0];
        outcomes[4] = plain(99, "");
        outcomes[5] = plain(ask(), "last");
        for (uint256 i = 0; i < 6; ++i) {
            signatures[i] = signed(outcomes[i]);
        }
        refused(outcomes[1], abi.encodeWithSelector(E.StaleVersion.selector, bytes32("k"), 0, 1));
        refused(outcomes[3], alreadySettled(1));
        refused(outcomes[4], abi.encodeWithSelector(E.UnknownRequest.selector, 99));
        equal(settleBatch(outcomes, signatures), 37);
        isSettled(1);
        isOpen(2);
        isSettled(3);
        isSettled(4);
        hasValue("k", "c", 2);
        equal(consumer.calls(), 3);
        equal(consumer.lastOutput(), "last");
    }

    function test_signatures_are_each_for_their_outcome() public {
        (IPhatAnchor.Outcome[] memory outcomes, bytes[] memory signatures) = batch(2);
        (outcomes[0], outcomes[1]) = (plain(ask(), "a"), plain(ask(), "b"));
        (signatures[1], signatures[0]) = (signed(outcomes[0]), signed(outcomes[1]));
        equal(settleBatch(outcomes, signatures), 0);
        equal(consumer.calls(), 0);
    }

    function test_lengths() public {
        (IPhatAnchor.Outcome[] memory outcomes, bytes[] memory signatures) = batch(0);
        equal(settleBatch(outcomes, signatures), 0);
        (outcomes,) = batch(2);
        vm.expectRevert(abi.encodeWithSelector(E.LengthMismatch.selector, 2, 0));
        anchor.settleBatch(outcomes, signatures);
        (outcomes, signatures) = batch(BATCH_MAX + 1);
        vm.expectRevert(abi.encodeWithSelector(E.BatchTooLarge.selector, BATCH_MAX + 1, BATCH_MAX));
        anchor.settleBatch(outcomes, signatures);
    }

    function test_the_largest_batch() public {
        (IPhatAnchor.Outcome[] memory outcomes, bytes[] memory signatures) = batch(BATCH_MAX);
        for (uint256 i = 0; i < BATCH_MAX; ++i) {
            outcomes[i] = plain(ask(), "");
            signatures[i] = signed(outcomes[i]);
        }
        equal(settleBatch(outcomes, signatures), type(uint256).max);
        equal(consumer.calls(), BATCH_MAX);
    }
}

contract InheritedBatchTest is BatchTest, AtInherited {}

contract SharedBatchTest is BatchTest, AtShared {}
