// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatHub} from "./interfaces/IPhatHub.sol";
import {AnchorCore} from "./core/AnchorCore.sol";
import {AttestorSets} from "./core/AttestorSets.sol";
import {RequestDataLib} from "./core/RequestData.sol";
import {SettingsWord} from "./core/SettingsWord.sol";

/// @title The anchor that consumers share
/// @notice A consumer registers, asks with {request} and implements {IPhatConsumer}. Each has its own ids, attestor set,
/// bounds and key-value store, which no other can touch; the hub itself has no owner.
contract PhatHub is IPhatHub, AnchorCore {
    mapping(address => address) private _owners;
    mapping(address => address) private _candidates;

    /// @inheritdoc IPhatHub
    function register(address owner, uint256 threshold, address[] calldata attestors) external {
        if (_settings[msg.sender].word.threshold() != 0) revert AlreadyRegistered(msg.sender);
        emit Registered(msg.sender);
        _setOwner(msg.sender, owner);
        _initialize(msg.sender, threshold, attestors);
    }

    /// @inheritdoc IPhatHub
    function request(address requester, bytes calldata input, uint40 expiresAt) external payable returns (uint256 id) {
        Settings storage settings = _settings[msg.sender];
        SettingsWord word = settings.word;
        // Who has registered has a threshold, which is not zero.
        if (word.isNone()) revert UnknownConsumer(msg.sender);
        id = _open(msg.sender, settings, word, requester, RequestDataLib.ofCalldata(input), msg.value, expiresAt);
        assembly ("memory-safe") {
            // Returns the id from the scratch space, as the compiler would by a longer way. Nothing is left to be done.
            mstore(0, id)
            return(0, 0x20)
        }
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
        if (_settings[consumer].word.threshold() == 0) revert UnknownConsumer(consumer);
        if (msg.sender != consumer && msg.sender != _owners[consumer]) revert NotAuthorized(consumer, msg.sender);
    }

    function _setOwner(address consumer, address owner) private {
        _owners[consumer] = owner;
        emit OwnerSet(consumer, owner);
    }
}
