// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {VrfVerifier} from "../src/examples/VrfVerifier.sol";
import {Test} from "./support/Test.sol";
import {VrfProver} from "./support/VrfProver.sol";

contract VrfVerifierTest is Test {
    uint256 private constant SECRET = 0x5EC2E7;
    bytes private constant ALPHA = "sample";

    /// @dev What examples/vrf-oracle makes of the key that its tests have, in another language with other arithmetic.
    bytes32 private constant VECTOR_ALPHA = 0xdb5c84d6b65777979862e51d7b588668a864864716736211f1c9100503cf744f;
    bytes32 private constant VECTOR_OUTPUT = 0x39c7723a7e11d116d136576dc2dd79996f550c0c3609325c3e921d8db8add262;
    bytes private constant VECTOR_KEY =
        hex"2772d86664961ef746d2a9b8dccf667f51df8a6396c019aa85ffd9799636d178e8110da12f9b22437e1d92b4c1eefdbe76e473114932bfda3f21b1510caeb75d";
    bytes private constant VECTOR_PROOF =
        hex"4b053041e2e6082f6fd4629b91ac1851ef4f99a8efa19934fd0787f0e840a46af9407733db0cf5d3d40022e648e379ce30332b90aab8d5af4fc1d0dac5e6601b000000000000000000000000000000007c740f87301b64697cb06d4c0df85197c86916578755b158ebac3cba77a5408d466dc3d21fef388ccbf9322fb6cf8256e1476f44c6c3827002841b9e99352cab7ed91e86ef5d435457eb70c4af007448374038020416943c5cebfa7d9a32dab032513a93e1ebe770dce4a562e5de448f2b87a3234436973a872327d106fdad64c8859033d0aaf638971480ac3dfcf255d6ee65f1e02e3989f40aff37aa1633757d25445cb4f3a78603442a71ed33425530bfcdf37a93831ed187bd5711a6b02a150b752f336adc5cb5540251ddec3c0e72a841c151c4fc0f9ada553040fc24486eef5557cb2bf573f7acf1191e9d258e";

    function holds(VrfVerifier.Point memory key, bytes memory alpha, VrfVerifier.Proof memory proof)
        private
        view
        returns (bool)
    {
        return VrfVerifier.verify(key, alpha, proof);
    }

    function copy(VrfVerifier.Proof memory proof) private pure returns (VrfVerifier.Proof memory) {
        return abi.decode(abi.encode(proof), (VrfVerifier.Proof));
    }

    /// @dev A proof of which the word at `index` is another one.
    function withWord(VrfVerifier.Proof memory proof, uint256 index, uint256 value)
        private
        pure
        returns (VrfVerifier.Proof memory)
    {
        bytes memory encoded = abi.encode(proof);
        assembly ("memory-safe") {
            mstore(add(add(encoded, 0x20), mul(index, 0x20)), value)
        }
        return abi.decode(encoded, (VrfVerifier.Proof));
    }

    function wordOf(VrfVerifier.Proof memory proof, uint256 index) private pure returns (uint256 value) {
        bytes memory encoded = abi.encode(proof);
        assembly ("memory-safe") {
            value := mload(add(add(encoded, 0x20), mul(index, 0x20)))
        }
    }

    function test_it_takes_what_the_phat_contract_makes() public view {
        VrfVerifier.Point memory key = abi.decode(VECTOR_KEY, (VrfVerifier.Point));
        VrfVerifier.Proof memory proof = abi.decode(VECTOR_PROOF, (VrfVerifier.Proof));
        bytes memory alpha = abi.encodePacked(VECTOR_ALPHA);
        check(holds(key, alpha, proof), "the vector does not hold");
        check(VrfVerifier.output(proof) == VECTOR_OUTPUT, "another output");
        check(!holds(key, abi.encodePacked(VECTOR_ALPHA, bytes1(0)), proof), "it holds for another input");
        check(!holds(VrfProver.publicKey(SECRET), alpha, proof), "it holds for another key");
    }

    function test_each_word_of_a_proof_counts() public view {
        VrfVerifier.Point memory key = VrfProver.publicKey(SECRET);
        VrfVerifier.Proof memory proof = VrfProver.prove(SECRET, ALPHA);
        check(holds(key, ALPHA, proof), "the proof does not hold");
        for (uint256 index = 0; index < 10; ++index) {
            uint256 word = wordOf(proof, index);
            uint256[7] memory others =
                [uint256(0), 1, word ^ 1, word + 1, VrfProver.P - word, VrfProver.N, type(uint256).max];
            for (uint256 i = 0; i < others.length; ++i) {
                check(others[i] == word || !holds(key, ALPHA, withWord(proof, index, others[i])), "a forgery holds");
            }
        }
    }

    function test_the_output_does_not_depend_on_what_hides_the_key() public view {
        VrfVerifier.Point memory key = VrfProver.publicKey(SECRET);
        VrfVerifier.Proof memory one = VrfProver.proveWith(SECRET, ALPHA, 3);
        VrfVerifier.Proof memory other = VrfProver.proveWith(SECRET, ALPHA, 4);
        check(holds(key, ALPHA, one) && holds(key, ALPHA, other), "a proof does not hold");
        check(one.c != other.c, "it is the same proof");
        check(VrfVerifier.output(one) == VrfVerifier.output(other), "the prover chose the output");
    }

    function test_a_gamma_of_the_provers_choice_is_refused() public view {
        VrfVerifier.Point memory key = VrfProver.publicKey(SECRET);
        // Everything fits but the secret key.
        VrfVerifier.Proof memory proof = VrfProver.prove(SECRET, ALPHA);
        VrfVerifier.Proof memory other = VrfProver.prove(SECRET + 1, ALPHA);
        check(!holds(key, ALPHA, other), "a proof of another key holds");
        VrfVerifier.Proof memory mixed = copy(proof);
        mixed.gamma = other.gamma;
        mixed.cGamma = VrfProver.multiply(other.gamma, proof.c);
        check(!holds(key, ALPHA, mixed), "another gamma holds");
    }

    function test_keys_are_points_of_the_curve() public view {
        check(VrfVerifier.isKey(VrfProver.publicKey(1)), "the generator is none");
        check(!VrfVerifier.isKey(VrfVerifier.Point(0, 0)), "zeros");
        check(!VrfVerifier.isKey(VrfVerifier.Point(1, 1)), "off the curve");
        VrfVerifier.Point memory key = VrfProver.publicKey(2);
        check(VrfVerifier.isKey(VrfVerifier.Point(key.x, VrfProver.P - key.y)), "the negative is none");
        check(!VrfVerifier.isKey(VrfVerifier.Point(key.x, key.y ^ 1)), "another y");
        check(!VrfVerifier.isKey(VrfVerifier.Point(type(uint256).max, key.y)), "an x above the field");
        // x = 1 is on the curve; written with the prime added it is not taken.
        check(!VrfVerifier.isKey(VrfVerifier.Point(VrfProver.P + 1, key.y)), "an x in another form");
    }

    function testFuzz_proofs_hold_for_their_key_and_input_alone(uint256 secret, bytes memory alpha, uint256 bit)
        public
        view
    {
        secret = secret % (VrfProver.N - 1) + 1;
        VrfVerifier.Point memory key = VrfProver.publicKey(secret);
        VrfVerifier.Proof memory proof = VrfProver.prove(secret, alpha);
        check(holds(key, alpha, proof), "a proof does not hold");
        check(!holds(key, bytes.concat(alpha, hex"00"), proof), "it holds for another input");
        check(!holds(VrfProver.publicKey(secret % (VrfProver.N - 1) + 2), alpha, proof), "it holds for another key");
        uint256 index = bit % 2_560 / 256;
        uint256 changed = wordOf(proof, index) ^ (1 << (bit % 256));
        check(!holds(key, alpha, withWord(proof, index, changed)), "a changed proof holds");
    }

    function testFuzz_no_words_are_a_proof(uint256[10] memory words) public view {
        VrfVerifier.Proof memory proof = abi.decode(abi.encode(words), (VrfVerifier.Proof));
        check(!holds(VrfProver.publicKey(SECRET), ALPHA, proof), "a forgery holds");
        proof.gamma = VrfProver.publicKey(words[0] % (VrfProver.N - 1) + 1);
        proof.c = uint128(words[2]);
        proof.s = words[3] % VrfProver.N;
        check(!holds(VrfProver.publicKey(SECRET), ALPHA, proof), "a forgery with a point holds");
    }
}
