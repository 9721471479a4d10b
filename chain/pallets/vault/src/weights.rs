//! Weights of `pallet_vault`.
//!
//! Written by hand, as estimates, until `cargo xtask bench weights` measures them.

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

/// The weights as estimated, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Vault::NextVaultId` (r:1 w:1)
	/// Storage: `Assets::Asset, Account` (r:2 w:2)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Vault::Vaults` (r:0 w:1)
	fn create() -> Weight {
		// An estimate.
		Weight::from_parts(110_000_000, 3675)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Vault::Vaults, VaultPools, WithdrawalQueues` (r:3 w:2), `Assets::Asset` (r:1 w:1), `Timestamp::Now` (r:1 w:0)
	/// Storage: `System::Account` (r:1 w:0)
	/// Storage: `Assets::Account` (r:1 w:1)
	fn set_fee() -> Weight {
		// An estimate.
		Weight::from_parts(95_000_000, 6200)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Vault::Vaults, VaultPools, WithdrawalQueues` (r:3 w:2), `Assets::Asset` (r:1 w:1), `Timestamp::Now` (r:1 w:0)
	/// Storage: `System::Account` (r:1 w:0)
	/// Storage: `Assets::Account` (r:1 w:1)
	fn collect_owner_fee() -> Weight {
		// An estimate.
		Weight::from_parts(90_000_000, 6200)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Vault::Vaults, VaultPools, WithdrawalQueues` (r:3 w:2), `Assets::Asset` (r:1 w:1), `Timestamp::Now` (r:1 w:0)
	/// Storage: `Assets::Account` (r:6 w:6), `System::Account` (r:6 w:6), `Vault::Withdrawals` (r:5 w:5), `Vault::WaitingOf` (r:5 w:5)
	fn delegate() -> Weight {
		// An estimate.
		Weight::from_parts(560_000_000, 24000)
			.saturating_add(T::DbWeight::get().reads(32_u64))
			.saturating_add(T::DbWeight::get().writes(31_u64))
	}
	/// Storage: `Vault::Vaults, VaultPools, WithdrawalQueues` (r:3 w:2), `Assets::Asset` (r:1 w:1), `Timestamp::Now` (r:1 w:0)
	/// Storage: `Assets::Account` (r:6 w:6), `System::Account` (r:6 w:6), `Vault::Withdrawals` (r:5 w:5), `Vault::WaitingOf` (r:5 w:5)
	fn withdraw() -> Weight {
		// An estimate.
		Weight::from_parts(700_000_000, 28000)
			.saturating_add(T::DbWeight::get().reads(38_u64))
			.saturating_add(T::DbWeight::get().writes(38_u64))
	}
	/// Storage: `Vault::Withdrawals` (r:3 w:3)
	/// Storage: `Vault::WithdrawalQueues, WaitingOf` (r:2 w:2)
	/// Storage: `Assets::Asset, Account` (r:3 w:3)
	fn cancel_withdrawal() -> Weight {
		// An estimate.
		Weight::from_parts(90_000_000, 9000)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `Vault::Vaults, VaultPools, WithdrawalQueues` (r:3 w:2), `Assets::Asset` (r:1 w:1), `Timestamp::Now` (r:1 w:0)
	/// Storage: `Assets::Account, System::Account` (r:130 w:130)
	/// Storage: `Vault::Withdrawals, WaitingOf` (r:128 w:128)
	/// The range of component `n` is `[0, 64]`.
	fn process_queue(n: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(100_000_000, 24000)
			.saturating_add(Weight::from_parts(105_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().reads((5_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(5_u64))
			.saturating_add(T::DbWeight::get().writes((5_u64).saturating_mul(n.into())))
	}
	/// Storage: `Vault::Vaults, VaultPools, WithdrawalQueues` (r:3 w:2), `Assets::Asset` (r:1 w:1), `Timestamp::Now` (r:1 w:0)
	/// Storage: `Assets::Account` (r:6 w:6), `System::Account` (r:6 w:6), `Vault::Withdrawals` (r:5 w:5), `Vault::WaitingOf` (r:5 w:5)
	fn delegate_to_pool() -> Weight {
		// An estimate.
		Weight::from_parts(520_000_000, 24000)
			.saturating_add(T::DbWeight::get().reads(30_u64))
			.saturating_add(T::DbWeight::get().writes(28_u64))
	}
	/// Storage: `Vault::Vaults, VaultPools` (r:2 w:1)
	fn withdraw_from_pool() -> Weight {
		// An estimate.
		Weight::from_parts(40_000_000, 5000)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Vault::Vaults, WithdrawalQueues` (r:2 w:0)
	fn cancel_pool_withdrawal() -> Weight {
		// An estimate.
		Weight::from_parts(30_000_000, 5000)
			.saturating_add(T::DbWeight::get().reads(3_u64))
	}
	/// Storage: `Vault::Vaults, VaultPools, WithdrawalQueues` (r:3 w:2), `Assets::Asset` (r:1 w:1), `Timestamp::Now` (r:1 w:0)
	/// Storage: `Assets::Account` (r:6 w:6), `System::Account` (r:6 w:6), `Vault::Withdrawals` (r:5 w:5), `Vault::WaitingOf` (r:5 w:5)
	/// Storage: `Assets::Account` (r:6 w:6), `System::Account` (r:6 w:6), `Vault::Withdrawals` (r:69 w:5), `Vault::WaitingOf` (r:5 w:5)
	fn check_and_force_withdraw() -> Weight {
		// An estimate.
		Weight::from_parts(1_600_000_000, 210000)
			.saturating_add(T::DbWeight::get().reads(119_u64))
			.saturating_add(T::DbWeight::get().writes(50_u64))
	}
}

/// The weights as estimated, for tests.
impl WeightInfo for () {
	fn create() -> Weight {
		Weight::from_parts(110_000_000, 3675)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
	fn set_fee() -> Weight {
		Weight::from_parts(95_000_000, 6200)
			.saturating_add(ParityDbWeight::get().reads(7_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn collect_owner_fee() -> Weight {
		Weight::from_parts(90_000_000, 6200)
			.saturating_add(ParityDbWeight::get().reads(7_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn delegate() -> Weight {
		Weight::from_parts(560_000_000, 24000)
			.saturating_add(ParityDbWeight::get().reads(32_u64))
			.saturating_add(ParityDbWeight::get().writes(31_u64))
	}
	fn withdraw() -> Weight {
		Weight::from_parts(700_000_000, 28000)
			.saturating_add(ParityDbWeight::get().reads(38_u64))
			.saturating_add(ParityDbWeight::get().writes(38_u64))
	}
	fn cancel_withdrawal() -> Weight {
		Weight::from_parts(90_000_000, 9000)
			.saturating_add(ParityDbWeight::get().reads(8_u64))
			.saturating_add(ParityDbWeight::get().writes(8_u64))
	}
	fn process_queue(n: u32, ) -> Weight {
		Weight::from_parts(100_000_000, 24000)
			.saturating_add(Weight::from_parts(105_000_000, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().reads((5_u64).saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
			.saturating_add(ParityDbWeight::get().writes((5_u64).saturating_mul(n.into())))
	}
	fn delegate_to_pool() -> Weight {
		Weight::from_parts(520_000_000, 24000)
			.saturating_add(ParityDbWeight::get().reads(30_u64))
			.saturating_add(ParityDbWeight::get().writes(28_u64))
	}
	fn withdraw_from_pool() -> Weight {
		Weight::from_parts(40_000_000, 5000)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn cancel_pool_withdrawal() -> Weight {
		Weight::from_parts(30_000_000, 5000)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
	}
	fn check_and_force_withdraw() -> Weight {
		Weight::from_parts(1_600_000_000, 210000)
			.saturating_add(ParityDbWeight::get().reads(119_u64))
			.saturating_add(ParityDbWeight::get().writes(50_u64))
	}
}
