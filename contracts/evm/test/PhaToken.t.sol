// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {PhaToken} from "../src/examples/PhaToken.sol";
import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors as E} from "../src/interfaces/IPhatAnchorErrors.sol";
import {PhaTokenActor} from "./support/PhaTokenActor.sol";

/// Minting what is locked on the Phat chain, and burning for its release there.
contract PhaTokenTest is PhaTokenActor {
    event Minted(uint256 indexed number);
    event Burned(uint256 indexed number, bytes32 recipient, uint256 amount);
    event Transfer(address indexed from, address indexed to, uint256 value);

    uint256 private constant AMOUNT = 500 * UNIT;

    function setUp() public {
        start();
    }

    function test_a_lock_is_minted() public {
        IPhatAnchor.Outcome memory outcome = mintOf(1, alice, AMOUNT);
        bytes memory signatures = sign(ATTESTOR_KEY, token, outcome);
        vm.expectEmit(address(token));
        emit Transfer(address(0), alice, AMOUNT);
        vm.expectEmit(address(token));
        emit Minted(1);
        vm.expectEmit(address(token));
        emit IPhatAnchor.Pushed(outcome.commitment, address(token), address(this), true, true);
        token.settle(outcome, signatures);
        equal(token.balanceOf(alice), AMOUNT);
        equal(token.totalSupply(), AMOUNT);
        check(token.isMinted(1), "it is not noted");
        check(!token.isMinted(2), "another is noted");
    }

    function test_it_is_minted_once_however_often_it_is_told() public {
        IPhatAnchor.Outcome memory outcome = mintOf(1, alice, AMOUNT);
        bytes memory signatures = sign(ATTESTOR_KEY, token, outcome);
        token.settle(outcome, signatures);
        bytes32 guard = outcome.reads[0].key;
        vm.expectRevert(abi.encodeWithSelector(E.StaleVersion.selector, guard, 0, 1));
        token.settle(outcome, signatures);
        // The lock was announced again, in another block, or the attestor lies.
        check(push(mintOf(1, alice, AMOUNT)), "what is told again is not confirmed");
        check(push(mintOf(1, bob, 2 * AMOUNT)), "what is told again is not confirmed");
        equal(token.totalSupply(), AMOUNT);
        equal(token.balanceOf(bob), 0);
    }

    function test_nothing_is_minted_without_the_attestor() public {
        IPhatAnchor.Outcome memory outcome = mintOf(1, alice, AMOUNT);
        bytes memory signatures = sign(STRANGER_KEY, token, outcome);
        vm.expectRevert(abi.encodeWithSelector(E.NotAttestor.selector, vm.addr(STRANGER_KEY)));
        token.settle(outcome, signatures);
        vm.expectRevert(abi.encodeWithSelector(E.OnlyAnchor.selector, address(this)));
        token.onPhatPush(outcome.commitment, true, outcome.output);
        equal(token.totalSupply(), 0);
    }

    function test_a_failed_run_and_a_malformed_output_mint_nothing() public {
        IPhatAnchor.Outcome memory outcome = mintOf(1, alice, AMOUNT);
        outcome.success = false;
        check(!push(outcome), "a failure is taken");
        outcome = mintOf(1, alice, AMOUNT);
        outcome.output = bytes.concat(outcome.output, bytes1(0));
        check(!push(outcome), "a longer output is taken");
        outcome = mintOf(1, alice, AMOUNT);
        outcome.output = abi.encode(1, type(uint256).max, AMOUNT);
        check(!push(outcome), "what is no address is taken");
        check(!push(mintOf(1, address(0), AMOUNT)), "nobody is taken");
        check(!token.isMinted(1), "it is noted");
        check(push(mintOf(1, alice, AMOUNT)), "it is not made up for");
        equal(token.totalSupply(), AMOUNT);
    }

    function test_what_is_above_the_daily_maximum_is_minted_later() public {
        check(push(mintOf(1, alice, DAILY_MAX - 1)), "it is not taken");
        check(!push(mintOf(2, alice, 2)), "more than a day's is taken");
        check(push(mintOf(3, alice, 1)), "a day's is not taken");
        check(!token.isMinted(2), "it is noted");
        vm.warp(START + 1 days);
        check(push(mintOf(2, alice, 2)), "it is not made up for");
        equal(token.totalSupply(), DAILY_MAX + 2);

        vm.prank(owner);
        token.setDailyMax(0);
        check(!push(mintOf(4, alice, 1)), "it is minted while nothing may be");
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, address(this)));
        token.setDailyMax(1);
    }

    function test_what_was_above_the_daily_maximum_is_brought_again_and_minted_once() public {
        check(push(mintOf(1, alice, DAILY_MAX - 1)), "it is not taken");
        IPhatAnchor.Outcome memory refused = mintOf(2, alice, 2);
        check(!push(refused), "more than a day's is taken");
        vm.warp(START + 1 days);
        // It was announced again as well.
        check(push(mintOf(2, alice, 2)), "it is not made up for");
        token.retryPush(address(token), refused.commitment, true, refused.output);
        equal(token.totalSupply(), DAILY_MAX + 1);

        refused = mintOf(3, alice, DAILY_MAX - 1);
        check(!push(refused), "more than a day's is taken");
        vm.warp(START + 2 days);
        token.retryPush(address(token), refused.commitment, true, refused.output);
        equal(token.totalSupply(), 2 * DAILY_MAX);
    }

    function test_no_more_is_minted_than_the_cap() public {
        vm.prank(owner);
        token.setDailyMax(type(uint256).max);
        equal(token.dailyMax(), token.SUPPLY_MAX());
        equal(token.cap(), 1_000_000_000 * UNIT);
        check(!push(mintOf(1, alice, token.cap() + 1)), "more than the cap is taken");
        check(push(mintOf(1, alice, token.cap())), "the cap is not taken");
        vm.warp(START + 1 days);
        check(!push(mintOf(2, alice, 1)), "more than the cap is taken");
        vm.prank(alice);
        token.burn(BURN_MIN, RECIPIENT);
        check(push(mintOf(2, alice, BURN_MIN)), "what was burned is not minted again");
    }

    function test_burns_are_numbered() public {
        push(mintOf(1, alice, AMOUNT));
        vm.expectEmit(address(token));
        emit Transfer(alice, address(0), BURN_MIN);
        vm.expectEmit(address(token));
        emit Burned(1, RECIPIENT, BURN_MIN);
        vm.prank(alice);
        equal(token.burn(BURN_MIN, RECIPIENT), 1);
        vm.prank(alice);
        equal(token.burn(BURN_MIN, RECIPIENT), 2);
        equal(token.burnCount(), 2);
        equal(token.totalSupply(), AMOUNT - 2 * BURN_MIN);
    }

    function test_every_refusal_to_burn() public {
        push(mintOf(1, alice, AMOUNT));
        vm.expectRevert(abi.encodeWithSelector(PhaToken.BurnTooSmall.selector, BURN_MIN - 1, BURN_MIN));
        vm.prank(alice);
        token.burn(BURN_MIN - 1, RECIPIENT);
        vm.expectRevert(abi.encodeWithSelector(PhaToken.RecipientMissing.selector));
        vm.prank(alice);
        token.burn(BURN_MIN, 0);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, alice, AMOUNT, AMOUNT + 1)
        );
        vm.prank(alice);
        token.burn(AMOUNT + 1, RECIPIENT);
        equal(token.burnCount(), 0);
    }

    function test_a_burn_is_announced_again() public {
        push(mintOf(1, alice, AMOUNT));
        vm.prank(alice);
        token.burn(BURN_MIN, RECIPIENT);
        uint256 retryAt = START + token.ANNOUNCE_INTERVAL();
        vm.warp(retryAt - 1);
        vm.expectRevert(abi.encodeWithSelector(PhaToken.AnnouncedRecently.selector, retryAt));
        token.announceBurn(1, RECIPIENT, BURN_MIN);
        vm.warp(retryAt);
        vm.expectEmit(address(token));
        emit Burned(1, RECIPIENT, BURN_MIN);
        token.announceBurn(1, RECIPIENT, BURN_MIN);
        equal(token.totalSupply(), AMOUNT - BURN_MIN);
        equal(token.burnCount(), 1);
        // Each time it takes twice as long.
        uint256 next = retryAt + 2 * token.ANNOUNCE_INTERVAL();
        vm.warp(next - 1);
        vm.expectRevert(abi.encodeWithSelector(PhaToken.AnnouncedRecently.selector, next));
        token.announceBurn(1, RECIPIENT, BURN_MIN);
        vm.warp(next);
        token.announceBurn(1, RECIPIENT, BURN_MIN);

        vm.warp(next + 1 days);
        unknownBurn(0, RECIPIENT, BURN_MIN);
        unknownBurn(2, RECIPIENT, BURN_MIN);
        unknownBurn(1, bytes32(uint256(RECIPIENT) + 1), BURN_MIN);
        unknownBurn(1, RECIPIENT, BURN_MIN + 1);
    }

    function unknownBurn(uint256 number, bytes32 recipient, uint256 amount) private {
        vm.expectRevert(abi.encodeWithSelector(PhaToken.BurnUnknown.selector, number));
        token.announceBurn(number, recipient, amount);
    }

    function test_amounts_are_the_same_on_both_sides() public view {
        equal(token.decimals(), 12);
        equal(bytes(token.symbol()), "PHA");
    }

    function testFuzz_whatever_is_minted_and_burned_adds_up(uint64[4] memory amounts, uint64 burned) public {
        uint256 total = 0;
        for (uint256 i = 0; i < amounts.length; ++i) {
            bool isTaken = push(mintOf(i, alice, amounts[i]));
            check(isTaken == (total + amounts[i] <= DAILY_MAX), "the daily maximum is another");
            if (isTaken) total += amounts[i];
        }
        equal(token.totalSupply(), total);
        if (burned >= BURN_MIN && burned <= total) {
            vm.prank(alice);
            token.burn(burned, RECIPIENT);
            total -= burned;
        }
        equal(token.totalSupply(), total);
        equal(token.balanceOf(alice), total);
    }

    function testFuzz_each_number_is_minted_once(uint256 number, uint256 other) public {
        vm.assume(number != other);
        check(push(mintOf(number, alice, 1)), "it is not taken");
        check(!token.isMinted(other), "another is noted");
        check(push(mintOf(number, alice, 1)), "it is not confirmed");
        check(push(mintOf(other, alice, 1)), "another is not taken");
        equal(token.totalSupply(), 2);
    }
}
