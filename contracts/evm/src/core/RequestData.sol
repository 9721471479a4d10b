// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "../interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors} from "../interfaces/IPhatAnchorErrors.sol";

/// @dev Where in memory a request lies that is being made, one word after the other: consumer, requester, hash of the
/// input, fee, deadline, length of the input, and the input itself, padded with zeros to whole words.
type RequestData is uint256;

using RequestDataLib for RequestData global;

/// @title How a request is laid out in memory while it is made
/// @dev The first five words are what its commitment is the hash of, and those from the third on are the data of the
/// event {IPhatAnchor.Requested}, once the hash has given way to the place of the input. So the input is copied once,
/// and what both have is written once, where the compiler would lay out each of the two by itself.
library RequestDataLib {
    /// @dev The longest input, in bytes.
    uint256 internal constant INPUT_BYTES_MAX = 16_384;

    /// @dev What the event tells as the place of the input: behind the three words for place, fee and deadline.
    uint256 private constant INPUT_PLACE = 0x60;

    /// @dev Takes the input from the arguments of the call; the other words are still to come.
    function ofCalldata(bytes calldata input) internal pure returns (RequestData data) {
        if (input.length > INPUT_BYTES_MAX) revert IPhatAnchorErrors.InputTooLarge(input.length, INPUT_BYTES_MAX);
        assembly ("memory-safe") {
            // From where free memory begins, which then begins behind the padding. The length is bounded: no sum runs over.
            data := mload(0x40)
            mstore(add(data, 0xa0), input.length)
            let start := add(data, 0xc0)
            calldatacopy(start, input.offset, input.length)
            let end := add(start, input.length)
            mstore(end, 0)
            mstore(0x40, and(add(end, 0x1f), not(0x1f)))
        }
    }

    /// @dev Takes the input from memory; the other words are still to come.
    function ofMemory(bytes memory input) internal pure returns (RequestData data) {
        if (input.length > INPUT_BYTES_MAX) revert IPhatAnchorErrors.InputTooLarge(input.length, INPUT_BYTES_MAX);
        assembly ("memory-safe") {
            // As above, with the length copied along.
            data := mload(0x40)
            let size := add(mload(input), 0x20)
            let start := add(data, 0xa0)
            mcopy(start, input, size)
            let end := add(start, size)
            mstore(end, 0)
            mstore(0x40, and(add(end, 0x1f), not(0x1f)))
        }
    }

    /// @dev Puts in the other words, and says what binds an outcome to the request, as {IPhatAnchor.commitmentOf} does.
    function commit(RequestData data, address consumer, address requester, uint256 fee, uint40 expiresAt)
        internal
        pure
        returns (bytes32 commitment)
    {
        assembly ("memory-safe") {
            // Within what was taken above. Of what is shorter than a word, the compiler promises nothing about the rest.
            mstore(data, shr(96, shl(96, consumer)))
            mstore(add(data, 0x20), shr(96, shl(96, requester)))
            mstore(add(data, 0x40), keccak256(add(data, 0xc0), mload(add(data, 0xa0))))
            mstore(add(data, 0x60), fee)
            mstore(add(data, 0x80), and(expiresAt, 0xffffffffff))
            commitment := keccak256(data, 0xa0)
        }
    }

    /// @dev Where in memory the data of the event are, once the other words are there, and how many bytes they have. The
    /// data are of no other use from here on.
    function eventData(RequestData data) internal pure returns (uint256 start, uint256 size) {
        assembly ("memory-safe") {
            start := add(data, 0x40)
            mstore(start, INPUT_PLACE)
            // Place, fee, deadline, length, and the input with its padding.
            size := add(0x80, and(add(mload(add(data, 0xa0)), 0x1f), not(0x1f)))
        }
    }
}
