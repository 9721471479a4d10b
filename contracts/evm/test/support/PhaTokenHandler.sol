// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "../../src/interfaces/IPhatAnchor.sol";
import {PhaTokenActor} from "./PhaTokenActor.sol";

/// @title Plays with a bridged token at random, and keeps books of what should be
contract PhaTokenHandler is PhaTokenActor {
    /// @dev Locks have amounts from 1 to this.
    uint256 private constant LOCK_MAX = DAILY_MAX / 4;

    /// What was locked on the Phat chain, by number.
    uint256[] public locks;
    /// Whether word of each lock was taken.
    mapping(uint256 => bool) public isMinted;
    uint256 public minted;
    uint256 public burned;
    uint256 public burns;

    uint256 private _day;
    uint256 private _mintedToday;

    constructor() {
        start();
        _day = START / 1 days;
    }

    function lockCount() external view returns (uint256) {
        return locks.length;
    }

    function lock(uint256 amount) external {
        locks.push(1 + amount % LOCK_MAX);
    }

    /// @dev Brings word of a lock, perhaps once more.
    function mint(uint256 seed, bool isForAlice) external {
        if (locks.length == 0) return;
        uint256 number = seed % locks.length;
        uint256 amount = locks[number];
        bool isAllowed = isMinted[number] || _mintedToday + amount <= DAILY_MAX;
        bool delivered = push(mintOf(number, isForAlice ? alice : bob, amount));
        check(delivered == isAllowed, "it is taken otherwise than it should be");
        if (!delivered || isMinted[number]) return;
        isMinted[number] = true;
        minted += amount;
        _mintedToday += amount;
    }

    /// @dev Lies about a lock that was minted.
    function mintOtherwise(uint256 seed, uint256 amount) external {
        if (locks.length == 0) return;
        uint256 number = seed % locks.length;
        if (isMinted[number]) push(mintOf(number, bob, amount));
    }

    /// @dev Brings an outcome that somebody else has signed.
    function forge(uint256 number, uint256 amount) external {
        IPhatAnchor.Outcome memory outcome = mintOf(number, bob, amount);
        bytes memory signatures = sign(STRANGER_KEY, token, outcome);
        (bool isTaken,) = address(token).call(abi.encodeCall(token.settle, (outcome, signatures)));
        check(!isTaken, "a forged outcome is taken");
    }

    function transfer(uint256 amount) external {
        uint256 balance = token.balanceOf(alice);
        vm.prank(alice);
        token.transfer(bob, amount % (balance + 1));
    }

    function burn(uint256 seed, bool isAlice) external {
        address account = isAlice ? alice : bob;
        uint256 balance = token.balanceOf(account);
        if (balance < BURN_MIN) return;
        uint256 amount = BURN_MIN + seed % (balance - BURN_MIN + 1);
        vm.prank(account);
        equal(token.burn(amount, RECIPIENT), ++burns);
        burned += amount;
    }

    function wait_(uint256 time) external {
        uint256 now_ = block.timestamp + time % 2 days;
        vm.warp(now_);
        if (now_ / 1 days == _day) return;
        (_day, _mintedToday) = (now_ / 1 days, 0);
    }
}
