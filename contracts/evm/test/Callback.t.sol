// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors as E} from "../src/interfaces/IPhatAnchorErrors.sol";
import {AnchorTest, AtInherited, AtShared} from "./support/AnchorTest.sol";
import {Recorder} from "./support/Recorders.sol";

/// Callbacks that fail, waste or call back in, and what a relayer can do by the gas that it sends.
abstract contract CallbackTest is AnchorTest {
    uint256 private constant CALLBACK_GAS_MAX = 5_000_000;
    uint256 private constant REASON_BYTES_MAX = 128;
    /// @dev More than a retry needs, whatever the callback does.
    uint256 private constant RETRY_GAS_MAX = 5_500_000;

    function hasFailed(uint256 id) private view {
        check(statusOf(id) == IPhatAnchor.Status.CallbackFailed, "the failure is not told");
        equal(consumer.callsOf(id), 0);
    }

    function unwilling(uint256 id) private pure returns (bytes memory) {
        return abi.encodeWithSelector(Recorder.Unwilling.selector, id);
    }

    function retry(uint256 id, bytes memory output) private {
        vm.prank(relayer);
        anchor.retry(address(consumer), id, true, output);
    }

    function retryFails(uint256 id, bool success, bytes memory output, bytes memory reason) private {
        vm.expectRevert(reason);
        anchor.retry(address(consumer), id, success, output);
    }

    function test_a_failed_callback_settles_and_can_be_made_up_for() public {
        consumer.setMood(Recorder.Mood.Refusing);
        uint256 id = ask();
        IPhatAnchor.Outcome memory outcome = touching(id, "k", 0, "v");
        outcome.output = "answer";
        bytes memory signatures = signed(outcome);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.CallbackFailed(id, address(consumer), unwilling(id));
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.Settled(id, address(consumer), relayer, true, false);
        vm.prank(relayer);
        anchor.settle(outcome, signatures);
        hasFailed(id);
        hasValue("k", "v", 1);
        settleReverts(outcome, alreadySettled(id));

        retryFails(id, true, "answer", abi.encodeWithSelector(E.CallbackReverted.selector, unwilling(id)));
        hasFailed(id);
        consumer.setMood(Recorder.Mood.Content);
        retryFails(id, true, "another", abi.encodeWithSelector(E.OutcomeMismatch.selector, id));
        retryFails(id, false, "answer", abi.encodeWithSelector(E.OutcomeMismatch.selector, id));
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.Retried(id, address(consumer));
        retry(id, "answer");
        isSettled(id);
        equal(consumer.lastOutput(), "answer");
        equal(consumer.callsOf(id), 1);
        retryFails(id, true, "answer", abi.encodeWithSelector(E.NotFailed.selector, id));
        settleReverts(outcome, alreadySettled(id));
        hasValue("k", "v", 1);
    }

    function test_only_failures_are_retried() public {
        uint256 id = ask();
        retryFails(id, true, "", abi.encodeWithSelector(E.NotFailed.selector, id));
        settle(plain(id, ""));
        retryFails(id, true, "", abi.encodeWithSelector(E.NotFailed.selector, id));
        retryFails(9, true, "", abi.encodeWithSelector(E.NotFailed.selector, 9));
    }

    function test_a_callback_cannot_spend_what_the_rest_needs() public {
        Recorder.Mood[2] memory moods = [Recorder.Mood.Wasteful, Recorder.Mood.Verbose];
        for (uint256 i = 0; i < moods.length; ++i) {
            consumer.setMood(moods[i]);
            uint256 id = ask();
            IPhatAnchor.Outcome memory outcome = plain(id, "");
            bytes memory signatures = signed(outcome);
            uint256 before = gasleft();
            anchor.settle{gas: 500_000}(outcome, signatures);
            check(before - gasleft() < 300_000, "the relayer pays for the waste");
            hasFailed(id);
        }
        consumer.setMood(Recorder.Mood.Content);
        settle(plain(ask(), ""));
    }

    function test_no_more_than_the_beginning_of_a_reason_is_kept() public {
        consumer.setMood(Recorder.Mood.Verbose);
        uint256 id = ask();
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.CallbackFailed(id, address(consumer), new bytes(REASON_BYTES_MAX));
        settle(plain(id, ""));
    }

    /// Settles with rising gas, until it does not revert: whatever the gas, the callback is done in full or not tried.
    function test_low_gas_never_turns_a_good_callback_into_a_failed_one() public {
        consumer.setMood(Recorder.Mood.Telling);
        vm.prank(owner);
        anchor.setCallbackGas(address(consumer), 600_000);
        uint256 id = ask();
        IPhatAnchor.Outcome memory outcome = plain(id, "");
        bytes memory signatures = signed(outcome);
        bytes memory call = abi.encodeCall(IPhatAnchor.settle, (outcome, signatures));
        IPhatAnchor.Outcome[] memory outcomes = new IPhatAnchor.Outcome[](1);
        bytes[] memory list = new bytes[](1);
        (outcomes[0], list[0]) = (outcome, signatures);
        bytes memory batch = abi.encodeCall(IPhatAnchor.settleBatch, (outcomes, list));
        bool lacking = false;
        for (uint256 limit = 20_000; limit < 1_500_000; limit += 2_500) {
            (bool done, bytes memory reason) = address(anchor).call{gas: limit}(limit % 5_000 == 0 ? call : batch);
            if (done) {
                isSettled(id);
                check(consumer.listener().heardAll(), "what the callback had to do was not done");
                check(lacking, "no limit was too low");
                return;
            }
            if (bytes4(reason) == E.OutOfGasForOutcome.selector) lacking = true;
            isOpen(id);
        }
        revert Untrue("no gas is enough");
    }

    /// Not even of a callback that failed for want of gas, and swallows what fails in it when it has a little more.
    function test_a_retry_is_not_starved_either() public {
        consumer.setMood(Recorder.Mood.Telling);
        vm.prank(owner);
        anchor.setCallbackGas(address(consumer), 50_000);
        uint256 id = ask();
        settle(plain(id, ""));
        bytes memory call = abi.encodeCall(IPhatAnchor.retry, (address(consumer), id, true, ""));
        for (uint256 limit = 20_000; limit < RETRY_GAS_MAX; limit += 10_000) {
            (bool done,) = address(anchor).call{gas: limit}(call);
            if (done) {
                check(limit > CALLBACK_GAS_MAX, "less than any callback may have is enough");
                check(consumer.listener().heardAll(), "what the callback had to do was not done");
                return;
            }
            hasFailed(id);
        }
        revert Untrue("no gas is enough");
    }

    function test_a_retry_may_have_more_gas_than_the_settlement() public {
        consumer.setMood(Recorder.Mood.Telling);
        vm.prank(owner);
        anchor.setCallbackGas(address(consumer), 50_000);
        uint256 id = ask();
        settle(plain(id, ""));
        hasFailed(id);
        retry(id, "");
        isSettled(id);
        check(consumer.listener().heardAll(), "what the callback had to do was not done");
    }

    function test_callback_gas_has_bounds() public {
        vm.startPrank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidCallbackGas.selector, 0));
        anchor.setCallbackGas(address(consumer), 0);
        vm.expectRevert(abi.encodeWithSelector(E.InvalidCallbackGas.selector, CALLBACK_GAS_MAX + 1));
        anchor.setCallbackGas(address(consumer), CALLBACK_GAS_MAX + 1);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.CallbackGasSet(address(consumer), CALLBACK_GAS_MAX);
        anchor.setCallbackGas(address(consumer), CALLBACK_GAS_MAX);
        vm.stopPrank();
        equal(anchor.callbackGasOf(address(consumer)), CALLBACK_GAS_MAX);
        settle(plain(ask(), ""));
    }

    function test_a_callback_cannot_settle_or_retry_the_same_again() public {
        uint256 id = ask();
        IPhatAnchor.Outcome memory outcome = plain(id, "");
        bytes memory signatures = signed(outcome);
        consumer.setCall(address(anchor), abi.encodeCall(IPhatAnchor.settle, (outcome, signatures)));
        settle(outcome);
        check(!consumer.callDone(), "settled twice");
        equal(consumer.callResult(), alreadySettled(id));

        id = ask();
        consumer.setCall(address(anchor), abi.encodeCall(IPhatAnchor.retry, (address(consumer), id, true, "")));
        settle(plain(id, ""));
        check(!consumer.callDone(), "called back twice");
        equal(consumer.callResult(), abi.encodeWithSelector(E.NotFailed.selector, id));
        equal(consumer.callsOf(id), 1);
    }

    function test_a_retry_cannot_be_entered_again() public {
        consumer.setMood(Recorder.Mood.Refusing);
        uint256 id = ask();
        settle(plain(id, ""));
        consumer.setCall(address(anchor), abi.encodeCall(IPhatAnchor.retry, (address(consumer), id, true, "")));
        retry(id, "");
        check(!consumer.callDone(), "called back twice");
        equal(consumer.callsOf(id), 1);
        isSettled(id);
    }

    function test_a_callback_may_ask_anew() public {
        uint256 id = ask();
        consumer.setCall(address(consumer), abi.encodeCall(Recorder.ask, ("anew")));
        settle(plain(id, ""));
        check(consumer.callDone(), "it could not ask");
        isSettled(id);
        isOpen(id + 1);
    }

    /// Within a callback there is never as much gas as the next one asks for: settlements do not nest.
    function test_a_callback_cannot_settle_another_of_the_consumer() public {
        (uint256 first, uint256 second) = (ask(), ask());
        IPhatAnchor.Outcome memory other = plain(second, "");
        bytes memory signatures = signed(other);
        consumer.setCall(address(anchor), abi.encodeCall(IPhatAnchor.settle, (other, signatures)));
        settle(plain(first, ""));
        check(!consumer.callDone(), "settlements nest");
        check(bytes4(consumer.callResult()) == E.OutOfGasForOutcome.selector, "another error");
        isOpen(second);
        anchor.settle(other, signatures);
        isSettled(second);
    }
}

contract InheritedCallbackTest is CallbackTest, AtInherited {}

contract SharedCallbackTest is CallbackTest, AtShared {
    function test_a_wasteful_consumer_does_not_keep_a_batch_from_others() public {
        Recorder mine = consumer;
        (, Recorder wasteful) = make(1, one(attestor));
        wasteful.setMood(Recorder.Mood.Wasteful);
        IPhatAnchor.Outcome[] memory outcomes = new IPhatAnchor.Outcome[](6);
        bytes[] memory signatures = new bytes[](6);
        for (uint256 i = 0; i < 6; ++i) {
            consumer = i % 2 == 0 ? wasteful : mine;
            outcomes[i] = plain(ask(), "");
            signatures[i] = signed(outcomes[i]);
        }
        anchor.settleBatch{gas: 1_500_000}(outcomes, signatures);
        equal(mine.calls(), 3);
        equal(wasteful.calls(), 0);
        check(anchor.status(address(wasteful), 1) == IPhatAnchor.Status.CallbackFailed, "the failure is not told");
    }
}
