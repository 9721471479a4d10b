use std::task::Poll;

use super::*;

const ONE: ContractId = ContractId([1; 32]);
const TWO: ContractId = ContractId([2; 32]);
const THREE: ContractId = ContractId([3; 32]);
const FOUR: ContractId = ContractId([4; 32]);

fn shares() -> Arc<Shares> {
    Arc::new(Shares::new(Bounds {
        anchor_runs: 8,
        calls: 4,
        memory_bytes: 1_000,
        requests: 8,
        lookups: 8,
    }))
}

fn enter(shares: &Arc<Shares>, class: RunClass, contract: ContractId) -> Place {
    shares.enter(class, contract).unwrap()
}

/// Memory of a run, which must be there.
fn charge(place: &Place, bytes: u64) -> Charge {
    let mut charge = place.account().charge();
    charge.add(bytes).unwrap();
    charge
}

/// Checks that a run is refused, for the time being, and says certain words.
fn is_refused<T>(result: Result<T, RunFailure>, words: &str) {
    let failure = result.err().expect("it was not refused");
    assert!(failure.code.is_transient(), "{failure}");
    assert!(failure.message.contains(words), "{failure}");
    assert!(failure.message.ends_with("try again later"), "{failure}");
}

#[test]
fn calls_leave_memory_to_anchors() {
    let shares = shares();
    let calls: Vec<Place> = [ONE, TWO, THREE]
        .map(|contract| enter(&shares, RunClass::Call, contract))
        .into();
    let mut held = vec![charge(&calls[0], 250), charge(&calls[1], 250)];
    let mut third = calls[2].account().charge();
    is_refused(third.add(1), "the memory that this worker has for calls");
    let anchor = enter(&shares, RunClass::Anchor, FOUR);
    held.push(charge(&anchor, 500));
    is_refused(
        anchor.account().charge().add(1),
        "the memory of this worker",
    );
    // What is given back can be had again.
    held.remove(0);
    third.add(250).unwrap();
    drop((held, third));
    let used = shares.used();
    assert_eq!((used.bytes, used.call_bytes), (0, 0));
}

#[test]
fn a_contract_has_a_quarter_of_the_memory() {
    let shares = shares();
    let oldest = enter(&shares, RunClass::Anchor, ONE);
    let younger = enter(&shares, RunClass::Anchor, ONE);
    let mut small = charge(&younger, 250);
    let words = "other runs of the contract use its share";
    is_refused(small.add(1), words);
    // One run gets through, whatever the others of its contract do.
    let large = charge(&oldest, 400);
    is_refused(small.add(1), words);
    let other = enter(&shares, RunClass::Anchor, TWO);
    let rest = charge(&other, 350);
    drop((oldest, large));
    small.add(400).unwrap();
    drop((small, rest));
    assert_eq!(shares.used().bytes, 0);
}

/// A report may be kept for longer than its run takes.
#[test]
fn memory_counts_after_the_end_of_its_run() {
    let shares = shares();
    let run = enter(&shares, RunClass::Anchor, ONE);
    let held = HeldMemory::new(charge(&run, 1_000));
    let copy = held.clone();
    drop((run, held));
    let next = enter(&shares, RunClass::Anchor, TWO);
    let mut more = next.account().charge();
    is_refused(more.add(1), "the memory of this worker");
    assert_eq!(format!("{copy:?}"), "HeldMemory(1000)");
    drop(copy);
    more.add(1_000).unwrap();
    assert_eq!(HeldMemory::default().bytes(), 0);
}

#[test]
fn a_contract_has_a_quarter_of_the_runs() {
    let shares = shares();
    let first = enter(&shares, RunClass::Anchor, ONE);
    let second = enter(&shares, RunClass::Anchor, ONE);
    let words = "the contract has 2 runs under way";
    is_refused(shares.enter(RunClass::Anchor, ONE), words);
    // Each class for itself, and at least one run of it.
    let call = enter(&shares, RunClass::Call, ONE);
    is_refused(shares.enter(RunClass::Call, ONE), "1 runs under way");
    let other = enter(&shares, RunClass::Anchor, TWO);
    drop(first);
    let third = enter(&shares, RunClass::Anchor, ONE);
    drop((second, call, other, third));
    drop(enter(&shares, RunClass::Call, THREE));
    assert_eq!(shares.used().contracts.len(), 1, "the others are forgotten");
}

#[tokio::test]
async fn more_runs_than_may_go_on_wait() {
    let shares = shares();
    let places: Vec<Place> = (0..5)
        .map(|index| enter(&shares, RunClass::Call, ContractId([index; 32])))
        .collect();
    let mut turns = Vec::new();
    for place in &places[..4] {
        turns.push(place.turn().await.unwrap());
    }
    assert_eq!(shares.under_way(), 4);
    let fifth = places[4].turn();
    let mut fifth = std::pin::pin!(fifth);
    assert!(polled(fifth.as_mut()).await.is_pending());
    turns.pop();
    assert_eq!(
        shares.under_way(),
        4,
        "the fifth has the turn that came free"
    );
    assert!(polled(fifth.as_mut()).await.is_ready());
    assert_eq!(shares.under_way(), 3, "the fifth has given it back");
}

/// What a run leaves behind counts for the next of its contract.
#[tokio::test]
async fn lookups_count_for_their_contract_and_for_all() {
    let shares = shares();
    let run = enter(&shares, RunClass::Call, ONE);
    let held = run.lookups.next().await;
    drop(run);
    let next = enter(&shares, RunClass::Call, ONE);
    let waiting = next.lookups.next();
    let mut waiting = std::pin::pin!(waiting);
    assert!(polled(waiting.as_mut()).await.is_pending());
    // The one that waits for its own contract takes nothing from another.
    let others = [TWO, THREE, FOUR].map(|contract| enter(&shares, RunClass::Call, contract));
    let mut turns = Vec::new();
    for other in &others {
        turns.push(other.lookups.next().await);
    }
    // Calls have half. The rest is for anchors.
    let fifth = enter(&shares, RunClass::Call, ContractId([5; 32]));
    let full = fifth.lookups.next();
    let mut full = std::pin::pin!(full);
    assert!(polled(full.as_mut()).await.is_pending());
    let anchors =
        [ONE, TWO, THREE, FOUR].map(|contract| enter(&shares, RunClass::Anchor, contract));
    for anchor in &anchors {
        turns.push(anchor.lookups.next().await);
    }
    drop(held);
    assert!(polled(full.as_mut()).await.is_ready());
}

/// Whoever calls a contract for nothing cannot take the requests of those who paid.
#[tokio::test]
async fn calls_leave_requests_to_anchors() {
    let shares = shares();
    let contracts = [ONE, TWO, THREE, FOUR];
    let calls = contracts.map(|contract| enter(&shares, RunClass::Call, contract));
    let anchors = contracts.map(|contract| enter(&shares, RunClass::Anchor, contract));
    let mut held = Vec::new();
    for call in &calls {
        held.push(call.requests.next().await);
    }
    // Of two that a contract may have, its calls have one.
    let more = calls[0].requests.next();
    let mut more = std::pin::pin!(more);
    assert!(polled(more.as_mut()).await.is_pending());
    for anchor in &anchors {
        held.push(anchor.requests.next().await);
    }
    held.remove(0);
    assert!(polled(more.as_mut()).await.is_ready());
}

/// Connections are kept, and with them what their lookups need.
#[tokio::test]
async fn kept_turns_keep_no_contract() {
    let shares = shares();
    let kept = enter(&shares, RunClass::Call, ONE).lookups.clone();
    drop(enter(&shares, RunClass::Call, TWO));
    let known = |contract| shares.used().contracts.contains_key(&contract);
    assert!(!known(ONE));
    // A lookup that no run waits for counts for the next run.
    let turn = kept.next().await;
    let run = enter(&shares, RunClass::Call, ONE);
    let waiting = run.lookups.next();
    let mut waiting = std::pin::pin!(waiting);
    assert!(polled(waiting.as_mut()).await.is_pending());
    drop(turn);
    assert!(polled(waiting.as_mut()).await.is_ready());
}

/// Polls a future once.
async fn polled<F: Future>(mut future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}
