//! Triggers on a real network: each firing is run once by three workers, one of which is
//! killed.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use alloy::hex;
use anyhow::ensure;
use ed25519_dalek::{Signer, SigningKey};
use phat_e2e::{
    cli::phat_ok,
    network::{Network, PROFILES, text},
    process::until,
    project::Project,
    worker::{Worker, WorkerOptions},
};
use phat_primitives::{ContractId, RequestId};
use phat_worker_client::HookHeader;

const ECHO: &str = "export default (request) => request.input";
/// The webhook, in the manifest and in its path.
const HOOK: &str = "pushed";
/// Firings of the schedule that are waited for, before and after a worker is killed.
const TICKS: usize = 4;
/// Logs that are made.
const REQUESTS: usize = 3;
/// Blocks, of a second each, that a worker waits for the one that ranks before it. One that a
/// busy machine keeps from beginning for so long is taken over from, though it lives.
const TAKEOVER_BLOCKS: &str = "6";

fn now_s() -> anyhow::Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

fn key() -> SigningKey {
    SigningKey::from_bytes(&[42; 32])
}

/// The headers of a call with this body that is signed now.
fn signed(body: &[u8]) -> anyhow::Result<Vec<HookHeader>> {
    let time = now_s()?.to_string();
    let signature = key().sign(&[time.as_bytes(), body].concat());
    Ok(vec![
        ("x-signature-timestamp", time),
        ("x-signature-ed25519", hex::encode(signature.to_bytes())),
    ])
}

fn manifest(logger: &str, chain_id: &str, from_block: u64) -> String {
    let public_key = hex::encode(key().verifying_key().to_bytes());
    format!(
        "name = \"fired\"\nentry = \"index.js\"\n\
         [[triggers]]\nkind = \"schedule\"\nname = \"tick\"\ncron = \"*/2 * * * * *\"\n\
         [[triggers]]\nkind = \"evm_log\"\nname = \"asked\"\nchain_id = {chain_id}\n\
         address = \"{logger}\"\nfrom_block = {from_block}\n\
         [[triggers]]\nkind = \"webhook\"\nname = \"{HOOK}\"\n\
         signature = {{ scheme = \"ed25519\", public_key = \"0x{public_key}\" }}\n"
    )
}

/// How many of these workers hold the receipt of each firing that any of them knows of.
async fn firings(
    workers: &[&Worker],
    contract: ContractId,
) -> anyhow::Result<BTreeMap<RequestId, usize>> {
    let mut firings = BTreeMap::new();
    for worker in workers {
        for entry in worker.client().requests(Some(contract)).await?.requests {
            let count: &mut usize = firings.entry(entry.id).or_default();
            let answer = worker.client().request(contract, entry.id).await?;
            if let Some(receipt) = answer.signed {
                receipt.verify_signature()?;
                ensure!(receipt.body.request == entry.id, "a receipt of another run");
                *count += 1;
            }
        }
    }
    Ok(firings)
}

/// Waits until the workers have run so many firings.
async fn until_run(workers: &[&Worker], contract: ContractId, count: usize) -> anyhow::Result<()> {
    until(&format!("{count} firings"), async || {
        let firings = firings(workers, contract).await?;
        let run = firings.values().filter(|receipts| **receipts > 0).count();
        Ok((run >= count).then_some(()))
    })
    .await
}

#[tokio::test]
async fn each_firing_is_run_once_by_three_workers_of_which_one_is_killed() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let options = WorkerOptions {
        arguments: vec!["--takeover-blocks".into(), TAKEOVER_BLOCKS.into()],
        ..network.worker_options()
    };
    let first = Worker::start(options.clone()).await?;
    let oracle = network.deploy_lens(&first).await?;
    let start = async |name: &str, operator| {
        Worker::start(WorkerOptions {
            folder: network.folder().join(name),
            operator,
            ..options.clone()
        })
        .await
    };
    let second = start("second", "//Charlie").await?;
    let third = start("third", "//Dave").await?;
    let all = [&first, &second, &third];

    let evm_chain = network.evm_chain();
    let chain_id = evm_chain.trim_start_matches("eip155:");
    let (_, block, _) = oracle.consumer.request(PROFILES[0].0).await?;
    let logger = oracle.consumer.address().to_string();
    let text_of = manifest(&logger, chain_id, block + 1);
    let project = Project::with_manifest(network.folder(), "fired", ECHO, &text_of)?;
    let deploy = [
        "deploy",
        project.path_text()?,
        "--chain",
        network.node.url(),
    ];
    let deployed = phat_ok([&deploy[..], &["--suri", "//Alice"]].concat()).await?;
    let contract: ContractId = text(&deployed, "contract")?.parse()?;
    for worker in all {
        until("all workers to serve the contract", async || {
            let served = worker.client().contract(contract).await;
            Ok(served.is_ok_and(|served| served.is_serving).then_some(()))
        })
        .await?;
    }

    // A call reaches one, and the others hear of it.
    let (body, headers) = (b"{}", signed(b"{}")?);
    let hook = async |worker: &Worker| {
        let client = worker.client();
        client.hook(contract, HOOK, &headers, body, false).await
    };
    let called = hook(&first).await?;
    ensure!(called.is_new && called.passed_on == 2, "{called:?}");
    let again = hook(&third).await?;
    ensure!(
        !again.is_new && again.request == called.request,
        "{again:?}"
    );
    for _ in 0..REQUESTS {
        oracle.consumer.request(PROFILES[0].0).await?;
    }
    until_run(&all, contract, 1 + REQUESTS + TICKS).await?;

    let run = firings(&all, contract).await?;
    ensure!(
        run.values().all(|runs| *runs <= 1),
        "run more than once: {run:?}"
    );

    let options = third.kill().await?;
    let before = firings(&[&first, &second], contract).await?.len();
    oracle.consumer.request(PROFILES[0].0).await?;
    let left = [&first, &second];
    until("the others to go on", async || {
        let firings = firings(&left, contract).await?;
        Ok((firings.len() >= before + TICKS).then_some(()))
    })
    .await?;

    // Whoever comes back finds out what the others did meanwhile. It has another address now:
    // until they know that, it is as good as gone for them.
    let third = Worker::start(options).await?;
    let all = [&first, &second, &third];
    for worker in left {
        until("the others to find it again", async || {
            let headers = signed(body)?;
            let client = worker.client();
            let called = client.hook(contract, HOOK, &headers, body, false).await?;
            Ok((called.passed_on == 2).then_some(()))
        })
        .await?;
    }
    let back = firings(&all, contract).await?;
    until("all of them to go on", async || {
        let firings = firings(&all, contract).await?;
        Ok((firings.len() >= back.len() + TICKS).then_some(()))
    })
    .await?;
    let known = firings(&all, contract).await?;
    let counted = until("all of them to be run", async || {
        let firings = firings(&all, contract).await?;
        let is_done = known.keys().all(|id| firings.get(id) > Some(&0));
        Ok(is_done.then_some(firings))
    })
    .await?;
    ensure!(
        counted.contains_key(&called.request),
        "the call is not known any more"
    );
    // What one has run that dies then, or cannot be reached, the others run again. Those that
    // live, begin in time and reach each other never do.
    let twice: Vec<_> = counted
        .iter()
        .filter(|(id, runs)| **runs > 1 && !back.contains_key(*id))
        .collect();
    ensure!(twice.is_empty(), "run more than once: {twice:?}");
    let lived = firings(&left, contract).await?;
    ensure!(lived.values().all(|runs| *runs <= 1), "both ran: {lived:?}");
    let asked = known.len();
    ensure!(asked >= 1 + REQUESTS + 2 * TICKS, "only {asked} firings");
    Ok(())
}
