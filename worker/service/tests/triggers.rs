//! Triggers that fire once in a fleet of three workers, one of which is killed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::collections::BTreeSet;

use hmac::{Hmac, Mac};
use model::*;
use phat_envelope::seal;
use phat_primitives::{
    RequestId,
    secret::{SEAL_INFO, seal_data},
};
use phat_receipt::Origin;
use phat_target::LogFilter;
use phat_worker_client::{ClientError, HookAnswer, HookHeader, WorkerClient};
use phat_worker_core::{
    Record, Settlement, Step,
    firing::{CUT_OFF, FOLLOW_BLOCKS, NOT_HEARD},
};
use phat_worker_service::{chain::SealedSecret, config::PauseAfter};
use sha2::Sha256;

const KEY: &[u8] = b"the key of the hook";
const LOGGER: [u8; 20] = [0x55; 20];
/// The trigger of [`hook`], in a path and in a receipt.
const HOOK: &str = "pushed";

fn manifest_of(triggers: &str) -> String {
    format!("name = \"fired\"\nentry = \"index.js\"\nsecrets = [\"hook\"]\n{triggers}")
}

fn reply() -> String {
    let anchor = hex::encode(ANCHOR);
    format!("reply = {{ chain = \"{CHAIN}\", address = \"0x{anchor}\" }}\n")
}

fn hook(more: &str) -> String {
    manifest_of(&format!(
        "[[triggers]]\nkind = \"webhook\"\nname = \"{HOOK}\"\n\
         signature = {{ scheme = \"github\", secret = \"hook\" }}\n{more}"
    ))
}

/// Three workers of one cluster.
struct Fleet {
    chain: ModelChain,
    target: ModelTarget,
    worlds: Vec<World>,
    clients: Vec<WorkerClient>,
    alive: Vec<bool>,
}

impl Fleet {
    async fn new(manifest: &str) -> Self {
        let chain = ModelChain::new();
        let target = ModelTarget::default();
        chain.create(contract(CONTRACT, manifest), CODE);
        chain.set_secrets(CONTRACT, vec![secret()]);
        let mut worlds: Vec<World> = (0..3).map(|_| World::beside(&chain)).collect();
        for world in &mut worlds {
            world.target = target.clone();
            world.keep_key(&cluster_secret());
            chain.join(world.worker);
        }
        chain.publish(cluster_secret().public(), worlds[0].worker);
        let mut clients = Vec::new();
        for world in &mut worlds {
            clients.push(world.start().await);
            world.announce();
        }
        let fleet = Self {
            chain,
            target,
            worlds,
            clients,
            alive: vec![true; 3],
        };
        for index in 0..3 {
            fleet.caught_up(index).await;
        }
        fleet
    }

    /// Waits until a worker knows the chain as it is now.
    async fn caught_up(&self, index: usize) {
        let block = self.chain.block();
        let client = &self.clients[index];
        while client.info().await.unwrap().chain.finalized < Some(block) {}
        while !client.health().await.unwrap().ready {}
    }

    async fn kill(&mut self, index: usize) {
        self.worlds[index].kill().await;
        self.alive[index] = false;
    }

    async fn restart(&mut self, index: usize) {
        self.clients[index] = self.worlds[index].start().await;
        self.worlds[index].announce();
        self.alive[index] = true;
    }

    fn living(&self) -> impl Iterator<Item = &World> {
        let all = self.worlds.iter().zip(&self.alive);
        all.filter(|(_, alive)| **alive).map(|(world, _)| world)
    }

    fn runs(&self) -> u64 {
        self.worlds.iter().map(|world| world.runner.runs()).sum()
    }

    fn held(&self) -> u64 {
        self.worlds.iter().map(|world| world.runner.held()).sum()
    }

    /// What those that live have of a firing.
    fn records(&self, id: RequestId) -> Vec<Record> {
        let living = self.living();
        let records = living.filter_map(|world| world.journal().record(id).unwrap());
        records.collect()
    }

    /// Which worker is first for a firing.
    fn first(&self, id: RequestId) -> usize {
        let members: Vec<_> = self.worlds.iter().map(|world| world.worker).collect();
        let rank = |world: &World| phat_worker_core::rank(id, world.worker, &members);
        self.worlds
            .iter()
            .position(|world| rank(world) == Some(0))
            .unwrap()
    }

    async fn until(&self, what: &str, mut is_so: impl FnMut(&Self) -> bool) {
        self.target.until_or(what, || is_so(self)).await;
    }

    /// Lets time go on until those that live are done with a firing.
    async fn until_final(&self, id: RequestId) {
        self.until("all are done with it", |fleet| {
            fleet.chain.change(|_| {});
            fleet.records(id).iter().all(Record::is_final)
        })
        .await;
    }

    async fn call(&self, index: usize, body: &[u8]) -> Result<HookAnswer, ClientError> {
        let client = &self.clients[index];
        client
            .hook(CONTRACT, HOOK, &signed(body), body, false)
            .await
    }
}

fn secret() -> SealedSecret {
    let key = cluster_secret().public().encryption_key;
    let data = seal_data(&GENESIS, &CONTRACT, "hook", 0);
    SealedSecret {
        name: "hook".into(),
        generation: 0,
        sealed: seal(&key, SEAL_INFO, &data, KEY).unwrap(),
    }
}

fn signed(body: &[u8]) -> Vec<HookHeader> {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY).unwrap();
    mac.update(body);
    let code = hex::encode(mac.finalize().into_bytes());
    vec![("x-hub-signature-256", format!("sha256={code}"))]
}

fn refusal<T: std::fmt::Debug>(result: Result<T, ClientError>) -> (u16, String) {
    match result.unwrap_err() {
        ClientError::Refused { status, code, .. } => (status.as_u16(), code),
        error => panic!("{error}"),
    }
}

#[tokio::test]
async fn a_call_is_run_by_one_worker_and_the_same_call_again_by_none() {
    let fleet = Fleet::new(&hook("")).await;
    let answer = fleet.call(0, b"{}").await.unwrap();
    assert!(answer.is_new);
    assert_eq!(answer.passed_on, 2);
    let id = answer.request;
    fleet
        .until("it was run", |fleet| {
            fleet.records(id).iter().any(Record::is_final)
        })
        .await;
    for index in 0..3 {
        let again = fleet.call(index, b"{}").await.unwrap();
        assert_eq!((again.request, again.is_new), (id, false));
    }
    fleet.until_final(id).await;
    assert_eq!(fleet.runs(), 1);
    let first = fleet.first(id);
    for (index, client) in fleet.clients.iter().enumerate() {
        let found = client.request(CONTRACT, id).await.unwrap();
        assert_eq!(found.request.step, "settled");
        assert_eq!(found.signed.is_some(), index == first);
        if let Some(receipt) = found.signed {
            receipt.verify_signature().unwrap();
            let name = HOOK.to_owned();
            assert_eq!(receipt.body.origin, Origin::Trigger { name });
            assert_eq!(receipt.body.request, id);
        }
    }
    let other = fleet.call(0, b"[]").await.unwrap();
    assert_ne!(other.request, id);
}

#[tokio::test]
async fn calls_that_nobody_signed_do_not_fire() {
    let fleet = Fleet::new(&hook("")).await;
    let client = &fleet.clients[0];
    let headers = signed(b"this");
    let call = |name, headers, body| client.hook(CONTRACT, name, headers, body, false);
    let none: &[HookHeader] = &[];
    let forged = refusal(call(HOOK, &headers[..], &b"that"[..]).await);
    assert_eq!(forged, (403, "signature".into()));
    let bare = refusal(call(HOOK, none, &b"this"[..]).await);
    assert_eq!(bare, (403, "signature".into()));
    let unknown = refusal(call("other", &headers[..], &b"this"[..]).await);
    assert_eq!(unknown, (404, "not_found".into()));
    assert_eq!(fleet.runs(), 0);
    let journal = fleet.worlds[0].journal();
    assert!(journal.newest(None, 10).unwrap().is_empty());
}

#[tokio::test]
async fn whoever_is_killed_in_a_run_is_stood_in_for_and_does_not_run_it_again() {
    let mut fleet = Fleet::new(&hook("")).await;
    let id = fleet.call(0, b"hold this").await.unwrap().request;
    fleet.until("it is run", |fleet| fleet.held() == 1).await;
    let first = fleet.first(id);
    fleet.kill(first).await;
    // The turn of the second, and not yet of the third.
    let blocks = fleet.worlds[0].settings.policy.takeover_blocks;
    fleet.chain.change(|held| held.state.block += blocks - 1);
    fleet
        .until("another one runs it", |fleet| fleet.held() == 2)
        .await;
    for world in fleet.living() {
        world.runner.release();
    }
    fleet
        .until("it was run", |fleet| {
            fleet.records(id).iter().any(Record::is_final)
        })
        .await;
    fleet.until_final(id).await;
    let own = |record: &&Record| record.step == Step::Settled(Settlement::Run);
    assert_eq!(fleet.records(id).iter().filter(own).count(), 1);
    assert_eq!(fleet.runs(), 2);

    fleet.restart(first).await;
    fleet.until_final(id).await;
    assert_eq!(fleet.records(id).len(), 3);
    assert_eq!(fleet.records(id).iter().filter(own).count(), 1);
    assert_eq!(fleet.runs(), 2, "it was run again");
}

#[tokio::test]
async fn with_once_a_run_that_was_cut_off_is_not_made_again_by_anyone() {
    let mut fleet = Fleet::new(&hook("side_effects = \"once\"\n")).await;
    let id = fleet.call(0, b"hold this").await.unwrap().request;
    fleet.until("it is run", |fleet| fleet.held() == 1).await;
    let first = fleet.first(id);
    fleet.kill(first).await;
    fleet
        .chain
        .change(|held| held.state.block += FOLLOW_BLOCKS + 1);
    fleet.until_final(id).await;
    for record in fleet.records(id) {
        assert_eq!(record.step, Step::Abandoned);
        assert_eq!(record.problem.as_deref(), Some(NOT_HEARD));
    }
    fleet.restart(first).await;
    fleet.until_final(id).await;
    let own = fleet.worlds[first].journal().record(id).unwrap().unwrap();
    assert_eq!(own.step, Step::Abandoned);
    assert_eq!(own.problem.as_deref(), Some(CUT_OFF));
    assert_eq!(fleet.runs(), 1);
}

/// The manifest of a contract that logs of [`LOGGER`] fire.
fn logged() -> String {
    let logger = hex::encode(LOGGER);
    manifest_of(&format!(
        "[[triggers]]\nkind = \"evm_log\"\nname = \"moved\"\nchain_id = 31337\n\
         address = \"0x{logger}\"\nfrom_block = 0\n{}",
        reply()
    ))
}

fn of_logger() -> LogFilter {
    LogFilter::Contract {
        address: LOGGER.to_vec(),
        topics: Vec::new(),
    }
}

#[tokio::test]
async fn a_worker_killed_at_any_step_settles_a_firing_once() {
    let mut world = World::new();
    world.chain.create(contract(CONTRACT, &logged()), CODE);
    let steps = [
        PauseAfter::Seen,
        PauseAfter::Executed,
        PauseAfter::Prepared,
        PauseAfter::Sent,
    ];
    for (index, step) in steps.into_iter().enumerate() {
        world.pause_after(Some(step));
        world.start().await;
        world.target.log(&of_logger(), 1);
        let newest = |world: &World| {
            let records = world.journal().newest(None, 1).unwrap();
            records.first().map(Record::step_name)
        };
        world
            .target
            .until_or(step.step_name(), || {
                newest(&world) == Some(step.step_name())
            })
            .await;
        world.kill().await;
        world.pause_after(None);
        world.start().await;
        world
            .target
            .until_or("it is settled", || {
                newest(&world) == Some("settled")
                    && world.journal().newest(None, 10).unwrap().len() == index + 1
            })
            .await;
        world.kill().await;
    }
    let state = world.target.state();
    let firings: BTreeSet<_> = state.settlements.iter().map(|r| r.commitment).collect();
    assert_eq!((state.settlements.len(), firings.len()), (4, 4));
}

#[tokio::test]
async fn each_log_is_settled_once_though_a_worker_is_killed() {
    let mut fleet = Fleet::new(&logged()).await;
    let filter = of_logger();
    let settled = |fleet: &Fleet| fleet.target.state().settlements.len();
    fleet.target.log(&filter, 3);
    fleet.until("three", |fleet| settled(fleet) >= 3).await;
    fleet.kill(1).await;
    fleet.target.log(&filter, 4);
    fleet.until("seven", |fleet| settled(fleet) >= 7).await;
    fleet.restart(1).await;
    fleet.target.log(&filter, 1);
    fleet.until("eight", |fleet| settled(fleet) >= 8).await;
    fleet
        .until("all are done", |fleet| {
            let unfinished = |world: &World| world.journal().unfinished().unwrap().len();
            fleet.living().all(|world| unfinished(world) == 0)
        })
        .await;
    let state = fleet.target.state();
    let firings: BTreeSet<_> = state.settlements.iter().map(|r| r.commitment).collect();
    assert_eq!((state.settlements.len(), firings.len()), (8, 8));
    assert!(state.settlements.iter().all(|rollup| rollup.success));
    assert!(
        state
            .settlements
            .iter()
            .all(|rollup| rollup.number == [0; 32])
    );
}

#[tokio::test]
async fn each_second_of_a_schedule_is_settled_once_and_in_order_though_a_worker_is_killed() {
    let trigger = format!(
        "[[triggers]]\nkind = \"schedule\"\nname = \"tick\"\ncron = \"* * * * * *\"\n{}",
        reply()
    );
    let mut fleet = Fleet::new(&manifest_of(&trigger)).await;
    let times = |fleet: &Fleet| -> Vec<u64> {
        let state = fleet.target.state();
        let values = state.settlements.iter().map(|rollup| {
            let value: [u8; 8] = rollup.writes[0].value.clone().try_into().unwrap();
            u64::from_be_bytes(value)
        });
        values.collect()
    };
    fleet.until("two", |fleet| times(fleet).len() >= 2).await;
    fleet.kill(2).await;
    let count = times(&fleet).len();
    fleet
        .until("more", |fleet| times(fleet).len() >= count + 3)
        .await;
    let times = times(&fleet);
    // Those that fired before all three had started, not all of them know of.
    let steady = &times[1..];
    assert!(
        steady.windows(2).all(|pair| pair[1] == pair[0] + 1),
        "{times:?}"
    );
}

/// Nothing is written by what the schedule runs, so nothing is settled, and the next one
/// does not wait for it.
#[tokio::test]
async fn a_schedule_that_settles_what_is_written_settles_nothing_where_nothing_is() {
    let reply = reply().replace(" }", ", when = \"written\" }");
    let trigger = format!(
        "[[triggers]]\nkind = \"schedule\"\nname = \"tick\"\ncron = \"* * * * * *\"\n{reply}"
    );
    let fleet = Fleet::new(&manifest_of(&trigger)).await;
    let ended = |world: &World| -> Vec<Record> {
        let records = world.journal().newest(None, 100).unwrap();
        records.into_iter().filter(Record::is_final).collect()
    };
    fleet
        .until("each has ended three", |fleet| {
            fleet.living().all(|world| ended(world).len() >= 3)
        })
        .await;
    assert!(fleet.target.state().settlements.is_empty());
    let records: Vec<Record> = fleet.living().flat_map(ended).collect();
    for record in &records {
        let own = record.step == Step::Settled(Settlement::Run);
        let others = record.step == Step::Settled(Settlement::Other);
        assert!(own || others, "{record:?}");
        assert_eq!(record.receipt.is_some(), own);
        assert_eq!(record.attempts_made, 0);
        // Whoever has not run it has heard that another one has.
        let known = fleet.records(record.id);
        assert!(known.iter().any(|it| it.receipt.is_some()), "{record:?}");
    }
}

/// The chain of the first one's anchor is away from the start, so nobody takes what it fires.
#[tokio::test]
async fn a_schedule_of_a_chain_that_is_away_keeps_no_other_from_firing() {
    let trigger = |name: &str, reply: &str| {
        format!(
            "[[triggers]]\nkind = \"schedule\"\nname = \"{name}\"\n\
             cron = \"* * * * * *\"\n{reply}"
        )
    };
    let triggers = [trigger("a", &reply()), trigger("b", "")].concat();
    let mut world = World::new();
    let manifest = manifest_of(&triggers);
    world.chain.create(contract(CONTRACT, &manifest), CODE);
    world.chain.set_secrets(CONTRACT, vec![secret()]);
    world.target.state().is_down = true;
    world.start().await;
    let fired = |name: &str| {
        let records = world.journal().newest(None, 100).unwrap();
        let of = |record: &Record| {
            let firing = record.firing.as_ref();
            firing.is_some_and(|firing| firing.trigger == name)
        };
        records.iter().filter(|record| of(record)).count()
    };
    let is_so = || fired("b") >= 3;
    world.target.until_or("three of the other", is_so).await;
    assert_eq!(fired("a"), 0);
}
