// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {IPhatAnchor} from "../interfaces/IPhatAnchor.sol";

/// @title The versioned key-value stores of consumers
/// @dev A value of up to 20 bytes shares one slot with its version; a longer one has its other bytes in full words.
abstract contract KeyValueStore is IPhatAnchor {
    using SafeCast for uint256;

    struct Entry {
        uint64 version;
        uint32 length;
        bytes20 head;
        mapping(uint256 => bytes32) tail;
    }

    uint256 private constant HEAD_BYTES = 20;
    uint256 private constant WORD_BYTES = 32;

    mapping(address => mapping(bytes32 => Entry)) private _entries;

    /// @inheritdoc IPhatAnchor
    function getValue(address consumer, bytes32 key) public view returns (bytes memory value, uint64 version) {
        Entry storage entry = _entries[consumer][key];
        (uint256 length, bytes32 head) = (entry.length, entry.head);
        uint256 words = _tailWords(length);
        value = new bytes(HEAD_BYTES + words * WORD_BYTES);
        _put(value, 0, head);
        for (uint256 i = 0; i < words; ++i) {
            _put(value, HEAD_BYTES + i * WORD_BYTES, entry.tail[i]);
        }
        assembly ("memory-safe") {
            // Not longer than what was allocated.
            mstore(value, length)
        }
        version = entry.version;
    }

    /// @dev The first key whose version is not the one that was read, as an encoded error; empty when there is none.
    function _staleRead(address consumer, Read[] calldata reads) internal view returns (bytes memory refusal) {
        for (uint256 i = 0; i < reads.length; ++i) {
            Read calldata read = reads[i];
            uint64 actual = _entries[consumer][read.key].version;
            if (actual != read.version) {
                return abi.encodeWithSelector(StaleVersion.selector, read.key, read.version, actual);
            }
        }
    }

    /// @dev Writes in order; what is written twice has its version raised twice.
    function _applyWrites(address consumer, Write[] calldata writes) internal {
        for (uint256 i = 0; i < writes.length; ++i) {
            Write calldata write = writes[i];
            uint64 version = _set(_entries[consumer][write.key], write.value);
            emit KeyWritten(consumer, write.key, version);
        }
    }

    function _set(Entry storage entry, bytes calldata value) private returns (uint64 version) {
        uint256 wordsBefore = _tailWords(entry.length);
        uint256 words = _tailWords(value.length);
        version = entry.version + 1;
        (entry.version, entry.length, entry.head) = (version, value.length.toUint32(), bytes20(value));
        for (uint256 i = 0; i < words; ++i) {
            entry.tail[i] = bytes32(value[HEAD_BYTES + i * WORD_BYTES:]);
        }
        for (uint256 i = words; i < wordsBefore; ++i) {
            delete entry.tail[i];
        }
    }

    /// @dev How many words a value of this length has behind its head.
    function _tailWords(uint256 length) private pure returns (uint256) {
        return length <= HEAD_BYTES ? 0 : (length - HEAD_BYTES + WORD_BYTES - 1) / WORD_BYTES;
    }

    /// @dev Puts a word at an offset below the length of `target`; its memory is padded to whole words, and what is put
    /// past the end of that is zero or overwritten by the next word.
    function _put(bytes memory target, uint256 offset, bytes32 word) private pure {
        assembly ("memory-safe") {
            mstore(add(add(target, 0x20), offset), word)
        }
    }
}
