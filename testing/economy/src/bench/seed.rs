//! Chains with many workers in sessions, put into the state without the transactions that would
//! bring them there.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};
use codec::Encode;
use frame_support::traits::fungible::Mutate;
use pallet_computation::{
    Benchmark, Benchmarks, CurrentSettings, NotedRandomness, Sessions, Settings,
};
use pallet_registry::{WorkerInfo, Workers};
use pallet_stake_pool::Fund;
use phat_primitives::{Attestation, EncryptionKey, WorkerId, blake2_256};
use phat_runtime::{
    AccountId, Balance, Balances, Computation, Runtime, RuntimeOrigin, StakePool, System,
    Timestamp, constants::PHA, genesis::LOCAL,
};
use sp_core::{Pair, sr25519};
use sp_runtime::{DispatchError, Permill};

use crate::{Chain, Person, genesis::genesis, invariants};

/// The chains with as many workers at the most have their invariants checked once they are made.
pub const CHECKED_WORKERS_MAX: u32 = 1_000;

/// How many workers each pool has: as many as it may have.
const POOL_WORKERS: u32 = 32;

/// How many workers are put into the state before it is made a trie of.
const WORKERS_AT_ONCE: u32 = 100 * POOL_WORKERS;

/// The performance of each worker.
const P: u32 = 100;

/// What is staked on each, for which 500 PHA is the least.
const STAKE: Balance = 600 * PHA;

/// The fewest blocks between two challenges of a worker. It is as few as the window allows, so that
/// a network with a thousand workers challenges as many in a block as a larger one.
pub(super) const CHALLENGE_GAP_BLOCKS: u32 = 12;

/// Separates the keys of workers from other hashes.
const KEY_DOMAIN: &[u8; 18] = b"phat/bench/workers";

/// A chain with workers in sessions, before its first block.
pub(super) struct Network {
    pub chain: Chain,
    /// How many they are.
    pub workers: u32,
    keys: BTreeMap<WorkerId, sr25519::Pair>,
}

impl Network {
    /// One with so many workers, in pools of 32.
    pub fn new(workers: u32) -> anyhow::Result<Self> {
        let mut chain = chain()?;
        let mut keys = BTreeMap::new();
        let numbers: Vec<u32> = (0..workers).collect();
        for batch in numbers.chunks(WORKERS_AT_ONCE as usize) {
            let make = || batch.iter().map(|number| worker(*number)).collect();
            let made: Result<Vec<_>, _> = chain.with(make);
            let made = made.map_err(failed)?;
            let pools = made.chunks(POOL_WORKERS as usize);
            for members in pools {
                let members: Vec<_> = members.iter().map(|(id, _)| *id).collect();
                chain.with(|| pool(&members)).map_err(failed)?;
            }
            keys.extend(made);
            chain.commit();
        }
        if workers <= CHECKED_WORKERS_MAX {
            let checked = chain.with(invariants);
            checked.map_err(|broken| anyhow!("the state that was made is wrong: {broken}"))?;
        }
        Ok(Self {
            chain,
            workers,
            keys,
        })
    }

    /// The key of a worker.
    pub fn key(&self, worker: &WorkerId) -> anyhow::Result<&sr25519::Pair> {
        self.keys
            .get(worker)
            .context("the worker is not one of these")
    }
}

/// Says what failed of what cannot.
pub(super) fn failed(error: DispatchError) -> anyhow::Error {
    anyhow!("the state cannot be made: {error:?}")
}

/// A chain with the blocks of a network, on which Alice is rich.
pub(super) fn chain() -> anyhow::Result<Chain> {
    let mut chain = Chain::new(&genesis(LOCAL));
    chain
        .with(|| {
            NotedRandomness::<Runtime>::insert(0, [1; 32]);
            CurrentSettings::<Runtime>::mutate(|settings| {
                *settings = Settings {
                    challenge_gap_blocks: CHALLENGE_GAP_BLOCKS,
                    ..*settings
                }
            });
            // Together with all there is, less than there may ever be.
            Balances::mint_into(&Person::Alice.account(), 100_000_000 * PHA)
        })
        .map_err(failed)?;
    chain.commit();
    Ok(chain)
}

/// Registers worker number `number` and has it show its performance.
pub(super) fn worker(number: u32) -> Result<(WorkerId, sr25519::Pair), DispatchError> {
    let key = sr25519::Pair::from_seed(&blake2_256(&(KEY_DOMAIN, number).encode()));
    let id = WorkerId(key.public().0);
    let endpoint = b"https://worker.example".to_vec();
    Workers::<Runtime>::insert(
        id,
        WorkerInfo {
            operator: Person::Alice.account(),
            encryption_key: EncryptionKey::default(),
            endpoint: endpoint
                .try_into()
                .map_err(|_| DispatchError::Other("the endpoint is too long"))?,
            attestation: Attestation::None,
            deposit: 0,
            registered_at: System::block_number(),
        },
    );
    let benchmark = Benchmark {
        p: P,
        proven_at: System::block_number(),
        proven_at_s: Timestamp::get() / 1_000,
    };
    Benchmarks::<Runtime>::insert(id, benchmark);
    Ok((id, key))
}

/// Makes a pool of Alice's with these workers, in sessions that its money is staked on. Gives its
/// number.
pub(super) fn pool(workers: &[WorkerId]) -> Result<u64, DispatchError> {
    let alice = || RuntimeOrigin::signed(Person::Alice.account());
    let pid = pallet_stake_pool::NextPoolId::<Runtime>::get();
    StakePool::create(alice(), Permill::from_percent(10))?;
    let stake = STAKE * workers.len() as Balance;
    StakePool::delegate(alice(), pid, stake.max(PHA))?;
    let account = <StakePool as Fund>::account(pid);
    for worker in workers {
        StakePool::add_worker(alice(), pid, *worker)?;
        <Computation as Sessions<AccountId, Balance>>::start(*worker, &account, STAKE)?;
    }
    Ok(pid)
}
