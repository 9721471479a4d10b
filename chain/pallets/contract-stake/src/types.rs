//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use phat_primitives::ClusterId;
use scale_info::TypeInfo;

/// What is staked to a contract in all.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct TotalStake<Balance> {
    /// The cluster that serves the contract, or served it. A contract's id fixes it.
    pub cluster: ClusterId,
    /// How much. Never zero.
    pub amount: Balance,
}
