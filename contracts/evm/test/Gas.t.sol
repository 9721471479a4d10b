// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../src/PhatAnchor.sol";
import {LensStats} from "../src/examples/LensStats.sol";
import {Test} from "./support/Test.sol";

/// What a request and a settlement cost the account that sends them, intrinsic gas and calldata included, once the
/// slots that all requests share have been written. The figures are kept in snapshots/.
///
/// forge-config: default.isolate = true
contract GasTest is Test {
    uint256 private constant ATTESTOR_KEY = 0xA11CE;
    LensStats private stats;

    function setUp() public {
        address[] memory attestors = new address[](1);
        attestors[0] = vm.addr(ATTESTOR_KEY);
        stats = new LensStats(address(this), attestors);
        settle(plain(stats.request("0x01")));
    }

    function plain(uint256 id) private view returns (PhatAnchor.Outcome memory outcome) {
        (outcome.requestId, outcome.success, outcome.output) = (id, true, abi.encode(0, 31_337));
        outcome.commitment = stats.commitmentOf(address(this), abi.encode("0x01"));
    }

    function settle(PhatAnchor.Outcome memory outcome) private {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(ATTESTOR_KEY, stats.outcomeDigest(outcome));
        stats.settle(outcome, abi.encodePacked(r, s, v));
    }

    function test_request() public {
        stats.request("0x01");
        vm.snapshotGasLastCall("LensStats", "request");
    }

    function test_settle() public {
        settle(plain(stats.request("0x01")));
        vm.snapshotGasLastCall("LensStats", "settle");
    }

    function test_settle_with_state() public {
        PhatAnchor.Outcome memory outcome = plain(stats.request("0x01"));
        outcome.reads = new PhatAnchor.Read[](1);
        outcome.reads[0] = PhatAnchor.Read("total", 0);
        outcome.writes = new PhatAnchor.Write[](1);
        outcome.writes[0] = PhatAnchor.Write("total", abi.encode(31_337));
        settle(outcome);
        outcome.requestId = stats.request("0x01");
        outcome.reads[0].version = 1;
        settle(outcome);
        vm.snapshotGasLastCall("LensStats", "settle, 1 read and 1 write");
    }
}
