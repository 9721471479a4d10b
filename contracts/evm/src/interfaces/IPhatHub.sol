// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "./IPhatAnchor.sol";

/// @title The shared anchor, for consumers that implement {IPhatConsumer} only
interface IPhatHub is IPhatAnchor {
    /// @notice A consumer has registered.
    event Registered(address indexed consumer);
    /// @notice An account was offered the settings of a consumer, and has to accept.
    event OwnerOffered(address indexed consumer, address indexed candidate);
    /// @notice Who may change the settings of a consumer, besides the consumer itself.
    event OwnerSet(address indexed consumer, address indexed owner);

    /// @notice The contract has not registered.
    error UnknownConsumer(address consumer);
    /// @notice The consumer has registered already.
    error AlreadyRegistered(address consumer);

    /// @notice Registers the caller as a consumer, for example in its constructor.
    /// @param owner Who may change the consumer's settings besides itself; zero for nobody.
    /// @param threshold How many of the attestors have to sign; at least 1.
    /// @param attestors The addresses of the signing keys; may be empty while there is no Phat Contract.
    function register(address owner, uint256 threshold, address[] calldata attestors) external;

    /// @notice Asks the caller's Phat Contract. The value sent along is the fee.
    /// @param requester On whose behalf the consumer asks. The fee of an expired request returns to this account.
    /// @param input The bytes given to the Phat Contract, at most {INPUT_BYTES_MAX}.
    /// @param expiresAt The last second in which the request can be settled, since 1970; 0 for no end, without a fee.
    /// @return id The id under which the outcome will arrive.
    function request(address requester, bytes calldata input, uint40 expiresAt) external payable returns (uint256 id);

    /// @notice Offers the settings of a consumer to another account; the present owner or the consumer may.
    /// @param candidate The account that has to accept; zero withdraws an offer.
    function offerOwner(address consumer, address candidate) external;

    /// @notice Takes an offer of {offerOwner}.
    function acceptOwner(address consumer) external;

    /// @notice Who may change the settings of a consumer, besides the consumer itself; zero for nobody.
    function ownerOf(address consumer) external view returns (address);
}
