// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

/// @title The meta-transactions of the older rollup interface
abstract contract MetaTransactions is EIP712 {
    /// @notice What a signer has anyone send for it.
    struct ForwardRequest {
        address from;
        uint256 nonce;
        bytes data;
    }

    bytes32 private constant TYPEHASH = keccak256("ForwardRequest(address from,uint256 nonce,bytes data)");

    /// @dev The least nonce that a signer may use next.
    mapping(address => uint256) private _nonces;

    /// @notice A meta-transaction was taken.
    event MetaTxDecoded();

    /// @notice The nonce was used, or passed over, before.
    error NonceTooLow(uint256 actual, uint256 least);
    /// @notice The signature is not that of the account it is said to be from.
    error MetaTxSignatureNotMatch();

    constructor() EIP712("PhatRollupMetaTxReceiver", "0.0.1") {}

    /// @notice The nonce that a signer uses next.
    function metaTxGetNonce(address from) public view returns (uint256) {
        return _nonces[from];
    }

    /// @notice A meta-transaction with the signer's next nonce, and the digest to sign.
    function metaTxPrepare(address from, bytes calldata data) public view returns (ForwardRequest memory, bytes32) {
        ForwardRequest memory req = ForwardRequest(from, _nonces[from], data);
        return (req, _digest(from, req.nonce, data));
    }

    /// @notice Whether a meta-transaction would be taken; reverts with the reason when not.
    function metaTxVerify(ForwardRequest calldata req, bytes calldata signature) public view returns (bool) {
        (address signer, ECDSA.RecoverError failure,) =
            ECDSA.tryRecoverCalldata(_digest(req.from, req.nonce, req.data), signature);
        if (failure != ECDSA.RecoverError.NoError || signer != req.from) revert MetaTxSignatureNotMatch();
        if (req.nonce < _nonces[req.from]) revert NonceTooLow(req.nonce, _nonces[req.from]);
        return true;
    }

    /// @dev Takes a meta-transaction.
    function _useMetaTx(ForwardRequest calldata req, bytes calldata signature) internal {
        metaTxVerify(req, signature);
        _nonces[req.from] = req.nonce + 1;
        emit MetaTxDecoded();
    }

    function _digest(address from, uint256 nonce, bytes calldata data) private view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(TYPEHASH, from, nonce, keccak256(data))));
    }
}
