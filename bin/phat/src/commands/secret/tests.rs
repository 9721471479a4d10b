use std::sync::atomic::Ordering;

use clap::Parser;
use phat_envelope::DecryptionKey;
use phat_primitives::{
    CodeHash,
    limits::SECRETS_MAX,
    secret::{SEAL_INFO, seal_data},
};
use zeroize::Zeroizing;

use super::*;
use crate::{
    chain::{SealedSecret, SecretReader, SecretWriter, fake::FakeChain},
    cli::Cli,
    output::Format,
};

const ID: ContractId = ContractId([0xc0; 32]);
const GENESIS: [u8; 32] = [0xee; 32];
const GENERATION: u32 = 3;
const VALUE: &str = "hunter2";

fn key() -> DecryptionKey {
    DecryptionKey::from_bytes(Zeroizing::new([5; 32]))
}

/// A chain with a contract that gets the secrets `api-key` and `other`.
fn chain() -> FakeChain {
    let chain = FakeChain {
        genesis_hash: GENESIS,
        ..FakeChain::with_contract(ID, CodeHash([1; 32]))
    };
    chain.set_cluster_key(GENERATION, key().public());
    chain.contracts.lock().unwrap()[0].1.manifest =
        "name = \"a\"\nentry = \"a.js\"\nsecrets = [\"api-key\", \"other\"]\n".into();
    chain
}

/// Does something, and gives its text or error, and the progress.
async fn shown<T: std::fmt::Display>(
    act: impl AsyncFnOnce(&mut Output<'_>) -> Result<T>,
) -> (String, String) {
    let (mut result, mut progress) = (Vec::new(), Vec::new());
    let mut output = Output::new(Format::Text, &mut result, &mut progress);
    let text = match act(&mut output).await {
        Ok(done) => done.to_string(),
        Err(error) => format!("error: {error:#}"),
    };
    (text, String::from_utf8(progress).unwrap())
}

async fn set(chain: &FakeChain, name: &str) -> (String, String) {
    shown(async |output| {
        let place = Place::find(chain, ID, name.into()).await?;
        let value = Zeroizing::new(VALUE.to_owned());
        place.set(chain, &value, output).await
    })
    .await
}

async fn removed(chain: &FakeChain, name: &str) -> (String, String) {
    shown(async |output| remove(chain, ID, name.into(), output).await).await
}

async fn listed(chain: &FakeChain) -> String {
    shown(async |_| list(chain, ID).await).await.0
}

fn changes(chain: &FakeChain) -> u64 {
    chain.changes.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_secret_is_sealed_for_workers_of_the_cluster_alone() {
    let chain = chain();
    let (text, progress) = set(&chain, "api-key").await;
    assert_eq!(
        text,
        format!(
            "contract   {ID}\nsecret     api-key\nstate      set\nkey        generation 3\n\
             block      1\n"
        )
    );
    assert_eq!(progress, "Setting the secret…\n");

    let stored = chain.secrets(ID).await.unwrap();
    let [secret] = &stored[..] else {
        panic!("{stored:?}");
    };
    assert_eq!(
        (&secret.name[..], secret.generation),
        ("api-key", GENERATION)
    );
    let in_the_open = secret.sealed.windows(VALUE.len());
    assert!(!in_the_open.into_iter().any(|part| part == VALUE.as_bytes()));
    let data = seal_data(&GENESIS, &ID, "api-key", GENERATION);
    let opened = key().open(SEAL_INFO, &data, &secret.sealed).unwrap();
    assert_eq!(opened.as_slice(), VALUE.as_bytes());

    let (text, _) = set(&chain, "api-key").await;
    assert!(text.contains("state      replaced\n"), "{text}");
    assert_eq!(chain.secrets(ID).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_secret_that_would_not_reach_its_contract_is_refused_before_it_is_asked_for() {
    let chain = chain();
    let refused = async |expected: &str| {
        let (text, progress) = set(&chain, "api-key").await;
        assert!(text.contains(expected), "{text} does not say {expected:?}");
        assert_eq!(progress, "");
    };
    let manifest = "name = \"a\"\nentry = \"a.js\"\n";
    let before = chain.contracts.lock().unwrap()[0].1.clone();
    let change = |change: &dyn Fn(&mut Contract)| {
        let mut contract = before.clone();
        change(&mut contract);
        chain.contracts.lock().unwrap()[0].1 = contract;
    };
    change(&|contract| contract.manifest = manifest.into());
    refused("does not list \"api-key\"").await;
    refused(&format!("phat deploy DIR --update {ID}")).await;
    change(&|contract| contract.manifest = "name = 1".into());
    refused("no worker serves it").await;
    change(&|contract| contract.owner.0[0] ^= 1);
    refused("give its owner with --suri").await;
    change(&|_| {});
    let keys = std::mem::take(&mut *chain.cluster_keys.lock().unwrap());
    refused("cluster 0 has no key").await;
    *chain.cluster_keys.lock().unwrap() = keys;
    for index in 0..SECRETS_MAX {
        let secret = SealedSecret {
            name: format!("secret-{index}"),
            generation: 0,
            sealed: vec![0; 48],
        };
        chain.set_secret(ID, secret).await.unwrap();
    }
    let before = changes(&chain);
    refused("the contract has 32 secrets").await;
    chain.contracts.lock().unwrap().clear();
    refused("there is no contract").await;
    assert_eq!(changes(&chain), before);
}

#[tokio::test]
async fn a_list_tells_what_is_to_be_done() {
    let chain = chain();
    assert_eq!(listed(&chain).await, "api-key  not set\nother    not set\n");
    set(&chain, "api-key").await;
    let old = |name: &str| SealedSecret {
        name: name.into(),
        generation: GENERATION - 1,
        sealed: vec![0; 58],
    };
    chain.set_secret(ID, old("other")).await.unwrap();
    chain.set_secret(ID, old("unlisted")).await.unwrap();
    assert_eq!(
        listed(&chain).await,
        "api-key   7 bytes, key of generation 3\n\
         other     10 bytes, key of generation 2: not the newest key, set it again\n\
         unlisted  10 bytes, key of generation 2: not the newest key, set it again; not in the \
         manifest, so the contract does not get it\n"
    );
    let json = serde_json::to_value(list(&chain, ID).await.unwrap()).unwrap();
    assert_eq!(json["generation"], 3);
    assert_eq!(
        json["secrets"][1],
        serde_json::json!({
            "name": "other", "state": "old_key", "generation": 2, "bytes": 10, "is_listed": true
        })
    );
    assert_eq!(json["secrets"][0]["state"], "set");
    assert_eq!(json["secrets"][2]["is_listed"], false);

    chain.contracts.lock().unwrap()[0].1.manifest = "name = \"a\"\nentry = \"a.js\"\n".into();
    chain.secrets.lock().unwrap().clear();
    let text = listed(&chain).await;
    assert!(text.contains("no secrets"), "{text}");
    chain.contracts.lock().unwrap().clear();
    let text = listed(&chain).await;
    assert!(text.contains("there is no contract"), "{text}");
}

#[tokio::test]
async fn a_removed_secret_is_gone() {
    let chain = chain();
    set(&chain, "api-key").await;
    let (text, _) = removed(&chain, "other").await;
    assert!(text.contains(&format!("phat secret list {ID}")), "{text}");
    chain.contracts.lock().unwrap()[0].1.owner.0[0] ^= 1;
    let (text, _) = removed(&chain, "api-key").await;
    assert!(text.contains("give its owner with --suri"), "{text}");
    chain.contracts.lock().unwrap()[0].1.owner.0[0] ^= 1;
    assert_eq!(changes(&chain), 1);

    let (text, progress) = removed(&chain, "api-key").await;
    assert_eq!(
        text,
        format!("contract   {ID}\nsecret     api-key\nstate      removed\nblock      2\n")
    );
    assert_eq!(progress, "Removing the secret…\n");
    assert!(chain.secrets(ID).await.unwrap().is_empty());
}

#[test]
fn a_name_that_no_secret_can_have_is_wrong_usage() {
    let id = ID.to_string();
    let parse = |name: &str| Cli::try_parse_from(["phat", "secret", "set", &id, name]);
    parse("api-key").unwrap();
    for bad in ["api key", "a.b", &"a".repeat(65)] {
        let error = parse(bad).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains("letters, digits"), "{error}");
    }
    // There is no place for a value among the arguments.
    Cli::try_parse_from(["phat", "secret", "set", &id, "api-key", VALUE]).unwrap_err();
}
