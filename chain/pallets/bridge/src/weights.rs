//! Weights of `pallet_pha_bridge`.
//!
//! Written by hand, as estimates, until `cargo xtask bench weights` measures them.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(clippy::allow_attributes_without_reason)]

use frame_support::{traits::Get, weights::{Weight, constants::ParityDbWeight}};
use core::marker::PhantomData;

/// The weights of the calls of `pallet_pha_bridge`, and of what it does with outcomes.
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

/// The weights as estimated, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Bridge::Paused` (r:1 w:0)
	/// Storage: `Anchor::Consumers` (r:1 w:0)
	/// Storage: `Bridge::CurrentLimits` (r:1 w:0)
	/// Storage: `Bridge::CounterForPending` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Bridge::Today` (r:1 w:1)
	/// Storage: `Bridge::CurrentBooks` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `Bridge::Pending` (r:1 w:1)
	fn lock() -> Weight {
		// An estimate.
		Weight::from_parts(140_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(11_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `Bridge::Paused` (r:1 w:0)
	/// Storage: `Bridge::Pending` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Bridge::CurrentLimits` (r:1 w:0)
	/// Storage: `System::Account` (r:2 w:2)
	fn announce() -> Weight {
		// An estimate.
		Weight::from_parts(75_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Bridge::Paused` (r:1 w:0)
	/// Storage: `Bridge::Due` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Bridge::Today` (r:1 w:1)
	/// Storage: `Bridge::CurrentLimits` (r:1 w:0)
	/// Storage: `Bridge::CurrentBooks` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Bridge::CounterForDue` (r:1 w:1)
	fn release() -> Weight {
		// An estimate.
		Weight::from_parts(110_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(10_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Anchor::AttestorsOf` (r:0 w:1)
	fn connect() -> Weight {
		// An estimate.
		Weight::from_parts(70_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Bridge::CurrentLimits` (r:0 w:1)
	fn set_limits() -> Weight {
		// An estimate.
		Weight::from_parts(15_000_000, 4000)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Bridge::Paused` (r:0 w:1)
	fn set_paused() -> Weight {
		// An estimate.
		Weight::from_parts(12_000_000, 4000)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Bridge::Pending` (r:1 w:1)
	/// Storage: `Bridge::CounterForPending` (r:1 w:1)
	fn on_minted() -> Weight {
		// An estimate.
		Weight::from_parts(20_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Bridge::Processed` (r:1 w:1)
	/// Storage: `Bridge::CounterForDue` (r:1 w:1)
	/// Storage: `Bridge::CurrentBooks` (r:1 w:1)
	/// Storage: `Bridge::Due` (r:1 w:1)
	/// Storage: `Bridge::Paused` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Bridge::Today` (r:1 w:1)
	/// Storage: `Bridge::CurrentLimits` (r:1 w:0)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	fn on_burned() -> Weight {
		// An estimate.
		Weight::from_parts(150_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(11_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
}

/// The weights with those of ParityDB, for tests.
impl WeightInfo for () {
	/// Storage: `Bridge::Paused` (r:1 w:0)
	/// Storage: `Anchor::Consumers` (r:1 w:0)
	/// Storage: `Bridge::CurrentLimits` (r:1 w:0)
	/// Storage: `Bridge::CounterForPending` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Bridge::Today` (r:1 w:1)
	/// Storage: `Bridge::CurrentBooks` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `Bridge::Pending` (r:1 w:1)
	fn lock() -> Weight {
		// An estimate.
		Weight::from_parts(140_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(11_u64))
			.saturating_add(ParityDbWeight::get().writes(7_u64))
	}
	/// Storage: `Bridge::Paused` (r:1 w:0)
	/// Storage: `Bridge::Pending` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Bridge::CurrentLimits` (r:1 w:0)
	/// Storage: `System::Account` (r:2 w:2)
	fn announce() -> Weight {
		// An estimate.
		Weight::from_parts(75_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
	}
	/// Storage: `Bridge::Paused` (r:1 w:0)
	/// Storage: `Bridge::Due` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Bridge::Today` (r:1 w:1)
	/// Storage: `Bridge::CurrentLimits` (r:1 w:0)
	/// Storage: `Bridge::CurrentBooks` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Bridge::CounterForDue` (r:1 w:1)
	fn release() -> Weight {
		// An estimate.
		Weight::from_parts(110_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(10_u64))
			.saturating_add(ParityDbWeight::get().writes(7_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Anchor::AttestorsOf` (r:0 w:1)
	fn connect() -> Weight {
		// An estimate.
		Weight::from_parts(70_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	/// Storage: `Bridge::CurrentLimits` (r:0 w:1)
	fn set_limits() -> Weight {
		// An estimate.
		Weight::from_parts(15_000_000, 4000)
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	/// Storage: `Bridge::Paused` (r:0 w:1)
	fn set_paused() -> Weight {
		// An estimate.
		Weight::from_parts(12_000_000, 4000)
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	/// Storage: `Bridge::Pending` (r:1 w:1)
	/// Storage: `Bridge::CounterForPending` (r:1 w:1)
	fn on_minted() -> Weight {
		// An estimate.
		Weight::from_parts(20_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	/// Storage: `Bridge::Processed` (r:1 w:1)
	/// Storage: `Bridge::CounterForDue` (r:1 w:1)
	/// Storage: `Bridge::CurrentBooks` (r:1 w:1)
	/// Storage: `Bridge::Due` (r:1 w:1)
	/// Storage: `Bridge::Paused` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Bridge::Today` (r:1 w:1)
	/// Storage: `Bridge::CurrentLimits` (r:1 w:0)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	fn on_burned() -> Weight {
		// An estimate.
		Weight::from_parts(150_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(11_u64))
			.saturating_add(ParityDbWeight::get().writes(8_u64))
	}
}
