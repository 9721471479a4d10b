//! Pools: what they have, who has shares of them, and what is done with them.

use futures::FutureExt;
use phat_primitives::{AccountBytes, WorkerId};
use subxt::utils::{AccountId32, Static};

use crate::{
    ChainError, FundTerms, NoticedRate, Position, Queue, ShareBook, StakedSession, State,
    WaitingWithdrawal,
    answer::in_time,
    api::{self, runtime_types::sp_arithmetic::per_things::Permill},
    fund::{fund_account, position_of, queue_of, withdrawals},
    state::read,
};

/// A pool. Amounts are in units of 10⁻¹² PHA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its number, which is the id of its shares too.
    pub pid: u64,
    /// Who runs it.
    pub owner: AccountBytes,
    /// The account that has its money.
    pub account: AccountBytes,
    /// The owner's part of payouts.
    pub commission: NoticedRate,
    /// What was taken for the owner and not claimed yet.
    pub owner_rewards: u128,
    /// The value that delegations may fill it up to.
    pub cap: Option<u128>,
    /// Whether only the owner and those on the whitelist may delegate.
    pub is_restricted: bool,
    /// How many are on the whitelist.
    pub whitelisted: u32,
    /// What it has.
    pub book: ShareBook,
    /// The withdrawals that wait.
    pub queue: Queue,
    /// Its workers.
    pub workers: Vec<PoolWorker>,
}

impl Pool {
    /// The money that nobody waits for, which can be staked, in units of 10⁻¹² PHA.
    pub fn unowed(&self) -> u128 {
        let owed = self.book.amount_for(self.queue.shares);
        self.book.available.saturating_sub(owed)
    }
}

/// A worker of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolWorker {
    /// The worker.
    pub worker: WorkerId,
    /// Its session, until the stake is reclaimed.
    pub session: Option<StakedSession>,
    /// Whether the stake in it is the pool's.
    pub is_pool_stake: bool,
}

/// What is done with a pool. Amounts are in units of 10⁻¹² PHA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolAction {
    /// Create a pool that takes this part of payouts, in millionths.
    Create {
        /// The commission.
        commission_ppm: u32,
    },
    /// Set the owner's part of payouts, in millionths.
    SetCommission {
        /// The pool.
        pid: u64,
        /// The commission.
        commission_ppm: u32,
    },
    /// Set the value up to which delegations may fill it, or none.
    SetCap {
        /// The pool.
        pid: u64,
        /// The cap.
        cap: Option<u128>,
    },
    /// Say whether only the owner and those on the whitelist may delegate.
    SetRestriction {
        /// The pool.
        pid: u64,
        /// Whether only they may.
        is_restricted: bool,
    },
    /// Put an account on the whitelist.
    AddToWhitelist {
        /// The pool.
        pid: u64,
        /// The account.
        who: AccountBytes,
    },
    /// Take an account off the whitelist.
    RemoveFromWhitelist {
        /// The pool.
        pid: u64,
        /// The account.
        who: AccountBytes,
    },
    /// Add a worker that the owner operates.
    AddWorker {
        /// The pool.
        pid: u64,
        /// The worker.
        worker: WorkerId,
    },
    /// Remove a worker that the pool has no stake in.
    RemoveWorker {
        /// The pool.
        pid: u64,
        /// The worker.
        worker: WorkerId,
    },
    /// Stake money of the pool's on a session of a worker, and start it.
    StartWorker {
        /// The pool.
        pid: u64,
        /// The worker.
        worker: WorkerId,
        /// The stake.
        stake: u128,
    },
    /// Stop a session that the pool has stake in.
    StopWorker {
        /// The pool.
        pid: u64,
        /// The worker.
        worker: WorkerId,
    },
    /// Take the stake of a stopped session back, after the cool-down. Anybody may.
    ReclaimWorker {
        /// The pool.
        pid: u64,
        /// The worker.
        worker: WorkerId,
    },
    /// Pay the owner what was taken for it.
    ClaimOwnerRewards(u64),
    /// Buy shares.
    Delegate {
        /// The pool.
        pid: u64,
        /// For how much.
        amount: u128,
    },
    /// Withdraw what shares are worth.
    Withdraw {
        /// The pool.
        pid: u64,
        /// The shares.
        shares: u128,
    },
    /// Take back what still waits of a withdrawal.
    CancelWithdrawal {
        /// The pool.
        pid: u64,
        /// Its number in the queue.
        request: u64,
    },
    /// Pay withdrawals that wait. Anybody may.
    ProcessQueue {
        /// The pool.
        pid: u64,
        /// The most of them.
        limit: u32,
    },
    /// Stop workers for a withdrawal that has waited for too long. Anybody may.
    Force(u64),
}

impl State {
    /// How many pools there are. They are numbered from 0 on.
    pub async fn pool_count(&self) -> Result<u64, ChainError> {
        let address = api::storage().stake_pool().next_pool_id();
        let count = in_time(self.at.storage().entry(address)?.fetch(())).await?;
        Ok(count.decode().map_err(subxt::Error::from)?)
    }

    /// A pool.
    pub async fn pool(&self, pid: u64) -> Result<Option<Pool>, ChainError> {
        let Some(info) = read!(self, api::storage().stake_pool().pools(), pid) else {
            return Ok(None);
        };
        let account = self.pool_account(pid)?;
        let workers = self.pool_workers(pid, &account).await?;
        let free = self
            .free_balance(&account)
            .await?
            .saturating_sub(info.owner_rewards)
            .saturating_sub(self.existential_deposit()?);
        let value = workers
            .iter()
            .filter(|worker| worker.is_pool_stake)
            .filter_map(|worker| worker.session.as_ref())
            .fold(free, |sum, session| sum.saturating_add(session.returned));
        Ok(Some(Pool {
            pid,
            owner: AccountBytes(info.owner.0),
            account,
            commission: info.commission.into(),
            owner_rewards: info.owner_rewards,
            cap: info.cap,
            is_restricted: info.is_restricted,
            whitelisted: info.whitelisted,
            book: ShareBook {
                value,
                supply: self.share_supply(pid).await?,
                available: free,
            },
            queue: self.pool_queue(pid).await?,
            workers,
        }))
    }

    /// The account that has the money of a pool.
    pub fn pool_account(&self, pid: u64) -> Result<AccountBytes, ChainError> {
        let address = api::constants().stake_pool().pallet_id();
        let pallet = self.at.constants().entry(address)?;
        Ok(fund_account(&pallet, pid))
    }

    async fn pool_workers(
        &self,
        pid: u64,
        account: &AccountBytes,
    ) -> Result<Vec<PoolWorker>, ChainError> {
        let list = read!(self, api::storage().stake_pool().pool_workers(), pid);
        let mut workers = Vec::new();
        for Static(worker) in list.map_or_else(Vec::new, |list| list.0) {
            let session = self.staked_session(&worker).await?;
            let beneficiary = session.as_ref().map(|session| session.beneficiary);
            workers.push(PoolWorker {
                worker,
                is_pool_stake: beneficiary == Some(*account),
                session,
            });
        }
        Ok(workers)
    }

    async fn pool_queue(&self, pid: u64) -> Result<Queue, ChainError> {
        let ends = read!(self, api::storage().stake_pool().withdrawal_queues(), pid);
        let first = match ends.as_ref().and_then(|ends| ends.first) {
            Some(first) => read!(self, api::storage().stake_pool().withdrawals(), pid, first),
            None => None,
        };
        Ok(queue_of(ends.as_ref(), first.as_ref()))
    }

    /// The withdrawals that wait in a pool's queue, in the order in which they are paid.
    pub async fn pool_withdrawals(&self, pid: u64) -> Result<Vec<WaitingWithdrawal>, ChainError> {
        let address = api::storage().stake_pool().withdrawals();
        Ok(withdrawals!(self, address, pid))
    }

    /// What an account has in a pool.
    pub async fn pool_position(
        &self,
        pid: u64,
        who: &AccountBytes,
    ) -> Result<Position, ChainError> {
        let address = api::storage().stake_pool().waiting_of();
        let queued = read!(self, address, pid, AccountId32(who.0));
        Ok(position_of(self.shares_of(pid, who).await?, queued))
    }

    /// Whether an account is on the whitelist of a pool.
    pub async fn is_whitelisted(&self, pid: u64, who: &AccountBytes) -> Result<bool, ChainError> {
        let address = api::storage().stake_pool().whitelist();
        let listed = read!(self, address, pid, AccountId32(who.0));
        Ok(listed.is_some())
    }

    /// The pool that a worker belongs to.
    pub async fn pool_of(&self, worker: &WorkerId) -> Result<Option<u64>, ChainError> {
        let pid = read!(self, api::storage().stake_pool().pool_of(), Static(*worker));
        Ok(pid)
    }

    /// What the runtime decides about all pools.
    pub fn pool_terms(&self) -> Result<FundTerms, ChainError> {
        let constants = self.at.constants();
        let pools = || api::constants().stake_pool();
        Ok(FundTerms {
            seed: constants.entry(pools().seed())?,
            existential_deposit: self.existential_deposit()?,
            delegation_min: constants.entry(pools().min_delegation())?,
            request_min: constants.entry(pools().min_request())?,
            rate_ppm_max: constants.entry(pools().max_commission())?.0,
            grace_s: constants.entry(pools().grace_period())?,
            requests_max: constants.entry(pools().max_requests_per_account())?,
        })
    }

    /// The bytes of the call that does it.
    pub(crate) fn pool_call(&self, action: &PoolAction) -> Result<Vec<u8>, ChainError> {
        use PoolAction as Action;

        let calls = api::transactions().stake_pool();
        match *action {
            Action::Create { commission_ppm } => {
                self.encode(&calls.create(Permill(commission_ppm)))
            }
            Action::SetCommission {
                pid,
                commission_ppm,
            } => self.encode(&calls.set_commission(pid, Permill(commission_ppm))),
            Action::SetCap { pid, cap } => self.encode(&calls.set_cap(pid, cap)),
            Action::SetRestriction { pid, is_restricted } => {
                self.encode(&calls.set_restriction(pid, is_restricted))
            }
            Action::AddToWhitelist { pid, who } => {
                self.encode(&calls.add_to_whitelist(pid, AccountId32(who.0)))
            }
            Action::RemoveFromWhitelist { pid, who } => {
                self.encode(&calls.remove_from_whitelist(pid, AccountId32(who.0)))
            }
            Action::AddWorker { pid, worker } => {
                self.encode(&calls.add_worker(pid, Static(worker)))
            }
            Action::RemoveWorker { pid, worker } => {
                self.encode(&calls.remove_worker(pid, Static(worker)))
            }
            Action::StartWorker { pid, worker, stake } => {
                self.encode(&calls.start_worker(pid, Static(worker), stake))
            }
            Action::StopWorker { pid, worker } => {
                self.encode(&calls.stop_worker(pid, Static(worker)))
            }
            Action::ReclaimWorker { pid, worker } => {
                self.encode(&calls.reclaim_worker(pid, Static(worker)))
            }
            Action::ClaimOwnerRewards(pid) => self.encode(&calls.claim_owner_rewards(pid)),
            Action::Delegate { pid, amount } => self.encode(&calls.delegate(pid, amount)),
            Action::Withdraw { pid, shares } => self.encode(&calls.withdraw(pid, shares)),
            Action::CancelWithdrawal { pid, request } => {
                self.encode(&calls.cancel_withdrawal(pid, request))
            }
            Action::ProcessQueue { pid, limit } => self.encode(&calls.process_queue(pid, limit)),
            Action::Force(pid) => self.encode(&calls.check_and_force_withdraw(pid)),
        }
    }
}
