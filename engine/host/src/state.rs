//! What one run has, between the host calls of its guest.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use phat_manifest::Limits;
use tokio::task::{AbortHandle, JoinError, JoinSet};

use crate::{
    Completion, Entry, Event, FailureCode, HttpRequest, KeyRead, KeyValueError, KeyValueSource,
    KeyWrite, LogLine, RunFailure, Versioned,
    egress::{AllowedHosts, FetchError, RunEgress},
    journal::{Call, Journal, Stop},
    masks::Masks,
    memory::MemoryBound,
    outcome::cut,
    plausible::{self, Asked},
    program::Script,
    shares::{Account, Charge},
    slices::Slices,
    sources::RunSources,
    vault::Vault,
    wasi::Wasi,
};

/// The most timers that may be under way at once.
pub const TIMERS_MAX: u64 = 1024;
/// What a line of the log counts besides its text, so that empty lines are bounded too.
const LOG_LINE_BYTES: u64 = 16;

/// The data of a run's store.
pub struct State {
    pub journal: Journal,
    pub memory: MemoryBound,
    pub script: Script,
    pub vault: Vault,
    pub wasi: Wasi,
    /// The secrets that the run has read, which are kept out of the journal and the log.
    pub masks: Masks,
    /// What memory that is used for a moment is counted like.
    passing: Charge,
    /// What host calls cost so far.
    pub host_fuel: u64,
    /// The fuel that is left when the guest gives way next.
    pub gives_way_at: u64,
    limits: Limits,
    allowed_hosts: AllowedHosts,
    logs: Vec<LogLine>,
    log_bytes: u64,
    /// Every key that was read, with what the chain has for it.
    reads: BTreeMap<Vec<u8>, Versioned>,
    writes: BTreeMap<Vec<u8>, Vec<u8>>,
    last_id: u32,
    requests_started: u64,
    /// The requests under way; what they ask, if this is a replay.
    requests: BTreeMap<u32, Option<Asked>>,
    /// The timers under way.
    timers: BTreeSet<u32>,
    /// The latest time that the guest was told.
    last_time: u64,
    live: Option<Live>,
}

/// What a run has that a replay has not.
pub struct Live {
    egress: Arc<RunEgress>,
    kv: Arc<dyn KeyValueSource>,
    account: Account,
    sources: RunSources,
    slices: Slices,
    tasks: JoinSet<Done>,
    pending: HashMap<u32, AbortHandle>,
    /// Requests that a source has answered, in the order in which they were started.
    answered: VecDeque<Done>,
}

/// A request or timer that is done.
struct Done {
    id: u32,
    /// What came of it, unless the engine itself failed.
    completion: Result<Completion, RunFailure>,
    /// The memory of it.
    charge: Charge,
}

impl Live {
    pub fn new(
        egress: RunEgress,
        kv: Arc<dyn KeyValueSource>,
        account: Account,
        sources: RunSources,
        slices: Slices,
    ) -> Self {
        Self {
            egress: Arc::new(egress),
            kv,
            account,
            sources,
            slices,
            tasks: JoinSet::new(),
            pending: HashMap::new(),
            answered: VecDeque::new(),
        }
    }

    /// What came of a task that has ended; none if it was cancelled, if only after it
    /// was done.
    fn done(&mut self, ended: Result<Done, JoinError>) -> Result<Option<Done>, Stop> {
        match ended {
            Ok(done) => Ok(self.pending.remove(&done.id).is_some().then_some(done)),
            Err(error) if error.is_cancelled() => Ok(None),
            Err(error) => {
                let message = format!("a request of the engine panicked: {error}");
                Err(Stop::Failed(RunFailure::new(FailureCode::Engine, message)))
            }
        }
    }

    /// When the run computes.
    pub fn slices(&self) -> Slices {
        self.slices.clone()
    }
}

impl State {
    pub fn new(
        script: Script,
        vault: Vault,
        limits: Limits,
        allowed_hosts: &[String],
        journal: Journal,
        memory: Charge,
        live: Option<Live>,
    ) -> Self {
        Self {
            journal,
            wasi: Wasi::new(memory.another()),
            masks: Masks::default(),
            passing: memory.another(),
            memory: MemoryBound::new(limits.memory_bytes, memory),
            script,
            vault,
            host_fuel: 0,
            gives_way_at: 0,
            limits,
            allowed_hosts: AllowedHosts::new(allowed_hosts),
            logs: Vec::new(),
            log_bytes: 0,
            reads: BTreeMap::new(),
            writes: BTreeMap::new(),
            last_id: 0,
            requests_started: 0,
            requests: BTreeMap::new(),
            timers: BTreeSet::new(),
            last_time: 0,
            live,
        }
    }

    /// The state of a guest that does nothing: whatever it calls ends it.
    pub fn idle(limits: Limits, memory: Charge) -> Self {
        // With nothing to follow, each call of the host is one too many.
        let journal = Journal::replaying(0, Vec::new());
        let (script, vault) = (Script::default(), Vault::default());
        Self::new(script, vault, limits, &[], journal, memory, None)
    }

    /// Whether this is no replay.
    pub fn is_live(&self) -> bool {
        self.live.is_some()
    }

    /// The most bytes that a request may send.
    pub fn http_request_bytes_max(&self) -> u64 {
        self.limits.http_request_bytes
    }

    /// Starts a request and returns its number.
    pub fn start_request(&mut self, request: HttpRequest) -> Result<u32, Stop> {
        self.requests_started += 1;
        if self.requests_started > self.limits.http_requests {
            return Err(limit("http_requests", self.limits.http_requests));
        }
        let id = self.next_id()?;
        let masked = self.masks.request(&request, &self.passing);
        let started = Entry::HttpStarted {
            id,
            request: masked.map_err(Stop::Failed)?,
        };
        self.journal.note(started)?;
        let asked = self.live.is_none().then(|| Asked::of(&request));
        self.requests.insert(id, asked);
        if let Some(live) = &mut self.live {
            let egress = live.egress.clone();
            let mut charge = live.account.charge();
            charge
                .add(request.byte_count() as u64)
                .map_err(Stop::Failed)?;
            let sources = &live.sources;
            if let Some(answer) = sources.answer(&request, &self.limits, &egress) {
                if let Completion::Response(response) = &answer {
                    charge
                        .add(response.byte_count() as u64)
                        .map_err(Stop::Failed)?;
                }
                live.answered.push_back(Done {
                    id,
                    completion: Ok(answer),
                    charge,
                });
                return Ok(id);
            }
            let task = live.tasks.spawn(async move {
                let completion = match egress.fetch(request, &mut charge).await {
                    Ok(response) => Ok(Completion::Response(response)),
                    Err(FetchError::Request(error)) => Ok(Completion::RequestFailed(error)),
                    Err(FetchError::Run(failure)) => Err(failure),
                };
                Done {
                    id,
                    completion,
                    charge,
                }
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
            let charge = live.account.charge();
            let task = live.tasks.spawn(async move {
                tokio::time::sleep(std::time::Duration::from_millis(duration_ms)).await;
                Done {
                    id,
                    completion: Ok(Completion::Timer),
                    charge,
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
        if let Some(live) = &mut self.live {
            live.answered.retain(|done| done.id != id);
            if let Some(task) = live.pending.remove(&id) {
                task.abort();
            }
            // What was cancelled before has ended by now, and would pile up if the
            // guest waits for nothing.
            while let Some(ended) = live.tasks.try_join_next() {
                if let Some(done) = live.done(ended)? {
                    live.answered.push_back(done);
                }
            }
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

    async fn wait(&mut self) -> Result<Option<Event>, Stop> {
        let is_idle = self.requests.is_empty() && self.timers.is_empty();
        let Some(live) = &mut self.live else {
            let call = Call {
                describe: || "waits".to_owned(),
                bytes_max: self.masks.bytes_max(plausible::wait_entry_bytes(
                    !self.requests.is_empty(),
                    &self.limits,
                )),
                // With nothing under way there is no time to pass.
                waits: !is_idle,
            };
            let recorded = self.journal.next_answer(call, |entry| match entry {
                Entry::Waited { event } => Some(event.clone()),
                _ => None,
            })?;
            let event = match recorded {
                Some(recorded) => Some(self.unmasked(recorded)?),
                None => None,
            };
            let id = event.as_ref().map_or(0, |event| event.id);
            let refused = plausible::refuse_event(
                event.as_ref(),
                self.requests.get(&id).and_then(Option::as_ref),
                self.timers.contains(&id),
                is_idle,
                &self.limits,
                &self.allowed_hosts,
            );
            return match refused {
                Some(actual) => Err(self.journal.refuse(actual)),
                None => Ok(event),
            };
        };
        let done = loop {
            if let Some(done) = live.answered.pop_front() {
                break Some(done);
            }
            if live.pending.is_empty() {
                break None;
            }
            let Some(ended) = live.slices.away(live.tasks.join_next()).await else {
                break None;
            };
            if let Some(done) = live.done(ended)? {
                break Some(done);
            }
        };
        let (event, _charge) = match done {
            None => (None, None),
            Some(done) => {
                let completion = done.completion.map_err(Stop::Failed)?;
                let id = done.id;
                (Some(Event { id, completion }), Some(done.charge))
            }
        };
        let masked = match &event {
            Some(event) => Some(self.masks.event(event, &self.passing)),
            None => None,
        };
        self.journal.record(Entry::Waited {
            event: masked.transpose().map_err(Stop::Failed)?,
        })?;
        Ok(event)
    }

    /// What a replay's guest gets for this entry of the transcript, which has markers in the
    /// place of the secrets that the run has read.
    fn unmasked(&self, recorded: Event) -> Result<Event, Stop> {
        if self.masks.count() == 0 {
            return Ok(recorded);
        }
        let bytes_max = plausible::wait_entry_bytes(true, &self.limits);
        let Some(event) = self.masks.unmask_event(&recorded, bytes_max) else {
            let actual = format!("gets at most {bytes_max} bytes, with its secrets");
            return Err(self.journal.refuse(actual));
        };
        let masked = self.masks.event(&event, &self.passing);
        if masked.map_err(Stop::Failed)? != recorded {
            let actual = "has commitments in the place of all of its secrets";
            return Err(self.journal.refuse(actual));
        }
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
                let answer = value_read(live.slices.away(live.kv.get(key)).await);
                self.journal.record(Entry::KeyRead {
                    key: key.to_vec(),
                    answer: answer.clone(),
                })?;
                answer
            }
            None => {
                let call = Call {
                    describe: || format!("reads the key 0x{}", hex::encode(key)),
                    bytes_max: plausible::read_entry_bytes(key),
                    waits: true,
                };
                let answer = self.journal.next_answer(call, |entry| match entry {
                    Entry::KeyRead { key: read, answer } if read == key => Some(answer.clone()),
                    _ => None,
                })?;
                if let Some(actual) = plausible::refuse_value(&answer) {
                    return Err(self.journal.refuse(actual));
                }
                answer
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
        let masked = self.masks.line(&line.message, &self.passing);
        let line = LogLine {
            level: line.level,
            message: masked.map_err(Stop::Failed)?,
        };
        self.journal.note(Entry::Logged {
            level: line.level,
            message: line.message.clone(),
        })?;
        self.logs.push(line);
        Ok(())
    }

    /// Nanoseconds since 1970, never less than before.
    pub fn now(&mut self) -> Result<u64, Stop> {
        let nanoseconds = if let Some(live) = &mut self.live {
            let now = live.sources.now().unwrap_or_else(|| {
                SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .map_or(0, |since| {
                        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
                    })
            });
            let nanoseconds = now.max(self.last_time);
            self.journal.record(Entry::ClockRead { nanoseconds })?;
            nanoseconds
        } else {
            let call = Call {
                describe: || "reads the clock".to_owned(),
                bytes_max: plausible::CLOCK_ENTRY_BYTES,
                waits: false,
            };
            let nanoseconds = self.journal.next_answer(call, |entry| match entry {
                Entry::ClockRead { nanoseconds } => Some(*nanoseconds),
                _ => None,
            })?;
            if nanoseconds < self.last_time {
                return Err(self.journal.refuse("has a clock that never runs backwards"));
            }
            nanoseconds
        };
        self.last_time = nanoseconds;
        Ok(nanoseconds)
    }

    /// Random bytes.
    pub fn random(&mut self, length: usize) -> Result<Vec<u8>, Stop> {
        let Some(live) = &mut self.live else {
            let call = Call {
                describe: || format!("draws {length} random bytes"),
                bytes_max: plausible::random_entry_bytes(length),
                waits: false,
            };
            return self.journal.next_answer(call, |entry| match entry {
                Entry::RandomDrawn { bytes } if bytes.len() == length => Some(bytes.clone()),
                _ => None,
            });
        };
        let bytes = match live.sources.random(length) {
            Some(bytes) => bytes,
            None => system_random(length)?,
        };
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

/// Random bytes of the system.
fn system_random(length: usize) -> Result<Vec<u8>, Stop> {
    let mut bytes = vec![0; length];
    rand::TryRngCore::try_fill_bytes(&mut rand::rngs::OsRng, &mut bytes).map_err(|error| {
        let message = format!("the system gives no random bytes: {error}");
        Stop::Failed(RunFailure::new(FailureCode::Engine, message))
    })?;
    Ok(bytes)
}

/// What a key-value store answered, within bounds of its own.
fn value_read(answer: Result<Versioned, KeyValueError>) -> Result<Versioned, String> {
    match answer {
        Ok(read) if read.value.len() > plausible::VALUE_READ_BYTES_MAX => Err(format!(
            "the value has {} bytes; at most {} can be read",
            read.value.len(),
            plausible::VALUE_READ_BYTES_MAX
        )),
        Ok(read) => Ok(read),
        Err(error) => Err(cut(&error.to_string(), plausible::READ_ERROR_BYTES_MAX).to_owned()),
    }
}

fn limit(name: &'static str, max: u64) -> Stop {
    Stop::Failed(RunFailure::limit(name, max))
}
