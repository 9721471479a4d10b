//! Receipts on the chain, and what becomes of those that are wrong.

use std::path::Path;

use anyhow::Context;
use phat_e2e::{
    bundle::call_echo,
    cli::{phat, phat_ok},
    network::{Network, text},
    process::until,
    worker::{Worker, WorkerOptions},
};
use phat_keys::{KeyStore, Unsealed};
use phat_primitives::blake2_256;
use phat_receipt::Receipt;
use phat_worker_client::ReceiptBundle;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};

/// A server that answers every request with the same bytes, until it is dropped.
struct Server {
    url: String,
    serving: JoinHandle<()>,
}

impl Server {
    async fn start(body: Vec<u8>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/receipt.json", listener.local_addr()?);
        let serving = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let mut asked = [0; 4096];
                // A client that goes away is no concern of the test.
                let _ = stream.read(&mut asked).await;
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&body).await;
                let _ = stream.shutdown().await;
            }
        });
        Ok(Self { url, serving })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Another worker of the same cluster.
async fn another(network: &Network, name: &str, operator: &'static str) -> anyhow::Result<Worker> {
    Worker::start(WorkerOptions {
        folder: network.folder().join(name),
        operator,
        ..network.worker_options()
    })
    .await
}

/// Deploys a contract and calls it. Gives the hash of the receipt.
async fn called(network: &Network, worker: &Worker) -> anyhow::Result<String> {
    text(&call_echo(network, worker).await?, "receipt")
}

/// What `phat challenge show` says once a challenge is over.
async fn decided(network: &Network, id: &str) -> anyhow::Result<serde_json::Value> {
    let show = ["challenge", "show", id, "--chain", network.node.url()];
    until("the panel to decide", async || {
        let shown = phat_ok(show).await?;
        Ok((shown["state"] != "open").then_some(shown))
    })
    .await
}

fn path_text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("the path is not UTF-8")
}

#[tokio::test]
async fn a_lie_is_proven_and_the_truth_holds() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    // Two are the smallest panel, so both of them have to find the same.
    let _panel = [
        another(&network, "second", "//Charlie").await?,
        another(&network, "third", "//Dave").await?,
    ];
    let hash = called(&network, &worker).await?;
    let honest_file = network.folder().join("honest.json");
    let (chain, url) = (network.node.url(), worker.url());
    let get = ["receipt", "get", &hash, "--worker", &url];
    phat_ok([&get[..], &["--out", path_text(&honest_file)?]].concat()).await?;
    let honest: ReceiptBundle = serde_json::from_slice(&std::fs::read(&honest_file)?)?;

    // The worker lies: it signs another output than the code gave.
    let keys = KeyStore::open(network.folder().join("worker/keys"), &Unsealed)?;
    let mut body = honest.receipt.body.clone();
    let true_output = format!("0x{}", hex_of(&body.output_hash));
    body.output_hash = blake2_256(b"a lie");
    let mut lie = honest.clone();
    lie.receipt = Receipt::sign(body, keys.identity());
    lie.output = b"a lie".to_vec().into();
    let lie_file = network.folder().join("lie.json");
    let json = serde_json::to_vec(&lie)?;
    std::fs::write(&lie_file, &json)?;
    // Nothing but a replay tells.
    let file = path_text(&lie_file)?;
    phat_ok(["verify", file, "--chain", chain, "--worker", &url]).await?;

    let server = Server::start(json).await?;
    let options = ["--chain", chain, "--suri", "//Alice", "--data-url"];
    let challenge = ["challenge", file];
    let challenge = [&challenge[..], &options[..], &[server.url.as_str()]].concat();
    let made = phat_ok(&challenge).await?;
    let id = made["challenge"].to_string();
    let shown = decided(&network, &id).await?;
    assert_eq!(shown["state"], "fault", "{shown}");
    assert_eq!(shown["found"]["differs"]["output_hash"], true_output);
    assert_eq!(shown["accused"], keys.worker_id().to_string());
    let again = phat(&challenge).await?;
    assert_eq!(again.code, 1);
    assert!(again.stderr.contains("AlreadyProven"), "{}", again.stderr);

    // The truth is not challenged by mistake, and holds when it is by will.
    let file = path_text(&honest_file)?;
    let server = Server::start(std::fs::read(&honest_file)?).await?;
    let challenge = ["challenge", file];
    let challenge = [&challenge[..], &options[..], &[server.url.as_str()]].concat();
    let refused = phat(&challenge).await?;
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("cost the deposit"),
        "{}",
        refused.stderr
    );
    let made = phat_ok([&challenge[..], &["--force"]].concat()).await?;
    let shown = decided(&network, &made["challenge"].to_string()).await?;
    assert_eq!(shown["state"], "holds", "{shown}");
    network.end();
    Ok(())
}

#[tokio::test]
async fn a_receipt_is_shown_to_be_published() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(WorkerOptions {
        batch_every_s: 1,
        ..network.worker_options()
    })
    .await?;
    let hash = called(&network, &worker).await?;
    let (chain, url) = (network.node.url(), worker.url());
    let check = until("the receipt to be published", async || {
        let verified = phat_ok(["verify", &hash, "--chain", chain, "--worker", &url]).await?;
        let checks = verified["checks"].as_array().context("a list of checks")?;
        let mut checks = checks.iter();
        Ok(checks.find(|check| check["name"] == "inclusion").cloned())
    })
    .await?;
    assert_eq!(check["status"], "ok", "{check}");
    let detail = text(&check, "detail")?;
    assert!(detail.contains("in the worker's batch 0"), "{detail}");
    network.end();
    Ok(())
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
