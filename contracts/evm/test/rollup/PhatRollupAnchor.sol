// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";

import {MetaTransactions} from "./MetaTransactions.sol";
import {RollupQueue} from "./RollupQueue.sol";

/// @title An anchor with the older rollup interface, as consumers deployed long ago inherit it
/// @notice A fixture: it speaks what those consumers speak, so that workers can be tested against it, and gas compared.
/// @dev An attestor sends conditions on stored numbers, updates of stored bytes and actions; all apply or none.
abstract contract PhatRollupAnchor is RollupQueue, MetaTransactions, AccessControl {
    /// @notice The role of the keys that may send rollups.
    bytes32 public constant ATTESTOR_ROLE = keccak256("ATTESTOR_ROLE");

    uint8 private constant ACTION_REPLY = 0;
    uint8 private constant ACTION_SET_QUEUE_HEAD = 1;
    uint8 private constant ACTION_GRANT_ATTESTOR = 10;
    uint8 private constant ACTION_REVOKE_ATTESTOR = 11;
    uint256 private constant WORD_BYTES = 32;

    /// @notice The sender of a rollup, or the signer of a meta-transaction, is no attestor.
    error BadAttestor();
    /// @notice The numbers of condition keys and of condition values differ.
    error BadCondLen(uint256 keys, uint256 values);
    /// @notice The numbers of update keys and of update values differ.
    error BadUpdateLen(uint256 keys, uint256 values);
    /// @notice A stored number is not what the rollup was made for.
    error CondNotMet(bytes key, uint32 expected, uint32 actual);
    /// @notice An action of this kind lacks its argument.
    error CannotDecodeAction(uint8 kind);
    /// @notice There is no such kind of action.
    error UnsupportedAction(uint8 kind);

    /// @notice Applies a rollup that an attestor sends.
    function rollupU256CondEq(
        bytes[] memory condKeys,
        bytes[] memory condValues,
        bytes[] memory updateKeys,
        bytes[] memory updateValues,
        bytes[] memory actions
    ) public returns (bool) {
        _checkAttestor(msg.sender);
        return _rollup(condKeys, condValues, updateKeys, updateValues, actions);
    }

    /// @notice Applies a rollup that an attestor has signed; anyone may send it.
    /// @param req The meta-transaction; its data is abi.encode of the five lists of {rollupU256CondEq}.
    /// @param signature The attestor's EIP-712 signature of it.
    function metaTxRollupU256CondEq(ForwardRequest calldata req, bytes calldata signature) public returns (bool) {
        _useMetaTx(req, signature);
        _checkAttestor(req.from);
        (
            bytes[] memory condKeys,
            bytes[] memory condValues,
            bytes[] memory updateKeys,
            bytes[] memory updateValues,
            bytes[] memory actions
        ) = abi.decode(req.data, (bytes[], bytes[], bytes[], bytes[], bytes[]));
        return _rollup(condKeys, condValues, updateKeys, updateValues, actions);
    }

    /// @dev Receives the reply to a request. A revert in here undoes the whole rollup.
    function _onMessageReceived(bytes memory reply) internal virtual;

    function _rollup(
        bytes[] memory condKeys,
        bytes[] memory condValues,
        bytes[] memory updateKeys,
        bytes[] memory updateValues,
        bytes[] memory actions
    ) private returns (bool) {
        if (condKeys.length != condValues.length) {
            revert BadCondLen(condKeys.length, condValues.length);
        }
        if (updateKeys.length != updateValues.length) revert BadUpdateLen(updateKeys.length, updateValues.length);
        for (uint256 i = 0; i < condKeys.length; ++i) {
            uint32 actual = toUint32Strict(getStorage(condKeys[i]));
            uint32 expected = toUint32Strict(condValues[i]);
            if (actual != expected) revert CondNotMet(condKeys[i], expected, actual);
        }
        for (uint256 i = 0; i < updateKeys.length; ++i) {
            _setStorage(updateKeys[i], updateValues[i]);
        }
        for (uint256 i = 0; i < actions.length; ++i) {
            _act(actions[i]);
        }
        return true;
    }

    function _act(bytes memory action) private {
        if (action.length == 0) revert CannotDecodeAction(ACTION_REPLY);
        uint8 kind = uint8(action[0]);
        bytes memory argument = _withoutFirstByte(action);
        if (kind == ACTION_REPLY) {
            _onMessageReceived(argument);
            return;
        }
        bool isKnown = kind == ACTION_SET_QUEUE_HEAD || kind == ACTION_GRANT_ATTESTOR || kind == ACTION_REVOKE_ATTESTOR;
        if (!isKnown) revert UnsupportedAction(kind);
        if (argument.length < WORD_BYTES) revert CannotDecodeAction(kind);
        if (kind == ACTION_SET_QUEUE_HEAD) {
            _popTo(abi.decode(argument, (uint32)));
        } else if (kind == ACTION_GRANT_ATTESTOR) {
            _grantRole(ATTESTOR_ROLE, abi.decode(argument, (address)));
        } else {
            _revokeRole(ATTESTOR_ROLE, abi.decode(argument, (address)));
        }
    }

    function _checkAttestor(address account) private view {
        if (!hasRole(ATTESTOR_ROLE, account)) revert BadAttestor();
    }

    /// @dev `data` has at least one byte.
    function _withoutFirstByte(bytes memory data) private pure returns (bytes memory rest) {
        uint256 length = data.length - 1;
        rest = new bytes(length);
        assembly ("memory-safe") {
            mcopy(add(rest, 0x20), add(data, 0x21), length)
        }
    }
}
