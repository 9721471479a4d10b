use std::sync::atomic::Ordering;

use clap::Parser;
use phat_chain_client::{
    EconomyOutcome, NoticedRate, PoolWorker, RateRise, SessionPhase, WaitingWithdrawal,
};
use phat_primitives::{AccountBytes, WorkerId};

use super::*;
use crate::{
    amount::Amount,
    chain::{
        WorkerStanding,
        fake::{
            OWNER,
            economy::{DAY_S, FUND, FakeEconomy, NOW_S, PHA, pool, session, standing},
        },
    },
    cli::Cli,
    output::Format,
    staking::Part,
};

const WORKER: WorkerId = WorkerId([0xa1; 32]);
const OTHER: AccountBytes = AccountBytes([8; 32]);

/// A chain with pool 0, whose 100 PHA of shares are worth 120 PHA, 40 PHA of it free. The signing
/// account owns it, and has half of the shares.
fn chain() -> FakeEconomy {
    let chain = FakeEconomy::new();
    chain.pools.lock().unwrap().push(pool(120));
    chain.shares.lock().unwrap().push((OWNER, 50 * PHA));
    chain
}

/// The same of somebody else's.
fn chain_of_other() -> FakeEconomy {
    let chain = chain();
    chain.pools.lock().unwrap()[0].owner = OTHER;
    chain
}

/// Has the worker in the pool, with stake of the pool's if there is a phase.
fn add_worker(chain: &FakeEconomy, phase: Option<SessionPhase>) {
    chain.pools.lock().unwrap()[0].workers.push(PoolWorker {
        worker: WORKER,
        is_pool_stake: phase.is_some(),
        session: phase.map(|phase| session(FUND, phase)),
    });
}

/// Has these wait, by the number of days that they do.
fn queue(chain: &FakeEconomy, waiting: &[(AccountBytes, u128, u64)]) {
    let waiting = waiting.iter().zip(10..);
    *chain.pool_queue.lock().unwrap() = waiting
        .map(|((who, pha, days), request)| WaitingWithdrawal {
            request,
            who: *who,
            shares: pha * PHA,
            requested_at_s: NOW_S - days * DAY_S,
        })
        .collect();
}

/// Does it, and gives its text or error, and its JSON.
async fn made(chain: &FakeEconomy, wish: Wish, is_dry_run: bool) -> (String, serde_json::Value) {
    let (mut result, mut progress) = (Vec::new(), Vec::new());
    let mut output = Output::new(Format::Text, &mut result, &mut progress);
    match checked(chain, wish, is_dry_run, &mut output).await {
        Ok(acted) => (acted.to_string(), serde_json::to_value(&acted).unwrap()),
        Err(error) => (format!("error: {error:#}"), serde_json::Value::Null),
    }
}

fn delegate(amount: u128) -> Wish {
    Wish::Exactly(PoolAction::Delegate { pid: 0, amount })
}

fn withdraw(part: Part) -> Wish {
    Wish::Withdraw { pid: 0, part }
}

async fn sends(chain: &FakeEconomy, wish: Wish, expected: PoolAction) {
    let (text, _) = made(chain, wish, false).await;
    assert_eq!(chain.last(), Some(EconomyAction::Pool(expected)), "{text}");
}

async fn refused(chain: &FakeEconomy, wish: Wish, expected: &str) {
    let before = chain.done.lock().unwrap().len();
    let (text, _) = made(chain, wish, false).await;
    assert!(text.starts_with("error: "), "{text}");
    assert!(text.contains(expected), "{text} does not say {expected:?}");
    assert_eq!(chain.done.lock().unwrap().len(), before, "{text}");
}

#[tokio::test]
async fn shares_are_bought() {
    let chain = chain();
    *chain.outcome.lock().unwrap() = EconomyOutcome {
        shares: Some(10 * PHA),
        ..EconomyOutcome::default()
    };
    let (text, json) = made(&chain, delegate(12 * PHA), false).await;
    assert_eq!(
        text,
        format!(
            "done       delegate 12 PHA to pool 0\naccount    {OWNER}\n\
             bought     10000000000000 shares\nfee        about 0.001 PHA\nblock      1\n"
        )
    );
    assert_eq!(json["shares"], (10 * PHA).to_string());
    // A dry run checks the same and sends nothing.
    let (text, json) = made(&chain, delegate(12 * PHA), true).await;
    assert!(text.starts_with("would      delegate 12 PHA"), "{text}");
    assert_eq!(json["fee_estimate"], (PHA / 1_000).to_string());
    assert_eq!(chain.done.lock().unwrap().len(), 1);
    // What the chain refuses all the same is told with what was to be done.
    chain.refuses.store(true, Ordering::SeqCst);
    let (text, _) = made(&chain, delegate(12 * PHA), false).await;
    assert!(text.contains("this was not done: delegate"), "{text}");
    assert!(text.contains("the chain refused"), "{text}");
}

#[tokio::test]
async fn delegations_that_the_chain_would_refuse_are_not_sent() {
    let chain = chain_of_other();
    refused(&chain, delegate(PHA - 1), "1 PHA is the least").await;
    refused(&chain, delegate(100 * PHA), "give a smaller amount").await;
    let unknown = Wish::Exactly(PoolAction::Delegate {
        pid: 1,
        amount: PHA,
    });
    refused(&chain, unknown, "there is no pool 1").await;

    let with = |change: fn(&mut phat_chain_client::Pool)| {
        let chain = chain_of_other();
        change(&mut chain.pools.lock().unwrap()[0]);
        chain
    };
    let capped = with(|pool| pool.cap = Some(125 * PHA));
    refused(&capped, delegate(6 * PHA), "has room for 5 PHA").await;
    let action = PoolAction::Delegate {
        pid: 0,
        amount: 5 * PHA,
    };
    sends(&capped, delegate(5 * PHA), action).await;
    let restricted = with(|pool| pool.is_restricted = true);
    refused(&restricted, delegate(5 * PHA), "on its whitelist").await;
    restricted.whitelist.lock().unwrap().push(OWNER);
    sends(&restricted, delegate(5 * PHA), action).await;
    let depleted = with(|pool| pool.book.value = PHA / 100);
    refused(&depleted, delegate(5 * PHA), "lost almost all").await;
    let dear = with(|pool| pool.book.value = 100 * PHA * 10_000_000);
    refused(&dear, delegate(5 * PHA), "so dear").await;
}

#[tokio::test]
async fn shares_are_withdrawn_by_their_worth_or_number() {
    let chain = chain();
    let of = |shares| PoolAction::Withdraw { pid: 0, shares };
    sends(&chain, withdraw(Part::All), of(50 * PHA)).await;
    sends(&chain, withdraw(Part::Shares(7 * PHA)), of(7 * PHA)).await;
    let worth = Part::Worth(Amount(12 * PHA));
    sends(&chain, withdraw(worth), of(10 * PHA)).await;

    let worth = |pha: u128| withdraw(Part::Worth(Amount(pha * PHA)));
    refused(&chain, worth(61), "worth 60 PHA: withdraw no more").await;
    refused(&chain, worth(121), "all of pool 0 is worth 120 PHA").await;
    // What is worth little is paid at once or not at all.
    let little = withdraw(Part::Shares(PHA / 2));
    sends(&chain, little, of(PHA / 2)).await;
    chain.pools.lock().unwrap()[0].book.available = PHA / 10;
    refused(&chain, little, "less than 1 PHA does not wait").await;
    chain.shares.lock().unwrap().clear();
    refused(&chain, withdraw(Part::All), "has no shares of pool 0").await;
}

#[tokio::test]
async fn who_waits_sees_what_is_before_them() {
    let chain = chain();
    queue(&chain, &[(OTHER, 10, 5), (OWNER, 5, 4), (OTHER, 1, 3)]);
    let shown = show(&chain, 0, Some(OWNER)).await.unwrap();
    let text = shown.to_string();
    for line in [
        "value      120 PHA, 40 PHA of it free, 20.8 PHA of that for nobody who waits\n",
        "price      1.2 PHA for 10¹² shares\n",
        "commission 10 %\n",
        "queue      3 waiting, worth 19.2 PHA; the first for 5 d, can be forced in 9 d\n",
        "           50000000000000 shares, worth 60 PHA\n",
        "           withdrawal 11 waits, worth 6 PHA, for 4 d: 1 before it, worth 12 PHA\n",
    ] {
        assert!(text.contains(line), "{text} has no {line:?}");
    }
    let json = serde_json::to_value(&shown).unwrap();
    assert_eq!(json["held"]["waiting"][0]["ahead"], 1);
    assert_eq!(json["queue"]["forceable_in_s"], 9 * DAY_S);

    let cancel = |request| Wish::Cancel { pid: 0, request };
    let cancelled = |request| PoolAction::CancelWithdrawal { pid: 0, request };
    sends(&chain, cancel(None), cancelled(11)).await;
    refused(&chain, cancel(Some(10)), "give one of 11").await;
    queue(&chain, &[(OWNER, 10, 5), (OWNER, 5, 4)]);
    refused(&chain, cancel(None), "give one of 10, 11").await;
    sends(&chain, cancel(Some(10)), cancelled(10)).await;
    let text = show(&chain, 0, Some(OWNER)).await.unwrap().to_string();
    assert!(text.contains("for 5 d: it is the next\n"), "{text}");
    queue(&chain, &[]);
    refused(&chain, cancel(None), "there is none to cancel").await;
}

#[tokio::test]
async fn a_queue_is_paid_or_forced_when_it_is_time() {
    let chain = chain_of_other();
    let serve = PoolAction::ProcessQueue { pid: 0, limit: 64 };
    let force = PoolAction::Force(0);
    refused(&chain, Wish::Exactly(serve), "nothing to pay").await;
    refused(&chain, Wish::Exactly(force), "nothing to pay").await;
    queue(&chain, &[(OTHER, 10, 13)]);
    sends(&chain, Wish::Exactly(serve), serve).await;
    refused(&chain, Wish::Exactly(force), "it can be forced in 1 d").await;
    queue(&chain, &[(OTHER, 10, 14)]);
    *chain.outcome.lock().unwrap() = EconomyOutcome {
        forced: Some(2),
        payments: 1,
        ..EconomyOutcome::default()
    };
    let (text, _) = made(&chain, Wish::Exactly(force), false).await;
    assert!(text.contains("payments   1\nforced     2\n"), "{text}");
    let text = show(&chain, 0, None).await.unwrap().to_string();
    assert!(text.contains("for 14 d, and can be forced\n"), "{text}");
}

#[tokio::test]
async fn a_pool_is_created_with_what_stays_in_it() {
    let chain = FakeEconomy::new();
    let create = |commission_ppm| Wish::Exactly(PoolAction::Create { commission_ppm });
    *chain.outcome.lock().unwrap() = EconomyOutcome {
        created: Some(4),
        ..EconomyOutcome::default()
    };
    let (text, json) = made(&chain, create(75_000), false).await;
    assert!(text.contains("a commission of 7.5 %\n"), "{text}");
    assert!(text.contains("number     4\n"), "{text}");
    assert_eq!(json["created"], 4);
    refused(&chain, create(500_001), "50 % at the most").await;
    *chain.free.lock().unwrap() = PHA;
    refused(&chain, create(75_000), "this takes 1.001 PHA").await;
}

#[tokio::test]
async fn settings_and_rewards_are_the_owners() {
    let actions = [
        PoolAction::SetCommission {
            pid: 0,
            commission_ppm: 50_000,
        },
        PoolAction::SetCap { pid: 0, cap: None },
        PoolAction::SetRestriction {
            pid: 0,
            is_restricted: true,
        },
        PoolAction::AddToWhitelist { pid: 0, who: OTHER },
        PoolAction::RemoveFromWhitelist { pid: 0, who: OTHER },
    ];
    for action in actions {
        sends(&chain(), Wish::Exactly(action), action).await;
        let other = chain_of_other();
        refused(
            &other,
            Wish::Exactly(action),
            "give the owner's with --suri",
        )
        .await;
    }
    let claim = PoolAction::ClaimOwnerRewards(0);
    let chain = chain();
    refused(&chain, Wish::Exactly(claim), "no commission").await;
    chain.pools.lock().unwrap()[0].owner_rewards = 3 * PHA;
    let text = show(&chain, 0, None).await.unwrap().to_string();
    assert!(text.contains("3 PHA to be claimed\n"), "{text}");
    sends(&chain, Wish::Exactly(claim), claim).await;
}

#[tokio::test]
async fn workers_come_into_a_pool_and_leave_it() {
    let (pid, worker) = (0, WORKER);
    let add = Wish::Exactly(PoolAction::AddWorker { pid, worker });
    let remove = Wish::Exactly(PoolAction::RemoveWorker { pid, worker });
    let with = |standing: WorkerStanding| {
        let chain = chain();
        chain.workers.lock().unwrap().push((WORKER, standing));
        chain
    };
    let good = with(standing());
    sends(&good, add, PoolAction::AddWorker { pid, worker }).await;
    refused(&good, remove, "is not in pool 0").await;
    refused(&chain(), add, "is not registered").await;
    let of_other = WorkerStanding {
        operator: Some(OTHER),
        ..standing()
    };
    refused(&with(of_other), add, "who has to own the pool").await;
    let elsewhere = |pool| WorkerStanding {
        pool: Some(pool),
        ..standing()
    };
    refused(&with(elsewhere(0)), add, "in pool 0 already").await;
    refused(&with(elsewhere(5)), add, "remove it there first").await;
    let in_session = WorkerStanding {
        session: Some(session(OWNER, SessionPhase::Running)),
        ..standing()
    };
    refused(&with(in_session), add, "`phat worker stop`").await;

    let idle = chain();
    add_worker(&idle, None);
    sends(&idle, remove, PoolAction::RemoveWorker { pid, worker }).await;
    let staked = chain();
    add_worker(&staked, Some(SessionPhase::Running));
    refused(&staked, remove, "reclaim the stake first").await;
}

#[tokio::test]
async fn money_of_the_pool_is_staked_and_comes_back() {
    let (pid, worker) = (0, WORKER);
    let start = |pha: u128| PoolAction::StartWorker {
        pid,
        worker,
        stake: pha * PHA,
    };
    let chain = chain();
    refused(&chain, Wish::Exactly(start(1_500)), "is not in pool 0").await;
    add_worker(&chain, None);
    refused(&chain, Wish::Exactly(start(1_500)), "phat worker benchmark").await;
    let mut ready = standing();
    ready.performance.score = Some(phat_chain_client::BenchmarkScore {
        p: 900,
        proven_at: 700,
    });
    ready.proven_at_s = Some(NOW_S - 60);
    chain.workers.lock().unwrap().push((WORKER, ready));
    refused(&chain, Wish::Exactly(start(1_500)), "40 PHA that is free").await;
    {
        let book = &mut chain.pools.lock().unwrap()[0].book;
        (book.value, book.available) = (2_000 * PHA, 2_000 * PHA);
    }
    // What somebody waits for is not staked: a fifth of the shares.
    queue(&chain, &[(OTHER, 20, 1)]);
    refused(&chain, Wish::Exactly(start(1_601)), "1600 PHA that is free").await;
    sends(&chain, Wish::Exactly(start(1_600)), start(1_600)).await;

    let stop = PoolAction::StopWorker { pid, worker };
    let reclaim = PoolAction::ReclaimWorker { pid, worker };
    refused(&chain, Wish::Exactly(stop), "has no stake in worker").await;
    let running = self::chain();
    add_worker(&running, Some(SessionPhase::Running));
    sends(&running, Wish::Exactly(stop), stop).await;
    refused(&running, Wish::Exactly(reclaim), "`phat pool stop-worker`").await;
    let cooling = |until_s| {
        // Anybody may reclaim.
        let chain = chain_of_other();
        add_worker(&chain, Some(SessionPhase::CoolingDown { until_s }));
        chain
    };
    refused(&cooling(NOW_S + 60), Wish::Exactly(reclaim), "in 1 min").await;
    sends(&cooling(NOW_S), Wish::Exactly(reclaim), reclaim).await;
    let text = show(&cooling(NOW_S + 60), 0, None)
        .await
        .unwrap()
        .to_string();
    assert!(
        text.contains("cooling down for 1 min, 2000 PHA\n"),
        "{text}"
    );
}

#[tokio::test]
async fn pools_are_listed_with_what_a_delegator_looks_for() {
    let chain = chain();
    {
        let mut pools = chain.pools.lock().unwrap();
        let mut second = pool(90);
        second.pid = 1;
        second.is_restricted = true;
        second.commission = NoticedRate {
            rate_ppm: 100_000,
            rise: Some(RateRise {
                rate_ppm: 200_000,
                from_s: NOW_S + 2 * DAY_S,
            }),
        };
        pools.push(second);
    }
    let text = list(&chain, 50).await.unwrap().to_string();
    assert_eq!(
        text,
        "1      90 PHA, 0.9 PHA for 10¹² shares, commission 10 %, 20 % in 2 d, workers 0, \
         restricted\n0      120 PHA, 1.2 PHA for 10¹² shares, commission 10 %, workers 0\n"
    );
    let newest = list(&chain, 1).await.unwrap();
    let json = serde_json::to_value(&newest).unwrap();
    assert_eq!(json["pools"][0]["pool"], 1);
    assert_eq!(json["pools"][0]["commission"]["rises_to_ppm"], 200_000);
    let none = list(&FakeEconomy::new(), 50).await.unwrap();
    assert_eq!(none.to_string(), "no pools\n");
    let error = show(&chain, 7, None).await.unwrap_err();
    assert!(error.to_string().contains("`phat pool list`"), "{error}");
}

/// What the arguments ask for.
fn parsed(rest: &[&str]) -> Result<Option<Wish>, clap::Error> {
    let cli = Cli::try_parse_from([&["phat", "pool"], rest].concat())?;
    let crate::cli::Command::Pool(options) = cli.command else {
        panic!("it is another command");
    };
    Ok(options.command.wish().map(|(wish, _)| wish))
}

#[test]
fn each_command_is_a_call_of_the_pallet() {
    let worker = WORKER.to_string();
    let names: Vec<_> = [
        &["list"][..],
        &["show", "0", "--account", "//Alice"],
        &["create", "10%"],
        &["delegate", "0", "12PHA", "--dry-run"],
        &["withdraw", "0", "all"],
        &["cancel", "0", "--request", "3"],
        &["add-worker", "0", &worker],
        &["remove-worker", "0", &worker],
        &["start-worker", "0", &worker, "2000PHA"],
        &["stop-worker", "0", &worker],
        &["reclaim-worker", "0", &worker],
        &["claim", "0"],
        &["set-commission", "0", "5%"],
        &["set-cap", "0", "--none"],
        &["restrict", "0"],
        &["open", "0"],
        &["allow", "0", "//Bob"],
        &["disallow", "0", "//Bob"],
        &["serve", "0"],
        &["force", "0"],
    ]
    .into_iter()
    .map(|arguments| {
        let wish = parsed(arguments).unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
        let text = wish.map(|wish| format!("{wish:?}")).unwrap_or_default();
        let text = text.trim_start_matches("Exactly(");
        text.split([' ', '(']).next().unwrap_or_default().to_owned()
    })
    .collect();
    assert_eq!(
        names,
        [
            "",
            "",
            "Create",
            "Delegate",
            "Withdraw",
            "Cancel",
            "AddWorker",
            "RemoveWorker",
            "StartWorker",
            "StopWorker",
            "ReclaimWorker",
            "ClaimOwnerRewards",
            "SetCommission",
            "SetCap",
            "SetRestriction",
            "SetRestriction",
            "AddToWhitelist",
            "RemoveFromWhitelist",
            "ProcessQueue",
            "Force",
        ]
    );
}

#[test]
fn arguments_that_mean_nothing_are_refused() {
    for bad in [
        &["show"][..],
        &["show", "-1"],
        &["create", "10"],
        &["create", "101%"],
        &["delegate", "0", "12"],
        &["withdraw", "0", "half"],
        &["set-cap", "0"],
        &["set-cap", "0", "1PHA", "--none"],
        &["allow", "0", "Bob"],
        &["serve", "0", "--limit", "65"],
    ] {
        assert!(parsed(bad).is_err(), "{bad:?}");
    }
}
