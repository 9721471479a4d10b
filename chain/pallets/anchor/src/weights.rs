//! Weights of `pallet_phat_anchor`.
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

/// The weights as measured, with the runtime's own weights for the database.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::AttestorsOf` (r:0 w:1)
	/// Proof: `Anchor::AttestorsOf` (`max_values`: None, `max_size`: Some(1155), added: 3630, mode: `MaxEncodedLen`)
	fn register_consumer() -> Weight {
		// Minimum execution time: 152_596_000 picoseconds.
		Weight::from_parts(245_030_000, 3748)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:0)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::AttestorsOf` (r:1 w:1)
	/// Proof: `Anchor::AttestorsOf` (`max_values`: None, `max_size`: Some(1155), added: 3630, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	fn set_attestors() -> Weight {
		// Minimum execution time: 129_683_000 picoseconds.
		Weight::from_parts(199_734_000, 4620)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	fn set_policy() -> Weight {
		// Minimum execution time: 50_124_000 picoseconds.
		Weight::from_parts(84_358_000, 3618)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::AttestorsOf` (r:0 w:1)
	/// Proof: `Anchor::AttestorsOf` (`max_values`: None, `max_size`: Some(1155), added: 3630, mode: `MaxEncodedLen`)
	fn remove_consumer() -> Weight {
		// Minimum execution time: 180_479_000 picoseconds.
		Weight::from_parts(297_188_000, 6196)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::Values` (r:64 w:64)
	/// Proof: `Anchor::Values` (`max_values`: None, `max_size`: Some(16508), added: 18983, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[0, 64]`.
	fn delete_values(n: u32, ) -> Weight {
		// Minimum execution time: 61_325_000 picoseconds.
		Weight::from_parts(138_740_726, 3748)
			// Standard error: 615_731
			.saturating_add(Weight::from_parts(31_986_848, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(3_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 18983).saturating_mul(n.into()))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::Inputs` (r:0 w:1)
	/// Proof: `Anchor::Inputs` (`max_values`: None, `max_size`: Some(16452), added: 18927, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::Requests` (r:0 w:1)
	/// Proof: `Anchor::Requests` (`max_values`: None, `max_size`: Some(206), added: 2681, mode: `MaxEncodedLen`)
	/// The range of component `b` is `[0, 16384]`.
	fn request(b: u32, ) -> Weight {
		// Minimum execution time: 177_463_000 picoseconds.
		Weight::from_parts(309_552_185, 3748)
			// Standard error: 478
			.saturating_add(Weight::from_parts(11_172, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::Requests` (r:1 w:1)
	/// Proof: `Anchor::Requests` (`max_values`: None, `max_size`: Some(206), added: 2681, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::Values` (r:128 w:64)
	/// Proof: `Anchor::Values` (`max_values`: None, `max_size`: Some(16508), added: 18983, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::AttestorsOf` (r:1 w:0)
	/// Proof: `Anchor::AttestorsOf` (`max_values`: None, `max_size`: Some(1155), added: 3630, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:3 w:3)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:2 w:2)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::Inputs` (r:0 w:1)
	/// Proof: `Anchor::Inputs` (`max_values`: None, `max_size`: Some(16452), added: 18927, mode: `MaxEncodedLen`)
	/// The range of component `b` is `[0, 16384]`.
	/// The range of component `s` is `[1, 16]`.
	/// The range of component `r` is `[0, 64]`.
	/// The range of component `w` is `[0, 64]`.
	fn settle(_b: u32, s: u32, r: u32, w: u32, ) -> Weight {
		// Minimum execution time: 2_888_007_000 picoseconds.
		Weight::from_parts(3_126_495_000, 8123)
			// Standard error: 7_352_622
			.saturating_add(Weight::from_parts(36_204_646, 0).saturating_mul(s.into()))
			// Standard error: 1_758_419
			.saturating_add(Weight::from_parts(17_425_073, 0).saturating_mul(r.into()))
			// Standard error: 1_758_419
			.saturating_add(Weight::from_parts(28_373_019, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(r.into())))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(w.into())))
			.saturating_add(T::DbWeight::get().writes(7_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(w.into())))
			.saturating_add(Weight::from_parts(0, 18983).saturating_mul(r.into()))
			.saturating_add(Weight::from_parts(0, 6).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(0, 18983).saturating_mul(w.into()))
	}
	fn settle_batch_base() -> Weight {
		// Minimum execution time: 6_051_000 picoseconds.
		Weight::from_parts(8_627_000, 0)
			.saturating_add(T::DbWeight::get().reads(0_u64))
			.saturating_add(T::DbWeight::get().writes(0_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::Requests` (r:1 w:1)
	/// Proof: `Anchor::Requests` (`max_values`: None, `max_size`: Some(206), added: 2681, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// The range of component `b` is `[0, 16384]`.
	fn retry(b: u32, ) -> Weight {
		// Minimum execution time: 143_259_000 picoseconds.
		Weight::from_parts(164_821_388, 3748)
			// Standard error: 568
			.saturating_add(Weight::from_parts(15_462, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::Requests` (r:1 w:1)
	/// Proof: `Anchor::Requests` (`max_values`: None, `max_size`: Some(206), added: 2681, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	fn forget() -> Weight {
		// Minimum execution time: 126_017_000 picoseconds.
		Weight::from_parts(202_540_000, 3748)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::Requests` (r:1 w:1)
	/// Proof: `Anchor::Requests` (`max_values`: None, `max_size`: Some(206), added: 2681, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(283), added: 2758, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::Inputs` (r:0 w:1)
	/// Proof: `Anchor::Inputs` (`max_values`: None, `max_size`: Some(16452), added: 18927, mode: `MaxEncodedLen`)
	fn expire() -> Weight {
		// Minimum execution time: 146_074_000 picoseconds.
		Weight::from_parts(242_065_000, 3748)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
}

/// The weights as measured, for tests.
impl WeightInfo for () {
	fn register_consumer() -> Weight {
		Weight::from_parts(245_030_000, 3748)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn set_attestors() -> Weight {
		Weight::from_parts(199_734_000, 4620)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_policy() -> Weight {
		Weight::from_parts(84_358_000, 3618)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn remove_consumer() -> Weight {
		Weight::from_parts(297_188_000, 6196)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn delete_values(n: u32, ) -> Weight {
		Weight::from_parts(138_740_726, 3748)
			.saturating_add(Weight::from_parts(31_986_848, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
			.saturating_add(Weight::from_parts(0, 18983).saturating_mul(n.into()))
	}
	fn request(b: u32, ) -> Weight {
		Weight::from_parts(309_552_185, 3748)
			.saturating_add(Weight::from_parts(11_172, 0).saturating_mul(b.into()))
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn settle(_b: u32, s: u32, r: u32, w: u32, ) -> Weight {
		Weight::from_parts(3_126_495_000, 8123)
			.saturating_add(Weight::from_parts(36_204_646, 0).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(17_425_073, 0).saturating_mul(r.into()))
			.saturating_add(Weight::from_parts(28_373_019, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(9_u64))
			.saturating_add(ParityDbWeight::get().writes(7_u64))
			.saturating_add(Weight::from_parts(0, 18983).saturating_mul(r.into()))
			.saturating_add(Weight::from_parts(0, 6).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(0, 18983).saturating_mul(w.into()))
	}
	fn settle_batch_base() -> Weight {
		Weight::from_parts(8_627_000, 0)
			.saturating_add(ParityDbWeight::get().reads(0_u64))
			.saturating_add(ParityDbWeight::get().writes(0_u64))
	}
	fn retry(b: u32, ) -> Weight {
		Weight::from_parts(164_821_388, 3748)
			.saturating_add(Weight::from_parts(15_462, 0).saturating_mul(b.into()))
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn forget() -> Weight {
		Weight::from_parts(202_540_000, 3748)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn expire() -> Weight {
		Weight::from_parts(242_065_000, 3748)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
}
