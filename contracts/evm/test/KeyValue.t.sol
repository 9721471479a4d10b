// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../src/PhatAnchor.sol";
import {AnchorTest} from "./support/AnchorTest.sol";

contract KeyValueTest is AnchorTest {
    bytes32 private constant KEY = keccak256("counter");

    function test_versions_count_the_writes() public {
        hasValue(KEY, "", 0);
        PhatAnchor.Outcome memory outcome = touching(anchor.ask(""), KEY, 0, new bytes(1000));
        bytes memory signature = sign(ATTESTOR_KEY, outcome);
        vm.expectEmit(address(anchor));
        emit PhatAnchor.KeyWritten(KEY, 1);
        anchor.settle(outcome, signature);
        hasValue(KEY, new bytes(1000), 1);
        settle(touching(anchor.ask(""), KEY, 1, "short"));
        hasValue(KEY, "short", 2);
        settle(touching(anchor.ask(""), KEY, 2, ""));
        hasValue(KEY, "", 3);
        settle(touching(anchor.ask(""), KEY, 3, "back"));
        hasValue(KEY, "back", 4);
    }

    function test_stale_version_is_refused() public {
        uint256 first = anchor.ask("");
        uint256 second = anchor.ask("");
        settle(touching(first, KEY, 0, "first"));
        settleReverts(
            touching(second, KEY, 0, "second"), abi.encodeWithSelector(PhatAnchor.StaleVersion.selector, KEY, 0, 1)
        );
        hasValue(KEY, "first", 1);
        settle(touching(second, KEY, 1, "second"));
        hasValue(KEY, "second", 2);
    }

    function test_version_from_the_future_is_refused() public {
        settleReverts(
            touching(anchor.ask(""), KEY, type(uint64).max, ""),
            abi.encodeWithSelector(PhatAnchor.StaleVersion.selector, KEY, type(uint64).max, 0)
        );
    }

    function test_every_read_counts() public {
        settle(touching(anchor.ask(""), KEY, 0, "v"));
        PhatAnchor.Outcome memory outcome = plain(anchor.ask(""), "");
        outcome.reads = new PhatAnchor.Read[](2);
        outcome.reads[0] = PhatAnchor.Read("untouched", 0);
        outcome.reads[1] = PhatAnchor.Read(KEY, 0);
        settleReverts(outcome, abi.encodeWithSelector(PhatAnchor.StaleVersion.selector, KEY, 0, 1));
        outcome.reads[1].version = 1;
        settle(outcome);
    }

    function test_a_key_written_twice_rises_by_two_and_keeps_the_last() public {
        PhatAnchor.Outcome memory outcome = touching(anchor.ask(""), KEY, 0, "first");
        outcome.writes = new PhatAnchor.Write[](2);
        outcome.writes[0] = PhatAnchor.Write(KEY, "first");
        outcome.writes[1] = PhatAnchor.Write(KEY, "last");
        settle(outcome);
        hasValue(KEY, "last", 2);
    }

    function test_a_write_needs_no_read() public {
        for (uint64 version = 1; version <= 2; ++version) {
            PhatAnchor.Outcome memory outcome = touching(anchor.ask(""), KEY, 0, abi.encode(version));
            outcome.reads = new PhatAnchor.Read[](0);
            settle(outcome);
            hasValue(KEY, abi.encode(version), version);
        }
    }
}
