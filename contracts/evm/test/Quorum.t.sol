// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors as E} from "../src/interfaces/IPhatAnchorErrors.sol";
import {AnchorTest, AtInherited, AtShared} from "./support/AnchorTest.sol";
import {InheritedRecorder} from "./support/Recorders.sol";

/// Signatures, quorums, and the owner's power over attestor sets.
abstract contract QuorumTest is AnchorTest {
    uint256 private constant ATTESTORS_MAX = 32;

    /// @dev Private keys in the order of their addresses.
    function keys(uint256 count) internal pure returns (uint256[] memory list) {
        list = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            list[i] = 1000 + i;
        }
        return sorted(list);
    }

    function addresses(uint256[] memory list) internal pure returns (address[] memory attestors) {
        attestors = new address[](list.length);
        for (uint256 i = 0; i < list.length; ++i) {
            attestors[i] = vm.addr(list[i]);
        }
    }

    function signatureOf(uint256 key, IPhatAnchor.Outcome memory outcome) internal view returns (bytes memory) {
        return sign(key, anchor, outcome);
    }

    function missing(uint256 have, uint256 need) private pure returns (bytes memory) {
        return abi.encodeWithSelector(E.QuorumMissing.selector, have, need);
    }

    function hasQuorum(uint256 threshold, address[] memory attestors, uint256 epoch) internal view {
        (uint256 gotThreshold, address[] memory got, uint256 gotEpoch,) = anchor.quorumOf(address(consumer));
        equal(gotThreshold, threshold);
        equal(abi.encode(got), abi.encode(attestors));
        equal(gotEpoch, epoch);
    }

    function test_any_k_of_n_settle() public {
        uint256[] memory all = keys(4);
        setAttestors(3, addresses(all));
        for (uint256 without = 0; without < 4; ++without) {
            IPhatAnchor.Outcome memory outcome = plain(ask(), "");
            bytes memory signatures;
            for (uint256 i = 0; i < 4; ++i) {
                if (i != without) signatures = bytes.concat(signatures, signatureOf(all[i], outcome));
            }
            anchor.settle(outcome, signatures);
            isSettled(outcome.requestId);
        }
    }

    function test_neither_fewer_nor_more_signatures() public {
        uint256[] memory all = keys(3);
        setAttestors(2, addresses(all));
        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        (bytes memory a, bytes memory b, bytes memory c) =
            (signatureOf(all[0], outcome), signatureOf(all[1], outcome), signatureOf(all[2], outcome));
        settleReverts(outcome, "", missing(0, 2));
        settleReverts(outcome, a, missing(1, 2));
        settleReverts(outcome, bytes.concat(a, b, c), missing(3, 2));
        anchor.settle(outcome, bytes.concat(a, c));
    }

    function test_signers_rise_and_sign_once() public {
        uint256[] memory all = keys(2);
        address[] memory attestors = addresses(all);
        setAttestors(2, attestors);
        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        (bytes memory a, bytes memory b) = (signatureOf(all[0], outcome), signatureOf(all[1], outcome));
        settleReverts(
            outcome,
            bytes.concat(a, a),
            abi.encodeWithSelector(E.SignersOutOfOrder.selector, attestors[0], attestors[0])
        );
        settleReverts(
            outcome,
            bytes.concat(b, a),
            abi.encodeWithSelector(E.SignersOutOfOrder.selector, attestors[1], attestors[0])
        );
        anchor.settle(outcome, bytes.concat(a, b));
    }

    function test_a_stranger_does_not_complete_a_quorum() public {
        setAttestors(2, addresses(keys(2)));
        uint256[] memory signers = new uint256[](2);
        (signers[0], signers[1]) = (keys(2)[0], STRANGER_KEY);
        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        settleReverts(
            outcome,
            signAll(signers, anchor.outcomeDigest(outcome)),
            abi.encodeWithSelector(E.NotAttestor.selector, vm.addr(STRANGER_KEY))
        );
    }

    function test_malformed_signatures() public {
        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ATTESTOR_KEY, anchor.outcomeDigest(outcome));
        bytes memory invalid = abi.encodeWithSelector(E.InvalidSignature.selector, 0);
        bytes32 upper = bytes32(CURVE_ORDER - uint256(s));
        // The other signature that there is of the same, by anyone who has seen the first.
        settleReverts(outcome, abi.encodePacked(r, upper, v == 27 ? uint8(28) : uint8(27)), invalid);
        settleReverts(outcome, abi.encodePacked(r, s, uint8(0)), invalid);
        settleReverts(outcome, abi.encodePacked(r, s, uint8(v - 27)), invalid);
        settleReverts(outcome, abi.encodePacked(bytes32(0), s, v), invalid);
        settleReverts(outcome, abi.encodePacked(r, bytes32(0), v), invalid);
        settleReverts(outcome, abi.encodePacked(r, s), abi.encodeWithSelector(E.SignaturesMalformed.selector, 64));
        settleReverts(outcome, abi.encodePacked(r, s, v, v), abi.encodeWithSelector(E.SignaturesMalformed.selector, 66));
        settle(outcome);
    }

    function test_a_set_can_be_replaced_and_the_former_signs_no_more() public {
        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        bytes memory former = signed(outcome);
        address[] memory next = addresses(keys(2));
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.AttestorsSet(address(consumer), 2, 2, next);
        setAttestors(2, next);
        hasQuorum(2, next, 2);
        settleReverts(outcome, former, abi.encodeWithSelector(E.NotAttestor.selector, attestor));
        setAttestors(1, one(attestor));
        hasQuorum(1, one(attestor), 3);
        anchor.settle(outcome, former);
    }

    function test_without_attestors_nothing_settles() public {
        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        bytes memory signatures = signed(outcome);
        setAttestors(1, new address[](0));
        settleReverts(outcome, "", missing(0, 1));
        settleReverts(outcome, signatures, abi.encodeWithSelector(E.NotAttestor.selector, attestor));
        setAttestors(1, one(attestor));
        anchor.settle(outcome, signatures);
    }

    function test_sets_that_make_no_sense_are_refused() public {
        address[] memory two = addresses(keys(2));
        setFails(0, two, abi.encodeWithSelector(E.InvalidThreshold.selector, 0, 2));
        setFails(3, two, abi.encodeWithSelector(E.InvalidThreshold.selector, 3, 2));
        setFails(0, new address[](0), abi.encodeWithSelector(E.InvalidThreshold.selector, 0, 0));
        setFails(
            ATTESTORS_MAX + 1,
            new address[](0),
            abi.encodeWithSelector(E.InvalidThreshold.selector, ATTESTORS_MAX + 1, 0)
        );
        setFails(1, new address[](1), abi.encodeWithSelector(E.ZeroAttestor.selector));
        two[1] = two[0];
        setFails(1, two, abi.encodeWithSelector(E.DuplicateAttestor.selector, two[0]));
        setAttestors(ATTESTORS_MAX, addresses(keys(ATTESTORS_MAX)));
        setFails(
            1,
            addresses(keys(ATTESTORS_MAX + 1)),
            abi.encodeWithSelector(E.TooManyAttestors.selector, ATTESTORS_MAX + 1, ATTESTORS_MAX)
        );
    }

    function test_the_largest_quorum_settles() public {
        uint256[] memory all = keys(ATTESTORS_MAX);
        setAttestors(ATTESTORS_MAX, addresses(all));
        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        anchor.settle(outcome, signAll(all, anchor.outcomeDigest(outcome)));
        isSettled(outcome.requestId);
    }

    function setFails(uint256 threshold, address[] memory attestors, bytes memory reason) private {
        vm.prank(owner);
        vm.expectRevert(reason);
        anchor.setAttestors(address(consumer), threshold, attestors);
    }

    function test_only_the_owner_changes_settings() public {
        bytes memory reason = notOwner(relayer);
        vm.startPrank(relayer);
        vm.expectRevert(reason);
        anchor.setAttestors(address(consumer), 1, one(relayer));
        vm.expectRevert(reason);
        anchor.setBounds(address(consumer), IPhatAnchor.Bounds(0, 0, true, true));
        vm.expectRevert(reason);
        anchor.setCallbackGas(address(consumer), 1);
        vm.stopPrank();
    }

    function notOwner(address account) internal view virtual returns (bytes memory);
}

contract InheritedQuorumTest is QuorumTest, AtInherited {
    function notOwner(address account) internal pure override returns (bytes memory) {
        return abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, account);
    }

    function test_settings_of_others_are_not_here() public {
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.NotAuthorized.selector, relayer, owner));
        anchor.setAttestors(relayer, 1, one(relayer));
    }

    function test_attestors_come_and_go_one_by_one() public {
        InheritedRecorder own = InheritedRecorder(payable(address(consumer)));
        address[] memory three = addresses(keys(3));
        vm.startPrank(owner);
        own.setAttestor(attestor, true);
        hasQuorum(1, one(attestor), 1);
        for (uint256 i = 0; i < 3; ++i) {
            own.setAttestor(three[i], true);
        }
        own.setAttestor(attestor, false);
        (three[0], three[2]) = (three[2], three[0]);
        (three[1], three[2]) = (three[2], three[1]);
        hasQuorum(1, three, 5);
        check(own.isAttestor(three[0]) && !own.isAttestor(attestor), "who attests is wrong");
        own.setAttestor(three[2], false);
        own.setAttestor(three[0], false);
        hasQuorum(1, one(three[1]), 7);
        own.setAttestor(three[1], false);
        hasQuorum(1, new address[](0), 8);
        vm.expectRevert(abi.encodeWithSelector(E.ZeroAttestor.selector));
        own.setAttestor(address(0), true);
        vm.stopPrank();
        vm.expectRevert(notOwner(address(this)));
        own.setAttestor(address(this), true);
    }

    function test_one_more_than_the_most_is_refused() public {
        setAttestors(1, addresses(keys(32)));
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(E.TooManyAttestors.selector, 33, 32));
        InheritedRecorder(payable(address(consumer))).setAttestor(attestor, true);
    }

    function test_a_key_that_comes_later_has_the_bounds_of_the_set() public {
        setBounds(IPhatAnchor.Bounds(0, 0, false, false));
        vm.prank(owner);
        InheritedRecorder(payable(address(consumer))).setAttestor(vm.addr(STRANGER_KEY), true);
        IPhatAnchor.Outcome memory outcome = touching(ask(), "k", 0, "v");
        settleReverts(outcome, signatureOf(STRANGER_KEY, outcome), abi.encodeWithSelector(E.WritesForbidden.selector));
    }
}

contract SharedQuorumTest is QuorumTest, AtShared {
    function notOwner(address account) internal view override returns (bytes memory) {
        return abi.encodeWithSelector(E.NotAuthorized.selector, consumer, account);
    }

    function test_the_consumer_may_change_its_own_settings() public {
        vm.prank(address(consumer));
        anchor.setAttestors(address(consumer), 1, one(relayer));
        hasQuorum(1, one(relayer), 2);
    }
}
