// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IPhatAnchor} from "../interfaces/IPhatAnchor.sol";
import {OutcomeHash} from "./OutcomeHash.sol";
import {SettingsWord} from "./SettingsWord.sol";

/// @title The settings of consumers: who attests, with which quorum, within which bounds
/// @dev A consumer's settings are one slot, in which its requests are counted as well. What a settlement needs of them,
/// the grant, is kept once more with each attestor: it says both that the key attests and what it may do, so that a
/// settlement by one attestor loads one slot.
abstract contract AttestorSets is IPhatAnchor, EIP712 {
    /// @dev In a struct, so that where it lies is found once and passed on.
    struct Settings {
        SettingsWord word;
    }

    /// @dev The hour of the latest settlement, counted from 1970, and the settlements in it.
    struct Hour {
        uint128 number;
        uint128 settled;
    }

    /// @notice The most attestors that a consumer may have.
    uint256 public constant ATTESTORS_MAX = 32;
    /// @notice The gas of a callback, unless the consumer asks for another amount.
    uint256 public constant CALLBACK_GAS_DEFAULT = 200_000;
    /// @notice The most gas that a consumer may ask for its callback.
    uint256 public constant CALLBACK_GAS_MAX = 5_000_000;

    uint256 private constant SIGNATURE_BYTES = 65;
    uint256 private constant SECONDS_PER_HOUR = 3600;
    SettingsWord private constant NO_GRANT = SettingsWord.wrap(0);

    mapping(address => Settings) internal _settings;
    /// @dev By consumer and key: the grant in the consumer's settings for its attestors, else zero.
    mapping(address => mapping(address => SettingsWord)) private _grants;
    mapping(address => address[]) private _attestors;
    /// @dev Kept for consumers whose settlements are bounded.
    mapping(address => Hour) private _hours;

    /// @inheritdoc IPhatAnchor
    function setAttestors(address consumer, uint256 threshold, address[] calldata attestors) external {
        _authorize(consumer);
        _setAttestors(consumer, threshold, attestors);
    }

    /// @inheritdoc IPhatAnchor
    function setBounds(address consumer, Bounds calldata bounds) external {
        _authorize(consumer);
        _setBounds(consumer, bounds);
    }

    /// @inheritdoc IPhatAnchor
    function setCallbackGas(address consumer, uint256 callbackGas) external {
        _authorize(consumer);
        _setCallbackGas(consumer, callbackGas);
    }

    /// @inheritdoc IPhatAnchor
    function rotate(
        address consumer,
        uint256 epoch,
        uint256 threshold,
        address[] calldata attestors,
        bytes calldata signatures
    ) external {
        SettingsWord settings = _settings[consumer].word;
        if (!settings.mayRotate()) revert RotationForbidden();
        if (epoch != settings.epoch()) revert StaleEpoch(epoch, settings.epoch());
        if (threshold < settings.threshold()) revert ThresholdLowered(threshold, settings.threshold());
        // The owner may leave a consumer without attestors for a while. A set that did so could not undo it.
        if (attestors.length == 0) revert InvalidThreshold(threshold, 0);
        bytes32 digest = rotationDigest(consumer, epoch, threshold, attestors);
        (bytes memory refusal, SettingsWord grant) = _quorum(consumer, digest, signatures);
        _throw(refusal);
        _throw(_validityRefusal(grant));
        _setAttestors(consumer, threshold, attestors);
    }

    /// @inheritdoc IPhatAnchor
    function quorumOf(address consumer)
        external
        view
        returns (uint256 threshold, address[] memory attestors, uint256 epoch, Bounds memory bounds)
    {
        SettingsWord settings = _settings[consumer].word;
        return (settings.threshold(), _attestors[consumer], settings.epoch(), settings.bounds());
    }

    /// @inheritdoc IPhatAnchor
    function callbackGasOf(address consumer) external view returns (uint256) {
        return _settings[consumer].word.callbackGas();
    }

    /// @inheritdoc IPhatAnchor
    function rotationDigest(address consumer, uint256 epoch, uint256 threshold, address[] calldata attestors)
        public
        view
        returns (bytes32)
    {
        return _hashTypedDataV4(OutcomeHash.ofRotation(consumer, epoch, threshold, attestors));
    }

    /// @dev Reverts unless the caller may change the settings of the consumer.
    function _authorize(address consumer) internal view virtual;

    /// @dev Makes a consumer known: the set may settle and write without end, but not replace itself.
    function _initialize(address consumer, uint256 threshold, address[] memory attestors) internal {
        _setBounds(consumer, Bounds(0, 0, true, false));
        _setCallbackGas(consumer, CALLBACK_GAS_DEFAULT);
        _setAttestors(consumer, threshold, attestors);
    }

    /// @dev Replaces the attestor set of a consumer.
    function _setAttestors(address consumer, uint256 threshold, address[] memory attestors) internal {
        uint256 count = attestors.length;
        if (count > ATTESTORS_MAX) revert TooManyAttestors(count, ATTESTORS_MAX);
        if (threshold == 0 || threshold > (count == 0 ? ATTESTORS_MAX : count)) {
            revert InvalidThreshold(threshold, count);
        }
        _grantAll(consumer, NO_GRANT);
        SettingsWord settings = _settings[consumer].word.withThreshold(threshold).withEpoch();
        for (uint256 i = 0; i < count; ++i) {
            address attestor = attestors[i];
            if (attestor == address(0)) revert ZeroAttestor();
            if (_attests(consumer, attestor)) revert DuplicateAttestor(attestor);
            _grants[consumer][attestor] = settings.grant();
        }
        _attestors[consumer] = attestors;
        _settings[consumer].word = settings;
        emit AttestorsSet(consumer, settings.epoch(), threshold, attestors);
    }

    /// @dev Adds one attestor to the set of a consumer, or removes it, and leaves the threshold. A removal is never
    /// refused, as the key may be stolen: with fewer attestors than the threshold, nothing settles.
    function _setAttestor(address consumer, address attestor, bool allowed) internal {
        if (attestor == address(0)) revert ZeroAttestor();
        if (_attests(consumer, attestor) == allowed) return;
        SettingsWord settings = _settings[consumer].word.withEpoch();
        _settings[consumer].word = settings;
        _grants[consumer][attestor] = allowed ? settings.grant() : NO_GRANT;
        address[] storage list = _attestors[consumer];
        if (allowed) {
            if (list.length == ATTESTORS_MAX) revert TooManyAttestors(list.length + 1, ATTESTORS_MAX);
            list.push(attestor);
        } else {
            uint256 last = list.length - 1;
            for (uint256 i = 0; i < last; ++i) {
                if (list[i] == attestor) list[i] = list[last];
            }
            list.pop();
        }
        emit AttestorsSet(consumer, settings.epoch(), settings.threshold(), list);
    }

    /// @dev Bounds what the attestor set of a consumer may do.
    function _setBounds(address consumer, Bounds memory bounds) internal {
        _change(consumer, _settings[consumer].word.withBounds(bounds));
        emit BoundsSet(consumer, bounds);
    }

    /// @dev Sets the gas that each callback of a consumer gets.
    function _setCallbackGas(address consumer, uint256 callbackGas) internal {
        if (callbackGas == 0 || callbackGas > CALLBACK_GAS_MAX) revert InvalidCallbackGas(callbackGas);
        _change(consumer, _settings[consumer].word.withCallbackGas(callbackGas));
        emit CallbackGasSet(consumer, callbackGas);
    }

    /// @dev Whether a key is an attestor of the consumer.
    function _attests(address consumer, address attestor) internal view returns (bool) {
        return !_grants[consumer][attestor].isNone();
    }

    /// @dev Whether signatures speak for the consumer's attestor set.
    /// @return refusal Why they do not, as an encoded error; empty when they do.
    /// @return grant What the set may do; none when they do not.
    function _quorum(address consumer, bytes32 digest, bytes calldata signatures)
        internal
        view
        returns (bytes memory refusal, SettingsWord grant)
    {
        uint256 count = signatures.length / SIGNATURE_BYTES;
        if (signatures.length % SIGNATURE_BYTES != 0) {
            return (abi.encodeWithSelector(SignaturesMalformed.selector, signatures.length), NO_GRANT);
        }
        address previous = address(0);
        for (uint256 i = 0; i < count; ++i) {
            address signer = _recover(digest, signatures, i);
            if (signer <= previous) return (_signerRefusal(i, previous, signer), NO_GRANT);
            grant = _grants[consumer][signer];
            if (grant.isNone()) return (abi.encodeWithSelector(NotAttestor.selector, signer), NO_GRANT);
            previous = signer;
        }
        // Every attestor has the same grant. Without any signature there is none, and no threshold is 0.
        if (count != grant.threshold() || count == 0) {
            uint256 need = _settings[consumer].word.threshold();
            return (abi.encodeWithSelector(QuorumMissing.selector, count, need), NO_GRANT);
        }
    }

    /// @dev Why a grant does not allow a settlement, as an encoded error; empty when it does.
    function _boundsRefusal(address consumer, SettingsWord grant, bool writes)
        internal
        view
        returns (bytes memory refusal)
    {
        refusal = _validityRefusal(grant);
        if (refusal.length != 0) return refusal;
        if (writes && !grant.mayWrite()) return abi.encodeWithSelector(WritesForbidden.selector);
        uint256 max = grant.settlementsPerHourMax();
        if (max == 0) return refusal;
        uint256 number = block.timestamp / SECONDS_PER_HOUR;
        if (_settledIn(consumer, number) >= max) {
            return abi.encodeWithSelector(RateExceeded.selector, max, (number + 1) * SECONDS_PER_HOUR);
        }
    }

    /// @dev Counts a settlement against the bound an hour, where there is one.
    function _countSettlement(address consumer, SettingsWord grant) internal {
        if (grant.settlementsPerHourMax() == 0) return;
        uint256 number = block.timestamp / SECONDS_PER_HOUR;
        // Neither reaches 128 bits: seconds do not, and settlements are bounded by 24 bits.
        _hours[consumer] = Hour(uint128(number), uint128(_settledIn(consumer, number) + 1));
    }

    /// @dev Reverts with an encoded error; does nothing when it is empty.
    function _throw(bytes memory refusal) internal pure {
        if (refusal.length == 0) return;
        assembly ("memory-safe") {
            revert(add(refusal, 0x20), mload(refusal))
        }
    }

    /// @dev Why a grant does not hold any more, as an encoded error; empty when it does.
    function _validityRefusal(SettingsWord grant) private view returns (bytes memory refusal) {
        uint256 validUntil = grant.validUntil();
        if (validUntil == 0 || block.timestamp <= validUntil) return refusal;
        return abi.encodeWithSelector(AttestorsLapsed.selector, validUntil);
    }

    /// @dev The settlements in an hour counted from 1970.
    function _settledIn(address consumer, uint256 number) private view returns (uint256) {
        Hour storage hour = _hours[consumer];
        return hour.number == number ? hour.settled : 0;
    }

    /// @dev Changes what the attestor set of a consumer may do.
    function _change(address consumer, SettingsWord settings) private {
        _settings[consumer].word = settings;
        _grantAll(consumer, settings.grant());
    }

    function _grantAll(address consumer, SettingsWord grant) private {
        address[] storage attestors = _attestors[consumer];
        for (uint256 i = 0; i < attestors.length; ++i) {
            _grants[consumer][attestors[i]] = grant;
        }
    }

    /// @dev Why a signer does not follow the one before.
    function _signerRefusal(uint256 index, address previous, address signer) private pure returns (bytes memory) {
        if (signer == address(0)) return abi.encodeWithSelector(InvalidSignature.selector, index);
        return abi.encodeWithSelector(SignersOutOfOrder.selector, previous, signer);
    }

    /// @dev The signer of one of the signatures, or zero when it is malformed. The index is below their number.
    function _recover(bytes32 digest, bytes calldata signatures, uint256 index) private pure returns (address signer) {
        bytes32 r;
        bytes32 s;
        uint8 v;
        assembly ("memory-safe") {
            let signature := add(signatures.offset, mul(index, SIGNATURE_BYTES))
            r := calldataload(signature)
            s := calldataload(add(signature, 0x20))
            v := byte(0, calldataload(add(signature, 0x40)))
        }
        (signer,,) = ECDSA.tryRecover(digest, v, r, s);
    }
}
