//! Weights of `pallet_computation`.
//!
//! Written by hand, as estimates, until `cargo xtask bench weights` measures them.

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

/// The weights as estimated, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Storage: `Registry::RequireAttestation, ConfidenceLevelMax, AllowedMeasurements` (r:4 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Computation::WorkerSessions` (r:1 w:0)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Storage: `Computation::BenchmarkRuns` (r:1 w:1)
	/// Storage: `Computation::NotedRandomness` (r:1 w:0)
	/// Storage: `Computation::RandomnessTime` (r:1 w:0)
	fn begin_benchmark() -> Weight {
		// An estimate.
		Weight::from_parts(40_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(11_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Computation::BenchmarkRuns` (r:1 w:1)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn report_benchmark() -> Weight {
		// An estimate.
		Weight::from_parts(150_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Computation::BenchmarkRuns` (r:1 w:1)
	/// Storage: `Computation::NotedRandomness` (r:1 w:0)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Computation::Benchmarks` (r:0 w:1)
	fn prove_benchmark() -> Weight {
		// An estimate.
		Weight::from_parts(25_000_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Storage: `Registry::RequireAttestation, ConfidenceLevelMax, AllowedMeasurements` (r:4 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Computation::WorkerSessions` (r:1 w:1)
	/// Storage: `Computation::NotedRandomness` (r:1 w:0)
	/// Storage: `Computation::RandomnessTime` (r:1 w:0)
	/// Storage: `Computation::NextSession` (r:1 w:1)
	/// Storage: `Computation::Benchmarks` (r:1 w:0)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Storage: `Computation::PhaPrice` (r:1 w:0)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Storage: `Computation::ShareTotals` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Computation::ActiveCount` (r:1 w:1)
	/// Storage: `Computation::ActiveSessions` (r:0 w:1)
	fn start_session() -> Weight {
		// An estimate.
		Weight::from_parts(160_000_000, 4700)
			.saturating_add(T::DbWeight::get().reads(20_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `Computation::WorkerSessions` (r:2 w:2)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Storage: `Computation::ShareTotals` (r:1 w:1)
	/// Storage: `Computation::ActiveCount` (r:1 w:1)
	/// Storage: `Computation::ActiveSessions` (r:1 w:2)
	/// Storage: `Computation::OpenChallenges` (r:0 w:1)
	fn stop_session() -> Weight {
		// An estimate.
		Weight::from_parts(90_000_000, 6500)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `Computation::WorkerSessions` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	fn reclaim_stake() -> Weight {
		// An estimate.
		Weight::from_parts(120_000_000, 6200)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Computation::OpenChallenges` (r:1 w:1)
	/// Storage: `Computation::WorkerSessions` (r:1 w:1)
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Storage: `Registry::RequireAttestation, ConfidenceLevelMax, AllowedMeasurements` (r:4 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Storage: `Computation::BudgetStart` (r:1 w:0)
	/// Storage: `Computation::ShareTotals` (r:1 w:1)
	/// Storage: `System::Account` (r:3 w:3)
	fn heartbeat() -> Weight {
		// An estimate.
		Weight::from_parts(7_000_000_000, 8800)
			.saturating_add(T::DbWeight::get().reads(18_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Storage: `Computation::EconomyParameters` (r:0 w:1)
	fn set_parameters() -> Weight {
		// An estimate.
		Weight::from_parts(25_000_000, 1700)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Storage: `Computation::CurrentSettings` (r:0 w:1)
	fn set_settings() -> Weight {
		// An estimate.
		Weight::from_parts(25_000_000, 1700)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Computation::PhaPrice` (r:0 w:1)
	fn set_price() -> Weight {
		// An estimate.
		Weight::from_parts(12_000_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Computation::WorkerSessions` (r:2 w:2)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Storage: `Computation::ShareTotals` (r:1 w:1)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Computation::ActiveCount` (r:1 w:1)
	/// Storage: `Computation::ActiveSessions` (r:1 w:2)
	/// Storage: `Computation::OpenChallenges` (r:0 w:1)
	fn report_fault() -> Weight {
		// An estimate.
		Weight::from_parts(110_000_000, 6500)
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `Babe::AuthorVrfRandomness` (r:1 w:0)
	/// Storage: `Computation::ActiveCount, CurrentSettings, EconomyParameters, ShareTotals` (r:4 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Computation::ExpiringChallenges` (r:2 w:2)
	/// Storage: `Computation::NotedRandomness` (r:1 w:2)
	/// Storage: `Computation::RandomnessTime` (r:0 w:1)
	/// Storage: `Computation::ActiveSessions` (r:64 w:0)
	/// Storage: `Computation::WorkerSessions` (r:128 w:128)
	/// Storage: `Computation::OpenChallenges` (r:64 w:128)
	/// The range of component `c` is `[0, 64]`.
	/// The range of component `e` is `[0, 64]`.
	fn begin_block(c: u32, e: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(35_000_000, 4000)
			.saturating_add(Weight::from_parts(18_000_000, 2700).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(30_000_000, 2700).saturating_mul(e.into()))
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(e.into())))
			.saturating_add(T::DbWeight::get().writes(5_u64))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(c.into())))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(e.into())))
	}
}

/// The weights as estimated, for tests.
impl WeightInfo for () {
	fn begin_benchmark() -> Weight {
		Weight::from_parts(40_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(11_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn report_benchmark() -> Weight {
		Weight::from_parts(150_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn prove_benchmark() -> Weight {
		Weight::from_parts(25_000_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn start_session() -> Weight {
		Weight::from_parts(160_000_000, 4700)
			.saturating_add(ParityDbWeight::get().reads(20_u64))
			.saturating_add(ParityDbWeight::get().writes(8_u64))
	}
	fn stop_session() -> Weight {
		Weight::from_parts(90_000_000, 6500)
			.saturating_add(ParityDbWeight::get().reads(8_u64))
			.saturating_add(ParityDbWeight::get().writes(7_u64))
	}
	fn reclaim_stake() -> Weight {
		Weight::from_parts(120_000_000, 6200)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn heartbeat() -> Weight {
		Weight::from_parts(7_000_000_000, 8800)
			.saturating_add(ParityDbWeight::get().reads(18_u64))
			.saturating_add(ParityDbWeight::get().writes(7_u64))
	}
	fn set_parameters() -> Weight {
		Weight::from_parts(25_000_000, 1700)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_settings() -> Weight {
		Weight::from_parts(25_000_000, 1700)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_price() -> Weight {
		Weight::from_parts(12_000_000, 0)
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn report_fault() -> Weight {
		Weight::from_parts(110_000_000, 6500)
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(7_u64))
	}
	fn begin_block(c: u32, e: u32, ) -> Weight {
		Weight::from_parts(35_000_000, 4000)
			.saturating_add(Weight::from_parts(18_000_000, 2700).saturating_mul(c.into()))
			.saturating_add(Weight::from_parts(30_000_000, 2700).saturating_mul(e.into()))
			.saturating_add(ParityDbWeight::get().reads(8_u64))
			.saturating_add(ParityDbWeight::get().reads((2_u64).saturating_mul(c.into())))
			.saturating_add(ParityDbWeight::get().reads((2_u64).saturating_mul(e.into())))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
			.saturating_add(ParityDbWeight::get().writes((2_u64).saturating_mul(c.into())))
			.saturating_add(ParityDbWeight::get().writes((2_u64).saturating_mul(e.into())))
	}
}
