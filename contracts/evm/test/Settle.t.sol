// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {PhatAnchor} from "../src/PhatAnchor.sol";
import {AnchorTest} from "./support/AnchorTest.sol";
import {Recorder, Reentrant, Refuser} from "./support/Consumers.sol";

contract SettleTest is AnchorTest {
    function test_outcome_reaches_the_consumer() public {
        uint256 id = anchor.ask("question");
        vm.expectEmit(address(anchor));
        emit PhatAnchor.Settled(id, true, relayer);
        settle(plain(id, "answer"));
        check(anchor.status(id) == PhatAnchor.Status.Settled, "the request is not settled");
        equal(anchor.calls(), 1);
        equal(anchor.lastId(), id);
        check(anchor.lastSuccess(), "success was lost");
        equal(anchor.lastOutput(), "answer");
    }

    function test_failed_run_reaches_the_consumer() public {
        PhatAnchor.Outcome memory outcome = plain(anchor.ask(""), "fuel: out of fuel");
        outcome.success = false;
        settle(outcome);
        check(!anchor.lastSuccess(), "failure was lost");
        equal(anchor.lastOutput(), "fuel: out of fuel");
    }

    function test_second_settlement_is_refused() public {
        uint256 id = anchor.ask("");
        settle(plain(id, "first"));
        bytes memory reason = abi.encodeWithSelector(PhatAnchor.AlreadySettled.selector, id);
        settleReverts(plain(id, "first"), reason);
        settleReverts(plain(id, "second"), reason);
        // Nor does a commitment that equals what the anchor now keeps there.
        for (uint256 word = 0; word < 3; ++word) {
            PhatAnchor.Outcome memory marked = plain(id, "third");
            marked.commitment = bytes32(word);
            settleReverts(marked, reason);
        }
        equal(anchor.lastOutput(), "first");
    }

    function test_requests_settle_in_any_order() public {
        for (uint256 i = 0; i < 300; ++i) {
            anchor.ask("");
        }
        for (uint256 id = 300; id > 0; --id) {
            settle(plain(id, ""));
            if (id > 1) check(anchor.status(id - 1) == PhatAnchor.Status.Open, "a neighbour was settled too");
        }
        equal(anchor.calls(), 300);
    }

    function test_unknown_requests_are_refused() public {
        anchor.ask("");
        uint256[3] memory ids = [uint256(0), 2, type(uint256).max];
        for (uint256 i = 0; i < ids.length; ++i) {
            settleReverts(plain(ids[i], ""), abi.encodeWithSelector(PhatAnchor.UnknownRequest.selector, ids[i]));
        }
    }

    function test_strangers_signature_is_refused() public {
        PhatAnchor.Outcome memory outcome = plain(anchor.ask(""), "");
        settleReverts(
            outcome,
            sign(STRANGER_KEY, outcome),
            abi.encodeWithSelector(PhatAnchor.NotAttestor.selector, vm.addr(STRANGER_KEY))
        );
    }

    /// Each field of the outcome is under the signature.
    function test_changed_outcome_is_refused() public {
        uint256 id = anchor.ask("");
        anchor.ask("");
        bytes memory signature = sign(ATTESTOR_KEY, touching(id, "k", 0, "value"));
        for (uint256 field = 0; field < 9; ++field) {
            PhatAnchor.Outcome memory outcome = touching(id, "k", 0, "value");
            if (field == 0) outcome.requestId = id + 1;
            if (field == 1) outcome.success = false;
            if (field == 2) outcome.output = "other";
            if (field == 3) outcome.reads[0].key = "l";
            if (field == 4) outcome.reads[0].version = 1;
            if (field == 5) outcome.reads = new PhatAnchor.Read[](0);
            if (field == 6) outcome.writes[0].key = "l";
            if (field == 7) outcome.writes[0].value = "valuf";
            if (field == 8) outcome.writes = new PhatAnchor.Write[](0);
            (bool done, bytes memory reason) =
                address(anchor).call(abi.encodeCall(PhatAnchor.settle, (outcome, signature)));
            check(!done, "a changed outcome was taken");
            check(bytes4(reason) == PhatAnchor.NotAttestor.selector, "another error");
        }
        anchor.settle(touching(id, "k", 0, "value"), signature);
    }

    function test_outcome_for_another_anchor_is_refused() public {
        Recorder other = new Recorder(owner, attestors());
        PhatAnchor.Outcome memory outcome = plain(anchor.ask(""), "");
        other.ask("");
        bytes memory signature = sign(ATTESTOR_KEY, outcome);
        (bool done, bytes memory reason) = address(other).call(abi.encodeCall(PhatAnchor.settle, (outcome, signature)));
        check(!done && bytes4(reason) == PhatAnchor.NotAttestor.selector, "replayed on another anchor");
    }

    function test_outcome_for_another_chain_is_refused() public {
        PhatAnchor.Outcome memory outcome = plain(anchor.ask(""), "");
        bytes memory signature = sign(ATTESTOR_KEY, outcome);
        uint256 here = block.chainid;
        vm.chainId(here + 1);
        (bool done, bytes memory reason) = address(anchor).call(abi.encodeCall(PhatAnchor.settle, (outcome, signature)));
        check(!done && bytes4(reason) == PhatAnchor.NotAttestor.selector, "replayed on another chain");
        vm.chainId(here);
        anchor.settle(outcome, signature);
    }

    function test_malleable_signature_is_refused() public {
        PhatAnchor.Outcome memory outcome = plain(anchor.ask(""), "");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ATTESTOR_KEY, anchor.outcomeDigest(outcome));
        bytes32 high = bytes32(CURVE_ORDER - uint256(s));
        settleReverts(
            outcome,
            abi.encodePacked(r, high, v == 27 ? uint8(28) : uint8(27)),
            abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, high)
        );
    }

    function test_malformed_signatures_are_refused() public {
        PhatAnchor.Outcome memory outcome = plain(anchor.ask(""), "");
        bytes memory whole = sign(ATTESTOR_KEY, outcome);
        (bytes memory short, bytes memory long) = (new bytes(64), abi.encodePacked(whole, uint8(0)));
        settleReverts(outcome, "", abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 0));
        settleReverts(outcome, short, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 64));
        settleReverts(outcome, long, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, 66));
        settleReverts(outcome, new bytes(65), abi.encodeWithSelector(ECDSA.ECDSAInvalidSignature.selector));
        // The recovery id 0 or 1 instead of 27 or 28.
        whole[64] = bytes1(uint8(whole[64]) - 27);
        settleReverts(outcome, whole, abi.encodeWithSelector(ECDSA.ECDSAInvalidSignature.selector));
    }

    function test_reverting_consumer_leaves_its_request_open() public {
        anchor = new Refuser(owner, attestors());
        uint256 id = anchor.ask("");
        settleReverts(touching(id, "k", 0, "v"), abi.encodeWithSelector(Refuser.Refused.selector));
        hasValue("k", "", 0);
    }

    function test_reentrant_consumer_cannot_settle_twice() public {
        Reentrant reentrant = new Reentrant(owner, attestors());
        anchor = reentrant;
        uint256 id = anchor.ask("");
        PhatAnchor.Outcome memory outcome = touching(id, "k", 0, "v");
        reentrant.arm(abi.encodeCall(PhatAnchor.settle, (outcome, sign(ATTESTOR_KEY, outcome))));
        settle(outcome);
        equal(reentrant.refusal(), abi.encodeWithSelector(PhatAnchor.AlreadySettled.selector, id));
        equal(anchor.calls(), 1);
        hasValue("k", "v", 1);
        check(anchor.status(id + 1) == PhatAnchor.Status.Open, "asking anew from the callback failed");
    }

    function test_request_from_within_the_callback_is_the_relayers() public {
        Reentrant reentrant = new Reentrant(owner, attestors());
        anchor = reentrant;
        vm.prank(owner);
        uint256 id = anchor.ask("");
        PhatAnchor.Outcome memory outcome = plain(id, "");
        bytes memory signature = sign(ATTESTOR_KEY, outcome);
        reentrant.arm(abi.encodeCall(PhatAnchor.settle, (outcome, signature)));
        vm.expectEmit(address(anchor));
        emit PhatAnchor.Requested(id + 1, relayer, "anew");
        vm.prank(relayer);
        anchor.settle(outcome, signature);
    }
}
