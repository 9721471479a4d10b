// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatHub} from "../src/PhatHub.sol";
import {LensAnswers} from "../src/examples/LensAnswers.sol";
import {LensStats} from "../src/examples/LensStats.sol";
import {LensStatsShared} from "../src/examples/LensStatsShared.sol";
import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {Signing} from "./support/Signing.sol";

/// The example, at both anchors.
abstract contract LensStatsTest is Signing {
    uint256 private constant ATTESTOR_KEY = 0xA11CE;
    string private constant LONG = "0x000000000000000000000000000000000000000000000000000000000000beef";
    address internal immutable attestor = vm.addr(ATTESTOR_KEY);
    IPhatAnchor internal anchor;
    LensAnswers internal stats;

    function request(string memory profileId) internal virtual returns (uint256 id);

    function requestWithFee(string memory profileId, uint256 fee, uint40 expiresAt)
        internal
        virtual
        returns (uint256 id);

    function settle(uint256 id, string memory profileId, bool success, bytes memory output) private {
        IPhatAnchor.Outcome memory outcome;
        (outcome.requestId, outcome.consumer) = (id, address(stats));
        (outcome.success, outcome.output) = (success, output);
        outcome.commitment = anchor.commitmentOf(address(stats), address(this), abi.encode(profileId), 0, 0);
        anchor.settle(outcome, sign(ATTESTOR_KEY, anchor, outcome));
    }

    function ends(string memory profileId, bool success, bytes memory output, bool wantedOk, uint256 wantedValue)
        private
    {
        uint256 id = request(profileId);
        (bool settled, bool ok, string memory kept, uint256 value) = stats.answers(id);
        check(!settled && !ok && value == 0, "answered before it was settled");
        equal(bytes(kept), bytes(profileId));
        vm.expectEmit(address(stats));
        if (wantedOk) emit LensAnswers.StatsReceived(id, profileId, wantedValue);
        else emit LensAnswers.StatsFailed(id, profileId, wantedValue);
        settle(id, profileId, success, output);
        (settled, ok, kept, value) = stats.answers(id);
        check(settled, "not settled");
        check(ok == wantedOk, "ok is wrong");
        equal(bytes(kept), bytes(profileId));
        equal(value, wantedValue);
        check(anchor.status(address(stats), id) == IPhatAnchor.Status.Settled, "the callback failed");
    }

    function test_input_is_the_encoded_profile_id() public {
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.Requested(1, address(stats), address(this), abi.encode("0x05"), 0, 0);
        equal(request("0x05"), 1);
    }

    function test_a_fee_goes_with_the_request() public {
        uint40 deadline = uint40(block.timestamp + 1);
        vm.deal(address(this), 1 gwei);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.Requested(1, address(stats), address(this), abi.encode("0x05"), 1 gwei, deadline);
        requestWithFee("0x05", 1 gwei, deadline);
        equal(address(anchor).balance, 1 gwei);
    }

    function test_answers_and_errors_are_kept() public {
        ends("0x01", true, abi.encode(0, 31_337), true, 31_337);
        ends("0x01", true, abi.encode(0, 0), true, 0);
        ends("0x01", true, abi.encode(2, 1), false, 1);
        ends("0x01", true, abi.encode(2, 3), false, 3);
        ends("0x01", true, abi.encode(0, type(uint64).max), true, type(uint64).max);
    }

    function test_profile_ids_of_every_length_are_kept() public {
        string[6] memory ids = ["", "1", "0x0123456789abcdef012", "0x0123456789abcdef0123", LONG, "0x"];
        for (uint256 i = 0; i < ids.length; ++i) {
            ends(ids[i], true, abi.encode(0, i + 1), true, i + 1);
        }
    }

    function test_every_other_output_ends_as_a_failed_run() public {
        ends("0x01", false, "timeout: deadline", false, 0);
        ends("0x01", false, abi.encode(0, 5), false, 0);
        ends("0x01", true, "", false, 0);
        ends("0x01", true, abi.encode(0), false, 0);
        ends("0x01", true, abi.encode(0, 1, 2), false, 0);
        ends("0x01", true, abi.encode(1, 5), false, 0);
        ends("0x01", true, abi.encode(type(uint256).max, 5), false, 0);
        ends("0x01", true, abi.encode(0, uint256(1) << 64), false, 0);
    }

    function testFuzz_any_output_ends_the_request(string memory profileId, bool success, bytes memory output) public {
        uint256 id = request(profileId);
        settle(id, profileId, success, output);
        (bool settled,, string memory kept,) = stats.answers(id);
        check(settled, "not settled");
        equal(bytes(kept), bytes(profileId));
    }
}

contract InheritedLensStatsTest is LensStatsTest {
    function setUp() public {
        LensStats made = new LensStats(address(this), one(attestor));
        (anchor, stats) = (made, made);
    }

    function request(string memory profileId) internal override returns (uint256) {
        return LensStats(address(stats)).request(profileId);
    }

    function requestWithFee(string memory profileId, uint256 fee, uint40 expiresAt)
        internal
        override
        returns (uint256)
    {
        return LensStats(address(stats)).requestWithFee{value: fee}(profileId, expiresAt);
    }
}

contract SharedLensStatsTest is LensStatsTest {
    function setUp() public {
        PhatHub hub = new PhatHub();
        (anchor, stats) = (hub, new LensStatsShared(hub, address(this), one(attestor)));
    }

    function request(string memory profileId) internal override returns (uint256) {
        return LensStatsShared(address(stats)).request(profileId);
    }

    function requestWithFee(string memory profileId, uint256 fee, uint40 expiresAt)
        internal
        override
        returns (uint256)
    {
        return LensStatsShared(address(stats)).requestWithFee{value: fee}(profileId, expiresAt);
    }

    function test_only_the_shared_anchor_calls_back() public {
        vm.expectRevert(abi.encodeWithSelector(LensStatsShared.OnlyHub.selector, address(this)));
        LensStatsShared(address(stats)).onPhatOutcome(1, true, "");
    }
}
