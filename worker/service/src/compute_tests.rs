use phat_worker_core::scheduler::SLICE;

use super::*;

const A: ContractId = ContractId([1; 32]);
const B: ContractId = ContractId([2; 32]);

/// What the scheduler promises follows from the slices that the engine makes.
#[test]
fn the_engine_and_the_scheduler_mean_the_same_slices() {
    assert_eq!(phat_engine::SLICE, SLICE);
}

fn compute(processors: usize, calls_max: usize, calls_waiting_max: usize) -> Arc<Compute> {
    let bounds = bounds(processors, [4, 4], [calls_max, calls_waiting_max]);
    let weights = watch::channel(Weights::default()).1;
    Arc::new(Compute::new(bounds, weights, Arc::default()))
}

async fn begun(compute: &Arc<Compute>, contract: ContractId) -> Turn {
    let entered = compute.enter(Class::Call, contract).unwrap();
    entered.begin().await.unwrap()
}

/// Polls once whether it is done.
macro_rules! is_ready {
    ($future:expr) => {
        tokio::select! {
            biased;
            _ = $future => true,
            () = std::future::ready(()) => false,
        }
    };
}

#[tokio::test]
async fn a_processor_is_for_one_at_a_time() {
    let compute = compute(1, 8, 0);
    let [a, b] = [begun(&compute, A).await, begun(&compute, B).await];
    a.take().await;
    a.take().await;
    assert!(a.slice_over(), "nobody else wants to");
    let mut waiting = std::pin::pin!(b.take());
    assert!(!is_ready!(&mut waiting));
    assert!(!a.slice_over(), "it is the other's turn");
    waiting.await;
    assert!(!is_ready!(a.take()));
    b.give_up();
    b.give_up();
    a.take().await;
}

#[tokio::test]
async fn whatever_is_dropped_leaves_room_for_others() {
    let compute = compute(1, 4, 1);
    let first = begun(&compute, A).await;
    let waiting = compute.enter(Class::Call, A).unwrap();
    assert!(matches!(
        compute.enter(Class::Call, A),
        Err(NotRun::Busy(_))
    ));
    drop(waiting);
    let second = compute.enter(Class::Call, A).unwrap();
    first.take().await;
    let other = begun(&compute, B).await;
    let mut third = std::pin::pin!(other.take());
    assert!(!is_ready!(&mut third));
    // It had its turn, and its place.
    drop(first);
    third.await;
    second.begin().await.unwrap();
}

#[tokio::test]
async fn a_turn_that_came_too_late_is_given_up() {
    let compute = compute(1, 8, 0);
    let [a, b] = [begun(&compute, A).await, begun(&compute, B).await];
    a.take().await;
    {
        let mut waiting = std::pin::pin!(b.take());
        assert!(!is_ready!(&mut waiting));
        // The turn is there, but whoever waited does not look any more.
        a.give_up();
    }
    a.take().await;
}

#[tokio::test]
async fn what_waits_when_the_worker_stops_does_not_begin() {
    let compute = compute(1, 1, 1);
    let first = begun(&compute, A).await;
    let second = compute.enter(Class::Call, A).unwrap();
    let mut second = std::pin::pin!(second.begin());
    assert!(!is_ready!(&mut second));
    compute.stop();
    drop(first);
    assert!(matches!(second.await, Err(NotRun::Stopped)));
    let third = compute.enter(Class::Call, A);
    assert!(matches!(third, Err(NotRun::Stopped)));
}

#[tokio::test]
async fn a_call_that_makes_room_for_another_contract_is_told_so() {
    let compute = compute(1, 1, 8);
    let _running = begun(&compute, A).await;
    let waiting = |tag| {
        let contract = ContractId([tag; 32]);
        compute.enter(Class::Call, contract).unwrap()
    };
    // Four contracts have two each, and the queue is full.
    let [_oldest, newest] = [1, 1].map(waiting);
    let _others = [3, 3, 4, 4, 5, 5].map(waiting);
    let _newcomer = waiting(2);
    let refused = newest.begin().await;
    assert!(matches!(refused, Err(NotRun::Busy(_))));
}

#[tokio::test]
async fn compute_is_divided_by_stakes_which_may_change_at_any_time() {
    let (sender, weights) = watch::channel(Weights::default());
    let bounds = bounds(1, [4, 4], [8, 0]);
    let compute = Arc::new(Compute::new(bounds, weights, Arc::default()));
    let [a, b] = [begun(&compute, A).await, begun(&compute, B).await];
    // How many of so many slices are A's. What one takes is told, not measured.
    let slices = |count: usize| {
        let mut of_a = 0;
        for turn in [&a, &b] {
            turn.give_up();
        }
        compute.change(|state| {
            state.scheduler.want(a.id);
            state.scheduler.want(b.id);
        });
        for _ in 0..count {
            compute.change(|state| {
                let is_a = state.scheduler.is_computing(a.id);
                of_a += usize::from(is_a);
                let id = if is_a { a.id } else { b.id };
                state.scheduler.slice_over(id, SLICE);
            });
        }
        of_a
    };
    let of_a = slices(40);
    assert!((19..=21).contains(&of_a), "{of_a} of 40");
    sender.send_replace(Weights::of_stakes([(A, 30), (B, 10)]));
    let of_a = slices(40);
    assert!((29..=31).contains(&of_a), "{of_a} of 40");
    // With nobody left to change them, they stay.
    drop(sender);
    let of_a = slices(40);
    assert!((29..=31).contains(&of_a), "{of_a} of 40");
}
