// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors as E} from "../src/interfaces/IPhatAnchorErrors.sol";
import {AnchorTest, AtInherited, AtShared} from "./support/AnchorTest.sol";

/// An attestor set that replaces itself.
abstract contract RotationTest is AnchorTest {
    uint256[] private keys;
    address[] private next;

    function setUp() public virtual override {
        super.setUp();
        keys = [uint256(11), 12, 13];
        next = [vm.addr(21), vm.addr(22)];
        address[] memory attestors = new address[](3);
        for (uint256 i = 0; i < 3; ++i) {
            attestors[i] = vm.addr(keys[i]);
        }
        setAttestors(2, attestors);
        setBounds(IPhatAnchor.Bounds(0, 0, true, true));
    }

    function two(uint256 a, uint256 b) private pure returns (uint256[] memory list) {
        list = new uint256[](2);
        (list[0], list[1]) = (a, b);
    }

    function signatures(uint256 epoch, uint256 threshold) private view returns (bytes memory) {
        return signAll(two(11, 13), anchor.rotationDigest(address(consumer), epoch, threshold, next));
    }

    function fails(uint256 epoch, uint256 threshold, bytes memory by, bytes memory reason) private {
        vm.expectRevert(reason);
        anchor.rotate(address(consumer), epoch, threshold, next, by);
    }

    function epochNow() private view returns (uint256 epoch) {
        (,, epoch,) = anchor.quorumOf(address(consumer));
    }

    function test_a_quorum_replaces_the_set() public {
        uint256 epoch = epochNow();
        bytes memory by = signatures(epoch, 2);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.AttestorsSet(address(consumer), epoch + 1, 2, next);
        vm.prank(relayer);
        anchor.rotate(address(consumer), epoch, 2, next, by);

        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        bytes32 digest = anchor.outcomeDigest(outcome);
        (bool done,) = address(anchor).call(abi.encodeCall(IPhatAnchor.settle, (outcome, signAll(two(11, 13), digest))));
        check(!done, "the former set settles");
        anchor.settle(outcome, signAll(two(21, 22), digest));
        // The same signatures do not bring the set back, or anything.
        fails(epoch, 2, by, abi.encodeWithSelector(E.StaleEpoch.selector, epoch, epoch + 1));
        fails(epoch + 1, 2, by, notAttestor(by, epoch + 1, 2));
    }

    /// @dev What a signature of something else is taken for.
    function notAttestor(bytes memory by, uint256 epoch, uint256 threshold) private view returns (bytes memory) {
        (bytes32 r, bytes32 s) = (bytes32(0), bytes32(0));
        assembly {
            r := mload(add(by, 0x20))
            s := mload(add(by, 0x40))
        }
        address signer =
            ecrecover(anchor.rotationDigest(address(consumer), epoch, threshold, next), uint8(by[64]), r, s);
        return abi.encodeWithSelector(E.NotAttestor.selector, signer);
    }

    function test_bounds_outlive_a_rotation() public {
        setBounds(IPhatAnchor.Bounds(uint40(START + 60), 7, false, true));
        anchor.rotate(address(consumer), epochNow(), 2, next, signatures(epochNow(), 2));
        (,,, IPhatAnchor.Bounds memory bounds) = anchor.quorumOf(address(consumer));
        equal(abi.encode(bounds), abi.encode(IPhatAnchor.Bounds(uint40(START + 60), 7, false, true)));
        IPhatAnchor.Outcome memory outcome = touching(ask(), "k", 0, "v");
        settleReverts(
            outcome,
            signAll(two(21, 22), anchor.outcomeDigest(outcome)),
            abi.encodeWithSelector(E.WritesForbidden.selector)
        );
    }

    function test_a_set_may_not_replace_itself_unless_it_is_let() public {
        (anchor, consumer) = make(1, one(attestor));
        bytes memory by = signDigest(ATTESTOR_KEY, anchor.rotationDigest(address(consumer), 1, 1, next));
        fails(1, 1, by, abi.encodeWithSelector(E.RotationForbidden.selector));
    }

    function test_a_rotation_needs_the_quorum() public {
        uint256 epoch = epochNow();
        bytes32 digest = anchor.rotationDigest(address(consumer), epoch, 2, next);
        fails(epoch, 2, signDigest(11, digest), abi.encodeWithSelector(E.QuorumMissing.selector, 1, 2));
        fails(epoch, 2, "", abi.encodeWithSelector(E.QuorumMissing.selector, 0, 2));
        fails(
            epoch,
            2,
            signAll(two(STRANGER_KEY, STRANGER_KEY), digest),
            abi.encodeWithSelector(E.NotAttestor.selector, vm.addr(STRANGER_KEY))
        );
    }

    function test_a_set_cannot_weaken_or_remove_itself() public {
        uint256 epoch = epochNow();
        fails(epoch, 1, signatures(epoch, 1), abi.encodeWithSelector(E.ThresholdLowered.selector, 1, 2));
        fails(epoch, 3, signatures(epoch, 3), abi.encodeWithSelector(E.InvalidThreshold.selector, 3, 2));
        next = new address[](0);
        fails(epoch, 2, signatures(epoch, 2), abi.encodeWithSelector(E.InvalidThreshold.selector, 2, 0));
    }

    function test_a_set_past_its_end_cannot_replace_itself() public {
        setBounds(IPhatAnchor.Bounds(uint40(START), 0, true, true));
        uint256 epoch = epochNow();
        bytes memory by = signatures(epoch, 2);
        vm.warp(START + 1);
        fails(epoch, 2, by, abi.encodeWithSelector(E.AttestorsLapsed.selector, START));
        vm.warp(START);
        anchor.rotate(address(consumer), epoch, 2, next, by);
    }

    function test_a_change_by_the_owner_voids_signed_rotations() public {
        uint256 epoch = epochNow();
        bytes memory by = signatures(epoch, 2);
        (, address[] memory present,,) = anchor.quorumOf(address(consumer));
        setAttestors(2, present);
        fails(epoch, 2, by, abi.encodeWithSelector(E.StaleEpoch.selector, epoch, epoch + 1));
    }
}

contract InheritedRotationTest is RotationTest, AtInherited {
    function setUp() public override(RotationTest, AnchorTest) {
        RotationTest.setUp();
    }
}

contract SharedRotationTest is RotationTest, AtShared {
    function setUp() public override(RotationTest, AnchorTest) {
        RotationTest.setUp();
    }
}
