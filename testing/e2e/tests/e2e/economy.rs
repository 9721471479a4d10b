//! The economy on a real chain: workers earn, fall and come back, and those who stake on them share
//! in it.
//!
//! While a test goes on, an audit takes in each block and fails the test where a Value Promise, a
//! share or an amount differs by a bit from what `phat-tokenomics` makes of the same events, or a
//! single unit of PHA from what was paid.

use anyhow::{Context, ensure};
use phat_chain_client::{Pool, PoolAction, SessionAction, State, VaultAction};
use phat_e2e::{
    economy::{
        Actors, Audit, Chain, Event, Funds, Stage,
        funds::{
            FIRST_STAKE, LARGE_OWNER, POOL_DELEGATOR, SMALL_OWNER, VAULT_DELEGATOR, VAULT_OWNER,
        },
        hastened,
    },
    process::until,
    worker::Worker,
};
use phat_primitives::WorkerId;
use phat_tokenomics::{Fixed, Parameters, UNITS_PER_PHA as PHA, WorkerPhase, WorkerState};

/// The whole, where parts of it are counted in millionths.
const MILLION: u128 = 1_000_000;

/// The level of a fault that costs a tenth of V.
const LEVEL_MALICE: u8 = 3;

/// What operators stake on their workers themselves, in units of 10⁻¹² PHA.
const OWN_STAKE: u128 = 1_000 * PHA;

/// Blocks in which V is seen to fall.
const FALLING_BLOCKS: u32 = 5;

async fn id_of(worker: &Worker) -> anyhow::Result<WorkerId> {
    Ok(worker.client().info().await?.worker)
}

/// V of each worker has grown since the start of its session.
async fn check_growth(state: &State, workers: &[WorkerId]) -> anyhow::Result<()> {
    for worker in workers {
        let session = state.staked_session(worker).await?;
        let session = session.context("no session")?;
        let now = session.state;
        ensure!(now.v > now.v_initial, "{now:?}");
        ensure!(session.returned == session.stake, "{session:?}");
    }
    Ok(())
}

/// A pool whose money was all staked on `workers` before the first payout, and that nobody has left
/// or joined since, has what was paid for them.
async fn check_pool(
    audit: &Audit,
    state: &State,
    pid: u64,
    workers: &[WorkerId],
) -> anyhow::Result<()> {
    let pool: Pool = state.pool(pid).await?.context("no such pool")?;
    let (mut received, mut commissions) = (0, 0);
    for event in audit.events() {
        let Event::PayoutReceived {
            pid: payee,
            worker,
            amount,
            commission,
        } = *event
        else {
            continue;
        };
        if payee == pid {
            let expected = amount * u128::from(pool.commission.rate_ppm) / MILLION;
            ensure!(commission == expected, "{event:?}");
            ensure!(workers.contains(&worker), "{event:?}");
            received += amount;
            commissions += commission;
        }
    }
    let paid: u128 = workers.iter().map(|worker| audit.paid(worker)).sum();
    ensure!(paid > 0 && received == paid, "{received} of {paid}");
    ensure!(pool.owner_rewards == commissions, "{pool:?}");
    ensure!(pool.book.available == received - commissions, "{pool:?}");
    ensure!(pool.book.price() > Some(PHA), "{pool:?}");
    Ok(())
}

/// The owner of a vault that has gained gets its part, in shares.
async fn check_fee(actors: &Actors, vid: u64) -> anyhow::Result<()> {
    let collect = VaultAction::CollectOwnerFee(vid);
    let collected = actors.vault(VAULT_OWNER, collect).await?;
    let shares = collected.fee_shares.context("the vault has not gained")?;
    let owner = actors.account(VAULT_OWNER)?;
    let position = actors.state().await?.vault_position(vid, &owner).await?;
    ensure!(shares > 0 && position.shares == shares, "{position:?}");
    Ok(())
}

/// A fault costs a worker a tenth of V.
async fn check_fault(chain: &Chain, audit: &mut Audit, worker: &WorkerId) -> anyhow::Result<()> {
    chain.report_fault(*worker, LEVEL_MALICE).await?;
    let lost = audit
        .until("the fault", |audit| {
            audit.events().find_map(|event| match *event {
                Event::FaultFound { level, lost, .. } if level == LEVEL_MALICE => Some(lost),
                _ => None,
            })
        })
        .await?;
    let left = audit.state(worker).context("no session")?.v;
    let part = lost.to_f64() / (lost.to_f64() + left.to_f64());
    // A payout in the same block may take a little besides.
    ensure!((part - 0.1).abs() < 0.001, "{part}");
    Ok(())
}

/// What the only one who has left a pool was paid, if it was for all of these shares.
fn paid_for(audit: &Audit, pool: u64, all_shares: u128) -> anyhow::Result<u128> {
    let (mut burned, mut paid, mut waiting) = (0, 0, None);
    for event in audit.events() {
        let Event::Withdrawn {
            pid,
            shares,
            amount,
            left,
            ..
        } = *event
        else {
            continue;
        };
        ensure!(pid == pool, "{event:?}");
        burned += shares;
        paid += amount;
        waiting = Some(left);
    }
    ensure!(waiting == Some(0), "{waiting:?} shares wait");
    ensure!(burned == all_shares, "{burned} of {all_shares}");
    Ok(paid)
}

/// A delegator leaves a pool that has staked all, and waits in the queue until a worker has
/// stopped, which was at fault.
async fn check_exit(
    actors: &Actors,
    chain: &Chain,
    audit: &mut Audit,
    pid: u64,
    worker: WorkerId,
) -> anyhow::Result<()> {
    let leaver = actors.account(POOL_DELEGATOR)?;
    let before = actors.state().await?;
    let had = before.free_balance(&leaver).await?;
    let shares = before.pool_position(pid, &leaver).await?.shares / 2;
    let withdraw = PoolAction::Withdraw { pid, shares };
    let leaving = actors.pool(POOL_DELEGATOR, withdraw).await?;
    ensure!(leaving.queued.is_some(), "{leaving:?}");
    let queue = actors.pool_now(pid).await?.queue;
    ensure!(queue.count == 1 && queue.shares > 0, "{queue:?}");

    check_fault(chain, audit, &worker).await?;
    let stop = PoolAction::StopWorker { pid, worker };
    actors.pool(LARGE_OWNER, stop).await?;
    actors.until_cooled(audit, &worker).await?;
    let reclaim = PoolAction::ReclaimWorker { pid, worker };
    let back = actors.pool(VAULT_DELEGATOR, reclaim).await?;
    let (returned, slashed) = (back.returned.unwrap_or(0), back.slashed.unwrap_or(0));
    ensure!(slashed > 0 && returned + slashed == FIRST_STAKE, "{back:?}");

    let after = actors.audited(audit).await?;
    let queue = actors.pool_now(pid).await?.queue;
    ensure!(queue.count == 0 && queue.shares == 0, "{queue:?}");
    let paid = paid_for(audit, pid, shares)?;
    let fee = (had + paid).checked_sub(after.free_balance(&leaver).await?);
    ensure!(fee.is_some_and(|fee| fee > 0 && fee < PHA), "{fee:?}");
    Ok(())
}

/// Three workers in two pools, delegators in one of them and in a vault over both: payouts reach
/// all of them, and so does what a fault costs.
#[tokio::test]
async fn workers_earn_for_those_who_stake_on_them() -> anyhow::Result<()> {
    let stage = Stage::start().await?;
    let actors = Actors::connect(stage.node.url()).await?;
    // The first makes the cluster's key. The second has the same operator.
    let (first, (chain, mut audit)) =
        tokio::try_join!(stage.worker("first", LARGE_OWNER), stage.audit(hastened))?;
    let (second, third) = tokio::try_join!(
        stage.worker("second", LARGE_OWNER),
        stage.worker("third", SMALL_OWNER),
    )?;
    let workers = [
        id_of(&first).await?,
        id_of(&second).await?,
        id_of(&third).await?,
    ];
    let funds = Funds::found(&actors, &workers).await?;
    audit.until_benchmarked(&workers).await?;
    funds.stake_all(&actors, workers).await?;
    let started = actors.audited(&mut audit).await?;
    audit.reach(started.number() + 1).await?;
    check_growth(&actors.audited(&mut audit).await?, &workers).await?;

    audit
        .until("payouts, one of them for work that was shown", |audit| {
            let are_paid = workers.iter().all(|worker| audit.paid(worker) > 0);
            let is_shown = workers.iter().any(|worker| audit.is_measured(worker));
            (are_paid && is_shown).then_some(())
        })
        .await?;
    let state = actors.audited(&mut audit).await?;
    let (two, one) = workers.split_at(2);
    check_pool(&audit, &state, funds.large, two).await?;
    check_pool(&audit, &state, funds.small, one).await?;
    check_fee(&actors, funds.vault).await?;
    check_exit(&actors, &chain, &mut audit, funds.large, workers[0]).await?;
    stage.end();
    Ok(())
}

/// Waits until a worker is as `phase` says. Gives its session in that block.
async fn until_phase(
    audit: &mut Audit,
    worker: &WorkerId,
    phase: WorkerPhase,
) -> anyhow::Result<WorkerState> {
    audit
        .until(&format!("the worker to be {phase:?}"), |audit| {
            let state = audit.state(worker).copied();
            state.filter(|state| state.state == phase)
        })
        .await
}

/// V is less in each block that is looked at than in the one before.
async fn check_fall(actors: &Actors, audit: &mut Audit, worker: &WorkerId) -> anyhow::Result<()> {
    let mut before: Option<Fixed> = None;
    for _ in 0..=FALLING_BLOCKS {
        let next = u64::from(audit.number()) + 1;
        audit.reach(next).await?;
        let state = actors.audited(audit).await?;
        let session = state.staked_session(worker).await?;
        let v = session.context("no session")?.state.v;
        let is_less = before.is_none_or(|before| v < before);
        ensure!(is_less, "{v} after {before:?}");
        before = Some(v);
    }
    Ok(())
}

/// A worker that is killed loses a part of V with each block until it answers again, and with V
/// its operator loses stake.
#[tokio::test]
async fn a_worker_that_is_killed_falls_until_it_is_back() -> anyhow::Result<()> {
    const OPERATOR: &str = "//Bob";
    const OTHER_OPERATOR: &str = "//Charlie";

    let stage = Stage::start().await?;
    let actors = Actors::connect(stage.node.url()).await?;
    let steeply = |parameters| {
        anyhow::Ok(Parameters {
            slash_rate: Fixed::parse("0.01")?,
            ..hastened(parameters)?
        })
    };
    let (worker, (_, mut audit)) =
        tokio::try_join!(stage.worker("worker", OPERATOR), stage.audit(steeply))?;
    let other = stage.worker("other", OTHER_OPERATOR).await?;
    let (id, other_id) = (id_of(&worker).await?, id_of(&other).await?);
    tokio::try_join!(
        actors.session(OPERATOR, SessionAction::BeginBenchmark(id)),
        actors.session(OTHER_OPERATOR, SessionAction::BeginBenchmark(other_id)),
    )?;
    audit.until_benchmarked(&[id, other_id]).await?;
    let stake = OWN_STAKE;
    let start = |worker| SessionAction::Start { worker, stake };
    tokio::try_join!(
        actors.session(OPERATOR, start(id)),
        actors.session(OTHER_OPERATOR, start(other_id)),
    )?;
    audit
        .until("payouts", |audit| {
            let are_paid = audit.paid(&id) > 0 && audit.paid(&other_id) > 0;
            are_paid.then_some(())
        })
        .await?;

    let options = worker.kill().await?;
    let fallen = until_phase(&mut audit, &id, WorkerPhase::Unresponsive).await?;
    check_fall(&actors, &mut audit, &id).await?;
    let worker = Worker::start(options).await?;
    let back = until_phase(&mut audit, &id, WorkerPhase::Idle).await?;
    let blocks = back.updated_at - fallen.updated_at;
    ensure!(blocks >= FALLING_BLOCKS, "{blocks}");
    let expected = fallen.v.to_f64() * 0.99_f64.powi(blocks.try_into()?);
    let ratio = back.v.to_f64() / expected;
    ensure!((ratio - 1.0).abs() < 1e-9, "{fallen:?}, {back:?}");

    // Until then its operator's account is in use.
    until("a renewed attestation", async || {
        let count = worker.log().matches("attested").count();
        Ok((count >= 2).then_some(()))
    })
    .await?;
    actors.session(OPERATOR, SessionAction::Stop(id)).await?;
    actors.until_cooled(&mut audit, &id).await?;
    let reclaim = SessionAction::Reclaim(id);
    let reclaimed = actors.session(OPERATOR, reclaim).await?;
    let returned = reclaimed.returned.unwrap_or(0);
    let slashed = reclaimed.slashed.unwrap_or(0);
    ensure!(slashed > 0, "{reclaimed:?}");
    ensure!(returned + slashed == OWN_STAKE, "{reclaimed:?}");
    actors.audited(&mut audit).await?;
    ensure!(audit.state(&id).is_none(), "the audit still has a session");
    stage.end();
    Ok(())
}
