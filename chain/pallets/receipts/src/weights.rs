//! Weights of `pallet_receipts`.
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

/// The weights of the calls of `pallet_receipts`.
pub trait WeightInfo {
	fn publish_batch() -> Weight;
	fn challenge(m: u32, ) -> Weight;
	fn vote() -> Weight;
	fn close() -> Weight;
	fn clear_batches(n: u32, ) -> Weight;
}

/// The weights as measured, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::Leftovers` (r:1 w:0)
	/// Proof: `Receipts::Leftovers` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::Heads` (r:1 w:1)
	/// Proof: `Receipts::Heads` (`max_values`: None, `max_size`: Some(88), added: 2563, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::Batches` (r:0 w:2)
	/// Proof: `Receipts::Batches` (`max_values`: None, `max_size`: Some(100), added: 2575, mode: `MaxEncodedLen`)
	fn publish_batch() -> Weight {
		// Minimum execution time: 120_887_000 picoseconds.
		Weight::from_parts(220_434_000, 4106)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Registry::Workers` (r:1025 w:0)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::Faults` (r:1 w:0)
	/// Proof: `Receipts::Faults` (`max_values`: None, `max_size`: Some(179), added: 2654, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::ChallengeOfReceipt` (r:1 w:1)
	/// Proof: `Receipts::ChallengeOfReceipt` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::CounterForChallenges` (r:1 w:1)
	/// Proof: `Receipts::CounterForChallenges` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::OpenOfWorker` (r:1 w:1)
	/// Proof: `Receipts::OpenOfWorker` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::FaultCount` (r:1 w:0)
	/// Proof: `Receipts::FaultCount` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::Contracts` (r:1 w:0)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `Babe::NextRandomness` (r:1 w:0)
	/// Proof: `Babe::NextRandomness` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	/// Storage: `Babe::EpochStart` (r:1 w:0)
	/// Proof: `Babe::EpochStart` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `PhatContracts::ClusterMembers` (r:1 w:0)
	/// Proof: `PhatContracts::ClusterMembers` (`max_values`: None, `max_size`: Some(32782), added: 35257, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Registry::ConfidenceLevelMax` (r:1 w:0)
	/// Proof: `Registry::ConfidenceLevelMax` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Registry::AllowedMeasurements` (r:2 w:0)
	/// Proof: `Registry::AllowedMeasurements` (`max_values`: None, `max_size`: Some(259), added: 2734, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::NextChallengeId` (r:1 w:1)
	/// Proof: `Receipts::NextChallengeId` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::Challenges` (r:1 w:1)
	/// Proof: `Receipts::Challenges` (`max_values`: None, `max_size`: Some(689), added: 3164, mode: `MaxEncodedLen`)
	/// The range of component `m` is `[3, 1024]`.
	fn challenge(m: u32, ) -> Weight {
		// Minimum execution time: 639_259_000 picoseconds.
		Weight::from_parts(494_200_461, 36247)
			// Standard error: 1_033_169
			.saturating_add(Weight::from_parts(29_037_322, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(19_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(m.into())))
			.saturating_add(T::DbWeight::get().writes(7_u64))
			.saturating_add(Weight::from_parts(0, 3116).saturating_mul(m.into()))
	}
	/// Storage: `Receipts::Challenges` (r:1 w:1)
	/// Proof: `Receipts::Challenges` (`max_values`: None, `max_size`: Some(689), added: 3164, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Proof: `Registry::Workers` (`max_values`: None, `max_size`: Some(641), added: 3116, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Registry::ConfidenceLevelMax` (r:1 w:0)
	/// Proof: `Registry::ConfidenceLevelMax` (`max_values`: Some(1), `max_size`: Some(1), added: 496, mode: `MaxEncodedLen`)
	/// Storage: `Registry::AllowedMeasurements` (r:2 w:0)
	/// Proof: `Registry::AllowedMeasurements` (`max_values`: None, `max_size`: Some(259), added: 2734, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::CounterForChallenges` (r:1 w:1)
	/// Proof: `Receipts::CounterForChallenges` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::OpenOfWorker` (r:1 w:1)
	/// Proof: `Receipts::OpenOfWorker` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::FaultCount` (r:1 w:1)
	/// Proof: `Receipts::FaultCount` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `Computation::WorkerSessions` (r:1 w:0)
	/// Proof: `Computation::WorkerSessions` (`max_values`: None, `max_size`: Some(332), added: 2807, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::DecisionCount` (r:1 w:1)
	/// Proof: `Receipts::DecisionCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::Faults` (r:0 w:1)
	/// Proof: `Receipts::Faults` (`max_values`: None, `max_size`: Some(179), added: 2654, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::Decisions` (r:0 w:1)
	/// Proof: `Receipts::Decisions` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::ChallengeOfReceipt` (r:0 w:1)
	/// Proof: `Receipts::ChallengeOfReceipt` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	fn vote() -> Weight {
		// Minimum execution time: 313_188_000 picoseconds.
		Weight::from_parts(555_803_000, 6458)
			.saturating_add(T::DbWeight::get().reads(14_u64))
			.saturating_add(T::DbWeight::get().writes(10_u64))
	}
	/// Storage: `Receipts::Challenges` (r:1 w:1)
	/// Proof: `Receipts::Challenges` (`max_values`: None, `max_size`: Some(689), added: 3164, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::CounterForChallenges` (r:1 w:1)
	/// Proof: `Receipts::CounterForChallenges` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::OpenOfWorker` (r:1 w:1)
	/// Proof: `Receipts::OpenOfWorker` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::DecisionCount` (r:1 w:1)
	/// Proof: `Receipts::DecisionCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::Decisions` (r:0 w:1)
	/// Proof: `Receipts::Decisions` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::ChallengeOfReceipt` (r:0 w:1)
	/// Proof: `Receipts::ChallengeOfReceipt` (`max_values`: None, `max_size`: Some(52), added: 2527, mode: `MaxEncodedLen`)
	fn close() -> Weight {
		// Minimum execution time: 139_912_000 picoseconds.
		Weight::from_parts(251_352_000, 4154)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `Receipts::Leftovers` (r:2 w:1)
	/// Proof: `Receipts::Leftovers` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Receipts::Batches` (r:0 w:256)
	/// Proof: `Receipts::Batches` (`max_values`: None, `max_size`: Some(100), added: 2575, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[0, 256]`.
	fn clear_batches(n: u32, ) -> Weight {
		// Minimum execution time: 20_979_000 picoseconds.
		Weight::from_parts(27_422_601, 6052)
			// Standard error: 20_339
			.saturating_add(Weight::from_parts(4_138_596, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
	}
}

/// The weights as measured, for tests.
impl WeightInfo for () {
	fn publish_batch() -> Weight {
		Weight::from_parts(220_434_000, 4106)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
	}
	fn challenge(m: u32, ) -> Weight {
		Weight::from_parts(494_200_461, 36247)
			.saturating_add(Weight::from_parts(29_037_322, 0).saturating_mul(m.into()))
			.saturating_add(ParityDbWeight::get().reads(19_u64))
			.saturating_add(ParityDbWeight::get().writes(7_u64))
			.saturating_add(Weight::from_parts(0, 3116).saturating_mul(m.into()))
	}
	fn vote() -> Weight {
		Weight::from_parts(555_803_000, 6458)
			.saturating_add(ParityDbWeight::get().reads(14_u64))
			.saturating_add(ParityDbWeight::get().writes(10_u64))
	}
	fn close() -> Weight {
		Weight::from_parts(251_352_000, 4154)
			.saturating_add(ParityDbWeight::get().reads(6_u64))
			.saturating_add(ParityDbWeight::get().writes(8_u64))
	}
	fn clear_batches(n: u32, ) -> Weight {
		Weight::from_parts(27_422_601, 6052)
			.saturating_add(Weight::from_parts(4_138_596, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
}
