//! The demonstration: the main job, told as it happens.

use std::{
    io::Write,
    time::{Duration, Instant},
};

use alloy::{
    primitives::{Bytes, U256},
    sol_types::SolValue,
};
use anyhow::{Context, ensure};
use serde::Serialize;

use crate::{
    cli::phat_ok,
    evm::StoredAnswer,
    network::{Network, Oracle, PROFILES},
    worker::Worker,
};

/// The first word of an output that is a number of followers.
const KIND_ANSWER: u64 = 0;
/// The first word of an output that is an error code.
const KIND_ERROR: u64 = 2;
/// The contract's own error code for a profile that does not exist.
const CODE_NOT_FOUND: u64 = 1;

/// What the demonstration saw.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whether everything went as it must. A demonstration in which anything
    /// fails ends with an error instead.
    pub ok: bool,
    /// The requests, in the order in which they were made.
    pub requests: Vec<RequestReport>,
    /// From the first server's start to the last proof.
    pub elapsed_s: f64,
}

/// One request from asking to proof.
#[derive(Debug, Serialize)]
pub struct RequestReport {
    /// Its number at the consumer.
    pub id: String,
    /// The input of the run, ABI-encoded.
    pub input: Bytes,
    /// The outcome in the consumer's storage, ABI-encoded as the contract gave it.
    pub output: Bytes,
    /// The transaction that settled it.
    pub tx: String,
    /// The EVM block with the request.
    pub block_requested: u64,
    /// The EVM block with the settlement.
    pub block_settled: u64,
    /// Gas used by the settlement.
    pub gas_used: u64,
    /// The receipt's hash.
    pub receipt: String,
    /// Whether `phat verify` found the receipt to hold.
    pub verified: bool,
    /// Whether `phat replay` got the same from the same transcript.
    pub replayed: bool,
}

/// Runs the demonstration; the story goes to `out`.
pub async fn run(out: &mut impl Write) -> anyhow::Result<Report> {
    let mut story = Story {
        out,
        started: Instant::now(),
    };
    story.tell("Starting a Phat node, an EVM node and a Lens API with a certificate of its own")?;
    let network = Network::start().await?;
    story.tell(format!(
        "  phat-node   {} (pid {})",
        network.node.url(),
        network.node.id()?
    ))?;
    story.tell(format!(
        "  anvil       {} (chain id {})",
        network.anvil.url(),
        network.anvil.chain_id()
    ))?;
    story.tell(format!("  Lens API    {}", network.lens.url()))?;

    let worker = Worker::start(network.worker_options()).await?;
    let info = worker.client().info().await?;
    story.tell(format!(
        "  phat-worker {} (pid {})",
        worker.url(),
        worker.id()?
    ))?;
    story.tell(format!(
        "The worker {} has registered itself and serves cluster {}; attestation: none",
        info.worker, info.cluster
    ))?;

    story.tell("Deploying the Phat Contract and its consumer on the EVM chain")?;
    let oracle = network.deploy_lens(&worker).await?;
    story.tell(format!("  contract {}", oracle.contract))?;
    story.tell(format!("  consumer {}", oracle.consumer.address()))?;

    let [(known, known_followers), (late, late_followers)] = PROFILES;
    let mut requests = Vec::new();

    story.tell(format!(
        "1. The consumer asks for the followers of profile {known}"
    ))?;
    let asked = ask(&oracle, known).await?;
    requests.push(
        story
            .finish(
                &network,
                &oracle,
                &worker,
                asked,
                KIND_ANSWER,
                known_followers,
            )
            .await?,
    );

    story.tell("2. It asks for profile 0xdead, which does not exist")?;
    let asked = ask(&oracle, "0xdead").await?;
    requests.push(
        story
            .finish(
                &network,
                &oracle,
                &worker,
                asked,
                KIND_ERROR,
                CODE_NOT_FOUND,
            )
            .await?,
    );

    story.tell(format!(
        "3. It asks for profile {late}; the worker is killed between running and submitting"
    ))?;
    let (options, status) = worker.terminate().await?;
    ensure!(
        status.success(),
        "the worker ended with {status} on SIGTERM"
    );
    let worker = Worker::start_paused(options, "executed").await?;
    let calls_before = network.lens.requests();
    let asked = ask(&oracle, late).await?;
    worker.until_step("executed", 1).await?;
    story.tell(format!(
        "   executed and in the journal; SIGKILL to pid {}",
        worker.id()?
    ))?;
    let options = worker.kill().await?;
    ensure!(
        oracle.consumer.answer(asked.id).await?.is_none(),
        "the request was settled by a worker that was to stop before"
    );
    let worker = Worker::start(options).await?;
    story.tell(format!("   restarted as pid {}", worker.id()?))?;
    requests.push(
        story
            .finish(
                &network,
                &oracle,
                &worker,
                asked,
                KIND_ANSWER,
                late_followers,
            )
            .await?,
    );
    let calls = network.lens.requests() - calls_before;
    ensure!(
        calls == 1,
        "the API was asked {calls} times for one request"
    );
    story.tell(
        "   the API was asked once: the journaled outcome was submitted, nothing ran twice",
    )?;

    let (_, status) = worker.terminate().await?;
    ensure!(
        status.success(),
        "the worker ended with {status} on SIGTERM"
    );
    network.end();
    let elapsed = story.started.elapsed();
    story.tell(
        "All three answers are in the consumer's storage, each settled once, each receipt holds.",
    )?;
    Ok(Report {
        ok: true,
        requests,
        elapsed_s: (elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
    })
}

/// A request that was made and is not answered yet.
struct Asked {
    id: U256,
    profile: String,
    block: u64,
    gas_used: u64,
    at: Instant,
}

async fn ask(oracle: &Oracle, profile: &str) -> anyhow::Result<Asked> {
    let (id, block, gas_used) = oracle.consumer.request(profile).await?;
    Ok(Asked {
        id,
        profile: profile.to_owned(),
        block,
        gas_used,
        at: Instant::now(),
    })
}

struct Story<'a, W> {
    out: &'a mut W,
    started: Instant,
}

impl<W: Write> Story<'_, W> {
    fn tell(&mut self, line: impl AsRef<str>) -> anyhow::Result<()> {
        let seconds = self.started.elapsed().as_secs_f64();
        writeln!(self.out, "[{seconds:7.2} s] {}", line.as_ref())?;
        Ok(())
    }

    /// Waits for the answer, reads it from the consumer's storage, and checks
    /// the receipt.
    async fn finish(
        &mut self,
        network: &Network,
        oracle: &Oracle,
        worker: &Worker,
        asked: Asked,
        kind: u64,
        value: u64,
    ) -> anyhow::Result<RequestReport> {
        let stored = oracle.consumer.until_answered(asked.id).await?;
        let answered_after = asked.at.elapsed();
        let expected = StoredAnswer {
            ok: kind == KIND_ANSWER,
            profile: asked.profile.clone(),
            value: U256::from(value),
        };
        ensure!(
            stored == expected,
            "stored: {stored:?}; expected: {expected:?}"
        );
        let settlement = oracle.consumer.settlement(asked.id).await?;
        self.tell(format!(
            "   stored: {} {}, {} after the request; block {} → {}; gas: {} to ask, {} to settle",
            if stored.ok { "followers" } else { "error code" },
            stored.value,
            milliseconds(answered_after),
            asked.block,
            settlement.block,
            asked.gas_used,
            settlement.gas_used,
        ))?;

        let receipt = receipt_of(worker, oracle, asked.id).await?;
        let worker_url = worker.url();
        let proof = ["--worker", &worker_url, "--chain", network.node.url()];
        let verified = phat_ok([&["verify", &receipt], &proof[..]].concat()).await?;
        let replayed = phat_ok([&["replay", &receipt], &proof[..]].concat()).await?;
        let [verified, replayed] = [verified, replayed].map(|proof| proof["ok"] == true);
        ensure!(
            verified && replayed,
            "the receipt {receipt} does not hold: verified {verified}, replayed {replayed}"
        );
        self.tell(format!("   receipt {receipt}: verified, replayed"))?;
        let output = (U256::from(kind), stored.value).abi_encode();
        let bundle = worker.client().receipt(receipt.parse()?).await?;
        ensure!(
            bundle.output.0 == output,
            "the receipt's output is not what the consumer stored"
        );
        Ok(RequestReport {
            id: asked.id.to_string(),
            input: asked.profile.abi_encode().into(),
            output: output.into(),
            tx: settlement.transaction,
            block_requested: asked.block,
            block_settled: settlement.block,
            gas_used: settlement.gas_used,
            receipt,
            verified,
            replayed,
        })
    }
}

/// The hash of the receipt that the worker keeps for a request.
pub async fn receipt_of(worker: &Worker, oracle: &Oracle, id: U256) -> anyhow::Result<String> {
    let contract = oracle.contract.parse()?;
    let requests = worker.client().requests(Some(contract)).await?.requests;
    requests
        .iter()
        .find(|request| request.number == id.to_string())
        .and_then(|request| request.receipt)
        .map(|hash| hash.to_string())
        .with_context(|| format!("the worker has no receipt of request {id}"))
}

fn milliseconds(duration: Duration) -> String {
    format!("{} ms", duration.as_millis())
}
