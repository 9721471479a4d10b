//! Blocks of networks with many workers: with nothing in them, with heartbeats, and with
//! challenges that were missed.

use anyhow::{Context, ensure};
use pallet_computation::{
    ActiveSessions, ChallengeInfo, Committed, EconomyParameters, Event, ExpiringChallenges,
    NotedRandomness, OpenChallenges, WorkerSessions,
};
use phat_primitives::{WorkerId, heartbeat::Heartbeat};
use phat_runtime::{Runtime, RuntimeEvent, Timestamp};
use phat_workload::{Commitment, Seed};

use super::{
    Row, Sample, measure as measure_block, row,
    seed::{CHALLENGE_GAP_BLOCKS, Network},
};
use crate::{
    Chain, sign,
    work::{openings, roots},
};

/// How many heartbeats a block has, or challenges that are missed: as many as a network challenges
/// workers in a block.
const EACH: u32 = 20;

/// The most blocks in which challenges are missed: each leaves fewer workers that answer.
const MISSED_BLOCKS_MAX: u32 = 20;

/// The randomness that the work is seeded with which is shown.
const SHOWN_RANDOMNESS: [u8; 32] = [3; 32];

/// The time that it took, in milliseconds.
const SHOWN_ELAPSED_MS: u64 = 30_000;

/// Measures blocks of each kind.
pub(super) fn measure(network: &mut Network, blocks: u32) -> anyhow::Result<Vec<Row>> {
    let of = ("workers", network.workers);
    Ok(vec![
        row("nothing", of, 0, &empty(network))?,
        row("heartbeats", of, EACH, &heartbeats(network, blocks)?)?,
        row("missed challenges", of, EACH, &missed(network, blocks)?)?,
    ])
}

/// Blocks before anybody may be challenged: workers are drawn all the same.
fn empty(network: &mut Network) -> Vec<Sample> {
    let chain = &mut network.chain;
    // The first block does what no other does.
    chain.begin(0);
    chain.end();
    (2..CHALLENGE_GAP_BLOCKS)
        .map(|_| {
            chain.begin(0);
            let block = chain.finish();
            measure_block(chain, &block)
        })
        .collect()
}

/// Blocks in which [`EACH`] workers answer, show what they did, and are paid for.
fn heartbeats(network: &mut Network, blocks: u32) -> anyhow::Result<Vec<Sample>> {
    // One in which workers may be challenged for the first time.
    network.chain.begin(0);
    network.chain.end();
    let mut samples = Vec::new();
    for _ in 0..blocks {
        let challenged = challenged(&mut network.chain)?;
        let mut transactions = Vec::new();
        for worker in challenged {
            let key = network.key(&worker)?.clone();
            let heartbeat = network.chain.with(|| shown(worker))?;
            transactions.push(network.chain.with(|| sign(heartbeat, &key)));
        }
        let chain = &mut network.chain;
        chain.begin(0);
        for transaction in transactions {
            let result = chain.send(transaction);
            ensure!(
                matches!(result, Ok(Ok(()))),
                "a heartbeat is refused: {result:?}"
            );
        }
        let block = chain.finish();
        let paid = |event: &Event<Runtime>| matches!(event, Event::PaidOut { .. });
        ensure_count(chain, "heartbeats are paid", paid)?;
        samples.push(measure_block(chain, &block));
    }
    Ok(samples)
}

/// Blocks in which [`EACH`] workers have missed a challenge.
fn missed(network: &mut Network, blocks: u32) -> anyhow::Result<Vec<Sample>> {
    let chain = &mut network.chain;
    let window = chain.with(|| EconomyParameters::<Runtime>::get().heartbeat_window);
    for _ in 0..=window {
        challenged(chain)?;
        chain.begin(0);
        chain.end();
    }
    chain.take_events();
    let mut samples = Vec::new();
    for _ in 0..blocks.min(MISSED_BLOCKS_MAX) {
        challenged(chain)?;
        chain.begin(0);
        let block = chain.finish();
        let missed = |event: &Event<Runtime>| matches!(event, Event::Unresponsive { .. });
        ensure_count(chain, "challenges are missed", missed)?;
        samples.push(measure_block(chain, &block));
    }
    Ok(samples)
}

/// Refuses unless the block that is being made has [`EACH`] such events.
fn ensure_count(
    chain: &mut Chain,
    what: &str,
    is_one: impl Fn(&Event<Runtime>) -> bool,
) -> anyhow::Result<()> {
    let events = chain.take_events();
    let ones = events
        .iter()
        .filter(|event| matches!(event, RuntimeEvent::Computation(event) if is_one(event)));
    let count = ones.count();
    ensure!(
        count == EACH as usize,
        "{count} {what} in a block, not {EACH}"
    );
    Ok(())
}

/// Workers that answer and were challenged in the newest block, [`EACH`] of them. The chain draws
/// as many, but some of these have been challenged a moment ago, the fewer workers the more: others
/// are challenged here instead, as the chain does it.
fn challenged(chain: &mut Chain) -> anyhow::Result<Vec<WorkerId>> {
    let now = chain.number();
    let workers = chain.with(|| {
        let window = EconomyParameters::<Runtime>::get().heartbeat_window;
        let expires_at = now + window + 1;
        let mut expiring = ExpiringChallenges::<Runtime>::get(expires_at);
        let mut found: Vec<_> = expiring.iter().copied().filter(is_idle).collect();
        found.truncate(EACH as usize);
        let info = ChallengeInfo {
            challenged_at: now,
            randomness: NotedRandomness::<Runtime>::get(now)?,
            challenged_at_ms: Timestamp::get(),
            deadline: now + window,
            missed: false,
        };
        let count = pallet_computation::ActiveCount::<Runtime>::get();
        // From another place in each block, so that all take their turns.
        let places = (0..count).map(|place| (place + now * EACH) % count);
        for worker in places.filter_map(ActiveSessions::<Runtime>::get) {
            if found.len() == EACH as usize {
                break;
            }
            if is_idle(&worker) && !OpenChallenges::<Runtime>::contains_key(worker) {
                expiring.try_push(worker).ok()?;
                OpenChallenges::<Runtime>::insert(worker, &info);
                WorkerSessions::<Runtime>::mutate(worker, |session| {
                    if let Some(session) = session {
                        session.challenged_at = now;
                    }
                });
                found.push(worker);
            }
        }
        ExpiringChallenges::<Runtime>::insert(expires_at, expiring);
        Some(found)
    });
    let workers = workers.context("the chain has no randomness, or challenges too many")?;
    ensure!(
        workers.len() == EACH as usize,
        "there are too few workers that answer: measure fewer blocks, or more workers"
    );
    Ok(workers)
}

fn is_idle(worker: &WorkerId) -> bool {
    WorkerSessions::<Runtime>::get(worker).is_some_and(|session| session.is_idle())
}

/// The answer of a worker that shows what it did: the work that it is to show is put into the state
/// first, since it would take an hour to have all workers do theirs.
fn shown(worker: WorkerId) -> anyhow::Result<Heartbeat> {
    let mut session = WorkerSessions::<Runtime>::get(worker).context("it is in no session")?;
    let challenge = OpenChallenges::<Runtime>::get(worker).context("it is not challenged")?;
    let seed = Seed::of_session(&worker.0, session.number, &SHOWN_RANDOMNESS);
    let roots = roots(&seed);
    let commitment = Commitment::of_iterations(&roots).context("they are too many")?;
    let openings = openings(&seed, &roots, &challenge);
    session.work.committed = Some(Committed {
        randomness: SHOWN_RANDOMNESS,
        commitment,
        elapsed_ms: SHOWN_ELAPSED_MS,
    });
    let done = 1;
    let heartbeat = Heartbeat {
        worker,
        session: session.number,
        challenged_at: challenge.challenged_at,
        iterations: session.iterations.saturating_add(done.into()),
        // Never shown: see above.
        commitment: Commitment {
            root: [1; 32],
            iterations: done,
        },
        openings,
    };
    WorkerSessions::<Runtime>::insert(worker, session);
    Ok(heartbeat)
}
