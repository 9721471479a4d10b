//! Blocks with calls of a pool that has few or many delegators.

use anyhow::ensure;
use codec::Encode;
use frame_support::traits::fungible::Mutate;
use phat_primitives::blake2_256;
use phat_runtime::{
    AccountId, Assets, Balance, Balances, Runtime, RuntimeCall, RuntimeOrigin, StakePool,
    constants::PHA,
};
use sp_core::{Pair, sr25519};
use sp_runtime::DispatchError;

use super::{
    Row, Sample, measure as measure_block, row,
    seed::{chain, failed, pool, worker},
};
use crate::{Chain, Person};

/// How many calls a block has.
const EACH: u32 = 10;

/// How many workers the pool has in sessions: one less than it may have.
const WORKERS: u32 = 31;

/// How many withdrawals of one delegator may wait.
const WAITING_MAX: u32 = 16;

/// What each delegator has delegated at the start.
const DELEGATED: Balance = 100 * PHA;

/// What each delegates, or withdraws, in a block.
const MOVED: Balance = 2 * PHA;

/// Separates the keys of delegators from other hashes.
const KEY_DOMAIN: &[u8; 21] = b"phat/bench/delegators";

/// A pool, and the keys of those who have delegated to it.
struct World {
    chain: Chain,
    pid: u64,
    keys: Vec<sr25519::Pair>,
    /// Whose turn it is.
    turn: usize,
}

/// Measures blocks of each kind.
pub(super) fn measure(delegators: u32, blocks: u32) -> anyhow::Result<Vec<Row>> {
    ensure!(delegators >= EACH, "a pool needs {EACH} delegators");
    let of = ("delegators", delegators);
    let mut world = World::new(delegators)?;
    let pid = world.pid;
    let amount = MOVED;
    let delegate = pallet_stake_pool::Call::<Runtime>::delegate { pid, amount };
    // A share is worth a unit, or next to it, as long as little is earned.
    let shares = MOVED;
    let withdraw = pallet_stake_pool::Call::<Runtime>::withdraw { pid, shares };
    let delegations = world.blocks(&delegate.into(), blocks)?;
    let withdrawals = world.blocks(&withdraw.clone().into(), blocks)?;
    world.stake_all()?;
    let waits = blocks.min(delegators * WAITING_MAX / EACH);
    let waiting = world.blocks(&withdraw.into(), waits)?;
    Ok(vec![
        row("delegations", of, EACH, &delegations)?,
        row("withdrawals that are paid", of, EACH, &withdrawals)?,
        row("withdrawals that wait", of, EACH, &waiting)?,
    ])
}

impl World {
    fn new(delegators: u32) -> anyhow::Result<Self> {
        let mut chain = chain()?;
        let pid = chain.with(first_pool).map_err(failed)?;
        let mut keys = Vec::new();
        for number in 0..delegators {
            let seed = blake2_256(&(KEY_DOMAIN, number).encode());
            let key = sr25519::Pair::from_seed(&seed);
            chain.with(|| join(pid, &key)).map_err(failed)?;
            keys.push(key);
        }
        chain.commit();
        // The first block does what no other does.
        chain.begin(0);
        chain.end();
        Ok(Self {
            chain,
            pid,
            keys,
            turn: 0,
        })
    }

    /// Blocks with this call, each by the next [`EACH`] delegators.
    fn blocks(&mut self, call: &RuntimeCall, blocks: u32) -> anyhow::Result<Vec<Sample>> {
        let mut samples = Vec::new();
        for _ in 0..blocks {
            self.chain.begin(0);
            for _ in 0..EACH {
                let key = &self.keys[self.turn];
                self.turn = (self.turn + 1) % self.keys.len();
                let transaction = self.chain.signed(key, call.clone());
                let result = self.chain.send(transaction);
                ensure!(matches!(result, Ok(Ok(()))), "it is refused: {result:?}");
            }
            let block = self.chain.finish();
            samples.push(measure_block(&mut self.chain, &block));
        }
        Ok(samples)
    }

    /// Stakes all that is free on the last worker, so that who withdraws has to wait.
    fn stake_all(&mut self) -> anyhow::Result<()> {
        let pid = self.pid;
        let staked = self.chain.with(|| {
            let (worker, _) = worker(WORKERS)?;
            let owner = || RuntimeOrigin::signed(Person::Alice.account());
            StakePool::add_worker(owner(), pid, worker)?;
            let info = pallet_stake_pool::Pools::<Runtime>::get(pid);
            let info = info.ok_or(DispatchError::Unavailable)?;
            let stake = StakePool::book(pid, &info).available;
            StakePool::start_worker(owner(), pid, worker, stake)
        });
        staked.map_err(failed)?;
        self.chain.commit();
        Ok(())
    }
}

/// Makes a pool with workers in sessions.
fn first_pool() -> Result<u64, DispatchError> {
    let workers: Result<Vec<_>, _> = (0..WORKERS)
        .map(|number| worker(number).map(|(id, _)| id))
        .collect();
    pool(&workers?)
}

/// Gives the account with this key some PHA, and has it delegate a part.
fn join(pid: u64, key: &sr25519::Pair) -> Result<(), DispatchError> {
    let account = AccountId::from(key.public().0);
    Balances::mint_into(&account, 10 * DELEGATED)?;
    StakePool::delegate(RuntimeOrigin::signed(account.clone()), pid, DELEGATED)?;
    // A share of a new pool costs a unit.
    debug_assert_eq!(Assets::balance(pid, account), DELEGATED);
    Ok(())
}
