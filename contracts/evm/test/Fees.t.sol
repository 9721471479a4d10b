// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors as E} from "../src/interfaces/IPhatAnchorErrors.sol";
import {AnchorTest, AtInherited, AtShared} from "./support/AnchorTest.sol";
import {InheritedRecorder, Recorder} from "./support/Recorders.sol";

/// @title An account that takes no payment
contract Poor {
    function claim(IPhatAnchor anchor, address payable to) external {
        anchor.claim(to);
    }
}

/// @title An account that claims again while it is paid
contract Greedy {
    IPhatAnchor private immutable anchor;
    bool public paidTwice;

    constructor(IPhatAnchor anchor_) {
        anchor = anchor_;
    }

    function claim() external {
        anchor.claim(payable(address(this)));
    }

    receive() external payable {
        (paidTwice,) = address(anchor).call(abi.encodeCall(IPhatAnchor.claim, (payable(address(this)))));
    }
}

/// Fees, deadlines, refunds and credits.
abstract contract FeesTest is AnchorTest {
    uint96 internal constant FEE = 5 gwei;
    uint256 private constant FEE_MAX = (2 ** 48 - 1) * 1 gwei;
    uint40 internal constant DEADLINE = uint40(START + 60);

    function owes(address account, uint256 amount) internal view {
        equal(anchor.creditOf(account), amount);
    }

    function expire(uint256 id) internal {
        anchor.expire(address(consumer), id, requester, keccak256(INPUT));
    }

    function expireFails(uint256 id, bytes memory reason) internal {
        vm.expectRevert(reason);
        expire(id);
    }

    function settledFor(uint96 fee) internal returns (IPhatAnchor.Outcome memory outcome) {
        outcome = onTerms(askWithTerms(fee, DEADLINE), "", fee, DEADLINE);
        settle(outcome);
    }

    function test_a_fee_is_the_relayers_and_claimed_once() public {
        settledFor(FEE);
        owes(relayer, FEE);
        equal(address(anchor).balance, FEE);
        vm.startPrank(relayer);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.Claimed(relayer, address(0xbeef), FEE);
        equal(anchor.claim(payable(address(0xbeef))), FEE);
        equal(address(0xbeef).balance, FEE);
        equal(address(anchor).balance, 0);
        vm.expectRevert(abi.encodeWithSelector(E.NothingToClaim.selector, relayer));
        anchor.claim(payable(relayer));
        vm.stopPrank();
    }

    function test_fees_of_a_batch_are_credited_together() public {
        IPhatAnchor.Outcome[] memory outcomes = new IPhatAnchor.Outcome[](3);
        bytes[] memory signatures = new bytes[](3);
        for (uint96 i = 0; i < 3; ++i) {
            uint96 fee = FEE * (i + 1);
            outcomes[i] = onTerms(askWithTerms(fee, DEADLINE), "", fee, DEADLINE);
            signatures[i] = signed(outcomes[i]);
        }
        // One that is refused earns nothing.
        signatures[1] = signatures[0];
        vm.prank(relayer);
        anchor.settleBatch(outcomes, signatures);
        owes(relayer, 4 * FEE);
    }

    function test_a_failed_callback_earns_the_fee_too() public {
        consumer.setMood(Recorder.Mood.Refusing);
        settledFor(FEE);
        owes(relayer, FEE);
    }

    function test_a_request_settles_up_to_its_deadline() public {
        (uint256 first, uint256 second) = (askWithTerms(FEE, DEADLINE), askWithTerms(FEE, DEADLINE));
        vm.warp(DEADLINE);
        isOpen(second);
        expireFails(second, abi.encodeWithSelector(E.NotExpired.selector, second, DEADLINE));
        settle(onTerms(first, "", FEE, DEADLINE));
        vm.warp(DEADLINE + 1);
        check(statusOf(second) == IPhatAnchor.Status.Expired, "the deadline is not told");
        settleReverts(onTerms(second, "", FEE, DEADLINE), abi.encodeWithSelector(E.Expired.selector, second, DEADLINE));

        vm.expectEmit(address(anchor));
        emit IPhatAnchor.RequestExpired(second, address(consumer), requester, FEE);
        expire(second);
        check(statusOf(second) == IPhatAnchor.Status.Expired, "the refund is not told");
        owes(requester, FEE);
        expireFails(second, abi.encodeWithSelector(E.Expired.selector, second, 0));
        settleReverts(onTerms(second, "", FEE, DEADLINE), abi.encodeWithSelector(E.Expired.selector, second, 0));
        expireFails(first, alreadySettled(first));
        expireFails(99, abi.encodeWithSelector(E.UnknownRequest.selector, 99));
        vm.prank(requester);
        anchor.claim(payable(requester));
        equal(requester.balance, FEE);
        equal(consumer.callsOf(second), 0);
    }

    function test_a_refund_goes_to_the_requester_alone() public {
        uint256 id = askWithTerms(FEE, DEADLINE);
        vm.warp(DEADLINE + 1);
        vm.expectRevert(abi.encodeWithSelector(E.WrongPreimage.selector, id));
        anchor.expire(address(consumer), id, relayer, keccak256(INPUT));
        vm.expectRevert(abi.encodeWithSelector(E.WrongPreimage.selector, id));
        anchor.expire(address(consumer), id, requester, keccak256("other"));
        owes(relayer, 0);
    }

    function test_a_deadline_needs_no_fee() public {
        uint256 id = askWithTerms(0, DEADLINE);
        vm.warp(DEADLINE + 1);
        expire(id);
        owes(requester, 0);
        check(statusOf(id) == IPhatAnchor.Status.Expired, "the end is not told");
    }

    function test_a_request_without_a_deadline_never_expires() public {
        uint256 id = ask();
        vm.warp(type(uint40).max);
        isOpen(id);
        expireFails(id, abi.encodeWithSelector(E.NotExpired.selector, id, 0));
        settle(plain(id, ""));
    }

    function test_terms_that_make_no_sense_are_refused() public {
        termsFail(FEE, 0, abi.encodeWithSelector(E.FeeWithoutExpiry.selector));
        termsFail(FEE, uint40(START), abi.encodeWithSelector(E.InvalidExpiry.selector, START));
        termsFail(0, uint40(START), abi.encodeWithSelector(E.InvalidExpiry.selector, START));
        termsFail(FEE + 1, DEADLINE, abi.encodeWithSelector(E.InvalidFee.selector, FEE + 1));
        termsFail(FEE_MAX + 1 gwei, DEADLINE, abi.encodeWithSelector(E.InvalidFee.selector, FEE_MAX + 1 gwei));
        uint256 id = askWithTerms(uint96(FEE_MAX), type(uint40).max);
        settle(onTerms(id, "", uint96(FEE_MAX), type(uint40).max));
        owes(relayer, FEE_MAX);
    }

    function termsFail(uint256 fee, uint40 expiresAt, bytes memory reason) private {
        vm.deal(requester, fee);
        vm.prank(requester);
        vm.expectRevert(reason);
        consumer.askWithTerms{value: fee}(INPUT, expiresAt);
    }

    function test_a_refused_payment_keeps_the_credit() public {
        Poor poor = new Poor();
        IPhatAnchor.Outcome memory outcome = onTerms(askWithTerms(FEE, DEADLINE), "", FEE, DEADLINE);
        bytes memory signatures = signed(outcome);
        vm.prank(address(poor));
        anchor.settle(outcome, signatures);
        vm.expectRevert(abi.encodeWithSelector(E.PaymentRefused.selector, poor));
        poor.claim(anchor, payable(address(poor)));
        owes(address(poor), FEE);
        poor.claim(anchor, payable(address(0xbeef)));
        equal(address(0xbeef).balance, FEE);
    }

    function test_a_credit_is_not_paid_twice() public {
        Greedy greedy = new Greedy(anchor);
        settledFor(FEE);
        IPhatAnchor.Outcome memory outcome = onTerms(askWithTerms(FEE, DEADLINE), "", FEE, DEADLINE);
        bytes memory signatures = signed(outcome);
        vm.prank(address(greedy));
        anchor.settle(outcome, signatures);
        greedy.claim();
        check(!greedy.paidTwice(), "paid twice");
        equal(address(greedy).balance, FEE);
        owes(relayer, FEE);
        equal(address(anchor).balance, FEE);
    }

    function test_a_callback_can_neither_expire_its_request_nor_take_the_fee() public {
        uint256 id = askWithTerms(FEE, DEADLINE);
        consumer.setCall(
            address(anchor), abi.encodeCall(IPhatAnchor.expire, (address(consumer), id, requester, keccak256(INPUT)))
        );
        settle(onTerms(id, "", FEE, DEADLINE));
        check(!consumer.callDone(), "settled and expired");
        equal(consumer.callResult(), alreadySettled(id));
        owes(relayer, FEE);
        owes(requester, 0);
    }
}

contract InheritedFeesTest is FeesTest, AtInherited {
    function own() private view returns (InheritedRecorder) {
        return InheritedRecorder(payable(address(consumer)));
    }

    function test_a_consumer_cannot_promise_what_it_does_not_hold() public {
        InheritedRecorder poor = own();
        vm.expectRevert(abi.encodeWithSelector(E.FeeNotCovered.selector, 0, FEE));
        poor.askOnCredit(FEE, DEADLINE);
        askWithTerms(FEE, DEADLINE);
        equal(poor.reserved(), FEE);
        // What it holds belongs to the first request.
        vm.expectRevert(abi.encodeWithSelector(E.FeeNotCovered.selector, FEE, 2 * FEE));
        poor.askOnCredit(FEE, DEADLINE);
        vm.deal(address(poor), 2 * FEE);
        poor.askOnCredit(FEE, DEADLINE);
        equal(poor.reserved(), 2 * FEE);
    }

    function test_what_is_reserved_falls_when_it_is_paid_and_not_before() public {
        settledFor(FEE);
        uint256 id = askWithTerms(2 * FEE, DEADLINE);
        equal(own().reserved(), 3 * FEE);
        vm.prank(relayer);
        anchor.claim(payable(relayer));
        equal(own().reserved(), 2 * FEE);
        vm.warp(DEADLINE + 1);
        expire(id);
        equal(own().reserved(), 2 * FEE);
        vm.prank(requester);
        anchor.claim(payable(requester));
        equal(own().reserved(), 0);
    }
}

contract SharedFeesTest is FeesTest, AtShared {}
