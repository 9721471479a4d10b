//! Weights of `pallet_receipts`.
//!
//! Written by hand, as estimates, until `cargo xtask bench weights` measures them.

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

/// The weights as estimated, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Storage: `Receipts::Leftovers` (r:1 w:0)
	/// Storage: `Receipts::Heads` (r:1 w:1)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Storage: `Receipts::Batches` (r:0 w:2)
	fn publish_batch() -> Weight {
		// An estimate.
		Weight::from_parts(95_000_000, 3606)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Registry::Workers` (r:1025 w:0)
	/// Storage: `Receipts::Faults` (r:1 w:0)
	/// Storage: `Receipts::ChallengeOfReceipt` (r:1 w:1)
	/// Storage: `Receipts::CounterForChallenges` (r:1 w:1)
	/// Storage: `Receipts::OpenOfWorker` (r:1 w:1)
	/// Storage: `Receipts::FaultCount` (r:1 w:0)
	/// Storage: `PhatContracts::Contracts, RemovedContracts` (r:2 w:0)
	/// Storage: `PhatContracts::ClusterMembers` (r:1 w:0)
	/// Storage: `Registry::RequireAttestation, ConfidenceLevelMax, AllowedMeasurements` (r:4 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Babe::Randomness, EpochStart` (r:2 w:0)
	/// Storage: `Receipts::NextChallengeId` (r:1 w:1)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `Receipts::Challenges` (r:1 w:1)
	/// The range of component `m` is `[3, 1024]`.
	fn challenge(m: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(190_000_000, 36247)
			.saturating_add(Weight::from_parts(12_000_000, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(22_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(m.into())))
			.saturating_add(T::DbWeight::get().writes(6_u64))
			.saturating_add(Weight::from_parts(0, 3116).saturating_mul(m.into()))
	}
	/// Storage: `Receipts::Challenges` (r:1 w:1)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Storage: `Registry::ConfidenceLevelMax, AllowedMeasurements` (r:3 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Receipts::CounterForChallenges` (r:1 w:1)
	/// Storage: `Receipts::OpenOfWorker` (r:1 w:1)
	/// Storage: `Receipts::FaultCount` (r:1 w:1)
	/// Storage: `Receipts::DecisionCount` (r:1 w:1)
	/// Storage: `Balances::TotalIssuance` (r:1 w:1)
	/// Storage: `Receipts::ChallengeOfReceipt` (r:0 w:1)
	/// Storage: `Receipts::Faults` (r:0 w:1)
	/// Storage: `Receipts::Decisions` (r:0 w:1)
	fn vote() -> Weight {
		// An estimate.
		Weight::from_parts(210_000_000, 4107)
			.saturating_add(T::DbWeight::get().reads(14_u64))
			.saturating_add(T::DbWeight::get().writes(11_u64))
	}
	/// Storage: `Receipts::Challenges` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Receipts::CounterForChallenges` (r:1 w:1)
	/// Storage: `Receipts::OpenOfWorker` (r:1 w:1)
	/// Storage: `Receipts::DecisionCount` (r:1 w:1)
	/// Storage: `Balances::TotalIssuance` (r:1 w:1)
	/// Storage: `Receipts::ChallengeOfReceipt` (r:0 w:1)
	/// Storage: `Receipts::Decisions` (r:0 w:1)
	fn close() -> Weight {
		// An estimate.
		Weight::from_parts(130_000_000, 4107)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(9_u64))
	}
	/// Storage: `Receipts::Leftovers` (r:2 w:1)
	/// Storage: `Receipts::Batches` (r:0 w:256)
	/// The range of component `n` is `[0, 256]`.
	fn clear_batches(n: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(14_000_000, 5000)
			.saturating_add(Weight::from_parts(1_500_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
	}
}

/// The weights as estimated, for tests.
impl WeightInfo for () {
	fn publish_batch() -> Weight {
		Weight::from_parts(95_000_000, 3606)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
	}
	fn challenge(m: u32, ) -> Weight {
		Weight::from_parts(190_000_000, 36247)
			.saturating_add(Weight::from_parts(12_000_000, 0).saturating_mul(m.into()))
			.saturating_add(ParityDbWeight::get().reads(22_u64))
			.saturating_add(ParityDbWeight::get().reads((1_u64).saturating_mul(m.into())))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
			.saturating_add(Weight::from_parts(0, 3116).saturating_mul(m.into()))
	}
	fn vote() -> Weight {
		Weight::from_parts(210_000_000, 4107)
			.saturating_add(ParityDbWeight::get().reads(14_u64))
			.saturating_add(ParityDbWeight::get().writes(11_u64))
	}
	fn close() -> Weight {
		Weight::from_parts(130_000_000, 4107)
			.saturating_add(ParityDbWeight::get().reads(7_u64))
			.saturating_add(ParityDbWeight::get().writes(9_u64))
	}
	fn clear_batches(n: u32, ) -> Weight {
		Weight::from_parts(14_000_000, 5000)
			.saturating_add(Weight::from_parts(1_500_000, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
			.saturating_add(ParityDbWeight::get().writes((1_u64).saturating_mul(n.into())))
	}
}
