// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "../interfaces/IPhatAnchor.sol";

/// @dev The settings of a consumer in one word, and the number of its requests. From the lowest bit on: 48 bits of
/// requests, 32 of changes of the attestor set, 8 of the threshold, 32 of the callback gas, 40 of the second until which
/// the set is valid, 24 of settlements an hour, 2 of flags. All but the first two are the grant.
/// The threshold is zero for a consumer that the anchor does not know, and for no other.
type SettingsWord is uint256;

using SettingsWords for SettingsWord global;

/// @title How the settings of a consumer are packed into one storage slot
/// @dev Read by hand, as the compiler would load a packed struct once for each member.
library SettingsWords {
    uint256 private constant REQUESTS_SHIFT = 0;
    uint256 private constant REQUESTS_MASK = type(uint48).max;
    uint256 private constant EPOCH_SHIFT = 48;
    uint256 private constant EPOCH_MASK = type(uint32).max;
    uint256 private constant THRESHOLD_SHIFT = 80;
    uint256 private constant THRESHOLD_MASK = type(uint8).max;
    uint256 private constant CALLBACK_GAS_SHIFT = 88;
    uint256 private constant CALLBACK_GAS_MASK = type(uint32).max;
    uint256 private constant VALID_UNTIL_SHIFT = 120;
    uint256 private constant VALID_UNTIL_MASK = type(uint40).max;
    uint256 private constant PER_HOUR_SHIFT = 160;
    uint256 private constant PER_HOUR_MASK = type(uint24).max;
    uint256 private constant MAY_WRITE_SHIFT = 184;
    uint256 private constant MAY_ROTATE_SHIFT = 185;
    uint256 private constant FLAG_MASK = 1;
    /// @dev All that bounds settlements, and the bit of it that is set where nothing does.
    uint256 private constant BOUNDS_MASK =
        VALID_UNTIL_MASK << VALID_UNTIL_SHIFT | PER_HOUR_MASK << PER_HOUR_SHIFT | FLAG_MASK << MAY_WRITE_SHIFT;
    uint256 private constant UNBOUNDED = FLAG_MASK << MAY_WRITE_SHIFT;

    /// @dev More requests than 2^48, or more changes of an attestor set than 2^32.
    error CountOverflow();

    /// @dev The number of requests made.
    function requestCount(SettingsWord word) internal pure returns (uint256) {
        return _get(word, REQUESTS_SHIFT, REQUESTS_MASK);
    }

    /// @dev The number of changes of the attestor set.
    function epoch(SettingsWord word) internal pure returns (uint256) {
        return _get(word, EPOCH_SHIFT, EPOCH_MASK);
    }

    /// @dev How many attestors have to sign.
    function threshold(SettingsWord word) internal pure returns (uint256) {
        return _get(word, THRESHOLD_SHIFT, THRESHOLD_MASK);
    }

    /// @dev The gas of a callback.
    function callbackGas(SettingsWord word) internal pure returns (uint256) {
        return _get(word, CALLBACK_GAS_SHIFT, CALLBACK_GAS_MASK);
    }

    /// @dev The last second in which the attestor set settles, since 1970; 0 for no end.
    function validUntil(SettingsWord word) internal pure returns (uint256) {
        return _get(word, VALID_UNTIL_SHIFT, VALID_UNTIL_MASK);
    }

    /// @dev The most settlements in an hour; 0 for no bound.
    function settlementsPerHourMax(SettingsWord word) internal pure returns (uint256) {
        return _get(word, PER_HOUR_SHIFT, PER_HOUR_MASK);
    }

    /// @dev Whether outcomes may write keys.
    function mayWrite(SettingsWord word) internal pure returns (bool) {
        return _get(word, MAY_WRITE_SHIFT, FLAG_MASK) != 0;
    }

    /// @dev Whether the attestor set may replace itself.
    function mayRotate(SettingsWord word) internal pure returns (bool) {
        return _get(word, MAY_ROTATE_SHIFT, FLAG_MASK) != 0;
    }

    /// @dev With one more request.
    /// @return changed The settings then; meaningless when `count` is 0.
    /// @return count The number of requests then; 0 when there would be more than fit.
    function withRequest(SettingsWord word) internal pure returns (SettingsWord changed, uint256 count) {
        unchecked {
            // The count is in the lowest 48 of 256 bits, which are all zero again where it runs over.
            uint256 next = SettingsWord.unwrap(word) + 1;
            return (SettingsWord.wrap(next), next & REQUESTS_MASK);
        }
    }

    /// @dev With one more change of the attestor set.
    function withEpoch(SettingsWord word) internal pure returns (SettingsWord) {
        uint256 next = epoch(word) + 1;
        if (next > EPOCH_MASK) revert CountOverflow();
        return _set(word, EPOCH_SHIFT, EPOCH_MASK, next);
    }

    /// @dev With another threshold, below 2^8.
    function withThreshold(SettingsWord word, uint256 value) internal pure returns (SettingsWord) {
        return _set(word, THRESHOLD_SHIFT, THRESHOLD_MASK, value);
    }

    /// @dev With another callback gas, below 2^32.
    function withCallbackGas(SettingsWord word, uint256 value) internal pure returns (SettingsWord) {
        return _set(word, CALLBACK_GAS_SHIFT, CALLBACK_GAS_MASK, value);
    }

    /// @dev With other bounds.
    function withBounds(SettingsWord word, IPhatAnchor.Bounds memory changed) internal pure returns (SettingsWord) {
        word = _set(word, VALID_UNTIL_SHIFT, VALID_UNTIL_MASK, changed.validUntil);
        word = _set(word, PER_HOUR_SHIFT, PER_HOUR_MASK, changed.settlementsPerHourMax);
        word = _set(word, MAY_WRITE_SHIFT, FLAG_MASK, changed.mayWrite ? 1 : 0);
        return _set(word, MAY_ROTATE_SHIFT, FLAG_MASK, changed.mayRotate ? 1 : 0);
    }

    /// @dev The part that says what the attestor set may do; not zero for a consumer that the anchor knows.
    function grant(SettingsWord word) internal pure returns (SettingsWord) {
        return SettingsWord.wrap(SettingsWord.unwrap(word) >> THRESHOLD_SHIFT << THRESHOLD_SHIFT);
    }

    /// @dev Whether every settlement that has a quorum is allowed.
    function isUnbounded(SettingsWord word) internal pure returns (bool) {
        return SettingsWord.unwrap(word) & BOUNDS_MASK == UNBOUNDED;
    }

    /// @dev Whether nothing is granted.
    function isNone(SettingsWord word) internal pure returns (bool) {
        return SettingsWord.unwrap(word) == 0;
    }

    /// @dev The bounds.
    function bounds(SettingsWord word) internal pure returns (IPhatAnchor.Bounds memory) {
        // Each is as wide as its bits.
        return IPhatAnchor.Bounds(
            uint40(validUntil(word)), uint24(settlementsPerHourMax(word)), mayWrite(word), mayRotate(word)
        );
    }

    function _get(SettingsWord word, uint256 shift, uint256 mask) private pure returns (uint256) {
        return SettingsWord.unwrap(word) >> shift & mask;
    }

    function _set(SettingsWord word, uint256 shift, uint256 mask, uint256 value) private pure returns (SettingsWord) {
        return SettingsWord.wrap(SettingsWord.unwrap(word) & ~(mask << shift) | (value & mask) << shift);
    }
}
