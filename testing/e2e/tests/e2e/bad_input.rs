//! Bad scripts and bad manifests: each gets a clear error.

use alloy::primitives::U256;
use phat_e2e::{
    cli::phat,
    demo::receipt_of,
    evm::StoredAnswer,
    network::{Network, PROFILES},
    project::Project,
    worker::Worker,
};

/// Scripts that misbehave, and the beginning of the failure that reaches the
/// consumer.
const BAD_SCRIPTS: [(&str, &str, &str); 4] = [
    (
        "throws",
        "export default () => { throw new Error('no such luck') }",
        "script_threw: Error: no such luck",
    ),
    (
        "never-ends",
        "export default () => { for (;;); }",
        "out_of_fuel: ",
    ),
    (
        "wrong-type",
        "export default () => ({ answer: 42 })",
        "wrong_type: ",
    ),
    (
        "allocates",
        "export default () => { const all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1)); }",
        "out_of_memory: ",
    ),
];

/// A failed run is settled as failed: the consumer is told, and never left waiting.
#[tokio::test]
async fn a_bad_script_settles_as_failed_with_its_reason() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    for (name, code, reason) in BAD_SCRIPTS {
        let project = Project::new(network.folder(), name, code, &network.lens)?;
        let oracle = network.deploy(&worker, &project).await?;
        let (id, _, _) = oracle.consumer.request(PROFILES[0].0).await?;
        let failed = StoredAnswer {
            ok: false,
            profile: PROFILES[0].0.into(),
            value: U256::ZERO,
        };
        assert_eq!(oracle.consumer.until_answered(id).await?, failed, "{name}");
        oracle.consumer.settlement(id).await?;

        let receipt = receipt_of(&worker, &oracle, id).await?;
        let bundle = worker.client().receipt(receipt.parse()?).await?;
        let text = String::from_utf8(bundle.output.0)?;
        assert!(text.starts_with(reason), "{name}: {text:?}");
    }
    Ok(())
}

/// Two requests that read and write the same key at once: the second one to
/// settle is stale, is run again on the new state, and settles too.
#[tokio::test]
async fn a_stale_version_is_run_again() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    let counter = "import { kv } from 'phat'\n\
        export default async () => {\n\
          const stored = await kv.get('count')\n\
          const count = (stored ? stored[0] : 0) + 1\n\
          await kv.set('count', new Uint8Array([count]))\n\
          const output = new Uint8Array(64)\n\
          output[63] = count\n\
          return output\n\
        }";
    let project = Project::new(network.folder(), "counter", counter, &network.lens)?;
    let oracle = network.deploy(&worker, &project).await?;
    // Made while the worker is away, so that it sees them together.
    let options = worker.kill().await?;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(oracle.consumer.request("0x01").await?.0);
    }
    let worker = Worker::start(options).await?;
    let mut counts = Vec::new();
    for id in ids {
        counts.push(oracle.consumer.until_answered(id).await?.value);
        oracle.consumer.settlement(id).await?;
    }
    counts.sort();
    assert_eq!(counts, [1, 2, 3].map(U256::from), "no update was lost");
    let runs = worker
        .requests()
        .await?
        .iter()
        .map(|entry| entry.runs)
        .max();
    assert!(runs > Some(1), "no outcome was stale, so nothing was tried");
    Ok(())
}

#[tokio::test]
async fn a_receipt_that_was_changed_does_not_verify() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    let oracle = network.deploy_lens(&worker).await?;
    let (id, _, _) = oracle.consumer.request(PROFILES[0].0).await?;
    oracle.consumer.until_answered(id).await?;
    let hash = receipt_of(&worker, &oracle, id).await?;
    let bundle = worker.client().receipt(hash.parse()?).await?;
    let mut json = serde_json::to_value(&bundle)?;
    let file = network.folder().join("receipt.json");
    let file_text = file.to_str().expect("the folder is UTF-8");
    let verify = async |json: &serde_json::Value| {
        std::fs::write(&file, json.to_string())?;
        phat(["verify", file_text, "--chain", network.node.url()]).await
    };

    let good = verify(&json).await?;
    assert_eq!(good.code, 0, "{} {}", good.json, good.stderr);
    json["receipt"]["body"]["fuel_used"] = 1.into();
    let bad = verify(&json).await?;
    assert_eq!(bad.code, 1, "{} {}", bad.json, bad.stderr);
    assert_eq!(bad.json["ok"], false);
    Ok(())
}

#[tokio::test]
async fn a_manifest_with_an_unknown_field_is_refused_before_anything_is_sent() -> anyhow::Result<()>
{
    let folder = tempfile::tempdir()?;
    let project = Project::with_manifest(
        folder.path(),
        "misspelt",
        "export default () => ''",
        "name = \"misspelt\"\nentry = \"index.js\"\nalowed_hosts = []\n",
    )?;
    // Nothing listens there: the manifest is looked at first.
    let answer = phat([
        "deploy",
        project.path_text()?,
        "--chain",
        "ws://127.0.0.1:9",
    ])
    .await?;
    assert_ne!(answer.code, 0);
    let said = format!("{} {}", answer.json, answer.stderr);
    assert!(said.contains("unknown field `alowed_hosts`"), "{said}");
    Ok(())
}

/// A call over HTTP runs in the same engine and leaves a receipt too.
#[tokio::test]
async fn a_call_over_http_is_answered_with_a_receipt() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    let echo = "export default (request) => request.input";
    let project = Project::new(network.folder(), "echo", echo, &network.lens)?;
    let oracle = network.deploy(&worker, &project).await?;
    let url = worker.url();
    let call = phat([
        "call",
        &oracle.contract,
        "--input",
        "0xc0ffee",
        "--worker",
        &url,
    ])
    .await?;
    assert_eq!(call.code, 0, "{} {}", call.json, call.stderr);
    assert_eq!(call.json["output"], "0xc0ffee");
    let receipt = call.json["receipt"].as_str().expect("a receipt").to_owned();
    let proof = ["--worker", &url, "--chain", network.node.url()];
    for command in ["verify", "replay"] {
        let answer = phat([&[command, receipt.as_str()], &proof[..]].concat()).await?;
        assert_eq!(
            answer.code, 0,
            "{command}: {} {}",
            answer.json, answer.stderr
        );
    }

    let unknown = format!("0x{}", "00".repeat(32));
    let call = phat(["call", &unknown, "--worker", &url]).await?;
    assert_eq!(call.code, 1);
    Ok(())
}
