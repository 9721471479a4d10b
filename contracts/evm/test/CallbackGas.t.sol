// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../src/PhatAnchor.sol";
import {AnchorTest} from "./support/AnchorTest.sol";
import {Teller} from "./support/Consumers.sol";

/// What a relayer can do to a consumer by the gas that it sends.
contract CallbackGasTest is AnchorTest {
    /// @dev More than the callback of a {Teller} needs.
    uint256 private constant GAS_ENOUGH = 400_000;

    function teller(uint256 gasMin) private returns (Teller made) {
        made = new Teller(owner, attestors(), gasMin);
        anchor = made;
    }

    /// Settles with the least gas that does not revert, as eth_estimateGas finds it; the reason of the last revert.
    function settleWithLeastGas(uint256 id) private returns (bytes4 refusal) {
        PhatAnchor.Outcome memory outcome = plain(id, "");
        bytes memory call = abi.encodeCall(PhatAnchor.settle, (outcome, sign(ATTESTOR_KEY, outcome)));
        for (uint256 limit = 20_000; limit < 2 * GAS_ENOUGH; limit += 250) {
            (bool done, bytes memory reason) = address(anchor).call{gas: limit}(call);
            if (done) return refusal;
            check(anchor.status(id) == PhatAnchor.Status.Open, "a refused outcome changed the request");
            refusal = bytes4(reason);
        }
        revert Untrue("no gas is enough");
    }

    /// The danger: the anchor settles, and what the callback had to do was not done.
    function test_without_a_minimum_a_caught_failure_can_be_forced() public {
        Teller consumer = teller(0);
        uint256 id = anchor.ask("");
        settleWithLeastGas(id);
        check(anchor.status(id) == PhatAnchor.Status.Settled, "not settled");
        equal(consumer.listener().count(), 0);
    }

    function test_with_a_minimum_a_settlement_does_all_of_it() public {
        Teller consumer = teller(GAS_ENOUGH);
        uint256 id = anchor.ask("");
        bytes4 refusal = settleWithLeastGas(id);
        check(refusal == PhatAnchor.OutOfGasForOutcome.selector, "another error");
        check(anchor.status(id) == PhatAnchor.Status.Settled, "not settled");
        equal(consumer.listener().count(), 10);
    }

    function test_a_minimum_beyond_all_gas_leaves_the_request_open() public {
        teller(type(uint256).max);
        uint256 id = anchor.ask("");
        PhatAnchor.Outcome memory outcome = touching(id, "k", 0, "v");
        bytes memory signature = sign(ATTESTOR_KEY, outcome);
        (bool done, bytes memory reason) = address(anchor).call(abi.encodeCall(PhatAnchor.settle, (outcome, signature)));
        check(!done && bytes4(reason) == PhatAnchor.OutOfGasForOutcome.selector, "another error");
        check(anchor.status(id) == PhatAnchor.Status.Open, "a refused outcome changed the request");
        hasValue("k", "", 0);
    }
}
