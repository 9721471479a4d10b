// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../src/PhatAnchor.sol";
import {LensStats} from "../src/examples/LensStats.sol";
import {Test} from "./support/Test.sol";

contract LensStatsTest is Test {
    uint256 private constant ATTESTOR_KEY = 0xA11CE;
    LensStats private stats;

    function setUp() public {
        address[] memory attestors = new address[](1);
        attestors[0] = vm.addr(ATTESTOR_KEY);
        stats = new LensStats(address(this), attestors);
    }

    function settle(uint256 id, bool success, bytes memory output) private {
        PhatAnchor.Outcome memory outcome;
        (outcome.requestId, outcome.success, outcome.output) = (id, success, output);
        outcome.commitment = stats.commitmentOf(address(this), abi.encode("0x01"));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ATTESTOR_KEY, stats.outcomeDigest(outcome));
        stats.settle(outcome, abi.encodePacked(r, s, v));
    }

    function ends(bool success, bytes memory output, bool wantedOk, uint256 wantedValue) private {
        uint256 id = stats.request("0x01");
        (bool settled, bool ok, string memory profileId, uint256 value) = stats.answers(id);
        check(!settled && !ok && value == 0, "answered before it was settled");
        vm.expectEmit(address(stats));
        if (wantedOk) emit LensStats.StatsReceived(id, "0x01", wantedValue);
        else emit LensStats.StatsFailed(id, "0x01", wantedValue);
        settle(id, success, output);
        (settled, ok, profileId, value) = stats.answers(id);
        check(settled, "not settled");
        check(ok == wantedOk, "ok is wrong");
        equal(bytes(profileId), "0x01");
        equal(value, wantedValue);
    }

    function test_input_is_the_encoded_profile_id() public {
        vm.expectEmit(address(stats));
        emit PhatAnchor.Requested(1, address(this), abi.encode("0x05"));
        equal(stats.request("0x05"), 1);
    }

    function test_answers_and_errors_are_kept() public {
        ends(true, abi.encode(0, 31_337), true, 31_337);
        ends(true, abi.encode(0, 0), true, 0);
        ends(true, abi.encode(2, 1), false, 1);
        ends(true, abi.encode(2, 3), false, 3);
        ends(true, abi.encode(0, type(uint240).max), true, type(uint240).max);
    }

    function test_every_other_output_ends_as_a_failed_run() public {
        ends(false, "timeout: deadline", false, 0);
        ends(false, abi.encode(0, 5), false, 0);
        ends(true, "", false, 0);
        ends(true, abi.encode(0), false, 0);
        ends(true, abi.encode(0, 1, 2), false, 0);
        ends(true, abi.encode(1, 5), false, 0);
        ends(true, abi.encode(type(uint256).max, 5), false, 0);
        ends(true, abi.encode(0, uint256(1) << 240), false, 0);
    }

    function testFuzz_any_output_ends_the_request(bool success, bytes memory output) public {
        uint256 id = stats.request("0x01");
        settle(id, success, output);
        (bool settled,,,) = stats.answers(id);
        check(settled, "not settled");
    }
}
