//! An endpoint that goes away and comes back.

use std::{slice, time::Duration};

use phat_target::{RequestStatus, Target, TargetError};
use phat_target_evm::EvmTarget;
use phat_testing_fixtures::anvil::{Anvil, AnvilOptions};
use tokio::net::TcpListener;

use crate::world::{CONTRACT_KEY, answer, ask, config, deploy, deployer, send};

#[tokio::test]
async fn a_node_that_comes_back_is_used_again() {
    let folder = tempfile::tempdir().unwrap();
    let options = AnvilOptions {
        state: Some(folder.path().join("state.json")),
        ..Default::default()
    };
    let anvil = Anvil::spawn(&options).await.unwrap();
    let target = EvmTarget::new(&config(&anvil, 1)).unwrap();
    let deployer = deployer(&anvil);
    let consumer = deploy(&deployer).await;
    let number = ask(&deployer, consumer).await;
    let signed = target
        .sign(consumer.as_slice(), answer(consumer, number), &CONTRACT_KEY)
        .await
        .unwrap();
    let nonce = target.next_nonce().await.unwrap();
    let prepared = target
        .prepare(consumer.as_slice(), slice::from_ref(&signed), nonce, None)
        .await
        .unwrap();

    let port = anvil.port();
    anvil.stop().await.unwrap();
    for error in [
        target.head().await.unwrap_err(),
        target.send(&prepared).await.unwrap_err(),
        target
            .requests(consumer.as_slice(), 0, 1)
            .await
            .unwrap_err(),
    ] {
        assert!(matches!(error, TargetError::Unreachable { .. }), "{error}");
        assert!(error.is_transient());
        assert!(error.to_string().contains("refused"), "{error}");
    }

    let _anvil = Anvil::spawn(&AnvilOptions { port, ..options })
        .await
        .unwrap();
    let head = target.head().await.unwrap();
    let found = target
        .requests(consumer.as_slice(), 0, head.number)
        .await
        .unwrap();
    assert_eq!(
        found
            .iter()
            .map(|request| request.number)
            .collect::<Vec<_>>(),
        [number]
    );
    send(&target, &prepared).await;
    let status = target
        .request_status(consumer.as_slice(), number)
        .await
        .unwrap();
    assert_eq!(status, RequestStatus::Settled);
}

#[tokio::test]
async fn an_endpoint_that_never_answers_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/secret-token", silent.local_addr().unwrap());
    let anvil = Anvil::spawn(&AnvilOptions::default()).await.unwrap();
    let mut config = config(&anvil, 1);
    config.rpcs = vec![url.parse().unwrap()];
    config.timeout = Duration::from_millis(100);
    let error = EvmTarget::new(&config).unwrap().head().await.unwrap_err();
    assert!(matches!(error, TargetError::Unreachable { .. }), "{error}");
    assert!(error.to_string().contains("timed out"), "{error}");
    assert!(!error.to_string().contains("secret-token"), "{error}");
    assert!(!format!("{config:?}").contains("secret-token"));
}
