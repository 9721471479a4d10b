// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../src/PhatAnchor.sol";
import {Recorder} from "./support/Consumers.sol";
import {Handler} from "./support/Handler.sol";
import {Test} from "./support/Test.sol";

/// What holds after any sequence of requests, settlements, repetitions and changes of attestors.
contract InvariantTest is Test {
    Handler private handler;
    Recorder private anchor;

    function setUp() public {
        handler = new Handler();
        anchor = handler.recorder();
    }

    /// @dev Forge asks this for the contracts to call, and {targetSelectors} for their functions.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    struct Selectors {
        address target;
        bytes4[] selectors;
    }

    function targetSelectors() public view returns (Selectors[] memory targets) {
        bytes4[] memory selectors = new bytes4[](6);
        selectors[0] = Handler.ask.selector;
        // What is listed twice is called twice as often.
        selectors[1] = Handler.settle.selector;
        selectors[2] = Handler.settle.selector;
        selectors[3] = Handler.settle.selector;
        selectors[4] = Handler.settleAgain.selector;
        selectors[5] = Handler.setAttestor.selector;
        targets = new Selectors[](1);
        targets[0] = Selectors(address(handler), selectors);
    }

    function invariant_each_request_is_settled_at_most_once() public view {
        uint256 settled = 0;
        for (uint256 id = 0; id <= anchor.requestCount() + 1; ++id) {
            bool isSettled = anchor.status(id) == PhatAnchor.Status.Settled;
            check(isSettled == handler.isSettled(id), "settled, or not, against the rules");
            equal(anchor.callsOf(id), isSettled ? 1 : 0);
            if (isSettled) ++settled;
        }
        equal(anchor.calls(), settled);
        equal(handler.settledCount(), settled);
    }

    function invariant_versions_count_the_writes() public view {
        for (uint256 key = 0; key < handler.KEYS(); ++key) {
            (, uint64 version) = anchor.getValue(bytes32(key));
            equal(version, handler.writes(bytes32(key)));
        }
    }
}
