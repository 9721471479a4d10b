// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {PhatAnchor} from "../src/PhatAnchor.sol";
import {AnchorTest} from "./support/AnchorTest.sol";
import {Recorder} from "./support/Consumers.sol";

contract AttestorTest is AnchorTest {
    function test_attestors_of_the_constructor_are_allowed() public view {
        check(anchor.isAttestor(attestor), "the attestor is not allowed");
        check(!anchor.isAttestor(owner), "the owner is an attestor");
        check(!anchor.isAttestor(address(0)), "zero is an attestor");
    }

    function test_constructor_takes_no_attestor_but_not_zero() public {
        new Recorder(owner, new address[](0));
        vm.expectRevert(abi.encodeWithSelector(PhatAnchor.ZeroAttestor.selector));
        new Recorder(owner, new address[](1));
    }

    function test_constructor_refuses_zero_owner() public {
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableInvalidOwner.selector, address(0)));
        new Recorder(address(0), attestors());
    }

    function test_owner_allows_and_dismisses() public {
        address stranger = vm.addr(STRANGER_KEY);
        vm.expectEmit(address(anchor));
        emit PhatAnchor.AttestorSet(stranger, true);
        vm.prank(owner);
        anchor.setAttestor(stranger, true);
        check(anchor.isAttestor(stranger), "the new attestor is not allowed");

        vm.prank(owner);
        anchor.setAttestor(attestor, false);
        uint256 id = anchor.ask("");
        settleReverts(plain(id, ""), abi.encodeWithSelector(PhatAnchor.NotAttestor.selector, attestor));
        anchor.settle(plain(id, ""), sign(STRANGER_KEY, plain(id, "")));
        check(anchor.status(id) == PhatAnchor.Status.Settled, "the new attestor's outcome was refused");
    }

    function test_zero_attestor_is_refused() public {
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(PhatAnchor.ZeroAttestor.selector));
        anchor.setAttestor(address(0), true);
    }

    function test_only_the_owner_sets_attestors() public {
        vm.prank(attestor);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, attestor));
        anchor.setAttestor(relayer, true);
    }

    function test_ownership_moves_in_two_steps() public {
        vm.prank(owner);
        anchor.transferOwnership(relayer);
        check(anchor.owner() == owner, "ownership moved before it was accepted");
        vm.prank(relayer);
        anchor.acceptOwnership();
        vm.prank(relayer);
        anchor.setAttestor(attestor, false);
        check(!anchor.isAttestor(attestor), "the new owner cannot dismiss");
    }

    function test_nobody_sets_attestors_once_ownership_is_renounced() public {
        vm.prank(owner);
        anchor.renounceOwnership();
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, owner));
        anchor.setAttestor(relayer, true);
        settle(plain(anchor.ask(""), ""));
    }
}
