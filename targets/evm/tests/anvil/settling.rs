//! Settlement, and everything that an anchor rejects.

use std::slice;

use alloy::{
    consensus::{Transaction, TxEnvelope},
    eips::eip2718::Decodable2718,
    primitives::U256,
};
use phat_target::{
    AnchorRequest, KeyRead, KeyWrite, Rejection, RequestStatus, Rollup, Target, TargetError,
    TransactionStatus,
};
use phat_target_evm::{Address, EvmTarget, attestor, commitment, digest};

use crate::world::{World, ask, config, deploy, send};

/// A rejection, or a panic saying what happened instead.
fn rejection<T: std::fmt::Debug>(result: Result<T, TargetError>) -> Rejection {
    match result {
        Err(TargetError::Rejected(rejection)) => rejection,
        other => panic!("not rejected: {other:?}"),
    }
}

#[tokio::test]
async fn a_request_is_settled_exactly_once() {
    let world = World::new().await;
    let number = world.ask().await;
    assert_eq!(world.request_status(number).await, RequestStatus::Open);

    let signed = world.sign(world.answer(number)).await;
    let prepared = world.prepare(&signed).await.unwrap();
    // A second worker has prepared its own transaction in the meantime.
    let rival = EvmTarget::new(&config(&world.anvil, 2)).unwrap();
    let nonce = rival.next_nonce().await.unwrap();
    let late = rival
        .prepare(world.anchor(), slice::from_ref(&signed), nonce, None)
        .await
        .unwrap();

    let TransactionStatus::Included {
        success,
        is_final,
        gas_used,
        ..
    } = send(&world.target, &prepared).await
    else {
        panic!("not included");
    };
    assert!(success && is_final && gas_used > 21_000);
    assert_eq!(world.request_status(number).await, RequestStatus::Settled);

    let status = send(&rival, &late).await;
    assert!(
        matches!(status, TransactionStatus::Included { success: false, .. }),
        "{status:?}"
    );
    assert_eq!(
        rejection(world.prepare(&signed).await),
        Rejection::AlreadySettled
    );

    let stored = world
        .deployer
        .lens_answer(world.consumer, U256::from(1))
        .await
        .unwrap();
    assert!(stored.settled && stored.ok);
    assert_eq!(
        (stored.profile_id.as_str(), stored.value),
        ("0x01", U256::from(31_337))
    );
    let settlement = world
        .deployer
        .settlement(world.consumer, U256::from(1), 0)
        .await
        .unwrap();
    assert_eq!(settlement.unwrap().transaction.0, prepared.hash);
}

#[tokio::test]
async fn a_failed_run_settles_too() {
    let world = World::new().await;
    let number = world.ask().await;
    let failed = Rollup {
        success: false,
        output: b"fuel: out of fuel".to_vec(),
        ..world.answer(number)
    };
    world.settle(failed).await;
    let stored = world
        .deployer
        .lens_answer(world.consumer, U256::from(1))
        .await
        .unwrap();
    assert!(stored.settled && !stored.ok);
    assert_eq!(stored.value, U256::ZERO);
}

#[tokio::test]
async fn strangers_and_replays_are_rejected() {
    let world = World::new().await;
    let number = world.ask().await;

    let stranger = [0x43; 32];
    let forged = world
        .target
        .sign(world.anchor(), world.answer(number), &stranger)
        .await
        .unwrap();
    let address = attestor(&stranger).unwrap().to_string();
    assert_eq!(
        rejection(world.prepare(&forged).await),
        Rejection::NotAttestor(address)
    );

    let mut broken = world.sign(world.answer(number)).await;
    broken.signatures[0].pop();
    let Rejection::Reverted(reason) = rejection(world.prepare(&broken).await) else {
        panic!("another rejection");
    };
    assert!(reason.contains("signature is malformed"), "{reason}");

    // The same outcome, signed for a second anchor with the same request id.
    let other = deploy(&world.deployer).await;
    assert_eq!(ask(&world.deployer, other).await, number);
    let elsewhere = world.sign(world.answer(number)).await;
    let nonce = world.target.next_nonce().await.unwrap();
    let replayed = world
        .target
        .prepare(other.as_slice(), slice::from_ref(&elsewhere), nonce, None)
        .await;
    assert_eq!(rejection(replayed), Rejection::CommitmentMismatch);

    let unknown = world.sign(world.answer([9; 32])).await;
    assert_eq!(
        rejection(world.prepare(&unknown).await),
        Rejection::UnknownRequest
    );
    assert_eq!(world.request_status(number).await, RequestStatus::Open);
}

#[tokio::test]
async fn a_dismissed_attestor_is_rejected_until_it_is_allowed_again() {
    let world = World::new().await;
    let number = world.ask().await;
    let signed = world.sign(world.answer(number)).await;
    let key = attestor(&crate::world::CONTRACT_KEY).unwrap();

    let set = |attestors: Vec<Address>| {
        let deployer = &world.deployer;
        deployer.set_attestors(world.consumer, world.consumer, 1, attestors)
    };
    set(vec![world.deployer.address()]).await.unwrap();
    assert_eq!(
        rejection(world.prepare(&signed).await),
        Rejection::NotAttestor(key.to_string())
    );

    set(vec![key]).await.unwrap();
    world.prepare(&signed).await.unwrap();
    let quorum = world.target.quorum(world.anchor()).await.unwrap();
    assert_eq!(
        (quorum.threshold, quorum.attestors),
        (1, vec![key.to_string()])
    );

    let zero = set(vec![Address::ZERO]).await;
    assert!(
        matches!(rejection(zero), Rejection::Reverted(reason) if reason.contains("zero address"))
    );
}

#[tokio::test]
async fn of_two_runs_on_the_same_key_one_settles() {
    let world = World::new().await;
    let counting = |number, version, value: &[u8]| Rollup {
        reads: vec![KeyRead {
            key: b"count".to_vec(),
            version,
        }],
        writes: vec![KeyWrite {
            key: b"count".to_vec(),
            value: value.to_vec(),
        }],
        ..world.answer(number)
    };
    let (first, second) = (world.ask().await, world.ask().await);
    let head = world.target.head().await.unwrap();
    assert_eq!(
        world
            .target
            .read(world.anchor(), b"count", head)
            .await
            .unwrap(),
        Default::default()
    );

    world.settle(counting(first, 0, b"one")).await;
    let stale = world.sign(counting(second, 0, b"two")).await;
    assert_eq!(
        rejection(world.prepare(&stale).await),
        Rejection::StaleVersion {
            expected: 0,
            actual: 1
        }
    );
    world.settle(counting(second, 1, b"two")).await;

    // Reads are pinned to their block: the old one still shows the old state.
    let now = world.target.head().await.unwrap();
    for (block, value, version) in [(head, b"".as_slice(), 0), (now, b"two", 2)] {
        let read = world
            .target
            .read(world.anchor(), b"count", block)
            .await
            .unwrap();
        assert_eq!((read.value.as_slice(), read.version), (value, version));
    }
}

#[tokio::test]
async fn an_outcome_that_no_transaction_carries_is_told_apart() {
    let world = World::new().await;
    let number = world.ask().await;
    let long = Rollup {
        output: vec![1; 128 * 1024],
        ..world.answer(number)
    };
    let error = world
        .target
        .sign(world.anchor(), long, &crate::world::CONTRACT_KEY)
        .await;
    let error = error.unwrap_err();
    assert!(matches!(error, TargetError::OutcomeTooLarge(_)), "{error}");
    // What the calldata has room for may still be too much to store.
    for bytes in [24_000, 100_000] {
        let heavy = world
            .sign(Rollup {
                writes: vec![KeyWrite {
                    key: b"k".to_vec(),
                    value: vec![1; bytes],
                }],
                ..world.answer(number)
            })
            .await;
        let error = world.prepare(&heavy).await.unwrap_err();
        assert!(matches!(error, TargetError::OutcomeTooLarge(_)), "{error}");
    }
    // The request is none the worse for it.
    world
        .settle(Rollup {
            success: false,
            output: b"output_too_large: it has too many bytes".to_vec(),
            ..world.answer(number)
        })
        .await;
    assert_eq!(world.request_status(number).await, RequestStatus::Settled);
}

#[tokio::test]
async fn more_gas_than_the_cap_is_not_paid_for() {
    let world = World::with(|config| config.gas_max = 35_000).await;
    let number = world.ask().await;
    let error = world
        .prepare(&world.sign(world.answer(number)).await)
        .await
        .unwrap_err();
    let TargetError::GasCap { cap: 35_000, .. } = &error else {
        panic!("{error}");
    };
    assert!(error.to_string().contains("--gas-max"), "{error}");

    // Nor does the spare gas go beyond it.
    let world = World::with(|config| config.gas_max = 270_000).await;
    let number = world.ask().await;
    let prepared = world
        .prepare(&world.sign(world.answer(number)).await)
        .await
        .unwrap();
    let transaction = TxEnvelope::decode_2718(&mut prepared.raw.as_slice()).unwrap();
    assert!(transaction.gas_limit() <= 270_000);
}

#[tokio::test]
async fn the_commitment_is_the_anchors_own() {
    let world = World::new().await;
    for (input, fee, expires_at) in [
        (vec![], 0, None),
        (vec![7; 31], 1, Some(1)),
        (vec![7; 32], (1 << 96) - 1, Some((1 << 40) - 1)),
        (vec![0; 16_384], 0, Some(1_800_000_000)),
    ] {
        let request = AnchorRequest {
            number: [0; 32],
            requester: world.deployer.address().to_vec(),
            input,
            commitment: [0; 32],
            block: world.target.head().await.unwrap(),
            expires_at,
            fee,
        };
        let theirs = world
            .deployer
            .commitment(world.consumer, world.consumer, &request)
            .await
            .unwrap();
        let requester = world.deployer.address();
        let ours = commitment(world.consumer, requester, &request.input, fee, expires_at);
        assert_eq!(theirs, ours);
    }
}

#[tokio::test]
async fn the_digest_is_the_anchors_own() {
    let world = World::new().await;
    let rollup = Rollup {
        reads: vec![
            KeyRead {
                key: b"a".to_vec(),
                version: 0,
            },
            KeyRead {
                key: vec![],
                version: u64::MAX,
            },
        ],
        writes: vec![
            KeyWrite {
                key: b"b".to_vec(),
                value: vec![7; 1000],
            },
            KeyWrite {
                key: b"b".to_vec(),
                value: vec![],
            },
        ],
        ..world.answer([0xff; 32])
    };
    for rollup in [
        rollup.clone(),
        Rollup {
            success: false,
            output: vec![],
            ..rollup
        },
        world.answer([0; 32]),
    ] {
        let theirs = world
            .deployer
            .outcome_digest(world.consumer, world.consumer, &rollup)
            .await
            .unwrap();
        assert_eq!(
            theirs,
            digest(
                world.anvil.chain_id(),
                world.consumer,
                world.consumer,
                &rollup
            )
        );
    }
}
