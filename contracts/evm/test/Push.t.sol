// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../src/PhatAnchor.sol";
import {LensStatsShared} from "../src/examples/LensStatsShared.sol";
import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors as E} from "../src/interfaces/IPhatAnchorErrors.sol";
import {IPhatHub} from "../src/interfaces/IPhatHub.sol";
import {IPhatPushConsumer} from "../src/interfaces/IPhatPushConsumer.sol";
import {AnchorTest, AtInherited, AtShared} from "./support/AnchorTest.sol";
import {InheritedRecorder, Recorder, SharedRecorder} from "./support/Recorders.sol";

/// Outcomes that nobody asked for.
abstract contract PushTest is AnchorTest {
    bytes32 internal constant GUARD = keccak256("phat/firing/prices");
    bytes32 internal constant FIRING = keccak256("a firing");

    /// @dev What a firing comes to that saw this version of its guard.
    function push(uint64 version) internal view returns (IPhatAnchor.Outcome memory outcome) {
        return pushOf(FIRING, version, "output");
    }

    function pushOf(bytes32 firing, uint64 version, bytes memory output)
        internal
        view
        returns (IPhatAnchor.Outcome memory outcome)
    {
        outcome = touching(0, GUARD, version, "time");
        (outcome.commitment, outcome.output) = (firing, output);
    }

    function stale(uint64 expected, uint64 actual) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(E.StaleVersion.selector, GUARD, expected, actual);
    }

    function unguarded() internal pure returns (bytes memory) {
        return abi.encodeWithSelector(E.Unguarded.selector);
    }

    function emits(IPhatAnchor.Outcome memory outcome, bool delivered) internal {
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.Pushed(outcome.commitment, outcome.consumer, relayer, outcome.success, delivered);
    }

    function retryPush(bytes memory output) internal {
        vm.prank(relayer);
        anchor.retryPush(address(consumer), FIRING, true, output);
    }

    function retryFails(bytes32 firing, bool success, bytes memory output, bytes memory reason) internal {
        vm.expectRevert(reason);
        anchor.retryPush(address(consumer), firing, success, output);
    }

    function nothingKept() internal pure returns (bytes memory) {
        return abi.encodeWithSelector(E.NotFailed.selector, FIRING);
    }

    function test_it_settles_and_is_brought_to_the_consumer() public {
        IPhatAnchor.Outcome memory outcome = push(0);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.KeyWritten(address(consumer), GUARD, 1);
        emits(outcome, true);
        settle(outcome);
        hasValue(GUARD, "time", 1);
        equal(consumer.pushes(), 1);
        equal(uint256(consumer.lastFiring()), uint256(FIRING));
        equal(consumer.lastOutput(), "output");
        check(consumer.lastSuccess(), "it is told as a failure");
        equal(consumer.calls(), 0);
        equal(anchor.requestCount(address(consumer)), 0);
        check(statusOf(0) == IPhatAnchor.Status.None, "there is a request 0");
    }

    function test_a_failed_run_settles_too() public {
        IPhatAnchor.Outcome memory outcome = push(0);
        (outcome.success, outcome.output) = (false, "code: message");
        emits(outcome, true);
        settle(outcome);
        check(!consumer.lastSuccess(), "it is told as a success");
        equal(consumer.lastOutput(), "code: message");
    }

    function test_the_same_firing_settles_once() public {
        IPhatAnchor.Outcome memory outcome = push(0);
        settle(outcome);
        settleReverts(outcome, stale(0, 1));
        settleReverts(pushOf(FIRING, 0, "another run"), stale(0, 1));
        equal(consumer.pushes(), 1);
        // Even after the guard was deleted.
        IPhatAnchor.Outcome memory deleting = touching(ask(), GUARD, 1, "");
        settle(deleting);
        settleReverts(outcome, stale(0, 2));
    }

    function test_a_guard_that_is_deleted_by_the_outcome_guards() public {
        IPhatAnchor.Outcome memory outcome = push(0);
        outcome.writes[0].value = "";
        settle(outcome);
        settleReverts(outcome, stale(0, 1));
    }

    function test_a_schedule_goes_on_with_one_guard() public {
        for (uint64 i = 0; i < 4; ++i) {
            bytes32 firing = keccak256(abi.encode(i));
            settle(pushOf(firing, i, ""));
            equal(uint256(consumer.lastFiring()), uint256(firing));
        }
        equal(consumer.pushes(), 4);
        hasValue(GUARD, "time", 4);
    }

    function test_what_was_settled_is_told_as_that_whoever_attests_now() public {
        IPhatAnchor.Outcome memory outcome = push(0);
        bytes memory signatures = signed(outcome);
        anchor.settle(outcome, signatures);
        setAttestors(1, one(vm.addr(STRANGER_KEY)));
        settleReverts(outcome, signatures, stale(0, 1));
    }

    function test_every_read_is_compared() public {
        IPhatAnchor.Outcome memory outcome = push(0);
        IPhatAnchor.Read memory guard = outcome.reads[0];
        outcome.reads = new IPhatAnchor.Read[](2);
        (outcome.reads[0], outcome.reads[1]) = (guard, IPhatAnchor.Read("k", 1));
        settleReverts(outcome, abi.encodeWithSelector(E.StaleVersion.selector, bytes32("k"), 1, 0));
        settle(touching(ask(), "k", 0, "v"));
        settle(outcome);
    }

    function test_nothing_settles_without_a_guard() public {
        IPhatAnchor.Outcome memory outcome = push(0);
        outcome.reads = new IPhatAnchor.Read[](0);
        settleReverts(outcome, unguarded());
        outcome = push(0);
        outcome.writes = new IPhatAnchor.Write[](0);
        settleReverts(outcome, unguarded());
        outcome = push(0);
        outcome.writes[0].key = "k";
        settleReverts(outcome, unguarded());
        settleReverts(plain(0, ""), unguarded());
    }

    function test_a_guard_has_the_first_place() public {
        IPhatAnchor.Outcome memory outcome = push(0);
        IPhatAnchor.Write memory guard = outcome.writes[0];
        outcome.writes = new IPhatAnchor.Write[](2);
        (outcome.writes[0], outcome.writes[1]) = (IPhatAnchor.Write("k", "v"), guard);
        settleReverts(outcome, unguarded());
        (outcome.writes[0], outcome.writes[1]) = (guard, IPhatAnchor.Write("k", "v"));
        settle(outcome);
        hasValue("k", "v", 1);
    }

    function test_only_the_attestors_push() public {
        IPhatAnchor.Outcome memory outcome = push(0);
        bytes memory byStranger = sign(STRANGER_KEY, anchor, outcome);
        address stranger = vm.addr(STRANGER_KEY);
        settleReverts(outcome, byStranger, abi.encodeWithSelector(E.NotAttestor.selector, stranger));
        settleReverts(outcome, "", abi.encodeWithSelector(E.QuorumMissing.selector, 0, 1));
        hasValue(GUARD, "", 0);
    }

    /// The firing is signed: nobody brings one outcome as that of another.
    function testFuzz_the_firing_is_signed(bytes32 other) public {
        vm.assume(other != FIRING);
        IPhatAnchor.Outcome memory outcome = push(0);
        bytes memory signatures = signed(outcome);
        outcome.commitment = other;
        (bool done,) = address(anchor).call(abi.encodeCall(IPhatAnchor.settle, (outcome, signatures)));
        check(!done, "it went through under another name");
        hasValue(GUARD, "", 0);
    }

    function test_bounds_hold() public {
        setBounds(IPhatAnchor.Bounds(0, 0, false, false));
        settleReverts(push(0), abi.encodeWithSelector(E.WritesForbidden.selector));
        setBounds(IPhatAnchor.Bounds(uint40(START - 1), 0, true, false));
        settleReverts(push(0), abi.encodeWithSelector(E.AttestorsLapsed.selector, START - 1));
        setBounds(IPhatAnchor.Bounds(0, 2, true, false));
        settle(push(0));
        settle(plain(ask(), ""));
        uint256 nextHour = (START / 3600 + 1) * 3600;
        settleReverts(push(1), abi.encodeWithSelector(E.RateExceeded.selector, 2, nextHour));
        vm.warp(nextHour);
        settle(push(1));
    }

    function test_a_callback_that_fails_undoes_itself_alone() public {
        Recorder.Mood[4] memory moods =
            [Recorder.Mood.Refusing, Recorder.Mood.Verbose, Recorder.Mood.Wasteful, Recorder.Mood.Curt];
        for (uint64 i = 0; i < moods.length; ++i) {
            consumer.setMood(moods[i]);
            IPhatAnchor.Outcome memory outcome = push(i);
            bytes memory signatures = signed(outcome);
            emits(outcome, false);
            vm.prank(relayer);
            uint256 before = gasleft();
            anchor.settle{gas: 500_000}(outcome, signatures);
            check(before - gasleft() < 400_000, "the relayer pays for the waste");
            hasValue(GUARD, "time", i + 1);
            settleReverts(outcome, stale(i, i + 1));
        }
        equal(consumer.pushes(), 0);
        // It is no request.
        consumer.setMood(Recorder.Mood.Content);
        vm.expectRevert(abi.encodeWithSelector(E.NotFailed.selector, 0));
        anchor.retry(address(consumer), 0, true, "output");
    }

    function test_what_was_refused_is_kept_and_taken_later_once() public {
        consumer.setMood(Recorder.Mood.Refusing);
        bytes memory unwilling = abi.encodeWithSelector(Recorder.Unwilling.selector, uint256(FIRING));
        IPhatAnchor.Outcome memory outcome = push(0);
        bytes memory signatures = signed(outcome);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.PushRefused(FIRING, address(consumer), unwilling);
        emits(outcome, false);
        vm.prank(relayer);
        anchor.settle(outcome, signatures);

        retryFails(FIRING, true, "output", abi.encodeWithSelector(E.CallbackReverted.selector, unwilling));
        consumer.setMood(Recorder.Mood.Content);
        retryFails(FIRING, true, "another", abi.encodeWithSelector(E.OutcomeMismatch.selector, FIRING));
        retryFails(FIRING, false, "output", abi.encodeWithSelector(E.OutcomeMismatch.selector, FIRING));
        retryFails("other", true, "output", abi.encodeWithSelector(E.NotFailed.selector, bytes32("other")));
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.PushRetried(FIRING, address(consumer));
        retryPush("output");
        equal(consumer.pushes(), 1);
        equal(uint256(consumer.lastFiring()), uint256(FIRING));
        equal(consumer.lastOutput(), "output");
        hasValue(GUARD, "time", 1);
        retryFails(FIRING, true, "output", nothingKept());
        settleReverts(outcome, stale(0, 1));
    }

    /// As `require` does without a text, or a call in the callback to what is no contract.
    function test_what_was_refused_without_a_reason_is_kept_too() public {
        consumer.setMood(Recorder.Mood.Curt);
        IPhatAnchor.Outcome memory outcome = push(0);
        bytes memory signatures = signed(outcome);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.PushRefused(FIRING, address(consumer), "");
        emits(outcome, false);
        vm.prank(relayer);
        anchor.settle(outcome, signatures);

        retryFails(FIRING, true, "output", abi.encodeWithSelector(E.CallbackReverted.selector, bytes("")));
        consumer.setMood(Recorder.Mood.Content);
        retryFails(FIRING, true, "another", abi.encodeWithSelector(E.OutcomeMismatch.selector, FIRING));
        retryPush("output");
        equal(consumer.pushes(), 1);
        equal(consumer.lastOutput(), "output");
        retryFails(FIRING, true, "output", nothingKept());
        settleReverts(outcome, stale(0, 1));
    }

    function test_what_was_taken_does_not_come_again() public {
        settle(push(0));
        retryFails(FIRING, true, "output", nothingKept());
        equal(consumer.pushes(), 1);
    }

    function test_of_a_firing_the_one_refused_last_is_kept() public {
        consumer.setMood(Recorder.Mood.Refusing);
        settle(pushOf(FIRING, 0, "first"));
        settle(pushOf(FIRING, 1, "second"));
        settle(pushOf("other", 2, "third"));
        consumer.setMood(Recorder.Mood.Content);
        retryFails(FIRING, true, "first", abi.encodeWithSelector(E.OutcomeMismatch.selector, FIRING));
        retryPush("second");
        anchor.retryPush(address(consumer), "other", true, "third");
        equal(consumer.lastOutput(), "third");
        equal(consumer.pushes(), 2);
    }

    /// A key that was stolen piles up nothing for the time when it is gone.
    function test_another_attestor_set_voids_what_is_kept() public {
        consumer.setMood(Recorder.Mood.Refusing);
        settle(push(0));
        consumer.setMood(Recorder.Mood.Content);
        setAttestors(1, one(vm.addr(STRANGER_KEY)));
        retryFails(FIRING, true, "output", nothingKept());
        setAttestors(1, one(attestor));
        retryFails(FIRING, true, "output", nothingKept());
        equal(consumer.pushes(), 0);
    }

    function test_what_lacked_gas_is_kept() public {
        consumer.setMood(Recorder.Mood.Wasteful);
        IPhatAnchor.Outcome memory outcome = push(0);
        bytes memory signatures = signed(outcome);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.PushRefused(FIRING, address(consumer), "");
        anchor.settle(outcome, signatures);
        consumer.setMood(Recorder.Mood.Content);
        retryPush("output");
        equal(consumer.pushes(), 1);
    }

    function test_a_retry_is_not_starved() public {
        consumer.setMood(Recorder.Mood.Telling);
        vm.prank(owner);
        anchor.setCallbackGas(address(consumer), 50_000);
        settle(push(0));
        equal(consumer.pushes(), 0);
        bytes memory call = abi.encodeCall(IPhatAnchor.retryPush, (address(consumer), FIRING, true, "output"));
        for (uint256 gas = 20_000; consumer.pushes() == 0; gas += 20_000) {
            (bool done,) = address(anchor).call{gas: gas}(call);
            check(!done || gas > 5_000_000, "less than any callback may have is enough");
        }
        check(consumer.listener().heardAll(), "the callback was cut short");
    }

    function test_a_retry_cannot_be_entered_again() public {
        consumer.setMood(Recorder.Mood.Refusing);
        settle(push(0));
        bytes memory call = abi.encodeCall(IPhatAnchor.retryPush, (address(consumer), FIRING, true, "output"));
        consumer.setCall(address(anchor), call);
        retryPush("output");
        check(!consumer.callDone(), "it was taken twice");
        equal(consumer.callResult(), nothingKept());
        equal(consumer.pushes(), 1);
    }

    /// With rising gas, until it does not revert: whatever the gas, the callback is done in full or not tried.
    function test_low_gas_never_turns_a_good_callback_into_a_failed_one() public {
        consumer.setMood(Recorder.Mood.Telling);
        vm.prank(owner);
        anchor.setCallbackGas(address(consumer), 600_000);
        IPhatAnchor.Outcome memory outcome = push(0);
        bytes memory call = abi.encodeCall(IPhatAnchor.settle, (outcome, signed(outcome)));
        uint256 refused = 0;
        for (uint256 gas = 100_000; consumer.pushes() == 0; gas += 20_000) {
            (bool done,) = address(anchor).call{gas: gas}(call);
            check(done == (consumer.pushes() == 1), "settled without its callback");
            if (!done) ++refused;
        }
        check(refused > 10, "no gas was too little");
        check(consumer.listener().heardAll(), "the callback was cut short");
    }

    function test_a_callback_cannot_bring_it_again() public {
        vm.prank(owner);
        anchor.setCallbackGas(address(consumer), 1_000_000);
        IPhatAnchor.Outcome memory outcome = push(0);
        consumer.setCall(address(anchor), abi.encodeCall(IPhatAnchor.settle, (outcome, signed(outcome))));
        settle(outcome);
        check(!consumer.callDone(), "it was settled from within");
        equal(consumer.callResult(), stale(0, 1));
        equal(consumer.pushes(), 1);
    }

    function test_batches_take_both_kinds() public {
        IPhatAnchor.Outcome[] memory outcomes = new IPhatAnchor.Outcome[](5);
        bytes[] memory signatures = new bytes[](5);
        outcomes[0] = plain(ask(), "");
        outcomes[1] = push(0);
        outcomes[2] = push(0);
        outcomes[3] = plain(0, "");
        outcomes[4] = push(1);
        for (uint256 i = 0; i < 5; ++i) {
            signatures[i] = signed(outcomes[i]);
        }
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.OutcomeRefused(0, address(consumer), stale(0, 1));
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.OutcomeRefused(0, address(consumer), unguarded());
        equal(settleBatch(outcomes, signatures), 1 + 2 + 16);
        equal(consumer.pushes(), 2);
        isSettled(1);
    }

    function test_nobody_is_paid_for_it() public {
        uint256 id = askWithTerms(1 gwei, uint40(START + 1));
        settle(push(0));
        equal(anchor.creditOf(relayer), 0);
        settle(onTerms(id, "", 1 gwei, uint40(START + 1)));
        equal(anchor.creditOf(relayer), 1 gwei);
    }
}

/// A consumer with a lock that holds while it calls an account, as against being called back in.
abstract contract Locked {
    bool private locked;
    uint256 public taken;

    modifier locking() {
        if (locked) revert();
        locked = true;
        _;
        locked = false;
    }

    function callMe() external locking {
        (bool done,) = msg.sender.call("");
        require(done, "not called");
    }
}

contract Locking is PhatAnchor, Locked {
    constructor(address owner, address[] memory attestors) PhatAnchor(owner, attestors, 1) {}

    function _onOutcome(uint256, bool, bytes calldata) internal override locking {}

    function _onPush(bytes32, bool, bytes calldata) internal override locking {
        ++taken;
    }
}

contract LockingShared is IPhatPushConsumer, Locked {
    constructor(IPhatHub hub, address owner, address[] memory attestors) {
        hub.register(owner, 1, attestors);
    }

    function onPhatPush(bytes32, bool, bytes calldata) external locking {
        ++taken;
    }
}

/// Settles an outcome at the moment at which its consumer refuses it.
contract Suppressor {
    address private anchor;
    bytes private call;

    function suppress(Locked target, address anchor_, bytes calldata call_) external {
        (anchor, call) = (anchor_, call_);
        target.callMe();
    }

    fallback() external {
        (bool done,) = anchor.call(call);
        require(done, "not settled");
    }
}

contract InheritedPushTest is PushTest, AtInherited {
    function test_whoever_chooses_the_moment_suppresses_nothing() public {
        Locking target = new Locking(owner, one(attestor));
        IPhatAnchor.Outcome memory outcome = push(0);
        outcome.consumer = address(target);
        bytes memory signatures = sign(ATTESTOR_KEY, target, outcome);
        new Suppressor().suppress(target, address(target), abi.encodeCall(IPhatAnchor.settle, (outcome, signatures)));
        equal(target.taken(), 0);
        vm.expectRevert(stale(0, 1));
        target.settle(outcome, signatures);
        target.retryPush(address(target), FIRING, true, "output");
        equal(target.taken(), 1);
        vm.expectRevert(nothingKept());
        target.retryPush(address(target), FIRING, true, "output");
    }

    function test_only_the_anchor_calls_back() public {
        InheritedRecorder recorder = InheritedRecorder(payable(address(consumer)));
        vm.expectRevert(abi.encodeWithSelector(E.OnlyAnchor.selector, relayer));
        vm.prank(relayer);
        recorder.onPhatPush(FIRING, true, "");
    }
}

contract SharedPushTest is PushTest, AtShared {
    function test_a_consumer_may_have_no_callback_for_it() public {
        LensStatsShared stats = new LensStatsShared(hub, owner, one(attestor));
        IPhatAnchor.Outcome memory outcome = push(0);
        outcome.consumer = address(stats);
        bytes memory signatures = signed(outcome);
        vm.expectEmit(address(hub));
        emit IPhatAnchor.PushRefused(FIRING, address(stats), "");
        emits(outcome, false);
        vm.prank(relayer);
        hub.settle(outcome, signatures);
        // It counts as refused, and is refused again.
        vm.expectRevert(abi.encodeWithSelector(E.CallbackReverted.selector, bytes("")));
        hub.retryPush(address(stats), FIRING, true, "output");
        (bytes memory value, uint64 version) = hub.getValue(address(stats), GUARD);
        equal(value, "time");
        equal(version, 1);
    }

    /// A lock that holds gives no reason here.
    function test_whoever_chooses_the_moment_suppresses_nothing() public {
        LockingShared target = new LockingShared(hub, owner, one(attestor));
        IPhatAnchor.Outcome memory outcome = push(0);
        outcome.consumer = address(target);
        bytes memory call = abi.encodeCall(IPhatAnchor.settle, (outcome, signed(outcome)));
        new Suppressor().suppress(target, address(hub), call);
        equal(target.taken(), 0);
        vm.expectRevert(nothingKept());
        hub.retryPush(address(consumer), FIRING, true, "output");
        hub.retryPush(address(target), FIRING, true, "output");
        equal(target.taken(), 1);
        vm.expectRevert(nothingKept());
        hub.retryPush(address(target), FIRING, true, "output");
    }

    function test_of_consumers_that_are_not_registered_nothing_settles() public {
        IPhatAnchor.Outcome memory outcome = push(0);
        outcome.consumer = relayer;
        bytes memory signatures = signed(outcome);
        vm.expectRevert(abi.encodeWithSelector(E.NotAttestor.selector, attestor));
        hub.settle(outcome, signatures);
    }

    function test_an_outcome_is_for_one_consumer() public {
        IPhatAnchor.Outcome memory outcome = push(0);
        bytes memory signatures = signed(outcome);
        (, Recorder other) = make(1, one(attestor));
        outcome.consumer = address(other);
        (bool done,) = address(hub).call(abi.encodeCall(IPhatAnchor.settle, (outcome, signatures)));
        check(!done, "it went to another consumer");
        equal(SharedRecorder(payable(address(other))).pushes(), 0);
    }
}
