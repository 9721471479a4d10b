// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "../interfaces/IPhatAnchor.sol";

/// @title The EIP-712 hashes of what attestors sign, without the domain
library OutcomeHash {
    bytes32 private constant READ_TYPEHASH = keccak256("Read(bytes32 key,uint64 version)");
    bytes32 private constant WRITE_TYPEHASH = keccak256("Write(bytes32 key,bytes value)");
    bytes32 private constant OUTCOME_TYPEHASH = keccak256(
        "Outcome(uint256 requestId,address consumer,bytes32 commitment,bool success,bytes output,Read[] reads,"
        "Write[] writes)Read(bytes32 key,uint64 version)Write(bytes32 key,bytes value)"
    );
    bytes32 private constant ROTATION_TYPEHASH =
        keccak256("Rotation(address consumer,uint256 epoch,uint256 threshold,address[] attestors)");

    bytes32 private constant NOTHING_HASH = keccak256("");

    /// @dev The hash of an outcome.
    function ofOutcome(IPhatAnchor.Outcome calldata outcome) internal pure returns (bytes32 hash) {
        bytes32 typeHash = OUTCOME_TYPEHASH;
        bytes32 output = _ofBytes(outcome.output);
        bytes32 reads = _ofReads(outcome.reads);
        bytes32 writes = _ofWrites(outcome.writes);
        assembly ("memory-safe") {
            // Behind the free memory, nothing of it is kept. The first four members are four words of calldata.
            let words := mload(0x40)
            mstore(words, typeHash)
            calldatacopy(add(words, 0x20), outcome, 0x80)
            mstore(add(words, 0xa0), output)
            mstore(add(words, 0xc0), reads)
            mstore(add(words, 0xe0), writes)
            hash := keccak256(words, 0x100)
        }
    }

    /// @dev The hash of the replacement of an attestor set.
    function ofRotation(address consumer, uint256 epoch, uint256 threshold, address[] calldata attestors)
        internal
        pure
        returns (bytes32)
    {
        // Elements of an array are padded to words by encodePacked, as EIP-712 wants them.
        bytes32 list = keccak256(abi.encodePacked(attestors));
        return keccak256(abi.encode(ROTATION_TYPEHASH, consumer, epoch, threshold, list));
    }

    function _ofBytes(bytes calldata data) private pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            // Behind the free memory, nothing of it is kept.
            let copy := mload(0x40)
            calldatacopy(copy, data.offset, data.length)
            hash := keccak256(copy, data.length)
        }
    }

    function _ofReads(IPhatAnchor.Read[] calldata reads) private pure returns (bytes32) {
        if (reads.length == 0) return NOTHING_HASH;
        bytes32[] memory hashes = new bytes32[](reads.length);
        for (uint256 i = 0; i < reads.length; ++i) {
            hashes[i] = keccak256(abi.encode(READ_TYPEHASH, reads[i].key, reads[i].version));
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _ofWrites(IPhatAnchor.Write[] calldata writes) private pure returns (bytes32) {
        if (writes.length == 0) return NOTHING_HASH;
        bytes32[] memory hashes = new bytes32[](writes.length);
        for (uint256 i = 0; i < writes.length; ++i) {
            hashes[i] = keccak256(abi.encode(WRITE_TYPEHASH, writes[i].key, _ofBytes(writes[i].value)));
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
