//! Several endpoints, one of which does not do as it should.

use std::{
    slice,
    time::{Duration, Instant},
};

use phat_target::{PreparedTransaction, RequestStatus, Target, TargetError, presets::FeeModel};
use phat_target_evm::EvmTarget;

use crate::{
    played::{CONSUMER, HEIGHT, Mood, NONCE, Played, block_hash, start, target},
    world::answer,
};

/// A request that no other is in the way of.
const NUMBER: [u8; 32] = [1; 32];

/// All that decisions hang on is as the chain has it.
async fn check_truth(target: &EvmTarget) {
    let head = target.head().await.unwrap();
    assert_eq!(head.number, HEIGHT);
    assert_eq!(head.hash, block_hash(HEIGHT).0);
    let requests = target.requests(CONSUMER.as_slice(), 0, HEIGHT).await;
    let requests = requests.unwrap();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert_eq!(requests[0].input, b"question");
    assert_eq!((requests[0].fee, requests[0].expires_at), (5, Some(6)));
    let status = target.request_status(CONSUMER.as_slice(), NUMBER).await;
    assert_eq!(status.unwrap(), RequestStatus::Open);
}

/// Waits until something is said about an endpoint.
async fn noticed(target: &EvmTarget, endpoint: &Played, what: &str) {
    let noticed = async {
        loop {
            check_truth(target).await;
            let faults = target.endpoint_faults();
            if let Some(fault) = faults.iter().find(|text| text.contains(&endpoint.name())) {
                assert!(fault.contains(what), "{fault}");
                assert_eq!(faults.len(), 1, "{faults:?}");
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), noticed)
        .await
        .unwrap_or_else(|_| panic!("it was never noticed: {what}"));
}

#[tokio::test]
async fn a_lone_endpoint_that_is_wrong_is_outvoted_and_noticed() {
    for (mood, what) in [
        (Mood::Drops, "503"),
        (Mood::Lags(100), "100 blocks behind"),
        (Mood::Boasts(50), "50 blocks that no other"),
        (Mood::LiesAboutBlocks, "differently"),
        (Mood::LiesAboutLogs, "eth_getLogs differently"),
        (Mood::LiesAboutState, "eth_call differently"),
        (Mood::OtherChain, "serves eip155:2"),
    ] {
        // Wherever it stands in the list.
        for place in 0..3 {
            let mut moods = [Mood::Honest; 3];
            moods[place] = mood;
            let endpoints = start(moods).await;
            let target = target(&endpoints, |_| {});
            noticed(&target, &endpoints[place], what).await;
        }
    }
}

#[tokio::test]
async fn honest_endpoints_have_no_faults() {
    // One block more or less is nothing to speak of.
    let endpoints = start([Mood::Honest, Mood::Duplicates, Mood::Boasts(1)]).await;
    let target = target(&endpoints, |_| {});
    for _ in 0..3 {
        check_truth(&target).await;
    }
    assert!(target.endpoint_faults().is_empty());
}

#[tokio::test]
async fn two_endpoints_that_do_not_agree_are_not_believed() {
    for mood in [
        Mood::LiesAboutBlocks,
        Mood::LiesAboutLogs,
        Mood::LiesAboutState,
    ] {
        let endpoints = start([Mood::Honest, mood]).await;
        let target = target(&endpoints, |_| {});
        let anchor = CONSUMER.as_slice();
        let error = match mood {
            Mood::LiesAboutBlocks => target.head().await.map(drop),
            Mood::LiesAboutLogs => target.requests(anchor, 0, HEIGHT).await.map(drop),
            _ => target.request_status(anchor, NUMBER).await.map(drop),
        }
        .unwrap_err();
        let TargetError::Disagreement { answers, .. } = &error else {
            panic!("{mood:?}: {error}");
        };
        assert!(error.is_outage(), "it says nothing about a request");
        for endpoint in &endpoints {
            assert!(answers.contains(&endpoint.name()), "{answers}");
        }
        // One is honest again, and all is well.
        endpoints[1].set(Mood::Honest);
        check_truth(&target).await;
    }
}

#[tokio::test]
async fn one_of_two_that_is_away_is_done_without_unless_both_must_agree() {
    let endpoints = start([Mood::Drops, Mood::Honest]).await;
    check_truth(&target(&endpoints, |_| {})).await;
    let strict = target(&endpoints, |config| config.rpc_quorum = Some(2));
    let error = strict.head().await.unwrap_err();
    assert!(matches!(error, TargetError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("2 of 2 must answer"), "{error}");
    endpoints[0].set(Mood::Honest);
    check_truth(&strict).await;
}

#[tokio::test]
async fn a_slow_endpoint_holds_nobody_up_for_long() {
    let slow = Duration::from_secs(600);
    let endpoints = start([Mood::Delays(slow), Mood::Honest, Mood::Honest]).await;
    let target = target(&endpoints, |config| {
        config.patience = Duration::from_millis(500);
    });
    let begun = Instant::now();
    check_truth(&target).await;
    assert_eq!(target.balance().await.unwrap(), 77);
    assert!(begun.elapsed() < Duration::from_secs(30));
    // From now on it is left alone, whoever is asked.
    let asked = endpoints[0].count("eth_chainId");
    assert_eq!(target.balance().await.unwrap(), 77);
    assert_eq!(endpoints[0].count("eth_chainId"), asked);
}

#[tokio::test]
async fn an_endpoint_that_comes_back_is_used_again() {
    let endpoints = start([Mood::Lags(100), Mood::Honest, Mood::Honest]).await;
    let target = target(&endpoints, |_| {});
    noticed(&target, &endpoints[0], "behind").await;
    endpoints[0].set(Mood::Honest);
    let well = async {
        while !target.endpoint_faults().is_empty() {
            check_truth(&target).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), well)
        .await
        .unwrap();
}

#[tokio::test]
async fn all_endpoints_of_another_chain_are_refused() {
    let endpoints = start([Mood::OtherChain, Mood::OtherChain]).await;
    let error = target(&endpoints, |_| {}).head().await.unwrap_err();
    let wanted = TargetError::WrongChain {
        expected: "eip155:1".into(),
        actual: "eip155:2".into(),
    };
    assert_eq!(error, wanted);
}

#[tokio::test]
async fn what_a_lone_endpoint_refuses_is_not_refused() {
    let endpoints = start([Mood::Refuses, Mood::Honest, Mood::Honest]).await;
    let target = target(&endpoints, |_| {});
    let prepared = prepare(&target).await.unwrap();
    assert_eq!(prepared.nonce, 0);
    endpoints[1].set(Mood::Refuses);
    let error = prepare(&target).await.unwrap_err();
    assert!(matches!(error, TargetError::Refused { .. }), "{error}");
}

/// Nobody alone decides what a transaction pays, how much gas it gets, which nonce it
/// has, or whether the operator is told to fund the account.
#[tokio::test]
async fn a_lone_lie_about_what_a_transaction_takes_is_outvoted() {
    for mood in [
        Mood::LiesAboutAccount,
        Mood::LiesAboutFees,
        Mood::LiesAboutGas,
        Mood::LiesAboutState,
        Mood::Drops,
    ] {
        for place in 0..3 {
            let mut moods = [Mood::Honest; 3];
            moods[place] = mood;
            let endpoints = start(moods).await;
            for model in [
                FeeModel::Eip1559,
                FeeModel::Legacy,
                FeeModel::Eip1559WithDataFee,
            ] {
                let target = target(&endpoints, |config| config.fee_model = model);
                assert_eq!(target.next_nonce().await.unwrap(), NONCE, "{mood:?}");
                assert_eq!(target.balance().await.unwrap(), 77, "{mood:?}");
                let price: u128 = match model {
                    FeeModel::Legacy => 9_000,
                    _ => 2_100,
                };
                // The played chain's oracle says 1, and that may double.
                let for_data: u128 = match model {
                    FeeModel::Eip1559WithDataFee => 2,
                    _ => 0,
                };
                let prepared = prepare(&target).await.unwrap();
                assert_eq!(prepared.fee_per_gas_max, price, "{mood:?} {place}");
                let cost_max = price * 120_000 + for_data;
                assert_eq!(prepared.cost_max, cost_max, "{mood:?} {place}");
            }
        }
    }
}

#[tokio::test]
async fn a_lone_lie_about_the_balance_is_noticed() {
    let endpoints = start([Mood::LiesAboutAccount, Mood::Honest, Mood::Honest]).await;
    let target = target(&endpoints, |_| {});
    let noticed = async {
        while target.endpoint_faults().is_empty() {
            assert_eq!(target.balance().await.unwrap(), 77);
        }
    };
    tokio::time::timeout(Duration::from_secs(30), noticed)
        .await
        .unwrap();
    let faults = target.endpoint_faults();
    assert!(
        faults[0].contains("eth_getBalance differently"),
        "{faults:?}"
    );
}

#[tokio::test]
async fn a_transaction_goes_to_every_endpoint() {
    let endpoints = start([Mood::Swallows, Mood::Honest, Mood::Drops]).await;
    let target = target(&endpoints, |_| {});
    let prepared = prepare(&target).await.unwrap();
    target.send(&prepared).await.unwrap();
    for endpoint in &endpoints[..2] {
        assert_eq!(endpoint.count("eth_sendRawTransaction"), 1);
    }
}

async fn prepare(target: &EvmTarget) -> Result<PreparedTransaction, TargetError> {
    let anchor = CONSUMER.as_slice();
    let signed = target.sign(anchor, answer(CONSUMER, NUMBER), &[2; 32]);
    let signed = signed.await.unwrap();
    target
        .prepare(anchor, slice::from_ref(&signed), 0, None)
        .await
}
