// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PhatAnchor} from "../PhatAnchor.sol";
import {VrfVerifier} from "./VrfVerifier.sol";

/// @title Random numbers that a Phat Contract draws and proves
/// @notice Whoever asks gets 32 bytes that neither the Phat Contract nor a worker could choose: for a public key and an
/// input there is one output, and the proof of it is checked here. The attestors' signature alone changes nothing.
/// @dev The input of a request is abi.encode(uint256 chainId, address consumer, uint256 id, address requester, bytes32
/// userSeed, bytes32 blockHash), and its Keccak-256 hash is the input of the random function. The output of the Phat
/// Contract is abi.encode(VrfVerifier.Proof).
/// What a worker can do is look at the output and keep it back; see examples/vrf-oracle/README.md for what that means.
contract VrfOracle is PhatAnchor {
    /// @dev A proof in words.
    uint256 private constant OUTPUT_BYTES = 320;

    VrfVerifier.Point private _key;
    mapping(uint256 => bytes32) private _seeds;
    mapping(uint256 => bytes32) private _randomness;
    /// @dev Requests whose latest outcome brought no proof.
    mapping(uint256 => bool) private _isRefused;
    /// @dev The request that a later one asks again for; 0 for one that was made for itself.
    mapping(uint256 => uint256) private _asksFor;

    /// @notice The key was set, for good.
    event VrfKeySet(uint256 x, uint256 y);

    /// @notice A random number was drawn.
    /// @param id The request's id.
    /// @param randomness The 32 random bytes.
    /// @param proof abi.encode(VrfVerifier.Proof), for {verify}.
    event RandomnessDrawn(uint256 indexed id, bytes32 randomness, bytes proof);

    /// @notice What came in place of a proof did not show anything. The request stays as it is: see {askAgain} and {prove}.
    /// @param id The request's id.
    event ProofRefused(uint256 indexed id);

    /// @notice A request is asked again, with the same input and so for the same random number.
    /// @param id The request.
    /// @param again The id under which the anchor has it now.
    event AskedAgain(uint256 indexed id, uint256 indexed again);

    /// @notice The key is set only once: with another one, the owner could choose between two outputs.
    error KeyAlreadySet();
    /// @notice Set the key of the Phat Contract with {setVrfKey} first, so that nobody can choose it by what is asked.
    error KeyNotSet();
    /// @notice These are no coordinates of a point of secp256k1.
    error InvalidKey(uint256 x, uint256 y);
    /// @notice There is no such request.
    error NoRequest(uint256 id);
    /// @notice The random number of this request is there already.
    error AlreadyDrawn(uint256 id);
    /// @notice The random number of this request is not there yet.
    error NotDrawn(uint256 id);
    /// @notice The proof is not one of the key for this request.
    error InvalidProof(uint256 id);
    /// @notice No outcome of this request was refused, or it was asked again since. Wait for the outcome.
    error NotRefused(uint256 id);
    /// @notice This is not what the request has asked with. Take the input from its event {Requested}.
    error WrongInput(uint256 id);

    /// @param initialOwner The account that may set attestors, and the key.
    /// @param initialAttestors The keys whose outcomes are accepted from the start, each by itself; may be empty.
    constructor(address initialOwner, address[] memory initialAttestors)
        PhatAnchor(initialOwner, initialAttestors, 1)
    {}

    /// @notice Sets the public key that all proofs are checked with, once.
    /// @param x Its coordinates, as the Phat Contract answers a call over HTTP.
    function setVrfKey(uint256 x, uint256 y) external onlyOwner {
        if (_key.x != 0) revert KeyAlreadySet();
        VrfVerifier.Point memory key = VrfVerifier.Point(x, y);
        if (!VrfVerifier.isKey(key)) revert InvalidKey(x, y);
        _key = key;
        emit VrfKeySet(x, y);
    }

    /// @notice Asks for 32 random bytes.
    /// @param userSeed Anything. One that is not known before makes the output depend on whoever gives it, too.
    /// @return id The id to look the answer up with.
    function request(bytes32 userSeed) external returns (uint256 id) {
        if (_key.x == 0) revert KeyNotSet();
        // The id that the request is about to get.
        id = this.requestCount(address(this)) + 1;
        // Without something of the block, the output of a request could be asked for before the request is made.
        bytes memory input =
            abi.encode(block.chainid, address(this), id, msg.sender, userSeed, blockhash(block.number - 1));
        _seeds[id] = keccak256(input);
        _request(input);
    }

    /// @notice Asks again for a request whose outcome was refused, by anyone: one worker that lies or whose run fails must
    /// not keep a number back for good. The input is the same, so the number can be no other.
    /// @param input The input of the request, as its event {Requested} has it.
    /// @return again The id under which the anchor has it now. The number is found under `id` all the same.
    function askAgain(uint256 id, bytes calldata input) external returns (uint256 again) {
        if (_randomness[id] != 0) revert AlreadyDrawn(id);
        if (!_isRefused[id]) revert NotRefused(id);
        if (keccak256(input) != seedOf(id)) revert WrongInput(id);
        delete _isRefused[id];
        // On behalf of whoever asked first.
        (,,, address requester,,) = abi.decode(input, (uint256, address, uint256, address, bytes32, bytes32));
        again = _request(requester, input, 0, 0);
        _asksFor[again] = id;
        emit AskedAgain(id, again);
    }

    /// @notice Brings the proof of a request, by anyone: it needs no attestor. For requests whose proof was refused or
    /// whose callback failed.
    function prove(uint256 id, VrfVerifier.Proof calldata proof) external {
        if (_randomness[id] != 0) revert AlreadyDrawn(id);
        if (!verify(id, proof)) revert InvalidProof(id);
        _draw(id, proof);
    }

    /// @notice The public key that proofs are checked with; zeros before it is set.
    function vrfKey() external view returns (uint256 x, uint256 y) {
        return (_key.x, _key.y);
    }

    /// @notice The random bytes of a request. Reverts before they are there.
    function randomnessOf(uint256 id) external view returns (bytes32 randomness) {
        randomness = _randomness[id];
        if (randomness == 0) revert NotDrawn(id);
    }

    /// @notice Whether the random bytes of a request are there.
    function isDrawn(uint256 id) external view returns (bool) {
        return _randomness[id] != 0;
    }

    /// @notice The input of the random function for a request.
    function seedOf(uint256 id) public view returns (bytes32 seed) {
        seed = _seeds[id];
        if (seed == 0) revert NoRequest(id);
    }

    /// @notice Whether a proof is one of the key for a request, whether it was used or not.
    function verify(uint256 id, VrfVerifier.Proof memory proof) public view returns (bool) {
        return VrfVerifier.verify(_key, abi.encodePacked(seedOf(id)), proof);
    }

    /// @inheritdoc PhatAnchor
    function _onOutcome(uint256 id, bool success, bytes calldata output) internal override {
        uint256 first = _asksFor[id];
        if (first != 0) id = first;
        // Somebody may have brought the proof before.
        if (_randomness[id] != 0) return;
        if (!success || output.length != OUTPUT_BYTES) return _refuse(id);
        VrfVerifier.Proof memory proof = abi.decode(output, (VrfVerifier.Proof));
        if (!verify(id, proof)) return _refuse(id);
        _draw(id, proof);
    }

    function _refuse(uint256 id) private {
        _isRefused[id] = true;
        emit ProofRefused(id);
    }

    function _draw(uint256 id, VrfVerifier.Proof memory proof) private {
        bytes32 randomness = VrfVerifier.output(proof);
        _randomness[id] = randomness;
        emit RandomnessDrawn(id, randomness, abi.encode(proof));
    }
}
