//! How workers come to the keys of their cluster.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use axum::{Json, Router, routing::post};
use model::*;
use phat_keys::{ClusterOnChain, ClusterSecret};
use phat_primitives::{ContractId, EncryptionKey, WorkerId};
use phat_worker_client::{
    CLUSTER_KEY_BODY_BYTES_MAX, ClientError, ClusterKeyAnswer, ClusterKeyBody, HexBytes,
    SignedQuestion, WorkerClient,
};
use phat_worker_service::cluster_keys::Handover;
use tokio::net::TcpListener;
use zeroize::Zeroizing;

/// The status and the stable name of a refusal.
fn refusal<T: std::fmt::Debug>(result: Result<T, ClientError>) -> (u16, String) {
    match result.unwrap_err() {
        ClientError::Refused { status, code, .. } => (status.as_u16(), code),
        error => panic!("{error}"),
    }
}

async fn ready(client: &WorkerClient) {
    while !client.health().await.unwrap().ready {}
}

/// Waits until health tells this of the cluster's key.
async fn told(client: &WorkerClient, part: &str) {
    loop {
        let health = client.health().await.unwrap();
        let mut reasons = health.reasons.iter();
        if reasons.any(|reason| reason.starts_with("cluster_key: ") && reason.contains(part)) {
            return;
        }
    }
}

/// The account that signs for the contract of the model.
async fn attestor(client: &WorkerClient) -> String {
    let info = client.contract(CONTRACT).await.unwrap();
    info.attestors[CHAIN].clone()
}

async fn generation(client: &WorkerClient) -> Option<u32> {
    let key = client.info().await.unwrap().cluster_key;
    key.map(|key| key.generation)
}

/// Makes blocks until the worker uses this generation. Which worker publishes it at once, and
/// which waits for some blocks first, follows from their ids.
async fn until_generation(chain: &ModelChain, client: &WorkerClient, expected: u32) {
    while generation(client).await != Some(expected) {
        chain.change(|_| {});
    }
}

fn body(worker: WorkerId, generation: u32) -> ClusterKeyBody {
    ClusterKeyBody {
        worker,
        generation,
        signed: None,
    }
}

/// The question of a worker itself for the first key, as it asks `giver` at this block.
fn signed(asker: &World, giver: &World, block: u64) -> ClusterKeyBody {
    let handover = Handover {
        genesis_hash: GENESIS,
        cluster: CLUSTER,
        generation: 0,
        giver: giver.worker,
        asker: asker.worker,
    };
    let question = handover.question(block).signing_payload();
    let signature = asker.store().sign_for_chain(&question);
    ClusterKeyBody {
        signed: Some(SignedQuestion {
            block,
            signature: HexBytes(signature.to_vec()),
        }),
        ..body(asker.worker, 0)
    }
}

/// A worker that has joined, is running, and is known to the chain.
async fn joined(world: &mut World) -> WorkerClient {
    world.chain.join(world.worker);
    let client = world.start().await;
    world.announce();
    client
}

/// Where a worker keeps the secret of a generation, or its candidate for one.
fn key_file(world: &World, generation: u32, kind: &str) -> PathBuf {
    let name = format!("cluster-0-{generation}-{}.{kind}", hex::encode(GENESIS));
    world.folder.path().join("keys").join(name)
}

/// A cluster whose first worker pays for what it publishes, and runs.
async fn first() -> (World, WorkerClient) {
    let mut world = World::without_key();
    world.publisher = Some(Arc::new(world.chain.clone()));
    let client = world.start().await;
    world.announce();
    ready(&client).await;
    (world, client)
}

#[tokio::test]
async fn the_first_worker_makes_the_key_and_publishes_it() {
    let (world, client) = first().await;
    let published = world.chain.held().keys[&0];
    assert_eq!(published.worker, world.worker);
    let info = client.info().await.unwrap().cluster_key.unwrap();
    assert_eq!(info.generation, 0);
    assert_eq!(info.encryption_key, published.key.encryption_key);
    assert_eq!(info.signing_key.0, published.key.signing_key);
    assert!(key_file(&world, 0, "key").exists());
    assert!(!key_file(&world, 0, "candidate").exists());
    client.call(CONTRACT, b"abc".to_vec()).await.unwrap();
}

#[tokio::test]
async fn two_workers_share_one_key_and_speak_as_one() {
    let (world, client) = first().await;
    let mut other = World::beside(&world.chain);
    let other_client = joined(&mut other).await;
    ready(&other_client).await;
    let key = |client: WorkerClient| async move { client.info().await.unwrap().cluster_key };
    assert_eq!(key(client.clone()).await, key(other_client.clone()).await);
    assert_eq!(attestor(&client).await, attestor(&other_client).await);
    assert_eq!(world.chain.held().keys.len(), 1);
    // No file holds the same, but for the cluster's.
    let read = |path: PathBuf| fs::read(path).unwrap();
    let [own, others] = [&world, &other].map(|world| key_file(world, 0, "key"));
    let identities = [&own, &others].map(|path| read(path.with_file_name("identity.key")));
    assert_ne!(identities[0], identities[1]);
    assert_eq!(read(own), read(others));
}

/// The key is given to those whom the chain has as active members, and to nobody else.
#[tokio::test]
async fn who_serves_nothing_gets_nothing() {
    let (world, client) = first().await;
    let stranger = World::beside(&world.chain);
    let asked = body(stranger.worker, 0);
    let not_member = (403, "not_member".to_string());
    assert_eq!(refusal(client.cluster_key(&asked).await), not_member);

    // Registered, and no member.
    stranger.announce_at("http://127.0.0.1:1".into());
    assert_eq!(refusal(client.cluster_key(&asked).await), not_member);
    // A member that nothing vouches for.
    world
        .chain
        .change(|held| held.state.suspended.push(stranger.worker));
    assert_eq!(refusal(client.cluster_key(&asked).await), not_member);

    world.chain.change(|held| held.state.suspended.clear());
    world.chain.join(stranger.worker);
    let answer = client.cluster_key(&asked).await.unwrap();
    assert_eq!(answer.giver, world.worker);
    // It is sealed to the key that the chain has, whoever asks.
    let handover = Handover {
        genesis_hash: GENESIS,
        cluster: CLUSTER,
        generation: 0,
        giver: world.worker,
        asker: stranger.worker,
    };
    let published = world.chain.held().keys[&0].key;
    let open = |keys: &World| {
        let key = keys.store().decryption_key();
        handover.open(&key, &answer.sealed.0, &published)
    };
    open(&stranger).unwrap();
    assert!(open(&world).is_err());

    let unknown = body(stranger.worker, 1);
    let no_generation = (404, "no_generation".to_string());
    assert_eq!(refusal(client.cluster_key(&unknown).await), no_generation);

    // A worker that is suspended gives nothing either.
    world.chain.change(|held| {
        held.state.members.retain(|member| *member != world.worker);
        held.state.suspended.push(world.worker);
    });
    until_unready(&client).await;
    let suspended = (503, "suspended".to_string());
    assert_eq!(refusal(client.cluster_key(&asked).await), suspended);
}

fn is_busy<T>(asked: &Result<T, ClientError>) -> bool {
    matches!(asked, Err(ClientError::Busy { .. }))
}

/// Questions that anybody could ask wait for each other, and those of members for none of them.
#[tokio::test]
async fn strangers_do_not_use_up_the_turns_of_members() {
    let (world, client) = first().await;
    let member = World::beside(&world.chain);
    member.announce_at("http://127.0.0.1:1".into());
    world.chain.join(member.worker);
    let anybody_s = body(member.worker, 0);
    while !is_busy(&client.cluster_key(&anybody_s).await) {}

    // Signed for another giver, by another, or too long ago: that could be anybody.
    let block = world.chain.block();
    let of_other = ClusterKeyBody {
        worker: member.worker,
        ..signed(&world, &world, block)
    };
    for question in [
        signed(&member, &member, block),
        of_other,
        signed(&member, &world, block + 1_000),
    ] {
        assert!(is_busy(&client.cluster_key(&question).await));
    }
    let question = signed(&member, &world, block);
    let answer = client.cluster_key(&question).await.unwrap();
    assert_eq!(answer.giver, world.worker);
}

/// Whoever registers a worker chooses where others ask it.
#[tokio::test]
async fn nobody_is_asked_in_private_networks_unless_that_is_allowed() {
    let (world, _client) = first().await;
    let mut newcomer = World::beside(&world.chain);
    newcomer.settings.allow_private_networks = false;
    let client = joined(&mut newcomer).await;
    told(&client, "the loopback network").await;
    assert_eq!(generation(&client).await, None);
}

async fn until_unready(client: &WorkerClient) {
    while client.health().await.unwrap().ready {}
}

#[tokio::test]
async fn questions_that_are_none_are_refused() {
    let (world, _client) = first().await;
    let http = raw(&world);
    for (body, status) in [
        ("", 400),
        ("{}", 400),
        (r#"{"worker":"0x","generation":0}"#, 400),
        (&" ".repeat(CLUSTER_KEY_BODY_BYTES_MAX + 1), 413),
    ] {
        assert_eq!(http(body.to_owned()).await, status, "{body:?}");
    }
}

/// Posts a body as it is, and gives the status.
fn raw(world: &World) -> impl Fn(String) -> futures::future::BoxFuture<'static, u16> + use<> {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = world.address();
    move |body| {
        let address = address.clone();
        Box::pin(async move {
            let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
            let head = format!(
                "POST /v1/cluster/key HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\
                 content-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            // The answer may come before the body is taken.
            let _ = stream.write_all(body.as_bytes()).await;
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer.split(' ').nth(1).unwrap().parse().unwrap()
        })
    }
}

/// A worker at the endpoint of another that gives a secret of its own making.
async fn liar(world: &World, asker: WorkerId, asker_key: EncryptionKey) {
    let handover = Handover {
        genesis_hash: GENESIS,
        cluster: CLUSTER,
        generation: 0,
        giver: world.worker,
        asker,
    };
    let own = ClusterSecret::from_bytes(Zeroizing::new([0x11; 32]));
    let answer = ClusterKeyAnswer {
        giver: world.worker,
        sealed: HexBytes(handover.seal(&asker_key, &own).unwrap()),
    };
    let router = Router::new().route(
        "/v1/cluster/key",
        post(move || async move { Json(answer.clone()) }),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    world.announce_at(format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move { axum::serve(listener, router).await });
}

#[tokio::test]
async fn a_secret_that_the_chain_does_not_confirm_is_refused() {
    // The cluster has a key, and the only one to ask gives another.
    let liar_world = World::without_key();
    liar_world
        .chain
        .publish(cluster_secret().public(), liar_world.worker);
    let mut newcomer = World::beside(&liar_world.chain);
    liar(&liar_world, newcomer.worker, newcomer.encryption_key).await;
    let client = joined(&mut newcomer).await;
    told(&client, "not the secret of the cluster's keys").await;
    assert_eq!(generation(&client).await, None);
    assert!(!key_file(&newcomer, 0, "key").exists());
    let refused = client.call(CONTRACT, b"abc".to_vec()).await;
    assert_eq!(refusal(refused), (503, "no_cluster_key".to_string()));
    let asked = client.cluster_key(&body(newcomer.worker, 0)).await;
    assert_eq!(refusal(asked), (503, "no_cluster_key".to_string()));

    // One that has the key comes, and is asked too.
    let mut honest = World::beside(&liar_world.chain);
    honest.keep_key(&cluster_secret());
    joined(&mut honest).await;
    ready(&client).await;
    assert_eq!(generation(&client).await, Some(0));
    assert!(key_file(&newcomer, 0, "key").exists());
}

/// Until there is a key, calls are refused, and requests of anchors wait and are not lost.
#[tokio::test]
async fn without_a_key_nothing_is_run() {
    let mut world = World::without_key();
    let client = world.start().await;
    told(&client, "clusterKeys.publishKey").await;
    let number = world.target.request(b"abc");
    world.until_step(number, "seen").await;
    let refused = client.call(CONTRACT, b"abc".to_vec()).await;
    assert_eq!(refusal(refused), (503, "no_cluster_key".to_string()));
    assert_eq!(world.runner.runs(), 0);
    let info = client.contract(CONTRACT).await.unwrap();
    assert!(!info.is_serving && info.attestors.is_empty());
    assert!(info.errors[0].contains("key of its cluster"), "{info:?}");

    // An operator publishes what the worker has made.
    let candidate = made(&world);
    world.chain.publish(candidate.public(), world.worker);
    ready(&client).await;
    world.until_settled(number).await;
    client.call(CONTRACT, b"abc".to_vec()).await.unwrap();
}

/// The secret that a worker wants to be the cluster's.
fn made(world: &World) -> ClusterSecret {
    let digits = fs::read_to_string(key_file(world, 0, "candidate")).unwrap();
    let mut bytes = Zeroizing::new([0; 32]);
    hex::decode_to_slice(digits.trim(), bytes.as_mut()).unwrap();
    ClusterSecret::from_bytes(bytes)
}

#[tokio::test]
async fn a_worker_killed_after_it_published_goes_on_with_what_it_made() {
    let mut world = World::without_key();
    let client = world.start().await;
    told(&client, "clusterKeys.publishKey").await;
    let candidate = made(&world);
    world.kill().await;
    world.chain.publish(candidate.public(), world.worker);
    let client = world.start().await;
    ready(&client).await;
    let info = client.info().await.unwrap().cluster_key.unwrap();
    assert_eq!(info.encryption_key, candidate.public().encryption_key);
    assert!(!key_file(&world, 0, "candidate").exists());
}

#[tokio::test]
async fn a_key_that_lost_is_forgotten_for_that_which_won() {
    let mut world = World::without_key();
    let client = world.start().await;
    told(&client, "clusterKeys.publishKey").await;
    assert!(key_file(&world, 0, "candidate").exists());
    world.announce();

    let mut winner = World::beside(&world.chain);
    winner.keep_key(&cluster_secret());
    world
        .chain
        .publish(cluster_secret().public(), winner.worker);
    joined(&mut winner).await;
    ready(&client).await;
    let info = client.info().await.unwrap().cluster_key.unwrap();
    let expected = cluster_secret().public().encryption_key;
    assert_eq!(info.encryption_key, expected);
    assert!(!key_file(&world, 0, "candidate").exists());
}

#[tokio::test]
async fn a_restart_keeps_the_keys() {
    let (world, client) = first().await;
    let mut other = World::beside(&world.chain);
    let other_client = joined(&mut other).await;
    ready(&other_client).await;
    let before = attestor(&client).await;
    drop(world);
    // With nobody left to ask.
    assert!(other.stop(Duration::from_secs(10)).await);
    let other_client = other.start().await;
    ready(&other_client).await;
    assert_eq!(attestor(&other_client).await, before);
}

/// The chain began anew, and has another key.
#[tokio::test]
async fn what_the_chain_has_another_key_for_is_neither_used_nor_replaced() {
    let mut world = World::without_key();
    world.keep_key(&cluster_secret());
    let file = key_file(&world, 0, "key");
    let before = fs::read(&file).unwrap();
    let other = ClusterSecret::from_bytes(Zeroizing::new([0x11; 32]));
    world.chain.publish(other.public(), WorkerId([9; 32]));
    let client = world.start().await;
    told(&client, "cluster-0-0-").await;
    assert_eq!(generation(&client).await, None);
    assert_eq!(fs::read(&file).unwrap(), before);
}

/// Whoever makes a chain says who its workers are, and can give it the public keys of any cluster:
/// a worker that is shown such a chain must have nothing to give.
#[tokio::test]
async fn a_key_is_not_used_on_a_chain_that_others_made() {
    let mut world = World::without_key();
    let elsewhere = ClusterOnChain {
        genesis_hash: [0xdd; 32],
        cluster: CLUSTER,
    };
    let store = world.store();
    store
        .keep_cluster_secret(elsewhere, 0, &cluster_secret())
        .unwrap();
    let own = WorkerId([9; 32]);
    world.chain.publish(cluster_secret().public(), own);
    let client = world.start().await;
    told(&client, "generation 0").await;
    assert_eq!(generation(&client).await, None);
    let asked = client.cluster_key(&body(world.worker, 0)).await;
    assert_eq!(refusal(asked), (503, "no_cluster_key".to_string()));
    let kept = store.cluster_secrets(elsewhere).unwrap();
    assert_eq!(kept[&0].expose(), cluster_secret().expose());
}

#[tokio::test]
async fn a_damaged_key_is_told_at_the_start() {
    let mut world = World::new();
    fs::write(key_file(&world, 0, "key"), "nothing").unwrap();
    let runner = Arc::new(world.runner.clone());
    let error = world.try_start(runner).await.err().unwrap().to_string();
    assert!(
        error.contains("cluster-0-0-") && error.contains(".key is damaged"),
        "{error}"
    );
}

/// What is encrypted to the old key can still be read, and contracts keep their addresses.
#[tokio::test]
async fn a_rotation_reaches_every_worker_and_leaves_the_old_key() {
    let (world, client) = first().await;
    let mut other = World::beside(&world.chain);
    let other_client = joined(&mut other).await;
    ready(&other_client).await;
    let before = attestor(&client).await;

    world.chain.request_rotation();
    for client in [&client, &other_client] {
        until_generation(&world.chain, client, 1).await;
        ready(client).await;
        assert_eq!(attestor(client).await, before);
        client.call(CONTRACT, b"abc".to_vec()).await.unwrap();
    }
    let keys = world.chain.held().keys;
    assert_eq!(keys.len(), 2);
    assert_ne!(keys[&0].key, keys[&1].key);

    // A newcomer is handed both.
    let mut late = World::beside(&world.chain);
    let late_client = joined(&mut late).await;
    until_generation(&world.chain, &late_client, 1).await;
    ready(&late_client).await;
    assert_eq!(attestor(&late_client).await, before);
    for generation in [0, 1] {
        let read = |world: &World| fs::read(key_file(world, generation, "key")).unwrap();
        assert_eq!(read(&late), read(&world), "{generation}");
        assert_eq!(read(&late), read(&other), "{generation}");
    }
}

/// A key that nobody has any more keeps a newcomer from reading what is encrypted to it, and from
/// nothing else.
#[tokio::test]
async fn a_key_that_is_lost_stops_nothing_but_what_needs_it() {
    let (world, client) = first().await;
    let lost = ClusterSecret::from_bytes(Zeroizing::new([0x11; 32]));
    world.chain.change(|held| {
        // As if a worker had published it and left before any other asked.
        let key = phat_worker_service::chain::PublishedKey {
            key: lost.public(),
            worker: WorkerId([9; 32]),
        };
        held.keys.insert(1, key);
        held.state.keys.current = Some(1);
    });
    told(&client, "generation 1").await;
    client.call(CONTRACT, b"abc".to_vec()).await.unwrap();

    world.chain.request_rotation();
    until_generation(&world.chain, &client, 2).await;
    ready(&client).await;
}

/// The chain is told who signs for the contracts, once, and anew when the key is another.
#[tokio::test]
async fn attestors_are_published_once_for_each_key() {
    let (world, client) = first().await;
    let chain = &world.chain;
    let stated = |generation| {
        move |held: &Held| {
            let found = held.attestors.get(&CONTRACT);
            found.is_some_and(|found| found.generation == generation)
        }
    };
    chain.until(stated(0)).await;
    let first = chain.held().attestors[&CONTRACT];
    // More blocks cost nothing more: a key and an attestor are all that was paid for.
    for _ in 0..50 {
        let block = chain.held().state.block;
        chain.change(|_| {});
        while client.info().await.unwrap().chain.finalized <= Some(block) {}
    }
    assert_eq!(chain.held().paid, 2);

    chain.request_rotation();
    until_generation(chain, &client, 1).await;
    // A block for each look, until the chain has it.
    while !stated(1)(&chain.held()) {
        chain.change(|_| {});
        client.info().await.unwrap();
    }
    let second = chain.held().attestors[&CONTRACT];
    assert_eq!(second.public_key, first.public_key);

    // One that is new is published too, and one that is removed is no fault.
    let new = ContractId([0xc1; 32]);
    chain.create(contract(new, &manifest("new")), CODE);
    chain.until(|held| held.attestors.contains_key(&new)).await;
    assert_ne!(chain.held().attestors[&new].public_key, first.public_key);
}
