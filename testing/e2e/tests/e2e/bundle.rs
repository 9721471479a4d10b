//! Receipt bundles: made on a network, checked when it is gone.

use std::path::Path;

use phat_e2e::{
    bundle::{MadeBundle, of_a_call},
    cli::{phat, phat_ok},
    demo::receipt_of,
    network::{Network, PROFILES, text},
    process::until,
    worker::{Worker, WorkerOptions},
};
use serde_json::Value;

/// The checks that read what the chain had stored.
const OF_STATE: [&str; 4] = ["registration", "attestation", "contract", "cluster"];

/// Parts of a bundle, and the check that misses them when they are changed.
const PARTS: [(&str, &str); 9] = [
    ("/conformance", "format"),
    ("/receipt/signature", "signature"),
    ("/input", "data"),
    ("/output", "data"),
    ("/transcript", "data"),
    ("/chain/genesis/header", "finality"),
    ("/chain/genesis/nodes/0", "finality"),
    ("/chain/block/header", "finality"),
    ("/chain/justification", "finality"),
];

#[tokio::test]
async fn a_bundle_holds_when_the_network_is_gone_and_every_change_is_told() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(WorkerOptions {
        attestation: "simulated",
        ..network.worker_options()
    })
    .await?;
    let (chain, url) = (network.node.url(), worker.url());
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("bundle.json");
    let MadeBundle { receipt, made } = of_a_call(&network, &worker, &file).await?;
    let out = file.to_str().expect("the folder is UTF-8");
    let from = ["--worker", &url, "--chain", chain];
    let genesis = text(&made, "genesis_hash")?;
    // Some blocks later it is proven at the same block, which is an older one by then.
    let proven = made["block"]["number"].as_u64().expect("a number");
    let newer = folder.path().join("newer.json");
    let newer = newer.to_str().expect("the folder is UTF-8");
    let bundle = ["receipt", "bundle", &receipt, "--out", newer];
    until("a newer final block", async || {
        let made = phat_ok([&bundle[..], &from].concat()).await?;
        Ok((made["block"]["number"].as_u64() > Some(proven + 1)).then_some(()))
    })
    .await?;
    let older = folder.path().join("older.json");
    let older = older.to_str().expect("the folder is UTF-8");
    let at = proven.to_string();
    let bundle = ["receipt", "bundle", &receipt, "--out", older];
    let options = ["--at", &at, "--genesis-from", out];
    phat_ok([&bundle[..], &from, &options].concat()).await?;

    let (_, status) = worker.terminate().await?;
    assert!(status.success(), "{status}");
    network.end();

    for file in [out, newer, older] {
        let verified = phat_ok(["verify", file, "--genesis", &genesis]).await?;
        assert_eq!(verified["complete"], true, "{verified}");
        assert_eq!(verified["attestation"]["dcap"]["confidence_level"], 1);
        assert!(verified["size_bytes"].as_u64() > Some(1_000), "{verified}");
        let micros = verified["verify_us"].as_u64().expect("a number");
        eprintln!("{} bytes, {micros} µs", verified["size_bytes"]);
    }
    let other_chain = format!("0x{}", "00".repeat(32));
    let answer = phat(["verify", out, "--genesis", &other_chain]).await?;
    assert_eq!(answer.code, 1);
    assert_eq!(failed(&answer.json), ["chain", "finality"]);

    let good: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
    for (pointer, name) in PARTS {
        let failed = failed_when_changed(&good, pointer, &file, &genesis).await?;
        assert_eq!(failed, [name], "{pointer}");
    }
    let nodes = good["chain"]["block"]["nodes"].as_array().expect("a list");
    for index in 0..nodes.len() {
        let pointer = format!("/chain/block/nodes/{index}");
        let failed = failed_when_changed(&good, &pointer, &file, &genesis).await?;
        let are_of_state = failed.iter().all(|name| OF_STATE.contains(&name.as_str()));
        assert!(!failed.is_empty() && are_of_state, "{pointer}: {failed:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_bundle_of_a_request_names_its_settlement() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    let oracle = network.deploy_lens(&worker).await?;
    let (id, _, _) = oracle.consumer.request(PROFILES[0].0).await?;
    oracle.consumer.until_answered(id).await?;
    let receipt = receipt_of(&worker, &oracle, id).await?;
    let file = network.folder().join("bundle.json");
    let out = file.to_str().expect("the folder is UTF-8");
    let evm_rpc = format!("{}={}", network.evm_chain(), network.anvil.url());
    let url = worker.url();
    let made = phat_ok([
        "receipt",
        "bundle",
        &receipt,
        "--out",
        out,
        "--evm-rpc",
        &evm_rpc,
        "--worker",
        &url,
        "--chain",
        network.node.url(),
    ])
    .await?;
    let genesis = text(&made, "genesis_hash")?;
    let verified = phat_ok(["verify", out, "--genesis", &genesis]).await?;
    assert_eq!(verified["complete"], true, "{verified}");
    let checks = verified["checks"].as_array().expect("a list");
    let anchor = checks.iter().find(|check| check["name"] == "anchor");
    assert_eq!(anchor.expect("a check")["status"], "claimed");

    let good: Value = serde_json::from_slice(&std::fs::read(&file)?)?;
    let failed = failed_when_changed(&good, "/anchor/address", &file, &genesis).await?;
    assert_eq!(failed, ["anchor"]);
    network.end();
    Ok(())
}

/// The checks that fail when the last digit of a part is another one.
async fn failed_when_changed(
    good: &Value,
    pointer: &str,
    file: &Path,
    genesis: &str,
) -> anyhow::Result<Vec<String>> {
    let mut changed = good.clone();
    let part = changed.pointer_mut(pointer).expect("the bundle has it");
    let mut digits = part.as_str().expect("digits").to_owned();
    let last = digits.pop().expect("at least one");
    digits.push(if last == '1' { '2' } else { '1' });
    *part = digits.into();
    std::fs::write(file, changed.to_string())?;
    let file = file.to_str().expect("the folder is UTF-8");
    let answer = phat(["verify", file, "--genesis", genesis]).await?;
    assert_eq!(
        answer.code, 1,
        "{pointer}: {} {}",
        answer.json, answer.stderr
    );
    assert_eq!(answer.json["ok"], false);
    Ok(failed(&answer.json))
}

fn failed(verified: &Value) -> Vec<String> {
    let checks = verified["checks"].as_array().expect("a list of checks");
    let failed = checks.iter().filter(|check| check["status"] == "failed");
    let names = failed.map(|check| check["name"].as_str().expect("a name").to_owned());
    names.collect()
}
