use super::*;
use crate::performance::NativeMachine;

/// Gives the number of the iteration in place of its root, at once, and says what it did.
#[derive(Clone, Default)]
struct Fake {
    done: Arc<AtomicU64>,
}

impl Machine for Fake {
    fn instance(&self) -> Result<Box<dyn Iterate>, String> {
        Ok(Box::new(self.clone()))
    }
}

impl Iterate for Fake {
    fn iteration_root(&mut self, seed: &Seed, iteration: u32) -> Result<Hash, String> {
        self.done.fetch_add(1, Ordering::SeqCst);
        thread::yield_now();
        Ok(root(seed, iteration))
    }
}

fn root(seed: &Seed, iteration: u32) -> Hash {
    let mut root = seed.0;
    root[..4].copy_from_slice(&iteration.to_le_bytes());
    root
}

fn chunk(seed: &Seed, chunk: u32) -> Hash {
    let roots: Vec<_> = chunk_iterations(chunk)
        .map(|iteration| root(seed, iteration))
        .collect();
    chunk_root_of(&roots.try_into().unwrap())
}

fn seed(byte: u8) -> Seed {
    Seed([byte; 32])
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what}");
        thread::yield_now();
    }
}

#[test]
fn chunks_come_in_their_order_whoever_does_them() {
    let iterations = Iterations::start(&Fake::default(), 4, Demand::default());
    assert_eq!((iterations.count(), iterations.elapsed()), (0, None));
    iterations.begin(Some(seed(1)));
    until("chunks are done", || {
        iterations.count() >= 50 * CHUNK_ITERATIONS
    });
    for (number, found) in (0..).zip(iterations.chunks(&seed(1))) {
        assert_eq!(found, chunk(&seed(1), number), "{number}");
    }
    assert!(iterations.elapsed().is_some());
    assert!(iterations.chunks(&seed(2)).is_empty());
}

#[test]
fn another_seed_begins_from_nothing_and_the_same_one_goes_on() {
    let iterations = Iterations::start(&Fake::default(), 2, Demand::default());
    iterations.begin(Some(seed(1)));
    until("chunks are done", || {
        iterations.count() >= 10 * CHUNK_ITERATIONS
    });
    iterations.begin(Some(seed(1)));
    assert!(iterations.count() >= 10 * CHUNK_ITERATIONS);

    iterations.begin(Some(seed(2)));
    assert!(iterations.chunks(&seed(1)).is_empty());
    until("others are done", || {
        iterations.count() >= 10 * CHUNK_ITERATIONS
    });
    assert!(iterations.total() >= 20 * u64::from(CHUNK_ITERATIONS));
    // None of the chunks that were under way passes for one of the new seed's.
    for (number, found) in (0..).zip(iterations.chunks(&seed(2))) {
        assert_eq!(found, chunk(&seed(2), number), "{number}");
    }
    iterations.begin(None);
    assert_eq!((iterations.count(), iterations.elapsed()), (0, None));
}

#[test]
fn all_threads_pause_while_contracts_need_all_processors() {
    let demand = Demand::default();
    let fake = Fake::default();
    let iterations = Iterations::start(&fake, 2, demand.clone());
    demand.set(2);
    iterations.begin(Some(seed(1)));
    until("both pause", || iterations.paused() == 2);
    assert_eq!(fake.done.load(Ordering::SeqCst), 0);
    // One processor is free again: one thread works, the other one does not.
    demand.set(1);
    until("one goes on", || fake.done.load(Ordering::SeqCst) > 100);
    assert_eq!(iterations.paused(), 1);
    demand.set(0);
    until("both go on", || iterations.paused() == 0);
    // Also what pauses ends with its work.
    demand.set(2);
    until("both pause again", || iterations.paused() == 2);
    iterations.begin(None);
    until("nothing is to be done", || iterations.paused() == 0);
}

#[test]
fn the_threads_end_with_what_has_started_them() {
    let fake = Fake::default();
    let iterations = Iterations::start(&fake, 3, Demand::default());
    iterations.begin(Some(seed(1)));
    let shared = Arc::downgrade(&iterations.shared);
    drop(iterations);
    until("no thread is left", || shared.strong_count() == 0);
}

#[test]
fn a_machine_that_fails_stops_nothing_else() {
    struct Broken;
    impl Machine for Broken {
        fn instance(&self) -> Result<Box<dyn Iterate>, String> {
            Err("no memory".into())
        }
    }
    let iterations = Iterations::start(&Broken, 2, Demand::default());
    iterations.begin(Some(seed(1)));
    assert_eq!(iterations.count(), 0);
}

#[test]
fn what_is_done_is_what_the_chain_checks() {
    let iterations = Iterations::start(&NativeMachine, 1, Demand::default());
    iterations.begin(Some(seed(1)));
    until("a chunk is done", || iterations.count() > 0);
    let mut workspace = phat_workload::Workspace::default();
    assert_eq!(
        iterations.chunks(&seed(1))[0],
        phat_workload::chunk_root(&mut workspace, &seed(1), 0)
    );
}
