use std::sync::atomic::{AtomicBool, Ordering};

use super::*;

/// Keeps whoever asks waiting for so long, and lets nobody go on.
struct Slow {
    wait: Duration,
    has_turn: AtomicBool,
}

#[async_trait]
impl Processor for Slow {
    async fn take(&self) {
        tokio::time::sleep(self.wait).await;
        self.has_turn.store(true, Ordering::SeqCst);
    }

    fn slice_over(&self) -> bool {
        self.give_up();
        false
    }

    fn give_up(&self) {
        self.has_turn.store(false, Ordering::SeqCst);
    }
}

fn slow(wait: Duration) -> (Arc<Slow>, Slices) {
    let has_turn = AtomicBool::new(false);
    let slow = Arc::new(Slow { wait, has_turn });
    (slow.clone(), Slices::on(slow))
}

#[tokio::test]
async fn waiting_for_a_turn_takes_nothing_of_a_run_s_time() {
    let (_, slices) = slow(Duration::from_millis(700));
    let run = async {
        slices.take().await;
        slices.next_slice().await;
        "done"
    };
    // Far less than it waits, and far more than it computes.
    let done = slices.within(Duration::from_millis(500), run).await;
    assert_eq!(done, Some("done"));
}

#[tokio::test]
async fn a_run_s_own_time_ends() {
    for slices in [Slices::default(), slow(Duration::ZERO).1] {
        let run = async {
            slices.take().await;
            slices.away(std::future::pending::<()>()).await;
        };
        let done = slices.within(Duration::from_millis(1), run).await;
        assert_eq!(done, None);
    }
}

#[tokio::test]
async fn whoever_waits_for_the_outside_leaves_the_processor_to_others() {
    let (slow, slices) = slow(Duration::ZERO);
    let has_turn = || slow.has_turn.load(Ordering::SeqCst);
    slices.take().await;
    let at_once = slices.away(async { has_turn() }).await;
    assert!(at_once, "what is there already is not waited for");
    let while_away = async {
        tokio::task::yield_now().await;
        has_turn()
    };
    assert!(!slices.away(while_away).await);
    assert!(has_turn(), "it goes on with a turn");
    slices.give_up();
    assert!(!has_turn());
}

#[test]
fn time_left_is_the_run_s_own() {
    let started = Instant::now() - Duration::from_secs(10);
    let mut times = Times {
        slice_from: started,
        has_turn: false,
        waits_from: None,
        waited: Duration::from_secs(4),
    };
    assert!(times.left(Duration::from_secs(5), started).is_zero());
    let left = times.left(Duration::from_secs(60), started);
    assert!(left <= Duration::from_secs(54), "{left:?}");
    // What it waits now does not count either: nothing of its time passes.
    times.waits_from = Some(started + Duration::from_secs(4));
    let left = times.left(Duration::from_secs(5), started);
    assert_eq!(left, Duration::from_secs(5));
    assert_eq!(times.left(Duration::from_nanos(1), started), SLICE);
}
