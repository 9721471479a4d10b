//! The sessions of workers, as those who stake on them see them.

use futures::FutureExt;
use phat_primitives::{AccountBytes, WorkerId};
use phat_tokenomics::{Fixed, Parameters, WorkerState, final_stake, stake_min};
use subxt::utils::{AccountId32, Static};

use crate::{
    ChainError, SessionPhase, State,
    answer::in_time,
    api::{
        self,
        runtime_types::pallet_computation::types::{
            Phase as StoredPhase, Session as StoredSession,
        },
    },
    state::read,
};

/// A session with its stake, as it is at one block. Amounts are in units of 10⁻¹² PHA.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StakedSession {
    /// Its number.
    pub number: u32,
    /// Whose stake it is, and who is paid.
    pub beneficiary: AccountBytes,
    /// What is held.
    pub stake: u128,
    /// What would come back if it ended now and there were no faults any more.
    pub returned: u128,
    /// Whether it runs.
    pub phase: SessionPhase,
    /// Its Value Promise and what goes with it, at that block.
    pub state: WorkerState,
}

/// What governance has decided about sessions, and what is counted over all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EconomySettings {
    /// The parameters of the tokenomics.
    pub parameters: Parameters,
    /// Σshare: the sum of the shares of all idle workers.
    pub share_total: Fixed,
    /// φ: what a PHA costs, in US dollars. No session starts before it is known.
    pub price: Option<Fixed>,
    /// How long a stake stays held after its session was stopped, in seconds.
    pub cool_down_s: u64,
    /// How long a benchmark counts, in seconds.
    pub benchmark_life_s: u64,
}

impl EconomySettings {
    /// The least stake of a worker with the performance `p`, in units of 10⁻¹² PHA.
    pub fn stake_min(&self, p: u32) -> u128 {
        stake_min(&self.parameters, p).to_pha_floor()
    }
}

/// A worker that is registered, and by whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegisteredWorker {
    /// The worker.
    pub worker: WorkerId,
    /// The account that answers for it.
    pub operator: AccountBytes,
}

/// What is done with the session of a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionAction {
    /// Have a worker begin a benchmark. It does the rest by itself.
    BeginBenchmark(WorkerId),
    /// Start a session with a stake of the operator's.
    Start {
        /// The worker.
        worker: WorkerId,
        /// The stake, in units of 10⁻¹² PHA.
        stake: u128,
    },
    /// Stop the session. Its stake cools down.
    Stop(WorkerId),
    /// Release what is left of the stake, once it has cooled down.
    Reclaim(WorkerId),
}

impl State {
    /// A worker's session with its stake, until the stake is reclaimed.
    pub async fn staked_session(
        &self,
        worker: &WorkerId,
    ) -> Result<Option<StakedSession>, ChainError> {
        let address = api::storage().computation().worker_sessions();
        let Some(stored) = read!(self, address, Static(*worker)) else {
            return Ok(None);
        };
        let parameters = self.economy_parameters().await?;
        Ok(Some(self.with_value(stored, &parameters)))
    }

    /// What governance has decided about sessions, and what is counted over all of them.
    pub async fn economy_settings(&self) -> Result<EconomySettings, ChainError> {
        let storage = self.at.storage();
        let address = api::storage().computation().current_settings();
        let settings = in_time(storage.entry(address)?.fetch(())).await?;
        let settings = settings.decode().map_err(subxt::Error::from)?;
        let address = api::storage().computation().share_totals();
        let totals = in_time(storage.entry(address)?.fetch(())).await?;
        let totals = totals.decode().map_err(subxt::Error::from)?;
        let address = api::storage().computation().pha_price();
        let price = in_time(storage.entry(address)?.try_fetch(())).await?;
        let price = match price {
            Some(price) => Some(price.decode().map_err(subxt::Error::from)?),
            None => None,
        };
        Ok(EconomySettings {
            parameters: self.economy_parameters().await?,
            share_total: totals.share.0,
            price: price.map(|price| price.usd.0),
            cool_down_s: settings.cool_down_s,
            benchmark_life_s: settings.benchmark_life_s,
        })
    }

    /// When a worker has shown its newest performance, in seconds since 1970.
    pub async fn benchmark_proven_at_s(
        &self,
        worker: &WorkerId,
    ) -> Result<Option<u64>, ChainError> {
        let address = api::storage().computation().benchmarks();
        let benchmark = read!(self, address, Static(*worker));
        Ok(benchmark.map(|benchmark| benchmark.proven_at_s))
    }

    /// The registered workers, in no order; of one operator if one is given. No more than `limit`.
    pub async fn registered_workers(
        &self,
        operator: Option<&AccountBytes>,
        limit: usize,
    ) -> Result<Vec<RegisteredWorker>, ChainError> {
        let map = self
            .at
            .storage()
            .entry(api::storage().registry().workers())?;
        let mut entries = in_time(map.iter(())).await?;
        let mut found = Vec::new();
        while found.len() < limit {
            let Some(entry) = in_time(entries.next().map(Option::transpose)).await? else {
                break;
            };
            let (worker,) = entry
                .key()
                .and_then(|key| key.decode())
                .map_err(subxt::Error::from)?;
            let info = entry.value().decode().map_err(subxt::Error::from)?;
            let of = AccountBytes(info.operator.0);
            if operator.is_none_or(|operator| *operator == of) {
                found.push(RegisteredWorker {
                    worker: worker.0,
                    operator: of,
                });
            }
        }
        Ok(found)
    }

    pub(crate) async fn economy_parameters(&self) -> Result<Parameters, ChainError> {
        let address = api::storage().computation().economy_parameters();
        let parameters = in_time(self.at.storage().entry(address)?.fetch(())).await?;
        Ok(parameters.decode().map_err(subxt::Error::from)?.0)
    }

    /// A session as it is stored since its last event, brought to this block.
    fn with_value(
        &self,
        stored: StoredSession<AccountId32>,
        parameters: &Parameters,
    ) -> StakedSession {
        // Blocks are numbered with 32 bits on the chain.
        let now = u32::try_from(self.number()).unwrap_or(u32::MAX);
        let (state, phase) = match stored.phase {
            StoredPhase::Running { .. } => {
                (stored.state.0.at(parameters, now), SessionPhase::Running)
            }
            StoredPhase::CoolingDown { until } => {
                (stored.state.0, SessionPhase::CoolingDown { until_s: until })
            }
        };
        let returned = final_stake(stored.stake, state.v, state.v_initial);
        StakedSession {
            number: stored.number,
            beneficiary: AccountBytes(stored.beneficiary.0),
            stake: stored.stake,
            returned: returned.min(stored.stake),
            phase,
            state,
        }
    }

    /// The bytes of the call that does it.
    pub(crate) fn session_call(&self, action: &SessionAction) -> Result<Vec<u8>, ChainError> {
        let calls = api::transactions().computation();
        match *action {
            SessionAction::BeginBenchmark(worker) => {
                self.encode(&calls.begin_benchmark(Static(worker)))
            }
            SessionAction::Start { worker, stake } => {
                self.encode(&calls.start_session(Static(worker), stake))
            }
            SessionAction::Stop(worker) => self.encode(&calls.stop_session(Static(worker))),
            SessionAction::Reclaim(worker) => self.encode(&calls.reclaim_stake(Static(worker))),
        }
    }
}
