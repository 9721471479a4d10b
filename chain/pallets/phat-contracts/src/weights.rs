//! Weights of `pallet_phat_contracts`.
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

/// The weights of the calls of `pallet_phat_contracts`.
pub trait WeightInfo {
	fn create_cluster() -> Weight;
	fn join_cluster() -> Weight;
	fn leave_cluster() -> Weight;
	fn upload_code() -> Weight;
	fn remove_code() -> Weight;
	fn instantiate(m: u32, ) -> Weight;
	fn set_manifest(m: u32, ) -> Weight;
	fn remove(s: u32, ) -> Weight;
	fn clear_removed(n: u32, ) -> Weight;
	fn set_secret(b: u32, ) -> Weight;
	fn remove_secret() -> Weight;
}

/// The weights as measured, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `PhatContracts::NextClusterId` (r:1 w:1)
	/// Proof: `PhatContracts::NextClusterId` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Clusters` (r:0 w:1)
	/// Proof: `PhatContracts::Clusters` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	fn create_cluster() -> Weight {
		// Minimum execution time: 17_293_000 picoseconds.
		Weight::from_parts(37_180_000, 1489)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Registry::ConfidenceLevelMax` (r:1 w:0)
	/// Proof: `Registry::ConfidenceLevelMax` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Registry::AllowedMeasurements` (r:2 w:0)
	/// Proof: `Registry::AllowedMeasurements` (`max_values`: None, `max_size`: Some(259), added: 2734, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Clusters` (r:1 w:0)
	/// Proof: `PhatContracts::Clusters` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterOf` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterMembers` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterMembers` (`max_values`: None, `max_size`: Some(32782), added: 35257, mode: `MaxEncodedLen`)
	fn join_cluster() -> Weight {
		// Minimum execution time: 122_269_000 picoseconds.
		Weight::from_parts(220_634_000, 36247)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterOf` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterMembers` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterMembers` (`max_values`: None, `max_size`: Some(32782), added: 35257, mode: `MaxEncodedLen`)
	fn leave_cluster() -> Weight {
		// Minimum execution time: 65_382_000 picoseconds.
		Weight::from_parts(119_093_000, 36247)
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
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	fn upload_code() -> Weight {
		// Minimum execution time: 142_297_000 picoseconds.
		Weight::from_parts(223_960_000, 3748)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `PhatContracts::Codes` (r:1 w:1)
	/// Proof: `PhatContracts::Codes` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `Preimage::StatusFor` (r:1 w:0)
	/// Proof: `Preimage::StatusFor` (`max_values`: None, `max_size`: Some(91), added: 2566, mode: `MaxEncodedLen`)
	/// Storage: `Preimage::RequestStatusFor` (r:1 w:1)
	/// Proof: `Preimage::RequestStatusFor` (`max_values`: None, `max_size`: Some(91), added: 2566, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::CounterForCodes` (r:1 w:1)
	/// Proof: `PhatContracts::CounterForCodes` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Preimage::PreimageFor` (r:0 w:1)
	/// Proof: `Preimage::PreimageFor` (`max_values`: None, `max_size`: Some(4194344), added: 4196819, mode: `MaxEncodedLen`)
	fn remove_code() -> Weight {
		// Minimum execution time: 144_441_000 picoseconds.
		Weight::from_parts(244_388_000, 3748)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `PhatContracts::Clusters` (r:1 w:1)
	/// Proof: `PhatContracts::Clusters` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Codes` (r:1 w:1)
	/// Proof: `PhatContracts::Codes` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Contracts` (r:1 w:1)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::RemovedContracts` (r:1 w:1)
	/// Proof: `PhatContracts::RemovedContracts` (`max_values`: None, `max_size`: Some(144), added: 2619, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::CounterForRemovedContracts` (r:1 w:1)
	/// Proof: `PhatContracts::CounterForRemovedContracts` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::TotalOf` (r:1 w:0)
	/// Proof: `ContractStake::TotalOf` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterContracts` (r:0 w:1)
	/// Proof: `PhatContracts::ClusterContracts` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::RemovedOrder` (r:0 w:1)
	/// Proof: `PhatContracts::RemovedOrder` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// The range of component `m` is `[1, 16384]`.
	fn instantiate(m: u32, ) -> Weight {
		// Minimum execution time: 249_167_000 picoseconds.
		Weight::from_parts(372_321_476, 19985)
			// Standard error: 2_982
			.saturating_add(Weight::from_parts(17_437, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(9_u64))
	}
	/// Storage: `PhatContracts::Contracts` (r:1 w:1)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterContracts` (r:0 w:1)
	/// Proof: `PhatContracts::ClusterContracts` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// The range of component `m` is `[1, 16384]`.
	fn set_manifest(m: u32, ) -> Weight {
		// Minimum execution time: 172_404_000 picoseconds.
		Weight::from_parts(201_257_786, 19985)
			// Standard error: 3_004
			.saturating_add(Weight::from_parts(21_092, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `PhatContracts::Contracts` (r:1 w:1)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::CounterForRemovedContracts` (r:1 w:1)
	/// Proof: `PhatContracts::CounterForRemovedContracts` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::RemovedEnds` (r:1 w:1)
	/// Proof: `PhatContracts::RemovedEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::RemovedContracts` (r:1 w:1)
	/// Proof: `PhatContracts::RemovedContracts` (`max_values`: None, `max_size`: Some(144), added: 2619, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterSecrets` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterSecrets` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Secrets` (r:32 w:32)
	/// Proof: `PhatContracts::Secrets` (`max_values`: None, `max_size`: Some(65738), added: 68213, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Clusters` (r:1 w:1)
	/// Proof: `PhatContracts::Clusters` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::TotalOf` (r:1 w:0)
	/// Proof: `ContractStake::TotalOf` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterContracts` (r:0 w:1)
	/// Proof: `PhatContracts::ClusterContracts` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::RemovedOrder` (r:0 w:1)
	/// Proof: `PhatContracts::RemovedOrder` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `ClusterKeys::Attestors` (r:0 w:1)
	/// Proof: `ClusterKeys::Attestors` (`max_values`: None, `max_size`: Some(85), added: 2560, mode: `MaxEncodedLen`)
	/// The range of component `s` is `[0, 32]`.
	fn remove(s: u32, ) -> Weight {
		// Minimum execution time: 188_313_000 picoseconds.
		Weight::from_parts(356_731_948, 19985)
			// Standard error: 334_429
			.saturating_add(Weight::from_parts(5_854_149, 0).saturating_mul(s.into()))
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(s.into())))
			.saturating_add(T::DbWeight::get().writes(11_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(s.into())))
			.saturating_add(Weight::from_parts(0, 68213).saturating_mul(s.into()))
	}
	/// Storage: `PhatContracts::RemovedEnds` (r:1 w:1)
	/// Proof: `PhatContracts::RemovedEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::RemovedOrder` (r:64 w:64)
	/// Proof: `PhatContracts::RemovedOrder` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::RemovedContracts` (r:64 w:64)
	/// Proof: `PhatContracts::RemovedContracts` (`max_values`: None, `max_size`: Some(144), added: 2619, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::CounterForRemovedContracts` (r:1 w:1)
	/// Proof: `PhatContracts::CounterForRemovedContracts` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Codes` (r:1 w:1)
	/// Proof: `PhatContracts::Codes` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[0, 64]`.
	fn clear_removed(n: u32, ) -> Weight {
		// Minimum execution time: 14_277_000 picoseconds.
		Weight::from_parts(16_902_000, 3748)
			// Standard error: 1_974_190
			.saturating_add(Weight::from_parts(150_966_721, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(5_u64))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2619).saturating_mul(n.into()))
	}
	/// Storage: `PhatContracts::Contracts` (r:1 w:0)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Secrets` (r:1 w:1)
	/// Proof: `PhatContracts::Secrets` (`max_values`: None, `max_size`: Some(65738), added: 68213, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterSecrets` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterSecrets` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// The range of component `b` is `[48, 65584]`.
	fn set_secret(b: u32, ) -> Weight {
		// Minimum execution time: 288_501_000 picoseconds.
		Weight::from_parts(423_258_110, 69203)
			// Standard error: 114
			.saturating_add(Weight::from_parts(693, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `PhatContracts::Contracts` (r:1 w:0)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Secrets` (r:1 w:1)
	/// Proof: `PhatContracts::Secrets` (`max_values`: None, `max_size`: Some(65738), added: 68213, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterSecrets` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterSecrets` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	fn remove_secret() -> Weight {
		// Minimum execution time: 270_628_000 picoseconds.
		Weight::from_parts(401_353_000, 69203)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
}

/// The weights as measured, for tests.
impl WeightInfo for () {
	fn create_cluster() -> Weight {
		Weight::from_parts(37_180_000, 1489)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn join_cluster() -> Weight {
		Weight::from_parts(220_634_000, 36247)
			.saturating_add(ParityDbWeight::get().reads(8_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn leave_cluster() -> Weight {
		Weight::from_parts(119_093_000, 36247)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn upload_code() -> Weight {
		Weight::from_parts(223_960_000, 3748)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn remove_code() -> Weight {
		Weight::from_parts(244_388_000, 3748)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
	fn instantiate(m: u32, ) -> Weight {
		Weight::from_parts(372_321_476, 19985)
			.saturating_add(Weight::from_parts(17_437, 0).saturating_mul(m.into()))
			.saturating_add(ParityDbWeight::get().reads(8_u64))
			.saturating_add(ParityDbWeight::get().writes(9_u64))
	}
	fn set_manifest(m: u32, ) -> Weight {
		Weight::from_parts(201_257_786, 19985)
			.saturating_add(Weight::from_parts(21_092, 0).saturating_mul(m.into()))
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn remove(s: u32, ) -> Weight {
		Weight::from_parts(356_731_948, 19985)
			.saturating_add(Weight::from_parts(5_854_149, 0).saturating_mul(s.into()))
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(11_u64))
			.saturating_add(Weight::from_parts(0, 68213).saturating_mul(s.into()))
	}
	fn clear_removed(n: u32, ) -> Weight {
		Weight::from_parts(16_902_000, 3748)
			.saturating_add(Weight::from_parts(150_966_721, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
			.saturating_add(Weight::from_parts(0, 2619).saturating_mul(n.into()))
	}
	fn set_secret(b: u32, ) -> Weight {
		Weight::from_parts(423_258_110, 69203)
			.saturating_add(Weight::from_parts(693, 0).saturating_mul(b.into()))
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn remove_secret() -> Weight {
		Weight::from_parts(401_353_000, 69203)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
}
