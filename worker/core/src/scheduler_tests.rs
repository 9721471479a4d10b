use super::*;

const SLICE_NS: u64 = 5_000_000;

fn bounds(slots: usize) -> Bounds {
    Bounds {
        slots,
        slots_per_party: slots,
        waiting: usize::MAX,
        waiting_per_party: usize::MAX,
    }
}

/// Numbers that look random: SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// Parties that always want more, each with a weight and with how long it uses a
/// slot at a time. Gives what each had after so many turns on one slot.
fn had(parties: &[(u32, u64)], turns: usize) -> Vec<u64> {
    let mut scheduler = Scheduler::new(bounds(1));
    let mut had = vec![0; parties.len()];
    for (party, (weight, _)) in parties.iter().enumerate() {
        scheduler.want(party, *weight).unwrap();
    }
    for _ in 0..turns {
        let mean = scheduler.mean_ns();
        let (party, _) = scheduler.next().expect("someone always waits");
        assert!(scheduler.next().is_none(), "there is one slot");
        let (weight, used) = parties[party];
        had[party] += used;
        scheduler.want(party, weight).unwrap();
        scheduler.give_back(party, used, mean);
    }
    had
}

#[test]
fn compute_is_divided_by_weight_however_long_each_takes_at_a_time() {
    let check = |parties: &[(u32, u64)]| {
        let had = had(parties, 20_000);
        let weights: u64 = parties.iter().map(|(weight, _)| u64::from(*weight)).sum();
        let total: u64 = had.iter().sum();
        for ((weight, used), had) in parties.iter().zip(&had) {
            let share = total / weights * u64::from(*weight);
            // Nobody is further from its share than what all use in a few turns.
            let off = had.abs_diff(share);
            let longest = parties.iter().map(|(_, used)| used).max().unwrap();
            assert!(
                off <= 4 * longest * parties.len() as u64,
                "weight {weight}, {used} ns at a time: had {had} of {share}"
            );
        }
    };
    check(&[(1, SLICE_NS), (1, SLICE_NS)]);
    check(&[(1, SLICE_NS), (3, SLICE_NS), (6, SLICE_NS)]);
    check(&[(1, 10 * SLICE_NS), (1, SLICE_NS / 10)]);
    check(&[(7, SLICE_NS / 3), (2, SLICE_NS), (1, 3)]);
    check(&[(u32::MAX, SLICE_NS), (u32::MAX, SLICE_NS)]);
}

#[test]
fn who_wants_nothing_for_a_while_saves_nothing_up() {
    let mut scheduler = Scheduler::new(bounds(1));
    let turn = |scheduler: &mut Scheduler<u8>| {
        let mean = scheduler.mean_ns();
        let (party, _) = scheduler.next().unwrap();
        scheduler.give_back(party, SLICE_NS, mean);
        party
    };
    scheduler.want(1, 1).unwrap();
    scheduler.want(1, 1).unwrap();
    for _ in 0..1_000 {
        assert_eq!(turn(&mut scheduler), 1);
        scheduler.want(1, 1).unwrap();
    }
    // The other comes back and gets its half from now on, and not a thousand turns.
    let mut counts = [0; 2];
    scheduler.want(2, 1).unwrap();
    scheduler.want(2, 1).unwrap();
    for _ in 0..100 {
        let party = turn(&mut scheduler);
        counts[usize::from(party) - 1] += 1;
        scheduler.want(party, 1).unwrap();
    }
    assert!(counts[0].abs_diff(counts[1]) <= 2, "{counts:?}");
}

#[test]
fn weights_may_change_at_any_time() {
    let mut scheduler = Scheduler::new(bounds(1));
    let mut had = [0_u32; 2];
    let mut weights = [1, 1];
    for party in 0..2 {
        scheduler.want(party, weights[party]).unwrap();
    }
    for turn in 0..2_000 {
        if turn == 1_000 {
            weights[1] = 9;
            had = [0; 2];
        }
        let mean = scheduler.mean_ns();
        let (party, _) = scheduler.next().unwrap();
        had[party] += 1;
        scheduler.want(party, weights[party]).unwrap();
        scheduler.give_back(party, SLICE_NS, mean);
    }
    assert!(had[0].abs_diff(100) <= 5, "{had:?}");
}

#[test]
fn queues_are_bounded_and_say_when_to_try_again() {
    let mut scheduler = Scheduler::new(Bounds {
        slots: 2,
        slots_per_party: 1,
        waiting: 5,
        waiting_per_party: 3,
    });
    for _ in 0..3 {
        scheduler.want(1, 1).unwrap();
    }
    assert_eq!(scheduler.want(1, 1), Err(Busy { retry_after_s: 1 }));
    scheduler.want(2, 1).unwrap();
    scheduler.want(3, 1).unwrap();
    assert!(scheduler.want(4, 1).is_err(), "five wait");
    // One party has one slot, so the other slot is for the next.
    assert_eq!(scheduler.next().unwrap().0, 1);
    assert_eq!(scheduler.next().unwrap().0, 2);
    assert!(scheduler.next().is_none());
    assert_eq!((scheduler.taken(), scheduler.waiting()), (2, 3));
    // Uses of a minute make the advice longer, up to its bound.
    for _ in 0..200 {
        let mean = scheduler.mean_ns();
        scheduler.give_back(2, 600 * NS_PER_S, mean);
        let _ = scheduler.want(2, 1);
        while let Some((party, _)) = scheduler.next() {
            if party != 2 {
                scheduler.give_back(party, 600 * NS_PER_S, mean);
            }
        }
    }
    while scheduler.want(5, 1).is_ok() {}
    let busy = scheduler.want(5, 1).unwrap_err();
    assert_eq!(busy.retry_after_s, RETRY_AFTER_S_MAX);
}

#[test]
fn who_gives_up_waiting_leaves_nothing_behind() {
    let mut scheduler = Scheduler::new(bounds(1));
    let first = scheduler.want(1, 1).unwrap();
    let second = scheduler.want(1, 1).unwrap();
    scheduler.cancel(1, first);
    scheduler.cancel(1, first);
    assert_eq!(scheduler.next(), Some((1, second)));
    assert!(!scheduler.is_wanted());
    scheduler.give_back(1, 1, 1);
    // Given back twice is given back once.
    scheduler.give_back(1, 1, 1);
    scheduler.give_back(9, 1, 1);
    assert_eq!((scheduler.taken(), scheduler.waiting()), (0, 0));
    assert!(scheduler.parties.is_empty());
}

/// Whatever happens in whatever order: slots are never more than there are, none is
/// free while one waits that may have it, and nobody is overtaken too often.
#[test]
fn random_loads_keep_every_promise() {
    for seed in 0..200 {
        let mut random = Random(seed);
        let slots = 1 + random.below(4) as usize;
        let per_party = 1 + random.below(slots as u64) as usize;
        let mut scheduler = Scheduler::new(Bounds {
            slots,
            slots_per_party: per_party,
            waiting: 64,
            waiting_per_party: 16,
        });
        let mut running: Vec<(u64, u64)> = Vec::new();
        let mut waiting: Vec<(u64, Ticket, u64)> = Vec::new();
        let mut now = 0;
        for step in 0..2_000_u64 {
            let party = random.below(8);
            match random.below(5) {
                0 | 1 => {
                    if let Ok(ticket) = scheduler.want(party, 1 + party as u32) {
                        waiting.push((party, ticket, step));
                    }
                }
                2 | 3 if !running.is_empty() => {
                    let index = random.below(running.len() as u64) as usize;
                    let (party, mean) = running.swap_remove(index);
                    let used = random.below(SLICE_NS);
                    now += used;
                    scheduler.give_back(party, used, mean);
                }
                _ if !waiting.is_empty() => {
                    let index = random.below(waiting.len() as u64) as usize;
                    let (party, ticket, _) = waiting.swap_remove(index);
                    scheduler.cancel(party, ticket);
                }
                _ => {}
            }
            loop {
                let mean = scheduler.mean_ns();
                let Some((party, ticket)) = scheduler.next() else {
                    break;
                };
                let at = waiting.iter().position(|(_, waits, _)| *waits == ticket);
                waiting.remove(at.expect("who goes has waited"));
                running.push((party, mean));
            }
            let of = |party| running.iter().filter(|(other, _)| *other == party).count();
            assert_eq!(scheduler.taken(), running.len(), "seed {seed}");
            assert_eq!(scheduler.waiting(), waiting.len(), "seed {seed}");
            assert!(running.len() <= slots, "seed {seed}");
            let may = waiting.iter().any(|(party, ..)| of(*party) < per_party);
            assert!(running.len() == slots || !may, "seed {seed}: a slot is free");
            assert_eq!(scheduler.is_wanted(), may, "seed {seed}");
        }
        assert!(now > 0, "seed {seed}");
    }
}

/// The longest that one waits among parties that always want more: until each of the
/// others has had as much for its weight, and what is under way has ended.
#[test]
fn nobody_waits_longer_than_the_others_need_to_catch_up() {
    for seed in 0..50 {
        let mut random = Random(seed);
        let weights: Vec<u32> = (0..10).map(|_| 1 + random.below(20) as u32).collect();
        let mut scheduler = Scheduler::new(bounds(1));
        for (party, weight) in weights.iter().enumerate() {
            scheduler.want(party, *weight).unwrap();
        }
        let total: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        let mut waits = vec![0_u64; weights.len()];
        for _ in 0..20_000 {
            let mean = scheduler.mean_ns();
            let (party, _) = scheduler.next().unwrap();
            waits[party] = 0;
            for (other, wait) in waits.iter_mut().enumerate() {
                if other != party {
                    *wait += 1;
                    // In turns of one slice: its round, and one turn of each party.
                    let round = total / u64::from(weights[other]);
                    let most = 2 * round + 2 * weights.len() as u64;
                    assert!(*wait <= most, "seed {seed}: {wait} turns, at most {most}");
                }
            }
            scheduler.want(party, weights[party]).unwrap();
            scheduler.give_back(party, SLICE_NS, mean);
        }
    }
}

#[test]
fn thousands_of_parties_are_no_burden() {
    let mut scheduler = Scheduler::new(bounds(4));
    for party in 0..10_000_u32 {
        scheduler.want(party, 1 + party % 7).unwrap();
    }
    let mut served = 0;
    while let Some((party, _)) = scheduler.next() {
        let mean = scheduler.mean_ns();
        scheduler.give_back(party, SLICE_NS, mean);
        served += 1;
    }
    assert_eq!(served, 10_000);
    assert!(scheduler.parties.is_empty(), "none is remembered");
}
