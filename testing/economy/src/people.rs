//! Who takes part: people with accounts, and workers.

use std::sync::LazyLock;

use phat_primitives::WorkerId;
use phat_runtime::AccountId;
use sp_core::{Pair, sr25519};
use sp_keyring::Sr25519Keyring;

/// How many workers there are.
pub const WORKERS: u8 = 5;

/// What the keys of workers are made of, plus the worker's number.
const WORKER_SEED: u8 = 100;

/// Somebody with an account of a development chain. Alice is root, too, and makes the blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// Who makes the blocks, and so gets the fees.
    Alice,
    /// Operates the workers 0, 1 and 4, and has made the first pool and the first contract.
    Bob,
    /// Operates the workers 2 and 3, and has made the second pool.
    Charlie,
    /// Has made the vault.
    Dave,
    /// Has made nothing.
    Eve,
}

impl Person {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Alice, Self::Bob, Self::Charlie, Self::Dave, Self::Eve];

    /// The person's key.
    pub fn key(self) -> &'static sr25519::Pair {
        // Made once: each takes thousands of hashes.
        static KEYS: LazyLock<[sr25519::Pair; 5]> = LazyLock::new(|| {
            [
                Sr25519Keyring::Alice,
                Sr25519Keyring::Bob,
                Sr25519Keyring::Charlie,
                Sr25519Keyring::Dave,
                Sr25519Keyring::Eve,
            ]
            .map(Sr25519Keyring::pair)
        });
        &KEYS[self as usize]
    }

    /// The person's account.
    pub fn account(self) -> AccountId {
        AccountId::from(self.key().public().0)
    }
}

/// A worker by its number, below [`WORKERS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worker(pub u8);

impl Worker {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..WORKERS).map(Self)
    }

    /// The one with this identity, if there is one.
    pub fn of(id: &WorkerId) -> Option<Self> {
        Self::all().find(|worker| worker.id() == *id)
    }

    /// The worker's identity key.
    pub fn key(self) -> sr25519::Pair {
        sr25519::Pair::from_seed(&[WORKER_SEED.wrapping_add(self.0); 32])
    }

    /// The worker's identity.
    pub fn id(self) -> WorkerId {
        WorkerId(self.key().public().0)
    }

    /// Who registers it.
    pub fn operator(self) -> Person {
        match self.0 {
            2 | 3 => Person::Charlie,
            _ => Person::Bob,
        }
    }
}
