//! How runs share an engine, so that no contract keeps others from running.
//!
//! Two rules, whoever else is there:
//!
//! - Calls cost whoever makes them nothing, so they get at most half of the
//!   memory, of the open requests and of the lookups, and at most half of what their
//!   contract may have of these two: the rest is always there for runs that anchors
//!   wait for.
//! - A contract gets at most a quarter of the memory, of the runs of a class, of
//!   the open requests and of the lookups. The oldest of its runs may have more
//!   memory, up to its own limits, so that one run always gets through.
//!
//! A run that is refused fails as [`FailureCode::Engine`]: nothing is wrong with
//! it, and it is made again later. Requests and lookups wait instead.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use phat_primitives::ContractId;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::{FailureCode, RunClass, RunFailure};

/// The part of what is shared that calls get, as a divisor.
const CALLS_PART: usize = 2;
/// The part of what is shared that one contract gets, as a divisor.
const CONTRACT_PART: usize = 4;

/// What there is to share.
#[derive(Clone, Debug)]
pub struct Bounds {
    pub anchor_runs: usize,
    pub calls: usize,
    pub memory_bytes: u64,
    pub requests: usize,
    pub lookups: usize,
}

/// Who has how much of an engine.
pub struct Shares {
    bounds: Bounds,
    anchor_runs: Semaphore,
    calls: Semaphore,
    requests: Supply,
    lookups: Supply,
    used: Mutex<Used>,
}

#[derive(Default)]
struct Used {
    /// How many runs there ever were.
    runs: u64,
    bytes: u64,
    call_bytes: u64,
    contracts: HashMap<ContractId, OfContract>,
}

struct OfContract {
    /// The runs under way or waiting for their turn, the oldest first.
    runs: BTreeMap<u64, RunClass>,
    bytes: u64,
    requests: Supply,
    lookups: Supply,
}

impl OfContract {
    fn new(bounds: &Bounds) -> Self {
        Self {
            runs: BTreeMap::new(),
            bytes: 0,
            requests: Supply::new(part(bounds.requests)),
            lookups: Supply::new(part(bounds.lookups)),
        }
    }

    /// Whether nothing is left of the contract's runs. A lookup may outlast the
    /// run that asked, and counts for the next run too.
    fn is_gone(&self) -> bool {
        self.runs.is_empty()
            && self.bytes == 0
            && self.requests.is_unused()
            && self.lookups.is_unused()
    }
}

/// What one contract may have of a number of things, such as the runs of a class:
/// whoever starts runs and has more of one contract keeps them waiting.
pub fn part(count: usize) -> usize {
    (count / CONTRACT_PART).max(1)
}

impl Shares {
    pub fn new(bounds: Bounds) -> Self {
        Self {
            anchor_runs: Semaphore::new(bounds.anchor_runs),
            calls: Semaphore::new(bounds.calls),
            requests: Supply::new(bounds.requests),
            lookups: Supply::new(bounds.lookups),
            used: Mutex::default(),
            bounds,
        }
    }

    /// Counts a run, if its contract does not have its share of runs already.
    pub fn enter(
        self: &Arc<Self>,
        class: RunClass,
        contract: ContractId,
    ) -> Result<Place, RunFailure> {
        let runs_max = part(match class {
            RunClass::Anchor => self.bounds.anchor_runs,
            RunClass::Call => self.bounds.calls,
        });
        let mut used = self.used();
        let used = &mut *used;
        used.contracts.retain(|_, contract| !contract.is_gone());
        let of_contract = used
            .contracts
            .entry(contract)
            .or_insert_with(|| OfContract::new(&self.bounds));
        let running = of_contract.runs.values().filter(|other| **other == class);
        if running.count() >= runs_max {
            return Err(refused(format_args!(
                "the contract has {runs_max} runs under way, which is its share of this worker"
            )));
        }
        used.runs += 1;
        of_contract.runs.insert(used.runs, class);
        Ok(Place {
            requests: Turns::new(class, [&of_contract.requests, &self.requests]),
            lookups: LookupTurns {
                shares: self.clone(),
                contract,
                class,
            },
            account: Account {
                shares: self.clone(),
                contract,
                class,
                run: used.runs,
            },
        })
    }

    /// How many runs have their turn.
    pub fn under_way(&self) -> usize {
        let all = self.bounds.anchor_runs + self.bounds.calls;
        all.saturating_sub(self.anchor_runs.available_permits() + self.calls.available_permits())
    }

    fn take(&self, account: &Account, more: u64) -> Result<(), RunFailure> {
        let bytes_max = self.bounds.memory_bytes;
        let mut used = self.used();
        let used = &mut *used;
        let within = |bytes: u64, max: u64| bytes.checked_add(more).filter(|total| *total <= max);
        let bytes = within(used.bytes, bytes_max)
            .ok_or_else(|| refused("the memory of this worker is in use"))?;
        let call_bytes = match account.class {
            RunClass::Anchor => used.call_bytes,
            RunClass::Call => within(used.call_bytes, bytes_max / CALLS_PART as u64)
                .ok_or_else(|| refused("the memory that this worker has for calls is in use"))?,
        };
        let contract = used
            .contracts
            .entry(account.contract)
            .or_insert_with(|| OfContract::new(&self.bounds));
        let is_oldest = contract.runs.keys().next() == Some(&account.run);
        let contract_max = if is_oldest {
            u64::MAX
        } else {
            bytes_max / CONTRACT_PART as u64
        };
        contract.bytes = within(contract.bytes, contract_max).ok_or_else(|| {
            refused("other runs of the contract use its share of the memory of this worker")
        })?;
        used.bytes = bytes;
        used.call_bytes = call_bytes;
        Ok(())
    }

    fn give_back(&self, account: &Account, bytes: u64) {
        let mut used = self.used();
        used.bytes = used.bytes.saturating_sub(bytes);
        if account.class == RunClass::Call {
            used.call_bytes = used.call_bytes.saturating_sub(bytes);
        }
        if let Some(contract) = used.contracts.get_mut(&account.contract) {
            contract.bytes = contract.bytes.saturating_sub(bytes);
        }
    }

    /// The turns of a contract for lookups, whether it has a run or not.
    fn lookup_turns(&self, contract: ContractId, class: RunClass) -> Turns {
        let mut used = self.used();
        let of_contract = used
            .contracts
            .entry(contract)
            .or_insert_with(|| OfContract::new(&self.bounds));
        Turns::new(class, [&of_contract.lookups, &self.lookups])
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        // The numbers are changed together at the end of each function, where
        // nothing panics: a panic elsewhere leaves none half changed.
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(why: impl fmt::Display) -> RunFailure {
    RunFailure::new(FailureCode::Engine, format!("{why}; try again later"))
}

/// A run's place in an engine. The run counts until it is dropped.
pub struct Place {
    account: Account,
    /// For its requests.
    pub requests: Turns,
    /// For its lookups.
    pub lookups: LookupTurns,
}

impl Place {
    /// Waits while as many runs of the class go on as may.
    pub async fn turn(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        let shares = &self.account.shares;
        match self.account.class {
            RunClass::Anchor => shares.anchor_runs.acquire().await,
            RunClass::Call => shares.calls.acquire().await,
        }
    }

    /// What the run's memory is counted on.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// Whose run it is.
    pub fn contract(&self) -> ContractId {
        self.account.contract
    }

    /// What it is for.
    pub fn class(&self) -> RunClass {
        self.account.class
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Account {
            shares,
            contract,
            run,
            ..
        } = &self.account;
        if let Some(contract) = shares.used().contracts.get_mut(contract) {
            contract.runs.remove(run);
        }
    }
}

/// Whose memory it is.
#[derive(Clone)]
pub struct Account {
    shares: Arc<Shares>,
    contract: ContractId,
    class: RunClass,
    run: u64,
}

impl Account {
    /// Counts memory that something of the run takes; none at first.
    pub fn charge(&self) -> Charge {
        Charge {
            account: self.clone(),
            bytes: 0,
        }
    }
}

/// Memory that counts until this is dropped.
pub struct Charge {
    account: Account,
    bytes: u64,
}

impl Charge {
    /// Counts something else of the same run; nothing at first.
    pub fn another(&self) -> Self {
        self.account.charge()
    }

    /// Counts more, if it is there.
    pub fn add(&mut self, more: u64) -> Result<(), RunFailure> {
        self.account.shares.take(&self.account, more)?;
        self.bytes = self.bytes.saturating_add(more);
        Ok(())
    }

    /// Counts less.
    pub fn give_back(&mut self, less: u64) {
        let less = less.min(self.bytes);
        self.account.shares.give_back(&self.account, less);
        self.bytes -= less;
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.account.shares.give_back(&self.account, self.bytes);
    }
}

/// A number of things that may be under way at once.
struct Supply {
    of_all: Arc<Semaphore>,
    of_calls: Arc<Semaphore>,
}

impl Supply {
    fn new(count: usize) -> Self {
        let of_calls = (count / CALLS_PART).max(1);
        Self {
            of_all: Arc::new(Semaphore::new(count)),
            of_calls: Arc::new(Semaphore::new(of_calls)),
        }
    }

    /// Whether nothing is under way, and nothing can be any more.
    fn is_unused(&self) -> bool {
        [&self.of_all, &self.of_calls]
            .into_iter()
            .all(|semaphore| Arc::strong_count(semaphore) == 1)
    }
}

/// How many of something may be under way: of one contract, and of all.
#[derive(Clone)]
pub struct Turns(Vec<Arc<Semaphore>>);

/// The turn of one, until it is dropped.
pub struct Turn {
    // The semaphores are never closed, so these are never errors.
    _permits: Vec<Result<OwnedSemaphorePermit, AcquireError>>,
}

impl Turns {
    /// Of these, which are waited for one after the other.
    fn new(class: RunClass, supplies: [&Supply; 2]) -> Self {
        let of_class = |supply: &Supply| match class {
            RunClass::Anchor => vec![supply.of_all.clone()],
            RunClass::Call => vec![supply.of_calls.clone(), supply.of_all.clone()],
        };
        Self(supplies.into_iter().flat_map(of_class).collect())
    }

    /// Waits for a turn. Who waits for the others of its contract does not stand
    /// in the way of other contracts.
    pub async fn next(&self) -> Turn {
        let mut permits = Vec::with_capacity(self.0.len());
        for semaphore in &self.0 {
            permits.push(semaphore.clone().acquire_owned().await);
        }
        Turn { _permits: permits }
    }
}

/// The turns of a contract for its lookups, to be kept with its connections, which
/// outlast its runs. The contract counts only while one waits or goes on.
#[derive(Clone)]
pub struct LookupTurns {
    shares: Arc<Shares>,
    contract: ContractId,
    class: RunClass,
}

impl LookupTurns {
    /// Waits for a turn.
    pub async fn next(&self) -> Turn {
        let turns = self.shares.lookup_turns(self.contract, self.class);
        turns.next().await
    }
}

/// The memory of a report's transcript. It counts towards what the engine may
/// use until this and its clones are dropped: keep one with the transcript, in
/// whatever form that is kept in memory.
#[derive(Clone, Default)]
pub struct HeldMemory(Option<Arc<Charge>>);

impl HeldMemory {
    pub(crate) fn new(charge: Charge) -> Self {
        Self(Some(Arc::new(charge)))
    }

    /// How many bytes count.
    pub fn bytes(&self) -> u64 {
        self.0.as_ref().map_or(0, |charge| charge.bytes)
    }
}

impl fmt::Debug for HeldMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HeldMemory").field(&self.bytes()).finish()
    }
}

#[cfg(test)]
#[path = "shares_tests.rs"]
mod tests;
