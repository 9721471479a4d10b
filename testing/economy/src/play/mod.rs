//! Sequences of calls, made of bytes, with the books checked after each.

mod contracts;
mod funds;
mod money;
mod sessions;
mod start;

use std::{fmt::Write, sync::LazyLock};

use arbitrary::{Result, Unstructured};
use phat_runtime::{Runtime, RuntimeCall, RuntimeEvent, UncheckedExtrinsic};
use sp_runtime::transaction_validity::TransactionValidityError;

use crate::{Books, Chain, Flow, Person, Snapshot, Worker, invariants};

/// The most steps of a sequence.
const STEPS_MAX: usize = 100;

/// The most blocks that go by at once.
const BLOCKS_MAX: u32 = 16;

/// The longest wait, in hours: longer than a withdrawal waits before it is forced.
const WAIT_HOURS_MAX: u64 = 24 * 25;

const HOUR_MS: u64 = 60 * 60 * 1_000;

/// Something that happens.
#[derive(Clone, Debug)]
pub enum Action {
    /// So many blocks are made.
    Blocks(u32),
    /// So many milliseconds go by without one.
    Wait(u64),
    /// Somebody sends a call.
    Call(Person, Box<RuntimeCall>),
    /// Somebody, who is nobody in particular, sends a transaction free of charge.
    Free(Box<UncheckedExtrinsic>),
    /// Governance decides something. Alice, who is root, sends it.
    Root(Box<RuntimeCall>),
    /// The worker shows its performance, as it would in a benchmark.
    Show(Worker),
}

impl Action {
    pub(crate) fn call(who: Person, call: impl Into<RuntimeCall>) -> Self {
        Self::Call(who, Box::new(call.into()))
    }

    pub(crate) fn root(call: impl Into<RuntimeCall>) -> Self {
        Self::Root(Box::new(call.into()))
    }
}

/// The chain on which it happens, within a block, and what has happened.
pub struct World {
    /// The chain.
    pub chain: Chain,
    books: Books,
    flow: Flow,
    events: Vec<RuntimeEvent>,
    /// What was done, with why not where it was refused.
    trail: Vec<(Action, Done)>,
}

/// Whether something was done, or why it was refused.
pub type Done = std::result::Result<(), String>;

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// The world at the start: workers are registered and in a cluster, there are a contract, two
    /// pools and a vault.
    pub fn new() -> Self {
        // Made once: a genesis takes a while.
        static START: LazyLock<Snapshot> = LazyLock::new(start::snapshot);
        let mut chain = Chain::from(&*START);
        let books = chain.with(Books::read);
        chain.begin(0);
        Self {
            chain,
            books,
            flow: Flow::default(),
            events: Vec::new(),
            trail: Vec::new(),
        }
    }

    /// Has something happen and checks the books. Gives whether it did happen: a refusal is as good
    /// as anything else, as long as the books are right.
    ///
    /// Errors: what is wrong, and all that has happened until then.
    pub fn take(&mut self, action: Action) -> std::result::Result<Done, String> {
        let done = self.act(&action);
        self.trail.push((action, done.clone()));
        let events = self.chain.take_events();
        let flow = &mut self.flow;
        self.chain.with(|| flow.add(&events));
        self.events.extend(events);
        let (books, flow) = (self.books, self.flow);
        let checked = self
            .chain
            .with(|| books.check(&flow).and_then(|()| invariants()));
        match checked {
            Ok(()) => Ok(done),
            Err(wrong) => Err(self.report(&wrong)),
        }
    }

    fn act(&mut self, action: &Action) -> Done {
        match action {
            Action::Blocks(count) => {
                for _ in 0..*count {
                    self.chain.end();
                    self.chain.begin(0);
                }
                Ok(())
            }
            Action::Wait(milliseconds) => {
                self.chain.end();
                self.chain.begin(*milliseconds);
                Ok(())
            }
            Action::Call(who, call) => self.send(*who, (**call).clone()),
            Action::Free(transaction) => match self.chain.send((**transaction).clone()) {
                Ok(result) => result.map_err(|error| format!("{error:?}")),
                Err(error) => Err(format!("{error:?}")),
            },
            Action::Root(call) => {
                let sudo = pallet_sudo::Call::<Runtime>::sudo { call: call.clone() };
                self.send(Person::Alice, sudo)?;
                self.sudo_result()
            }
            Action::Show(worker) => match self.chain.with(|| start::show(*worker)) {
                true => Ok(()),
                false => Err("there is nothing to show".into()),
            },
        }
    }

    fn send(&mut self, who: Person, call: impl Into<RuntimeCall>) -> Done {
        let transaction = self.chain.signed(who.key(), call);
        match self.chain.send(transaction) {
            Ok(result) => result.map_err(|error| format!("{error:?}")),
            // The block is full. Of what people sign nothing else can be wrong, unless they
            // cannot pay for it.
            Err(TransactionValidityError::Invalid(invalid)) => Err(format!("{invalid:?}")),
            Err(TransactionValidityError::Unknown(unknown)) => {
                panic!("a transaction that nothing is wrong with is {unknown:?}")
            }
        }
    }

    /// What came of what root did last.
    fn sudo_result(&mut self) -> Done {
        self.chain.with(|| {
            let events = phat_runtime::System::events().into_iter().rev();
            let mut results = events.filter_map(|record| match record.event {
                RuntimeEvent::Sudo(pallet_sudo::Event::Sudid { sudo_result }) => Some(sudo_result),
                _ => None,
            });
            let result = results.next().expect("sudo tells what came of its call");
            result.map_err(|error| format!("{error:?}"))
        })
    }

    /// What has moved since the start.
    pub fn flow(&self) -> Flow {
        self.flow
    }

    /// All that has happened since the start.
    pub fn events(&self) -> &[RuntimeEvent] {
        &self.events
    }

    fn report(&self, wrong: &str) -> String {
        let mut text = format!("{wrong}\nafter:\n");
        for (number, (action, done)) in self.trail.iter().enumerate() {
            let outcome = match done {
                Ok(()) => "done",
                Err(refusal) => refusal,
            };
            // Writing to a string does not fail.
            let _ = writeln!(text, "{number}. {action:?}: {outcome}");
        }
        text
    }
}

/// Plays the sequence that these bytes stand for.
///
/// Errors: what is wrong, with all that has happened until then.
pub fn play(bytes: &[u8]) -> std::result::Result<World, String> {
    let mut choices = Unstructured::new(bytes);
    let mut world = World::new();
    for _ in 0..STEPS_MAX {
        if choices.is_empty() {
            break;
        }
        // None where there is nothing to be done of the kind that was chosen.
        let Ok(Some(action)) = next(&mut world.chain, &mut choices) else {
            continue;
        };
        // A refusal is as good as anything else.
        let _ = world.take(action)?;
    }
    Ok(world)
}

/// What happens next. Times come often, since little happens without them.
fn next(chain: &mut Chain, choices: &mut Unstructured<'_>) -> Result<Option<Action>> {
    match choices.int_in_range(0..=15u8)? {
        0..=2 => Ok(Some(Action::Blocks(choices.int_in_range(1..=BLOCKS_MAX)?))),
        3 => {
            let hours = choices.int_in_range(1..=WAIT_HOURS_MAX)?;
            Ok(Some(Action::Wait(hours * HOUR_MS)))
        }
        4 | 5 => money::next(chain, choices).map(Some),
        6..=9 => sessions::next(chain, choices),
        10..=12 => funds::next(chain, choices).map(Some),
        _ => contracts::next(chain, choices),
    }
}

/// Somebody.
pub(crate) fn someone(choices: &mut Unstructured<'_>) -> Result<Person> {
    choices.choose(&Person::ALL).copied()
}

/// Some worker.
pub(crate) fn some_worker(choices: &mut Unstructured<'_>) -> Result<Worker> {
    Ok(Worker(choices.int_in_range(0..=crate::WORKERS - 1)?))
}

/// A part of an amount, all of it as often as any other.
pub(crate) fn part(choices: &mut Unstructured<'_>, amount: u128) -> Result<u128> {
    Ok(match choices.int_in_range(0..=16u128)? {
        16 => amount,
        sixteenths => amount / 16 * sixteenths,
    })
}
