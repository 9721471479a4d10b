// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../src/PhatAnchor.sol";
import {AnchorTest} from "./support/AnchorTest.sol";

contract RequestTest is AnchorTest {
    function test_ids_count_from_one_and_open_the_request() public {
        check(anchor.status(0) == PhatAnchor.Status.None, "id 0 exists");
        check(anchor.status(1) == PhatAnchor.Status.None, "id 1 exists before it is given out");
        for (uint256 wanted = 1; wanted <= 3; ++wanted) {
            vm.expectEmit(address(anchor));
            emit PhatAnchor.Requested(wanted, relayer, "input");
            vm.prank(relayer);
            equal(anchor.ask("input"), wanted);
            check(anchor.status(wanted) == PhatAnchor.Status.Open, "a new request is not open");
        }
        equal(anchor.requestCount(), 3);
        check(anchor.status(4) == PhatAnchor.Status.None, "id 4 exists");
        check(anchor.status(type(uint256).max) == PhatAnchor.Status.None, "the greatest id exists");
    }

    function test_input_may_be_empty_or_as_long_as_the_bound() public {
        anchor.ask("");
        anchor.ask(new bytes(anchor.INPUT_BYTES_MAX()));
        equal(anchor.requestCount(), 2);
    }

    function test_input_one_past_the_bound_is_refused() public {
        uint256 max = anchor.INPUT_BYTES_MAX();
        vm.expectRevert(abi.encodeWithSelector(PhatAnchor.InputTooLarge.selector, max + 1, max));
        anchor.ask(new bytes(max + 1));
        equal(anchor.requestCount(), 0);
    }
}
