//! The world at the start.

use pallet_computation::{Benchmark, Benchmarks, CurrentSettings, EconomyParameters, Settings};
use phat_primitives::{AccountBytes, ClusterId, EncryptionKey, Registration};
use phat_runtime::{Registry, Runtime, RuntimeCall, System, Timestamp, genesis::DEV};
use sp_core::Pair;
use sp_runtime::Permill;

use super::contracts;
use crate::{Chain, Person, Snapshot, Worker, genesis::genesis};

/// The performance of each worker.
const P: u32 = 4;

/// How many blocks a worker has to answer a challenge.
const HEARTBEAT_WINDOW: u32 = 10;

/// The fewest blocks between two challenges of a worker: as few as the window allows.
const CHALLENGE_GAP_BLOCKS: u32 = HEARTBEAT_WINDOW + 2;

/// How long a benchmark counts, in seconds: longer than any sequence.
const BENCHMARK_LIFE_S: u64 = 100 * 365 * 24 * 60 * 60;

const ENDPOINT: &[u8] = b"https://worker.example";

/// The cluster of all workers and contracts.
pub(super) const CLUSTER: ClusterId = ClusterId(0);

/// A development chain with what is to be there at the start.
pub(super) fn snapshot() -> Snapshot {
    let mut chain = Chain::new(&genesis(DEV));
    chain.with(|| {
        EconomyParameters::<Runtime>::mutate(|parameters| {
            parameters.heartbeat_window = HEARTBEAT_WINDOW;
        });
        CurrentSettings::<Runtime>::mutate(|settings| {
            *settings = Settings {
                challenge_gap_blocks: CHALLENGE_GAP_BLOCKS,
                benchmark_life_s: BENCHMARK_LIFE_S,
                ..*settings
            }
        });
    });
    chain.commit();
    chain.begin(0);
    for worker in Worker::all() {
        let register = chain.with(|| register(worker));
        send(&mut chain, worker.operator(), register);
        let join = pallet_phat_contracts::Call::<Runtime>::join_cluster {
            worker: worker.id(),
            cluster: CLUSTER,
        };
        send(&mut chain, worker.operator(), join);
        assert!(chain.with(|| show(worker)), "the worker is registered");
    }
    for call in contracts::deploy() {
        send(&mut chain, Person::Bob, call);
    }
    for (owner, percent) in [(Person::Bob, 10), (Person::Charlie, 0)] {
        let commission = Permill::from_percent(percent);
        let create = pallet_stake_pool::Call::<Runtime>::create { commission };
        send(&mut chain, owner, create);
    }
    let fee = Permill::from_percent(10);
    let create = pallet_vault::Call::<Runtime>::create { fee };
    send(&mut chain, Person::Dave, create);
    chain.end();
    chain.take_events();
    chain.into_snapshot()
}

fn send(chain: &mut Chain, who: Person, call: impl Into<RuntimeCall>) {
    let transaction = chain.signed(who.key(), call);
    let result = chain.send(transaction);
    assert!(matches!(result, Ok(Ok(()))), "the start fails: {result:?}");
}

/// The call that registers `worker`. To be made within the chain.
pub(super) fn register(worker: Worker) -> pallet_registry::Call<Runtime> {
    let (operator, key) = (worker.operator().account(), worker.key());
    let encryption_key = EncryptionKey([worker.0; 32]);
    let payload = Registration {
        genesis_hash: Registry::genesis_hash(),
        operator: AccountBytes(operator.into()),
        worker: worker.id(),
        encryption_key,
        endpoint: ENDPOINT,
    }
    .signing_payload();
    pallet_registry::Call::register {
        worker: worker.id(),
        encryption_key,
        endpoint: ENDPOINT.to_vec().try_into().expect("it is short"),
        evidence: None,
        signature: key.sign(&payload),
    }
}

/// Notes that `worker` has shown its performance, if it is registered.
pub(super) fn show(worker: Worker) -> bool {
    let is_registered = pallet_registry::Workers::<Runtime>::contains_key(worker.id());
    if is_registered {
        let benchmark = Benchmark {
            p: P,
            proven_at: System::block_number(),
            proven_at_s: Timestamp::get() / 1_000,
        };
        Benchmarks::<Runtime>::insert(worker.id(), benchmark);
    }
    is_registered
}
