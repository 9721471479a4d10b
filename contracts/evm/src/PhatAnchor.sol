// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

import {IPhatConsumer} from "./interfaces/IPhatConsumer.sol";
import {IPhatPushConsumer} from "./interfaces/IPhatPushConsumer.sol";
import {AnchorCore} from "./core/AnchorCore.sol";
import {AttestorSets} from "./core/AttestorSets.sol";
import {Credits} from "./core/Credits.sol";
import {RequestDataLib} from "./core/RequestData.sol";

/// @title The place on an EVM chain where a Phat Contract is asked and answers
/// @notice A consumer contract inherits this anchor, asks with {_request} and gets its answer in {_onOutcome}. Each
/// request is settled exactly once, by an outcome that the consumer's attestors have signed: keys of the Phat Contract,
/// or of the workers that run it. Anyone may relay a signed outcome and pay its gas.
/// @dev Next to the requests lies a versioned key-value store, the Phat Contract's state on this chain. An outcome names
/// the version of every key that its run has read and is refused when one of them has changed since (optimistic
/// locking), so that two runs that depend on the same key cannot both settle.
abstract contract PhatAnchor is AnchorCore, Ownable2Step, IPhatConsumer, IPhatPushConsumer {
    /// @dev Fees and credits that have not been paid out, in wei.
    uint256 private _reserved;

    /// @param initialOwner The account that may set attestors and bounds.
    /// @param initialAttestors The keys whose outcomes are accepted from the start; may be empty when the Phat
    /// Contract does not exist yet, and {setAttestor} or {setAttestors} follows.
    /// @param initialThreshold How many of them have to sign; at least 1.
    constructor(address initialOwner, address[] memory initialAttestors, uint256 initialThreshold)
        Ownable(initialOwner)
    {
        _initialize(address(this), initialThreshold, initialAttestors);
    }

    /// @notice Adds an attestor or removes it, and leaves the threshold.
    /// @dev A removal is never refused: with fewer attestors than the threshold, nothing settles.
    /// @param attestor The address of the signing key; not zero.
    /// @param allowed Whether its signatures count from now on.
    function setAttestor(address attestor, bool allowed) external onlyOwner {
        _setAttestor(address(this), attestor, allowed);
    }

    /// @inheritdoc IPhatConsumer
    /// @dev The anchor calls itself, so that a revert in {_onOutcome} undoes only the callback.
    function onPhatOutcome(uint256 id, bool success, bytes calldata output) external {
        if (msg.sender != address(this)) revert OnlyAnchor(msg.sender);
        _onOutcome(id, success, output);
    }

    /// @inheritdoc IPhatPushConsumer
    /// @dev The anchor calls itself, so that a revert in {_onPush} undoes only the callback.
    function onPhatPush(bytes32 firing, bool success, bytes calldata output) external {
        if (msg.sender != address(this)) revert OnlyAnchor(msg.sender);
        _onPush(firing, success, output);
    }

    /// @notice Whether signatures of this key count.
    function isAttestor(address attestor) external view returns (bool) {
        return _attests(address(this), attestor);
    }

    /// @notice How much of the contract's balance belongs to requests with a fee and to credits, in wei. The consumer's
    /// own code must not spend it.
    function reserved() public view returns (uint256) {
        return _reserved;
    }

    /// @notice Asks the Phat Contract, without a fee and without a deadline.
    /// @param input The bytes given to the Phat Contract, at most {INPUT_BYTES_MAX}.
    /// @return id The id under which the outcome will arrive.
    function _request(bytes memory input) internal returns (uint256 id) {
        Settings storage settings = _settings[address(this)];
        return _open(address(this), settings, settings.word, msg.sender, RequestDataLib.ofMemory(input), 0, 0);
    }

    /// @notice Asks the Phat Contract with a fee for the relayer, a deadline, or both.
    /// @dev For a request made from within {_onOutcome}, msg.sender is this contract.
    /// @param requester On whose behalf the consumer asks. The fee of an expired request returns to this account: name
    /// the one that has paid it.
    /// @param input The bytes given to the Phat Contract, at most {INPUT_BYTES_MAX}.
    /// @param fee What the relayer is credited with, in wei: a multiple of {FEE_UNIT}. The contract has to hold it on top
    /// of {reserved}; mostly it is msg.value.
    /// @param expiresAt The last second in which the request can be settled, since 1970; 0 for no end, without a fee.
    /// @return id The id under which the outcome will arrive.
    function _request(address requester, bytes memory input, uint256 fee, uint40 expiresAt)
        internal
        returns (uint256 id)
    {
        if (fee != 0) {
            uint256 needed = _reserved + fee;
            if (address(this).balance < needed) revert FeeNotCovered(address(this).balance, needed);
            _reserved = needed;
        }
        Settings storage settings = _settings[address(this)];
        return _open(address(this), settings, settings.word, requester, RequestDataLib.ofMemory(input), fee, expiresAt);
    }

    /// @notice Receives the outcome of a request, once.
    /// @dev msg.sender is this contract, and the gas is what {setCallbackGas} says, whatever the relayer sends. A revert
    /// in here undoes what was done in here and nothing else: the request is settled, {status} says that its callback
    /// failed, and anyone may bring the same outcome again with {retry}. Take outputs of an unexpected form as a failure
    /// rather than reverting on them.
    /// @param id The request's id, as {_request} gave it.
    /// @param success Whether the run ended with an output. When false, `output` is UTF-8 text "code: message".
    /// @param output The bytes that the Phat Contract returned.
    function _onOutcome(uint256 id, bool success, bytes calldata output) internal virtual;

    /// @notice Receives an outcome that nobody asked for, once: that of a schedule, of a log of another contract or of a
    /// call over HTTP. Does nothing unless it is overridden; a consumer that only reads its key-value store needs nothing.
    /// @dev msg.sender and the gas are as in {_onOutcome}. A revert in here undoes what was done in here and nothing else:
    /// the outcome's writes stand, and anyone may bring it again with {retryPush}: perhaps after later ones, so compare
    /// what has an order. Reverting on what no retry mends is harmless, and costs whoever relays it a slot.
    /// @param firing The id of what made the Phat Contract run.
    /// @param success Whether the run ended with an output. When false, `output` is UTF-8 text "code: message".
    /// @param output The bytes that the Phat Contract returned.
    function _onPush(bytes32 firing, bool success, bytes calldata output) internal virtual {}

    /// @inheritdoc AttestorSets
    function _authorize(address consumer) internal view override {
        if (consumer != address(this)) revert NotAuthorized(consumer, msg.sender);
        _checkOwner();
    }

    /// @inheritdoc Credits
    function _paidOut(uint256 amount) internal override {
        _reserved -= amount;
    }
}
