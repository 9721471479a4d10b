//! A worker's decisions against a model chain that is as unkind as chains are:
//! endpoints fail and refuse, prices rise, blocks are reorganised away, others
//! settle first or use the relay account, keys change between run and settlement,
//! and the worker is killed after any step. Whatever happens, each request is
//! settled once, and one that cannot be settled holds up no other. Requests share
//! transactions; each nonce that is used is one of a transaction that the worker made,
//! or of one that was made outside of it.

mod chain;
mod worker;

use std::collections::BTreeMap;

use worker::World;

use crate::{Settlement, Step};

const CHAIN: &str = "eip155:31337";
const ANCHOR: [u8; 20] = [7; 20];
const CONFIRMATIONS: u64 = 2;
/// The request that may be out of luck.
const UNLUCKY: u64 = 1;

/// A SplitMix64 generator (Steele, Lea and Flood 2014).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    pub(crate) fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

/// What becomes of the transactions of one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Luck {
    /// The same as of all others.
    #[default]
    Usual,
    /// No endpoint ever takes one.
    Unsendable,
    /// The account never has enough for one.
    Unpayable,
}

/// How often each kind of trouble happens, in percent.
#[derive(Clone, Copy, Debug, Default)]
struct Faults {
    crash: u64,
    outage: u64,
    reorg: u64,
    /// So many of the reorganisations go deeper than the confirmations.
    deep_reorg: u64,
    drop_from_pool: u64,
    other_settles: u64,
    nonce_used_outside: u64,
    /// The endpoint refuses a transaction for a reason of its own.
    refusal: u64,
    /// The least price that is taken changes.
    price_change: u64,
    /// What becomes of the transactions of request [`UNLUCKY`].
    unlucky: Luck,
    /// Requests that all read and write one key.
    shared_key: bool,
    /// The most requests of one transaction; 0 counts as 1.
    batch_max: usize,
}

/// Lives through `seeds` histories and checks what must hold at the end of each.
fn check(seeds: u64, faults: Faults, transactions_per_request_max: Option<u64>) {
    for seed in 0..seeds {
        let mut world = World::new(seed, faults);
        world.live();
        let open: Vec<_> = world
            .disk
            .values()
            .map(|kept| &kept.record)
            .filter(|record| !record.is_final())
            .collect();
        assert!(world.is_done(), "seed {seed}: not settled: {open:#?}");
        let state = world.chain.state();
        for request in 1..=world.chain.requests_made {
            let times = state.settled.get(&request).copied();
            let is_out_of_luck = request == UNLUCKY && faults.unlucky != Luck::Usual;
            let wanted = if is_out_of_luck { None } else { Some(1) };
            assert_eq!(times, wanted, "seed {seed}: request {request}");
        }
        assert_eq!(
            state.version,
            state.settled.len() as u64,
            "seed {seed}: lost update"
        );
        // Deeper reorganisations move a settlement without a trace in its record.
        let is_deep = faults.deep_reorg > 0;
        for kept in world.disk.values().filter(|_| !is_deep) {
            if let Step::Settled(Settlement::Own {
                transaction, block, ..
            }) = kept.record.step
            {
                assert_eq!(
                    state.included.get(&transaction),
                    Some(&(block, true)),
                    "seed {seed}"
                );
            }
        }
        let Some(max) = transactions_per_request_max else {
            continue;
        };
        let mut included = BTreeMap::<u64, u64>::new();
        let settlements = world
            .chain
            .blocks
            .iter()
            .flat_map(|block| &block.transactions);
        for (request, _) in settlements.flat_map(|transaction| &transaction.settles) {
            *included.entry(*request).or_default() += 1;
        }
        assert!(
            included.values().all(|count| *count <= max),
            "seed {seed}: {included:?}"
        );
    }
}

const CRASHES: Faults = Faults {
    crash: 8,
    outage: 8,
    reorg: 0,
    deep_reorg: 0,
    drop_from_pool: 0,
    other_settles: 0,
    nonce_used_outside: 0,
    refusal: 0,
    price_change: 0,
    unlucky: Luck::Usual,
    shared_key: false,
    batch_max: 1,
};

#[test]
fn a_worker_killed_after_any_step_settles_each_request_with_one_transaction() {
    check(150, CRASHES, Some(1));
}

#[test]
fn reorganisations_and_lost_transactions_change_nothing() {
    let faults = Faults {
        reorg: 25,
        drop_from_pool: 10,
        ..CRASHES
    };
    check(150, faults, Some(1));
}

#[test]
fn a_nonce_used_outside_is_given_up_for_a_new_one() {
    let faults = Faults {
        nonce_used_outside: 20,
        drop_from_pool: 5,
        ..CRASHES
    };
    check(150, faults, Some(1));
}

#[test]
fn keys_that_change_between_run_and_settlement_lose_no_update() {
    let faults = Faults {
        shared_key: true,
        ..CRASHES
    };
    check(150, faults, None);
}

#[test]
fn all_troubles_at_once_still_settle_each_request_once() {
    let faults = Faults {
        reorg: 20,
        drop_from_pool: 10,
        other_settles: 15,
        nonce_used_outside: 10,
        refusal: 10,
        price_change: 15,
        shared_key: true,
        ..CRASHES
    };
    check(200, faults, None);
}

#[test]
fn an_endpoint_that_refuses_now_and_then_changes_nothing() {
    let faults = Faults {
        refusal: 40,
        drop_from_pool: 10,
        ..CRASHES
    };
    // A nonce that is given back leaves a gap below those that wait: whoever fills
    // it has two transactions, of which one comes too late.
    check(150, faults, Some(2));
}

#[test]
fn a_price_that_rises_is_followed() {
    let faults = Faults {
        price_change: 40,
        drop_from_pool: 10,
        ..CRASHES
    };
    check(150, faults, Some(1));
}

#[test]
fn a_request_whose_transactions_nobody_takes_is_given_up_and_holds_up_no_other() {
    for faults in [Faults::default(), CRASHES] {
        let unlucky = Luck::Unsendable;
        check(100, Faults { unlucky, ..faults }, Some(2));
    }
}

#[test]
fn a_settlement_that_cannot_be_paid_for_holds_up_no_cheaper_one() {
    for faults in [Faults::default(), CRASHES] {
        let unlucky = Luck::Unpayable;
        check(100, Faults { unlucky, ..faults }, Some(2));
    }
}

const BATCHES: Faults = Faults {
    batch_max: 4,
    ..CRASHES
};

#[test]
fn requests_that_share_transactions_are_each_in_one() {
    for faults in [
        Faults {
            batch_max: 4,
            ..Faults::default()
        },
        BATCHES,
        Faults {
            reorg: 25,
            drop_from_pool: 10,
            ..BATCHES
        },
        Faults {
            price_change: 40,
            drop_from_pool: 10,
            ..BATCHES
        },
    ] {
        check(150, faults, Some(1));
    }
}

#[test]
fn requests_that_share_transactions_are_settled_once_whatever_happens() {
    let faults = Faults {
        reorg: 20,
        drop_from_pool: 10,
        other_settles: 15,
        nonce_used_outside: 10,
        refusal: 10,
        price_change: 15,
        ..BATCHES
    };
    check(300, faults, None);
    let shared_key = true;
    check(
        300,
        Faults {
            shared_key,
            ..faults
        },
        None,
    );
}

#[test]
fn what_cannot_be_settled_holds_up_nothing_that_it_shares_a_transaction_with() {
    for unlucky in [Luck::Unsendable, Luck::Unpayable] {
        for batch_max in [2, 8] {
            let faults = Faults {
                unlucky,
                batch_max,
                ..CRASHES
            };
            check(100, faults, None);
        }
    }
}

#[test]
fn settlements_that_a_deep_reorganisation_undoes_are_made_again_and_never_twice() {
    for batch_max in [1, 4] {
        let faults = Faults {
            reorg: 20,
            deep_reorg: 60,
            drop_from_pool: 10,
            batch_max,
            ..CRASHES
        };
        check(200, faults, None);
        let all = Faults {
            other_settles: 15,
            nonce_used_outside: 10,
            refusal: 10,
            price_change: 15,
            shared_key: true,
            ..faults
        };
        check(200, all, None);
    }
}

#[test]
fn many_requests_take_few_transactions() {
    let faults = Faults {
        batch_max: 8,
        ..Faults::default()
    };
    let mut world = World::new(1, faults);
    world.burst(64);
    world.live();
    assert!(world.is_done());
    let transactions = world.chain.state().included.len();
    let requests = world.chain.requests_made as usize;
    assert!(
        2 * transactions <= requests,
        "{transactions} transactions for {requests} requests"
    );
}
