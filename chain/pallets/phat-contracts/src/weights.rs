//! Weights of `pallet_phat_contracts`.
//!
//! Measured by `phat-node benchmark pallet` with 50 steps and 20 repeats,
//! and written by it. Do not edit.
//!
//! But for `join_cluster`, where what tells whether a worker is active was added by hand, for
//! `instantiate`, `remove` and `clear_removed`, where what concerns removed contracts is an estimate,
//! and for `remove`, `set_secret` and `remove_secret`, where what concerns secrets is: these are to be
//! replaced with `cargo xtask bench weights`.

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
		// Minimum execution time: 11_972_000 picoseconds.
		Weight::from_parts(14_047_000, 1489)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Clusters` (r:1 w:0)
	/// Proof: `PhatContracts::Clusters` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterOf` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterMembers` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterMembers` (`max_values`: None, `max_size`: Some(32782), added: 35257, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Registry::ConfidenceLevelMax` (r:1 w:0)
	/// Proof: `Registry::ConfidenceLevelMax` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Registry::AllowedMeasurements` (r:2 w:0)
	/// Proof: `Registry::AllowedMeasurements` (`max_values`: None, `max_size`: Some(259), added: 2734, mode: `MaxEncodedLen`)
	fn join_cluster() -> Weight {
		// An estimate.
		Weight::from_parts(75_000_000, 36247)
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
		// Minimum execution time: 43_591_000 picoseconds.
		Weight::from_parts(54_219_000, 36247)
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
		// Minimum execution time: 99_536_000 picoseconds.
		Weight::from_parts(122_906_000, 3604)
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
	/// Storage: `Preimage::PreimageFor` (r:0 w:1)
	/// Proof: `Preimage::PreimageFor` (`max_values`: None, `max_size`: Some(4194344), added: 4196819, mode: `MaxEncodedLen`)
	fn remove_code() -> Weight {
		// Minimum execution time: 93_510_000 picoseconds.
		Weight::from_parts(114_995_000, 3604)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
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
	/// Proof: `PhatContracts::ClusterContracts` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::RemovedContracts` (r:1 w:1)
	/// Storage: `PhatContracts::CounterForRemovedContracts` (r:1 w:1)
	/// Storage: `PhatContracts::RemovedOrder` (r:0 w:1)
	/// The range of component `m` is `[1, 16384]`.
	fn instantiate(m: u32, ) -> Weight {
		// Minimum execution time: 114_782_000 picoseconds.
		Weight::from_parts(190_000_000, 19985)
			// Standard error: 63
			.saturating_add(Weight::from_parts(3_731, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(9_u64))
	}
	/// Storage: `PhatContracts::Contracts` (r:1 w:1)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(139), added: 2614, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterContracts` (r:0 w:1)
	/// Proof: `PhatContracts::ClusterContracts` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// The range of component `m` is `[1, 16384]`.
	fn set_manifest(m: u32, ) -> Weight {
		// Minimum execution time: 100_794_000 picoseconds.
		Weight::from_parts(116_509_018, 19985)
			// Standard error: 60
			.saturating_add(Weight::from_parts(3_371, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `PhatContracts::Contracts` (r:1 w:1)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(139), added: 2614, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Clusters` (r:1 w:1)
	/// Proof: `PhatContracts::Clusters` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterContracts` (r:0 w:1)
	/// Proof: `PhatContracts::ClusterContracts` (`max_values`: None, `max_size`: Some(92), added: 2567, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterSecrets` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterSecrets` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Secrets` (r:32 w:32)
	/// Proof: `PhatContracts::Secrets` (`max_values`: None, `max_size`: Some(65737), added: 68212, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::RemovedEnds` (r:1 w:1)
	/// Storage: `PhatContracts::RemovedContracts` (r:1 w:1)
	/// Storage: `PhatContracts::CounterForRemovedContracts` (r:1 w:1)
	/// Storage: `PhatContracts::RemovedOrder` (r:0 w:1)
	/// The range of component `s` is `[0, 32]`.
	fn remove(s: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(160_000_000, 19985)
			.saturating_add(Weight::from_parts(25_000_000, 68212).saturating_mul(s.into()))
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(s.into())))
			.saturating_add(T::DbWeight::get().writes(10_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(s.into())))
	}
	/// Storage: `PhatContracts::RemovedEnds` (r:1 w:1)
	/// Storage: `PhatContracts::RemovedOrder` (r:64 w:64)
	/// Storage: `PhatContracts::RemovedContracts` (r:64 w:64)
	/// Storage: `PhatContracts::CounterForRemovedContracts` (r:1 w:1)
	/// Storage: `PhatContracts::Codes` (r:64 w:64)
	/// Storage: `Balances::Holds` (r:64 w:64)
	/// Storage: `System::Account` (r:64 w:64)
	/// The range of component `n` is `[0, 64]`.
	fn clear_removed(n: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(20_000_000, 5500)
			.saturating_add(Weight::from_parts(90_000_000, 10500).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().reads((5_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(2_u64))
			.saturating_add(T::DbWeight::get().writes((5_u64).saturating_mul(n.into())))
	}
	/// Storage: `PhatContracts::Contracts` (r:1 w:0)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Secrets` (r:1 w:1)
	/// Proof: `PhatContracts::Secrets` (`max_values`: None, `max_size`: Some(65737), added: 68212, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterSecrets` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterSecrets` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(139), added: 2614, mode: `MaxEncodedLen`)
	/// The range of component `b` is `[48, 65584]`.
	fn set_secret(b: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(160_000_000, 69202)
			.saturating_add(Weight::from_parts(4_000, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `PhatContracts::Contracts` (r:1 w:0)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Secrets` (r:1 w:1)
	/// Proof: `PhatContracts::Secrets` (`max_values`: None, `max_size`: Some(65737), added: 68212, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterSecrets` (r:1 w:1)
	/// Proof: `PhatContracts::ClusterSecrets` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(139), added: 2614, mode: `MaxEncodedLen`)
	fn remove_secret() -> Weight {
		// An estimate.
		Weight::from_parts(200_000_000, 69202)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
}

/// The weights as measured, for tests.
impl WeightInfo for () {
	fn create_cluster() -> Weight {
		Weight::from_parts(14_047_000, 1489)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn join_cluster() -> Weight {
		Weight::from_parts(75_000_000, 36247)
			.saturating_add(ParityDbWeight::get().reads(8_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn leave_cluster() -> Weight {
		Weight::from_parts(54_219_000, 36247)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn upload_code() -> Weight {
		Weight::from_parts(122_906_000, 3604)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn remove_code() -> Weight {
		Weight::from_parts(114_995_000, 3604)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
	fn instantiate(m: u32, ) -> Weight {
		Weight::from_parts(190_000_000, 19985)
			.saturating_add(Weight::from_parts(3_731, 0).saturating_mul(m.into()))
			.saturating_add(ParityDbWeight::get().reads(7_u64))
			.saturating_add(ParityDbWeight::get().writes(9_u64))
	}
	fn set_manifest(m: u32, ) -> Weight {
		Weight::from_parts(116_509_018, 19985)
			.saturating_add(Weight::from_parts(3_371, 0).saturating_mul(m.into()))
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn remove(s: u32, ) -> Weight {
		Weight::from_parts(160_000_000, 19985)
			.saturating_add(Weight::from_parts(25_000_000, 68212).saturating_mul(s.into()))
			.saturating_add(ParityDbWeight::get().reads(8_u64))
			.saturating_add(ParityDbWeight::get().reads((1_u64).saturating_mul(s.into())))
			.saturating_add(ParityDbWeight::get().writes(10_u64))
			.saturating_add(ParityDbWeight::get().writes((1_u64).saturating_mul(s.into())))
	}
	fn clear_removed(n: u32, ) -> Weight {
		Weight::from_parts(20_000_000, 5500)
			.saturating_add(Weight::from_parts(90_000_000, 10500).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().reads((5_u64).saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
			.saturating_add(ParityDbWeight::get().writes((5_u64).saturating_mul(n.into())))
	}
	fn set_secret(b: u32, ) -> Weight {
		Weight::from_parts(160_000_000, 69202)
			.saturating_add(Weight::from_parts(4_000, 0).saturating_mul(b.into()))
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn remove_secret() -> Weight {
		Weight::from_parts(200_000_000, 69202)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
}
