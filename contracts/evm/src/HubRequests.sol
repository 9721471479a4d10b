// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatHub} from "./interfaces/IPhatHub.sol";

/// @title How a consumer asks at the shared anchor for the least gas
/// @notice The same as a call of {IPhatHub.request}, for some 200 gas less: `using HubRequests for IPhatHub`, and then
/// `hub.ask(…)`. A consumer that does without calls {IPhatHub.request} itself.
library HubRequests {
    /// @notice Asks the Phat Contract of the contract that this is a part of.
    /// @param hub The shared anchor, at which this contract has registered.
    /// @param requester On whose behalf the consumer asks. The fee of an expired request returns to this account.
    /// @param input The bytes given to the Phat Contract, at most {IPhatAnchor.INPUT_BYTES_MAX}.
    /// @param fee What the relayer is credited with, in wei; sent along.
    /// @param expiresAt The last second in which the request can be settled, since 1970; 0 for no end, without a fee.
    /// @return id The id under which the outcome will arrive.
    function ask(IPhatHub hub, address requester, bytes memory input, uint256 fee, uint40 expiresAt)
        internal
        returns (uint256 id)
    {
        bytes4 selector = IPhatHub.request.selector;
        assembly ("memory-safe") {
            // The arguments as the ABI wants them, behind the free memory, nothing of which is kept: requester, place of
            // the input, deadline, length of the input, and the input. Of what is shorter than a word, the compiler
            // promises nothing about the rest.
            let data := mload(0x40)
            let size := add(mload(input), 0x20)
            mstore(data, selector)
            mstore(add(data, 0x04), shr(96, shl(96, requester)))
            mstore(add(data, 0x24), 0x60)
            mstore(add(data, 0x44), and(expiresAt, 0xffffffffff))
            mcopy(add(data, 0x64), input, size)
            // The id comes into the scratch space. Arguments are evaluated from the last to the first: the call comes before
            // the look at what it returned, which is nothing where there is no contract.
            if iszero(and(gt(returndatasize(), 0x1f), call(gas(), hub, fee, data, add(size, 0x64), 0, 0x20))) {
                returndatacopy(data, 0, returndatasize())
                revert(data, returndatasize())
            }
            id := mload(0)
        }
    }
}
