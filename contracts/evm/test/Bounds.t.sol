// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors as E} from "../src/interfaces/IPhatAnchorErrors.sol";
import {AnchorTest, AtInherited, AtShared} from "./support/AnchorTest.sol";

/// What an attestor set may do, whoever holds its keys.
abstract contract BoundsTest is AnchorTest {
    uint256 private constant HOUR = 3600;

    function test_a_set_settles_until_its_end() public {
        setBounds(IPhatAnchor.Bounds(uint40(START + 5), 0, true, false));
        (uint256 first, uint256 second) = (ask(), ask());
        vm.warp(START + 5);
        settle(plain(first, ""));
        vm.warp(START + 6);
        settleReverts(plain(second, ""), abi.encodeWithSelector(E.AttestorsLapsed.selector, START + 5));
        setBounds(IPhatAnchor.Bounds(uint40(START + 6), 0, true, false));
        settle(plain(second, ""));
    }

    function test_settlements_an_hour() public {
        setBounds(IPhatAnchor.Bounds(0, 2, true, false));
        uint256 hour = (START / HOUR + 1) * HOUR;
        for (uint256 i = 0; i < 3; ++i) {
            vm.warp(hour);
            settle(plain(ask(), ""));
            vm.warp(hour + HOUR - 1);
            settle(plain(ask(), ""));
            settleReverts(plain(ask(), ""), abi.encodeWithSelector(E.RateExceeded.selector, 2, hour + HOUR));
            // Neither the hour after nor a later one remembers.
            hour += HOUR * (i + 1);
        }
    }

    function test_a_batch_stops_at_the_bound() public {
        setBounds(IPhatAnchor.Bounds(0, 2, true, false));
        IPhatAnchor.Outcome[] memory outcomes = new IPhatAnchor.Outcome[](4);
        bytes[] memory signatures = new bytes[](4);
        for (uint256 i = 0; i < 4; ++i) {
            outcomes[i] = plain(ask(), "");
            signatures[i] = signed(outcomes[i]);
        }
        equal(settleBatch(outcomes, signatures), 3);
        equal(consumer.calls(), 2);
    }

    function test_what_is_refused_does_not_count() public {
        setBounds(IPhatAnchor.Bounds(0, 1, true, false));
        uint256 id = ask();
        settleReverts(touching(id, "k", 1, "v"), abi.encodeWithSelector(E.StaleVersion.selector, bytes32("k"), 1, 0));
        settle(plain(id, ""));
    }

    function test_a_set_that_may_not_write() public {
        setBounds(IPhatAnchor.Bounds(0, 0, false, false));
        uint256 id = ask();
        settleReverts(touching(id, "k", 0, "v"), abi.encodeWithSelector(E.WritesForbidden.selector));
        IPhatAnchor.Outcome memory outcome = touching(id, "k", 0, "v");
        outcome.writes = new IPhatAnchor.Write[](0);
        settle(outcome);
        hasValue("k", "", 0);
    }

    function test_bounds_are_told() public {
        (,,, IPhatAnchor.Bounds memory bounds) = anchor.quorumOf(address(consumer));
        equal(abi.encode(bounds), abi.encode(IPhatAnchor.Bounds(0, 0, true, false)));
        bounds = IPhatAnchor.Bounds(type(uint40).max, type(uint24).max, true, true);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.BoundsSet(address(consumer), bounds);
        setBounds(bounds);
        IPhatAnchor.Bounds memory got;
        uint256 threshold;
        (threshold,,, got) = anchor.quorumOf(address(consumer));
        equal(abi.encode(got), abi.encode(bounds));
        equal(threshold, 1);
        equal(anchor.callbackGasOf(address(consumer)), 200_000);
        settle(plain(ask(), ""));
    }
}

contract InheritedBoundsTest is BoundsTest, AtInherited {}

contract SharedBoundsTest is BoundsTest, AtShared {}
