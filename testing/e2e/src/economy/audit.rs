//! Follows a chain and compares each block with what it has to come to.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail, ensure};
use phat_primitives::WorkerId;
use phat_tokenomics::{Parameters, Totals, WorkerState};

use super::{Block, Chain, Event, Model, Money, Shown};

/// The most blocks that may go by while something is waited for. A worker is challenged every
/// 34th block on average; that none is in so many has a chance of one in 10⁹.
pub const BLOCKS_MAX: u32 = 400;

/// Follows a chain block by block, and works out beside it what its economy has to come to.
pub struct Audit {
    chain: Chain,
    model: Model,
    money: Money,
    /// The number of the block that is looked at next.
    next: u32,
    log: Vec<Event>,
    /// Workers of whose work an answer has shown something.
    measured: BTreeSet<WorkerId>,
}

impl Audit {
    /// Begins behind the newest finalised block. No worker may be in a session there, or have
    /// shown its performance.
    pub async fn start(chain: Chain) -> anyhow::Result<Self> {
        let block = chain.latest().await?;
        let sessions: u32 = block.value("Computation", "ActiveCount").await?;
        ensure!(sessions == 0, "the audit begins too late");
        let parameters: Parameters = block.value("Computation", "EconomyParameters").await?;
        // With the block that it was set in.
        let (price, _): (_, u32) = block.value("Computation", "PhaPrice").await?;
        Ok(Self {
            model: Model::new(parameters, price),
            money: block.money().await?,
            next: u32::try_from(block.number())?.saturating_add(1),
            log: Vec::new(),
            measured: BTreeSet::new(),
            chain,
        })
    }

    /// Follows the chain until `look` finds something.
    pub async fn until<T>(
        &mut self,
        what: &str,
        mut look: impl FnMut(&Self) -> Option<T>,
    ) -> anyhow::Result<T> {
        let last = self.next.saturating_add(BLOCKS_MAX);
        loop {
            if let Some(found) = look(self) {
                return Ok(found);
            }
            ensure!(
                self.next < last,
                "{BLOCKS_MAX} blocks went by in vain for {what}"
            );
            self.follow()
                .await
                .with_context(|| format!("while waiting for {what}"))?;
        }
    }

    /// Follows the chain up to the block with this number.
    pub async fn reach(&mut self, number: u64) -> anyhow::Result<()> {
        while u64::from(self.next) <= number {
            self.follow().await?;
        }
        Ok(())
    }

    /// The number of the block that was looked at last.
    pub fn number(&self) -> u32 {
        self.next.saturating_sub(1)
    }

    /// What happened so far.
    pub fn events(&self) -> impl Iterator<Item = &Event> {
        self.log.iter()
    }

    /// What was paid for a worker so far, without the treasury's part, in units of 10⁻¹² PHA.
    pub fn paid(&self, worker: &WorkerId) -> u128 {
        let amounts = self.events().filter_map(|event| match event {
            Event::PaidOut {
                worker: other,
                amount,
                ..
            } if other == worker => Some(amount),
            _ => None,
        });
        amounts.sum()
    }

    /// When the stake of a worker whose session was stopped may be reclaimed, in seconds since
    /// 1970.
    pub fn stopped_until_s(&self, worker: &WorkerId) -> Option<u64> {
        self.events().find_map(|event| match event {
            Event::SessionStopped {
                worker: other,
                until_s,
            } if other == worker => Some(*until_s),
            _ => None,
        })
    }

    /// Waits until all of these workers have shown their performance.
    pub async fn until_benchmarked(&mut self, workers: &[WorkerId]) -> anyhow::Result<()> {
        self.until("the benchmarks", |audit| {
            let mut workers = workers.iter();
            let are_shown = workers.all(|worker| audit.model.score(worker).is_some());
            are_shown.then_some(())
        })
        .await
    }

    /// The session of a worker, as of its last event.
    pub fn state(&self, worker: &WorkerId) -> Option<&WorkerState> {
        self.model.state(worker)
    }

    /// Whether an answer of a worker has shown work that it did in its session.
    pub fn is_measured(&self, worker: &WorkerId) -> bool {
        self.measured.contains(worker)
    }

    /// Takes in the next block, once it is final, and compares it.
    async fn follow(&mut self) -> anyhow::Result<()> {
        let number = self.next;
        let block = self.chain.block(number).await?;
        let events = block.events().await?;
        let shown = self.shown(number, &block, &events).await?;
        self.model
            .block(number, &events, &shown)
            .with_context(|| format!("block {number} is not what it has to be: {events:?}"))?;
        self.compare(&block, &events)
            .await
            .with_context(|| format!("block {number}: {events:?}"))?;
        for (worker, shown) in shown {
            if matches!(shown, Shown::Iterations { count, .. } if count > 0) {
                self.measured.insert(worker);
            }
        }
        self.log.extend(events);
        self.next = number.saturating_add(1);
        Ok(())
    }

    /// What the answers in a block show. What a worker had committed to, and the time that it had
    /// for it, is in the state before; whether its opening held shows in the one after, where P_t
    /// is zero if not.
    async fn shown(
        &self,
        number: u32,
        block: &Block,
        events: &[Event],
    ) -> anyhow::Result<BTreeMap<WorkerId, Shown>> {
        let mut found = BTreeMap::new();
        for worker in events.iter().filter_map(Event::answered_by) {
            let before = self.chain.at(number.saturating_sub(1)).await?;
            let before = before.session(&worker).await?;
            let after = block.session(&worker).await?;
            let (Some(before), Some(after)) = (before, after) else {
                bail!("{worker} has answered, and has no session");
            };
            let shown = match before.work.committed {
                None => Shown::First,
                Some(_) if after.state.p_instant.is_zero() => Shown::Nothing,
                Some(committed) => Shown::Iterations {
                    count: committed.commitment.iterations.into(),
                    elapsed_ms: committed.elapsed_ms,
                },
            };
            found.insert(worker, shown);
        }
        Ok(found)
    }

    /// Compares what the chain stores with the model, to the last bit, and the money with what was
    /// paid.
    async fn compare(&mut self, block: &Block, events: &[Event]) -> anyhow::Result<()> {
        for (worker, expected) in self.model.states() {
            let session = block.session(worker).await?;
            let session = session.with_context(|| format!("{worker} has no session"))?;
            ensure!(
                session.state == *expected,
                "{worker} is {:?}\nand has to be {expected:?}",
                session.state
            );
        }
        let totals: Totals = block.value("Computation", "ShareTotals").await?;
        let expected = self.model.totals();
        ensure!(totals == *expected, "{totals:?} is not {expected:?}");
        let money = block.money().await?;
        let expected = moved(self.money, events).context("more was paid than there is")?;
        ensure!(money == expected, "{money:?} is not {expected:?}");
        self.money = money;
        Ok(())
    }
}

/// Where PHA are after these events. Nothing is issued or burned, and fees are the validators'.
fn moved(before: Money, events: &[Event]) -> Option<Money> {
    events.iter().try_fold(before, |money, event| {
        let (paid, to_treasury) = match *event {
            Event::PaidOut {
                amount, treasury, ..
            } => (amount.checked_add(treasury)?, treasury),
            Event::StakeReclaimed { slashed, .. } => (0, slashed),
            _ => (0, 0),
        };
        Some(Money {
            issuance: money.issuance,
            mining_pool: money.mining_pool.checked_sub(paid)?,
            treasury: money.treasury.checked_add(to_treasury)?,
        })
    })
}
