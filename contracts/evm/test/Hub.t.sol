// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchorErrors as E} from "../src/interfaces/IPhatAnchorErrors.sol";
import {IPhatHub} from "../src/interfaces/IPhatHub.sol";
import {AtShared} from "./support/AnchorTest.sol";

/// Consumers at the shared anchor, and their owners.
contract HubTest is AtShared {
    address private constant HEIR = address(0x4E18);

    function denied(address account) private view returns (bytes memory) {
        return abi.encodeWithSelector(E.NotAuthorized.selector, consumer, account);
    }

    function test_registering() public {
        vm.startPrank(relayer);
        vm.expectEmit(address(hub));
        emit IPhatHub.Registered(relayer);
        hub.register(owner, 2, pair());
        check(hub.ownerOf(relayer) == owner, "another owner");
        (uint256 threshold, address[] memory attestors, uint256 epoch,) = hub.quorumOf(relayer);
        equal(threshold, 2);
        equal(abi.encode(attestors), abi.encode(pair()));
        equal(epoch, 1);
        vm.expectRevert(abi.encodeWithSelector(IPhatHub.AlreadyRegistered.selector, relayer));
        hub.register(relayer, 1, one(relayer));
        vm.stopPrank();
    }

    function pair() private view returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (attestor, vm.addr(STRANGER_KEY));
    }

    function test_who_has_not_registered_does_not_ask() public {
        bytes memory unknown = abi.encodeWithSelector(IPhatHub.UnknownConsumer.selector, relayer);
        vm.startPrank(relayer);
        vm.expectRevert(unknown);
        hub.request(relayer, INPUT, 0);
        vm.expectRevert(unknown);
        hub.setAttestors(relayer, 1, one(relayer));
        vm.expectRevert(unknown);
        hub.offerOwner(relayer, relayer);
        vm.stopPrank();
        (uint256 threshold,,,) = hub.quorumOf(relayer);
        equal(threshold, 0);
    }

    function test_an_owner_is_replaced_in_two_steps() public {
        vm.expectRevert(denied(HEIR));
        vm.prank(HEIR);
        hub.acceptOwner(address(consumer));
        vm.prank(owner);
        vm.expectEmit(address(hub));
        emit IPhatHub.OwnerOffered(address(consumer), HEIR);
        hub.offerOwner(address(consumer), HEIR);
        check(hub.ownerOf(address(consumer)) == owner, "replaced in one step");
        vm.startPrank(HEIR);
        vm.expectEmit(address(hub));
        emit IPhatHub.OwnerSet(address(consumer), HEIR);
        hub.acceptOwner(address(consumer));
        hub.setCallbackGas(address(consumer), 1);
        vm.expectRevert(denied(HEIR));
        hub.acceptOwner(address(consumer));
        vm.stopPrank();
        vm.expectRevert(denied(owner));
        vm.prank(owner);
        hub.offerOwner(address(consumer), owner);
    }

    function test_an_offer_can_be_withdrawn_by_the_consumer() public {
        vm.prank(owner);
        hub.offerOwner(address(consumer), HEIR);
        vm.prank(address(consumer));
        hub.offerOwner(address(consumer), address(0));
        vm.expectRevert(denied(HEIR));
        vm.prank(HEIR);
        hub.acceptOwner(address(consumer));
    }

    function test_nobody_owns_a_consumer_without_an_owner() public {
        vm.prank(relayer);
        hub.register(address(0), 1, one(attestor));
        vm.expectRevert(abi.encodeWithSelector(E.NotAuthorized.selector, relayer, owner));
        vm.prank(owner);
        hub.setCallbackGas(relayer, 1);
        // The zero address does not send.
        vm.prank(relayer);
        hub.setCallbackGas(relayer, 1);
    }

    function test_payments_that_are_no_fee_are_not_taken() public {
        vm.deal(address(this), 1 ether);
        (bool done,) = address(hub).call{value: 1}("");
        check(!done, "it took what nobody can claim");
    }
}
