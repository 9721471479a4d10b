// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IPhatAnchor} from "../interfaces/IPhatAnchor.sol";
import {IPhatConsumer} from "../interfaces/IPhatConsumer.sol";
import {IPhatPushConsumer} from "../interfaces/IPhatPushConsumer.sol";
import {AttestorSets} from "./AttestorSets.sol";
import {Credits} from "./Credits.sol";
import {KeyValueStore} from "./KeyValueStore.sol";
import {OutcomeHash} from "./OutcomeHash.sol";
import {SettingsWord, SettingsWords} from "./SettingsWord.sol";
import {RequestData, RequestDataLib} from "./RequestData.sol";
import {RequestWord, RequestWords} from "./RequestWord.sol";

/// @title Requests and their settlement: what the inherited and the shared anchor have in common
/// @dev Requests are independent of each other: they settle in any order, and one that cannot settle delays no other.
/// A request is one slot, see {RequestWord}; its settlement clears the slot, and an empty slot of an id that was given
/// out says that it is settled. Ids only ever count up, so no request is made in a slot that was cleared.
/// A reorganisation of the chain can give a request's id to another request. An outcome therefore names the content it
/// answers by a commitment, see {commitmentOf}, and is refused when the id holds another one.
/// An outcome that nobody asked for has the id 0, which no request has. No slot is kept for it: it settles once because
/// it writes a key, the guard, whose version it depends on, and versions only ever rise. Anyone may choose the moment in
/// which a signed outcome is settled, even one in which its consumer refuses every call, as while it holds a lock. So
/// what a consumer refuses is kept by its hash, and comes again by {retry} and {retryPush}.
/// Attestors are trusted to tell what their Phat Contract has computed; loops over an outcome are therefore bounded by
/// the gas of the transaction alone.
abstract contract AnchorCore is AttestorSets, KeyValueStore, Credits {
    struct Request {
        RequestWord word;
    }

    /// @notice The longest input a request may carry, in bytes.
    uint256 public constant INPUT_BYTES_MAX = RequestDataLib.INPUT_BYTES_MAX;
    /// @notice The most outcomes in a batch.
    uint256 public constant BATCH_MAX = 256;
    /// @notice What a fee is a multiple of, in wei.
    uint256 public constant FEE_UNIT = RequestWords.FEE_UNIT;
    /// @notice The highest fee, in wei.
    uint256 public constant FEE_MAX = RequestWords.FEE_MAX;

    /// @dev Of what a callback reverts with, this many bytes are kept.
    uint256 private constant REASON_BYTES_MAX = 128;
    /// @dev The id in outcomes that nobody asked for.
    uint256 private constant NO_REQUEST = 0;
    /// @dev More than a call costs before its callee starts: 2 600 for an account that was not touched yet.
    uint256 private constant CALL_GAS_RESERVE = 10_000;

    /// @dev By consumer and id.
    mapping(address => mapping(uint256 => Request)) private _requests;
    /// @dev Outcomes that nobody asked for and that their consumer has refused, by consumer, epoch of its attestor set and
    /// firing: in the form of a request whose callback failed. Empty for all others.
    mapping(address => mapping(uint256 => mapping(bytes32 => Request))) private _refusedPushes;

    constructor() EIP712("PhatAnchor", "1") {}

    /// @inheritdoc IPhatAnchor
    function settle(Outcome calldata outcome, bytes calldata signatures) external {
        (bytes memory refusal, uint256 fee) = _settle(outcome, signatures);
        if (refusal.length != 0) _throw(refusal);
        if (fee != 0) _credit(msg.sender, fee);
    }

    /// @inheritdoc IPhatAnchor
    function settleBatch(Outcome[] calldata outcomes, bytes[] calldata signatures)
        external
        returns (bytes[] memory refusals)
    {
        uint256 count = outcomes.length;
        if (count > BATCH_MAX) revert BatchTooLarge(count, BATCH_MAX);
        if (count != signatures.length) revert LengthMismatch(count, signatures.length);
        refusals = new bytes[](count);
        uint256 fees = 0;
        for (uint256 i = 0; i < count; ++i) {
            Outcome calldata outcome = outcomes[i];
            (bytes memory refusal, uint256 fee) = _settle(outcome, signatures[i]);
            if (refusal.length == 0) {
                fees += fee;
            } else {
                refusals[i] = refusal;
                emit OutcomeRefused(outcome.requestId, outcome.consumer, refusal);
            }
        }
        _credit(msg.sender, fees);
    }

    /// @inheritdoc IPhatAnchor
    function retry(address consumer, uint256 id, bool success, bytes calldata output) external {
        _retry(_requests[consumer][id], IPhatConsumer.onPhatOutcome.selector, consumer, id, success, output);
        emit Retried(id, consumer);
    }

    /// @inheritdoc IPhatAnchor
    function retryPush(address consumer, bytes32 firing, bool success, bytes calldata output) external {
        _retry(
            _refused(consumer, firing),
            IPhatPushConsumer.onPhatPush.selector,
            consumer,
            uint256(firing),
            success,
            output
        );
        emit PushRetried(firing, consumer);
    }

    /// @inheritdoc IPhatAnchor
    function expire(address consumer, uint256 id, address requester, bytes32 inputHash) external {
        Request storage request_ = _requests[consumer][id];
        RequestWord word = request_.word;
        if (!word.isOpen()) _throw(_notOpen(consumer, id, word));
        uint40 deadline = word.deadlineOf();
        if (!word.isOver()) revert NotExpired(id, deadline);
        uint96 fee = word.feeOf();
        if (!word.commitsTo(_commitment(consumer, requester, inputHash, fee, deadline))) revert WrongPreimage(id);

        request_.word = RequestWords.EXPIRED;
        _credit(requester, fee);
        emit RequestExpired(id, consumer, requester, fee);
    }

    /// @inheritdoc IPhatAnchor
    function status(address consumer, uint256 id) external view returns (Status) {
        RequestWord word = _requests[consumer][id].word;
        if (word.isOpen()) return word.isOver() ? Status.Expired : Status.Open;
        if (word.isFailed()) return Status.CallbackFailed;
        if (!word.isEmpty()) return Status.Expired;
        return _wasMade(consumer, id) ? Status.Settled : Status.None;
    }

    /// @inheritdoc IPhatAnchor
    function requestCount(address consumer) external view returns (uint256) {
        return _settings[consumer].word.requestCount();
    }

    /// @inheritdoc IPhatAnchor
    function commitmentOf(address consumer, address requester, bytes calldata input, uint96 fee, uint40 expiresAt)
        external
        pure
        returns (bytes32)
    {
        return _commitment(consumer, requester, keccak256(input), fee, expiresAt);
    }

    /// @inheritdoc IPhatAnchor
    function outcomeDigest(Outcome calldata outcome) public view returns (bytes32) {
        return _hashTypedDataV4(OutcomeHash.ofOutcome(outcome));
    }

    /// @dev Makes a request. The fee has to be in the contract already, on top of all that it owes.
    /// The input lives in the event only, and workers read it from there.
    /// @param settings The consumer's settings.
    /// @param word What is stored in them.
    /// @param data The input; the other words are put in here.
    function _open(
        address consumer,
        Settings storage settings,
        SettingsWord word,
        address requester,
        RequestData data,
        uint256 fee,
        uint40 expiresAt
    ) internal returns (uint256 id) {
        (word, id) = word.withRequest();
        if (id == 0) revert SettingsWords.CountOverflow();
        settings.word = word;
        RequestWord open = RequestWords.open(data.commit(consumer, requester, fee, expiresAt));
        if (fee | expiresAt != 0) open = _withTerms(open, fee, expiresAt);
        _requests[consumer][id].word = open;

        (uint256 start, uint256 size) = data.eventData();
        bytes32 topic = Requested.selector;
        assembly ("memory-safe") {
            // Emits {Requested}. Consumer and requester are the two words before its data.
            log4(start, size, topic, id, mload(sub(start, 0x40)), mload(sub(start, 0x20)))
        }
    }

    /// @dev An open request with a fee, a deadline, or both.
    function _withTerms(RequestWord open, uint256 fee, uint40 expiresAt) private view returns (RequestWord) {
        if (fee > FEE_MAX || fee % FEE_UNIT != 0) revert InvalidFee(fee);
        if (expiresAt == 0) revert FeeWithoutExpiry();
        if (expiresAt <= block.timestamp) revert InvalidExpiry(expiresAt);
        return open.withTerms(fee, expiresAt);
    }

    /// @dev Settles one outcome, or tells why not and leaves everything as it was.
    /// Everything is stored before the callback, so a consumer that calls back in finds the request settled.
    /// @return refusal An encoded error; empty when the outcome is settled.
    /// @return fee What the relayer has earned, in wei; not credited yet.
    function _settle(Outcome calldata outcome, bytes calldata signatures)
        private
        returns (bytes memory refusal, uint256 fee)
    {
        (address consumer, uint256 id) = (outcome.consumer, outcome.requestId);
        Request storage request_ = _requests[consumer][id];
        RequestWord word = request_.word;
        SettingsWord grant;
        (refusal, grant) = _check(consumer, outcome, signatures, word);
        if (refusal.length != 0) {
            // There is no request 0. Asked only in here, what nobody asked for costs requests that settle nothing.
            return (id == NO_REQUEST ? _push(outcome, signatures) : refusal, 0);
        }

        request_.word = RequestWords.SETTLED;
        if (!grant.isUnbounded()) _countSettlement(consumer, grant);
        if (outcome.writes.length != 0) _applyWrites(consumer, outcome.writes);
        if (!_deliver(consumer, id, outcome, grant.callbackGas())) {
            request_.word = RequestWords.failed(outcome.success, outcome.output);
        }
        return (refusal, word.feeOf());
    }

    /// @dev Settles an outcome that nobody asked for, or tells why not and leaves everything as it was.
    /// Versions are compared before the signatures are checked, so that an outcome that was settled before is told as
    /// that even when its signers are no attestors any more.
    /// @return refusal An encoded error; empty when the outcome is settled.
    function _push(Outcome calldata outcome, bytes calldata signatures) private returns (bytes memory refusal) {
        if (!_isGuarded(outcome)) return abi.encodeWithSelector(Unguarded.selector);
        address consumer = outcome.consumer;
        refusal = _staleRead(consumer, outcome.reads);
        if (refusal.length != 0) return refusal;
        SettingsWord grant;
        (refusal, grant) = _quorum(consumer, outcomeDigest(outcome), signatures);
        if (refusal.length != 0) return refusal;
        if (!grant.isUnbounded()) {
            refusal = _boundsRefusal(consumer, grant, true);
            if (refusal.length != 0) return refusal;
            _countSettlement(consumer, grant);
        }
        _applyWrites(consumer, outcome.writes);
        _deliverPush(consumer, outcome, grant.callbackGas());
    }

    /// @dev Whether an outcome depends on a key that it writes, which has the first place in both lists.
    function _isGuarded(Outcome calldata outcome) private pure returns (bool) {
        if (outcome.reads.length == 0 || outcome.writes.length == 0) return false;
        return outcome.reads[0].key == outcome.writes[0].key;
    }

    /// @dev Calls back about an outcome that nobody asked for, and tells what became of it. Keeps it when it is refused:
    /// a consumer without such a function cannot be told from one that reverts without a reason, and refuses as well.
    function _deliverPush(address consumer, Outcome calldata outcome, uint256 callGas) private {
        (bytes32 firing, bool success) = (outcome.commitment, outcome.success);
        bytes4 selector = IPhatPushConsumer.onPhatPush.selector;
        // The same types as for the callback of a request, so that the compiler has one encoder for both.
        bytes memory data = abi.encodeWithSelector(selector, uint256(firing), success, outcome.output);
        bool delivered = _call(consumer, data, callGas, false);
        if (!delivered) {
            emit PushRefused(firing, consumer, _returned());
            _refused(consumer, firing).word = RequestWords.failed(success, outcome.output);
        }
        _tell(Pushed.selector, firing, consumer, success, delivered);
    }

    /// @dev Where a refused push is kept. One of an attestor set that was changed since is out of reach: with a stolen key,
    /// as many could be piled up as anybody likes, to be taken when the key is long gone.
    function _refused(address consumer, bytes32 firing) private view returns (Request storage) {
        return _refusedPushes[consumer][_settings[consumer].word.epoch()][firing];
    }

    /// @dev Calls back again about an outcome of which the hash is kept, and keeps it no more.
    /// The callback is promised the most gas that any consumer may have asked for, whatever this one asks for now: it may
    /// have failed for want of gas. So whoever retries cannot choose the gas so that a call in the callback fails, and
    /// the callback does not. What there is beyond is at its disposal, too.
    /// @param selector The function that is called, of {IPhatConsumer} or {IPhatPushConsumer}.
    /// @param subject The request's id, or the firing.
    function _retry(
        Request storage kept,
        bytes4 selector,
        address consumer,
        uint256 subject,
        bool success,
        bytes calldata output
    ) private {
        RequestWord word = kept.word;
        if (!word.isFailed()) revert NotFailed(subject);
        if (!word.equals(RequestWords.failed(success, output))) revert OutcomeMismatch(subject);
        kept.word = RequestWords.SETTLED;
        bytes memory data = abi.encodeWithSelector(selector, subject, success, output);
        if (!_call(consumer, data, CALLBACK_GAS_MAX, true)) revert CallbackReverted(_returned());
    }

    /// @dev Calls back, and tells what became of it.
    function _deliver(address consumer, uint256 id, Outcome calldata outcome, uint256 callGas)
        private
        returns (bool delivered)
    {
        bool success = outcome.success;
        bytes memory data = abi.encodeCall(IPhatConsumer.onPhatOutcome, (id, success, outcome.output));
        delivered = _call(consumer, data, callGas, false);
        if (!delivered) emit CallbackFailed(id, consumer, _returned());
        _tell(Settled.selector, bytes32(id), consumer, success, delivered);
    }

    /// @dev Emits {Settled} or {Pushed}, which differ in their names alone.
    /// @param topic The event's selector.
    /// @param subject The request's id, or what the firing is called.
    function _tell(bytes32 topic, bytes32 subject, address consumer, bool success, bool delivered) private {
        assembly ("memory-safe") {
            // In the scratch space.
            mstore(0x00, success)
            mstore(0x20, delivered)
            log4(0x00, 0x40, topic, subject, consumer, caller())
        }
    }

    /// @dev Whether an outcome of a request can be taken.
    /// The commitment is compared before the signatures are checked: it costs next to nothing, its slot being loaded, and
    /// an outcome of a request that is gone is told as that even when its signers are no attestors any more. A relayer
    /// drops the former and may keep the latter until the owner allows the keys.
    /// @return refusal Why it cannot, as an encoded error; empty when it can.
    /// @return grant What the attestor set may do.
    function _check(address consumer, Outcome calldata outcome, bytes calldata signatures, RequestWord word)
        private
        view
        returns (bytes memory refusal, SettingsWord grant)
    {
        if (!word.isOpen() || word.isOver() || !word.commitsTo(outcome.commitment)) {
            return (_requestRefusal(outcome, word), grant);
        }
        (refusal, grant) = _quorum(consumer, outcomeDigest(outcome), signatures);
        if (refusal.length != 0) return (refusal, grant);
        if (!grant.isUnbounded()) {
            refusal = _boundsRefusal(consumer, grant, outcome.writes.length != 0);
            if (refusal.length != 0) return (refusal, grant);
        }
        if (outcome.reads.length != 0) refusal = _staleRead(consumer, outcome.reads);
    }

    /// @dev Why an outcome does not fit the request, as an encoded error.
    function _requestRefusal(Outcome calldata outcome, RequestWord word) private view returns (bytes memory) {
        uint256 id = outcome.requestId;
        if (!word.isOpen()) return _notOpen(outcome.consumer, id, word);
        if (word.commitsTo(outcome.commitment)) {
            return abi.encodeWithSelector(Expired.selector, id, word.deadlineOf());
        }
        return abi.encodeWithSelector(CommitmentMismatch.selector, id, outcome.commitment, word.commitmentHead());
    }

    /// @dev What to say about a request that is not open, as an encoded error.
    function _notOpen(address consumer, uint256 id, RequestWord word) private view returns (bytes memory) {
        if (word.equals(RequestWords.EXPIRED)) return abi.encodeWithSelector(Expired.selector, id, 0);
        if (word.isFailed() || _wasMade(consumer, id)) return abi.encodeWithSelector(AlreadySettled.selector, id);
        return abi.encodeWithSelector(UnknownRequest.selector, id);
    }

    function _wasMade(address consumer, uint256 id) private view returns (bool) {
        return id != 0 && id <= _settings[consumer].word.requestCount();
    }

    /// @dev Calls a consumer back, and comes back whatever it does. The gas of the transaction never decides whether the
    /// callback succeeds: with less than `callGas` for it, the transaction reverts. Nor can the callback spend what the
    /// rest of the transaction needs, unless `allGas` gives it all there is.
    function _call(address consumer, bytes memory data, uint256 callGas, bool allGas) private returns (bool delivered) {
        uint256 min;
        unchecked {
            // A call gets at most 63 parts in 64 of the gas there is (EIP-150). Consumers ask for less than 2^32.
            min = callGas + callGas / 63 + CALL_GAS_RESERVE;
        }
        uint256 left = gasleft();
        if (left < min) revert OutOfGasForOutcome(left, min);
        if (allGas) callGas = left;
        assembly ("memory-safe") {
            // What it returns is not copied: a consumer that returns much makes nobody pay for it.
            delivered := call(callGas, consumer, 0, add(data, 0x20), mload(data), 0, 0)
        }
    }

    /// @dev The beginning of what the latest call returned.
    function _returned() private pure returns (bytes memory data) {
        uint256 length;
        assembly ("memory-safe") {
            length := returndatasize()
        }
        data = new bytes(length < REASON_BYTES_MAX ? length : REASON_BYTES_MAX);
        assembly ("memory-safe") {
            returndatacopy(add(data, 0x20), 0, mload(data))
        }
    }

    function _commitment(address consumer, address requester, bytes32 inputHash, uint96 fee, uint40 expiresAt)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(consumer, requester, inputHash, fee, expiresAt));
    }
}
