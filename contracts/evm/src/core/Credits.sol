// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IPhatAnchor} from "../interfaces/IPhatAnchor.sol";

/// @title What the anchor owes to relayers and requesters
/// @dev Credits are claimed by those they belong to, so that nobody's refusal to be paid hinders anybody else.
abstract contract Credits is IPhatAnchor {
    mapping(address => uint256) private _credits;

    /// @inheritdoc IPhatAnchor
    function claim(address payable to) external returns (uint256 amount) {
        amount = _credits[msg.sender];
        if (amount == 0) revert NothingToClaim(msg.sender);
        delete _credits[msg.sender];
        _paidOut(amount);
        emit Claimed(msg.sender, to, amount);
        (bool done,) = to.call{value: amount}("");
        if (!done) revert PaymentRefused(to);
    }

    /// @inheritdoc IPhatAnchor
    function creditOf(address account) external view returns (uint256) {
        return _credits[account];
    }

    /// @dev Credits an account with what the anchor holds already.
    function _credit(address account, uint256 amount) internal {
        if (amount != 0) _credits[account] += amount;
    }

    /// @dev Called when a credit is about to leave the contract.
    function _paidOut(uint256 amount) internal virtual {}
}
