// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors as E} from "../src/interfaces/IPhatAnchorErrors.sol";
import {AnchorTest, AtInherited, AtShared} from "./support/AnchorTest.sol";
import {Recorder} from "./support/Recorders.sol";

/// The versioned key-value store.
abstract contract KeyValueTest is AnchorTest {
    uint256 private constant LENGTHS = 90;

    /// @dev Bytes that differ from each other and from zero.
    function bytesOf(uint256 length) private pure returns (bytes memory value) {
        value = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            value[i] = bytes1(uint8(i % 255 + 1));
        }
    }

    function test_every_length_is_kept_whatever_was_there() public {
        uint64 version = 0;
        for (uint256 length = 0; length < LENGTHS; ++length) {
            uint256[2] memory lengths = [length, LENGTHS - length];
            for (uint256 i = 0; i < 2; ++i) {
                bytes memory value = bytesOf(lengths[i]);
                settle(touching(ask(), "k", version, value));
                ++version;
                hasValue("k", value, version);
            }
        }
    }

    function test_what_a_shorter_value_leaves_behind_is_cleared() public {
        settle(touching(ask(), "k", 0, bytesOf(LENGTHS)));
        vm.record();
        anchor.getValue(address(consumer), "k");
        (bytes32[] memory slots,) = vm.accesses(address(anchor));
        settle(touching(ask(), "k", 1, ""));
        hasValue("k", "", 2);
        uint256 held = 0;
        for (uint256 i = 0; i < slots.length; ++i) {
            // The version stays, in the slot of the head.
            if (vm.load(address(anchor), slots[i]) != 0 && slots[i] != slots[0]) ++held;
        }
        equal(held, 0);
    }

    function test_a_value_that_was_deleted_keeps_its_version() public {
        settle(touching(ask(), "k", 0, "v"));
        settle(touching(ask(), "k", 1, ""));
        hasValue("k", "", 2);
        settleReverts(touching(ask(), "k", 0, "w"), abi.encodeWithSelector(E.StaleVersion.selector, bytes32("k"), 0, 2));
        settle(touching(ask(), "k", 2, "w"));
        hasValue("k", "w", 3);
    }

    function test_a_read_alone_is_compared() public {
        settle(touching(ask(), "k", 0, "v"));
        uint256 id = ask();
        IPhatAnchor.Outcome memory outcome = touching(id, "k", 0, "");
        outcome.writes = new IPhatAnchor.Write[](0);
        settleReverts(outcome, abi.encodeWithSelector(E.StaleVersion.selector, bytes32("k"), 0, 1));
        outcome.reads[0].version = 1;
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.Settled(id, address(consumer), relayer, true, true);
        settle(outcome);
        hasValue("k", "v", 1);
    }

    function test_of_many_reads_each_is_compared() public {
        settle(touching(ask(), "b", 0, "v"));
        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        outcome.reads = new IPhatAnchor.Read[](2);
        (outcome.reads[0], outcome.reads[1]) = (IPhatAnchor.Read("a", 0), IPhatAnchor.Read("b", 0));
        settleReverts(outcome, abi.encodeWithSelector(E.StaleVersion.selector, bytes32("b"), 0, 1));
        outcome.reads[1].version = 1;
        settle(outcome);
    }

    function test_a_key_may_be_written_twice() public {
        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        outcome.writes = new IPhatAnchor.Write[](2);
        (outcome.writes[0], outcome.writes[1]) = (IPhatAnchor.Write("k", "a"), IPhatAnchor.Write("k", "b"));
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.KeyWritten(address(consumer), "k", 1);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.KeyWritten(address(consumer), "k", 2);
        settle(outcome);
        hasValue("k", "b", 2);
    }
}

contract InheritedKeyValueTest is KeyValueTest, AtInherited {}

contract SharedKeyValueTest is KeyValueTest, AtShared {
    function test_each_consumer_has_a_store_of_its_own() public {
        settle(touching(ask(), "k", 0, "mine"));
        (, Recorder other) = make(1, one(attestor));
        (bytes memory value, uint64 version) = anchor.getValue(address(other), "k");
        equal(value, "");
        equal(version, 0);
        consumer = other;
        settle(touching(ask(), "k", 0, "theirs"));
        hasValue("k", "theirs", 1);
    }
}
