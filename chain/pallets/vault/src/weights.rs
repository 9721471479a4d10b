//! Weights of `pallet_vault`.
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

/// The weights of the calls of `pallet_vault`.
pub trait WeightInfo {
	fn create() -> Weight;
	fn set_fee() -> Weight;
	fn collect_owner_fee() -> Weight;
	fn delegate() -> Weight;
	fn withdraw() -> Weight;
	fn cancel_withdrawal() -> Weight;
	fn process_queue(n: u32, ) -> Weight;
	fn delegate_to_pool() -> Weight;
	fn withdraw_from_pool() -> Weight;
	fn cancel_pool_withdrawal() -> Weight;
	fn check_and_force_withdraw() -> Weight;
}

/// The weights as measured, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Vault::NextVaultId` (r:1 w:1)
	/// Proof: `Vault::NextVaultId` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `Vault::Vaults` (r:0 w:1)
	/// Proof: `Vault::Vaults` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	fn create() -> Weight {
		// Minimum execution time: 113_112_000 picoseconds.
		Weight::from_parts(197_641_000, 6196)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Vault::Vaults` (r:1 w:1)
	/// Proof: `Vault::Vaults` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Vault::VaultPools` (r:1 w:0)
	/// Proof: `Vault::VaultPools` (`max_values`: None, `max_size`: Some(145), added: 2620, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	fn set_fee() -> Weight {
		// Minimum execution time: 234_149_000 picoseconds.
		Weight::from_parts(355_808_000, 6196)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Vault::Vaults` (r:1 w:1)
	/// Proof: `Vault::Vaults` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Vault::VaultPools` (r:1 w:0)
	/// Proof: `Vault::VaultPools` (`max_values`: None, `max_size`: Some(145), added: 2620, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	fn collect_owner_fee() -> Weight {
		// Minimum execution time: 303_689_000 picoseconds.
		Weight::from_parts(363_201_000, 6196)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Vault::Vaults` (r:1 w:1)
	/// Proof: `Vault::Vaults` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:8 w:8)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Vault::VaultPools` (r:1 w:0)
	/// Proof: `Vault::VaultPools` (`max_values`: None, `max_size`: Some(145), added: 2620, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:3 w:3)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `Vault::WithdrawalQueues` (r:1 w:1)
	/// Proof: `Vault::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `Vault::Withdrawals` (r:4 w:4)
	/// Proof: `Vault::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	/// Storage: `Vault::WaitingOf` (r:4 w:4)
	/// Proof: `Vault::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	fn delegate() -> Weight {
		// Minimum execution time: 889_648_000 picoseconds.
		Weight::from_parts(1_508_790_000, 21814)
			.saturating_add(T::DbWeight::get().reads(24_u64))
			.saturating_add(T::DbWeight::get().writes(22_u64))
	}
	/// Storage: `Vault::Vaults` (r:1 w:1)
	/// Proof: `Vault::Vaults` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:8 w:8)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Vault::VaultPools` (r:1 w:0)
	/// Proof: `Vault::VaultPools` (`max_values`: None, `max_size`: Some(145), added: 2620, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:3 w:3)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `Vault::WithdrawalQueues` (r:1 w:1)
	/// Proof: `Vault::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `Vault::Withdrawals` (r:5 w:6)
	/// Proof: `Vault::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	/// Storage: `Vault::WaitingOf` (r:6 w:6)
	/// Proof: `Vault::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	fn withdraw() -> Weight {
		// Minimum execution time: 1_095_845_000 picoseconds.
		Weight::from_parts(1_839_060_000, 21814)
			.saturating_add(T::DbWeight::get().reads(27_u64))
			.saturating_add(T::DbWeight::get().writes(26_u64))
	}
	/// Storage: `Vault::Withdrawals` (r:3 w:3)
	/// Proof: `Vault::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	/// Storage: `Vault::WithdrawalQueues` (r:1 w:1)
	/// Proof: `Vault::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `Vault::WaitingOf` (r:1 w:1)
	/// Proof: `Vault::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:2 w:2)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn cancel_withdrawal() -> Weight {
		// Minimum execution time: 324_448_000 picoseconds.
		Weight::from_parts(408_035_000, 8733)
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(9_u64))
	}
	/// Storage: `Vault::Vaults` (r:1 w:1)
	/// Proof: `Vault::Vaults` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:67 w:67)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Vault::VaultPools` (r:1 w:0)
	/// Proof: `Vault::VaultPools` (`max_values`: None, `max_size`: Some(145), added: 2620, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:2 w:2)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `Vault::WithdrawalQueues` (r:1 w:1)
	/// Proof: `Vault::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `Vault::Withdrawals` (r:64 w:64)
	/// Proof: `Vault::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	/// Storage: `Vault::WaitingOf` (r:64 w:64)
	/// Proof: `Vault::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[0, 64]`.
	fn process_queue(n: u32, ) -> Weight {
		// Minimum execution time: 339_085_000 picoseconds.
		Weight::from_parts(354_705_000, 8325)
			// Standard error: 4_009_111
			.saturating_add(Weight::from_parts(222_650_907, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(7_u64))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2614).saturating_mul(n.into()))
	}
	/// Storage: `Vault::Vaults` (r:1 w:1)
	/// Proof: `Vault::Vaults` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:8 w:8)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Vault::VaultPools` (r:1 w:1)
	/// Proof: `Vault::VaultPools` (`max_values`: None, `max_size`: Some(145), added: 2620, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:2 w:2)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:3 w:3)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `Vault::WithdrawalQueues` (r:1 w:1)
	/// Proof: `Vault::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `Vault::Withdrawals` (r:4 w:4)
	/// Proof: `Vault::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	/// Storage: `Vault::WaitingOf` (r:4 w:4)
	/// Proof: `Vault::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::Pools` (r:1 w:0)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::MaturingPayouts` (r:1 w:0)
	/// Proof: `StakePool::MaturingPayouts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolWorkers` (r:1 w:0)
	/// Proof: `StakePool::PoolWorkers` (`max_values`: None, `max_size`: Some(1041), added: 3516, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WithdrawalQueues` (r:1 w:0)
	/// Proof: `StakePool::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	fn delegate_to_pool() -> Weight {
		// Minimum execution time: 1_490_376_000 picoseconds.
		Weight::from_parts(1_682_546_000, 21814)
			.saturating_add(T::DbWeight::get().reads(29_u64))
			.saturating_add(T::DbWeight::get().writes(24_u64))
	}
	/// Storage: `Vault::Vaults` (r:1 w:0)
	/// Proof: `Vault::Vaults` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	/// Storage: `Vault::VaultPools` (r:1 w:1)
	/// Proof: `Vault::VaultPools` (`max_values`: None, `max_size`: Some(145), added: 2620, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WaitingOf` (r:1 w:0)
	/// Proof: `StakePool::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::Pools` (r:1 w:0)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::MaturingPayouts` (r:1 w:0)
	/// Proof: `StakePool::MaturingPayouts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolWorkers` (r:1 w:0)
	/// Proof: `StakePool::PoolWorkers` (`max_values`: None, `max_size`: Some(1041), added: 3516, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WithdrawalQueues` (r:1 w:0)
	/// Proof: `StakePool::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	fn withdraw_from_pool() -> Weight {
		// Minimum execution time: 359_654_000 picoseconds.
		Weight::from_parts(489_538_000, 6196)
			.saturating_add(T::DbWeight::get().reads(12_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Vault::Vaults` (r:1 w:0)
	/// Proof: `Vault::Vaults` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	/// Storage: `Vault::WithdrawalQueues` (r:1 w:0)
	/// Proof: `Vault::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::Withdrawals` (r:1 w:0)
	/// Proof: `StakePool::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	fn cancel_pool_withdrawal() -> Weight {
		// Minimum execution time: 63_539_000 picoseconds.
		Weight::from_parts(108_073_000, 3571)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(0_u64))
	}
	/// Storage: `Vault::Vaults` (r:1 w:1)
	/// Proof: `Vault::Vaults` (`max_values`: None, `max_size`: Some(97), added: 2572, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:11 w:11)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Vault::VaultPools` (r:1 w:0)
	/// Proof: `Vault::VaultPools` (`max_values`: None, `max_size`: Some(145), added: 2620, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::Pools` (r:1 w:0)
	/// Proof: `StakePool::Pools` (`max_values`: None, `max_size`: Some(103), added: 2578, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::MaturingPayouts` (r:1 w:0)
	/// Proof: `StakePool::MaturingPayouts` (`max_values`: None, `max_size`: Some(48), added: 2523, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::PoolWorkers` (r:1 w:0)
	/// Proof: `StakePool::PoolWorkers` (`max_values`: None, `max_size`: Some(1041), added: 3516, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:2 w:2)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(214), added: 2689, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:3 w:3)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(138), added: 2613, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WaitingOf` (r:1 w:0)
	/// Proof: `StakePool::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `Vault::WithdrawalQueues` (r:1 w:1)
	/// Proof: `Vault::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	/// Storage: `Vault::Withdrawals` (r:68 w:9)
	/// Proof: `Vault::Withdrawals` (`max_values`: None, `max_size`: Some(106), added: 2581, mode: `MaxEncodedLen`)
	/// Storage: `Vault::WaitingOf` (r:8 w:8)
	/// Proof: `Vault::WaitingOf` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `StakePool::WithdrawalQueues` (r:1 w:0)
	/// Proof: `StakePool::WithdrawalQueues` (`max_values`: None, `max_size`: Some(87), added: 2562, mode: `MaxEncodedLen`)
	fn check_and_force_withdraw() -> Weight {
		// Minimum execution time: 2_112_032_000 picoseconds.
		Weight::from_parts(3_531_214_000, 176498)
			.saturating_add(T::DbWeight::get().reads(101_u64))
			.saturating_add(T::DbWeight::get().writes(35_u64))
	}
}

/// The weights as measured, for tests.
impl WeightInfo for () {
	fn create() -> Weight {
		Weight::from_parts(197_641_000, 6196)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
	fn set_fee() -> Weight {
		Weight::from_parts(355_808_000, 6196)
			.saturating_add(ParityDbWeight::get().reads(7_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn collect_owner_fee() -> Weight {
		Weight::from_parts(363_201_000, 6196)
			.saturating_add(ParityDbWeight::get().reads(7_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn delegate() -> Weight {
		Weight::from_parts(1_508_790_000, 21814)
			.saturating_add(ParityDbWeight::get().reads(24_u64))
			.saturating_add(ParityDbWeight::get().writes(22_u64))
	}
	fn withdraw() -> Weight {
		Weight::from_parts(1_839_060_000, 21814)
			.saturating_add(ParityDbWeight::get().reads(27_u64))
			.saturating_add(ParityDbWeight::get().writes(26_u64))
	}
	fn cancel_withdrawal() -> Weight {
		Weight::from_parts(408_035_000, 8733)
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(9_u64))
	}
	fn process_queue(n: u32, ) -> Weight {
		Weight::from_parts(354_705_000, 8325)
			.saturating_add(Weight::from_parts(222_650_907, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(7_u64))
			.saturating_add(Weight::from_parts(0, 2614).saturating_mul(n.into()))
	}
	fn delegate_to_pool() -> Weight {
		Weight::from_parts(1_682_546_000, 21814)
			.saturating_add(ParityDbWeight::get().reads(29_u64))
			.saturating_add(ParityDbWeight::get().writes(24_u64))
	}
	fn withdraw_from_pool() -> Weight {
		Weight::from_parts(489_538_000, 6196)
			.saturating_add(ParityDbWeight::get().reads(12_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn cancel_pool_withdrawal() -> Weight {
		Weight::from_parts(108_073_000, 3571)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(0_u64))
	}
	fn check_and_force_withdraw() -> Weight {
		Weight::from_parts(3_531_214_000, 176498)
			.saturating_add(ParityDbWeight::get().reads(101_u64))
			.saturating_add(ParityDbWeight::get().writes(35_u64))
	}
}
