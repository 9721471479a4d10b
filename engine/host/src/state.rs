//! What one run has, between the host calls of its guest.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use phat_manifest::Limits;
use tokio::task::{AbortHandle, JoinSet};

use crate::{
    Completion, Entry, Event, FailureCode, HttpRequest, KeyRead, KeyValueSource, KeyWrite, LogLine,
    RunFailure, Versioned,
    egress::{Egress, Policy},
    journal::{Journal, Stop},
    memory::{MemoryBound, MemoryPool},
};

/// The most timers that may be under way at once.
const TIMERS_MAX: u64 = 1024;
/// What a line of the log counts besides its text, so that empty lines are bounded too.
const LOG_LINE_BYTES: u64 = 16;

/// The data of a run's store.
pub struct State {
    pub journal: Journal,
    pub memory: MemoryBound,
    pub script: Arc<[u8]>,
    limits: Limits,
    logs: Vec<LogLine>,
    log_bytes: u64,
    /// Every key that was read, with what the chain has for it.
    reads: BTreeMap<Vec<u8>, Versioned>,
    writes: BTreeMap<Vec<u8>, Vec<u8>>,
    last_id: u32,
    requests_started: u64,
    /// The requests under way.
    requests: BTreeSet<u32>,
    /// The timers under way.
    timers: BTreeSet<u32>,
    live: Option<Live>,
}

/// What a run has that a replay has not.
pub struct Live {
    egress: Arc<Egress>,
    policy: Arc<Policy>,
    kv: Arc<dyn KeyValueSource>,
    tasks: JoinSet<Event>,
    pending: HashMap<u32, AbortHandle>,
    last_time: u64,
}

impl Live {
    pub fn new(egress: Arc<Egress>, policy: Policy, kv: Arc<dyn KeyValueSource>) -> Self {
        Self {
            egress,
            policy: Arc::new(policy),
            kv,
            tasks: JoinSet::new(),
            pending: HashMap::new(),
            last_time: 0,
        }
    }
}

impl State {
    pub fn new(
        script: Arc<[u8]>,
        limits: Limits,
        journal: Journal,
        memory: Arc<MemoryPool>,
        live: Option<Live>,
    ) -> Self {
        Self {
            journal,
            memory: MemoryBound::new(limits.memory_bytes, memory),
            script,
            limits,
            logs: Vec::new(),
            log_bytes: 0,
            reads: BTreeMap::new(),
            writes: BTreeMap::new(),
            last_id: 0,
            requests_started: 0,
            requests: BTreeSet::new(),
            timers: BTreeSet::new(),
            live,
        }
    }

    /// Starts a request and returns its number.
    pub fn start_request(&mut self, request: HttpRequest) -> Result<u32, Stop> {
        self.requests_started += 1;
        if self.requests_started > self.limits.http_requests {
            return Err(limit("http_requests", self.limits.http_requests));
        }
        let id = self.next_id()?;
        let started = Entry::HttpStarted {
            id,
            request: request.clone(),
        };
        self.journal.note(started)?;
        self.requests.insert(id);
        if let Some(live) = &mut self.live {
            let (egress, policy) = (live.egress.clone(), live.policy.clone());
            let task = live.tasks.spawn(async move {
                let completion = match egress.fetch(request, &policy).await {
                    Ok(response) => Completion::Response(response),
                    Err(error) => Completion::RequestFailed(error),
                };
                Event { id, completion }
            });
            live.pending.insert(id, task);
        }
        Ok(id)
    }

    /// Starts a timer and returns its number.
    pub fn start_timer(&mut self, duration_ms: u64) -> Result<u32, Stop> {
        // A timer beyond the end of the run never fires, however far beyond.
        let duration_ms = duration_ms.min(self.limits.time_ms);
        if self.timers.len() as u64 >= TIMERS_MAX {
            return Err(limit("timers", TIMERS_MAX));
        }
        let id = self.next_id()?;
        self.journal.note(Entry::TimerStarted { id, duration_ms })?;
        self.timers.insert(id);
        if let Some(live) = &mut self.live {
            let task = live.tasks.spawn(async move {
                tokio::time::sleep(std::time::Duration::from_millis(duration_ms)).await;
                Event {
                    id,
                    completion: Completion::Timer,
                }
            });
            live.pending.insert(id, task);
        }
        Ok(id)
    }

    /// Forgets a request or timer; one that is not under way is none to forget.
    pub fn cancel(&mut self, id: u32) -> Result<(), Stop> {
        self.journal.note(Entry::Cancelled { id })?;
        self.requests.remove(&id);
        self.timers.remove(&id);
        if let Some(task) = self.live.as_mut().and_then(|live| live.pending.remove(&id)) {
            task.abort();
        }
        Ok(())
    }

    /// Waits for the next event.
    pub async fn next_event(&mut self) -> Result<Option<Event>, Stop> {
        let event = self.wait().await?;
        if let Some(event) = &event {
            self.requests.remove(&event.id);
            self.timers.remove(&event.id);
        }
        Ok(event)
    }

    /// Whether that is something to wait for: an event of what is under way, or
    /// none if nothing is.
    fn is_expected(&self, event: Option<&Event>) -> bool {
        match event {
            None => self.requests.is_empty() && self.timers.is_empty(),
            Some(event) => match event.completion {
                Completion::Timer => self.timers.contains(&event.id),
                Completion::Response(_) | Completion::RequestFailed(_) => {
                    self.requests.contains(&event.id)
                }
            },
        }
    }

    async fn wait(&mut self) -> Result<Option<Event>, Stop> {
        let Some(live) = &mut self.live else {
            let event = self.journal.next_answer(
                || "waits".to_owned(),
                |entry| match entry {
                    Entry::Waited { event } => Some(event.clone()),
                    _ => None,
                },
            )?;
            if !self.is_expected(event.as_ref()) {
                return Err(self.journal.refuse("waits for something else"));
            }
            return Ok(event);
        };
        let event = loop {
            if live.pending.is_empty() {
                break None;
            }
            match live.tasks.join_next().await {
                // What was cancelled may have been done already: it is not pending any more.
                Some(Ok(event)) => {
                    if live.pending.remove(&event.id).is_some() {
                        break Some(event);
                    }
                }
                Some(Err(error)) if error.is_cancelled() => {}
                Some(Err(error)) => {
                    let message = format!("a request of the engine panicked: {error}");
                    return Err(Stop::Failed(RunFailure::new(FailureCode::Engine, message)));
                }
                None => break None,
            }
        };
        self.journal.record(Entry::Waited {
            event: event.clone(),
        })?;
        Ok(event)
    }

    /// The value of a key, with the writes of this run; empty if there is none.
    pub async fn get(&mut self, key: Vec<u8>) -> Result<Vec<u8>, Stop> {
        if let Some(value) = self.writes.get(&key) {
            return Ok(value.clone());
        }
        self.read(&key).await?;
        Ok(self
            .reads
            .get(&key)
            .map(|read| read.value.clone())
            .unwrap_or_default())
    }

    /// Writes a key; an empty value deletes it. The key's version is read too,
    /// so that the settlement fails if someone else wrote it meanwhile.
    pub async fn set(&mut self, key: Vec<u8>, value: Vec<u8>) -> Result<(), Stop> {
        if value.len() as u64 > self.limits.kv_value_bytes {
            return Err(limit("kv_value_bytes", self.limits.kv_value_bytes));
        }
        self.read(&key).await?;
        self.journal.note(Entry::KeyWritten {
            key: key.clone(),
            value: value.clone(),
        })?;
        self.writes.insert(key, value);
        Ok(())
    }

    /// Reads a key from the chain unless it was read before.
    async fn read(&mut self, key: &[u8]) -> Result<(), Stop> {
        if self.reads.contains_key(key) {
            return Ok(());
        }
        if key.len() as u64 > self.limits.kv_key_bytes {
            return Err(limit("kv_key_bytes", self.limits.kv_key_bytes));
        }
        if self.reads.len() as u64 >= self.limits.kv_keys {
            return Err(limit("kv_keys", self.limits.kv_keys));
        }
        let answer = match &self.live {
            Some(live) => {
                let answer = live.kv.get(key).await.map_err(|error| error.to_string());
                self.journal.record(Entry::KeyRead {
                    key: key.to_vec(),
                    answer: answer.clone(),
                })?;
                answer
            }
            None => {
                let describe = || format!("reads the key 0x{}", hex::encode(key));
                self.journal.next_answer(describe, |entry| match entry {
                    Entry::KeyRead { key: read, answer } if read == key => Some(answer.clone()),
                    _ => None,
                })?
            }
        };
        let answer = answer.map_err(|reason| {
            Stop::Failed(RunFailure::new(FailureCode::KeyValueUnavailable, reason))
        })?;
        self.reads.insert(key.to_vec(), answer);
        Ok(())
    }

    /// Adds a line to the log.
    pub fn log(&mut self, line: LogLine) -> Result<(), Stop> {
        self.log_bytes += line.message.len() as u64 + LOG_LINE_BYTES;
        if self.log_bytes > self.limits.log_bytes {
            return Err(limit("log_bytes", self.limits.log_bytes));
        }
        self.journal.note(Entry::Logged {
            level: line.level,
            message: line.message.clone(),
        })?;
        self.logs.push(line);
        Ok(())
    }

    /// Nanoseconds since 1970, never less than before.
    pub fn now(&mut self) -> Result<u64, Stop> {
        let Some(live) = &mut self.live else {
            let describe = || "reads the clock".to_owned();
            return self.journal.next_answer(describe, |entry| match entry {
                Entry::ClockRead { nanoseconds } => Some(*nanoseconds),
                _ => None,
            });
        };
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| {
                u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
            });
        live.last_time = live.last_time.max(now);
        let nanoseconds = live.last_time;
        self.journal.record(Entry::ClockRead { nanoseconds })?;
        Ok(nanoseconds)
    }

    /// Random bytes.
    pub fn random(&mut self, length: usize) -> Result<Vec<u8>, Stop> {
        if self.live.is_none() {
            let describe = || format!("draws {length} random bytes");
            return self.journal.next_answer(describe, |entry| match entry {
                Entry::RandomDrawn { bytes } if bytes.len() == length => Some(bytes.clone()),
                _ => None,
            });
        }
        let mut bytes = vec![0; length];
        rand::TryRngCore::try_fill_bytes(&mut rand::rngs::OsRng, &mut bytes).map_err(|error| {
            let message = format!("the system gives no random bytes: {error}");
            Stop::Failed(RunFailure::new(FailureCode::Engine, message))
        })?;
        self.journal.record(Entry::RandomDrawn {
            bytes: bytes.clone(),
        })?;
        Ok(bytes)
    }

    /// What the run read, wrote and logged, and its journal.
    pub fn finish(self) -> (Vec<KeyRead>, Vec<KeyWrite>, Vec<LogLine>, Journal) {
        let reads = self
            .reads
            .into_iter()
            .map(|(key, Versioned { version, .. })| KeyRead { key, version })
            .collect();
        let writes = self
            .writes
            .into_iter()
            .map(|(key, value)| KeyWrite { key, value })
            .collect();
        (reads, writes, self.logs, self.journal)
    }

    fn next_id(&mut self) -> Result<u32, Stop> {
        self.last_id = self
            .last_id
            .checked_add(1)
            .ok_or_else(|| limit("timers", u64::from(u32::MAX)))?;
        Ok(self.last_id)
    }
}

fn limit(name: &'static str, max: u64) -> Stop {
    Stop::Failed(RunFailure::limit(name, max))
}
