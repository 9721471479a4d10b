//! Transactions on their way into the chain, and out of it again.

use std::slice;

use alloy::primitives::{Address, U256};
use phat_target::{Rejection, RequestStatus, Rollup, Target, TargetError, TransactionStatus};
use phat_target_evm::EvmTarget;

use crate::world::{World, config, send};

#[tokio::test]
async fn a_transaction_is_followed_to_finality() {
    let world = World::with(|config| config.confirmations = 2).await;
    let number = world.ask().await;
    world.set_automine(false).await;
    let prepared = world
        .prepare(&world.sign(world.answer(number)).await)
        .await
        .unwrap();
    assert_eq!(world.status(&prepared).await, TransactionStatus::Unknown);

    world.target.send(&prepared).await.unwrap();
    assert_eq!(world.status(&prepared).await, TransactionStatus::Pending);
    assert_eq!(world.target.next_nonce().await.unwrap(), prepared.nonce + 1);
    // A worker that was killed before it noted that it had sent sends again.
    world.target.send(&prepared).await.unwrap();

    for confirmations in 0..4 {
        world.mine(1).await;
        let status = world.status(&prepared).await;
        let TransactionStatus::Included {
            success: true,
            is_final,
            ..
        } = status
        else {
            panic!("{status:?}");
        };
        assert_eq!(is_final, confirmations >= 2);
    }
    // And again after it was included.
    world.target.send(&prepared).await.unwrap();
}

#[tokio::test]
async fn a_waiting_transaction_is_replaced() {
    let world = World::new().await;
    let number = world.ask().await;
    world.set_automine(false).await;
    let signed = world.sign(world.answer(number)).await;
    let first = world.prepare(&signed).await.unwrap();
    world.target.send(&first).await.unwrap();

    // Another transaction with its nonce and its price is not taken.
    let failed = world
        .sign(Rollup {
            success: false,
            ..world.answer(number)
        })
        .await;
    let twin = world
        .target
        .prepare(world.anchor(), slice::from_ref(&failed), first.nonce, None)
        .await
        .unwrap();
    let error = world.target.send(&twin).await.unwrap_err();
    assert!(matches!(error, TargetError::Underpriced { .. }), "{error}");

    let second = world
        .target
        .prepare(
            world.anchor(),
            slice::from_ref(&signed),
            first.nonce,
            Some(&first),
        )
        .await
        .unwrap();
    assert_eq!(second.nonce, first.nonce);
    assert!(second.fee_per_gas_max * 8 >= first.fee_per_gas_max * 9);
    assert!(second.tip_per_gas * 8 >= first.tip_per_gas * 9);
    world.target.send(&second).await.unwrap();
    world.mine(1).await;

    assert!(matches!(
        world.status(&second).await,
        TransactionStatus::Included { success: true, .. }
    ));
    assert_eq!(world.status(&first).await, TransactionStatus::Unknown);
    let error = world.target.send(&first).await.unwrap_err();
    assert!(
        matches!(error, TargetError::NonceUsed { nonce, .. } if nonce == first.nonce),
        "{error}"
    );
}

#[tokio::test]
async fn a_replacement_above_the_cap_is_not_made() {
    let world = World::with(|config| config.fee_per_gas_max = 3_000_000_000).await;
    let number = world.ask().await;
    let signed = world.sign(world.answer(number)).await;
    let mut last = world.prepare(&signed).await.unwrap();
    for _ in 0..20 {
        match world
            .target
            .prepare(
                world.anchor(),
                slice::from_ref(&signed),
                last.nonce,
                Some(&last),
            )
            .await
        {
            Ok(next) => last = next,
            Err(error) => {
                let TargetError::FeeCap { needed, cap, .. } = error else {
                    panic!("{error}");
                };
                assert!(error.is_transient());
                assert_eq!(cap, 3_000_000_000);
                assert!(last.fee_per_gas_max <= cap && cap < needed);
                return;
            }
        }
    }
    panic!("the cap was never reached: {last:?}");
}

#[tokio::test]
async fn a_base_fee_above_the_cap_is_told_before_a_nonce_is_used() {
    let world = World::with(|config| config.fee_per_gas_max = 1).await;
    let number = world.ask().await;
    let error = world
        .prepare(&world.sign(world.answer(number)).await)
        .await
        .unwrap_err();
    let TargetError::FeeCap { needed, cap: 1, .. } = error else {
        panic!("{error}");
    };
    assert!(needed > 1);
}

#[tokio::test]
async fn a_transaction_that_the_base_fee_overtook_is_priced_anew() {
    let world = World::new().await;
    let number = world.ask().await;
    let signed = world.sign(world.answer(number)).await;
    let first = world.prepare(&signed).await.unwrap();
    world.set_automine(false).await;
    let risen = U256::from(first.fee_per_gas_max * 3);
    world.rpc("anvil_setNextBlockBaseFeePerGas", (risen,)).await;
    world.mine(1).await;
    let error = world.target.send(&first).await.unwrap_err();
    assert!(matches!(error, TargetError::Underpriced { .. }), "{error}");

    let second = world
        .target
        .prepare(
            world.anchor(),
            slice::from_ref(&signed),
            first.nonce,
            Some(&first),
        )
        .await
        .unwrap();
    world.target.send(&second).await.unwrap();
    world.mine(1).await;
    assert_eq!(world.request_status(number).await, RequestStatus::Settled);
}

#[tokio::test]
async fn a_settlement_that_a_reorganisation_removes_is_settled_again() {
    let world = World::with(|config| config.confirmations = 5).await;
    let number = world.ask().await;
    world.mine(2).await;
    let prepared = world.settle(world.answer(number)).await;
    world.mine(2).await;
    let TransactionStatus::Included {
        block,
        is_final: false,
        ..
    } = world.status(&prepared).await
    else {
        panic!("not included, or final too soon");
    };
    assert_eq!(world.request_status(number).await, RequestStatus::Settled);

    // The last four blocks give way to empty ones.
    world
        .rpc("anvil_reorg", (4, Vec::<(String, u64)>::new()))
        .await;
    let status = world.status(&prepared).await;
    assert!(
        !matches!(status, TransactionStatus::Included { .. }),
        "{status:?}"
    );
    assert_eq!(world.request_status(number).await, RequestStatus::Open);
    let stale = world.target.read(world.anchor(), b"key", block).await;
    assert!(
        stale.is_err(),
        "a block that was removed was read: {stale:?}"
    );

    // The very same transaction is still good.
    send(&world.target, &prepared).await;
    world.mine(6).await;
    assert_eq!(world.request_status(number).await, RequestStatus::Settled);
    assert!(matches!(
        world.status(&prepared).await,
        TransactionStatus::Included {
            success: true,
            is_final: true,
            ..
        }
    ));
}

#[tokio::test]
async fn an_outcome_does_not_settle_the_request_that_took_its_number() {
    let world = World::new().await;
    let number = world.ask().await;
    let signed = world.sign(world.answer(number)).await;
    let prepared = world.prepare(&signed).await.unwrap();

    // The block of the request gives way to an empty one, and someone asks for
    // another profile.
    world
        .rpc("anvil_reorg", (1, Vec::<(String, u64)>::new()))
        .await;
    world.rpc("anvil_dropAllTransactions", ()).await;
    assert_eq!(world.request_status(number).await, RequestStatus::Unknown);
    let other = world
        .deployer
        .request_lens_stats(world.consumer, "0x02")
        .await
        .unwrap();
    assert_eq!(other.id.to_be_bytes(), number);

    let error = world.prepare(&signed).await.unwrap_err();
    assert_eq!(
        error,
        TargetError::Rejected(Rejection::CommitmentMismatch),
        "{error}"
    );
    // Nor does the transaction that was ready before the reorganisation.
    let status = send(&world.target, &prepared).await;
    assert!(
        matches!(status, TransactionStatus::Included { success: false, .. }),
        "{status:?}"
    );
    assert_eq!(world.request_status(number).await, RequestStatus::Open);

    // The signature is of no use with the other request's commitment.
    let head = world.target.head().await.unwrap().number;
    let found = world.target.requests(world.anchor(), 0, head).await;
    let [request] = &found.unwrap()[..] else {
        panic!("not one request");
    };
    assert_eq!(request.number, number);
    assert_ne!(request.commitment, signed.rollup.commitment);
    let mut forged = signed;
    forged.rollup.commitment = request.commitment;
    let error = world.prepare(&forged).await.unwrap_err();
    assert!(
        matches!(error, TargetError::Rejected(Rejection::NotAttestor(_))),
        "{error}"
    );

    world
        .settle(Rollup {
            commitment: request.commitment,
            ..world.answer(number)
        })
        .await;
    assert_eq!(world.request_status(number).await, RequestStatus::Settled);
}

#[tokio::test]
async fn an_empty_relay_account_is_told() {
    let world = World::new().await;
    let number = world.ask().await;
    let mut config = config(&world.anvil, 1);
    config.relay_key = [0x77; 32].into();
    let poor = EvmTarget::new(&config).unwrap();
    let error = async {
        let prepared = poor
            .prepare(
                world.anchor(),
                slice::from_ref(&world.sign(world.answer(number)).await),
                0,
                None,
            )
            .await?;
        poor.send(&prepared).await
    }
    .await
    .unwrap_err();
    let TargetError::OutOfFunds { account, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(*account, poor.relay_account());

    let account: Address = account.parse().unwrap();
    world
        .rpc(
            "anvil_setBalance",
            (account, U256::from(10).pow(U256::from(18))),
        )
        .await;
    let prepared = poor
        .prepare(
            world.anchor(),
            slice::from_ref(&world.sign(world.answer(number)).await),
            0,
            None,
        )
        .await
        .unwrap();
    send(&poor, &prepared).await;
    assert_eq!(world.request_status(number).await, RequestStatus::Settled);
}
