//! Weights of `pallet_pha_bridge`.
//!
//! Measured by `phat-node benchmark pallet` with 50 steps and 20 repeats,
//! and written by it. Do not edit.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(clippy::allow_attributes_without_reason)]

use frame_support::{traits::Get, weights::{Weight, constants::ParityDbWeight}};
use core::marker::PhantomData;

/// The weights of the calls of `pallet_pha_bridge`.
pub trait WeightInfo {
	fn lock() -> Weight;
	fn announce() -> Weight;
	fn release() -> Weight;
	fn connect() -> Weight;
	fn set_limits() -> Weight;
	fn set_paused() -> Weight;
	fn on_minted() -> Weight;
	fn on_burned() -> Weight;
}

/// The weights as measured, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Bridge::Paused` (r:1 w:0)
	/// Proof: `Bridge::Paused` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::Consumers` (r:1 w:0)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::CurrentLimits` (r:1 w:0)
	/// Proof: `Bridge::CurrentLimits` (`max_values`: Some(1), `max_size`: Some(48), added: 543, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::CounterForPending` (r:1 w:1)
	/// Proof: `Bridge::CounterForPending` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::Today` (r:1 w:1)
	/// Proof: `Bridge::Today` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::CurrentBooks` (r:1 w:1)
	/// Proof: `Bridge::CurrentBooks` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::Pending` (r:1 w:1)
	/// Proof: `Bridge::Pending` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	fn lock() -> Weight {
		// Minimum execution time: 173_155_000 picoseconds.
		Weight::from_parts(222_758_000, 6196)
			.saturating_add(T::DbWeight::get().reads(11_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `Bridge::Paused` (r:1 w:0)
	/// Proof: `Bridge::Paused` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::Pending` (r:1 w:1)
	/// Proof: `Bridge::Pending` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::CurrentLimits` (r:1 w:0)
	/// Proof: `Bridge::CurrentLimits` (`max_values`: Some(1), `max_size`: Some(48), added: 543, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn announce() -> Weight {
		// Minimum execution time: 106_490_000 picoseconds.
		Weight::from_parts(186_510_000, 6196)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Bridge::CurrentLimits` (r:1 w:0)
	/// Proof: `Bridge::CurrentLimits` (`max_values`: Some(1), `max_size`: Some(48), added: 543, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:3 w:3)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::Paused` (r:1 w:0)
	/// Proof: `Bridge::Paused` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::Due` (r:1 w:1)
	/// Proof: `Bridge::Due` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::Today` (r:1 w:1)
	/// Proof: `Bridge::Today` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::CurrentBooks` (r:1 w:1)
	/// Proof: `Bridge::CurrentBooks` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::CounterForDue` (r:1 w:1)
	/// Proof: `Bridge::CounterForDue` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn release() -> Weight {
		// Minimum execution time: 156_563_000 picoseconds.
		Weight::from_parts(220_493_000, 8799)
			.saturating_add(T::DbWeight::get().reads(11_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::AttestorsOf` (r:0 w:1)
	/// Proof: `Anchor::AttestorsOf` (`max_values`: None, `max_size`: Some(1155), added: 3630, mode: `MaxEncodedLen`)
	fn connect() -> Weight {
		// Minimum execution time: 88_455_000 picoseconds.
		Weight::from_parts(135_094_000, 3748)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Bridge::CurrentLimits` (r:0 w:1)
	/// Proof: `Bridge::CurrentLimits` (`max_values`: Some(1), `max_size`: Some(48), added: 543, mode: `MaxEncodedLen`)
	fn set_limits() -> Weight {
		// Minimum execution time: 10_019_000 picoseconds.
		Weight::from_parts(18_315_000, 0)
			.saturating_add(T::DbWeight::get().reads(0_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Bridge::Paused` (r:0 w:1)
	/// Proof: `Bridge::Paused` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	fn set_paused() -> Weight {
		// Minimum execution time: 9_648_000 picoseconds.
		Weight::from_parts(21_030_000, 0)
			.saturating_add(T::DbWeight::get().reads(0_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Bridge::Pending` (r:1 w:1)
	/// Proof: `Bridge::Pending` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::CounterForPending` (r:1 w:1)
	/// Proof: `Bridge::CounterForPending` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn on_minted() -> Weight {
		// Minimum execution time: 19_596_000 picoseconds.
		Weight::from_parts(29_786_000, 3525)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Bridge::Processed` (r:1 w:1)
	/// Proof: `Bridge::Processed` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::CounterForDue` (r:1 w:1)
	/// Proof: `Bridge::CounterForDue` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::CurrentBooks` (r:1 w:1)
	/// Proof: `Bridge::CurrentBooks` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::Due` (r:1 w:1)
	/// Proof: `Bridge::Due` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::Paused` (r:1 w:0)
	/// Proof: `Bridge::Paused` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::Today` (r:1 w:1)
	/// Proof: `Bridge::Today` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `Bridge::CurrentLimits` (r:1 w:0)
	/// Proof: `Bridge::CurrentLimits` (`max_values`: Some(1), `max_size`: Some(48), added: 543, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn on_burned() -> Weight {
		// Minimum execution time: 129_743_000 picoseconds.
		Weight::from_parts(227_356_000, 6196)
			.saturating_add(T::DbWeight::get().reads(11_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
}

/// The weights as measured, for tests.
impl WeightInfo for () {
	fn lock() -> Weight {
		Weight::from_parts(222_758_000, 6196)
			.saturating_add(ParityDbWeight::get().reads(11_u64))
			.saturating_add(ParityDbWeight::get().writes(7_u64))
	}
	fn announce() -> Weight {
		Weight::from_parts(186_510_000, 6196)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
	}
	fn release() -> Weight {
		Weight::from_parts(220_493_000, 8799)
			.saturating_add(ParityDbWeight::get().reads(11_u64))
			.saturating_add(ParityDbWeight::get().writes(8_u64))
	}
	fn connect() -> Weight {
		Weight::from_parts(135_094_000, 3748)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn set_limits() -> Weight {
		Weight::from_parts(18_315_000, 0)
			.saturating_add(ParityDbWeight::get().reads(0_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_paused() -> Weight {
		Weight::from_parts(21_030_000, 0)
			.saturating_add(ParityDbWeight::get().reads(0_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn on_minted() -> Weight {
		Weight::from_parts(29_786_000, 3525)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn on_burned() -> Weight {
		Weight::from_parts(227_356_000, 6196)
			.saturating_add(ParityDbWeight::get().reads(11_u64))
			.saturating_add(ParityDbWeight::get().writes(8_u64))
	}
}
