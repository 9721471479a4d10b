// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhaToken} from "../src/examples/PhaToken.sol";
import {PhaTokenHandler} from "./support/PhaTokenHandler.sol";
import {Test} from "./support/Test.sol";

/// What holds after any sequence of locks, mints that are told again or forged, transfers and burns.
contract PhaTokenInvariantTest is Test {
    PhaTokenHandler private handler;
    PhaToken private token;

    function setUp() public {
        handler = new PhaTokenHandler();
        token = handler.token();
    }

    /// @dev Forge asks this for the contracts to call.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_supply_is_what_was_minted_and_not_burned() public view {
        uint256 supply = token.totalSupply();
        equal(supply, handler.minted() - handler.burned());
        equal(supply, token.balanceOf(address(0xA)) + token.balanceOf(address(0xB)));
        check(supply <= token.SUPPLY_MAX(), "more than the cap");
        equal(token.burnCount(), handler.burns());
        uint256 minted = 0;
        for (uint256 number = 0; number < handler.lockCount(); ++number) {
            check(token.isMinted(number) == handler.isMinted(number), "a lock is noted otherwise");
            if (handler.isMinted(number)) minted += handler.locks(number);
        }
        equal(minted, handler.minted());
    }
}
