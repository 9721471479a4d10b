// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatHub} from "./interfaces/IPhatHub.sol";
import {AnchorCore} from "./core/AnchorCore.sol";
import {AttestorSets} from "./core/AttestorSets.sol";
import {SettingsWord} from "./core/SettingsWord.sol";

/// @title The anchor that consumers share
/// @notice A consumer registers, asks with {request} and implements {IPhatConsumer}. Each has its own ids, attestor set,
/// bounds and key-value store, which no other can touch; the hub itself has no owner.
contract PhatHub is IPhatHub, AnchorCore {
    mapping(address => address) private _owners;
    mapping(address => address) private _candidates;

    /// @inheritdoc IPhatHub
    function register(address owner, uint256 threshold, address[] calldata attestors) external {
        if (_settings[msg.sender].threshold() != 0) revert AlreadyRegistered(msg.sender);
        emit Registered(msg.sender);
        _setOwner(msg.sender, owner);
        _initialize(msg.sender, threshold, attestors);
    }

    /// @inheritdoc IPhatHub
    function request(address requester, bytes calldata input, uint40 expiresAt) external payable returns (uint256 id) {
        SettingsWord settings = _settings[msg.sender];
        if (settings.threshold() == 0) revert UnknownConsumer(msg.sender);
        return _open(msg.sender, settings, requester, input, msg.value, expiresAt);
    }

    /// @inheritdoc IPhatHub
    function offerOwner(address consumer, address candidate) external {
        _authorize(consumer);
        _candidates[consumer] = candidate;
        emit OwnerOffered(consumer, candidate);
    }

    /// @inheritdoc IPhatHub
    function acceptOwner(address consumer) external {
        if (_candidates[consumer] != msg.sender) revert NotAuthorized(consumer, msg.sender);
        delete _candidates[consumer];
        _setOwner(consumer, msg.sender);
    }

    /// @inheritdoc IPhatHub
    function ownerOf(address consumer) external view returns (address) {
        return _owners[consumer];
    }

    /// @inheritdoc AttestorSets
    function _authorize(address consumer) internal view override {
        if (_settings[consumer].threshold() == 0) revert UnknownConsumer(consumer);
        if (msg.sender != consumer && msg.sender != _owners[consumer]) revert NotAuthorized(consumer, msg.sender);
    }

    function _setOwner(address consumer, address owner) private {
        _owners[consumer] = owner;
        emit OwnerSet(consumer, owner);
    }
}
