//! Secrets on their way from the chain into runs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;

use std::fs;

use model::*;
use phat_envelope::seal;
use phat_primitives::{
    ContractId,
    secret::{SEAL_INFO, seal_data},
};
use phat_worker_client::{ClientError, WorkerClient};
use phat_worker_service::chain::SealedSecret;

const OTHER: ContractId = ContractId([0x01; 32]);
const OTHER_ANCHOR: [u8; 20] = [9; 20];

/// The generation of the key that workers have.
const GENERATION: u32 = 0;
/// One that they do not have.
const LOST_GENERATION: u32 = 7;

/// The manifest of a contract at [`ANCHOR`] that gets these secrets.
fn listing(secrets: &str) -> String {
    format!("secrets = [{secrets}]\n{}", manifest("keeper"))
}

/// A world whose contract gets the secrets `api-key` and `other`.
fn world() -> World {
    let world = World::new();
    let text = listing("\"api-key\", \"other\"");
    world.chain.create(contract(CONTRACT, &text), CODE);
    world
}

fn sealed_for(contract: ContractId, name: &str, value: &[u8]) -> SealedSecret {
    let key = cluster_secret().public().encryption_key;
    let data = seal_data(&GENESIS, &contract, name, GENERATION);
    SealedSecret {
        name: name.into(),
        generation: GENERATION,
        sealed: seal(&key, SEAL_INFO, &data, value).unwrap(),
    }
}

fn sealed(name: &str, value: &[u8]) -> SealedSecret {
    sealed_for(CONTRACT, name, value)
}

/// Waits until the worker knows the chain as it is now.
async fn caught_up(client: &WorkerClient, world: &World) {
    let block = world.chain.block();
    while client.info().await.unwrap().chain.finalized < Some(block) {}
    while !client.health().await.unwrap().ready {}
}

/// What a call for a secret gives: the output, or why there is none.
async fn read(client: &WorkerClient, contract: ContractId, name: &str) -> Result<String, String> {
    let input = format!("secret {name}").into_bytes();
    match client.call(contract, input).await {
        Ok(answer) => Ok(String::from_utf8(answer.output.0).unwrap()),
        Err(ClientError::Refused {
            status,
            code,
            message,
            ..
        }) => Err(format!("{status} {code}: {message}")),
        Err(error) => panic!("{error}"),
    }
}

async fn faults(client: &WorkerClient, contract: ContractId) -> String {
    client.contract(contract).await.unwrap().errors.join("\n")
}

#[tokio::test]
async fn a_secret_reaches_the_runs_of_its_contract() {
    let mut world = world();
    world.chain.create(
        contract(OTHER, &manifest_at("other", OTHER_ANCHOR, 0)),
        CODE,
    );
    let unlisted = sealed("unlisted", b"for nobody");
    let key = sealed("api-key", b"hunter2");
    world.chain.set_secrets(CONTRACT, vec![key, unlisted]);
    let its_own = sealed_for(OTHER, "api-key", b"of the other");
    world.chain.set_secrets(OTHER, vec![its_own]);
    let client = world.start().await;
    caught_up(&client, &world).await;

    let ok = |text: &str| Ok(text.to_owned());
    assert_eq!(read(&client, CONTRACT, "api-key").await, ok("hunter2"));
    assert_eq!(read(&client, CONTRACT, "other").await, ok("none"));
    // Neither has a contract what its manifest does not list.
    assert_eq!(read(&client, CONTRACT, "unlisted").await, ok("none"));
    assert_eq!(read(&client, OTHER, "api-key").await, ok("none"));
    assert_eq!(faults(&client, CONTRACT).await, "");
    // Read once for all runs, and not at all for a contract that gets none.
    assert_eq!(world.chain.secrets_reads(), 1);

    // Requests of anchors get them too.
    let number = world.target.request(b"secret api-key");
    world.until_settled(number).await;
    assert_eq!(world.chain.secrets_reads(), 1);
}

#[tokio::test]
async fn a_secret_that_changes_is_read_again() {
    let mut world = world();
    let client = world.start().await;
    caught_up(&client, &world).await;
    let ok = |text: &str| Ok(text.to_owned());
    assert_eq!(read(&client, CONTRACT, "api-key").await, ok("none"));
    for (reads, value) in [(1, "first"), (2, "second")] {
        let secret = sealed("api-key", value.as_bytes());
        world.chain.set_secrets(CONTRACT, vec![secret]);
        caught_up(&client, &world).await;
        for _ in 0..2 {
            assert_eq!(read(&client, CONTRACT, "api-key").await, ok(value));
        }
        assert_eq!(world.chain.secrets_reads(), reads);
    }
    // Blocks that change other things do not matter.
    world.chain.change(|_| {});
    caught_up(&client, &world).await;
    assert_eq!(read(&client, CONTRACT, "api-key").await, ok("second"));
    assert_eq!(world.chain.secrets_reads(), 2);

    world.chain.set_secrets(CONTRACT, Vec::new());
    caught_up(&client, &world).await;
    assert_eq!(read(&client, CONTRACT, "api-key").await, ok("none"));
}

#[tokio::test]
async fn a_secret_that_cannot_be_opened_is_a_fault_of_its_contract_alone() {
    let mut world = world();
    let text = format!(
        "secrets = [\"api-key\"]\n{}",
        manifest_at("other", OTHER_ANCHOR, 0)
    );
    world.chain.create(contract(OTHER, &text), CODE);
    let key = sealed_for(OTHER, "api-key", b"of the other");
    world.chain.set_secrets(OTHER, vec![key.clone()]);
    let client = world.start().await;

    let good = sealed("api-key", b"hunter2");
    let changed = |change: fn(&mut SealedSecret)| {
        let mut secret = good.clone();
        change(&mut secret);
        secret
    };
    let cases = [
        (
            changed(|secret| *secret.sealed.last_mut().unwrap() ^= 1),
            "does not open",
        ),
        (changed(|secret| secret.sealed.truncate(47)), "too few"),
        // What is another contract's, or of another name, opens for nobody.
        (key, "does not open"),
        (
            SealedSecret {
                name: "api-key".into(),
                ..sealed("other", b"x")
            },
            "does not open",
        ),
        (
            changed(|secret| secret.generation = LOST_GENERATION),
            "generation 7, which this worker does not have",
        ),
    ];
    for (bad, why) in cases {
        let other = sealed("other", b"readable");
        world.chain.set_secrets(CONTRACT, vec![bad, other]);
        caught_up(&client, &world).await;
        let error = read(&client, CONTRACT, "api-key").await.unwrap_err();
        for part in ["503 ", "interrupted", why, "phat secret set"] {
            assert!(error.contains(part), "{error} does not say {part:?}");
        }
        // Who does not read it does not mind.
        let other = read(&client, CONTRACT, "other").await;
        assert_eq!(other.as_deref(), Ok("readable"));
        let of_other = read(&client, OTHER, "api-key").await;
        assert_eq!(of_other.as_deref(), Ok("of the other"));
        let told = faults(&client, CONTRACT).await;
        assert!(
            told.contains("secrets: \"api-key\"") && told.contains(why),
            "{told}"
        );
        assert_eq!(faults(&client, OTHER).await, "");
        assert!(client.health().await.unwrap().ready);
    }

    // Set again, it is well, without a run that tells.
    world.chain.set_secrets(CONTRACT, vec![good]);
    caught_up(&client, &world).await;
    assert_eq!(faults(&client, CONTRACT).await, "");
    let value = read(&client, CONTRACT, "api-key").await;
    assert_eq!(value.as_deref(), Ok("hunter2"));
}

#[tokio::test]
async fn a_request_waits_until_its_secret_can_be_read() {
    let mut world = world();
    let mut secret = sealed("api-key", b"hunter2");
    secret.generation = LOST_GENERATION;
    world.chain.set_secrets(CONTRACT, vec![secret]);
    world.start().await;
    let number = world.target.request(b"secret api-key");
    world
        .target
        .until_or("the reason", || {
            let unfinished = world.journal().unfinished().unwrap();
            unfinished.iter().any(|record| {
                let problem = record.problem.as_deref().unwrap_or_default();
                problem.contains("secret_unreadable")
            })
        })
        .await;
    let good = sealed("api-key", b"hunter2");
    world.chain.set_secrets(CONTRACT, vec![good]);
    world.until_settled(number).await;
}

/// The journal has what runs give, and this one gives nothing of the secret.
#[tokio::test]
async fn a_secret_is_not_on_the_disk() {
    let mut world = world();
    let value = b"correct horse battery staple";
    let secret = sealed("api-key", value);
    world.chain.set_secrets(CONTRACT, vec![secret]);
    let client = world.start().await;
    caught_up(&client, &world).await;
    let answer = client.call(CONTRACT, b"abc".to_vec()).await.unwrap();
    assert_eq!(answer.output.0, b"cba");
    world.kill().await;
    let mut pending = vec![world.folder.path().to_owned()];
    let mut files = 0;
    while let Some(path) = pending.pop() {
        if path.is_dir() {
            pending.extend(
                fs::read_dir(path)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let bytes = fs::read(&path).unwrap();
        let is_there = bytes.windows(value.len()).any(|part| part == value);
        assert!(!is_there, "{} has the secret", path.display());
        files += 1;
    }
    assert!(files > 1, "the journal and the keys");
}
