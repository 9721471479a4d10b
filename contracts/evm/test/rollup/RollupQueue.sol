// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The storage of the older rollup interface: bytes by bytes, and a queue of requests in it
abstract contract RollupQueue {
    bytes private constant QUEUE_PREFIX = "q/";
    bytes private constant HEAD_KEY = "_head";
    bytes private constant TAIL_KEY = "_tail";
    uint256 private constant NUMBER_BYTES = 32;

    mapping(bytes => bytes) private _store;

    /// @notice A request was put at the end of the queue.
    event MessageQueued(uint256 idx, bytes data);
    /// @notice The queue now begins with this request.
    event MessageProcessedTo(uint256);

    /// @notice What is stored is no 32-byte number below 2^32.
    error Internal_toUint32Strict_outOfBounds(bytes data);
    /// @notice The queue cannot begin with this request.
    error InvalidPopTarget(uint256 target, uint256 tail);

    /// @notice What is stored under a key.
    function getStorage(bytes memory key) public view returns (bytes memory) {
        return _store[key];
    }

    /// @notice What the keys of the queue begin with.
    function queueGetPrefix() public pure returns (bytes memory) {
        return QUEUE_PREFIX;
    }

    /// @notice What is stored under a key of the queue.
    function queueGetBytes(bytes memory key) public view returns (bytes memory) {
        return _store[bytes.concat(QUEUE_PREFIX, key)];
    }

    /// @notice The number that is stored under a key of the queue.
    function queueGetUint(bytes memory key) public view returns (uint32) {
        return toUint32Strict(queueGetBytes(key));
    }

    /// @notice The number that is encoded in 32 bytes, big-endian; nothing is 0.
    function toUint32Strict(bytes memory data) public pure returns (uint32) {
        if (data.length == 0) return 0;
        if (data.length != NUMBER_BYTES) revert Internal_toUint32Strict_outOfBounds(data);
        uint256 number = uint256(bytes32(data));
        if (number > type(uint32).max) revert Internal_toUint32Strict_outOfBounds(data);
        return uint32(number);
    }

    /// @dev Stores under a key; nothing deletes.
    function _setStorage(bytes memory key, bytes memory value) internal {
        _store[key] = value;
    }

    /// @dev Puts a request at the end of the queue.
    function _pushMessage(bytes memory data) internal returns (uint32 idx) {
        idx = queueGetUint(TAIL_KEY);
        _queueSet(abi.encode(idx), data);
        _queueSet(TAIL_KEY, abi.encode(idx + 1));
        emit MessageQueued(idx, data);
    }

    /// @dev Removes all requests below `target`.
    function _popTo(uint32 target) internal {
        (uint32 head, uint32 tail) = (queueGetUint(HEAD_KEY), queueGetUint(TAIL_KEY));
        if (target < head || target > tail) revert InvalidPopTarget(target, tail);
        for (uint32 i = head; i < target; ++i) {
            _queueSet(abi.encode(i), "");
        }
        _queueSet(HEAD_KEY, abi.encode(target));
        emit MessageProcessedTo(target);
    }

    function _queueSet(bytes memory key, bytes memory value) private {
        _store[bytes.concat(QUEUE_PREFIX, key)] = value;
    }
}
