//! Calls that nobody between the caller and the worker can read.

use std::path::Path;

use anyhow::bail;
use phat_e2e::{
    cli::{phat, phat_ok},
    network::{Network, text},
    process::{Program, until},
    project::Project,
    worker::Worker,
};
use serde_json::{Value, json};
use tokio::process::Command;

const ECHO: &str = "export default (request) => { console.log('called'); return request.input }";
const MANIFEST: &str = "name = \"echo\"\nentry = \"index.js\"\n";

/// What nobody else may see, and its digits.
const SECRET: &str = "what only the worker may read";
const SECRET_DIGITS: &str = "0x77686174206f6e6c792074686520776f726b6572206d61792072656164";

/// `phat gateway` in front of a network's workers.
async fn gateway(network: &Network) -> anyhow::Result<(Program, String)> {
    let log = network.folder().join("gateway.log");
    let mut program = Program::start("phat", &log, |command| {
        command
            .args(["gateway", "--json", "--allow-http", "--listen"])
            .args(["127.0.0.1:0", "--chain", network.node.url()]);
    })?;
    let url = program
        .until("its URL", async |output| {
            let line = output.lines().find(|line| line.starts_with('{'))?;
            let ready: Value = serde_json::from_str(line).ok()?;
            ready["gateway"].as_str().map(str::to_owned)
        })
        .await?;
    Ok((program, url))
}

/// A call from the TypeScript client, in Node.js.
async fn call_from_typescript(asked: &Value) -> anyhow::Result<Value> {
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../client/ts");
    if !client.join("dist/index.js").is_file() {
        bail!("client/ts is not built: cargo xtask setup");
    }
    let output = Command::new("node")
        .arg(client.join("testing/call.mjs"))
        .arg(asked.to_string())
        .kill_on_drop(true)
        .output()
        .await?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[tokio::test]
async fn an_encrypted_call_is_read_by_the_worker_alone() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    let (chain, url) = (network.node.url(), worker.url());
    let project = Project::with_manifest(network.folder(), "echo", ECHO, MANIFEST)?;
    let deploy = ["deploy", project.path_text()?, "--chain", chain];
    let deployed = phat_ok([&deploy[..], &["--suri", "//Alice"]].concat()).await?;
    let contract = text(&deployed, "contract")?;
    until("the worker to serve the contract", async || {
        let call = phat(["call", &contract, "--worker", &url]).await?;
        Ok((call.code == 0).then_some(()))
    })
    .await?;

    // The key is that of the chain, whoever passes the call on.
    let (gateway, gateway_url) = gateway(&network).await?;
    let file = network.folder().join("receipt.json");
    let file = file.to_str().expect("folders of tests have names in UTF-8");
    for (to, front) in [
        ("worker", &url),
        ("worker", &gateway_url),
        ("cluster", &gateway_url),
    ] {
        let call = ["call", &contract, "--text", SECRET, "--encrypted"];
        let whom = ["--to", to, "--worker", front, "--chain", chain];
        let arguments = [&call[..], &whom, &["--receipt", file]].concat();
        let called = until("a key of the worker and the cluster", async || {
            let call = phat(&arguments).await?;
            Ok((call.code == 0).then_some(call.json))
        })
        .await?;
        assert_eq!(called["text"], SECRET);
        assert_eq!(called["logs"][0]["message"], "called");
        // The caller has what the worker does not keep.
        let verified = phat_ok(["verify", file, "--chain", chain]).await?;
        assert_eq!(verified["complete"], true);
        let replayed = phat_ok(["replay", file, "--chain", chain]).await?;
        assert_eq!(replayed["ok"], true);
        let receipt = text(&called, "receipt")?;
        let kept = phat(["receipt", "get", &receipt, "--worker", front]).await?;
        assert_eq!(kept.code, 1);
        assert!(kept.stderr.contains("not_found"), "{}", kept.stderr);
    }

    let info = worker.client().info().await?;
    let to = json!({ "kind": "worker", "key": info.encryption_key, "worker": info.worker });
    for (url, to) in [
        (&url, &to),
        (&gateway_url, &to),
        (&gateway_url, &Value::Null),
    ] {
        let answer = call_from_typescript(&json!({
            "url": url, "genesisHash": info.chain.genesis_hash, "contract": contract,
            "input": SECRET_DIGITS, "to": to,
        }))
        .await?;
        assert_eq!(answer["output"], SECRET);
        if !to.is_null() {
            std::fs::write(file, answer["bundle"].to_string())?;
            phat_ok(["verify", file, "--chain", chain]).await?;
        }
    }

    // Where the chain does not vouch for a key, nothing is sent.
    let lost = ["call", &contract, "--encrypted", "--worker", &url];
    let refused = phat([&lost[..], &["--chain", "ws://127.0.0.1:1"]].concat()).await?;
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("--trust-worker-key"),
        "{}",
        refused.stderr
    );
    let trusting = phat_ok([&lost[..], &["--trust-worker-key"]].concat()).await?;
    assert_eq!(trusting["success"], true);

    for log in [worker.log(), gateway.output()] {
        assert!(!log.contains(SECRET) && !log.contains(&SECRET_DIGITS[2..]));
    }
    assert!(gateway.terminate().await?.success());
    network.end();
    Ok(())
}
