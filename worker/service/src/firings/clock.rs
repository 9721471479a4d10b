//! Finds the firings of schedules.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use phat_manifest::{SCHEDULE_GRACE_S, Schedule, ScheduleTrigger, time_text};
use phat_primitives::ContractId;
use phat_worker_core::{Cause, Firing, NewFiring};
use tokio::sync::watch;

use super::{NotTaken, Owners, new_firing, place};
use crate::{
    backlog::Backlog,
    contracts::Snapshot,
    health::Health,
    journal::{Cursor, Journal, JournalError, Scanned},
    metrics::Metrics,
    pace::{Backoff, Shutdown, now_s},
};

/// What the journal has in place of a chain where it notes how far a schedule is.
const CURSOR_CHAIN: &str = "schedule";
/// Time between two looks at the clock.
const TICK: Duration = Duration::from_millis(500);
/// Seconds without a firing after which the journal notes the time.
const CURSOR_SECONDS_MAX: u64 = 300;
/// The longest pause between tries after the journal failed.
const RETRY_MAX: Duration = Duration::from_secs(10);

/// Finds the firings of schedules.
pub struct Clock {
    /// Which contracts there are.
    pub snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
    /// Where it is noted how far each schedule is.
    pub journal: Arc<Journal>,
    /// Whom to tell.
    pub owners: Owners,
    /// How many requests their owners have on their hands, by the chain that they are
    /// settled on.
    pub backlogs: Arc<BTreeMap<String, Arc<Backlog>>>,
    /// Where to note what is wrong.
    pub health: Health,
    /// What to count in.
    pub metrics: Arc<Metrics>,
    /// The first pause before what failed is tried again.
    pub retry: Duration,
    /// When to end.
    pub shutdown: Shutdown,
}

/// A contract's trigger.
type Place = (ContractId, String);

/// How far a schedule is.
struct Progress {
    trigger: ScheduleTrigger,
    schedule: Schedule,
    /// The first time that counts, and the last that was dealt with.
    times: Scanned,
    /// As the journal has it.
    kept: Option<Scanned>,
    /// When it fires next.
    next: Option<i64>,
}

/// Why a look came to nothing.
enum Stop {
    Journal(JournalError),
    NotTaken,
}

impl From<JournalError> for Stop {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl From<NotTaken> for Stop {
    fn from(_: NotTaken) -> Self {
        Self::NotTaken
    }
}

impl Clock {
    /// Looks at the clock until the worker ends.
    pub async fn run(self) {
        let mut shutdown = self.shutdown.clone();
        let mut backoff = Backoff::new(self.retry, RETRY_MAX);
        let mut places = BTreeMap::new();
        loop {
            let turn = tokio::select! {
                () = shutdown.requested() => return,
                turn = self.turn(&mut places, now_s()) => turn,
            };
            let pause = match turn {
                Ok(()) => {
                    backoff.reset();
                    TICK
                }
                Err(Stop::Journal(error)) => {
                    self.metrics.journal_errors.inc();
                    self.health.fault("journal", error);
                    backoff.pause()
                }
                Err(Stop::NotTaken) => backoff.pause(),
            };
            if !shutdown.sleep(pause).await {
                return;
            }
        }
    }

    async fn turn(&self, places: &mut BTreeMap<Place, Progress>, now: u64) -> Result<(), Stop> {
        let snapshot = self.snapshot.borrow().clone();
        let Some(snapshot) = snapshot.filter(|snapshot| !snapshot.is_stale) else {
            // What has changed meanwhile is not known. What fires now is made up for.
            return Ok(());
        };
        self.take_schedules(&snapshot, places, now).await?;
        for ((contract, _), progress) in places.iter_mut() {
            self.look(*contract, progress, now).await?;
        }
        Ok(())
    }

    /// Takes over what the contracts list as their schedules now.
    async fn take_schedules(
        &self,
        snapshot: &Snapshot,
        places: &mut BTreeMap<Place, Progress>,
        now: u64,
    ) -> Result<(), Stop> {
        let mut listed = BTreeMap::new();
        for (id, contract) in &snapshot.contracts {
            if let Ok(serving) = &contract.serving {
                for trigger in serving.manifest.schedules() {
                    listed.insert((*id, trigger.name.clone()), trigger.clone());
                }
            }
        }
        // One that has another pattern now is taken up anew, from where it is.
        places.retain(|place, progress| listed.get(place) == Some(&progress.trigger));
        for ((contract, name), trigger) in listed {
            let place = (contract, name);
            if places.contains_key(&place) {
                continue;
            }
            // A manifest that is served was checked, its schedules included.
            let Ok(schedule) = trigger.schedule() else {
                continue;
            };
            let kept = self.kept(contract, &trigger.name).await?;
            // What fired before the worker knew of the trigger is none of its business.
            let times = kept.unwrap_or(Scanned {
                first: now,
                last: now,
            });
            places.insert(
                place,
                Progress {
                    next: schedule.next_after(seconds(times.last)),
                    trigger,
                    schedule,
                    times,
                    kept,
                },
            );
        }
        Ok(())
    }

    async fn kept(&self, contract: ContractId, name: &str) -> Result<Option<Scanned>, Stop> {
        let place = place(name);
        let kept = self
            .journal
            .on_thread(move |journal| journal.cursor(CURSOR_CHAIN, contract, &place));
        Ok(kept.await?)
    }

    /// Has what fires by now journaled.
    async fn look(
        &self,
        contract: ContractId,
        progress: &mut Progress,
        now: u64,
    ) -> Result<(), Stop> {
        let reply = progress.trigger.reply.as_ref();
        let chain = reply.map_or("", |reply| reply.chain.as_str()).to_owned();
        // At the anchor one firing is done after the other, in their order.
        let is_ordered = reply.is_some();
        let is_due = progress.next.is_some_and(|next| next <= seconds(now));
        let is_near = progress
            .kept
            .is_some_and(|kept| is_ordered || now.saturating_sub(kept.last) < CURSOR_SECONDS_MAX);
        if !is_due && is_near {
            return Ok(());
        }
        if !self.owners.has(&chain) {
            // Told among the contract's errors. It is not noted as dealt with: with an
            // endpoint for the chain the worker makes up for it.
            return Ok(());
        }
        if is_ordered && is_due && self.is_open(contract, progress).await? {
            return Ok(());
        }
        let mut due = if is_due {
            let done = seconds(progress.times.last);
            progress.schedule.due(done, seconds(now))
        } else {
            Vec::new()
        };
        let taken_max = self
            .room(contract, &chain)
            .min(if is_ordered { 1 } else { usize::MAX });
        let has_more = due.len() > taken_max;
        due.truncate(taken_max);
        let last = match due.last().and_then(|time| u64::try_from(*time).ok()) {
            Some(time) if has_more || is_ordered => time,
            // What waits too long for room was missed.
            None if has_more => return Ok(()),
            // The clock of the machine may have been put back.
            _ => now.max(progress.times.last),
        };
        let firings: Vec<NewFiring> = due
            .into_iter()
            .filter_map(|time| firing(contract, &progress.trigger, time, now))
            .collect();
        let scanned = Scanned {
            first: progress.times.first,
            last,
        };
        let cursor = Cursor {
            chain: CURSOR_CHAIN.into(),
            contract,
            anchor: place(&progress.trigger.name),
            scanned,
        };
        self.owners.take(&chain, firings, Some(cursor)).await?;
        progress.times = scanned;
        progress.kept = Some(scanned);
        progress.next = progress.schedule.next_after(seconds(scanned.last));
        Ok(())
    }
}

impl Clock {
    /// How many more firings of a contract may be taken up by whoever owns them.
    fn room(&self, contract: ContractId, chain: &str) -> usize {
        let backlog = self.backlogs.get(chain);
        backlog.map_or(0, |backlog| backlog.room(contract))
    }

    /// Whether the last firing of a schedule is not done yet.
    async fn is_open(&self, contract: ContractId, progress: &Progress) -> Result<bool, Stop> {
        let last = Firing {
            contract,
            trigger: progress.trigger.name.clone(),
            cause: Cause::Time(progress.times.last),
        };
        let id = last.id();
        let record = self.journal.on_thread(move |journal| journal.record(id));
        Ok(record.await?.is_some_and(|record| !record.is_final()))
    }
}

/// What fires at this time, as its owner takes it.
fn firing(
    contract: ContractId,
    trigger: &ScheduleTrigger,
    time: i64,
    now: u64,
) -> Option<NewFiring> {
    let fires_at = u64::try_from(time).ok()?;
    let input = serde_json::json!({
        "kind": "schedule",
        "trigger": trigger.name,
        "time": time_text(time),
    });
    let fires = phat_manifest::FiringTrigger {
        name: &trigger.name,
        side_effects: trigger.side_effects,
        reply: trigger.reply.as_ref(),
    };
    let is_late = seconds(now).saturating_sub(time) > SCHEDULE_GRACE_S;
    let input = input.to_string().into_bytes();
    new_firing(contract, fires, Cause::Time(fires_at), input, is_late).ok()
}

/// Seconds as schedules count them.
fn seconds(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}
