// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {HubRequests} from "../src/HubRequests.sol";
import {RequestData, RequestDataLib} from "../src/core/RequestData.sol";
import {SettingsWords} from "../src/core/SettingsWord.sol";
import {IPhatAnchorErrors as E} from "../src/interfaces/IPhatAnchorErrors.sol";
import {IPhatHub} from "../src/interfaces/IPhatHub.sol";
import {AnchorTest, AtInherited, AtShared} from "./support/AnchorTest.sol";
import {Test} from "./support/Test.sol";

/// What is laid out by hand is what the compiler would lay out, whatever was in memory before.
contract RequestDataTest is Test {
    uint256 private constant DIRTY_WORDS = 64;

    /// @dev Fills the memory that is free.
    function litter() private pure {
        assembly ("memory-safe") {
            let start := mload(0x40)
            for { let i := 0 } lt(i, DIRTY_WORDS) { i := add(i, 1) } { mstore(add(start, shl(5, i)), not(0)) }
        }
    }

    function isRight(
        RequestData data,
        address consumer,
        address requester,
        bytes memory input,
        uint96 fee,
        uint40 expiresAt
    ) private pure {
        bytes memory kept = "kept";
        bytes32 commitment = data.commit(consumer, requester, fee, expiresAt);
        check(
            commitment == keccak256(abi.encode(consumer, requester, keccak256(input), fee, expiresAt)),
            "another commitment"
        );
        (uint256 start, uint256 size) = data.eventData();
        bytes memory told = new bytes(size);
        assembly ("memory-safe") {
            mcopy(add(told, 0x20), start, size)
        }
        equal(told, abi.encode(input, fee, expiresAt));
        equal(kept, "kept");
    }

    function testFuzz_from_memory(address consumer, address requester, bytes memory input, uint96 fee, uint40 expiresAt)
        public
        pure
    {
        litter();
        isRight(RequestDataLib.ofMemory(input), consumer, requester, input, fee, expiresAt);
    }

    function testFuzz_from_calldata(
        address consumer,
        address requester,
        bytes calldata input,
        uint96 fee,
        uint40 expiresAt
    ) public pure {
        litter();
        isRight(RequestDataLib.ofCalldata(input), consumer, requester, input, fee, expiresAt);
    }

    function tooLong(bytes calldata input) external pure returns (RequestData) {
        return RequestDataLib.ofCalldata(input);
    }

    function test_what_is_too_long_is_not_taken() public {
        uint256 max = RequestDataLib.INPUT_BYTES_MAX;
        this.tooLong(new bytes(max));
        vm.expectRevert(abi.encodeWithSelector(E.InputTooLarge.selector, max + 1, max));
        this.tooLong(new bytes(max + 1));
    }
}

/// A contract that asks, wherever.
contract Asking {
    function ask(IPhatHub hub) external returns (uint256) {
        return HubRequests.ask(hub, msg.sender, "input", 0, 0);
    }
}

/// A contract that returns less than a word.
contract Laconic {
    fallback() external {
        assembly {
            return(0, 0x1f)
        }
    }
}

abstract contract CountTest is AnchorTest {
    function test_ids_do_not_start_again() public {
        vm.record();
        ask();
        (bytes32[] memory reads,) = vm.accesses(address(anchor));
        // What is read first is the consumer's settings, with the number of requests in the lowest 48 bits.
        bytes32 word = vm.load(address(anchor), reads[0]);
        equal(uint256(word) & type(uint48).max, 1);
        // One less than the most: the present one gives way.
        vm.store(address(anchor), reads[0], word ^ bytes32(uint256(1) ^ (type(uint48).max - 1)));
        equal(ask(), type(uint48).max);
        word = vm.load(address(anchor), reads[0]);
        vm.expectRevert(abi.encodeWithSelector(SettingsWords.CountOverflow.selector));
        consumer.ask(INPUT);
        check(vm.load(address(anchor), reads[0]) == word, "the settings were changed");
    }
}

contract InheritedCountTest is CountTest, AtInherited {}

contract SharedCountTest is CountTest, AtShared {
    function test_what_the_hub_refuses_is_passed_on() public {
        Asking stranger = new Asking();
        vm.expectRevert(abi.encodeWithSelector(IPhatHub.UnknownConsumer.selector, stranger));
        stranger.ask(hub);
    }

    function test_nothing_is_asked_where_there_is_no_hub() public {
        Asking asking = new Asking();
        vm.expectRevert("");
        asking.ask(IPhatHub(relayer));
        IPhatHub laconic = IPhatHub(address(new Laconic()));
        (bool done,) = address(asking).call(abi.encodeCall(Asking.ask, (laconic)));
        check(!done, "less than an id was taken for one");
    }
}
