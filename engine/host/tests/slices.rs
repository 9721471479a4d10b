//! Runs that share a processor.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use async_trait::async_trait;
use common::{ENGINE, assert_same, run, text};
use phat_engine::{
    FailureCode, KeyValueError, KeyValueSource, Outcome, Processor, Run, RunReport, Versioned,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A processor on which whoever waits longest is next, as one run sees it.
struct OneOfMany {
    processor: Arc<Semaphore>,
    turn: Mutex<Option<OwnedSemaphorePermit>>,
    slices: AtomicU64,
}

impl OneOfMany {
    fn new(processor: &Arc<Semaphore>) -> Arc<Self> {
        Arc::new(Self {
            processor: processor.clone(),
            turn: Mutex::default(),
            slices: AtomicU64::new(0),
        })
    }

    fn has_turn(&self) -> bool {
        self.turn.lock().unwrap().is_some()
    }
}

#[async_trait]
impl Processor for OneOfMany {
    async fn take(&self) {
        assert!(!self.has_turn(), "no turn is taken twice");
        let turn = self.processor.clone().acquire_owned().await.unwrap();
        *self.turn.lock().unwrap() = Some(turn);
    }

    fn slice_over(&self) -> bool {
        assert!(self.has_turn(), "nothing computes without a turn");
        self.slices.fetch_add(1, Ordering::SeqCst);
        self.give_up();
        false
    }

    fn give_up(&self) {
        *self.turn.lock().unwrap() = None;
    }
}

/// A store that tells whether the run that reads has its turn while it waits.
struct Watching {
    run: Arc<OneOfMany>,
    had_turn_at_first: AtomicBool,
    had_turn_later: AtomicBool,
}

#[async_trait]
impl KeyValueSource for Watching {
    async fn get(&self, _key: &[u8]) -> Result<Versioned, KeyValueError> {
        let first = self.run.has_turn();
        self.had_turn_at_first.store(first, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let later = self.run.has_turn();
        self.had_turn_later.store(later, Ordering::SeqCst);
        Ok(Versioned::default())
    }
}

const WAITS: &str = "
    import { kv } from 'phat';
    export default async () => {
        await kv.get('key');
        await new Promise((done) => setTimeout(done, 1));
        let sum = 0;
        for (let i = 0; i < 1000; i++) sum += i;
        return String(sum);
    }";

fn endless(fuel: u64) -> Run {
    let mut run = run("export default () => { for (;;); }");
    run.limits.fuel = fuel;
    run
}

async fn replayed(code: Arc<[u8]>, report: &RunReport) {
    let replayed = ENGINE.replay(code, &report.transcript).await.unwrap();
    assert_same(report, &replayed);
}

#[tokio::test]
async fn a_run_computes_in_its_turn_and_waits_out_of_it() {
    let processor = Arc::new(Semaphore::new(1));
    let of_run = OneOfMany::new(&processor);
    let kv = Arc::new(Watching {
        run: of_run.clone(),
        had_turn_at_first: AtomicBool::new(false),
        had_turn_later: AtomicBool::new(true),
    });
    let run = Run {
        kv: kv.clone(),
        ..run(WAITS)
    };
    let code = run.code.clone();
    let report = ENGINE.run_on(run, of_run.clone()).await;
    assert_eq!(text(&report), "499500");
    assert!(kv.had_turn_at_first.load(Ordering::SeqCst));
    assert!(!kv.had_turn_later.load(Ordering::SeqCst));
    assert!(!of_run.has_turn(), "it ends with none");
    replayed(code, &report).await;
}

#[tokio::test]
async fn an_endless_loop_gives_way_to_others() {
    let processor = Arc::new(Semaphore::new(1));
    let [looping, short] = [(); 2].map(|()| OneOfMany::new(&processor));
    let is_done = Arc::new(AtomicBool::new(false));
    let code = endless(0).code;
    let of_loop = looping.clone();
    let looping_slices = &of_loop.slices;
    let endless = tokio::spawn({
        let (is_done, looping) = (is_done.clone(), looping.clone());
        async move {
            let report = ENGINE.run_on(endless(3_000_000_000), looping).await;
            is_done.store(true, Ordering::SeqCst);
            report
        }
    });
    // It had a slice before anyone else asks.
    while looping_slices.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
    let report = ENGINE.run_on(run(WAITS), short).await;
    assert_eq!(text(&report), "499500");
    assert!(!is_done.load(Ordering::SeqCst), "it had its turn meanwhile");

    let report = endless.await.unwrap();
    let Outcome::Failed(failure) = &report.outcome else {
        panic!("it never ends");
    };
    assert_eq!(failure.code, FailureCode::OutOfFuel);
    assert_eq!(report.fuel_used, 3_000_000_000);
    assert!(looping.slices.load(Ordering::SeqCst) > 10);
    replayed(code, &report).await;
}

#[tokio::test]
async fn fuel_and_result_are_those_of_a_run_with_the_processor_to_itself() {
    let processor = Arc::new(Semaphore::new(1));
    let shared = (0..4).map(|_| ENGINE.run_on(run(WAITS), OneOfMany::new(&processor)));
    let shared: Vec<_> = shared.map(tokio::spawn).collect();
    let alone = ENGINE.run(run(WAITS)).await;
    for report in shared {
        assert_same(&alone, &report.await.unwrap());
    }
}

#[tokio::test]
async fn a_run_whose_time_is_over_leaves_the_processor() {
    let processor = Arc::new(Semaphore::new(1));
    let mut run = endless(u64::MAX);
    run.limits.time_ms = 50;
    run.limits.fuel = 1_000_000_000_000;
    let of_run = OneOfMany::new(&processor);
    let report = ENGINE.run_on(run, of_run.clone()).await;
    let Outcome::Failed(failure) = &report.outcome else {
        panic!("it never ends");
    };
    assert_eq!(failure.code, FailureCode::DeadlineExceeded);
    assert_eq!(processor.available_permits(), 1);
}
