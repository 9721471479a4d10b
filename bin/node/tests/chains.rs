//! The named chains run: blocks are made and finalised, and the engine's pallets do their work.

mod support;

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use codec::Encode;
use futures::StreamExt;
use phat_attestation_simulator::{CollateralOptions, Report, SgxReport, SimulatedIntel};
use phat_chain_client::{
    ANSWER_TIMEOUT, ChainClient, ChainError, Evidence, NewContract, NewWorker, Signer,
};
use phat_primitives::{
    Attestation, ClusterId, ContractId, EncryptionKey, ManifestHash, Registration, WorkerId,
    attestation::{
        ConfidenceLevel, Measurement, MeasurementRule, ReportData, SIMULATED_MR_ENCLAVE,
    },
};
use subxt::rpcs::{RpcClient, rpc_params};
use subxt_signer::{SecretUri, sr25519::Keypair};
use support::Node;
use tokio::time::Instant;

const CLUSTER: ClusterId = ClusterId(0);
const DAY_S: u64 = 24 * 60 * 60;

/// Waits until `count` blocks are finalised one after the other, and gives the last one's number.
async fn finalized(client: &ChainClient, count: usize) -> Result<u64> {
    let mut blocks = client.finalized().await?;
    let mut last: Option<u64> = None;
    for _ in 0..count {
        let block = blocks.next().await.context("the stream ended")??;
        if let Some(last) = last {
            assert_eq!(block.number(), last + 1, "a block was left out");
        }
        assert_eq!(block.state().await?.hash(), block.hash());
        last = Some(block.number());
    }
    last.context("no block was asked for")
}

fn new_worker(client: &ChainClient, operator: &Signer, uri: &str) -> Result<NewWorker> {
    let identity = Keypair::from_uri(&uri.parse::<SecretUri>()?)?;
    let mut new = NewWorker {
        worker: WorkerId(identity.public_key().0),
        encryption_key: EncryptionKey([7; 32]),
        endpoint: "http://127.0.0.1:8000".into(),
        evidence: None,
        signature: [0; 64],
    };
    let payload = Registration {
        genesis_hash: client.genesis_hash().0,
        operator: operator.account(),
        worker: new.worker,
        encryption_key: new.encryption_key,
        endpoint: new.endpoint.as_bytes(),
    }
    .signing_payload();
    new.signature = identity.sign(&payload).0;
    Ok(new)
}

fn now_s() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// What a simulated platform says of `new` if it runs this enclave.
fn evidence(
    client: &ChainClient,
    operator: &Signer,
    new: &NewWorker,
    mr_enclave: [u8; 32],
) -> Result<Evidence> {
    let intel = SimulatedIntel::development()?;
    let platform = intel.platform("platform")?;
    let report = Report::Sgx(SgxReport {
        mr_enclave,
        ..SgxReport::default()
    });
    let bound = ReportData {
        genesis_hash: client.genesis_hash().0,
        worker: new.worker,
        encryption_key: new.encryption_key,
        operator: operator.account(),
    };
    let options = CollateralOptions::at(now_s()? - DAY_S);
    let collateral = intel.collateral(&platform, report.tee(), &options)?;
    Ok(Evidence {
        quote: platform.quote(&report, bound.to_bytes())?,
        collateral: collateral.encode(),
    })
}

fn refusal(result: Result<impl Sized, ChainError>) -> (String, String) {
    match result {
        Err(ChainError::Refused {
            pallet,
            error,
            explanation,
        }) => {
            assert!(!explanation.is_empty(), "{pallet}.{error} explains nothing");
            (pallet, error)
        }
        Err(other) => panic!("another error: {other}"),
        Ok(_) => panic!("it was not refused"),
    }
}

fn names(pallet: &str, error: &str) -> (String, String) {
    (pallet.to_owned(), error.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dev_chain_serves_the_engine() -> Result<()> {
    let node = Node::start(&["--chain", "dev"])?;
    let client = node.client().await?;
    assert!(finalized(&client, 3).await? >= 2);

    workers(&client).await?;
    attested_workers(&client).await?;
    contracts(&client).await?;

    drop(client);
    assert_eq!(node.stop()?, Some(0));
    Ok(())
}

async fn workers(client: &ChainClient) -> Result<()> {
    let operator = Signer::from_uri("//Bob")?;
    let new = new_worker(client, &operator, "//worker")?;
    let worker = new.worker;

    let mut forged = new.clone();
    forged.encryption_key = EncryptionKey([8; 32]);
    let refused = refusal(client.register(&operator, forged).await);
    assert_eq!(refused, names("Registry", "SignatureInvalid"));

    let before = client.latest().await?;
    let included = client.register(&operator, new.clone()).await?;
    client.join_cluster(&operator, worker, CLUSTER).await?;

    // A block's state is that block's, whatever came after.
    assert_eq!(before.worker(&worker).await?, None);
    let registered = client.at(included.block).await?.worker(&worker).await?;
    let registered = registered.context("the worker is registered")?;
    assert_eq!(registered.operator, operator.account());
    assert_eq!(registered.endpoint, new.endpoint);
    assert_eq!(registered.encryption_key, new.encryption_key);
    let now = client.latest().await?;
    assert_eq!(now.cluster_of(&worker).await?, Some(CLUSTER));
    assert_eq!(now.cluster_members(CLUSTER).await?, [worker]);

    let refused = refusal(client.join_cluster(&operator, worker, CLUSTER).await);
    assert_eq!(refused, names("PhatContracts", "AlreadyInCluster"));
    let stranger = Signer::from_uri("//Charlie")?;
    let refused = refusal(client.deregister(&stranger, worker).await);
    assert_eq!(refused, names("Registry", "NotOperator"));

    client
        .update_endpoint(&operator, worker, "http://127.0.0.1:8001".into())
        .await?;
    client.deregister(&operator, worker).await?;
    let now = client.latest().await?;
    assert_eq!(now.worker(&worker).await?, None);
    assert_eq!(now.cluster_of(&worker).await?, None);
    assert!(now.cluster_members(CLUSTER).await?.is_empty());
    Ok(())
}

/// The runtime's Wasm has the node verify quotes.
async fn attested_workers(client: &ChainClient) -> Result<()> {
    let (root, operator) = (Signer::from_uri("//Alice")?, Signer::from_uri("//Bob")?);
    let mut new = new_worker(client, &operator, "//attested")?;
    let worker = new.worker;
    let good = evidence(client, &operator, &new, SIMULATED_MR_ENCLAVE)?;

    for (refused, error) in [
        (
            evidence(client, &operator, &new, [9; 32])?,
            "MeasurementNotAllowed",
        ),
        (
            evidence(client, &root, &new, SIMULATED_MR_ENCLAVE)?,
            "ReportDataMismatch",
        ),
        (
            Evidence {
                quote: good.quote[..100].to_vec(),
                ..good.clone()
            },
            "QuoteMalformed",
        ),
    ] {
        new.evidence = Some(refused);
        let refused = refusal(client.register(&operator, new.clone()).await);
        assert_eq!(refused, names("Registry", error));
    }

    new.evidence = Some(good.clone());
    client.register(&operator, new.clone()).await?;
    client.join_cluster(&operator, worker, CLUSTER).await?;
    let now = client.latest().await?;
    let registered = now.worker(&worker).await?.context("it is registered")?;
    let Attestation::Dcap {
        measurement,
        confidence_level,
        expires_at_s,
    } = registered.attestation
    else {
        panic!("nothing vouches for it");
    };
    assert_eq!(
        measurement,
        Measurement::Sgx {
            mr_enclave: SIMULATED_MR_ENCLAVE,
            mr_signer: [0; 32],
            isv_prod_id: 0,
            isv_svn: 0,
        }
    );
    assert_eq!(confidence_level, ConfidenceLevel::BEST);
    assert_eq!(now.attestation_life_max_s().await?, 7 * DAY_S);
    assert!(expires_at_s <= now_s()? + 7 * DAY_S);
    assert!(expires_at_s > now_s()? + 6 * DAY_S);
    assert_eq!(now.active_workers(CLUSTER).await?, [worker]);

    // A measurement that is revoked suspends its workers, which stay members.
    let rule = MeasurementRule::SgxEnclave {
        mr_enclave: SIMULATED_MR_ENCLAVE,
    };
    let included = client.revoke_measurement_as_root(&root, rule).await?;
    let then = client.at(included.block).await?;
    assert!(then.active_workers(CLUSTER).await?.is_empty());
    assert_eq!(then.cluster_members(CLUSTER).await?, [worker]);
    let refused = refusal(client.renew(&operator, worker, good.clone()).await);
    assert_eq!(refused, names("Registry", "MeasurementNotAllowed"));
    let again = client.revoke_measurement_as_root(&root, rule).await;
    assert!(matches!(again, Err(ChainError::Failed(_))), "{again:?}");

    client.allow_measurement_as_root(&root, rule, 0).await?;
    client.renew(&operator, worker, good).await?;
    let now = client.latest().await?;
    assert_eq!(now.active_workers(CLUSTER).await?, [worker]);
    client.deregister(&operator, worker).await?;
    Ok(())
}

async fn contracts(client: &ChainClient) -> Result<()> {
    let owner = Signer::from_uri("//Alice")?;
    let mut new = NewContract {
        cluster: CLUSTER,
        code: b"export default () => '0x'".to_vec(),
        manifest: "name = \"first\"".into(),
        salt: [1; 32],
    };
    let first = client.deploy(&owner, new.clone()).await?;
    assert!(first.included.is_some());
    let now = client.latest().await?;
    assert_eq!(
        now.code(&first.code_hash).await?.as_deref(),
        Some(&new.code[..])
    );
    let listed = |manifest: &str| [(first.contract, ManifestHash::of(manifest.as_bytes()))];
    assert_eq!(
        now.contracts_of_cluster(CLUSTER).await?,
        listed(&new.manifest)
    );
    let contract = now
        .contract(&first.contract)
        .await?
        .context("the contract is there")?;
    assert_eq!(
        (contract.owner, contract.manifest),
        (owner.account(), new.manifest.clone())
    );

    // Again: nothing is left to do. With another manifest: that is replaced.
    assert_eq!(client.deploy(&owner, new.clone()).await?.included, None);
    new.manifest = "name = \"second\"".into();
    assert!(client.deploy(&owner, new.clone()).await?.included.is_some());
    let contract = client.latest().await?.contract(&first.contract).await?;
    assert_eq!(contract.context("still there")?.manifest, new.manifest);
    client
        .set_manifest(&owner, first.contract, "name = \"third\"".into())
        .await?;
    assert_eq!(
        client.latest().await?.contracts_of_cluster(CLUSTER).await?,
        listed("name = \"third\"")
    );

    // Another contract of the same code.
    new.salt = [2; 32];
    let second = client.deploy(&owner, new.clone()).await?;
    assert_ne!(second.contract, first.contract);
    let refused = refusal(client.remove_code(&owner, first.code_hash).await);
    assert_eq!(refused, names("PhatContracts", "CodeInUse"));

    // In a cluster that is not there. The batch does all or nothing.
    new.cluster = ClusterId(99);
    new.code.push(b'\n');
    let refused = refusal(client.deploy(&owner, new.clone()).await);
    assert_eq!(refused, names("PhatContracts", "UnknownCluster"));
    let hash = phat_primitives::CodeHash::of(&new.code);
    assert_eq!(client.latest().await?.code(&hash).await?, None);

    for contract in [first.contract, second.contract] {
        client.remove(&owner, contract).await?;
    }
    // Receipts about them can still be judged, by their code.
    let refused = refusal(client.remove_code(&owner, first.code_hash).await);
    assert_eq!(refused, names("PhatContracts", "CodeInUse"));
    let now = client.latest().await?;
    assert!(now.contracts_of_cluster(CLUSTER).await?.is_empty());
    assert!(now.code(&first.code_hash).await?.is_some());

    // The longest code there may be, and one byte more.
    new.cluster = CLUSTER;
    new.code = vec![b' '; phat_primitives::limits::CODE_BYTES_MAX as usize];
    let longest = client.deploy(&owner, new.clone()).await?;
    let code = client.latest().await?.code(&longest.code_hash).await?;
    assert_eq!(code.map(|bytes| bytes.len()), Some(new.code.len()));
    new.code.push(b' ');
    let error = client
        .deploy(&owner, new)
        .await
        .err()
        .context("it is too long")?;
    assert!(
        matches!(error, ChainError::TooLong { what: "code", .. }),
        "{error}"
    );

    // An account with nothing in it.
    let poor = Signer::from_uri("//Nobody")?;
    let error = client
        .remove(&poor, longest.contract)
        .await
        .err()
        .context("it cannot pay")?;
    assert!(matches!(error, ChainError::Invalid(_)), "{error}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_local_chain_is_finalised_by_three_validators() -> Result<()> {
    let alice = Node::start(&["--chain", "local", "--alice"])?;
    let rpc = RpcClient::from_url(alice.url()).await?;
    let addresses: Vec<String> = rpc
        .request("system_localListenAddresses", rpc_params![])
        .await?;
    let bootnode = addresses
        .iter()
        .find(|address| address.starts_with("/ip4/127.0.0.1/"))
        .context("the node listens on loopback")?;
    let bob = Node::start(&["--chain", "local", "--bob", "--bootnodes", bootnode])?;
    let charlie = Node::start(&["--chain", "local", "--charlie", "--bootnodes", bootnode])?;

    // Two of the three cannot finalise, so this takes all three.
    let mut hashes = Vec::new();
    for node in [&alice, &bob, &charlie] {
        let client = node.client().await?;
        hashes.push(client.genesis_hash());
        assert!(finalized(&client, 4).await? >= 3);
    }
    assert!(hashes.windows(2).all(|pair| pair[0] == pair[1]));
    for node in [alice, bob, charlie] {
        assert_eq!(node.stop()?, Some(0));
    }
    Ok(())
}

#[tokio::test]
async fn a_node_that_is_not_there_is_an_error_that_says_so() {
    let url = "ws://127.0.0.1:1";
    let error = ChainClient::connect(url)
        .await
        .expect_err("nothing listens there");
    assert!(error.is_connection());
    assert!(error.to_string().contains(url), "{error}");
}

#[tokio::test]
async fn a_node_that_falls_silent_is_an_error_after_a_while() -> Result<()> {
    let node = Node::start(&["--chain", "dev"])?;
    let client = node.client().await?;
    let state = client.latest().await?;
    let owner = Signer::from_uri("//Alice")?;
    let contract = ContractId([1; 32]);

    node.suspend()?;
    // From here on, time passes whenever nothing else happens.
    tokio::time::pause();
    let start = Instant::now();
    for error in [
        state.contract(&contract).await.err(),
        state.contracts_of_cluster(CLUSTER).await.err(),
        client.at(state.hash()).await.err(),
        client.latest().await.err(),
        client.finalized().await.err(),
        client.remove(&owner, contract).await.err(),
    ] {
        let error = error.context("a suspended node has answered")?;
        assert!(
            matches!(error, ChainError::NoAnswer(ANSWER_TIMEOUT)),
            "{error}"
        );
    }
    assert!(start.elapsed() >= ANSWER_TIMEOUT);
    let error = node.client().await.err().context("it has answered")?;
    let is_connection = error.downcast_ref().is_some_and(ChainError::is_connection);
    assert!(is_connection, "{error}");
    Ok(())
}
