//! Finds the firings of schedules.
//!
//! Each schedule is looked at by itself: an owner that takes long, or a chain that is away,
//! keeps no other schedule from firing.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::{StreamExt, stream::FuturesUnordered};
use phat_manifest::{SCHEDULE_GRACE_S, Schedule, ScheduleTrigger, time_text};
use phat_primitives::ContractId;
use phat_worker_core::{Cause, Firing, NewFiring};
use tokio::{
    sync::watch,
    time::{Instant, MissedTickBehavior},
};

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
/// The longest pause between tries after the journal failed, or an owner took nothing.
const RETRY_MAX: Duration = Duration::from_secs(10);
/// Schedules of one owner that are looked at, or handed over, at once.
const LOOKS_CONCURRENT_MAX: usize = 16;

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

/// A schedule and when it is looked at.
struct Entry {
    progress: Progress,
    /// It is being looked at.
    is_busy: bool,
    /// When it is looked at again.
    try_from: Option<Instant>,
    backoff: Backoff,
}

/// How far a schedule is.
#[derive(Clone)]
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

impl Progress {
    /// The chain of the anchor that takes the outcome; empty if none does.
    fn chain(&self) -> &str {
        let reply = self.trigger.reply.as_ref();
        reply.map_or("", |reply| reply.chain.as_str())
    }

    /// Whether it fires by now.
    fn fires(&self, now: u64) -> bool {
        self.next.is_some_and(|next| next <= seconds(now))
    }

    /// Whether something is to be journaled: that it fires, or how far it is.
    fn is_due(&self, now: u64) -> bool {
        // At the anchor one firing is done after the other, in their order: its cursor is
        // the last one.
        let is_ordered = self.trigger.reply.is_some();
        let is_near = self
            .kept
            .is_some_and(|kept| is_ordered || now.saturating_sub(kept.last) < CURSOR_SECONDS_MAX);
        self.fires(now) || !is_near
    }
}

impl Clock {
    /// Looks at the clock until the worker ends.
    pub async fn run(self) {
        let mut shutdown = self.shutdown.clone();
        let mut backoff = Backoff::new(self.retry, RETRY_MAX);
        let mut places = BTreeMap::new();
        let mut looks = FuturesUnordered::new();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = shutdown.requested() => return,
                Some((place, progress, looked)) = looks.next() => {
                    self.put_back(&mut places, &place, progress, looked);
                }
                _ = tick.tick() => match self.take_schedules(&mut places, now_s()).await {
                    Ok(()) => backoff.reset(),
                    Err(error) => {
                        self.journal_failed(&error);
                        tick.reset_after(backoff.pause());
                    }
                },
            }
            for (place, progress) in self.due(&mut places, now_s()) {
                looks.push(self.look_at(place, progress));
            }
        }
    }

    fn journal_failed(&self, error: &JournalError) {
        self.metrics.journal_errors.inc();
        self.health.fault("journal", error);
    }

    /// What is known of the contracts, if that is not too old: what has changed meanwhile
    /// is not known then, and what fires now is made up for.
    fn snapshot(&self) -> Option<Arc<Snapshot>> {
        let snapshot = self.snapshot.borrow().clone();
        snapshot.filter(|snapshot| !snapshot.is_stale)
    }

    /// The schedules to look at now, of each owner no more than so many at once.
    fn due(&self, places: &mut BTreeMap<Place, Entry>, now: u64) -> Vec<(Place, Progress)> {
        if self.snapshot().is_none() {
            return Vec::new();
        }
        let mut busy = BTreeMap::<String, usize>::new();
        for entry in places.values().filter(|entry| entry.is_busy) {
            *busy.entry(entry.progress.chain().to_owned()).or_default() += 1;
        }
        let moment = Instant::now();
        let mut due = Vec::new();
        for (place, entry) in places.iter_mut() {
            let chain = entry.progress.chain();
            let is_free = !entry.is_busy && entry.try_from.is_none_or(|from| moment >= from);
            // That nobody owns it is told among the contract's errors. It is not noted as
            // dealt with: with an endpoint for the chain the worker makes up for it.
            if !is_free || !entry.progress.is_due(now) || !self.owners.has(chain) {
                continue;
            }
            let count = busy.entry(chain.to_owned()).or_default();
            if *count < LOOKS_CONCURRENT_MAX {
                *count += 1;
                entry.is_busy = true;
                due.push((place.clone(), entry.progress.clone()));
            }
        }
        due
    }

    async fn look_at(
        &self,
        place: Place,
        mut progress: Progress,
    ) -> (Place, Progress, Result<(), Stop>) {
        let looked = self.look(place.0, &mut progress, now_s()).await;
        (place, progress, looked)
    }

    /// Notes how far a schedule is that was looked at.
    fn put_back(
        &self,
        places: &mut BTreeMap<Place, Entry>,
        place: &Place,
        progress: Progress,
        looked: Result<(), Stop>,
    ) {
        if let Err(Stop::Journal(error)) = &looked {
            self.journal_failed(error);
        }
        let entry = places.get_mut(place);
        // One that has another pattern by now was taken up anew.
        let Some(entry) = entry.filter(|entry| entry.progress.trigger == progress.trigger) else {
            return;
        };
        let pause = match looked {
            Ok(()) => {
                entry.backoff.reset();
                TICK
            }
            Err(_) => entry.backoff.pause(),
        };
        entry.progress = progress;
        entry.is_busy = false;
        entry.try_from = Some(Instant::now() + pause);
    }

    /// Takes over what the contracts list as their schedules now.
    async fn take_schedules(
        &self,
        places: &mut BTreeMap<Place, Entry>,
        now: u64,
    ) -> Result<(), JournalError> {
        let Some(snapshot) = self.snapshot() else {
            return Ok(());
        };
        let mut listed = BTreeMap::new();
        for (id, contract) in &snapshot.contracts {
            if let Ok(serving) = &contract.serving {
                for trigger in serving.manifest.schedules() {
                    listed.insert((*id, trigger.name.clone()), trigger.clone());
                }
            }
        }
        // One that has another pattern now is taken up anew, from where it is.
        places.retain(|place, entry| listed.get(place) == Some(&entry.progress.trigger));
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
            let progress = Progress {
                next: schedule.next_after(seconds(times.last)),
                trigger,
                schedule,
                times,
                kept,
            };
            places.insert(
                place,
                Entry {
                    progress,
                    is_busy: false,
                    try_from: None,
                    backoff: Backoff::new(self.retry, RETRY_MAX),
                },
            );
        }
        Ok(())
    }

    async fn kept(
        &self,
        contract: ContractId,
        name: &str,
    ) -> Result<Option<Scanned>, JournalError> {
        let place = place(name);
        let kept = self
            .journal
            .on_thread(move |journal| journal.cursor(CURSOR_CHAIN, contract, &place));
        kept.await
    }

    /// Has what fires by now journaled.
    async fn look(
        &self,
        contract: ContractId,
        progress: &mut Progress,
        now: u64,
    ) -> Result<(), Stop> {
        let chain = progress.chain().to_owned();
        // At the anchor one firing is done after the other, in their order.
        let is_ordered = progress.trigger.reply.is_some();
        let is_due = progress.fires(now);
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
