// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Why an anchor refuses
/// @notice {IPhatAnchor.settle} reverts with one of these. {IPhatAnchor.settleBatch} hands the same bytes out for each
/// outcome that it passes over, as a return value and in an event.
interface IPhatAnchorErrors {
    /// @notice No request of the consumer has this id.
    error UnknownRequest(uint256 id);
    /// @notice The request has its outcome already.
    error AlreadySettled(uint256 id);
    /// @notice The outcome answers another request than the one that has this id now: a reorganisation has replaced it.
    /// @param id The request's id.
    /// @param expected The commitment in the outcome.
    /// @param actual The first 20 bytes of the commitment of the request at the anchor.
    error CommitmentMismatch(uint256 id, bytes32 expected, bytes20 actual);
    /// @notice The request's deadline is over: it cannot be settled any more, only refunded by {IPhatAnchor.expire}.
    /// @param id The request's id.
    /// @param expiresAt The last second in which it could be settled, since 1970.
    error Expired(uint256 id, uint40 expiresAt);
    /// @notice A key that the run depends on has changed since: run again.
    error StaleVersion(bytes32 key, uint64 expected, uint64 actual);
    /// @notice Nobody asked for the outcome, and its first read and its first write are not of the same key: nothing would
    /// keep it from settling again and again.
    error Unguarded();

    /// @notice Too few signatures, or more than the threshold asks for.
    /// @param have The number of signatures given.
    /// @param need The number that the attestor set asks for, exactly.
    error QuorumMissing(uint256 have, uint256 need);
    /// @notice The length of the signatures is no multiple of 65 bytes.
    error SignaturesMalformed(uint256 length);
    /// @notice The signature at this place is malformed: v is not 27 or 28, s is in the upper half, or r is no point.
    error InvalidSignature(uint256 index);
    /// @notice The signers do not rise by address, or one of them signed twice.
    error SignersOutOfOrder(address previous, address signer);
    /// @notice The outcome is signed by a key that is not an attestor, or was signed for another chain, another
    /// anchor or with another content.
    error NotAttestor(address recovered);
    /// @notice The attestor set was valid until this second; the owner has to extend it.
    error AttestorsLapsed(uint40 validUntil);
    /// @notice The attestor set has settled as much this hour as its owner lets it.
    /// @param max The most settlements an hour.
    /// @param retryAt The second in which the next hour begins.
    error RateExceeded(uint256 max, uint40 retryAt);
    /// @notice The attestor set may not write keys, and the outcome does.
    error WritesForbidden();

    /// @notice The transaction has less gas left for the callback than the consumer asks for: send it with more.
    /// @dev Ends a batch too: passing over what lacks only gas would let a relayer settle less than it was paid for.
    /// @param left The gas that is left.
    /// @param min The least with which the callback is tried.
    error OutOfGasForOutcome(uint256 left, uint256 min);
    /// @notice The numbers of outcomes and of signatures differ.
    error LengthMismatch(uint256 outcomes, uint256 signatures);
    /// @notice The batch has more outcomes than {IPhatAnchor.BATCH_MAX}.
    error BatchTooLarge(uint256 count, uint256 max);

    /// @notice The request has no callback that failed, or nothing is kept of the firing.
    /// @param id The request's id, or the firing.
    error NotFailed(uint256 id);
    /// @notice What is retried is not the outcome that was settled, or, of one firing, not the one that was refused last.
    /// @param id The request's id, or the firing.
    error OutcomeMismatch(uint256 id);
    /// @notice The callback failed again.
    /// @param reason The beginning of what it reverted with.
    error CallbackReverted(bytes reason);
    /// @notice Only the anchor calls this.
    error OnlyAnchor(address caller);

    /// @notice The request can still be settled.
    error NotExpired(uint256 id, uint40 expiresAt);
    /// @notice The requester and input given are not those of the request.
    error WrongPreimage(uint256 id);

    /// @notice The request's input is longer than {IPhatAnchor.INPUT_BYTES_MAX}.
    error InputTooLarge(uint256 length, uint256 max);
    /// @notice The fee is no multiple of {IPhatAnchor.FEE_UNIT}, or above {IPhatAnchor.FEE_MAX}.
    error InvalidFee(uint256 fee);
    /// @notice A request with a fee needs a deadline, so that the fee can come back.
    error FeeWithoutExpiry();
    /// @notice The deadline is not in the future.
    error InvalidExpiry(uint40 expiresAt);
    /// @notice The contract does not hold the fee on top of what it owes already.
    error FeeNotCovered(uint256 balance, uint256 needed);
    /// @notice The account has no credit.
    error NothingToClaim(address account);
    /// @notice The receiver did not take the payment.
    error PaymentRefused(address to);

    /// @notice The account may not change the settings of the consumer.
    error NotAuthorized(address consumer, address account);
    /// @notice The threshold is zero, or above the number of attestors while there are any.
    error InvalidThreshold(uint256 threshold, uint256 attestors);
    /// @notice More attestors than {IPhatAnchor.ATTESTORS_MAX}.
    error TooManyAttestors(uint256 count, uint256 max);
    /// @notice The zero address cannot be an attestor.
    error ZeroAttestor();
    /// @notice The attestor is named twice.
    error DuplicateAttestor(address attestor);
    /// @notice The callback gas is zero or above {IPhatAnchor.CALLBACK_GAS_MAX}.
    error InvalidCallbackGas(uint256 callbackGas);
    /// @notice The attestor set may not replace itself.
    error RotationForbidden();
    /// @notice The rotation was signed for another attestor set than the present one.
    error StaleEpoch(uint256 expected, uint256 actual);
    /// @notice An attestor set cannot lower its own threshold; the owner can.
    error ThresholdLowered(uint256 threshold, uint256 least);
}
