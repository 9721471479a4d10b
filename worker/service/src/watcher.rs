//! Looks for new blocks of a target chain and for requests in them.

mod progress;
mod source;

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use futures::{StreamExt, stream};
use phat_target::{AnchorRequest, BlockRef, Target, TargetError};
use phat_worker_core::Event;
use progress::{Place, Progress, Range, fit};
use source::{Found, Source, log_triggers};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::Instant,
};

use crate::{
    backlog::Backlog,
    contracts::Snapshot,
    firings::{self, NotTaken, Owners},
    health::Health,
    journal::{Cursor, Journal, JournalError, Scanned},
    metrics::Metrics,
    pace::{Backoff, Shutdown},
    settler::Message,
};

/// The most blocks of an anchor that are searched at a time.
const SCAN_BLOCKS_MAX: u64 = 2_000;
/// Blocks that are searched again, for requests that a reorganisation moved.
const RESCAN_BLOCKS: u64 = 8;
/// Blocks after which more are searched again, for requests that a reorganisation moved
/// which went deeper than the confirmations.
const RESCAN_DEEP_EVERY: u64 = 64;
/// Anchors that are searched at once.
const ANCHORS_CONCURRENT_MAX: usize = 8;
/// How long the chain may take to tell its head.
const HEAD_TIME_MAX: Duration = Duration::from_secs(10);
/// The longest pause between tries to reach the chain.
const RETRY_MAX: Duration = Duration::from_secs(10);
/// The longest pause between tries to search an anchor that cannot be searched.
const ANCHOR_RETRY_MAX: Duration = Duration::from_secs(120);

/// Watches one target chain.
pub struct Watcher {
    /// The chain.
    pub target: Arc<dyn Target>,
    /// Time between two looks at the chain.
    pub poll: Duration,
    /// The first pause before the chain is tried again.
    pub retry: Duration,
    /// Which contracts to watch for.
    pub snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
    /// Where the cursors are.
    pub journal: Arc<Journal>,
    /// Whom to tell.
    pub settler: mpsc::Sender<Message>,
    /// How many blocks are searched again now and then.
    pub rescan_blocks: u64,
    /// How many requests the settler has on its hands.
    pub backlog: Arc<Backlog>,
    /// Who owns the records of firings.
    pub owners: Owners,
    /// How many requests their owners have on their hands, by the chain that they are
    /// settled on.
    pub backlogs: Arc<BTreeMap<String, Arc<Backlog>>>,
    /// Where others see the head.
    pub head: watch::Sender<Option<BlockRef>>,
    /// Where to note outages.
    pub health: Health,
    /// What to count in.
    pub metrics: Arc<Metrics>,
    /// When to end.
    pub shutdown: Shutdown,
}

/// What one look at an anchor came to.
struct Looked {
    scanned: Option<Scanned>,
    /// All that is wanted is searched.
    is_done: bool,
    /// It was searched up to the head.
    is_at_head: bool,
    /// The contract has as many requests as it may.
    is_full: bool,
}

/// Why a look came to nothing.
enum Stop {
    Target(TargetError),
    Journal(JournalError),
    /// The settler could not journal what was found, or has ended.
    NotTaken,
}

impl From<TargetError> for Stop {
    fn from(error: TargetError) -> Self {
        Self::Target(error)
    }
}

impl From<NotTaken> for Stop {
    fn from(_: NotTaken) -> Self {
        Self::NotTaken
    }
}

impl From<JournalError> for Stop {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl Watcher {
    /// Watches until the worker ends.
    pub async fn run(self) {
        let mut shutdown = self.shutdown.clone();
        let mut backoff = Backoff::new(self.retry, RETRY_MAX);
        let mut anchors = BTreeMap::new();
        loop {
            let turn = tokio::select! {
                () = shutdown.requested() => return,
                turn = self.turn(&mut anchors) => turn,
            };
            let pause = match turn {
                Ok(has_more) => {
                    backoff.reset();
                    if has_more { Duration::ZERO } else { self.poll }
                }
                Err(Stop::Target(error)) => {
                    self.health.fault(self.target.chain(), error);
                    backoff.pause()
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

    /// Tells the head, and searches a piece of each anchor that is behind it: none
    /// waits for another to be searched to its end. `true` if there is more to
    /// search at once.
    async fn turn(&self, anchors: &mut BTreeMap<Place, Progress>) -> Result<bool, Stop> {
        let head = self.tell_head().await?;
        self.health.well(self.target.chain());
        self.take_anchors(anchors);
        let now = Instant::now();
        let due: Vec<(Place, Source, Range)> = anchors
            .iter()
            .filter(|(_, progress)| progress.is_due(head, now))
            .map(|(place, progress)| (place.clone(), progress.source.clone(), progress.range))
            .collect();
        let looks = due.into_iter().map(|(place, source, range)| async move {
            let looked = self.look(&place, &source, range, head).await;
            (place, looked)
        });
        let looks: Vec<_> = stream::iter(looks)
            .buffer_unordered(ANCHORS_CONCURRENT_MAX)
            .collect()
            .await;
        let mut result = Ok(false);
        for (place, looked) in looks {
            let Some(progress) = anchors.get_mut(&place) else {
                continue;
            };
            let part = self.part(&place);
            match looked {
                Ok(looked) => {
                    self.health.contract_well(place.0, &part);
                    progress.backoff.reset();
                    progress.try_from = None;
                    progress.range.is_loaded = true;
                    progress.range.scanned = looked.scanned;
                    if looked.is_at_head {
                        progress.head = Some(head);
                    }
                    if let Ok(has_more) = &mut result {
                        *has_more |= !looked.is_done && !looked.is_full;
                    }
                }
                Err(Stop::Target(error)) => {
                    // An endpoint that goes away shows in the head; one that stays
                    // away from this anchor only is the anchor's fault.
                    if !error.is_outage() || progress.try_from.is_some() {
                        self.health.contract_fault(place.0, &part, error);
                    }
                    progress.try_from = Some(now + progress.backoff.pause());
                }
                // Who owns the firings of logs may be of another chain: nothing else of this
                // one waits for it.
                Err(Stop::NotTaken) if matches!(progress.source, Source::Logs(_)) => {
                    progress.try_from = Some(now + progress.backoff.pause());
                }
                Err(stop) => result = Err(stop),
            }
        }
        result
    }

    /// The chain's head, which the settler and others are told first.
    async fn tell_head(&self) -> Result<BlockRef, Stop> {
        let head = match tokio::time::timeout(HEAD_TIME_MAX, self.target.head()).await {
            Ok(head) => head?,
            Err(_) => {
                return Err(Stop::Target(TargetError::Unreachable {
                    chain: self.target.chain().into(),
                    reason: format!("no answer for {} s", HEAD_TIME_MAX.as_secs()),
                }));
            }
        };
        let is_new = self.head.send_if_modified(|known| {
            let is_new = *known != Some(head);
            *known = Some(head);
            is_new
        });
        if is_new {
            self.metrics.target_head(self.target.chain(), head.number);
            let told = self.settler.send(Message::Head(head)).await;
            told.map_err(|_| Stop::NotTaken)?;
        }
        Ok(head)
    }

    /// Takes over what the contracts list as their anchors now.
    fn take_anchors(&self, anchors: &mut BTreeMap<Place, Progress>) {
        let Some(snapshot) = self.snapshot.borrow().clone() else {
            return;
        };
        let chain = self.target.chain();
        let mut listed = BTreeMap::new();
        for (id, contract) in &snapshot.contracts {
            for (anchor, from_block) in contract.anchors(chain) {
                listed.insert((*id, anchor), (Source::Anchor, from_block));
            }
            for (name, trigger, from_block) in log_triggers(contract, chain) {
                if self.owners.has(&trigger.reply_chain) {
                    let source = Source::Logs(Box::new(trigger));
                    listed.insert((*id, firings::place(name)), (source, from_block));
                }
            }
        }
        anchors.retain(|place, _| {
            let is_listed = listed.contains_key(place);
            if !is_listed {
                self.health.contract_well(place.0, &self.part(place));
            }
            is_listed
        });
        for (place, (source, from_block)) in listed {
            let progress = anchors.entry(place).or_insert_with(|| Progress {
                source: source.clone(),
                range: Range {
                    from_block,
                    is_loaded: false,
                    scanned: None,
                },
                head: None,
                backoff: Backoff::new(self.retry, ANCHOR_RETRY_MAX),
                try_from: None,
            });
            progress.range.from_block = from_block;
            progress.source = source;
        }
    }

    /// What an anchor is called among the faults of its contract.
    fn part(&self, (_, anchor): &Place) -> String {
        if let Some(name) = firings::name_of(anchor) {
            return format!("trigger {name} {}", self.target.chain());
        }
        format!("anchor {} 0x{}", self.target.chain(), hex::encode(anchor))
    }

    /// Searches a piece of an anchor's blocks: on towards the head, and back
    /// towards its first block where that was lowered.
    async fn look(
        &self,
        place: &Place,
        source: &Source,
        range: Range,
        head: BlockRef,
    ) -> Result<Looked, Stop> {
        let Range {
            from_block,
            is_loaded,
            mut scanned,
        } = range;
        if !is_loaded {
            let chain = self.target.chain().to_owned();
            let (contract, anchor) = place.clone();
            scanned = self
                .journal
                .on_thread(move |journal| journal.cursor(&chain, contract, &anchor))
                .await?;
        }
        let mut is_full = false;
        let mut is_at_head = true;
        let start = match scanned {
            Some(scanned) => {
                let again = scanned.last.min(head.number).saturating_add(1);
                let turn = |block: u64| block / RESCAN_DEEP_EVERY;
                let blocks = if turn(head.number) > turn(scanned.last) {
                    self.rescan_blocks.max(RESCAN_BLOCKS)
                } else {
                    RESCAN_BLOCKS
                };
                let again = again.saturating_sub(blocks).max(scanned.first);
                again.max(from_block)
            }
            None => from_block,
        };
        if start <= head.number {
            let room = self.room(place, source);
            if room == 0 {
                (is_full, is_at_head) = (true, false);
            } else {
                let last = self
                    .scan_on((place, source), scanned, start, head.number, room)
                    .await?;
                is_at_head = last.last == head.number;
                scanned = Some(last);
            }
        }
        if let Some(range) = scanned
            && from_block < range.first
        {
            if self.room(place, source) == 0 {
                is_full = true;
            } else {
                scanned = Some(
                    self.scan_back((place, source), range, from_block, head.number)
                        .await?,
                );
            }
        }
        let is_complete = scanned.is_none_or(|range| range.first <= from_block);
        Ok(Looked {
            scanned,
            is_done: is_at_head && is_complete,
            is_at_head,
            is_full,
        })
    }

    /// Searches blocks from `start` on. Gives what is searched then.
    async fn scan_on(
        &self,
        (place, source): (&Place, &Source),
        scanned: Option<Scanned>,
        start: u64,
        head: u64,
        room: usize,
    ) -> Result<Scanned, Stop> {
        let to = head.min(start.saturating_add(SCAN_BLOCKS_MAX - 1));
        let mut found = self.find(place, source, start, to).await?;
        let known_to = scanned.map(|scanned| scanned.last);
        let last = match &mut found {
            Found::Requests(found) => fit(found, |item| item.block.number, known_to, to, room),
            Found::Logs(found) => fit(found, |item| item.block.number, known_to, to, room),
        };
        // A first block that was raised leaves a gap, which is not searched.
        let first = scanned
            .filter(|scanned| start <= scanned.last.saturating_add(1))
            .map_or(start, |scanned| scanned.first);
        let range = Scanned { first, last };
        self.tell((place, source), range, found, head).await?;
        Ok(range)
    }

    /// Searches blocks before the ones that are searched, the latest of them first.
    /// Gives what is searched then.
    async fn scan_back(
        &self,
        (place, source): (&Place, &Source),
        scanned: Scanned,
        from_block: u64,
        head: u64,
    ) -> Result<Scanned, Stop> {
        let first = scanned
            .first
            .saturating_sub(SCAN_BLOCKS_MAX)
            .max(from_block);
        let to = scanned.first.saturating_sub(1);
        let found = self.find(place, source, first, to).await?;
        let range = Scanned {
            first,
            last: scanned.last,
        };
        self.tell((place, source), range, found, head).await?;
        Ok(range)
    }

    /// How many more requests of a place may be taken up by whoever owns them.
    fn room(&self, (contract, _): &Place, source: &Source) -> usize {
        match source {
            Source::Anchor => self.backlog.room(*contract),
            Source::Logs(trigger) => {
                let backlog = self.backlogs.get(&trigger.reply_chain);
                backlog.map_or(0, |backlog| backlog.room(*contract))
            }
        }
    }

    async fn find(
        &self,
        (_, anchor): &Place,
        source: &Source,
        from: u64,
        to: u64,
    ) -> Result<Found, Stop> {
        Ok(match source {
            Source::Anchor => Found::Requests(self.target.requests(anchor, from, to).await?),
            Source::Logs(trigger) => {
                Found::Logs(self.target.logs(&trigger.filter, from, to).await?)
            }
        })
    }

    /// Has the owner of what was found journal it, and how far was searched.
    async fn tell(
        &self,
        (place, source): (&Place, &Source),
        scanned: Scanned,
        found: Found,
        head: u64,
    ) -> Result<(), Stop> {
        match (found, source) {
            (Found::Requests(found), _) => self.tell_requests(place, scanned, found).await,
            (Found::Logs(found), Source::Logs(trigger)) => {
                let (contract, place) = place;
                let chain = self.target.chain();
                let firings = found
                    .into_iter()
                    .filter_map(|log| trigger.firing(*contract, chain, log, head));
                let cursor = Cursor {
                    chain: chain.into(),
                    contract: *contract,
                    anchor: place.clone(),
                    scanned,
                };
                let firings = firings.collect();
                let owners = &self.owners;
                Ok(owners
                    .take(&trigger.reply_chain, firings, Some(cursor))
                    .await?)
            }
            // Logs are looked for by triggers only.
            (Found::Logs(_), Source::Anchor) => Ok(()),
        }
    }

    async fn tell_requests(
        &self,
        (contract, anchor): &Place,
        scanned: Scanned,
        found: Vec<AnchorRequest>,
    ) -> Result<(), Stop> {
        let events = found
            .into_iter()
            .map(|request| Event {
                contract: *contract,
                chain: self.target.chain().into(),
                anchor: anchor.clone(),
                request,
            })
            .collect();
        let (done, taken) = oneshot::channel();
        let message = Message::Scanned {
            contract: *contract,
            anchor: anchor.clone(),
            scanned,
            events,
            done,
        };
        let told = self.settler.send(message).await;
        told.map_err(|_| Stop::NotTaken)?;
        if taken.await.unwrap_or(false) {
            Ok(())
        } else {
            Err(Stop::NotTaken)
        }
    }
}
