// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatHub} from "../src/PhatHub.sol";
import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors as E} from "../src/interfaces/IPhatAnchorErrors.sol";
import {AnchorTest, AtInherited, AtShared} from "./support/AnchorTest.sol";
import {Recorder} from "./support/Recorders.sol";

/// Requests, and the settlement of one.
abstract contract SettleTest is AnchorTest {
    uint256 private constant INPUT_BYTES_MAX = 16_384;

    function test_request_tells_all_that_an_outcome_is_bound_to() public {
        check(statusOf(1) == IPhatAnchor.Status.None, "made before it was made");
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.Requested(1, address(consumer), requester, INPUT, 0, 0);
        equal(ask(), 1);
        isOpen(1);
        uint40 deadline = uint40(START + 60);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.Requested(2, address(consumer), requester, INPUT, 3 gwei, deadline);
        equal(askWithTerms(3 gwei, deadline), 2);
        equal(anchor.requestCount(address(consumer)), 2);
        check(statusOf(0) == IPhatAnchor.Status.None, "0 is no id");
        check(statusOf(3) == IPhatAnchor.Status.None, "made before it was made");
        check(
            anchor.commitmentOf(address(consumer), requester, INPUT, 3 gwei, deadline)
                == onTerms(2, "", 3 gwei, deadline).commitment,
            "another commitment"
        );
    }

    function test_input_has_a_bound() public {
        consumer.ask(new bytes(INPUT_BYTES_MAX));
        vm.expectRevert(abi.encodeWithSelector(E.InputTooLarge.selector, INPUT_BYTES_MAX + 1, INPUT_BYTES_MAX));
        consumer.ask(new bytes(INPUT_BYTES_MAX + 1));
    }

    function test_settles_in_any_order_once_each() public {
        (uint256 first, uint256 second) = (ask(), ask());
        IPhatAnchor.Outcome memory late = plain(second, "two");
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.Settled(second, address(consumer), relayer, true, true);
        settle(late);
        isSettled(second);
        isOpen(first);
        equal(consumer.lastOutput(), "two");
        IPhatAnchor.Outcome memory failed = plain(first, "timeout: deadline");
        failed.success = false;
        settle(failed);
        isSettled(first);
        equal(consumer.lastId(), first);
        check(!consumer.lastSuccess(), "a failed run reads as a success");
        settleReverts(late, alreadySettled(second));
        settleReverts(failed, alreadySettled(first));
        equal(consumer.calls(), 2);
    }

    function test_a_request_that_was_not_made_is_unknown() public {
        settleReverts(plain(1, ""), abi.encodeWithSelector(E.UnknownRequest.selector, 1));
        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        outcome.consumer = address(0xdead);
        settleReverts(outcome, abi.encodeWithSelector(E.UnknownRequest.selector, 1));
        outcome = plain(2 ** 255, "");
        settleReverts(outcome, abi.encodeWithSelector(E.UnknownRequest.selector, outcome.requestId));
    }

    function test_an_outcome_of_a_request_that_is_gone_is_refused() public {
        uint256 snapshot = vm.snapshotState();
        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        settle(outcome);
        bytes memory signatures = signed(outcome);
        // The block is undone, and somebody else asks first.
        check(vm.revertToState(snapshot), "cannot go back");
        uint256 id = consumer.ask(INPUT);
        equal(id, outcome.requestId);
        bytes32 actual = anchor.commitmentOf(address(consumer), address(this), INPUT, 0, 0);
        settleReverts(
            outcome,
            signatures,
            abi.encodeWithSelector(E.CommitmentMismatch.selector, id, outcome.commitment, bytes20(actual))
        );
        isOpen(id);
    }

    function test_every_part_of_the_terms_is_bound() public {
        uint40 deadline = uint40(START + 60);
        uint256 id = askWithTerms(2 gwei, deadline);
        bytes32[5] memory others = [
            anchor.commitmentOf(relayer, requester, INPUT, 2 gwei, deadline),
            anchor.commitmentOf(address(consumer), relayer, INPUT, 2 gwei, deadline),
            anchor.commitmentOf(address(consumer), requester, "other", 2 gwei, deadline),
            anchor.commitmentOf(address(consumer), requester, INPUT, 1 gwei, deadline),
            anchor.commitmentOf(address(consumer), requester, INPUT, 2 gwei, deadline + 1)
        ];
        IPhatAnchor.Outcome memory outcome = onTerms(id, "", 2 gwei, deadline);
        bytes20 actual = bytes20(outcome.commitment);
        for (uint256 i = 0; i < others.length; ++i) {
            IPhatAnchor.Outcome memory other = onTerms(id, "", 2 gwei, deadline);
            other.commitment = others[i];
            settleReverts(other, abi.encodeWithSelector(E.CommitmentMismatch.selector, id, others[i], actual));
        }
        settle(outcome);
    }

    function test_a_changed_outcome_is_not_signed() public {
        IPhatAnchor.Outcome memory outcome = touching(ask(), "k", 0, "v");
        bytes memory signatures = signed(outcome);
        bytes32 digest = anchor.outcomeDigest(outcome);
        for (uint256 i = 0; i < 7; ++i) {
            IPhatAnchor.Outcome memory changed = touching(outcome.requestId, "k", 0, "v");
            if (i == 0) changed.success = false;
            if (i == 1) changed.output = "x";
            if (i == 2) changed.reads[0].key = "l";
            if (i == 3) changed.reads = new IPhatAnchor.Read[](0);
            if (i == 4) changed.writes[0].key = "l";
            if (i == 5) changed.writes[0].value = "w";
            if (i == 6) changed.writes = new IPhatAnchor.Write[](0);
            check(anchor.outcomeDigest(changed) != digest, "the digest does not depend on it");
            (bool done, bytes memory reason) =
                address(anchor).call(abi.encodeCall(IPhatAnchor.settle, (changed, signatures)));
            check(!done && bytes4(reason) == E.NotAttestor.selector, "another outcome was settled");
        }
        settle(outcome);
    }

    function test_a_signature_is_for_one_chain_and_one_anchor() public {
        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        vm.chainId(99);
        bytes memory otherChain = signed(outcome);
        vm.chainId(31_337);
        bytes memory otherAnchor = sign(ATTESTOR_KEY, new PhatHub(), outcome);
        bytes[2] memory foreign = [otherChain, otherAnchor];
        for (uint256 i = 0; i < foreign.length; ++i) {
            (bool done, bytes memory reason) =
                address(anchor).call(abi.encodeCall(IPhatAnchor.settle, (outcome, foreign[i])));
            check(!done && bytes4(reason) == E.NotAttestor.selector, "settled with a foreign signature");
        }
        settle(outcome);
    }

    function test_the_digest_is_that_of_EIP_712() public view {
        IPhatAnchor.Outcome memory outcome = touching(7, "k", 3, "value");
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("PhatAnchor"),
                keccak256("1"),
                block.chainid,
                anchor
            )
        );
        bytes32 read = keccak256(abi.encode(keccak256("Read(bytes32 key,uint64 version)"), bytes32("k"), 3));
        bytes32 write =
            keccak256(abi.encode(keccak256("Write(bytes32 key,bytes value)"), bytes32("k"), keccak256("value")));
        bytes32 hash = keccak256(
            abi.encode(
                keccak256(
                    "Outcome(uint256 requestId,address consumer,bytes32 commitment,bool success,bytes output,"
                    "Read[] reads,Write[] writes)Read(bytes32 key,uint64 version)Write(bytes32 key,bytes value)"
                ),
                7,
                consumer,
                outcome.commitment,
                true,
                keccak256(""),
                keccak256(abi.encode(read)),
                keccak256(abi.encode(write))
            )
        );
        check(anchor.outcomeDigest(outcome) == keccak256(abi.encodePacked(hex"1901", domain, hash)), "another digest");
    }

    function test_the_slot_of_a_settled_request_is_cleared() public {
        uint256 id = ask();
        settle(plain(id, ""));
        vm.record();
        anchor.status(address(consumer), id);
        (bytes32[] memory read,) = vm.accesses(address(anchor));
        check(vm.load(address(anchor), read[0]) == 0, "the slot still holds something");
    }

    function test_only_the_anchor_calls_back() public {
        (bool done,) = address(consumer).call(abi.encodeWithSignature("onPhatOutcome(uint256,bool,bytes)", 1, true, ""));
        check(!done, "anyone can answer");
        equal(consumer.calls(), 0);
    }
}

contract InheritedSettleTest is SettleTest, AtInherited {}

contract SharedSettleTest is SettleTest, AtShared {
    function test_consumers_do_not_touch_each_other() public {
        (, Recorder other) = make(1, one(vm.addr(STRANGER_KEY)));
        (uint256 mine, uint256 theirs) = (ask(), other.ask(INPUT));
        equal(mine, theirs);
        IPhatAnchor.Outcome memory outcome = plain(mine, "");
        settleReverts(
            outcome,
            sign(STRANGER_KEY, anchor, outcome),
            abi.encodeWithSelector(E.NotAttestor.selector, vm.addr(STRANGER_KEY))
        );
        settle(outcome);
        check(anchor.status(address(other), theirs) == IPhatAnchor.Status.Open, "the wrong one was settled");
        equal(other.calls(), 0);
    }
}
