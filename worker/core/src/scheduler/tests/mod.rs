//! The scheduler against contracts that want as much as they can get.

mod queue;
mod shares;
mod stakes;
mod waiting;
mod world;

use std::num::NonZeroU32;

use phat_primitives::ContractId;

fn contract(number: u64) -> ContractId {
    let mut id = [0; 32];
    id[24..].copy_from_slice(&number.to_be_bytes());
    ContractId(id)
}

fn weight(weight: u32) -> NonZeroU32 {
    NonZeroU32::new(weight).unwrap()
}
