//! A secret on its way from its owner to its contract, and to nowhere else.

use std::{
    fs,
    path::{Path, PathBuf},
};

use alloy::{hex, primitives::keccak256};
use phat_e2e::{
    cli::{phat, phat_ok},
    network::{Network, text},
    process::until,
    project::Project,
    worker::Worker,
};
use serde_json::json;

/// Gives the hash of its secret, or `none`.
const CODE: &str = "import { hash, secret } from 'phat'\n\
    export default async () => {\n\
      const key = await secret('api-key')\n\
      return key === null ? 'none' : hash.keccak256(key)\n\
    }";
const NAME_OF_CONTRACT: &str = "keeper-of-the-key";
const NONE: &str = "0x6e6f6e65";
const VALUE: &str = "correct horse battery staple";
const OTHER_VALUE: &str = "incorrect horse battery staple";

#[tokio::test]
async fn a_secret_reaches_its_contract_and_nothing_else() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    let (chain, url) = (network.node.url(), worker.url());
    let manifest =
        format!("name = \"{NAME_OF_CONTRACT}\"\nentry = \"index.js\"\nsecrets = [\"api-key\"]\n");
    let project = Project::with_manifest(network.folder(), "keeper", CODE, &manifest)?;
    let deploy = ["deploy", project.path_text()?, "--chain", chain];
    let deployed = phat_ok([&deploy[..], &["--suri", "//Alice"]].concat()).await?;
    let contract = text(&deployed, "contract")?;

    // What the owner has is in a folder of its own, which is not searched later.
    let own = tempfile::tempdir()?;
    let file = |name: &str, content: &str| -> anyhow::Result<String> {
        let path = own.path().join(name);
        fs::write(&path, content)?;
        Ok(path.to_str().expect("the folder is UTF-8").to_owned())
    };
    let value_file = file("value", VALUE)?;
    let other_file = file("other", OTHER_VALUE)?;
    let secrets_file = file("secrets.json", &json!({ "api-key": VALUE }).to_string())?;

    let calling = ["call", &contract, "--worker", &url];
    let until_called = async |expected: &str| {
        until(&format!("a call that gives {expected}"), async || {
            let call = phat(calling).await?;
            let is_so = call.code == 0 && call.json["output"] == expected;
            Ok(is_so.then_some(call.json))
        })
        .await
    };
    let signing = ["--chain", chain, "--suri", "//Alice"];
    let setting = async |name: &str, from: &str| {
        let set = ["secret", "set", &contract, name, "--value-file", from];
        phat([&set[..], &signing].concat()).await
    };
    let listing = async || phat_ok(["secret", "list", &contract, "--chain", chain]).await;

    until_called(NONE).await?;
    assert_eq!(listing().await?["secrets"][0]["state"], "not_set");
    let refused = setting("api_key", &value_file).await?;
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("does not list"),
        "{}",
        refused.stderr
    );

    let set = until("the key of the cluster", async || {
        let set = setting("api-key", &value_file).await?;
        Ok((set.code == 0).then_some(set.json))
    })
    .await?;
    assert_eq!(set["state"], "set");
    let listed = listing().await?;
    assert_eq!(listed["secrets"][0]["state"], "set");
    assert_eq!(listed["secrets"][0]["bytes"], VALUE.len());
    let called = until_called(&keccak256(VALUE).to_string()).await?;

    // The receipt is complete without the secret, but for a replay.
    let receipt = text(&called, "receipt")?;
    let receipt_file = file("receipt.json", "")?;
    let get = ["receipt", "get", &receipt, "--out", &receipt_file];
    phat_ok([&get[..], &["--worker", &url]].concat()).await?;
    let bytes = fs::read(&receipt_file)?;
    assert!(contains(&bytes, b"transcript"));
    assert!(!contains(&bytes, VALUE.as_bytes()));
    assert!(!contains(&bytes, hex::encode(VALUE).as_bytes()));
    phat_ok(["verify", &receipt_file, "--chain", chain]).await?;
    let replaying = ["replay", &receipt_file, "--chain", chain];
    let without = phat(replaying).await?;
    assert_eq!(without.code, 1);
    assert!(
        without.stderr.contains("give \"api-key\" with --secrets"),
        "{}",
        without.stderr
    );
    phat_ok([&replaying[..], &["--secrets", &secrets_file]].concat()).await?;

    // Replaced and removed, it is so for the contract too.
    let replaced = setting("api-key", &other_file).await?;
    assert_eq!(
        (replaced.code, &replaced.json["state"]),
        (0, &json!("replaced"))
    );
    until_called(&keccak256(OTHER_VALUE).to_string()).await?;
    let remove = ["secret", "remove", &contract, "api-key"];
    phat_ok([&remove[..], &signing].concat()).await?;
    until_called(NONE).await?;
    assert_eq!(listing().await?["secrets"][0]["state"], "not_set");

    // Neither program has written it anywhere.
    let folders = ["node", "worker", "node.log", "worker.log"];
    let searched = folders.map(|name| network.folder().join(name));
    until("the manifest to be where the search looks", async || {
        Ok(found(&searched, NAME_OF_CONTRACT.as_bytes())?.pop())
    })
    .await?;
    for value in [VALUE, OTHER_VALUE] {
        for form in [value.to_owned(), hex::encode(value)] {
            let found = found(&searched, form.as_bytes())?;
            assert!(found.is_empty(), "{form:?} is in {found:?}");
        }
    }
    network.end();
    Ok(())
}

/// The files in which these bytes are.
fn found(paths: &[PathBuf], bytes: &[u8]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            found.extend(self::found(&entries(path)?, bytes)?);
        } else {
            // The programs run on: a file may be gone by now.
            match fs::read(path) {
                Ok(content) if contains(&content, bytes) => found.push(path.clone()),
                Ok(_) => {}
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(found)
}

fn entries(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    Ok(entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?)
}

fn contains(content: &[u8], bytes: &[u8]) -> bool {
    let Some((first, _)) = bytes.split_first() else {
        return true;
    };
    let starts = content
        .iter()
        .enumerate()
        .filter(|(_, byte)| *byte == first);
    starts
        .map(|(start, _)| &content[start..])
        .any(|rest| rest.starts_with(bytes))
}
