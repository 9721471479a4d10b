// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @title The place on an EVM chain where a Phat Contract is asked and answers
/// @notice A consumer contract inherits this anchor, asks with {_request} and gets its answer in {_onOutcome}. Each
/// request is settled exactly once, by an outcome that an attestor (the Phat Contract's own key) has signed. Anyone
/// may relay a signed outcome and pay its gas.
/// @dev Requests are independent of each other: they settle in any order, and one that cannot settle delays no other.
/// Next to the requests lies a versioned key-value store, the Phat Contract's state on this chain. An outcome names
/// the version of every key that its run has read and is refused when one of them has changed since (optimistic
/// locking), so that two runs that depend on the same key cannot both settle.
/// A reorganisation of the chain can give a request's id to another request. An outcome therefore names the content it
/// answers by a commitment, see {commitmentOf}, and is refused when the id holds another one.
/// An attestor is trusted to tell what its Phat Contract has computed; loops over an outcome are therefore bounded by
/// the gas of the transaction alone.
abstract contract PhatAnchor is EIP712, Ownable2Step {
    /// @notice A key that the run has read.
    /// @param key The keccak256 hash of the key's bytes.
    /// @param version The version the run saw; 0 when the key had never been written.
    struct Read {
        bytes32 key;
        uint64 version;
    }

    /// @notice A key that the outcome writes. Each write raises the key's version by 1.
    /// @param key The keccak256 hash of the key's bytes.
    /// @param value The new value; empty deletes the old one, while the version still rises.
    struct Write {
        bytes32 key;
        bytes value;
    }

    /// @notice What a run of the Phat Contract came to; this is what an attestor signs.
    /// @param requestId The request that is answered.
    /// @param commitment What was asked, and by whom: {commitmentOf} the request's requester and input.
    /// @param success Whether the run ended with an output. When false, `output` is UTF-8 text "code: message".
    /// @param output The bytes handed to the consumer.
    /// @param reads The keys the run depends on, each with the version it saw.
    /// @param writes The changes to the key-value store, in order.
    struct Outcome {
        uint256 requestId;
        bytes32 commitment;
        bool success;
        bytes output;
        Read[] reads;
        Write[] writes;
    }

    /// @notice What has become of a request id: never given out, waiting for its outcome, or answered.
    enum Status {
        None,
        Open,
        Settled
    }

    struct Entry {
        uint64 version;
        bytes value;
    }

    /// @notice The longest input a request may carry, in bytes.
    uint256 public constant INPUT_BYTES_MAX = 16_384;

    /// @dev What a settled request holds in place of its commitment; no hash comes out like this.
    bytes32 private constant SETTLED = bytes32(uint256(1));

    bytes32 private constant READ_TYPEHASH = keccak256("Read(bytes32 key,uint64 version)");
    bytes32 private constant WRITE_TYPEHASH = keccak256("Write(bytes32 key,bytes value)");
    bytes32 private constant OUTCOME_TYPEHASH = keccak256(
        "Outcome(uint256 requestId,bytes32 commitment,bool success,bytes output,Read[] reads,Write[] writes)"
        "Read(bytes32 key,uint64 version)Write(bytes32 key,bytes value)"
    );

    /// @dev The number of requests made, which is the id of the latest.
    uint256 private _requestCount;
    /// @dev By id: zero before the request is made, its commitment while it is open, then {SETTLED}.
    mapping(uint256 => bytes32) private _requests;
    mapping(address => bool) private _attestors;
    mapping(bytes32 => Entry) private _entries;

    /// @notice A request was made and waits for its outcome.
    /// @param id The request's id; ids count from 1.
    /// @param requester The account that called the consumer.
    /// @param input The bytes given to the Phat Contract.
    event Requested(uint256 indexed id, address indexed requester, bytes input);

    /// @notice A request was settled; this happens once for each id.
    /// @param id The request's id.
    /// @param success Whether the run ended with an output.
    /// @param relayer The account that brought the signed outcome.
    event Settled(uint256 indexed id, bool success, address indexed relayer);

    /// @notice An attestor was allowed or dismissed.
    /// @param attestor The address of the signing key.
    /// @param allowed Whether its outcomes are accepted from now on.
    event AttestorSet(address indexed attestor, bool allowed);

    /// @notice A key of the key-value store was written or deleted.
    /// @param key The keccak256 hash of the key's bytes.
    /// @param version The key's version from now on.
    event KeyWritten(bytes32 indexed key, uint64 version);

    /// @notice No request has this id.
    error UnknownRequest(uint256 id);
    /// @notice The request has its outcome already.
    error AlreadySettled(uint256 id);
    /// @notice The outcome answers another request than the one that has this id now: a reorganisation has replaced it.
    /// @param id The request's id.
    /// @param expected The commitment in the outcome.
    /// @param actual The commitment of the request at the anchor.
    error CommitmentMismatch(uint256 id, bytes32 expected, bytes32 actual);
    /// @notice The outcome is signed by a key that is not an attestor, or was signed for another chain, another
    /// anchor or with another content.
    error NotAttestor(address recovered);
    /// @notice A key that the run depends on has changed since: run again.
    error StaleVersion(bytes32 key, uint64 expected, uint64 actual);
    /// @notice The request's input is longer than {INPUT_BYTES_MAX}.
    error InputTooLarge(uint256 length, uint256 max);
    /// @notice The transaction has less gas left for the callback than the consumer asks for: send it with more.
    /// @param left The gas that is left.
    /// @param min The least that the consumer asks for.
    error OutOfGasForOutcome(uint256 left, uint256 min);
    /// @notice The zero address cannot be an attestor.
    error ZeroAttestor();

    /// @param initialOwner The account that may set attestors.
    /// @param initialAttestors The keys whose outcomes are accepted from the start; may be empty when the Phat
    /// Contract does not exist yet, and {setAttestor} follows.
    constructor(address initialOwner, address[] memory initialAttestors)
        EIP712("PhatAnchor", "1")
        Ownable(initialOwner)
    {
        for (uint256 i = 0; i < initialAttestors.length; ++i) {
            _setAttestor(initialAttestors[i], true);
        }
    }

    /// @notice Settles an open request: writes the outcome's changes and calls the consumer back, all or nothing.
    /// @dev Everything is stored before the callback, so a consumer that calls back in finds the request settled.
    /// The commitment is compared before the signature is checked: it costs next to nothing, its slot being loaded, and
    /// an outcome of a request that is gone is told as that even when its signer is no attestor any more. A relayer
    /// drops the former and may keep the latter until the owner allows the key.
    /// @param outcome What the run came to.
    /// @param signature An attestor's EIP-712 signature of `outcome`, 65 bytes r ‖ s ‖ v with s in the lower half.
    function settle(Outcome calldata outcome, bytes calldata signature) external {
        uint256 id = outcome.requestId;
        bytes32 commitment = _requests[id];
        if (commitment == 0) revert UnknownRequest(id);
        if (commitment == SETTLED) revert AlreadySettled(id);
        if (outcome.commitment != commitment) revert CommitmentMismatch(id, outcome.commitment, commitment);

        address recovered = ECDSA.recoverCalldata(outcomeDigest(outcome), signature);
        if (!_attestors[recovered]) revert NotAttestor(recovered);

        _requests[id] = SETTLED;
        _checkReads(outcome.reads);
        _applyWrites(outcome.writes);
        emit Settled(id, outcome.success, msg.sender);

        (uint256 left, uint256 min) = (gasleft(), _outcomeGasMin());
        if (left < min) revert OutOfGasForOutcome(left, min);
        _onOutcome(id, outcome.success, outcome.output);
    }

    /// @notice Allows or dismisses an attestor.
    /// @param attestor The address of the signing key; not zero.
    /// @param allowed Whether its outcomes are accepted from now on.
    function setAttestor(address attestor, bool allowed) external onlyOwner {
        _setAttestor(attestor, allowed);
    }

    /// @notice Whether outcomes signed by this key are accepted.
    function isAttestor(address attestor) external view returns (bool) {
        return _attestors[attestor];
    }

    /// @notice The number of requests made so far, which is the id of the latest.
    function requestCount() external view returns (uint256) {
        return _requestCount;
    }

    /// @notice What has become of a request.
    /// @param id The request's id.
    function status(uint256 id) public view returns (Status) {
        bytes32 commitment = _requests[id];
        if (commitment == 0) return Status.None;
        return commitment == SETTLED ? Status.Settled : Status.Open;
    }

    /// @notice What binds an outcome to the content of a request: keccak256(abi.encode(requester, keccak256(input))).
    /// @dev The hashed words have a fixed length, so no two contents share them, and they fit into scratch memory,
    /// where a hash of the input itself would have to copy it next to the requester.
    /// @param requester The account that called the consumer.
    /// @param input The bytes given to the Phat Contract.
    function commitmentOf(address requester, bytes memory input) public pure returns (bytes32) {
        return Hashes.efficientKeccak256(bytes32(uint256(uint160(requester))), keccak256(input));
    }

    /// @notice Reads the key-value store.
    /// @param key The keccak256 hash of the key's bytes.
    /// @return value The value; empty when the key was deleted or never written.
    /// @return version How often the key was written.
    function getValue(bytes32 key) public view returns (bytes memory value, uint64 version) {
        Entry storage entry = _entries[key];
        return (entry.value, entry.version);
    }

    /// @notice The EIP-712 digest that an attestor signs: domain "PhatAnchor" version "1", this chain, this contract.
    /// @param outcome What the run came to.
    function outcomeDigest(Outcome calldata outcome) public view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    OUTCOME_TYPEHASH,
                    outcome.requestId,
                    outcome.commitment,
                    outcome.success,
                    keccak256(outcome.output),
                    _hashReads(outcome.reads),
                    _hashWrites(outcome.writes)
                )
            )
        );
    }

    /// @notice Asks the Phat Contract.
    /// @dev The input lives in the event only, and workers read it from there. The anchor stores its commitment: one
    /// slot, whatever the input's length.
    /// The requester is msg.sender. For a request made from within {_onOutcome} that is the relayer, which may be
    /// anyone: do not take the requester of such a request for somebody who is known.
    /// @param input The bytes given to the Phat Contract, at most {INPUT_BYTES_MAX}.
    /// @return id The id under which the outcome will arrive.
    function _request(bytes memory input) internal returns (uint256 id) {
        if (input.length > INPUT_BYTES_MAX) revert InputTooLarge(input.length, INPUT_BYTES_MAX);
        id = ++_requestCount;
        _requests[id] = commitmentOf(msg.sender, input);
        emit Requested(id, msg.sender, input);
    }

    /// @notice Receives the outcome of a request, once.
    /// @dev A revert in here undoes the whole settlement and leaves the request open, and the same outcome will
    /// revert again: take outputs of an unexpected form as a failure rather than reverting on them.
    /// WARNING: the relayer chooses how much gas there is. A callback that runs out of it reverts, which only leaves the
    /// request open. But one that catches the failure of a call it makes, by `try` or by a low-level call, can be given
    /// so little that this call alone fails, and the request is settled for good without it. Override {_outcomeGasMin}
    /// then. An honest relayer meets the same: the least gas with which the transaction succeeds, which is what
    /// eth_estimateGas looks for, may be too little for the inner call.
    /// @param id The request's id, as {_request} gave it.
    /// @param success Whether the run ended with an output. When false, `output` is UTF-8 text "code: message".
    /// @param output The bytes that the Phat Contract returned.
    function _onOutcome(uint256 id, bool success, bytes calldata output) internal virtual;

    /// @notice The least gas to call {_onOutcome} with; a settlement with less reverts and leaves the request open.
    /// @dev 0 unless overridden, which is right for a callback that catches no failure. Otherwise return the most that
    /// the whole callback may use, for the longest output and with the calls it makes; of the gas that is left, such a
    /// call gets 63 parts in 64 (EIP-150), so add a 63rd part of what the last of them needs, and a margin for gas
    /// prices that a later hard fork may change.
    function _outcomeGasMin() internal view virtual returns (uint256) {
        return 0;
    }

    function _setAttestor(address attestor, bool allowed) private {
        if (attestor == address(0)) revert ZeroAttestor();
        _attestors[attestor] = allowed;
        emit AttestorSet(attestor, allowed);
    }

    function _checkReads(Read[] calldata reads) private view {
        for (uint256 i = 0; i < reads.length; ++i) {
            Read calldata read = reads[i];
            uint64 actual = _entries[read.key].version;
            if (actual != read.version) revert StaleVersion(read.key, read.version, actual);
        }
    }

    function _applyWrites(Write[] calldata writes) private {
        for (uint256 i = 0; i < writes.length; ++i) {
            Write calldata write = writes[i];
            Entry storage entry = _entries[write.key];
            uint64 version = ++entry.version;
            entry.value = write.value;
            emit KeyWritten(write.key, version);
        }
    }

    function _hashReads(Read[] calldata reads) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](reads.length);
        for (uint256 i = 0; i < reads.length; ++i) {
            hashes[i] = keccak256(abi.encode(READ_TYPEHASH, reads[i].key, reads[i].version));
        }
        return keccak256(abi.encodePacked(hashes));
    }

    function _hashWrites(Write[] calldata writes) private pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](writes.length);
        for (uint256 i = 0; i < writes.length; ++i) {
            hashes[i] = keccak256(abi.encode(WRITE_TYPEHASH, writes[i].key, keccak256(writes[i].value)));
        }
        return keccak256(abi.encodePacked(hashes));
    }
}
