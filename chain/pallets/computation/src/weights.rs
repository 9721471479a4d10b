//! Weights of `pallet_computation`.
//!
//! Measured by `phat-node benchmark pallet` with 20 steps and 10 repeats,
//! and written by it. Do not edit.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(clippy::allow_attributes_without_reason)]

use frame_support::{traits::Get, weights::{Weight, constants::ParityDbWeight}};
use core::marker::PhantomData;

/// The weights of the calls of `pallet_computation`.
pub trait WeightInfo {
	fn begin_benchmark() -> Weight;
	fn report_benchmark() -> Weight;
	fn prove_benchmark() -> Weight;
	fn start_session() -> Weight;
	fn stop_session() -> Weight;
	fn reclaim_stake() -> Weight;
	fn heartbeat() -> Weight;
	fn set_parameters() -> Weight;
	fn set_settings() -> Weight;
	fn set_price() -> Weight;
	fn report_fault() -> Weight;
	fn begin_block(c: u32, e: u32, ) -> Weight;
}

/// The weights as measured, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `System::Account` (r:1 w:0)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Registry::ConfidenceLevelMax` (r:1 w:0)
	/// Proof: `Registry::ConfidenceLevelMax` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Registry::AllowedMeasurements` (r:2 w:0)
	/// Proof: `Registry::AllowedMeasurements` (`max_values`: None, `max_size`: Some(259), added: 2734, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:1 w:0)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Proof: `Computation::CurrentSettings` (`max_values`: Some(1), `max_size`: Some(44), added: 539, mode: `MaxEncodedLen`)
	/// Storage: `Computation::BenchmarkRuns` (r:1 w:1)
	/// Proof: `Computation::BenchmarkRuns` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
	/// Storage: `Computation::NotedRandomness` (r:1 w:0)
	/// Proof: `Computation::NotedRandomness` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Computation::RandomnessTime` (r:1 w:0)
	/// Proof: `Computation::RandomnessTime` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	fn begin_benchmark() -> Weight {
		// Minimum execution time: 103_183_000 picoseconds.
		Weight::from_parts(191_590_000, 6458)
			.saturating_add(T::DbWeight::get().reads(11_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Computation::BenchmarkRuns` (r:1 w:1)
	/// Proof: `Computation::BenchmarkRuns` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Proof: `Computation::CurrentSettings` (`max_values`: Some(1), `max_size`: Some(44), added: 539, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	fn report_benchmark() -> Weight {
		// Minimum execution time: 124_734_000 picoseconds.
		Weight::from_parts(243_116_000, 3606)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Computation::BenchmarkRuns` (r:1 w:1)
	/// Proof: `Computation::BenchmarkRuns` (`max_values`: None, `max_size`: Some(141), added: 2616, mode: `MaxEncodedLen`)
	/// Storage: `Computation::NotedRandomness` (r:1 w:0)
	/// Proof: `Computation::NotedRandomness` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Computation::Benchmarks` (r:0 w:1)
	/// Proof: `Computation::Benchmarks` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	fn prove_benchmark() -> Weight {
		// Minimum execution time: 10_353_582_000 picoseconds.
		Weight::from_parts(12_415_350_000, 3606)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Registry::ConfidenceLevelMax` (r:1 w:0)
	/// Proof: `Registry::ConfidenceLevelMax` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Registry::AllowedMeasurements` (r:2 w:0)
	/// Proof: `Registry::AllowedMeasurements` (`max_values`: None, `max_size`: Some(259), added: 2734, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:1 w:1)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Computation::NotedRandomness` (r:1 w:0)
	/// Proof: `Computation::NotedRandomness` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Computation::NextSession` (r:1 w:1)
	/// Proof: `Computation::NextSession` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Computation::Benchmarks` (r:1 w:0)
	/// Proof: `Computation::Benchmarks` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Proof: `Computation::CurrentSettings` (`max_values`: Some(1), `max_size`: Some(44), added: 539, mode: `MaxEncodedLen`)
	/// Storage: `Computation::PhaPrice` (r:1 w:0)
	/// Proof: `Computation::PhaPrice` (`max_values`: Some(1), `max_size`: Some(20), added: 515, mode: `MaxEncodedLen`)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ShareTotals` (r:1 w:1)
	/// Proof: `Computation::ShareTotals` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ActiveCount` (r:1 w:1)
	/// Proof: `Computation::ActiveCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Computation::RandomnessTime` (r:1 w:0)
	/// Proof: `Computation::RandomnessTime` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ActiveSessions` (r:0 w:1)
	/// Proof: `Computation::ActiveSessions` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn start_session() -> Weight {
		// Minimum execution time: 185_277_000 picoseconds.
		Weight::from_parts(257_343_000, 6458)
			.saturating_add(T::DbWeight::get().reads(17_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:2 w:2)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Proof: `Computation::CurrentSettings` (`max_values`: Some(1), `max_size`: Some(44), added: 539, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ShareTotals` (r:1 w:1)
	/// Proof: `Computation::ShareTotals` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ActiveCount` (r:1 w:1)
	/// Proof: `Computation::ActiveCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ActiveSessions` (r:1 w:2)
	/// Proof: `Computation::ActiveSessions` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Computation::OpenChallenges` (r:0 w:1)
	/// Proof: `Computation::OpenChallenges` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	fn stop_session() -> Weight {
		// Minimum execution time: 112_922_000 picoseconds.
		Weight::from_parts(197_832_000, 6604)
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:1 w:1)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	fn reclaim_stake() -> Weight {
		// Minimum execution time: 173_245_000 picoseconds.
		Weight::from_parts(326_842_000, 6196)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Computation::OpenChallenges` (r:1 w:1)
	/// Proof: `Computation::OpenChallenges` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:1 w:1)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
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
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	/// Storage: `Computation::BudgetStart` (r:1 w:0)
	/// Proof: `Computation::BudgetStart` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Proof: `Computation::CurrentSettings` (`max_values`: Some(1), `max_size`: Some(44), added: 539, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:3 w:3)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ShareTotals` (r:1 w:1)
	/// Proof: `Computation::ShareTotals` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	fn heartbeat() -> Weight {
		// Minimum execution time: 2_955_935_000 picoseconds.
		Weight::from_parts(3_146_272_000, 8799)
			.saturating_add(T::DbWeight::get().reads(15_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Proof: `Computation::CurrentSettings` (`max_values`: Some(1), `max_size`: Some(44), added: 539, mode: `MaxEncodedLen`)
	/// Storage: `Network::SlotMillis` (r:1 w:0)
	/// Proof: `Network::SlotMillis` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Computation::EconomyParameters` (r:0 w:1)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	fn set_parameters() -> Weight {
		// Minimum execution time: 27_863_000 picoseconds.
		Weight::from_parts(47_549_000, 1529)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	/// Storage: `Computation::CurrentSettings` (r:0 w:1)
	/// Proof: `Computation::CurrentSettings` (`max_values`: Some(1), `max_size`: Some(44), added: 539, mode: `MaxEncodedLen`)
	fn set_settings() -> Weight {
		// Minimum execution time: 14_217_000 picoseconds.
		Weight::from_parts(28_283_000, 1649)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Computation::PhaPrice` (r:0 w:1)
	/// Proof: `Computation::PhaPrice` (`max_values`: Some(1), `max_size`: Some(20), added: 515, mode: `MaxEncodedLen`)
	fn set_price() -> Weight {
		// Minimum execution time: 10_730_000 picoseconds.
		Weight::from_parts(19_517_000, 0)
			.saturating_add(T::DbWeight::get().reads(0_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Computation::WorkerSessions` (r:2 w:2)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ShareTotals` (r:1 w:1)
	/// Proof: `Computation::ShareTotals` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Proof: `Computation::CurrentSettings` (`max_values`: Some(1), `max_size`: Some(44), added: 539, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ActiveCount` (r:1 w:1)
	/// Proof: `Computation::ActiveCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ActiveSessions` (r:1 w:2)
	/// Proof: `Computation::ActiveSessions` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Computation::OpenChallenges` (r:0 w:1)
	/// Proof: `Computation::OpenChallenges` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	fn report_fault() -> Weight {
		// Minimum execution time: 84_478_000 picoseconds.
		Weight::from_parts(164_669_000, 6604)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `Babe::AuthorVrfRandomness` (r:1 w:0)
	/// Proof: `Babe::AuthorVrfRandomness` (`max_values`: Some(1), `max_size`: Some(33), added: 528, mode: `MaxEncodedLen`)
	/// Storage: `Computation::NotedRandomness` (r:1 w:1)
	/// Proof: `Computation::NotedRandomness` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ExpiringChallenges` (r:2 w:2)
	/// Proof: `Computation::ExpiringChallenges` (`max_values`: None, `max_size`: Some(2062), added: 4537, mode: `MaxEncodedLen`)
	/// Storage: `Computation::OpenChallenges` (r:64 w:128)
	/// Proof: `Computation::OpenChallenges` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:128 w:128)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ShareTotals` (r:1 w:1)
	/// Proof: `Computation::ShareTotals` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ActiveCount` (r:1 w:0)
	/// Proof: `Computation::ActiveCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Proof: `Computation::CurrentSettings` (`max_values`: Some(1), `max_size`: Some(44), added: 539, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ActiveSessions` (r:64 w:0)
	/// Proof: `Computation::ActiveSessions` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Computation::RandomnessTime` (r:0 w:1)
	/// Proof: `Computation::RandomnessTime` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// The range of component `c` is `[0, 64]`.
	/// The range of component `e` is `[0, 64]`.
	fn begin_block(c: u32, e: u32, ) -> Weight {
		// Minimum execution time: 1_810_216_000 picoseconds.
		Weight::from_parts(624_727_264, 10064)
			// Standard error: 3_301_866
			.saturating_add(Weight::from_parts(25_897_223, 0).saturating_mul(c.into()))
			// Standard error: 3_301_866
			.saturating_add(Weight::from_parts(39_814_380, 0).saturating_mul(e.into()))
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(e.into())))
			.saturating_add(T::DbWeight::get().writes(5_u64))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(e.into())))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(e.into()))
	}
}

/// The weights as measured, for tests.
impl WeightInfo for () {
	fn begin_benchmark() -> Weight {
		Weight::from_parts(191_590_000, 6458)
			.saturating_add(ParityDbWeight::get().reads(11_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn report_benchmark() -> Weight {
		Weight::from_parts(243_116_000, 3606)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn prove_benchmark() -> Weight {
		Weight::from_parts(12_415_350_000, 3606)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn start_session() -> Weight {
		Weight::from_parts(257_343_000, 6458)
			.saturating_add(ParityDbWeight::get().reads(17_u64))
			.saturating_add(ParityDbWeight::get().writes(7_u64))
	}
	fn stop_session() -> Weight {
		Weight::from_parts(197_832_000, 6604)
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(8_u64))
	}
	fn reclaim_stake() -> Weight {
		Weight::from_parts(326_842_000, 6196)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn heartbeat() -> Weight {
		Weight::from_parts(3_146_272_000, 8799)
			.saturating_add(ParityDbWeight::get().reads(15_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
	fn set_parameters() -> Weight {
		Weight::from_parts(47_549_000, 1529)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_settings() -> Weight {
		Weight::from_parts(28_283_000, 1649)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_price() -> Weight {
		Weight::from_parts(19_517_000, 0)
			.saturating_add(ParityDbWeight::get().reads(0_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn report_fault() -> Weight {
		Weight::from_parts(164_669_000, 6604)
			.saturating_add(ParityDbWeight::get().reads(8_u64))
			.saturating_add(ParityDbWeight::get().writes(7_u64))
	}
	fn begin_block(c: u32, e: u32, ) -> Weight {
		Weight::from_parts(624_727_264, 10064)
			.saturating_add(Weight::from_parts(25_897_223, 0).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(39_814_380, 0).saturating_mul(e.into()))
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(e.into()))
	}
}
