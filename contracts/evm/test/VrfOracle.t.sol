// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VrfOracle} from "../src/examples/VrfOracle.sol";
import {VrfVerifier} from "../src/examples/VrfVerifier.sol";
import {IPhatAnchor} from "../src/interfaces/IPhatAnchor.sol";
import {Signing} from "./support/Signing.sol";
import {VrfProver} from "./support/VrfProver.sol";

contract VrfOracleTest is Signing {
    uint256 private constant ATTESTOR_KEY = 0xA11CE;
    uint256 private constant SECRET = 0x5EC2E7;
    bytes32 private constant USER_SEED = "a seed";
    address private constant PLAYER = address(0x91A7E2);

    VrfOracle private oracle;

    function setUp() public {
        oracle = new VrfOracle(address(this), one(vm.addr(ATTESTOR_KEY)));
        VrfVerifier.Point memory key = VrfProver.publicKey(SECRET);
        oracle.setVrfKey(key.x, key.y);
    }

    function ask() private returns (uint256) {
        vm.prank(PLAYER);
        return oracle.request(USER_SEED);
    }

    function inputOf(uint256 id) private view returns (bytes memory) {
        return abi.encode(block.chainid, address(oracle), id, PLAYER, USER_SEED, blockhash(block.number - 1));
    }

    function proofOf(uint256 id, uint256 secret) private view returns (VrfVerifier.Proof memory) {
        return VrfProver.prove(secret, abi.encodePacked(oracle.seedOf(id)));
    }

    function settle(uint256 id, bool success, bytes memory output) private {
        IPhatAnchor.Outcome memory outcome;
        (outcome.requestId, outcome.consumer) = (id, address(oracle));
        (outcome.success, outcome.output) = (success, output);
        outcome.commitment = oracle.commitmentOf(address(oracle), PLAYER, inputOf(id), 0, 0);
        oracle.settle(outcome, sign(ATTESTOR_KEY, oracle, outcome));
        check(oracle.status(address(oracle), id) == IPhatAnchor.Status.Settled, "the callback failed");
    }

    function settleRefused(uint256 id, bool success, bytes memory output) private {
        vm.expectEmit(address(oracle));
        emit VrfOracle.ProofRefused(id);
        settle(id, success, output);
        check(!oracle.isDrawn(id), "it was drawn");
        vm.expectRevert(abi.encodeWithSelector(VrfOracle.NotDrawn.selector, id));
        oracle.randomnessOf(id);
    }

    function test_a_request_is_drawn_and_checked() public {
        vm.expectEmit(address(oracle));
        emit IPhatAnchor.Requested(1, address(oracle), PLAYER, inputOf(1), 0, 0);
        uint256 id = ask();
        equal(id, 1);
        check(oracle.seedOf(id) == keccak256(inputOf(id)), "another seed");
        VrfVerifier.Proof memory proof = proofOf(id, SECRET);
        check(oracle.verify(id, proof), "the proof does not hold");
        vm.expectEmit(address(oracle));
        emit VrfOracle.RandomnessDrawn(id, VrfVerifier.output(proof), abi.encode(proof));
        settle(id, true, abi.encode(proof));
        check(oracle.isDrawn(id), "it was not drawn");
        check(oracle.randomnessOf(id) == VrfVerifier.output(proof), "another output");
        // Anyone can still check it.
        check(oracle.verify(id, proof), "the proof does not hold any more");
        check(!oracle.verify(id, proofOf(id, SECRET + 1)), "that of another key holds");
    }

    function test_every_request_has_a_seed_of_its_own() public {
        (uint256 first, uint256 second) = (ask(), ask());
        check(oracle.seedOf(first) != oracle.seedOf(second), "two requests share a seed");
        check(!oracle.verify(second, proofOf(first, SECRET)), "a proof holds for two requests");
        vm.prank(address(0xB0B));
        uint256 third = oracle.request(USER_SEED);
        check(oracle.seedOf(third) != keccak256(inputOf(third)), "the requester is not in the seed");
        VrfOracle other = new VrfOracle(address(this), new address[](0));
        VrfVerifier.Point memory key = VrfProver.publicKey(SECRET);
        other.setVrfKey(key.x, key.y);
        vm.prank(PLAYER);
        check(other.seedOf(other.request(USER_SEED)) != oracle.seedOf(first), "the consumer is not in the seed");
    }

    function test_a_seed_is_of_one_chain() public {
        uint256 snapshot = vm.snapshotState();
        bytes32 here = oracle.seedOf(ask());
        vm.revertToState(snapshot);
        vm.chainId(block.chainid + 1);
        check(oracle.seedOf(ask()) != here, "the chain is not in the seed");
    }

    function test_what_shows_nothing_is_refused() public {
        settleRefused(ask(), false, "script_threw: no");
        settleRefused(ask(), true, "");
        settleRefused(ask(), true, new bytes(320));
        settleRefused(ask(), true, new bytes(352));
        uint256 id = ask();
        settleRefused(id, true, abi.encode(proofOf(id, SECRET + 1)));
        id = ask();
        VrfVerifier.Proof memory proof = proofOf(id, SECRET);
        proof.gamma.y = VrfProver.P - proof.gamma.y;
        settleRefused(id, true, abi.encode(proof));
        id = ask();
        settleRefused(id, true, abi.encode(proofOf(id - 1, SECRET)));
    }

    function test_a_proof_can_be_brought_later_by_anyone() public {
        uint256 id = ask();
        VrfVerifier.Proof memory forged = proofOf(id, SECRET + 1);
        settleRefused(id, true, abi.encode(forged));
        vm.expectRevert(abi.encodeWithSelector(VrfOracle.InvalidProof.selector, id));
        oracle.prove(id, forged);
        VrfVerifier.Proof memory proof = proofOf(id, SECRET);
        vm.prank(address(0xB0B));
        oracle.prove(id, proof);
        check(oracle.randomnessOf(id) == VrfVerifier.output(proof), "another output");
        vm.expectRevert(abi.encodeWithSelector(VrfOracle.AlreadyDrawn.selector, id));
        oracle.prove(id, proof);
    }

    function test_a_refused_request_is_asked_again_for_the_same_number() public {
        uint256 id = ask();
        bytes memory input = inputOf(id);
        vm.expectRevert(abi.encodeWithSelector(VrfOracle.NotRefused.selector, id));
        oracle.askAgain(id, input);
        settleRefused(id, true, abi.encode(proofOf(id, SECRET + 1)));
        vm.expectRevert(abi.encodeWithSelector(VrfOracle.WrongInput.selector, id));
        oracle.askAgain(id, abi.encodePacked(input, uint8(0)));
        vm.expectEmit(address(oracle));
        emit IPhatAnchor.Requested(id + 1, address(oracle), PLAYER, input, 0, 0);
        vm.prank(address(0xB0B));
        uint256 again = oracle.askAgain(id, input);
        equal(again, id + 1);
        vm.expectRevert(abi.encodeWithSelector(VrfOracle.NotRefused.selector, id));
        oracle.askAgain(id, input);

        VrfVerifier.Proof memory proof = proofOf(id, SECRET);
        IPhatAnchor.Outcome memory outcome;
        (outcome.requestId, outcome.consumer, outcome.success) = (again, address(oracle), true);
        outcome.output = abi.encode(proof);
        outcome.commitment = oracle.commitmentOf(address(oracle), PLAYER, input, 0, 0);
        oracle.settle(outcome, sign(ATTESTOR_KEY, oracle, outcome));
        check(oracle.randomnessOf(id) == VrfVerifier.output(proof), "another output");
        vm.expectRevert(abi.encodeWithSelector(VrfOracle.AlreadyDrawn.selector, id));
        oracle.askAgain(id, input);
    }

    function test_an_outcome_that_comes_after_the_proof_changes_nothing() public {
        uint256 id = ask();
        VrfVerifier.Proof memory proof = proofOf(id, SECRET);
        oracle.prove(id, proof);
        settle(id, true, abi.encode(proofOf(id, SECRET + 1)));
        check(oracle.randomnessOf(id) == VrfVerifier.output(proof), "another output");
    }

    function test_requests_that_were_not_made_have_nothing() public {
        VrfVerifier.Proof memory proof;
        for (uint256 id = 0; id < 2; ++id) {
            bytes memory none = abi.encodeWithSelector(VrfOracle.NoRequest.selector, id);
            vm.expectRevert(none);
            oracle.seedOf(id);
            vm.expectRevert(none);
            oracle.prove(id, proof);
        }
    }

    function test_the_key_is_set_once_by_the_owner() public {
        VrfVerifier.Point memory key = VrfProver.publicKey(SECRET + 1);
        vm.expectRevert(abi.encodeWithSelector(VrfOracle.KeyAlreadySet.selector));
        oracle.setVrfKey(key.x, key.y);

        VrfOracle fresh = new VrfOracle(address(this), new address[](0));
        vm.expectRevert(abi.encodeWithSelector(VrfOracle.KeyNotSet.selector));
        fresh.request(USER_SEED);
        vm.expectRevert(abi.encodeWithSelector(VrfOracle.InvalidKey.selector, key.x, key.y ^ 1));
        fresh.setVrfKey(key.x, key.y ^ 1);
        vm.expectRevert(abi.encodeWithSelector(bytes4(keccak256("OwnableUnauthorizedAccount(address)")), PLAYER));
        vm.prank(PLAYER);
        fresh.setVrfKey(key.x, key.y);
        vm.expectEmit(address(fresh));
        emit VrfOracle.VrfKeySet(key.x, key.y);
        fresh.setVrfKey(key.x, key.y);
        (uint256 x, uint256 y) = fresh.vrfKey();
        check(x == key.x && y == key.y, "another key");
    }

    function test_the_callback_has_gas_to_spare() public {
        uint256 id = ask();
        IPhatAnchor.Outcome memory outcome;
        (outcome.requestId, outcome.consumer, outcome.success) = (id, address(oracle), true);
        outcome.output = abi.encode(proofOf(id, SECRET));
        outcome.commitment = oracle.commitmentOf(address(oracle), PLAYER, inputOf(id), 0, 0);
        bytes memory signatures = sign(ATTESTOR_KEY, oracle, outcome);
        oracle.settle(outcome, signatures);
        // Of 200 000 that a callback has, unless the owner says something else.
        check(vm.lastCallGas().gasTotalUsed < 130_000, "a draw costs too much");
    }

    function testFuzz_no_output_makes_the_callback_fail(bool success, bytes calldata output) public {
        settleRefused(ask(), success, output);
    }

    function testFuzz_words_are_no_proof(uint256[10] calldata words) public {
        settleRefused(ask(), true, abi.encode(words));
    }
}
