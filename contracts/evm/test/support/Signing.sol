// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "../../src/interfaces/IPhatAnchor.sol";
import {Test} from "./Test.sol";

/// @title Signatures as anchors take them
abstract contract Signing is Test {
    /// @dev 65 bytes r ‖ s ‖ v.
    function signDigest(uint256 privateKey, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(privateKey, digest);
        return abi.encodePacked(r, s, v);
    }

    function sign(uint256 privateKey, IPhatAnchor anchor, IPhatAnchor.Outcome memory outcome)
        internal
        view
        returns (bytes memory)
    {
        return signDigest(privateKey, anchor.outcomeDigest(outcome));
    }

    /// @dev The signatures of many, in the order of their addresses.
    function signAll(uint256[] memory keys, bytes32 digest) internal pure returns (bytes memory signatures) {
        uint256[] memory ordered = sorted(keys);
        for (uint256 i = 0; i < ordered.length; ++i) {
            signatures = bytes.concat(signatures, signDigest(ordered[i], digest));
        }
    }

    /// @dev Private keys ordered by the rising address that belongs to them.
    function sorted(uint256[] memory keys) internal pure returns (uint256[] memory ordered) {
        ordered = new uint256[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            uint256 place = i;
            for (; place > 0 && vm.addr(ordered[place - 1]) > vm.addr(keys[i]); --place) {
                ordered[place] = ordered[place - 1];
            }
            ordered[place] = keys[i];
        }
    }

    function one(address item) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = item;
    }
}
