//! The runtime's numbers.

use frame_support::{
    weights::{constants::WEIGHT_REF_TIME_PER_MILLIS, Weight},
    PalletId,
};
use sp_consensus_babe::{AllowedSlots, BabeEpochConfiguration};
use sp_runtime::Perbill;

use crate::Balance;

/// One PHA. It has 12 decimals.
pub const PHA: Balance = 1_000_000_000_000;

/// A thousandth of a PHA.
pub const MILLIPHA: Balance = PHA / 1_000;

/// A millionth of a PHA.
pub const MICROPHA: Balance = PHA / 1_000_000;

/// The most PHA there may ever be. Nothing issues PHA after the genesis.
pub const PHA_SUPPLY_MAX: Balance = 1_000_000_000 * PHA;

/// The least balance of an account.
pub const EXISTENTIAL_DEPOSIT: Balance = MILLIPHA;

/// What holds the PHA that workers are paid of.
pub const MINING_POOL: PalletId = PalletId(*b"phat/sub");

/// What holds the treasury.
pub const TREASURY: PalletId = PalletId(*b"phat/tre");

/// How long a session, which is also a BABE epoch, lasts. On a chain with 3 s blocks that is
/// half an hour.
pub const EPOCH_SLOTS: u64 = 600;

/// How slots are given out: a quarter of them by lot, and each that nobody drew to one validator
/// in turn, so that every slot has a block.
pub const BABE_GENESIS_EPOCH_CONFIG: BabeEpochConfiguration = BabeEpochConfiguration {
    c: (1, 4),
    allowed_slots: AllowedSlots::PrimaryAndSecondaryVRFSlots,
};

/// How much of a block's time and length ordinary transactions may take.
pub const NORMAL_RATIO: Perbill = Perbill::from_percent(75);

/// The time that a block may take to run: half of the shortest slot in use. The chain proves
/// nothing to another, so the size of a proof is no concern.
pub const BLOCK_WEIGHT_MAX: Weight = Weight::from_parts(500 * WEIGHT_REF_TIME_PER_MILLIS, u64::MAX);

/// The bytes that a block may have.
pub const BLOCK_BYTES_MAX: u32 = 5 * 1024 * 1024;

/// The version of metadata that clients are generated from.
pub const CLIENT_METADATA_VERSION: u32 = 15;
