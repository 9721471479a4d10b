//! Weights of `pallet_stake_pool`.
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

/// The weights of the calls of `pallet_stake_pool`.
pub trait WeightInfo {
	fn create() -> Weight;
	fn set_commission() -> Weight;
	fn set_cap() -> Weight;
	fn set_restriction() -> Weight;
	fn add_to_whitelist() -> Weight;
	fn remove_from_whitelist() -> Weight;
	fn add_worker() -> Weight;
	fn remove_worker() -> Weight;
	fn start_worker(w: u32, ) -> Weight;
	fn stop_worker() -> Weight;
	fn reclaim_worker(w: u32, ) -> Weight;
	fn claim_owner_rewards() -> Weight;
	fn delegate(w: u32, ) -> Weight;
	fn withdraw(w: u32, ) -> Weight;
	fn cancel_withdrawal() -> Weight;
	fn process_queue(n: u32, ) -> Weight;
	fn check_and_force_withdraw(w: u32, ) -> Weight;
	fn position(w: u32, ) -> Weight;
	fn on_payout() -> Weight;
}

/// The weights as measured, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `StakePool::NextPoolId` (r:1 w:1)
	/// Proof: `StakePool::NextPoolId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::Pools` (r:0 w:1)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	fn create() -> Weight {
		// Minimum execution time: 115_236_000 picoseconds.
		Weight::from_parts(187_171_000, 6196)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:1)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	fn set_commission() -> Weight {
		// Minimum execution time: 131_968_000 picoseconds.
		Weight::from_parts(199_344_000, 3568)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:1)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	fn set_cap() -> Weight {
		// Minimum execution time: 74_850_000 picoseconds.
		Weight::from_parts(111_549_000, 3568)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:1)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	fn set_restriction() -> Weight {
		// Minimum execution time: 70_603_000 picoseconds.
		Weight::from_parts(111_189_000, 3568)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:1)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::Whitelist` (r:1 w:1)
	/// Proof: `StakePool::Whitelist` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	fn add_to_whitelist() -> Weight {
		// Minimum execution time: 82_696_000 picoseconds.
		Weight::from_parts(121_217_000, 3568)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:1)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::Whitelist` (r:1 w:1)
	/// Proof: `StakePool::Whitelist` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	fn remove_from_whitelist() -> Weight {
		// Minimum execution time: 84_158_000 picoseconds.
		Weight::from_parts(122_320_000, 3568)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:0)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Registry::ConfidenceLevelMax` (r:1 w:0)
	/// Proof: `Registry::ConfidenceLevelMax` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Registry::AllowedMeasurements` (r:2 w:0)
	/// Proof: `Registry::AllowedMeasurements` (`max_values`: None, `max_size`: Some(259), added: 2734, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolOf` (r:1 w:1)
	/// Proof: `StakePool::PoolOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:1 w:0)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolWorkers` (r:1 w:1)
	/// Proof: `StakePool::PoolWorkers` (`max_values`: None, `max_size`: Some(1041), added: 3516, mode: `MaxEncodedLen`)
	fn add_worker() -> Weight {
		// Minimum execution time: 225_383_000 picoseconds.
		Weight::from_parts(366_538_000, 6458)
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:0)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolOf` (r:1 w:1)
	/// Proof: `StakePool::PoolOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:1 w:0)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolWorkers` (r:1 w:1)
	/// Proof: `StakePool::PoolWorkers` (`max_values`: None, `max_size`: Some(1041), added: 3516, mode: `MaxEncodedLen`)
	fn remove_worker() -> Weight {
		// Minimum execution time: 151_684_000 picoseconds.
		Weight::from_parts(201_117_000, 4506)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:0)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolOf` (r:1 w:0)
	/// Proof: `StakePool::PoolOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:6 w:6)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::MaturingPayouts` (r:1 w:0)
	/// Proof: `StakePool::MaturingPayouts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolWorkers` (r:1 w:0)
	/// Proof: `StakePool::PoolWorkers` (`max_values`: None, `max_size`: Some(1041), added: 3516, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:32 w:1)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WithdrawalQueues` (r:1 w:1)
	/// Proof: `StakePool::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::Withdrawals` (r:4 w:4)
	/// Proof: `StakePool::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WaitingOf` (r:4 w:4)
	/// Proof: `StakePool::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `Registry::ConfidenceLevelMax` (r:1 w:0)
	/// Proof: `Registry::ConfidenceLevelMax` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Registry::AllowedMeasurements` (r:2 w:0)
	/// Proof: `Registry::AllowedMeasurements` (`max_values`: None, `max_size`: Some(259), added: 2734, mode: `MaxEncodedLen`)
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
	/// The range of component `w` is `[1, 32]`.
	fn start_worker(w: u32, ) -> Weight {
		// Minimum execution time: 1_064_136_000 picoseconds.
		Weight::from_parts(1_335_072_064, 16608)
			// Standard error: 2_906_749
			.saturating_add(Weight::from_parts(41_439_190, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(36_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(T::DbWeight::get().writes(23_u64))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(w.into()))
	}
	/// Storage: `StakePool::Pools` (r:1 w:0)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolOf` (r:1 w:0)
	/// Proof: `StakePool::PoolOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:1 w:1)
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
	/// Storage: `Computation::ActiveSessions` (r:1 w:1)
	/// Proof: `Computation::ActiveSessions` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Computation::OpenChallenges` (r:0 w:1)
	/// Proof: `Computation::OpenChallenges` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	fn stop_worker() -> Weight {
		// Minimum execution time: 191_539_000 picoseconds.
		Weight::from_parts(296_256_000, 3797)
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:0)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolOf` (r:1 w:0)
	/// Proof: `StakePool::PoolOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:32 w:1)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:6 w:6)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::MaturingPayouts` (r:1 w:0)
	/// Proof: `StakePool::MaturingPayouts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolWorkers` (r:1 w:0)
	/// Proof: `StakePool::PoolWorkers` (`max_values`: None, `max_size`: Some(1041), added: 3516, mode: `MaxEncodedLen`)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WithdrawalQueues` (r:1 w:1)
	/// Proof: `StakePool::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::Withdrawals` (r:4 w:4)
	/// Proof: `StakePool::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WaitingOf` (r:4 w:4)
	/// Proof: `StakePool::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// The range of component `w` is `[1, 32]`.
	fn reclaim_worker(w: u32, ) -> Weight {
		// Minimum execution time: 922_631_000 picoseconds.
		Weight::from_parts(1_300_117_463, 16608)
			// Standard error: 2_908_627
			.saturating_add(Weight::from_parts(22_506_995, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(24_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(T::DbWeight::get().writes(19_u64))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(w.into()))
	}
	/// Storage: `StakePool::Pools` (r:1 w:1)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn claim_owner_rewards() -> Weight {
		// Minimum execution time: 154_961_000 picoseconds.
		Weight::from_parts(269_034_000, 6196)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:0)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:7 w:7)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::MaturingPayouts` (r:1 w:0)
	/// Proof: `StakePool::MaturingPayouts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolWorkers` (r:1 w:0)
	/// Proof: `StakePool::PoolWorkers` (`max_values`: None, `max_size`: Some(1041), added: 3516, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:32 w:0)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:2 w:2)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WithdrawalQueues` (r:1 w:1)
	/// Proof: `StakePool::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::Withdrawals` (r:4 w:4)
	/// Proof: `StakePool::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WaitingOf` (r:4 w:4)
	/// Proof: `StakePool::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// The range of component `w` is `[0, 32]`.
	fn delegate(w: u32, ) -> Weight {
		// Minimum execution time: 962_336_000 picoseconds.
		Weight::from_parts(1_210_121_284, 19211)
			// Standard error: 2_921_587
			.saturating_add(Weight::from_parts(27_858_195, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(24_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(T::DbWeight::get().writes(19_u64))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(w.into()))
	}
	/// Storage: `StakePool::Pools` (r:1 w:0)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:7 w:7)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::MaturingPayouts` (r:1 w:0)
	/// Proof: `StakePool::MaturingPayouts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolWorkers` (r:1 w:0)
	/// Proof: `StakePool::PoolWorkers` (`max_values`: None, `max_size`: Some(1041), added: 3516, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:32 w:0)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WithdrawalQueues` (r:1 w:1)
	/// Proof: `StakePool::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::Withdrawals` (r:5 w:6)
	/// Proof: `StakePool::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:2 w:2)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WaitingOf` (r:6 w:6)
	/// Proof: `StakePool::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// The range of component `w` is `[0, 32]`.
	fn withdraw(w: u32, ) -> Weight {
		// Minimum execution time: 1_096_727_000 picoseconds.
		Weight::from_parts(1_472_345_216, 19211)
			// Standard error: 3_108_225
			.saturating_add(Weight::from_parts(32_132_518, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(27_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(T::DbWeight::get().writes(23_u64))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(w.into()))
	}
	/// Storage: `StakePool::Withdrawals` (r:3 w:3)
	/// Proof: `StakePool::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WithdrawalQueues` (r:1 w:1)
	/// Proof: `StakePool::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WaitingOf` (r:1 w:1)
	/// Proof: `StakePool::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:2 w:2)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn cancel_withdrawal() -> Weight {
		// Minimum execution time: 278_583_000 picoseconds.
		Weight::from_parts(427_051_000, 8733)
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(9_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:0)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:66 w:66)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::MaturingPayouts` (r:1 w:0)
	/// Proof: `StakePool::MaturingPayouts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolWorkers` (r:1 w:0)
	/// Proof: `StakePool::PoolWorkers` (`max_values`: None, `max_size`: Some(1041), added: 3516, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:32 w:0)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WithdrawalQueues` (r:1 w:1)
	/// Proof: `StakePool::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::Withdrawals` (r:64 w:64)
	/// Proof: `StakePool::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WaitingOf` (r:64 w:64)
	/// Proof: `StakePool::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[0, 64]`.
	fn process_queue(n: u32, ) -> Weight {
		// Minimum execution time: 663_274_000 picoseconds.
		Weight::from_parts(1_809_555_081, 90814)
			// Standard error: 9_163_108
			.saturating_add(Weight::from_parts(223_278_639, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(41_u64))
			.saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(4_u64))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2614).saturating_mul(n.into()))
	}
	/// Storage: `StakePool::Pools` (r:1 w:0)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:5 w:5)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::MaturingPayouts` (r:1 w:0)
	/// Proof: `StakePool::MaturingPayouts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolWorkers` (r:1 w:0)
	/// Proof: `StakePool::PoolWorkers` (`max_values`: None, `max_size`: Some(1041), added: 3516, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:32 w:32)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WithdrawalQueues` (r:1 w:1)
	/// Proof: `StakePool::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::Withdrawals` (r:68 w:5)
	/// Proof: `StakePool::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WaitingOf` (r:4 w:4)
	/// Proof: `StakePool::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `Computation::CurrentSettings` (r:1 w:0)
	/// Proof: `Computation::CurrentSettings` (`max_values`: Some(1), `max_size`: Some(44), added: 539, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ShareTotals` (r:1 w:1)
	/// Proof: `Computation::ShareTotals` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ActiveCount` (r:1 w:1)
	/// Proof: `Computation::ActiveCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Computation::ActiveSessions` (r:16 w:32)
	/// Proof: `Computation::ActiveSessions` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Computation::OpenChallenges` (r:0 w:32)
	/// Proof: `Computation::OpenChallenges` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	/// The range of component `w` is `[0, 32]`.
	fn check_and_force_withdraw(w: u32, ) -> Weight {
		// Minimum execution time: 1_420_374_000 picoseconds.
		Weight::from_parts(1_810_947_887, 176498)
			// Standard error: 8_482_468
			.saturating_add(Weight::from_parts(131_284_095, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(88_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(w.into())))
			.saturating_add(T::DbWeight::get().writes(19_u64))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(w.into())))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(w.into()))
	}
	/// Storage: `StakePool::Pools` (r:1 w:0)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:0)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::MaturingPayouts` (r:1 w:0)
	/// Proof: `StakePool::MaturingPayouts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolWorkers` (r:1 w:0)
	/// Proof: `StakePool::PoolWorkers` (`max_values`: None, `max_size`: Some(1041), added: 3516, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:32 w:0)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Computation::EconomyParameters` (r:1 w:0)
	/// Proof: `Computation::EconomyParameters` (`max_values`: Some(1), `max_size`: Some(164), added: 659, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:0)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:0)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WaitingOf` (r:1 w:0)
	/// Proof: `StakePool::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// The range of component `w` is `[0, 32]`.
	fn position(w: u32, ) -> Weight {
		// Minimum execution time: 192_882_000 picoseconds.
		Weight::from_parts(269_384_360, 4506)
			// Standard error: 888_926
			.saturating_add(Weight::from_parts(23_121_305, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(T::DbWeight::get().writes(0_u64))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(w.into()))
	}
	/// Storage: `StakePool::Pools` (r:1 w:1)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::MaturingPayouts` (r:1 w:1)
	/// Proof: `StakePool::MaturingPayouts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	fn on_payout() -> Weight {
		// Minimum execution time: 116_318_000 picoseconds.
		Weight::from_parts(175_951_000, 3568)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
}

/// The weights as measured, for tests.
impl WeightInfo for () {
	fn create() -> Weight {
		Weight::from_parts(187_171_000, 6196)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
	fn set_commission() -> Weight {
		Weight::from_parts(199_344_000, 3568)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_cap() -> Weight {
		Weight::from_parts(111_549_000, 3568)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_restriction() -> Weight {
		Weight::from_parts(111_189_000, 3568)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn add_to_whitelist() -> Weight {
		Weight::from_parts(121_217_000, 3568)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn remove_from_whitelist() -> Weight {
		Weight::from_parts(122_320_000, 3568)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn add_worker() -> Weight {
		Weight::from_parts(366_538_000, 6458)
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn remove_worker() -> Weight {
		Weight::from_parts(201_117_000, 4506)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn start_worker(w: u32, ) -> Weight {
		Weight::from_parts(1_335_072_064, 16608)
			.saturating_add(Weight::from_parts(41_439_190, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(36_u64))
			.saturating_add(ParityDbWeight::get().writes(23_u64))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(w.into()))
	}
	fn stop_worker() -> Weight {
		Weight::from_parts(296_256_000, 3797)
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn reclaim_worker(w: u32, ) -> Weight {
		Weight::from_parts(1_300_117_463, 16608)
			.saturating_add(Weight::from_parts(22_506_995, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(24_u64))
			.saturating_add(ParityDbWeight::get().writes(19_u64))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(w.into()))
	}
	fn claim_owner_rewards() -> Weight {
		Weight::from_parts(269_034_000, 6196)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
	}
	fn delegate(w: u32, ) -> Weight {
		Weight::from_parts(1_210_121_284, 19211)
			.saturating_add(Weight::from_parts(27_858_195, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(24_u64))
			.saturating_add(ParityDbWeight::get().writes(19_u64))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(w.into()))
	}
	fn withdraw(w: u32, ) -> Weight {
		Weight::from_parts(1_472_345_216, 19211)
			.saturating_add(Weight::from_parts(32_132_518, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(27_u64))
			.saturating_add(ParityDbWeight::get().writes(23_u64))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(w.into()))
	}
	fn cancel_withdrawal() -> Weight {
		Weight::from_parts(427_051_000, 8733)
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(9_u64))
	}
	fn process_queue(n: u32, ) -> Weight {
		Weight::from_parts(1_809_555_081, 90814)
			.saturating_add(Weight::from_parts(223_278_639, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(41_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
			.saturating_add(Weight::from_parts(0, 2614).saturating_mul(n.into()))
	}
	fn check_and_force_withdraw(w: u32, ) -> Weight {
		Weight::from_parts(1_810_947_887, 176498)
			.saturating_add(Weight::from_parts(131_284_095, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(88_u64))
			.saturating_add(ParityDbWeight::get().writes(19_u64))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(w.into()))
	}
	fn position(w: u32, ) -> Weight {
		Weight::from_parts(269_384_360, 4506)
			.saturating_add(Weight::from_parts(23_121_305, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(0_u64))
			.saturating_add(Weight::from_parts(0, 2807).saturating_mul(w.into()))
	}
	fn on_payout() -> Weight {
		Weight::from_parts(175_951_000, 3568)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
}
