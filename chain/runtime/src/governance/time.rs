//! The periods of governance, given in hours and counted in blocks.
//!
//! How many blocks an hour has follows from the length of a slot, and how long an hour of
//! governance is from the speed that the genesis fixes: both are read from
//! [`network`](crate::network).

use frame_support::traits::Get;

use crate::{
    network::{GovernanceSpeed, SlotMillis},
    BlockNumber, Runtime,
};

/// The milliseconds of an hour.
const MILLIS_PER_HOUR: u64 = 60 * 60 * 1_000;

/// The hours of a day.
pub const HOURS_PER_DAY: u64 = 24;

/// The blocks of so many hours of governance: one at the least.
pub fn blocks(hours: u64) -> BlockNumber {
    let speed = u64::from(GovernanceSpeed::<Runtime>::get()).max(1);
    let slot_millis = SlotMillis::<Runtime>::get().max(1);
    let millis = hours.saturating_mul(MILLIS_PER_HOUR) / speed;
    BlockNumber::try_from(millis / slot_millis)
        .unwrap_or(BlockNumber::MAX)
        .max(1)
}

/// The blocks of so many hours of governance, as a setting of a pallet.
pub struct Hours<const HOURS: u64>;

impl<const HOURS: u64> Get<BlockNumber> for Hours<HOURS> {
    fn get() -> BlockNumber {
        blocks(HOURS)
    }
}
