//! Finding requests, and answers that make no sense.

use phat_target::{RequestStatus, Target, TargetError};
use phat_target_evm::{EvmTarget, U256};

use crate::world::{World, config};

#[tokio::test]
async fn requests_are_found_in_order_and_within_the_range() {
    // Spans of two blocks, so that several searches are needed.
    let world = World::with(|config| config.log_blocks_max = 2).await;
    let mut blocks = Vec::new();
    for _ in 0..5 {
        world.mine(1).await;
        world.ask().await;
        blocks.push(world.target.head().await.unwrap());
    }
    let anchor = world.anchor();
    let all = world
        .target
        .requests(anchor, 0, blocks[4].number)
        .await
        .unwrap();
    let numbers: Vec<U256> = all
        .iter()
        .map(|request| U256::from_be_bytes(request.number))
        .collect();
    assert_eq!(numbers, (1..=5).map(U256::from).collect::<Vec<_>>());
    assert_eq!(
        all.iter().map(|request| request.block).collect::<Vec<_>>(),
        blocks
    );
    assert_eq!(all[0].requester, world.deployer.address().to_vec());
    // abi.encode("0x01")
    assert_eq!(all[0].input.len(), 96);
    assert_eq!(&all[0].input[64..68], b"0x01");
    assert_eq!(all[0].commitment, world.answer(all[0].number).commitment);

    let some = world
        .target
        .requests(anchor, blocks[1].number, blocks[3].number - 1)
        .await
        .unwrap();
    assert_eq!(some, all[1..3]);
    assert!(
        world
            .target
            .requests(anchor, blocks[4].number + 1, 0)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        world
            .target
            .requests(&[7; 20], 0, blocks[4].number)
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn the_head_waits_for_confirmations() {
    let world = World::with(|config| config.confirmations = 3).await;
    world.mine(10).await;
    let behind = world.target.head().await.unwrap();
    let newest = EvmTarget::new(&config(&world.anvil, 2))
        .unwrap()
        .head()
        .await
        .unwrap();
    assert_eq!(newest.number - behind.number, 3);
}

#[tokio::test]
async fn statuses_are_told_apart() {
    let world = World::new().await;
    let number = world.ask().await;
    assert_eq!(world.request_status(number).await, RequestStatus::Open);
    assert_eq!(world.request_status([0; 32]).await, RequestStatus::Unknown);
    assert_eq!(
        world.request_status([0xff; 32]).await,
        RequestStatus::Unknown
    );
}

#[tokio::test]
async fn what_is_no_anchor_is_told() {
    let world = World::new().await;
    for anchor in [vec![], vec![1; 19], vec![1; 20], vec![1; 32]] {
        let error = world
            .target
            .request_status(&anchor, [0; 32])
            .await
            .unwrap_err();
        assert!(matches!(error, TargetError::Malformed(_)), "{error}");
    }
}

#[tokio::test]
async fn an_endpoint_of_another_chain_is_refused() {
    let world = World::new().await;
    let mut config = config(&world.anvil, 1);
    config.chain_id = 1;
    let error = EvmTarget::new(&config).unwrap().head().await.unwrap_err();
    let wanted = TargetError::WrongChain {
        expected: "eip155:1".into(),
        actual: "eip155:31337".into(),
    };
    assert_eq!(error, wanted);
}
