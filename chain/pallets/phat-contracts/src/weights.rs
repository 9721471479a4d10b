//! Weights of `pallet_phat_contracts`.
//!
//! Estimated by hand from the storage that each call touches, until
//! `phat-node benchmark pallet` writes measured ones over this file.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(clippy::allow_attributes_without_reason)]

use frame_support::{traits::Get, weights::{Weight, constants::ParityDbWeight}};
use core::marker::PhantomData;

/// Weight functions needed for `pallet_phat_contracts`.
pub trait WeightInfo {
	fn create_cluster() -> Weight;
	fn join_cluster() -> Weight;
	fn leave_cluster() -> Weight;
	fn upload_code() -> Weight;
	fn remove_code() -> Weight;
	fn instantiate(m: u32, ) -> Weight;
	fn set_manifest(m: u32, ) -> Weight;
	fn remove() -> Weight;
}

/// Weights for `pallet_phat_contracts`.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `PhatContracts::NextClusterId` (r:1 w:1)
	/// Storage: `PhatContracts::Clusters` (r:0 w:1)
	fn create_cluster() -> Weight {
		Weight::from_parts(15_000_000, 36_000)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Storage: `PhatContracts::Clusters` (r:1 w:0)
	/// Storage: `PhatContracts::ClusterOf` (r:1 w:1)
	/// Storage: `PhatContracts::ClusterMembers` (r:1 w:1)
	fn join_cluster() -> Weight {
		Weight::from_parts(60_000_000, 36_000)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Registry::Workers` (r:1 w:0)
	/// Storage: `PhatContracts::ClusterOf` (r:1 w:1)
	/// Storage: `PhatContracts::ClusterMembers` (r:1 w:1)
	fn leave_cluster() -> Weight {
		Weight::from_parts(60_000_000, 36_000)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `PhatContracts::Codes` (r:1 w:1)
	/// Storage: `PhatContracts::CounterForCodes` (r:1 w:1)
	/// Storage: `Preimage::StatusFor` (r:1 w:0)
	/// Storage: `Preimage::RequestStatusFor` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	fn upload_code() -> Weight {
		Weight::from_parts(70_000_000, 36_000)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `PhatContracts::Codes` (r:1 w:1)
	/// Storage: `PhatContracts::CounterForCodes` (r:1 w:1)
	/// Storage: `Preimage::StatusFor` (r:1 w:0)
	/// Storage: `Preimage::RequestStatusFor` (r:1 w:1)
	/// Storage: `Preimage::PreimageFor` (r:0 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	fn remove_code() -> Weight {
		Weight::from_parts(70_000_000, 36_000)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `PhatContracts::Clusters` (r:1 w:1)
	/// Storage: `PhatContracts::Codes` (r:1 w:1)
	/// Storage: `PhatContracts::Contracts` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `PhatContracts::ClusterContracts` (r:0 w:1)
	/// The range of component `m` is `[1, 16384]`.
	fn instantiate(m: u32, ) -> Weight {
		Weight::from_parts(70_000_000, 36_000)
			.saturating_add(Weight::from_parts(2_000, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `PhatContracts::Contracts` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// The range of component `m` is `[1, 16384]`.
	fn set_manifest(m: u32, ) -> Weight {
		Weight::from_parts(60_000_000, 36_000)
			.saturating_add(Weight::from_parts(2_000, 0).saturating_mul(m.into()))
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `PhatContracts::Contracts` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `PhatContracts::Codes` (r:1 w:1)
	/// Storage: `PhatContracts::Clusters` (r:1 w:1)
	/// Storage: `PhatContracts::ClusterContracts` (r:0 w:1)
	fn remove() -> Weight {
		Weight::from_parts(70_000_000, 36_000)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
}

// For tests.
impl WeightInfo for () {
	fn create_cluster() -> Weight {
		Weight::from_parts(15_000_000, 36_000)
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn join_cluster() -> Weight {
		Weight::from_parts(60_000_000, 36_000)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn leave_cluster() -> Weight {
		Weight::from_parts(60_000_000, 36_000)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn upload_code() -> Weight {
		Weight::from_parts(70_000_000, 36_000)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn remove_code() -> Weight {
		Weight::from_parts(70_000_000, 36_000)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn instantiate(m: u32, ) -> Weight {
		Weight::from_parts(70_000_000, 36_000)
			.saturating_add(Weight::from_parts(2_000, 0).saturating_mul(m.into()))
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn set_manifest(m: u32, ) -> Weight {
		Weight::from_parts(60_000_000, 36_000)
			.saturating_add(Weight::from_parts(2_000, 0).saturating_mul(m.into()))
			.saturating_add(ParityDbWeight::get().reads(2_u64))
			.saturating_add(ParityDbWeight::get().writes(2_u64))
	}
	fn remove() -> Weight {
		Weight::from_parts(70_000_000, 36_000)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
}
