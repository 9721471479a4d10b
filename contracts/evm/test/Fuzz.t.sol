// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {RequestWord, RequestWords} from "../src/core/RequestWord.sol";
import {SettingsWord} from "../src/core/SettingsWord.sol";
import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {IPhatAnchorErrors as E} from "../src/interfaces/IPhatAnchorErrors.sol";
import {AnchorTest, AtInherited, AtShared} from "./support/AnchorTest.sol";
import {Test} from "./support/Test.sol";

abstract contract FuzzTest is AnchorTest {
    uint256 private constant KEYS_MAX = 12;

    /// Any outcome whose reads are right settles once, and leaves the store as a plain replay of its writes does.
    function testFuzz_settle(bool success, bytes memory output, uint8[] memory keys, bytes[] memory values) public {
        uint256 id = ask();
        IPhatAnchor.Outcome memory outcome = plain(id, output);
        outcome.success = success;
        uint256 count = keys.length < KEYS_MAX ? keys.length : KEYS_MAX;
        outcome.reads = new IPhatAnchor.Read[](count);
        for (uint256 i = 0; i < count; ++i) {
            outcome.reads[i] = IPhatAnchor.Read(bytes32(uint256(keys[i])), 0);
        }
        if (values.length < count) count = values.length;
        outcome.writes = new IPhatAnchor.Write[](count);
        for (uint256 i = 0; i < count; ++i) {
            outcome.writes[i] = IPhatAnchor.Write(bytes32(uint256(keys[i])), values[i]);
        }
        vm.prank(owner);
        anchor.setCallbackGas(address(consumer), 5_000_000);

        settle(outcome);
        equal(consumer.lastOutput(), output);
        check(consumer.lastSuccess() == success, "success was lost");
        for (uint256 i = 0; i < count; ++i) {
            (uint64 version, uint256 last) = (0, 0);
            for (uint256 j = 0; j < count; ++j) {
                if (keys[j] == keys[i]) (version, last) = (version + 1, j);
            }
            hasValue(bytes32(uint256(keys[i])), values[last], version);
        }
        settleReverts(outcome, alreadySettled(id));
    }

    /// Any request is told of and bound as the interface says, whatever the length of its input.
    function testFuzz_request(address asker, bytes memory input, uint40 fee, uint40 lasts) public {
        vm.assume(asker != address(0));
        uint40 deadline = uint40(START + 1 + uint256(lasts) % 1e9);
        uint96 fee_ = uint96(fee) * 1 gwei;
        vm.deal(asker, fee_);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.Requested(1, address(consumer), asker, input, 0, 0);
        vm.prank(asker);
        uint256 id = consumer.ask(input);
        vm.expectEmit(address(anchor));
        emit IPhatAnchor.Requested(2, address(consumer), asker, input, fee_, deadline);
        vm.prank(asker);
        equal(consumer.askWithTerms{value: fee_}(input, deadline), id + 1);

        IPhatAnchor.Outcome memory outcome = plain(id, "");
        outcome.commitment = anchor.commitmentOf(address(consumer), asker, input, 0, 0);
        settle(outcome);
        outcome.requestId = id + 1;
        outcome.commitment = keccak256(abi.encode(consumer, asker, keccak256(input), fee_, deadline));
        settle(outcome);
        equal(anchor.creditOf(relayer), fee_);
    }

    /// No key but the attestor's settles anything.
    function testFuzz_signer(uint256 privateKey, bytes memory output) public {
        privateKey = privateKey % (CURVE_ORDER - 1) + 1;
        vm.assume(privateKey != ATTESTOR_KEY);
        IPhatAnchor.Outcome memory outcome = plain(ask(), output);
        settleReverts(
            outcome,
            sign(privateKey, anchor, outcome),
            abi.encodeWithSelector(E.NotAttestor.selector, vm.addr(privateKey))
        );
    }

    /// No 65 bytes but the attestor's signature settle anything.
    function testFuzz_signature(bytes32 r, bytes32 s, uint8 v) public {
        // Most of the time a recovery id that there is.
        if (v >= 32) v = 27 + v % 2;
        IPhatAnchor.Outcome memory outcome = plain(ask(), "");
        address recovered = ecrecover(anchor.outcomeDigest(outcome), v, r, s);
        bytes memory reason = abi.encodeWithSelector(E.NotAttestor.selector, recovered);
        if (uint256(s) > CURVE_ORDER / 2 || recovered == address(0)) {
            reason = abi.encodeWithSelector(E.InvalidSignature.selector, 0);
        }
        settleReverts(outcome, abi.encodePacked(r, s, v), reason);
    }

    /// Nor does anything of another length.
    function testFuzz_signature_length(bytes memory signatures) public {
        vm.assume(signatures.length % 65 != 0);
        settleReverts(
            plain(ask(), ""), signatures, abi.encodeWithSelector(E.SignaturesMalformed.selector, signatures.length)
        );
    }

    /// A version other than the current one is refused.
    function testFuzz_version(uint64 claimed, uint8 writes) public {
        uint64 current = writes % 8;
        for (uint64 version = 0; version < current; ++version) {
            settle(touching(ask(), "k", version, "v"));
        }
        IPhatAnchor.Outcome memory outcome = touching(ask(), "k", claimed, "v");
        if (claimed == current) {
            settle(outcome);
        } else {
            settleReverts(outcome, abi.encodeWithSelector(E.StaleVersion.selector, bytes32("k"), claimed, current));
        }
    }

    /// Whatever calldata follows the selector of a settlement, nothing is settled by it.
    function testFuzz_calldata(bytes memory noise) public {
        uint256 id = ask();
        (bool done,) = address(anchor).call(bytes.concat(IPhatAnchor.settle.selector, noise));
        check(!done, "noise was settled");
        (done,) = address(anchor).call(bytes.concat(IPhatAnchor.settleBatch.selector, noise));
        isOpen(id);
        equal(consumer.calls(), 0);
    }
}

contract InheritedFuzzTest is FuzzTest, AtInherited {}

contract SharedFuzzTest is FuzzTest, AtShared {}

/// What is packed comes out again.
contract WordsFuzzTest is Test {
    function testFuzz_request(bytes32 commitment, uint48 feeUnits, uint40 deadline, bytes32 other) public pure {
        uint96 fee = uint96(uint256(feeUnits) * RequestWords.FEE_UNIT);
        RequestWord word = RequestWords.open(commitment);
        check(word.feeOf() == 0 && word.deadlineOf() == 0, "terms that nobody has set");
        word = word.withTerms(fee, deadline);
        check(word.isOpen() && !word.isFailed() && !word.isEmpty(), "not open");
        equal(word.feeOf(), fee);
        equal(word.deadlineOf(), deadline);
        check(word.commitmentHead() == bytes20(commitment), "another commitment");
        check(word.commitsTo(commitment), "another commitment");
        check(word.commitsTo(other) == (bytes20(other) == bytes20(commitment)), "it commits to another");
    }

    function testFuzz_settings(uint8 threshold, uint32 callbackGas, IPhatAnchor.Bounds memory bounds, uint8 requests)
        public
        pure
    {
        SettingsWord word = SettingsWord.wrap(0);
        check(word.isNone(), "something is granted");
        for (uint256 i = 0; i < requests; ++i) {
            uint256 count;
            (word, count) = word.withRequest();
            equal(count, i + 1);
        }
        word = word.withEpoch().withThreshold(threshold).withCallbackGas(callbackGas).withBounds(bounds);
        // Each once more, over what is there.
        word = word.withBounds(bounds).withCallbackGas(callbackGas).withThreshold(threshold).withEpoch();
        equal(word.requestCount(), requests);
        equal(word.epoch(), 2);
        equal(word.threshold(), threshold);
        equal(word.callbackGas(), callbackGas);
        equal(abi.encode(word.bounds()), abi.encode(bounds));
        bool bounded = bounds.validUntil != 0 || bounds.settlementsPerHourMax != 0 || !bounds.mayWrite;
        check(word.isUnbounded() == !bounded, "bounded, or not, against the bounds");
        SettingsWord grant = word.grant();
        equal(grant.requestCount(), 0);
        equal(grant.epoch(), 0);
        equal(grant.threshold(), threshold);
        equal(abi.encode(grant.bounds()), abi.encode(bounds));
    }
}
