use clap::Parser;
use phat_chain_client::{
    BenchmarkRun, BenchmarkScore, BenchmarkStage, EconomyOutcome, SessionPhase,
};
use phat_tokenomics::Fixed;

use super::*;
use crate::{
    chain::{
        WorkerStanding,
        fake::{
            OWNER,
            economy::{DAY_S, FakeEconomy, NOW_S, PHA, session, standing},
        },
    },
    cli::Cli,
    output::Format,
};

const WORKER: WorkerId = WorkerId([0xa1; 32]);
const OTHER: AccountBytes = AccountBytes([8; 32]);

/// A worker that has shown a performance of 900 an hour ago, for which the least stake is 1500 PHA.
fn ready() -> WorkerStanding {
    let mut standing = standing();
    standing.performance.score = Some(BenchmarkScore {
        p: 900,
        proven_at: 700,
    });
    standing.proven_at_s = Some(NOW_S - 3_600);
    standing
}

fn in_session(beneficiary: AccountBytes, phase: SessionPhase) -> WorkerStanding {
    WorkerStanding {
        session: Some(session(beneficiary, phase)),
        ..ready()
    }
}

fn cooling(until_s: u64) -> WorkerStanding {
    in_session(OWNER, SessionPhase::CoolingDown { until_s })
}

/// A chain with one worker, which stands like this.
fn chain(standing: WorkerStanding) -> FakeEconomy {
    let chain = FakeEconomy::new();
    *chain.free.lock().unwrap() = 5_000 * PHA;
    chain.workers.lock().unwrap().push((WORKER, standing));
    chain
}

/// Does it, or only checks it, and gives its text or error, and its JSON.
async fn made(
    chain: &FakeEconomy,
    action: SessionAction,
    is_dry_run: bool,
) -> (String, serde_json::Value) {
    let (mut result, mut progress) = (Vec::new(), Vec::new());
    let mut output = Output::new(Format::Text, &mut result, &mut progress);
    match checked(chain, action, is_dry_run, &mut output).await {
        Ok(acted) => (acted.to_string(), serde_json::to_value(&acted).unwrap()),
        Err(error) => (format!("error: {error:#}"), serde_json::Value::Null),
    }
}

fn start(pha: u128) -> SessionAction {
    SessionAction::Start {
        worker: WORKER,
        stake: pha * PHA,
    }
}

async fn check(standing: WorkerStanding, action: SessionAction, expected: &str) {
    let chain = chain(standing);
    let (text, _) = made(&chain, action, false).await;
    assert!(text.contains(expected), "{text} does not say {expected:?}");
    assert_eq!(chain.last(), None, "{text}");
}

#[tokio::test]
async fn a_session_is_begun_and_ended_step_by_step() {
    let begun = chain(standing());
    let (text, json) = made(&begun, SessionAction::BeginBenchmark(WORKER), false).await;
    assert_eq!(
        text,
        format!(
            "done       begin a benchmark of worker {WORKER}\naccount    {OWNER}\n\
             fee        about 0.001 PHA\nblock      1\n"
        )
    );
    assert_eq!(json["is_dry_run"], false);
    assert_eq!(json["block"]["number"], 1);

    let started = chain(ready());
    made(&started, start(1_500), false).await;
    assert_eq!(started.last(), Some(EconomyAction::Session(start(1_500))));

    let stopped = chain(in_session(OWNER, SessionPhase::Running));
    made(&stopped, SessionAction::Stop(WORKER), false).await;
    let stop = EconomyAction::Session(SessionAction::Stop(WORKER));
    assert_eq!(stopped.last(), Some(stop));

    let reclaimed = chain(cooling(NOW_S));
    *reclaimed.outcome.lock().unwrap() = EconomyOutcome {
        returned: Some(1_990 * PHA),
        slashed: Some(10 * PHA),
        ..EconomyOutcome::default()
    };
    let (text, json) = made(&reclaimed, SessionAction::Reclaim(WORKER), false).await;
    assert!(
        text.contains("returned   1990 PHA\nslashed    10 PHA\n"),
        "{text}"
    );
    assert_eq!(json["returned"], (1_990 * PHA).to_string());
}

#[tokio::test]
async fn a_dry_run_tells_the_fee_and_sends_nothing() {
    let chain = chain(ready());
    let (text, json) = made(&chain, start(2_000), true).await;
    assert!(text.starts_with("would      start a session"), "{text}");
    assert!(text.contains("with 2000 PHA\n"), "{text}");
    assert!(text.ends_with("fee        about 0.001 PHA\n"), "{text}");
    assert_eq!(json["is_dry_run"], true);
    assert!(json.get("block").is_none(), "{json}");
    assert_eq!(chain.last(), None);
}

#[tokio::test]
async fn what_the_chain_would_refuse_is_not_sent() {
    let benchmark = SessionAction::BeginBenchmark(WORKER);
    let unregistered = WorkerStanding {
        operator: None,
        ..ready()
    };
    let of_other = WorkerStanding {
        operator: Some(OTHER),
        ..ready()
    };
    let running = || in_session(OWNER, SessionPhase::Running);
    check(unregistered, benchmark, "is not registered").await;
    check(of_other.clone(), benchmark, "with --suri").await;
    check(of_other, start(2_000), "with --suri").await;
    check(running(), benchmark, "is in a session").await;

    check(standing(), start(2_000), "phat worker benchmark").await;
    let stale = WorkerStanding {
        proven_at_s: Some(NOW_S - DAY_S),
        ..ready()
    };
    check(stale, start(2_000), "phat worker benchmark").await;
    check(ready(), start(1_499), "asks for 1500 PHA at least").await;
    check(ready(), start(5_000), "a fee of about 0.001 PHA").await;
    check(running(), start(2_000), "is in a session already").await;
    check(cooling(NOW_S + 90), start(2_000), "in 1 min 30 s").await;
    let mut without_price = ready();
    without_price.settings.price = None;
    check(without_price, start(2_000), "the oracle").await;

    let stop = SessionAction::Stop(WORKER);
    check(ready(), stop, "has no session").await;
    check(cooling(NOW_S + 90), stop, "was stopped").await;
    let of_pool = WorkerStanding {
        pool: Some(7),
        ..in_session(OTHER, SessionPhase::Running)
    };
    check(of_pool, stop, "use `phat pool`").await;
    let reclaim = SessionAction::Reclaim(WORKER);
    check(running(), reclaim, "`phat worker stop`").await;
    check(cooling(NOW_S + 1), reclaim, "in 1 s").await;
}

#[tokio::test]
async fn what_a_worker_needs_next_is_shown() {
    let text = |standing: WorkerStanding| async move {
        let chain = chain(standing);
        show(&chain, WORKER).await.unwrap().to_string()
    };
    assert_eq!(
        text(standing()).await,
        format!(
            "worker     {WORKER}\noperator   {OWNER}\nstate      no benchmark that counts: begin \
             one with `phat worker benchmark`\n"
        )
    );
    let mut benchmarked = standing();
    benchmarked.performance.benchmark = Some(BenchmarkRun {
        begun_at: 990,
        randomness: [0; 32],
        stage: BenchmarkStage::Running { blocks_min: 5 },
    });
    let shown = text(benchmarked).await;
    assert!(shown.contains("state      does a benchmark\n"), "{shown}");
    assert!(shown.contains("benchmark  running\n"), "{shown}");
    let shown = text(ready()).await;
    assert!(shown.contains("state      ready to start\n"), "{shown}");
    assert!(shown.contains("the least stake is 1500 PHA\n"), "{shown}");

    let error = show(&FakeEconomy::new(), WORKER).await.unwrap_err();
    assert!(error.to_string().contains("the worker's log"), "{error}");
}

#[tokio::test]
async fn a_session_is_shown_with_what_would_come_back() {
    let mut running = in_session(OWNER, SessionPhase::Running);
    let session = running.session.as_mut().unwrap();
    session.returned = 1_900 * PHA;
    session.state.v = Fixed::from_int(3_800);
    session.state.share = Fixed::from_int(50);
    let chain = chain(running.clone());
    let shown = show(&chain, WORKER).await.unwrap();
    let text = shown.to_string();
    for line in [
        "state      running\n",
        "stake      2000 PHA\nreturned   1900 PHA if it ended now\n",
        "V          3800.000 PHA, 4000.000 PHA at the start\n",
        "P          1000.000 now, 1000 at the start\n",
        "share      50.000, 5 % of all\n",
        "heartbeat  block 900, 100 blocks ago\n",
    ] {
        assert!(text.contains(line), "{text} has no {line:?}");
    }
    let json = serde_json::to_value(&shown).unwrap();
    assert_eq!(json["state"], "running");
    assert_eq!(json["session"]["share_ppm"], 50_000);
    assert_eq!(json["session"]["v"], "3800");

    running.session.as_mut().unwrap().state.state = phat_tokenomics::WorkerPhase::Unresponsive;
    let text = show(&self::chain(running), WORKER)
        .await
        .unwrap()
        .to_string();
    assert!(text.contains("state      unresponsive"), "{text}");
    for (until_s, told) in [
        (NOW_S + DAY_S, "cool-down  over in 1 d\n"),
        (NOW_S, "cool-down  over: reclaim the stake\n"),
    ] {
        let chain = self::chain(cooling(until_s));
        let text = show(&chain, WORKER).await.unwrap().to_string();
        assert!(text.contains(told), "{text}");
    }
}

#[tokio::test]
async fn workers_are_listed_by_their_operators() {
    let chain = chain(in_session(OWNER, SessionPhase::Running));
    let of_other = WorkerStanding {
        operator: Some(OTHER),
        pool: Some(7),
        ..standing()
    };
    chain
        .workers
        .lock()
        .unwrap()
        .push((WorkerId([2; 32]), of_other));
    let all = list(&chain, None, 50).await.unwrap().to_string();
    assert_eq!(all.lines().count(), 2, "{all}");
    assert!(all.contains("running  P 900  2000 PHA\n"), "{all}");
    assert!(all.contains("  pool 7\n"), "{all}");
    let own = list(&chain, Some(OWNER), 50).await.unwrap().to_string();
    assert!(own.starts_with(&WORKER.to_string()), "{own}");
    assert_eq!(own.lines().count(), 1, "{own}");
    assert_eq!(
        list(&chain, None, 1)
            .await
            .unwrap()
            .to_string()
            .lines()
            .count(),
        1
    );
    let none = list(&FakeEconomy::new(), None, 50).await.unwrap();
    assert_eq!(none.to_string(), "no workers\n");
}

#[test]
fn workers_and_stakes_are_named() {
    let worker = WORKER.to_string();
    let parse = |rest: &[&str]| Cli::try_parse_from([&["phat", "worker"], rest].concat());
    for good in [
        &["list", "--operator", "//Alice"][..],
        &["show", &worker],
        &["benchmark", &worker, "--dry-run"],
        &["start", &worker, "2000PHA", "--suri", "//Bob"],
        &["stop", &worker],
        &["reclaim", &worker],
    ] {
        assert!(parse(good).is_ok(), "{good:?}");
    }
    for bad in [
        &["list", "--operator", "Alice"][..],
        &["list", "--limit", "0"],
        &["show", "0x12"],
        &["start", &worker],
        &["start", &worker, "2000"],
        &["start", &worker, "0PHA"],
    ] {
        assert!(parse(bad).is_err(), "{bad:?}");
    }
}
