//! Weights of `pallet_phat_anchor`.
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
		// Minimum execution time: 164_579_000 picoseconds.
		Weight::from_parts(243_496_000, 3748)
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
		// Minimum execution time: 116_038_000 picoseconds.
		Weight::from_parts(160_581_000, 4620)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	fn set_policy() -> Weight {
		// Minimum execution time: 45_896_000 picoseconds.
		Weight::from_parts(69_902_000, 3618)
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
		// Minimum execution time: 172_684_000 picoseconds.
		Weight::from_parts(247_434_000, 6196)
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
		// Minimum execution time: 56_036_000 picoseconds.
		Weight::from_parts(109_493_543, 3748)
			// Standard error: 530_994
			.saturating_add(Weight::from_parts(29_642_493, 0).saturating_mul(n.into()))
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
		// Minimum execution time: 169_628_000 picoseconds.
		Weight::from_parts(252_565_346, 3748)
			// Standard error: 439
			.saturating_add(Weight::from_parts(13_345, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Anchor::Consumers` (r:1 w:1)
	/// Proof: `Anchor::Consumers` (`max_values`: None, `max_size`: Some(153), added: 2628, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::Requests` (r:1 w:1)
	/// Proof: `Anchor::Requests` (`max_values`: None, `max_size`: Some(206), added: 2681, mode: `MaxEncodedLen`)
	/// Storage: `Timestamp::Now` (r:1 w:0)
	/// Proof: `Timestamp::Now` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Anchor::Values` (r:64 w:64)
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
	fn settle(b: u32, s: u32, r: u32, w: u32, ) -> Weight {
		// Minimum execution time: 2_710_003_000 picoseconds.
		Weight::from_parts(1_412_918_402, 1215902)
			// Standard error: 3_845
			.saturating_add(Weight::from_parts(36_351, 0).saturating_mul(b.into()))
			// Standard error: 4_028_614
			.saturating_add(Weight::from_parts(68_632_613, 0).saturating_mul(s.into()))
			// Standard error: 974_977
			.saturating_add(Weight::from_parts(13_566_520, 0).saturating_mul(r.into()))
			// Standard error: 974_977
			.saturating_add(Weight::from_parts(25_753_886, 0).saturating_mul(w.into()))
			.saturating_add(T::DbWeight::get().reads(74_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(w.into())))
			.saturating_add(Weight::from_parts(0, 1).saturating_mul(r.into()))
			.saturating_add(Weight::from_parts(0, 3).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(0, 3).saturating_mul(w.into()))
	}
	fn settle_batch_base() -> Weight {
		// Minimum execution time: 5_650_000 picoseconds.
		Weight::from_parts(10_550_000, 0)
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
		// Minimum execution time: 128_120_000 picoseconds.
		Weight::from_parts(197_098_743, 3748)
			// Standard error: 337
			.saturating_add(Weight::from_parts(11_935, 0).saturating_mul(b.into()))
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
		// Minimum execution time: 122_329_000 picoseconds.
		Weight::from_parts(200_396_000, 3748)
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
		// Minimum execution time: 142_928_000 picoseconds.
		Weight::from_parts(239_770_000, 3748)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
}

/// The weights as measured, for tests.
impl WeightInfo for () {
	fn register_consumer() -> Weight {
		Weight::from_parts(243_496_000, 3748)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn set_attestors() -> Weight {
		Weight::from_parts(160_581_000, 4620)
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn set_policy() -> Weight {
		Weight::from_parts(69_902_000, 3618)
			.saturating_add(ParityDbWeight::get().reads(1_u64))
			.saturating_add(ParityDbWeight::get().writes(1_u64))
	}
	fn remove_consumer() -> Weight {
		Weight::from_parts(247_434_000, 6196)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn delete_values(n: u32, ) -> Weight {
		Weight::from_parts(109_493_543, 3748)
			.saturating_add(Weight::from_parts(29_642_493, 0).saturating_mul(n.into()))
			.saturating_add(ParityDbWeight::get().reads(3_u64))
			.saturating_add(ParityDbWeight::get().writes(3_u64))
			.saturating_add(Weight::from_parts(0, 18983).saturating_mul(n.into()))
	}
	fn request(b: u32, ) -> Weight {
		Weight::from_parts(252_565_346, 3748)
			.saturating_add(Weight::from_parts(13_345, 0).saturating_mul(b.into()))
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
	fn settle(b: u32, s: u32, r: u32, w: u32, ) -> Weight {
		Weight::from_parts(1_412_918_402, 1215902)
			.saturating_add(Weight::from_parts(36_351, 0).saturating_mul(b.into()))
			.saturating_add(Weight::from_parts(68_632_613, 0).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(13_566_520, 0).saturating_mul(r.into()))
			.saturating_add(Weight::from_parts(25_753_886, 0).saturating_mul(w.into()))
			.saturating_add(ParityDbWeight::get().reads(74_u64))
			.saturating_add(ParityDbWeight::get().writes(8_u64))
			.saturating_add(Weight::from_parts(0, 1).saturating_mul(r.into()))
			.saturating_add(Weight::from_parts(0, 3).saturating_mul(s.into()))
			.saturating_add(Weight::from_parts(0, 3).saturating_mul(w.into()))
	}
	fn settle_batch_base() -> Weight {
		Weight::from_parts(10_550_000, 0)
			.saturating_add(ParityDbWeight::get().reads(0_u64))
			.saturating_add(ParityDbWeight::get().writes(0_u64))
	}
	fn retry(b: u32, ) -> Weight {
		Weight::from_parts(197_098_743, 3748)
			.saturating_add(Weight::from_parts(11_935, 0).saturating_mul(b.into()))
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn forget() -> Weight {
		Weight::from_parts(200_396_000, 3748)
			.saturating_add(ParityDbWeight::get().reads(4_u64))
			.saturating_add(ParityDbWeight::get().writes(4_u64))
	}
	fn expire() -> Weight {
		Weight::from_parts(239_770_000, 3748)
			.saturating_add(ParityDbWeight::get().reads(5_u64))
			.saturating_add(ParityDbWeight::get().writes(5_u64))
	}
}
