// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IPhatAnchor} from "../interfaces/IPhatAnchor.sol";
import {OutcomeHash} from "./OutcomeHash.sol";
import {SettingsWord} from "./SettingsWord.sol";

/// @title The settings of consumers: who attests, with which quorum, within which bounds
/// @dev What a settlement needs of a consumer's settings is one slot, which its requests are counted in as well. Whether
/// a key attests is one slot each.
abstract contract AttestorSets is IPhatAnchor, EIP712 {
    /// @notice The most attestors that a consumer may have.
    uint256 public constant ATTESTORS_MAX = 32;
    /// @notice The gas of a callback, unless the consumer asks for another amount.
    uint256 public constant CALLBACK_GAS_DEFAULT = 200_000;
    /// @notice The most gas that a consumer may ask for its callback.
    uint256 public constant CALLBACK_GAS_MAX = 5_000_000;

    uint256 private constant SIGNATURE_BYTES = 65;
    uint256 private constant SECONDS_PER_HOUR = 3600;

    mapping(address => SettingsWord) internal _settings;
    mapping(address => mapping(address => bool)) private _isAttestor;
    mapping(address => address[]) private _attestors;

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
        SettingsWord settings = _settings[consumer];
        if (!settings.mayRotate()) revert RotationForbidden();
        if (epoch != settings.epoch()) revert StaleEpoch(epoch, settings.epoch());
        if (threshold < settings.threshold()) revert ThresholdLowered(threshold, settings.threshold());
        // The owner may leave a consumer without attestors for a while. A set that did so could not undo it.
        if (attestors.length == 0) revert InvalidThreshold(threshold, 0);
        _throw(_quorumRefusal(consumer, settings, rotationDigest(consumer, epoch, threshold, attestors), signatures));
        _setAttestors(consumer, threshold, attestors);
    }

    /// @inheritdoc IPhatAnchor
    function quorumOf(address consumer)
        external
        view
        returns (uint256 threshold, address[] memory attestors, uint256 epoch, Bounds memory bounds)
    {
        SettingsWord settings = _settings[consumer];
        return (settings.threshold(), _attestors[consumer], settings.epoch(), settings.bounds());
    }

    /// @inheritdoc IPhatAnchor
    function callbackGasOf(address consumer) external view returns (uint256) {
        return _settings[consumer].callbackGas();
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
        address[] storage former = _attestors[consumer];
        for (uint256 i = 0; i < former.length; ++i) {
            delete _isAttestor[consumer][former[i]];
        }
        for (uint256 i = 0; i < count; ++i) {
            address attestor = attestors[i];
            if (attestor == address(0)) revert ZeroAttestor();
            if (_isAttestor[consumer][attestor]) revert DuplicateAttestor(attestor);
            _isAttestor[consumer][attestor] = true;
        }
        _attestors[consumer] = attestors;
        _settings[consumer] = _settings[consumer].withThreshold(threshold);
        _announceAttestors(consumer);
    }

    /// @dev Adds one attestor to the set of a consumer, or removes it, and leaves the threshold. A removal is never
    /// refused, as the key may be stolen: with fewer attestors than the threshold, nothing settles.
    function _setAttestor(address consumer, address attestor, bool allowed) internal {
        if (attestor == address(0)) revert ZeroAttestor();
        if (_isAttestor[consumer][attestor] == allowed) return;
        _isAttestor[consumer][attestor] = allowed;
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
        _announceAttestors(consumer);
    }

    /// @dev Bounds what the attestor set of a consumer may do.
    function _setBounds(address consumer, Bounds memory bounds) internal {
        _settings[consumer] = _settings[consumer].withBounds(bounds);
        emit BoundsSet(consumer, bounds);
    }

    /// @dev Sets the gas that each callback of a consumer gets.
    function _setCallbackGas(address consumer, uint256 callbackGas) internal {
        if (callbackGas == 0 || callbackGas > CALLBACK_GAS_MAX) revert InvalidCallbackGas(callbackGas);
        _settings[consumer] = _settings[consumer].withCallbackGas(callbackGas);
        emit CallbackGasSet(consumer, callbackGas);
    }

    /// @dev Whether a key is an attestor of the consumer.
    function _attests(address consumer, address attestor) internal view returns (bool) {
        return _isAttestor[consumer][attestor];
    }

    /// @dev Why the signatures do not speak for the consumer's attestor set, as an encoded error; empty when they do.
    function _quorumRefusal(
        address consumer,
        SettingsWord settings,
        bytes32 digest,
        bytes calldata signatures
    ) internal view returns (bytes memory refusal) {
        uint256 validUntil = settings.validUntil();
        if (validUntil != 0 && block.timestamp > validUntil) {
            return abi.encodeWithSelector(AttestorsLapsed.selector, validUntil);
        }
        if (signatures.length % SIGNATURE_BYTES != 0) {
            return abi.encodeWithSelector(SignaturesMalformed.selector, signatures.length);
        }
        uint256 count = signatures.length / SIGNATURE_BYTES;
        // The threshold is never 0 for a consumer that has requests or attestors.
        if (count != settings.threshold() || count == 0) {
            return abi.encodeWithSelector(QuorumMissing.selector, count, settings.threshold());
        }
        address previous = address(0);
        for (uint256 i = 0; i < count; ++i) {
            address signer = _recover(digest, signatures[i * SIGNATURE_BYTES:(i + 1) * SIGNATURE_BYTES]);
            if (signer == address(0)) return abi.encodeWithSelector(InvalidSignature.selector, i);
            if (signer <= previous) return abi.encodeWithSelector(SignersOutOfOrder.selector, previous, signer);
            if (!_isAttestor[consumer][signer]) return abi.encodeWithSelector(NotAttestor.selector, signer);
            previous = signer;
        }
    }

    /// @dev Why the consumer's bounds do not allow the settlement, as an encoded error; empty when they do.
    function _boundsRefusal(SettingsWord settings, bool writes) internal view returns (bytes memory refusal) {
        if (writes && !settings.mayWrite()) return abi.encodeWithSelector(WritesForbidden.selector);
        uint256 max = settings.settlementsPerHourMax();
        if (max == 0) return refusal;
        uint256 hour = block.timestamp / SECONDS_PER_HOUR;
        if (settings.settledIn(hour) >= max) {
            return abi.encodeWithSelector(RateExceeded.selector, max, (hour + 1) * SECONDS_PER_HOUR);
        }
    }

    /// @dev Counts a settlement against the bound an hour, where there is one.
    function _countSettlement(address consumer, SettingsWord settings) internal {
        if (settings.settlementsPerHourMax() == 0) return;
        _settings[consumer] = settings.withSettlement(block.timestamp / SECONDS_PER_HOUR);
    }

    /// @dev Reverts with an encoded error; does nothing when it is empty.
    function _throw(bytes memory refusal) internal pure {
        if (refusal.length == 0) return;
        assembly ("memory-safe") {
            revert(add(refusal, 0x20), mload(refusal))
        }
    }

    function _announceAttestors(address consumer) private {
        SettingsWord settings = _settings[consumer].withEpoch();
        _settings[consumer] = settings;
        emit AttestorsSet(consumer, settings.epoch(), settings.threshold(), _attestors[consumer]);
    }

    /// @dev The signer, or zero for a signature that is malformed.
    function _recover(bytes32 digest, bytes calldata signature) private pure returns (address signer) {
        (signer,,) = ECDSA.tryRecoverCalldata(digest, signature);
    }
}
