//! Sessions, pools and vaults in memory.

use std::sync::{
    Mutex,
    atomic::{AtomicBool, Ordering},
};

use anyhow::{Result, bail};
use async_trait::async_trait;
use phat_chain_client::{
    EconomyAction, EconomyOutcome, EconomySettings, FundTerms, NoticedRate, Pool, Position, Queue,
    RegisteredWorker, SessionPhase, ShareBook, StakedSession, Vault, VaultInPool,
    WaitingWithdrawal, WorkerPerformance,
};
use phat_primitives::{AccountBytes, WorkerId};
use phat_tokenomics::{Fixed, Parameters, Totals, WorkerState};

use super::OWNER;
use crate::{
    amount::Amount,
    chain::{Block, EconomyReader, EconomyWriter, FundState, Holder, Waiting, WorkerStanding},
};

/// One PHA.
pub const PHA: u128 = 1_000_000_000_000;

/// What each transaction costs.
pub const FEE: Amount = Amount(PHA / 1_000);

/// The time, in seconds since 1970.
pub const NOW_S: u64 = 100_000_000;

/// A day, in seconds.
pub const DAY_S: u64 = 86_400;

/// The account of pool 0, and of vault 0.
pub const FUND: AccountBytes = AccountBytes([0xf0; 32]);

/// What is decided about pools and vaults.
pub const TERMS: FundTerms = FundTerms {
    seed: PHA,
    existential_deposit: PHA / 1_000,
    delegation_min: PHA,
    request_min: PHA,
    rate_ppm_max: 500_000,
    grace_s: 14 * DAY_S,
    requests_max: 16,
};

/// A chain whose content the test sets. It does nothing but to note what is done.
#[derive(Default)]
pub struct FakeEconomy {
    pub workers: Mutex<Vec<(WorkerId, WorkerStanding)>>,
    pub pools: Mutex<Vec<Pool>>,
    pub vaults: Mutex<Vec<Vault>>,
    /// The shares of each account, in pools and in vaults alike.
    pub shares: Mutex<Vec<(AccountBytes, u128)>>,
    /// What waits in the queues of pools.
    pub pool_queue: Mutex<Vec<WaitingWithdrawal>>,
    /// What waits in the queues of vaults.
    pub vault_queue: Mutex<Vec<WaitingWithdrawal>>,
    /// Who is on the whitelists of pools.
    pub whitelist: Mutex<Vec<AccountBytes>>,
    /// What [`OWNER`] has that is free.
    pub free: Mutex<u128>,
    /// What was done.
    pub done: Mutex<Vec<EconomyAction>>,
    /// What comes of what is done.
    pub outcome: Mutex<EconomyOutcome>,
    /// Whether the chain refuses everything.
    pub refuses: AtomicBool,
}

impl FakeEconomy {
    /// A chain where [`OWNER`] has 100 PHA.
    pub fn new() -> Self {
        let chain = Self::default();
        *chain.free.lock().unwrap() = 100 * PHA;
        chain
    }

    /// What `account` has, where these wait.
    fn holder(&self, account: AccountBytes, queue: &[WaitingWithdrawal]) -> Holder {
        let shares = self.shares.lock().unwrap();
        let owned = shares.iter().filter(|(who, _)| *who == account);
        let waiting = Waiting::of(account, queue);
        Holder {
            account,
            position: Position {
                shares: owned.map(|(_, shares)| shares).sum(),
                queued: waiting.iter().map(|waiting| waiting.shares).sum(),
                requests: waiting.len() as u32,
            },
            waiting,
            may_delegate: true,
        }
    }

    /// What was done last.
    pub fn last(&self) -> Option<EconomyAction> {
        self.done.lock().unwrap().last().copied()
    }
}

/// The queue in which these wait.
fn queue_of(waiting: &[WaitingWithdrawal]) -> Queue {
    Queue {
        count: waiting.len() as u32,
        shares: waiting.iter().map(|waiting| waiting.shares).sum(),
        waiting_since_s: waiting.first().map(|first| first.requested_at_s),
    }
}

/// Pool 0 of [`OWNER`]'s, with 40 PHA that are free of `value` PHA, for 100 PHA of shares.
pub fn pool(value: u128) -> Pool {
    Pool {
        pid: 0,
        owner: OWNER,
        account: FUND,
        commission: NoticedRate {
            rate_ppm: 100_000,
            rise: None,
        },
        owner_rewards: 0,
        cap: None,
        is_restricted: false,
        whitelisted: 0,
        book: ShareBook {
            value: value * PHA,
            supply: 100 * PHA,
            available: 40 * PHA,
        },
        queue: Queue::default(),
        workers: Vec::new(),
    }
}

/// Vault 0 of [`OWNER`]'s, with 40 PHA that are free and 80 PHA in pool 0, for 100 PHA of shares.
pub fn vault() -> Vault {
    Vault {
        vid: 0,
        asset: 1 << 63,
        owner: OWNER,
        account: FUND,
        fee: NoticedRate {
            rate_ppm: 50_000,
            rise: None,
        },
        book: ShareBook {
            value: 120 * PHA,
            supply: 100 * PHA,
            available: 40 * PHA,
        },
        fee_shares: 0,
        mark_price: Some(PHA),
        queue: Queue::default(),
        pools: vec![VaultInPool {
            pid: 0,
            position: Position {
                shares: 80 * PHA,
                queued: 0,
                requests: 0,
            },
            value: 80 * PHA,
        }],
    }
}

/// A worker of [`OWNER`]'s that has shown nothing.
pub fn standing() -> WorkerStanding {
    WorkerStanding {
        operator: Some(OWNER),
        pool: None,
        session: None,
        performance: WorkerPerformance::default(),
        proven_at_s: None,
        settings: EconomySettings {
            parameters: Parameters::published(12_000),
            share_total: Fixed::from_int(1_000),
            price: Some(Fixed::from_ratio(1, 10).unwrap()),
            cool_down_s: 7 * DAY_S,
            benchmark_life_s: DAY_S,
        },
        block: 1_000,
        now_s: NOW_S,
    }
}

/// A session with 2000 PHA of `beneficiary`'s and a V of 4000 PHA, as it was at its start in block
/// 900.
pub fn session(beneficiary: AccountBytes, phase: SessionPhase) -> StakedSession {
    let v = Fixed::from_int(4_000);
    let state = WorkerState::start(&mut Totals::default(), 900, v, 1_000, 1);
    StakedSession {
        number: 3,
        beneficiary,
        stake: 2_000 * PHA,
        returned: 2_000 * PHA,
        phase,
        state: state.unwrap(),
    }
}

#[async_trait]
impl EconomyReader for FakeEconomy {
    async fn registered_workers(
        &self,
        operator: Option<AccountBytes>,
        limit: usize,
    ) -> Result<Vec<RegisteredWorker>> {
        let workers = self.workers.lock().unwrap();
        let registered = workers.iter().filter_map(|(worker, standing)| {
            Some(RegisteredWorker {
                worker: *worker,
                operator: standing.operator?,
            })
        });
        let meant = registered.filter(|found| operator.is_none_or(|of| of == found.operator));
        Ok(meant.take(limit).collect())
    }

    async fn standing(&self, worker: WorkerId) -> Result<WorkerStanding> {
        let workers = self.workers.lock().unwrap();
        let found = workers.iter().find(|(known, _)| *known == worker);
        let unknown = || WorkerStanding {
            operator: None,
            ..standing()
        };
        Ok(found.map_or_else(unknown, |(_, standing)| standing.clone()))
    }

    async fn pool_count(&self) -> Result<u64> {
        Ok(self.pools.lock().unwrap().len() as u64)
    }

    async fn pool(
        &self,
        pid: u64,
        holder: Option<AccountBytes>,
    ) -> Result<Option<FundState<Pool>>> {
        let pools = self.pools.lock().unwrap();
        let Some(pool) = pools.get(pid as usize) else {
            return Ok(None);
        };
        let waiting = self.pool_queue.lock().unwrap();
        let is_listed = |who: AccountBytes| self.whitelist.lock().unwrap().contains(&who);
        let holder = holder.map(|account| Holder {
            may_delegate: !pool.is_restricted || account == pool.owner || is_listed(account),
            ..self.holder(account, &waiting)
        });
        Ok(Some(FundState {
            fund: Pool {
                queue: queue_of(&waiting),
                ..pool.clone()
            },
            terms: TERMS,
            now_s: NOW_S,
            holder,
        }))
    }

    async fn pool_terms(&self) -> Result<FundTerms> {
        Ok(TERMS)
    }

    async fn vault_count(&self) -> Result<u64> {
        Ok(self.vaults.lock().unwrap().len() as u64)
    }

    async fn vault(
        &self,
        vid: u64,
        holder: Option<AccountBytes>,
    ) -> Result<Option<FundState<Vault>>> {
        let vaults = self.vaults.lock().unwrap();
        let waiting = self.vault_queue.lock().unwrap();
        Ok(vaults.get(vid as usize).map(|vault| FundState {
            fund: Vault {
                queue: queue_of(&waiting),
                ..vault.clone()
            },
            terms: TERMS,
            now_s: NOW_S,
            holder: holder.map(|account| self.holder(account, &waiting)),
        }))
    }

    async fn vault_terms(&self) -> Result<FundTerms> {
        Ok(TERMS)
    }

    async fn spendable(&self, account: AccountBytes) -> Result<Amount> {
        assert_eq!(account, OWNER);
        Ok(Amount(*self.free.lock().unwrap()))
    }
}

#[async_trait]
impl EconomyWriter for FakeEconomy {
    fn signing_account(&self) -> AccountBytes {
        OWNER
    }

    async fn economy_fee(&self, _action: &EconomyAction) -> Result<Amount> {
        Ok(FEE)
    }

    async fn act_in_economy(&self, action: &EconomyAction) -> Result<(Block, EconomyOutcome)> {
        if self.refuses.load(Ordering::SeqCst) {
            bail!("the chain refused");
        }
        let mut done = self.done.lock().unwrap();
        done.push(*action);
        let block = Block {
            number: done.len() as u64,
            hash: [3; 32],
        };
        Ok((block, *self.outcome.lock().unwrap()))
    }
}
