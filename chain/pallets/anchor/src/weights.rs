//! Weights of `pallet_phat_anchor`.
//!
//! Written by hand, as estimates, until `cargo xtask bench weights` measures them.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]
#![allow(clippy::allow_attributes_without_reason)]

use frame_support::{traits::Get, weights::{Weight, constants::ParityDbWeight}};
use core::marker::PhantomData;

/// The weights of the calls of `pallet_phat_anchor`.
pub trait WeightInfo {
	fn register_consumer() -> Weight;
	fn set_attestors() -> Weight;
	fn set_policy() -> Weight;
	fn remove_consumer() -> Weight;
	fn delete_values(n: u32, ) -> Weight;
	fn request(b: u32, ) -> Weight;
	fn settle(b: u32, s: u32, r: u32, w: u32, ) -> Weight;
	fn settle_batch_base() -> Weight;
	fn retry(b: u32, ) -> Weight;
	fn forget() -> Weight;
	fn expire() -> Weight;
}

/// The weights as estimated, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Anchor::AttestorsOf` (r:0 w:1)
	fn register_consumer() -> Weight {
		// An estimate.
		Weight::from_parts(55_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:0)
	/// Storage: `Anchor::AttestorsOf` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn set_attestors() -> Weight {
		// An estimate.
		Weight::from_parts(30_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	fn set_policy() -> Weight {
		// An estimate.
		Weight::from_parts(20_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Anchor::AttestorsOf` (r:0 w:1)
	fn remove_consumer() -> Weight {
		// An estimate.
		Weight::from_parts(90_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// The range of component `n` is `[0, 64]`.
	fn delete_values(n: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(50_000_000, 4000)
			.saturating_add(Weight::from_parts(16_000_000, 16_700).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(3_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Anchor::Requests` (r:0 w:1)
	/// Storage: `Anchor::Inputs` (r:0 w:1)
	/// The range of component `b` is `[0, 16384]`.
	fn request(b: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(75_000_000, 4000)
			.saturating_add(Weight::from_parts(1_500, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Anchor::Requests` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Anchor::AttestorsOf` (r:1 w:0)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Storage: `Balances::Holds` (r:2 w:2)
	/// Storage: `System::Account` (r:3 w:3)
	/// Storage: `Anchor::Inputs` (r:0 w:1)
	/// The range of component `b` is `[0, 131072]`.
	/// The range of component `s` is `[1, 16]`.
	/// The range of component `r` is `[0, 64]`.
	/// The range of component `w` is `[0, 64]`.
	fn settle(b: u32, s: u32, r: u32, w: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(180_000_000, 4000)
			.saturating_add(Weight::from_parts(3_500, 0).saturating_mul(b.into()))
			.saturating_add(Weight::from_parts(55_000_000, 0).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(12_000_000, 16_700).saturating_mul(r.into()))
			.saturating_add(Weight::from_parts(18_000_000, 16_700).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(10_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(r.into())))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(T::DbWeight::get().writes(8_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(w.into())))
	}
	fn settle_batch_base() -> Weight {
		// An estimate.
		Weight::from_parts(8_000_000, 4000)
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Anchor::Requests` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// The range of component `b` is `[0, 16384]`.
	fn retry(b: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(70_000_000, 4000)
			.saturating_add(Weight::from_parts(1_500, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Anchor::Requests` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn forget() -> Weight {
		// An estimate.
		Weight::from_parts(65_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Anchor::Requests` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Anchor::Inputs` (r:0 w:1)
	fn expire() -> Weight {
		// An estimate.
		Weight::from_parts(70_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
}

/// The weights with those of ParityDB, for tests.
impl WeightInfo for () {
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Anchor::AttestorsOf` (r:0 w:1)
	fn register_consumer() -> Weight {
		// An estimate.
		Weight::from_parts(55_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:0)
	/// Storage: `Anchor::AttestorsOf` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	fn set_attestors() -> Weight {
		// An estimate.
		Weight::from_parts(30_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	fn set_policy() -> Weight {
		// An estimate.
		Weight::from_parts(20_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `Anchor::AttestorsOf` (r:0 w:1)
	fn remove_consumer() -> Weight {
		// An estimate.
		Weight::from_parts(90_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// The range of component `n` is `[0, 64]`.
	fn delete_values(n: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(50_000_000, 4000)
			.saturating_add(Weight::from_parts(16_000_000, 16_700).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
			.saturating_add(ParityDbWeight::get().writes((1_u64).saturating_mul(n.into())))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Anchor::Requests` (r:0 w:1)
	/// Storage: `Anchor::Inputs` (r:0 w:1)
	/// The range of component `b` is `[0, 16384]`.
	fn request(b: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(75_000_000, 4000)
			.saturating_add(Weight::from_parts(1_500, 0).saturating_mul(b.into()))
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Anchor::Requests` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Anchor::AttestorsOf` (r:1 w:0)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Storage: `Balances::Holds` (r:2 w:2)
	/// Storage: `System::Account` (r:3 w:3)
	/// Storage: `Anchor::Inputs` (r:0 w:1)
	/// The range of component `b` is `[0, 131072]`.
	/// The range of component `s` is `[1, 16]`.
	/// The range of component `r` is `[0, 64]`.
	/// The range of component `w` is `[0, 64]`.
	fn settle(b: u32, s: u32, r: u32, w: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(180_000_000, 4000)
			.saturating_add(Weight::from_parts(3_500, 0).saturating_mul(b.into()))
			.saturating_add(Weight::from_parts(55_000_000, 0).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(12_000_000, 16_700).saturating_mul(r.into()))
			.saturating_add(Weight::from_parts(18_000_000, 16_700).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(10_u64))
			.saturating_add(ParityDbWeight::get().reads((1_u64).saturating_mul(r.into())))
			.saturating_add(ParityDbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(ParityDbWeight::get().writes(8_u64))
			.saturating_add(ParityDbWeight::get().writes((1_u64).saturating_mul(w.into())))
	}
	fn settle_batch_base() -> Weight {
		// An estimate.
		Weight::from_parts(8_000_000, 4000)
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Anchor::Requests` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// The range of component `b` is `[0, 16384]`.
	fn retry(b: u32, ) -> Weight {
		// An estimate.
		Weight::from_parts(70_000_000, 4000)
			.saturating_add(Weight::from_parts(1_500, 0).saturating_mul(b.into()))
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Anchor::Requests` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	fn forget() -> Weight {
		// An estimate.
		Weight::from_parts(65_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Storage: `Anchor::Requests` (r:1 w:1)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Anchor::Inputs` (r:0 w:1)
	fn expire() -> Weight {
		// An estimate.
		Weight::from_parts(70_000_000, 4000)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
}
