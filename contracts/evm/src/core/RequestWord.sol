// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev All that an anchor stores about a request, in one word. Zero: never made, or settled. Otherwise the lowest byte
/// is its state, and the rest, from the highest bit on:
/// open: 160 bits of the commitment, 48 bits of the fee in units, 40 bits of the deadline;
/// failed: 248 bits of the hash of the outcome that the callback did not take;
/// expired: nothing.
type RequestWord is uint256;

using RequestWords for RequestWord global;

/// @title How a request is packed into one storage slot
/// @dev The commitment is cut to the length of an address. To have one outcome settle two requests, somebody would have
/// to find two requests of one consumer whose commitments agree in 160 bits, 2^80 hashes of work, and to have a
/// reorganisation swap them under one id.
library RequestWords {
    /// @dev Wei in one unit of a fee.
    uint256 internal constant FEE_UNIT = 1 gwei;
    /// @dev The highest fee in wei: 48 bits of units.
    uint256 internal constant FEE_MAX = (2 ** 48 - 1) * FEE_UNIT;
    /// @dev A request that was settled; storing this gives gas back.
    RequestWord internal constant SETTLED = RequestWord.wrap(0);
    /// @dev A request past its deadline, refunded.
    RequestWord internal constant EXPIRED = RequestWord.wrap(STATE_EXPIRED);

    uint256 private constant STATE_OPEN = 1;
    uint256 private constant STATE_FAILED = 2;
    uint256 private constant STATE_EXPIRED = 3;
    uint256 private constant STATE_MASK = 0xff;
    uint256 private constant EXPIRY_SHIFT = 8;
    uint256 private constant FEE_SHIFT = 48;
    uint256 private constant COMMITMENT_SHIFT = 96;

    /// @dev A request that waits for its outcome, without a fee and a deadline.
    /// @param commitment What an outcome has to name.
    function open(bytes32 commitment) internal pure returns (RequestWord) {
        return RequestWord.wrap((uint256(commitment) >> COMMITMENT_SHIFT << COMMITMENT_SHIFT) | STATE_OPEN);
    }

    /// @dev The same request with a fee, a deadline, or both.
    /// @param fee In wei, a multiple of {FEE_UNIT} up to {FEE_MAX}; the caller has checked that.
    /// @param expiresAt The deadline in seconds since 1970; 0 for none.
    function withTerms(RequestWord word, uint256 fee, uint40 expiresAt) internal pure returns (RequestWord) {
        return RequestWord.wrap(
            RequestWord.unwrap(word) | (fee / FEE_UNIT << FEE_SHIFT) | (uint256(expiresAt) << EXPIRY_SHIFT)
        );
    }

    /// @dev A request that is settled, but whose callback failed.
    function failed(bool success, bytes calldata output) internal pure returns (RequestWord) {
        uint256 hash = uint256(keccak256(abi.encode(success, keccak256(output))));
        return RequestWord.wrap((hash & ~STATE_MASK) | STATE_FAILED);
    }

    /// @dev Whether the request was never made or is settled.
    function isEmpty(RequestWord word) internal pure returns (bool) {
        return RequestWord.unwrap(word) == 0;
    }

    /// @dev Whether the request waits for its outcome, or for its refund.
    function isOpen(RequestWord word) internal pure returns (bool) {
        return RequestWord.unwrap(word) & STATE_MASK == STATE_OPEN;
    }

    /// @dev Whether the request's callback failed.
    function isFailed(RequestWord word) internal pure returns (bool) {
        return RequestWord.unwrap(word) & STATE_MASK == STATE_FAILED;
    }

    /// @dev Whether the two are the same.
    function equals(RequestWord word, RequestWord other) internal pure returns (bool) {
        return RequestWord.unwrap(word) == RequestWord.unwrap(other);
    }

    /// @dev Whether an open request's commitment is this one.
    function commitsTo(RequestWord word, bytes32 commitment) internal pure returns (bool) {
        return (RequestWord.unwrap(word) ^ uint256(commitment)) >> COMMITMENT_SHIFT == 0;
    }

    /// @dev What is kept of an open request's commitment.
    function commitmentHead(RequestWord word) internal pure returns (bytes20) {
        return bytes20(uint160(RequestWord.unwrap(word) >> COMMITMENT_SHIFT));
    }

    /// @dev An open request's fee in wei.
    function feeOf(RequestWord word) internal pure returns (uint96) {
        unchecked {
            // 48 bits times 30 bits.
            return uint96(uint48(RequestWord.unwrap(word) >> FEE_SHIFT) * FEE_UNIT);
        }
    }

    /// @dev An open request's deadline in seconds since 1970; 0 for none.
    function deadlineOf(RequestWord word) internal pure returns (uint40) {
        return uint40(RequestWord.unwrap(word) >> EXPIRY_SHIFT);
    }

    /// @dev Whether an open request is past its deadline.
    function isOver(RequestWord word) internal view returns (bool) {
        uint40 deadline = deadlineOf(word);
        return deadline != 0 && block.timestamp > deadline;
    }
}
