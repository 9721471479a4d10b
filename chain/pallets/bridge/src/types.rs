//! What the pallet stores, and what the contract tells it.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use sp_core::H160;

/// What governance sets.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Limits<Balance> {
    /// The least that is locked at once.
    pub minimum: Balance,
    /// The most that is locked within a day, and the most that is released within one.
    pub daily: Balance,
    /// What a transfer costs besides, for the deposits of what the anchor keeps of it.
    pub fee: Balance,
}

/// What is where. What is on hold on the pallet's account is always `outstanding + due`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Books<Balance> {
    /// How many transfers were locked, which is the number of the latest.
    pub locks: u64,
    /// What is locked and was not burned on the other side: minted there, or about to be.
    pub outstanding: Balance,
    /// What was burned on the other side and is not paid yet.
    pub due: Balance,
}

/// A transfer of which the other side has not told yet that it was minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PendingLock<Balance> {
    /// What was locked.
    pub amount: Balance,
    /// Who gets as much on the other side.
    pub recipient: H160,
    /// From when on it may be announced again, in seconds since 1970.
    pub again_from: u64,
}

/// A burn that is not paid in full.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct DueRelease<AccountId, Balance> {
    /// What is left to pay.
    pub amount: Balance,
    /// Who is paid.
    pub recipient: AccountId,
}

/// What was moved on a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Moved<Balance> {
    /// The day: how many have passed since 1970.
    pub day: u64,
    /// What was locked on it.
    pub locked: Balance,
    /// What was released on it.
    pub released: Balance,
}

/// What the contract tells the pallet, as the output of an outcome. SCALE encoded.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Message {
    /// A lock was minted on the other side.
    Minted {
        /// The number of the lock.
        number: u64,
    },
    /// Something was burned on the other side.
    Burned {
        /// The number of the burn there, from 1 on.
        number: u64,
        /// The account that is paid.
        recipient: [u8; 32],
        /// How much, in the smallest unit. It is the same on both sides.
        amount: u128,
    },
}
