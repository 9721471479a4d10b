// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

import {PhatAnchor} from "../src/PhatAnchor.sol";
import {AnchorTest} from "./support/AnchorTest.sol";

contract FuzzTest is AnchorTest {
    /// Any outcome whose reads are right settles once, and leaves the store as a plain replay of its writes does.
    function testFuzz_settle(bool success, bytes memory output, uint8[] memory keys, bytes[] memory values) public {
        uint256 id = anchor.ask(output);
        PhatAnchor.Outcome memory outcome = plain(id, output);
        outcome.success = success;
        outcome.reads = new PhatAnchor.Read[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            outcome.reads[i] = PhatAnchor.Read(bytes32(uint256(keys[i])), 0);
        }
        uint256 count = keys.length < values.length ? keys.length : values.length;
        outcome.writes = new PhatAnchor.Write[](count);
        for (uint256 i = 0; i < count; ++i) {
            outcome.writes[i] = PhatAnchor.Write(bytes32(uint256(keys[i])), values[i]);
        }

        settle(outcome);
        equal(anchor.lastOutput(), output);
        check(anchor.lastSuccess() == success, "success was lost");
        for (uint256 i = 0; i < count; ++i) {
            (uint64 version, uint256 last) = (0, 0);
            for (uint256 j = 0; j < count; ++j) {
                if (keys[j] == keys[i]) (version, last) = (version + 1, j);
            }
            hasValue(bytes32(uint256(keys[i])), values[last], version);
        }
        settleReverts(outcome, abi.encodeWithSelector(PhatAnchor.AlreadySettled.selector, id));
    }

    /// No key but the attestor's settles anything.
    function testFuzz_signer(uint256 privateKey, bytes memory output) public {
        privateKey = privateKey % (CURVE_ORDER - 1) + 1;
        vm.assume(privateKey != ATTESTOR_KEY);
        PhatAnchor.Outcome memory outcome = plain(anchor.ask(""), output);
        bytes memory reason = abi.encodeWithSelector(PhatAnchor.NotAttestor.selector, vm.addr(privateKey));
        settleReverts(outcome, sign(privateKey, outcome), reason);
    }

    /// No 65 bytes but the attestor's signature settle anything.
    function testFuzz_signature(bytes32 r, bytes32 s, uint8 v) public {
        // Most of the time a recovery id that there is.
        if (v >= 32) v = 27 + v % 2;
        PhatAnchor.Outcome memory outcome = plain(anchor.ask(""), "");
        address recovered = ecrecover(anchor.outcomeDigest(outcome), v, r, s);
        bytes memory reason = abi.encodeWithSelector(PhatAnchor.NotAttestor.selector, recovered);
        if (uint256(s) > CURVE_ORDER / 2) {
            reason = abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureS.selector, s);
        } else if (recovered == address(0)) {
            reason = abi.encodeWithSelector(ECDSA.ECDSAInvalidSignature.selector);
        }
        settleReverts(outcome, abi.encodePacked(r, s, v), reason);
    }

    /// Nor does anything of another length.
    function testFuzz_signature_length(bytes memory signature) public {
        vm.assume(signature.length != 65);
        bytes memory reason = abi.encodeWithSelector(ECDSA.ECDSAInvalidSignatureLength.selector, signature.length);
        settleReverts(plain(anchor.ask(""), ""), signature, reason);
    }

    /// A version other than the current one is refused.
    function testFuzz_version(uint64 claimed, uint8 writes) public {
        uint64 current = writes % 8;
        for (uint64 version = 0; version < current; ++version) {
            settle(touching(anchor.ask(""), "k", version, "v"));
        }
        PhatAnchor.Outcome memory outcome = touching(anchor.ask(""), "k", claimed, "v");
        if (claimed == current) {
            settle(outcome);
        } else {
            settleReverts(
                outcome, abi.encodeWithSelector(PhatAnchor.StaleVersion.selector, bytes32("k"), claimed, current)
            );
        }
    }
}
