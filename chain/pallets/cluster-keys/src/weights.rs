//! Weights of `pallet_cluster_keys`.
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

/// The weights of the calls of `pallet_cluster_keys`.
pub trait WeightInfo {
	fn publish_key() -> Weight;
	fn request_rotation() -> Weight;
	fn publish_attestor() -> Weight;
	fn on_contract_removed() -> Weight;
}

/// The weights as measured, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `ClusterKeys::CurrentGeneration` (r:1 w:1)
	/// Proof: `ClusterKeys::CurrentGeneration` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `ClusterKeys::RotationRequested` (r:1 w:1)
	/// Proof: `ClusterKeys::RotationRequested` (`max_values`: None, `max_size`: Some(12), added: 2487, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterOf` (r:1 w:0)
	/// Proof: `PhatContracts::ClusterOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Registry::ConfidenceLevelMax` (r:1 w:0)
	/// Proof: `Registry::ConfidenceLevelMax` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Registry::AllowedMeasurements` (r:2 w:0)
	/// Proof: `Registry::AllowedMeasurements` (`max_values`: None, `max_size`: Some(259), added: 2734, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `ClusterKeys::Keys` (r:0 w:1)
	/// Proof: `ClusterKeys::Keys` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
	fn publish_key() -> Weight {
		// Minimum execution time: 238_868_000 picoseconds.
		Weight::from_parts(398_337_000, 6458)
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `ClusterKeys::CurrentGeneration` (r:1 w:0)
	/// Proof: `ClusterKeys::CurrentGeneration` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `ClusterKeys::RotationRequested` (r:1 w:1)
	/// Proof: `ClusterKeys::RotationRequested` (`max_values`: None, `max_size`: Some(12), added: 2487, mode: `MaxEncodedLen`)
	fn request_rotation() -> Weight {
		// Minimum execution time: 30_557_000 picoseconds.
		Weight::from_parts(69_550_000, 3481)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `PhatContracts::Contracts` (r:1 w:0)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `ClusterKeys::CurrentGeneration` (r:1 w:0)
	/// Proof: `ClusterKeys::CurrentGeneration` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `ClusterKeys::Keys` (r:1 w:0)
	/// Proof: `ClusterKeys::Keys` (`max_values`: None, `max_size`: Some(124), added: 2599, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `ClusterKeys::Attestors` (r:0 w:1)
	/// Proof: `ClusterKeys::Attestors` (`max_values`: None, `max_size`: Some(85), added: 2560, mode: `MaxEncodedLen`)
	fn publish_attestor() -> Weight {
		// Minimum execution time: 138_530_000 picoseconds.
		Weight::from_parts(259_597_000, 19985)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `ClusterKeys::Attestors` (r:0 w:1)
	/// Proof: `ClusterKeys::Attestors` (`max_values`: None, `max_size`: Some(85), added: 2560, mode: `MaxEncodedLen`)
	fn on_contract_removed() -> Weight {
		// Minimum execution time: 3_276_000 picoseconds.
		Weight::from_parts(7_163_000, 0)
			.saturating_add(T::DbWeight::get().reads(0_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
}

/// The weights as measured, for tests.
impl WeightInfo for () {
	fn publish_key() -> Weight {
		Weight::from_parts(398_337_000, 6458)
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
	}
	fn request_rotation() -> Weight {
		Weight::from_parts(69_550_000, 3481)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn publish_attestor() -> Weight {
		Weight::from_parts(259_597_000, 19985)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn on_contract_removed() -> Weight {
		Weight::from_parts(7_163_000, 0)
			.saturating_add(ParityDbWeight::get().reads(0_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
}
