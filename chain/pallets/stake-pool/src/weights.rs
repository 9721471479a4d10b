//! Weights of `pallet_stake_pool`.
//!
//! Written by hand, as estimates, until `cargo xtask bench weights` measures them.

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

/// The weights as estimated, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `StakePool::NextPoolId` (r:1 w:1)
	/// Storage: `Assets::Asset, Account` (r:2 w:2)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `StakePool::Pools` (r:0 w:1)
	fn create() -> Weight {
		// An estimate.
		Weight::from_parts(110_000_000, 3675)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn set_commission() -> Weight {
		// An estimate.
		Weight::from_parts(25_000_000, 3600)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:1)
	fn set_cap() -> Weight {
		// An estimate.
		Weight::from_parts(18_000_000, 3600)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:1)
	fn set_restriction() -> Weight {
		// An estimate.
		Weight::from_parts(18_000_000, 3600)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `StakePool::Pools, Whitelist` (r:2 w:2)
	fn add_to_whitelist() -> Weight {
		// An estimate.
		Weight::from_parts(25_000_000, 3600)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `StakePool::Pools, Whitelist` (r:2 w:2)
	fn remove_from_whitelist() -> Weight {
		// An estimate.
		Weight::from_parts(25_000_000, 3600)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `StakePool::Pools, PoolWorkers, PoolOf` (r:3 w:2)
	/// Storage: `Registry::Workers, RequireAttestation, ConfidenceLevelMax, AllowedMeasurements` (r:4 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Computation::Sessions` (r:1 w:0)
	fn add_worker() -> Weight {
		// An estimate.
		Weight::from_parts(60_000_000, 4500)
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `StakePool::Pools, PoolWorkers, PoolOf` (r:3 w:2)
	/// Storage: `Computation::Sessions` (r:1 w:0)
	fn remove_worker() -> Weight {
		// An estimate.
		Weight::from_parts(35_000_000, 4500)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `StakePool::Pools, PoolWorkers, WithdrawalQueues` (r:3 w:1), `Assets::Asset` (r:1 w:1)
	/// Storage: `Assets::Account` (r:6 w:6), `System::Account` (r:6 w:6), `StakePool::Withdrawals` (r:69 w:5), `StakePool::WaitingOf` (r:5 w:5)
	/// Storage: `Computation::Sessions` (r:32 w:0)
	/// Storage: `Computation::*` and `Registry::*`, as its `start` (r:10 w:6)
	/// The range of component `w` is `[1, 32]`.
	/// Storage: `StakePool::MaturingPayouts`, `Timestamp::Now` (r:2 w:0)
	fn start_worker(w: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(520_000_000, 24000)
			.saturating_add(Weight::from_parts(14_000_000, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(44_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(T::DbWeight::get().writes(30_u64))
	}
	/// Storage: `StakePool::Pools, PoolOf` (r:2 w:0)
	/// Storage: `Computation::*`, as its `stop` (r:8 w:6)
	fn stop_worker() -> Weight {
		// An estimate.
		Weight::from_parts(120_000_000, 4500)
			.saturating_add(T::DbWeight::get().reads(10_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `StakePool::Pools, PoolWorkers, WithdrawalQueues` (r:3 w:1), `Assets::Asset` (r:1 w:1)
	/// Storage: `Assets::Account` (r:6 w:6), `System::Account` (r:6 w:6), `StakePool::Withdrawals` (r:5 w:5), `StakePool::WaitingOf` (r:5 w:5)
	/// Storage: `Computation::Sessions` (r:32 w:0)
	/// Storage: `Computation::*`, as its `reclaim` (r:4 w:4)
	/// The range of component `w` is `[1, 32]`.
	/// Storage: `StakePool::MaturingPayouts`, `Timestamp::Now` (r:2 w:0)
	fn reclaim_worker(w: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(480_000_000, 24000)
			.saturating_add(Weight::from_parts(14_000_000, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(38_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(T::DbWeight::get().writes(28_u64))
	}
	/// Storage: `StakePool::Pools` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	fn claim_owner_rewards() -> Weight {
		// An estimate.
		Weight::from_parts(65_000_000, 3600)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `StakePool::Pools, PoolWorkers, WithdrawalQueues` (r:3 w:1), `Assets::Asset` (r:1 w:1)
	/// Storage: `Assets::Account` (r:6 w:6), `System::Account` (r:6 w:6), `StakePool::Withdrawals` (r:5 w:5), `StakePool::WaitingOf` (r:5 w:5)
	/// Storage: `Computation::Sessions` (r:32 w:0)
	/// Storage: `StakePool::Whitelist` (r:1 w:0)
	/// The range of component `w` is `[0, 32]`.
	/// Storage: `StakePool::MaturingPayouts`, `Timestamp::Now` (r:2 w:0)
	fn delegate(w: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(500_000_000, 24000)
			.saturating_add(Weight::from_parts(14_000_000, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(32_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(T::DbWeight::get().writes(27_u64))
	}
	/// Storage: `StakePool::Pools, PoolWorkers, WithdrawalQueues` (r:3 w:1), `Assets::Asset` (r:1 w:1)
	/// Storage: `Assets::Account` (r:6 w:6), `System::Account` (r:6 w:6), `StakePool::Withdrawals` (r:5 w:5), `StakePool::WaitingOf` (r:5 w:5)
	/// Storage: `Computation::Sessions` (r:32 w:0)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// The range of component `w` is `[0, 32]`.
	/// Storage: `StakePool::MaturingPayouts`, `Timestamp::Now` (r:2 w:0)
	fn withdraw(w: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(640_000_000, 28000)
			.saturating_add(Weight::from_parts(14_000_000, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(38_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(T::DbWeight::get().writes(34_u64))
	}
	/// Storage: `StakePool::Withdrawals` (r:3 w:3)
	/// Storage: `StakePool::WithdrawalQueues, WaitingOf` (r:2 w:2)
	/// Storage: `Assets::Asset, Account` (r:3 w:3)
	fn cancel_withdrawal() -> Weight {
		// An estimate.
		Weight::from_parts(90_000_000, 9000)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `StakePool::Pools, PoolWorkers, WithdrawalQueues` (r:3 w:1), `Assets::Asset` (r:1 w:1)
	/// Storage: `Assets::Account, System::Account` (r:130 w:130)
	/// Storage: `StakePool::Withdrawals, WaitingOf` (r:128 w:128)
	/// Storage: `Computation::Sessions` (r:32 w:0)
	/// The range of component `n` is `[0, 64]`.
	/// Storage: `StakePool::MaturingPayouts`, `Timestamp::Now` (r:2 w:0)
	fn process_queue(n: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(520_000_000, 24000)
			.saturating_add(Weight::from_parts(105_000_000, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(42_u64))
			.saturating_add(T::DbWeight::get().reads((5_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(4_u64))
			.saturating_add(T::DbWeight::get().writes((5_u64).saturating_mul(n.into())))
	}
	/// Storage: `StakePool::Pools, PoolWorkers, WithdrawalQueues` (r:3 w:1), `Assets::Asset` (r:1 w:1)
	/// Storage: `Assets::Account` (r:6 w:6), `System::Account` (r:6 w:6), `StakePool::Withdrawals` (r:5 w:5), `StakePool::WaitingOf` (r:5 w:5)
	/// Storage: `Computation::Sessions` (r:32 w:0)
	/// Storage: `Computation::*`, as its `stop` for each worker
	/// The range of component `w` is `[0, 32]`.
	/// Storage: `StakePool::MaturingPayouts`, `Timestamp::Now` (r:2 w:0)
	fn check_and_force_withdraw(w: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(1_100_000_000, 190000)
			.saturating_add(Weight::from_parts(130_000_000, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(98_u64))
			.saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(w.into())))
			.saturating_add(T::DbWeight::get().writes(26_u64))
			.saturating_add(T::DbWeight::get().writes((5_u64).saturating_mul(w.into())))
	}
	/// Storage: `StakePool::Pools, PoolWorkers, WaitingOf` (r:3 w:0)
	/// Storage: `Assets::Asset, Account` (r:2 w:0)
	/// Storage: `Computation::Sessions` (r:32 w:0)
	/// The range of component `w` is `[0, 32]`.
	/// Storage: `StakePool::MaturingPayouts`, `Timestamp::Now` (r:2 w:0)
	fn position(w: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(25_000_000, 6000)
			.saturating_add(Weight::from_parts(14_000_000, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
	}
	/// Storage: `StakePool::Pools, MaturingPayouts` (r:2 w:2)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn on_payout() -> Weight {
		// An estimate.
		Weight::from_parts(26_000_000, 3600)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
}

/// The weights as estimated, for tests.
impl WeightInfo for () {
	fn create() -> Weight {
		Weight::from_parts(110_000_000, 3675)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
	fn set_commission() -> Weight {
		Weight::from_parts(25_000_000, 3600)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_cap() -> Weight {
		Weight::from_parts(18_000_000, 3600)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_restriction() -> Weight {
		Weight::from_parts(18_000_000, 3600)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn add_to_whitelist() -> Weight {
		Weight::from_parts(25_000_000, 3600)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn remove_from_whitelist() -> Weight {
		Weight::from_parts(25_000_000, 3600)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn add_worker() -> Weight {
		Weight::from_parts(60_000_000, 4500)
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn remove_worker() -> Weight {
		Weight::from_parts(35_000_000, 4500)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn start_worker(w: u32, ) -> Weight {
		Weight::from_parts(520_000_000, 24000)
			.saturating_add(Weight::from_parts(14_000_000, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(44_u64))
			.saturating_add(ParityDbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(ParityDbWeight::get().writes(30_u64))
	}
	fn stop_worker() -> Weight {
		Weight::from_parts(120_000_000, 4500)
			.saturating_add(ParityDbWeight::get().reads(10_u64))
			.saturating_add(ParityDbWeight::get().writes(6_u64))
	}
	fn reclaim_worker(w: u32, ) -> Weight {
		Weight::from_parts(480_000_000, 24000)
			.saturating_add(Weight::from_parts(14_000_000, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(38_u64))
			.saturating_add(ParityDbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(ParityDbWeight::get().writes(28_u64))
	}
	fn claim_owner_rewards() -> Weight {
		Weight::from_parts(65_000_000, 3600)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
	}
	fn delegate(w: u32, ) -> Weight {
		Weight::from_parts(500_000_000, 24000)
			.saturating_add(Weight::from_parts(14_000_000, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(32_u64))
			.saturating_add(ParityDbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(ParityDbWeight::get().writes(27_u64))
	}
	fn withdraw(w: u32, ) -> Weight {
		Weight::from_parts(640_000_000, 28000)
			.saturating_add(Weight::from_parts(14_000_000, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(38_u64))
			.saturating_add(ParityDbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(ParityDbWeight::get().writes(34_u64))
	}
	fn cancel_withdrawal() -> Weight {
		Weight::from_parts(90_000_000, 9000)
			.saturating_add(ParityDbWeight::get().reads(8_u64))
			.saturating_add(ParityDbWeight::get().writes(8_u64))
	}
	fn process_queue(n: u32, ) -> Weight {
		Weight::from_parts(520_000_000, 24000)
			.saturating_add(Weight::from_parts(105_000_000, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(42_u64))
			.saturating_add(ParityDbWeight::get().reads((5_u64).saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
			.saturating_add(ParityDbWeight::get().writes((5_u64).saturating_mul(n.into())))
	}
	fn check_and_force_withdraw(w: u32, ) -> Weight {
		Weight::from_parts(1_100_000_000, 190000)
			.saturating_add(Weight::from_parts(130_000_000, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(98_u64))
			.saturating_add(ParityDbWeight::get().reads((6_u64).saturating_mul(w.into())))
			.saturating_add(ParityDbWeight::get().writes(26_u64))
			.saturating_add(ParityDbWeight::get().writes((5_u64).saturating_mul(w.into())))
	}
	fn position(w: u32, ) -> Weight {
		Weight::from_parts(25_000_000, 6000)
			.saturating_add(Weight::from_parts(14_000_000, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(7_u64))
			.saturating_add(ParityDbWeight::get().reads((1_u64).saturating_mul(w.into())))
	}
	fn on_payout() -> Weight {
		Weight::from_parts(26_000_000, 3600)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
}
