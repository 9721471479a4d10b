use std::sync::Mutex;

use axum::http::StatusCode;
use phat_primitives::{EncryptionKey, attestation::ConfidenceLevel};

use super::*;
use crate::{
    chain::fake::{FakeChain, stakes::PHA},
    testing::{FakeWorker, phat, worker_id},
};

#[tokio::test]
async fn the_keys_of_clusters_are_shown() {
    let key = ClusterKey {
        encryption_key: EncryptionKey([0xab; 32]),
        signing_key: [0xcd; 32],
    };
    let chain = FakeChain {
        cluster_keys: Mutex::new(vec![(ClusterId(7), 2, key)]),
        ..FakeChain::default()
    };
    let shown = network(&chain, Endpoints::Https).await.unwrap();
    let expected = format!(
        "cluster 7   encrypt to 0x{}, generation 2\n",
        "ab".repeat(32)
    );
    let text = shown.to_string();
    assert!(text.contains(&expected), "{text}");
    let json = serde_json::to_value(&shown).unwrap();
    let signing_key = &json["cluster_keys"][0]["signing_key"];
    assert_eq!(*signing_key, format!("0x{}", "cd".repeat(32)));
}

/// Whoever registers a worker chooses the URL that others would ask.
#[tokio::test]
async fn only_https_endpoints_are_asked_unless_told_otherwise() {
    let worker = FakeWorker::start(|_| (StatusCode::OK, "{}".into())).await;
    let chain = FakeChain::default();
    chain.workers.lock().unwrap().push(Worker {
        id: worker_id(),
        encryption_key: EncryptionKey([0x0e; 32]),
        endpoint: worker.url.clone(),
        cluster: Some(ClusterId(0)),
        attestation: Attestation::None,
    });

    let shown = network(&chain, Endpoints::Https).await.unwrap();
    assert!(worker.asked().is_empty());
    let text = shown.to_string();
    assert!(text.contains("answers     not asked"), "{text}");
    assert!(text.contains("--allow-http"), "{text}");
    let json = serde_json::to_value(&shown).unwrap();
    assert_eq!(json["workers"][0]["asked"], false);

    let shown = network(&chain, Endpoints::HttpToo).await.unwrap();
    assert_eq!(worker.asked(), ["GET /v1/info "]);
    let text = shown.to_string();
    assert!(text.contains("answers     no\n"), "{text}");
}

#[test]
fn what_vouches_for_a_worker_is_told_in_short() {
    assert_eq!(attestation_text(&Attestation::None), "none");
    let attestation = Attestation::Dcap {
        measurement: Measurement::Sgx {
            mr_enclave: [0xab; 32],
            mr_signer: [0; 32],
            isv_prod_id: 0,
            isv_svn: 0,
        },
        confidence_level: ConfidenceLevel::BEST,
        expires_at_s: 1_800_000_000,
    };
    let expected = format!(
        "SGX, MRENCLAVE 0x{}, level 1, until 1800000000 s since 1970",
        "ab".repeat(32)
    );
    assert_eq!(attestation_text(&attestation), expected);
}

#[test]
fn how_a_worker_follows_the_chain_is_told() {
    let text = |trust, peers, finalized| {
        chain_text(&ChainInfo {
            trust,
            peers,
            genesis_hash: None,
            finalized,
        })
    };
    assert_eq!(
        text(ChainTrust::LightClient, Some(3), Some(7)),
        "follows it at block 7 with a light client that has 3 peers"
    );
    assert_eq!(
        text(ChainTrust::Rpc, None, None),
        "follows it through a node that it believes, and has not read it yet"
    );
}

#[tokio::test]
async fn what_it_takes_to_be_run_is_told() {
    let chain = FakeChain::default();
    let shown = network(&chain, Endpoints::Https).await.unwrap();
    let text = shown.to_string();
    assert!(
        text.contains("stake       at least 1 PHA to a contract; none is run without\n"),
        "{text}"
    );
    chain.stakes.lock().unwrap().free_allowance = PHA / 10;
    let shown = network(&chain, Endpoints::Https).await.unwrap();
    let text = shown.to_string();
    assert!(
        text.contains("one without is run as if it had 0.1 PHA\n"),
        "{text}"
    );
    let json = serde_json::to_value(&shown).unwrap();
    let expected = serde_json::json!({
        "minimum": "1000000000000", "free_allowance": "100000000000",
    });
    assert_eq!(json["contract_stake"], expected);
}

#[tokio::test]
async fn what_a_worker_does_in_its_session_is_told() {
    let answer = serde_json::json!({
        "version": "1", "worker": worker_id(), "operator": null, "cluster": 0,
        "encryption_key": EncryptionKey([0x0e; 32]), "endpoint": "http://worker",
        "engine_hash": "0x01", "targets": [],
        "chain": {
            "trust": "light_client", "peers": 1, "genesis_hash": null, "finalized": 1,
        },
        "performance": {
            "state": "unresponsive", "session": 4, "score": 1900, "iterations": 32,
            "score_now": 1850, "giving_way": 0,
        },
    });
    let worker = FakeWorker::start(move |_| (StatusCode::OK, answer.to_string())).await;
    let chain = FakeChain::default();
    chain.workers.lock().unwrap().push(Worker {
        id: worker_id(),
        encryption_key: EncryptionKey([0x0e; 32]),
        endpoint: worker.url.clone(),
        cluster: Some(ClusterId(0)),
        attestation: Attestation::None,
    });
    let shown = network(&chain, Endpoints::HttpToo).await.unwrap();
    let line = "performance unresponsive, session 4, score 1900, 1850 now\n";
    assert!(shown.to_string().contains(line), "{shown}");
    let json = serde_json::to_value(&shown).unwrap();
    assert_eq!(json["workers"][0]["info"]["performance"]["score"], 1900);

    let (code, text, _) = phat(&["info", "--worker", &worker.url]).await;
    assert_eq!(code, 0);
    assert!(text.contains(line), "{text}");
    let idle = PerformanceInfo {
        state: PerformanceState::Idle,
        session: None,
        score: None,
        iterations: 0,
        score_now: None,
        giving_way: 0,
    };
    assert_eq!(performance_text(&idle), "idle, no score yet");
}

#[test]
fn other_schemes_are_never_asked() {
    for (endpoint, https, http_too) in [
        ("https://worker.example", true, true),
        ("http://127.0.0.1:1", false, true),
        ("ftp://worker.example", false, false),
        ("worker.example", false, false),
    ] {
        let asked = [Endpoints::Https, Endpoints::HttpToo].map(|e| may_ask(endpoint, e));
        assert_eq!(asked, [https, http_too], "{endpoint}");
    }
}
