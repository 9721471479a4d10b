//! Weights of `pallet_contract_stake`.
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

/// The weights of the calls of `pallet_contract_stake`.
pub trait WeightInfo {
	fn stake() -> Weight;
	fn unstake() -> Weight;
	fn set_minimum_stake() -> Weight;
	fn set_free_allowance() -> Weight;
	fn on_contract_created() -> Weight;
	fn on_contract_removed() -> Weight;
}

/// The weights as measured, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `PhatContracts::Contracts` (r:1 w:0)
	/// Proof: `PhatContracts::Contracts` (`max_values`: None, `max_size`: Some(16520), added: 18995, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::Stakes` (r:1 w:1)
	/// Proof: `ContractStake::Stakes` (`max_values`: None, `max_size`: Some(112), added: 2587, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::MinimumStake` (r:1 w:0)
	/// Proof: `ContractStake::MinimumStake` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::TotalOf` (r:1 w:1)
	/// Proof: `ContractStake::TotalOf` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::ClusterStakes` (r:1 w:1)
	/// Proof: `ContractStake::ClusterStakes` (`max_values`: None, `max_size`: Some(76), added: 2551, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::ClusterTotal` (r:1 w:1)
	/// Proof: `ContractStake::ClusterTotal` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn stake() -> Weight {
		// Minimum execution time: 132_518_000 picoseconds.
		Weight::from_parts(230_963_000, 19985)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `ContractStake::Stakes` (r:1 w:1)
	/// Proof: `ContractStake::Stakes` (`max_values`: None, `max_size`: Some(112), added: 2587, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::MinimumStake` (r:1 w:0)
	/// Proof: `ContractStake::MinimumStake` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::TotalOf` (r:1 w:1)
	/// Proof: `ContractStake::TotalOf` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::ClusterStakes` (r:1 w:1)
	/// Proof: `ContractStake::ClusterStakes` (`max_values`: None, `max_size`: Some(76), added: 2551, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::ClusterTotal` (r:1 w:1)
	/// Proof: `ContractStake::ClusterTotal` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn unstake() -> Weight {
		// Minimum execution time: 103_514_000 picoseconds.
		Weight::from_parts(170_059_000, 3748)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `ContractStake::MinimumStake` (r:0 w:1)
	/// Proof: `ContractStake::MinimumStake` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	fn set_minimum_stake() -> Weight {
		// Minimum execution time: 10_179_000 picoseconds.
		Weight::from_parts(18_083_000, 0)
			.saturating_add(T::DbWeight::get().reads(0_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `ContractStake::FreeAllowance` (r:0 w:1)
	/// Proof: `ContractStake::FreeAllowance` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	fn set_free_allowance() -> Weight {
		// Minimum execution time: 10_189_000 picoseconds.
		Weight::from_parts(19_547_000, 0)
			.saturating_add(T::DbWeight::get().reads(0_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `ContractStake::TotalOf` (r:1 w:0)
	/// Proof: `ContractStake::TotalOf` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::ClusterStakes` (r:1 w:1)
	/// Proof: `ContractStake::ClusterStakes` (`max_values`: None, `max_size`: Some(76), added: 2551, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::ClusterTotal` (r:1 w:1)
	/// Proof: `ContractStake::ClusterTotal` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn on_contract_created() -> Weight {
		// Minimum execution time: 19_256_000 picoseconds.
		Weight::from_parts(33_232_000, 3541)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `ContractStake::TotalOf` (r:1 w:0)
	/// Proof: `ContractStake::TotalOf` (`max_values`: None, `max_size`: Some(68), added: 2543, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::ClusterStakes` (r:1 w:1)
	/// Proof: `ContractStake::ClusterStakes` (`max_values`: None, `max_size`: Some(76), added: 2551, mode: `MaxEncodedLen`)
	/// Storage: `ContractStake::ClusterTotal` (r:1 w:1)
	/// Proof: `ContractStake::ClusterTotal` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn on_contract_removed() -> Weight {
		// Minimum execution time: 22_633_000 picoseconds.
		Weight::from_parts(40_856_000, 3541)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
}

/// The weights as measured, for tests.
impl WeightInfo for () {
	fn stake() -> Weight {
		Weight::from_parts(230_963_000, 19985)
			.saturating_add(ParityDbWeight::get().reads(8_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
	fn unstake() -> Weight {
		Weight::from_parts(170_059_000, 3748)
			.saturating_add(ParityDbWeight::get().reads(7_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
	fn set_minimum_stake() -> Weight {
		Weight::from_parts(18_083_000, 0)
			.saturating_add(ParityDbWeight::get().reads(0_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_free_allowance() -> Weight {
		Weight::from_parts(19_547_000, 0)
			.saturating_add(ParityDbWeight::get().reads(0_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn on_contract_created() -> Weight {
		Weight::from_parts(33_232_000, 3541)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn on_contract_removed() -> Weight {
		Weight::from_parts(40_856_000, 3541)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
}
