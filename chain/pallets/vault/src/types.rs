//! What the pallet stores.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use pallet_stake_pool::NoticedRate;
use scale_info::TypeInfo;

use crate::Mark;

/// A vault.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct VaultInfo<AccountId> {
    /// Who runs it.
    pub owner: AccountId,
    /// The owner's part of gains above the mark.
    pub fee: NoticedRate,
    /// The high-water mark.
    pub mark: Mark,
}
