//! A worker whose platform vouches for it, on a network that believes simulated platforms.

use phat_e2e::{
    bundle::call_echo,
    cli::phat_ok,
    network::{Network, text},
    process::until,
    worker::{Worker, WorkerOptions},
};

/// `a phat-worker, simulated enclave`, in hexadecimal digits.
const SIMULATED: &str = "0x6120706861742d776f726b65722c2073696d756c6174656420656e636c617665";

#[tokio::test]
async fn what_vouches_for_a_worker_is_shown_with_its_receipts() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let options = WorkerOptions {
        attestation: "simulated",
        ..network.worker_options()
    };
    // It is healthy once it is attested and a member.
    let worker = Worker::start(options).await?;
    let (chain, url) = (network.node.url(), worker.url());
    let called = call_echo(&network, &worker).await?;
    assert_eq!(called["output"], "0x2a");

    let receipt = text(&called, "receipt")?;
    let verified = phat_ok(["verify", &receipt, "--worker", &url, "--chain", chain]).await?;
    let attested = &verified["attestation"]["dcap"];
    assert_eq!(attested["measurement"]["mr_enclave"], SIMULATED);
    assert_eq!(attested["confidence_level"], 1);

    // After a restart the platform vouches for the worker anew.
    let (options, status) = worker.terminate().await?;
    assert!(status.success(), "{status}");
    let worker = Worker::start(options).await?;
    until("a renewed attestation", async || {
        let count = worker.log().matches("attested").count();
        Ok((count >= 2).then_some(()))
    })
    .await?;
    network.end();
    Ok(())
}
