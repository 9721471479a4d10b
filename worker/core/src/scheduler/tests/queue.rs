//! What waits to begin, and what is refused.

use std::time::Duration;

use phat_primitives::ContractId;

use super::{
    super::{
        Bounds, Busy, ByClass, Class, ClassBounds, Next, RETRY_AFTER_S_MAX, RunId, Scheduler,
        Weights,
    },
    contract, weight,
};

const BOUNDS: ClassBounds = ClassBounds {
    running_max: 4,
    running_per_contract_max: 2,
    waiting_max: 6,
    waiting_per_contract_max: 4,
};

/// A scheduler and what it has said.
struct Queue {
    scheduler: Scheduler,
    now: Duration,
    begun: Vec<RunId>,
    refused: Vec<(RunId, Busy)>,
}

impl Queue {
    fn new() -> Self {
        let runs = ByClass {
            anchor: BOUNDS,
            call: BOUNDS,
        };
        let processors = 1;
        Self {
            scheduler: Scheduler::new(Bounds { processors, runs }),
            now: Duration::ZERO,
            begun: Vec::new(),
            refused: Vec::new(),
        }
    }

    fn listen(&mut self) {
        while let Some(next) = self.scheduler.next(self.now) {
            match next {
                Next::Begin(id) => self.begun.push(id),
                Next::Refuse(id, busy) => self.refused.push((id, busy)),
                Next::Compute(_) => panic!("nothing wants to"),
            }
        }
    }

    fn call(&mut self, contract: ContractId) -> Result<RunId, Busy> {
        let entered = self.scheduler.enter(Class::Call, contract);
        self.listen();
        entered
    }

    fn leave(&mut self, id: RunId) {
        self.scheduler.leave(id, Duration::ZERO, self.now);
        self.listen();
    }

    fn waiting(&self) -> usize {
        self.scheduler.waiting(Class::Call)
    }
}

#[test]
fn a_contract_has_so_many_that_run_and_so_many_that_wait() {
    let mut queue = Queue::new();
    let own = contract(1);
    let entered: Vec<_> = (0..6).map(|_| queue.call(own).unwrap()).collect();
    assert_eq!(queue.begun, entered[..2]);
    assert_eq!(queue.waiting(), 4);
    // One past the bound.
    assert_eq!(queue.call(own), Err(Busy { retry_after_s: 1 }));
    assert_eq!((queue.waiting(), queue.refused.len()), (4, 0));
    // Others have what is theirs, and so has the other class.
    queue.call(contract(2)).unwrap();
    assert_eq!(queue.begun.len(), 3);
    queue.scheduler.enter(Class::Anchor, own).unwrap();
    queue.listen();
    assert_eq!(queue.begun.len(), 4);
    // The oldest goes on when one ends, and there is room for one more.
    queue.leave(entered[0]);
    assert_eq!(queue.begun.last(), Some(&entered[2]));
    queue.call(own).unwrap();
    queue.call(own).unwrap_err();
}

#[test]
fn a_full_queue_takes_from_whoever_has_most() {
    let mut queue = Queue::new();
    let [a, b, c, d] = [1, 2, 3, 4].map(contract);
    for of in [a, a, b, b] {
        queue.call(of).unwrap();
    }
    let of_a: Vec<_> = (0..4).map(|_| queue.call(a).unwrap()).collect();
    for _ in 0..2 {
        queue.call(b).unwrap();
    }
    assert_eq!(queue.waiting(), BOUNDS.waiting_max);
    // The newest of the one with most makes room.
    queue.call(c).unwrap();
    assert_eq!(queue.refused.len(), 1);
    assert_eq!(queue.refused[0].0, of_a[3]);
    assert_eq!(queue.waiting(), BOUNDS.waiting_max);
    queue.call(d).unwrap();
    assert_eq!(queue.refused[1].0, of_a[2]);
    // Whoever would have as much as the one with most is refused himself.
    queue.call(b).unwrap_err();
    queue.call(a).unwrap_err();
    assert_eq!(queue.refused.len(), 2);
    // With its weight it may have more.
    queue
        .scheduler
        .set_weights(Weights::new([(b, weight(4))].into()));
    queue.call(b).unwrap();
    assert_eq!(queue.refused[2].0, of_a[1]);
    assert_eq!(queue.waiting(), BOUNDS.waiting_max);
}

#[test]
fn contracts_begin_their_runs_in_turn_and_by_weight() {
    let mut queue = Queue::new();
    let [a, b, c] = [1, 2, 3].map(contract);
    queue
        .scheduler
        .set_weights(Weights::new([(c, weight(2))].into()));
    let mut of_a: Vec<_> = (0..5).map(|_| queue.call(a).unwrap()).collect();
    let of_b: Vec<_> = (0..2).map(|_| queue.call(b).unwrap()).collect();
    let of_c: Vec<_> = (0..2).map(|_| queue.call(c).unwrap()).collect();
    assert_eq!(queue.begun, [of_a[0], of_a[1], of_b[0], of_b[1]]);
    // Both places go to the ones that wait, one each, before anyone has a second.
    queue.leave(of_b[0]);
    queue.leave(of_a[0]);
    let next = &queue.begun[4..];
    assert!(next.contains(&of_c[0]), "{next:?}");
    queue.leave(of_b[1]);
    queue.leave(of_a[1]);
    assert!(queue.begun.contains(&of_c[1]));
    assert_eq!(queue.begun.len(), 8);
    // One that waits may leave too, and whatever is told twice changes nothing.
    let last = of_a.pop().unwrap();
    queue.leave(last);
    queue.leave(last);
    assert_eq!(queue.waiting(), 0);
    for id in of_a.into_iter().chain(of_b).chain(of_c) {
        queue.leave(id);
        queue.scheduler.want(id);
        queue.scheduler.slice_over(id, Duration::ZERO);
        queue.scheduler.give_up(id, Duration::ZERO);
    }
    queue.listen();
    let ids: Vec<_> = (0..3).map(|_| queue.call(a).unwrap()).collect();
    assert_eq!(queue.begun[8..], ids[..2]);
}

#[test]
fn whoever_is_refused_hears_when_there_may_be_room() {
    let busy = |run_s: u64| {
        let mut queue = Queue::new();
        let own = contract(1);
        for _ in 0..2 {
            let id = queue.call(own).unwrap();
            queue.now += Duration::from_secs(run_s);
            queue.leave(id);
        }
        for _ in 0..6 {
            queue.call(own).unwrap();
        }
        queue.call(own).unwrap_err().retry_after_s
    };
    // Five runs, this one included, in two places.
    assert_eq!(busy(0), 1);
    assert_eq!(busy(2), 5);
    assert_eq!(busy(3), 8);
    assert_eq!(busy(24), RETRY_AFTER_S_MAX);
    assert_eq!(busy(u64::from(u32::MAX)), RETRY_AFTER_S_MAX);
}

/// Every order of things that runs, their callers and stakers may do.
#[test]
fn whatever_happens_no_bound_is_passed_and_no_run_is_lost() {
    for seed in 0..300 {
        let mut random = crate::simulation::Random(seed);
        let runs = ByClass {
            anchor: BOUNDS,
            call: BOUNDS,
        };
        let processors = 1 + random.below(3) as usize;
        let mut scheduler = Scheduler::new(Bounds { processors, runs });
        // Each run with its class, and whether it began.
        let mut known: Vec<(RunId, Class, bool)> = Vec::new();
        for step in 0..400 {
            let context = format!("seed {seed}, step {step}");
            let now = Duration::from_millis(step);
            let used = Duration::from_micros(random.below(9_000));
            if random.percent(10) {
                // Stakes come and go meanwhile.
                let mut stake = || u128::from(random.below(3)) << random.below(90);
                let stakes: Vec<_> = (0..6).map(|of| (contract(of), stake())).collect();
                scheduler.set_weights(Weights::of_stakes(stakes));
            }
            if random.percent(40) {
                let class = Class::ALL[random.below(2) as usize];
                if let Ok(id) = scheduler.enter(class, contract(random.below(6))) {
                    known.push((id, class, false));
                }
            } else if !known.is_empty() {
                let index = random.below(known.len() as u64) as usize;
                let id = known[index].0;
                match random.below(4) {
                    0 => scheduler.want(id),
                    1 => scheduler.slice_over(id, used),
                    2 => scheduler.give_up(id, used),
                    _ => {
                        scheduler.leave(id, used, now);
                        known.remove(index);
                    }
                }
            }
            while let Some(next) = scheduler.next(now) {
                match next {
                    Next::Begin(id) => {
                        let mut runs = known.iter_mut();
                        let run = runs.find(|run| run.0 == id && !run.2);
                        run.unwrap_or_else(|| panic!("{context}: {id:?} begins")).2 = true;
                    }
                    Next::Refuse(id, _) => known.retain(|run| run.0 != id),
                    Next::Compute(id) => assert!(scheduler.is_computing(id), "{context}"),
                }
            }
            let computing = known.iter().filter(|run| scheduler.is_computing(run.0));
            assert!(computing.count() <= processors, "{context}");
            for class in Class::ALL {
                let of_class = known.iter().filter(|run| run.1 == class);
                let begun = of_class.clone().filter(|run| run.2).count();
                let waiting = of_class.count() - begun;
                assert!(begun <= BOUNDS.running_max, "{context}");
                assert!(waiting <= BOUNDS.waiting_max, "{context}");
                assert_eq!(waiting, scheduler.waiting(class), "{context}");
            }
        }
    }
}
