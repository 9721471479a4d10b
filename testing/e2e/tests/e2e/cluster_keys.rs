//! The key of a cluster: made by its first worker, handed to the others, and of use to nobody else.

use std::{fs, path::Path};

use phat_chain_client::{ChainClient, Signer};
use phat_e2e::{
    cli::phat_ok,
    network::{Network, text},
    process::until,
    project::Project,
    worker::{Worker, WorkerOptions},
};
use phat_primitives::{ClusterId, ContractId, attestation::MeasurementRule};
use phat_worker_client::{ClientError, ClusterKeyBody, ClusterKeyInfo, WorkerClient};

const CLUSTER: ClusterId = ClusterId(0);
const ECHO: &str = "export default (request) => request.input";
const MANIFEST: &str = "name = \"echo\"\nentry = \"index.js\"\n";

/// Software that the network does not allow unless a test says so.
const OTHER_SOFTWARE: [u8; 32] = [0xab; 32];

/// A worker on the simulated platform `name`, which has a folder of the same name.
fn options(network: &Network, name: &str, operator: &'static str) -> WorkerOptions {
    WorkerOptions {
        folder: network.folder().join(name),
        attestation: "simulated",
        operator,
        arguments: vec!["--simulated-platform".into(), name.into()],
        ..network.worker_options()
    }
}

/// The same with [`OTHER_SOFTWARE`].
fn other_software(network: &Network, name: &str, operator: &'static str) -> WorkerOptions {
    let mut options = options(network, name, operator);
    let measurement = "ab".repeat(32);
    options
        .arguments
        .extend(["--simulated-measurement".into(), measurement]);
    options
}

async fn cluster_key(client: &WorkerClient) -> anyhow::Result<Option<ClusterKeyInfo>> {
    Ok(client.info().await?.cluster_key)
}

/// The account that signs for a contract, as a worker says.
async fn attestor(network: &Network, worker: &Worker, id: ContractId) -> anyhow::Result<String> {
    until("the worker to serve the contract", async || {
        let served = worker.client().contract(id).await?;
        Ok(served.attestors.get(&network.evm_chain()).cloned())
    })
    .await
}

async fn deploy(network: &Network) -> anyhow::Result<ContractId> {
    let project = Project::with_manifest(network.folder(), "echo", ECHO, MANIFEST)?;
    let path = project.path_text()?;
    let chain = network.node.url();
    let deployed = phat_ok(["deploy", path, "--chain", chain, "--suri", "//Alice"]).await?;
    Ok(text(&deployed, "contract")?.parse()?)
}

/// Asks a worker for the newest key of its cluster on behalf of another.
async fn ask_for(giver: &Worker, other: &Worker) -> anyhow::Result<Result<(), ClientError>> {
    let key = cluster_key(giver.client()).await?.expect("it has one");
    let body = ClusterKeyBody {
        worker: other.client().info().await?.worker,
        generation: key.generation,
        signed: None,
    };
    Ok(giver.client().cluster_key(&body).await.map(drop))
}

fn is_forbidden(asked: Result<(), ClientError>) -> bool {
    matches!(asked, Err(ClientError::Refused { status, .. }) if status.as_u16() == 403)
}

/// The files of the cluster's keys that a worker keeps.
fn key_files(network: &Network, name: &str) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(network.folder().join(name).join("worker/keys"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("cluster-") && name.ends_with(".key") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        let copy = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy_folder(&path, &copy)?;
        } else {
            fs::copy(&path, &copy)?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn attested_workers_share_a_key_that_is_of_no_use_elsewhere() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let first = Worker::start(options(&network, "first", "//Bob")).await?;
    let second = Worker::start(options(&network, "second", "//Charlie")).await?;
    let shared = cluster_key(first.client()).await?.expect("it is ready");
    assert_eq!(cluster_key(second.client()).await?.as_ref(), Some(&shared));

    let chain = ChainClient::connect(network.node.url()).await?;
    let on_chain = chain.latest().await?.cluster_key(CLUSTER).await?;
    let (generation, key) = on_chain.expect("it is published");
    assert_eq!(generation, shared.generation);
    assert_eq!(key.encryption_key, shared.encryption_key);

    // They speak as one, and the chain says who that is.
    let contract = deploy(&network).await?;
    let address = attestor(&network, &first, contract).await?;
    assert_eq!(attestor(&network, &second, contract).await?, address);
    until("the attestor on the chain", async || {
        Ok(chain.latest().await?.attestor(contract).await?)
    })
    .await?;

    // With nobody left to ask, a restart keeps all.
    first.kill().await?;
    let (options_second, status) = second.terminate().await?;
    assert!(status.success(), "{status}");
    let second = Worker::start(options_second).await?;
    assert_eq!(cluster_key(second.client()).await?, Some(shared));
    assert_eq!(attestor(&network, &second, contract).await?, address);
    second.terminate().await?;

    // On another platform, its files open nothing.
    let copied = options(&network, "thief", "//Dave");
    copy_folder(
        &network.folder().join("second/worker"),
        &copied.folder.join("worker"),
    )?;
    let error = Worker::start_without_health(copied).await.err();
    let error = error.expect("it must not start").to_string();
    assert!(error.contains("sealed on another platform"), "{error}");
    network.end();
    Ok(())
}

#[tokio::test]
async fn who_is_not_vouched_for_is_handed_nothing() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let first = Worker::start(options(&network, "first", "//Bob")).await?;

    // The network does not allow what it runs, so the chain does not register it.
    let third = other_software(&network, "third", "//Charlie");
    let third = Worker::start_without_health(third).await?;
    until("its refusal", async || {
        Ok(third.log().contains("MeasurementNotAllowed").then_some(()))
    })
    .await?;
    assert!(is_forbidden(ask_for(&first, &third).await?));
    assert_eq!(cluster_key(third.client()).await?, None);
    assert!(key_files(&network, "third")?.is_empty());

    // Once it is allowed, the worker is handed the key.
    let chain = ChainClient::connect(network.node.url()).await?;
    let root = Signer::from_uri("//Alice")?;
    let rule = MeasurementRule::SgxEnclave {
        mr_enclave: OTHER_SOFTWARE,
    };
    chain.allow_measurement_as_root(&root, rule, 0).await?;
    let third = Worker::start(third.kill().await?).await?;
    assert_eq!(key_files(&network, "third")?.len(), 1);

    // When it is not allowed any more, the next key passes it by.
    chain.revoke_measurement_as_root(&root, rule).await?;
    chain.request_rotation_as_root(&root, CLUSTER).await?;
    until("the next key", async || {
        let key = cluster_key(first.client()).await?;
        Ok(key.filter(|key| key.generation == 1))
    })
    .await?;
    assert!(is_forbidden(ask_for(&first, &third).await?));
    assert_eq!(key_files(&network, "first")?.len(), 2);
    let kept = key_files(&network, "third")?;
    assert!(matches!(&kept[..], [one] if one.starts_with("cluster-0-0-")));
    network.end();
    Ok(())
}
