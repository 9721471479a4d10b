// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhaToken} from "../../src/examples/PhaToken.sol";
import {IPhatAnchor} from "../../src/interfaces/IPhatAnchor.sol";
import {Signing} from "./Signing.sol";

/// @title A bridged token, and outcomes as the Phat Contract signs them for it
abstract contract PhaTokenActor is Signing {
    uint256 internal constant ATTESTOR_KEY = 0xA11CE;
    uint256 internal constant STRANGER_KEY = 0xB0B;
    uint256 internal constant START = 1_800_000_000;
    uint256 internal constant UNIT = 10 ** 12;
    uint256 internal constant BURN_MIN = 10 * UNIT;
    uint256 internal constant DAILY_MAX = 10_000_000 * UNIT;
    bytes32 internal constant RECIPIENT = keccak256("an account of the Phat chain");

    address internal immutable alice = address(0xA);
    address internal immutable bob = address(0xB);
    address internal immutable owner = address(0x0111E5);

    PhaToken public token;
    /// @dev How many outcomes were made, each of another firing.
    uint256 private _firings;

    function start() internal {
        vm.warp(START);
        token = new PhaToken(owner, one(vm.addr(ATTESTOR_KEY)), 1, BURN_MIN, DAILY_MAX);
    }

    /// @dev What the Phat Contract tells of a lock, for a firing of its own.
    function mintOf(uint256 number, address recipient, uint256 amount)
        internal
        returns (IPhatAnchor.Outcome memory outcome)
    {
        bytes32 firing = bytes32(++_firings);
        (outcome.consumer, outcome.commitment, outcome.success) = (address(token), firing, true);
        outcome.output = abi.encode(number, recipient, amount);
        outcome.reads = new IPhatAnchor.Read[](1);
        outcome.reads[0] = IPhatAnchor.Read(keccak256(abi.encode("guard", firing)), 0);
        outcome.writes = new IPhatAnchor.Write[](1);
        outcome.writes[0] = IPhatAnchor.Write(outcome.reads[0].key, "done");
    }

    /// @dev Signs it as the attestor and settles it.
    /// @return delivered Whether the token took it.
    function push(IPhatAnchor.Outcome memory outcome) internal returns (bool delivered) {
        bytes memory signatures = sign(ATTESTOR_KEY, token, outcome);
        Logs(address(vm)).recordLogs();
        token.settle(outcome, signatures);
        (, delivered) = abi.decode(lastLog(), (bool, bool));
    }

    function lastLog() private returns (bytes memory data) {
        Logs.Log[] memory logs = Logs(address(vm)).getRecordedLogs();
        return logs[logs.length - 1].data;
    }
}

/// @title The cheatcodes of forge that read logs
interface Logs {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function getRecordedLogs() external returns (Log[] memory logs);
    function recordLogs() external;
}
