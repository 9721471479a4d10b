//! Scenarios: which workers there are, and what happens to them.

use std::collections::HashMap;

use phat_tokenomics::{Fixed, InvalidParameter, Parameters, budget_per_block};
use serde_json::Value;

use super::field::{Field, FieldError, Object};

/// Workers of a scenario.
pub const WORKERS_MAX: usize = 10_000;
/// Events of a scenario.
pub const EVENTS_MAX: usize = 1_000_000;
/// Blocks that a scenario reports.
pub const REPORTS_MAX: usize = 100_000;
/// Rows that a scenario gives: reported blocks times workers.
pub const ROWS_MAX: usize = 1_000_000;
/// The block time of the published parameters, in milliseconds.
const BLOCK_MS_DEFAULT: u64 = 12_000;
/// The longest block time: an hour.
const BLOCK_MS_MAX: u64 = 3_600_000;

const SCENARIO: [&str; 7] = [
    "params",
    "block_ms",
    "budget_period_blocks",
    "workers",
    "events",
    "until_block",
    "report_at",
];
const PARAMS: [&str; 8] = [
    "rho",
    "slash_rate",
    "budget_per_block",
    "v_max",
    "cost_k",
    "cost_b",
    "treasury_ratio",
    "heartbeat_window",
];
const WORKER: [&str; 4] = ["id", "v", "p", "confidence_level"];
const EVENT: [&str; 5] = ["block", "worker", "kind", "iterations", "level"];

/// What is to be simulated.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// As they are in block 0.
    pub parameters: Parameters,
    pub block_ms: u64,
    /// After how many blocks the budget falls by a quarter, each time; zero if it stays.
    pub budget_period_blocks: u32,
    pub workers: Vec<Worker>,
    /// In the order of their blocks; within a block as the file has them.
    pub events: Vec<Event>,
    /// In ascending order, each once.
    pub report_at: Vec<u32>,
    pub until_block: u32,
}

/// A worker that starts in block 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    pub id: String,
    pub v: Fixed,
    pub p: u32,
    pub confidence_level: u8,
}

/// Something that happens to a worker.
#[derive(Clone, Debug)]
pub struct Event {
    pub block: u32,
    /// The worker's place in the list.
    pub worker: usize,
    pub kind: EventKind,
    /// The event's place in the file's list, for errors.
    pub index: usize,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    Challenge,
    Heartbeat {
        /// The iterations that the worker has done since block 0, if it tells them.
        iterations: Option<u64>,
    },
    Fault {
        level: u8,
    },
    Stop,
}

impl Scenario {
    /// The parameters as they are in a block.
    pub fn parameters_at(&self, block: u32) -> Parameters {
        let first = self.parameters.budget_per_block;
        let period = self.budget_period_blocks.into();
        Parameters {
            budget_per_block: budget_per_block(first, block.into(), period),
            ..self.parameters
        }
    }

    /// Reads a scenario.
    pub fn read(document: &Value) -> Result<Self, FieldError> {
        // A document that is no object has no field to name.
        let name = if document.is_object() {
            ""
        } else {
            "the scenario"
        };
        let scenario = Field::document(name, document).object(&SCENARIO)?;
        let block_ms = scenario.or("block_ms", BLOCK_MS_DEFAULT, |field| {
            field.whole(1, BLOCK_MS_MAX)
        })?;
        let budget_period_blocks = scenario.or("budget_period_blocks", 0, |field| {
            field.whole_u32(1, u32::MAX)
        })?;
        let until_block = scenario.field("until_block").whole_u32(0, u32::MAX)?;
        let workers = workers(&scenario.field("workers"))?;
        let places: HashMap<_, _> = (0..)
            .zip(&workers)
            .map(|(place, worker)| (worker.id.as_str(), place))
            .collect();
        let mut events = scenario
            .field("events")
            .list(EVENTS_MAX)?
            .iter()
            .enumerate()
            .map(|(index, field)| event(index, field, &places, until_block))
            .collect::<Result<Vec<_>, _>>()?;
        // Stable, so that events of one block stay in their order.
        events.sort_by_key(|event| event.block);
        let report_at = report_at(&scenario, until_block, workers.len())?;
        Ok(Self {
            parameters: parameters(&scenario.field("params"), block_ms)?,
            block_ms,
            budget_period_blocks,
            workers,
            events,
            report_at,
            until_block,
        })
    }
}

/// The published parameters for the block time, with those that are given instead.
fn parameters(field: &Field<'_>, block_ms: u64) -> Result<Parameters, FieldError> {
    let params = field.object(&PARAMS)?;
    let published = Parameters::published(block_ms);
    let decimal = |name, published| params.or(name, published, Field::decimal);
    let parameters = Parameters {
        rho: decimal("rho", published.rho)?,
        slash_rate: decimal("slash_rate", published.slash_rate)?,
        budget_per_block: decimal("budget_per_block", published.budget_per_block)?,
        v_max: decimal("v_max", published.v_max)?,
        cost_k: decimal("cost_k", published.cost_k)?,
        cost_b: decimal("cost_b", published.cost_b)?,
        treasury_ratio: decimal("treasury_ratio", published.treasury_ratio)?,
        heartbeat_window: params.or("heartbeat_window", published.heartbeat_window, |window| {
            window.whole_u32(1, u32::MAX)
        })?,
        ..published
    };
    parameters.check().map_err(|error| {
        let name = match error {
            InvalidParameter::Rho => "rho",
            InvalidParameter::SlashRate => "slash_rate",
            InvalidParameter::VMax => "v_max",
            InvalidParameter::TreasuryRatio => "treasury_ratio",
            InvalidParameter::StakeMultiplier => "stake_multiplier",
            InvalidParameter::HeartbeatWindow => "heartbeat_window",
        };
        params.field(name).error(error)
    })?;
    Ok(parameters)
}

fn workers(field: &Field<'_>) -> Result<Vec<Worker>, FieldError> {
    let mut workers: Vec<Worker> = Vec::new();
    let mut seen = HashMap::new();
    for (place, field) in field.list(WORKERS_MAX)?.iter().enumerate() {
        let worker = field.object(&WORKER)?;
        let id = worker.field("id").name()?;
        if let Some(first) = seen.insert(id.clone(), place) {
            return Err(worker.field("id").error(format_args!(
                "{id:?} is the id of workers[{first}] already: give each worker its own"
            )));
        }
        let level = worker.field("confidence_level").whole(1, 5)?;
        workers.push(Worker {
            id,
            v: worker.field("v").decimal()?,
            p: worker.field("p").whole_u32(1, u32::MAX)?,
            confidence_level: u8::try_from(level).map_err(|error| field.error(error))?,
        });
    }
    if workers.is_empty() {
        return Err(field.error("is empty: give at least one worker"));
    }
    Ok(workers)
}

fn event(
    index: usize,
    field: &Field<'_>,
    places: &HashMap<&str, usize>,
    until_block: u32,
) -> Result<Event, FieldError> {
    let event = field.object(&EVENT)?;
    let id = event.field("worker").name()?;
    let Some(&worker) = places.get(id.as_str()) else {
        return Err(event.field("worker").error(format_args!(
            "there is no worker {id:?}: use the id of one in workers"
        )));
    };
    let kind = kind(&event)?;
    for (name, is_taken) in [
        ("iterations", matches!(kind, EventKind::Heartbeat { .. })),
        ("level", matches!(kind, EventKind::Fault { .. })),
    ] {
        let given = event.field(name);
        if given.is_given() && !is_taken {
            return Err(given.error("this kind of event has none: leave it out"));
        }
    }
    Ok(Event {
        block: event.field("block").whole_u32(0, until_block)?,
        worker,
        kind,
        index,
    })
}

fn kind(event: &Object<'_>) -> Result<EventKind, FieldError> {
    let field = event.field("kind");
    match field.name()?.as_str() {
        "challenge" => Ok(EventKind::Challenge),
        "heartbeat" => {
            let iterations = event.or("iterations", None, |field| {
                field.whole(0, u64::MAX).map(Some)
            })?;
            Ok(EventKind::Heartbeat { iterations })
        }
        "fault" => {
            let level = event.field("level");
            let number = level.whole(2, 4)?;
            let number = u8::try_from(number).map_err(|error| level.error(error))?;
            Ok(EventKind::Fault { level: number })
        }
        "stop" => Ok(EventKind::Stop),
        other => Err(field.error(format_args!(
            "there is no event {other:?}: use challenge, heartbeat, fault or stop"
        ))),
    }
}

/// The blocks to report; the last where none are given.
fn report_at(
    scenario: &Object<'_>,
    until_block: u32,
    workers: usize,
) -> Result<Vec<u32>, FieldError> {
    let field = scenario.field("report_at");
    if !field.is_given() {
        return Ok(vec![until_block]);
    }
    let mut blocks = field
        .list(REPORTS_MAX)?
        .iter()
        .map(|block| block.whole_u32(0, until_block))
        .collect::<Result<Vec<_>, _>>()?;
    blocks.sort_unstable();
    blocks.dedup();
    let rows = blocks.len().saturating_mul(workers);
    if rows > ROWS_MAX {
        return Err(field.error(format_args!(
            "{rows} rows come of it: report fewer blocks, at most {} with {workers} workers",
            ROWS_MAX / workers
        )));
    }
    Ok(blocks)
}
