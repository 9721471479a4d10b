//! Weights of `pallet_registry`.
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

/// The weights of the calls of `pallet_registry`.
pub trait WeightInfo {
	fn register() -> Weight;
	fn register_attested() -> Weight;
	fn update_endpoint() -> Weight;
	fn deregister() -> Weight;
	fn renew() -> Weight;
	fn set_roots() -> Weight;
	fn allow_measurement() -> Weight;
	fn revoke_measurement() -> Weight;
	fn set_confidence_level_max() -> Weight;
	fn set_attestation_life() -> Weight;
}

/// The weights as measured, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Registry::RequireAttestation` (r:1 w:0)
	/// Proof: `Registry::RequireAttestation` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Registry::Workers` (r:1 w:1)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `Registry::CounterForWorkers` (r:1 w:1)
	/// Proof: `Registry::CounterForWorkers` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	fn register() -> Weight {
		// Minimum execution time: 231_915_000 picoseconds.
		Weight::from_parts(345_298_000, 4106)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Registry::Workers` (r:1 w:1)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `Registry::CounterForWorkers` (r:1 w:1)
	/// Proof: `Registry::CounterForWorkers` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Registry::RootCertificates` (r:1 w:0)
	/// Proof: `Registry::RootCertificates` (`max_values`: Some(1), `max_size`: Some(16401), added: 16896, mode: `MaxEncodedLen`)
	/// Storage: `Registry::AllowedMeasurements` (r:1 w:0)
	/// Proof: `Registry::AllowedMeasurements` (`max_values`: None, `max_size`: Some(259), added: 2734, mode: `MaxEncodedLen`)
	/// Storage: `Registry::ConfidenceLevelMax` (r:1 w:0)
	/// Proof: `Registry::ConfidenceLevelMax` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Registry::AttestationLifeMaxS` (r:1 w:0)
	/// Proof: `Registry::AttestationLifeMaxS` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	fn register_attested() -> Weight {
		// Minimum execution time: 1_202_376_000 picoseconds.
		Weight::from_parts(1_852_485_000, 17886)
			.saturating_add(T::DbWeight::get().reads(10_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Registry::Workers` (r:1 w:1)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	fn update_endpoint() -> Weight {
		// Minimum execution time: 35_677_000 picoseconds.
		Weight::from_parts(81_082_000, 4106)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Registry::Workers` (r:1 w:1)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `Registry::CounterForWorkers` (r:1 w:1)
	/// Proof: `Registry::CounterForWorkers` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterOf` (r:1 w:0)
	/// Proof: `PhatContracts::ClusterOf` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::Heads` (r:1 w:0)
	/// Proof: `Receipts::Heads` (`max_values`: None, `max_size`: Some(88), added: 2563, mode: `MaxEncodedLen`)
	/// Storage: `Computation::BenchmarkRuns` (r:1 w:0)
	/// Proof: `Computation::BenchmarkRuns` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:1 w:0)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Computation::Benchmarks` (r:0 w:1)
	/// Proof: `Computation::Benchmarks` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	fn deregister() -> Weight {
		// Minimum execution time: 123_091_000 picoseconds.
		Weight::from_parts(245_500_000, 4106)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Registry::Workers` (r:1 w:1)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Registry::RootCertificates` (r:1 w:0)
	/// Proof: `Registry::RootCertificates` (`max_values`: Some(1), `max_size`: Some(16401), added: 16896, mode: `MaxEncodedLen`)
	/// Storage: `Registry::AllowedMeasurements` (r:1 w:0)
	/// Proof: `Registry::AllowedMeasurements` (`max_values`: None, `max_size`: Some(259), added: 2734, mode: `MaxEncodedLen`)
	/// Storage: `Registry::ConfidenceLevelMax` (r:1 w:0)
	/// Proof: `Registry::ConfidenceLevelMax` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Registry::AttestationLifeMaxS` (r:1 w:0)
	/// Proof: `Registry::AttestationLifeMaxS` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	fn renew() -> Weight {
		// Minimum execution time: 1_016_527_000 picoseconds.
		Weight::from_parts(1_594_811_000, 17886)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Registry::RootCertificates` (r:0 w:1)
	/// Proof: `Registry::RootCertificates` (`max_values`: Some(1), `max_size`: Some(16401), added: 16896, mode: `MaxEncodedLen`)
	fn set_roots() -> Weight {
		// Minimum execution time: 26_109_000 picoseconds.
		Weight::from_parts(45_796_000, 0)
			.saturating_add(T::DbWeight::get().reads(0_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Registry::AllowedMeasurements` (r:1 w:1)
	/// Proof: `Registry::AllowedMeasurements` (`max_values`: None, `max_size`: Some(259), added: 2734, mode: `MaxEncodedLen`)
	/// Storage: `Registry::CounterForAllowedMeasurements` (r:1 w:1)
	/// Proof: `Registry::CounterForAllowedMeasurements` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn allow_measurement() -> Weight {
		// Minimum execution time: 29_766_000 picoseconds.
		Weight::from_parts(52_849_000, 3724)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Registry::AllowedMeasurements` (r:1 w:1)
	/// Proof: `Registry::AllowedMeasurements` (`max_values`: None, `max_size`: Some(259), added: 2734, mode: `MaxEncodedLen`)
	/// Storage: `Registry::CounterForAllowedMeasurements` (r:1 w:1)
	/// Proof: `Registry::CounterForAllowedMeasurements` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn revoke_measurement() -> Weight {
		// Minimum execution time: 28_243_000 picoseconds.
		Weight::from_parts(51_296_000, 3724)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Registry::ConfidenceLevelMax` (r:0 w:1)
	/// Proof: `Registry::ConfidenceLevelMax` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	fn set_confidence_level_max() -> Weight {
		// Minimum execution time: 10_048_000 picoseconds.
		Weight::from_parts(19_556_000, 0)
			.saturating_add(T::DbWeight::get().reads(0_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Registry::AttestationLifeMaxS` (r:0 w:1)
	/// Proof: `Registry::AttestationLifeMaxS` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	fn set_attestation_life() -> Weight {
		// Minimum execution time: 10_039_000 picoseconds.
		Weight::from_parts(18_314_000, 0)
			.saturating_add(T::DbWeight::get().reads(0_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
}

/// The weights as measured, for tests.
impl WeightInfo for () {
	fn register() -> Weight {
		Weight::from_parts(345_298_000, 4106)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn register_attested() -> Weight {
		Weight::from_parts(1_852_485_000, 17886)
			.saturating_add(ParityDbWeight::get().reads(10_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn update_endpoint() -> Weight {
		Weight::from_parts(81_082_000, 4106)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn deregister() -> Weight {
		Weight::from_parts(245_500_000, 4106)
			.saturating_add(ParityDbWeight::get().reads(8_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn renew() -> Weight {
		Weight::from_parts(1_594_811_000, 17886)
			.saturating_add(ParityDbWeight::get().reads(7_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_roots() -> Weight {
		Weight::from_parts(45_796_000, 0)
			.saturating_add(ParityDbWeight::get().reads(0_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn allow_measurement() -> Weight {
		Weight::from_parts(52_849_000, 3724)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn revoke_measurement() -> Weight {
		Weight::from_parts(51_296_000, 3724)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn set_confidence_level_max() -> Weight {
		Weight::from_parts(19_556_000, 0)
			.saturating_add(ParityDbWeight::get().reads(0_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_attestation_life() -> Weight {
		Weight::from_parts(18_314_000, 0)
			.saturating_add(ParityDbWeight::get().reads(0_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
}
