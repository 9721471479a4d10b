//! Weights of `pallet_phat_contracts`.
//!
//! Measured by `phat-node benchmark pallet` with 10 steps and 4 repeats,
//! and written by it. Do not edit.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(clippy::allow_attributes_without_reason)]

use frame_support::{traits::Get, weights::{Weight, constants::ParityDbWeight}};
use core::marker::PhantomData;

/// The weights of the calls of `pallet_phat_contracts`.
pub trait WeightInfo {
	fn create_cluster() -> Weight;
	fn join_cluster() -> Weight;
	fn leave_cluster() -> Weight;
	fn upload_code() -> Weight;
	fn remove_code() -> Weight;
	fn instantiate(m: u32, ) -> Weight;
	fn set_manifest(m: u32, ) -> Weight;
	fn remove() -> Weight;
}

/// The weights as measured, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `PhatContracts::NextClusterId` (r:1 w:1)
	/// Proof: `PhatContracts::NextClusterId` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Clusters` (r:0 w:1)
	/// Proof: `PhatContracts::Clusters` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	fn create_cluster() -> Weight {
		// Minimum execution time: 115_552_000 picoseconds.
		Weight::from_parts(159_323_000, 1489)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(391), added: 2866, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Clusters` (r:1 w:0)
	/// Proof: `PhatContracts::Clusters` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterOf` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterMembers` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterMembers` (`max_values`: None, `max_size`: Some(32782), added: 35257, mode: `MaxEncodedLen`)
	fn join_cluster() -> Weight {
		// Minimum execution time: 272_462_000 picoseconds.
		Weight::from_parts(412_583_000, 36247)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(391), added: 2866, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterOf` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterMembers` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterMembers` (`max_values`: None, `max_size`: Some(32782), added: 35257, mode: `MaxEncodedLen`)
	fn leave_cluster() -> Weight {
		// Minimum execution time: 233_335_000 picoseconds.
		Weight::from_parts(343_661_000, 36247)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `PhatContracts::Codes` (r:1 w:1)
	/// Proof: `PhatContracts::Codes` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::CounterForCodes` (r:1 w:1)
	/// Proof: `PhatContracts::CounterForCodes` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Preimage::StatusFor` (r:1 w:0)
	/// Proof: `Preimage::StatusFor` (`max_values`: None, `max_size`: Some(91), added: 2566, mode: `MaxEncodedLen`)
	/// Storage: `Preimage::RequestStatusFor` (r:1 w:1)
	/// Proof: `Preimage::RequestStatusFor` (`max_values`: None, `max_size`: Some(91), added: 2566, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(139), added: 2614, mode: `MaxEncodedLen`)
	fn upload_code() -> Weight {
		// Minimum execution time: 593_835_000 picoseconds.
		Weight::from_parts(761_097_000, 3604)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `PhatContracts::Codes` (r:1 w:1)
	/// Proof: `PhatContracts::Codes` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(139), added: 2614, mode: `MaxEncodedLen`)
	/// Storage: `Preimage::StatusFor` (r:1 w:0)
	/// Proof: `Preimage::StatusFor` (`max_values`: None, `max_size`: Some(91), added: 2566, mode: `MaxEncodedLen`)
	/// Storage: `Preimage::RequestStatusFor` (r:1 w:1)
	/// Proof: `Preimage::RequestStatusFor` (`max_values`: None, `max_size`: Some(91), added: 2566, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::CounterForCodes` (r:1 w:1)
	/// Proof: `PhatContracts::CounterForCodes` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn remove_code() -> Weight {
		// Minimum execution time: 512_417_000 picoseconds.
		Weight::from_parts(685_892_000, 3604)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `PhatContracts::Clusters` (r:1 w:1)
	/// Proof: `PhatContracts::Clusters` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Codes` (r:1 w:1)
	/// Proof: `PhatContracts::Codes` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Contracts` (r:1 w:1)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(139), added: 2614, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterContracts` (r:0 w:1)
	/// Proof: `PhatContracts::ClusterContracts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// The range of component `m` is `[1, 16384]`.
	fn instantiate(m: u32, ) -> Weight {
		// Minimum execution time: 629_793_000 picoseconds.
		Weight::from_parts(787_193_305, 19985)
			// Standard error: 2_757
			.saturating_add(Weight::from_parts(10_476, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `PhatContracts::Contracts` (r:1 w:1)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(139), added: 2614, mode: `MaxEncodedLen`)
	/// The range of component `m` is `[1, 16384]`.
	fn set_manifest(m: u32, ) -> Weight {
		// Minimum execution time: 370_620_000 picoseconds.
		Weight::from_parts(577_009_447, 19985)
			// Standard error: 9_569
			.saturating_add(Weight::from_parts(30_562, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `PhatContracts::Contracts` (r:1 w:1)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(139), added: 2614, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Codes` (r:1 w:1)
	/// Proof: `PhatContracts::Codes` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Clusters` (r:1 w:1)
	/// Proof: `PhatContracts::Clusters` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterContracts` (r:0 w:1)
	/// Proof: `PhatContracts::ClusterContracts` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	fn remove() -> Weight {
		// Minimum execution time: 552_318_000 picoseconds.
		Weight::from_parts(792_998_000, 19985)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
}

/// The weights as measured, for tests.
impl WeightInfo for () {
	fn create_cluster() -> Weight {
		Weight::from_parts(159_323_000, 1489)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn join_cluster() -> Weight {
		Weight::from_parts(412_583_000, 36247)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn leave_cluster() -> Weight {
		Weight::from_parts(343_661_000, 36247)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn upload_code() -> Weight {
		Weight::from_parts(761_097_000, 3604)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn remove_code() -> Weight {
		Weight::from_parts(685_892_000, 3604)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn instantiate(m: u32, ) -> Weight {
		Weight::from_parts(787_193_305, 19985)
			.saturating_add(Weight::from_parts(10_476, 0).saturating_mul(m.into()))
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
	fn set_manifest(m: u32, ) -> Weight {
		Weight::from_parts(577_009_447, 19985)
			.saturating_add(Weight::from_parts(30_562, 0).saturating_mul(m.into()))
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
	}
	fn remove() -> Weight {
		Weight::from_parts(792_998_000, 19985)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
}
