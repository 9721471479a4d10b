// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../src/PhatAnchor.sol";
import {AnchorTest} from "./support/AnchorTest.sol";

/// What binds an outcome to the content of its request when a reorganisation gives the request's id to another one.
contract CommitmentTest is AnchorTest {
    function mismatch(uint256 id, bytes32 expected, bytes32 actual) private pure returns (bytes memory) {
        return abi.encodeWithSelector(PhatAnchor.CommitmentMismatch.selector, id, expected, actual);
    }

    function askAs(address requester, bytes memory input) private returns (uint256 id) {
        vm.prank(requester);
        id = anchor.ask(input);
    }

    /// An outcome is signed, its request is reorganised away, and `requester` gets the id by asking `input`.
    function replacedBy(address requester, bytes memory input) private {
        uint256 before = vm.snapshotState();
        uint256 id = askAs(relayer, "price of A");
        PhatAnchor.Outcome memory old = plain(id, "1");
        bytes memory signature = sign(ATTESTOR_KEY, old);
        check(vm.revertToState(before), "the chain was not reverted");
        check(anchor.status(id) == PhatAnchor.Status.None, "the request is still there");

        equal(askAs(requester, input), id);
        PhatAnchor.Outcome memory current = plain(id, "2");
        settleReverts(old, signature, mismatch(id, old.commitment, current.commitment));

        // Written over, the commitment is no longer the one that was signed.
        PhatAnchor.Outcome memory forged = old;
        forged.commitment = current.commitment;
        (bool done, bytes memory reason) = address(anchor).call(abi.encodeCall(PhatAnchor.settle, (forged, signature)));
        check(!done && bytes4(reason) == PhatAnchor.NotAttestor.selector, "the commitment is not under the signature");

        equal(anchor.calls(), 0);
        settle(current);
        equal(anchor.lastOutput(), "2");
    }

    function test_outcome_is_refused_when_another_input_took_the_id() public {
        replacedBy(relayer, "price of B");
    }

    function test_outcome_is_refused_when_another_requester_took_the_id() public {
        replacedBy(owner, "price of A");
    }

    function test_outcome_still_settles_when_the_same_request_is_made_again() public {
        uint256 before = vm.snapshotState();
        PhatAnchor.Outcome memory outcome = plain(askAs(relayer, "price of A"), "1");
        bytes memory signature = sign(ATTESTOR_KEY, outcome);
        check(vm.revertToState(before), "the chain was not reverted");
        uint256 id = askAs(relayer, "price of A");
        anchor.settle(outcome, signature);
        check(anchor.status(id) == PhatAnchor.Status.Settled, "the same request was taken for another");
    }

    function test_outcomes_of_two_requests_cannot_change_places() public {
        (uint256 first, uint256 second) = (anchor.ask("first"), anchor.ask("second"));
        PhatAnchor.Outcome memory swapped = plain(first, "");
        swapped.requestId = second;
        settleReverts(swapped, mismatch(second, anchor.commitments(first), anchor.commitments(second)));
    }

    /// The reason that a relayer acts on comes first: this outcome is useless even if its signer is allowed again.
    function test_mismatch_is_told_before_the_signer_is_looked_at() public {
        uint256 id = anchor.ask("");
        bytes32 actual = anchor.commitments(id);
        PhatAnchor.Outcome memory outcome = plain(id, "");
        outcome.commitment = "other";
        settleReverts(outcome, sign(STRANGER_KEY, outcome), mismatch(id, "other", actual));
        settleReverts(outcome, "", mismatch(id, "other", actual));
    }

    function testFuzz_commitment_is_the_hash_of_requester_and_input(address requester, bytes memory input) public view {
        bytes32 wanted = keccak256(abi.encode(requester, keccak256(input)));
        check(anchor.commitmentOf(requester, input) == wanted, "another commitment");
    }

    /// No other commitment than the request's own settles it.
    function testFuzz_other_commitments_are_refused(bytes32 commitment) public {
        uint256 id = anchor.ask("");
        bytes32 actual = anchor.commitments(id);
        vm.assume(commitment != actual);
        PhatAnchor.Outcome memory outcome = plain(id, "");
        outcome.commitment = commitment;
        settleReverts(outcome, mismatch(id, commitment, actual));
    }
}
