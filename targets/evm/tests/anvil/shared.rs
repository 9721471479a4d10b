//! The shared anchor: batches, quorums, deadlines and callbacks that fail.

use std::slice;

use alloy::{
    consensus::{Transaction, TxEnvelope},
    eips::eip2718::Decodable2718,
    primitives::{U64, Uint, keccak256},
    sol_types::SolValue,
};
use phat_target::{
    AnchorRequest, LogFilter, PreparedTransaction, Rejection, RequestStatus, Rollup, SignedRollup,
    Target, TargetError, TransactionStatus,
};
use phat_target_evm::{Address, EvmTarget, U256, attestor, deploy::Deployer, shared_anchor};
use phat_testing_fixtures::anvil::{Anvil, AnvilOptions};

use crate::{
    artifact::{Consumer, answer_of, ask, deploy, transact},
    world::{CONTRACT_KEY, config, deployer, rpc, send},
};

struct Shared {
    anvil: Anvil,
    target: EvmTarget,
    deployer: Deployer,
    hub: Address,
    consumer: Address,
    anchor: Vec<u8>,
}

impl Shared {
    async fn new() -> Self {
        let anvil = Anvil::spawn(&AnvilOptions::default()).await.unwrap();
        let deployer = deployer(&anvil);
        let hub = deploy(&deployer, "PhatHub", vec![]).await;
        let signer = attestor(&CONTRACT_KEY).unwrap();
        let arguments = (hub, deployer.address(), vec![signer]).abi_encode_params();
        let consumer = deploy(&deployer, "LensStatsShared", arguments).await;
        Self {
            target: EvmTarget::new(&config(&anvil, 1)).unwrap(),
            anvil,
            deployer,
            anchor: shared_anchor(hub, consumer),
            hub,
            consumer,
        }
    }

    fn anchor(&self) -> &[u8] {
        &self.anchor
    }

    async fn requests(&self) -> Vec<AnchorRequest> {
        let head = self.target.head().await.unwrap().number;
        let found = self.target.requests(self.anchor(), 0, head).await;
        found.unwrap()
    }

    async fn sign(&self, rollup: Rollup, key: u8) -> SignedRollup {
        let key = match key {
            0 => CONTRACT_KEY,
            tag => [tag; 32],
        };
        let signed = self.target.sign(self.anchor(), rollup, &key);
        signed.await.unwrap()
    }

    async fn prepare(&self, signed: &[SignedRollup]) -> Result<PreparedTransaction, TargetError> {
        let nonce = self.target.next_nonce().await?;
        self.target
            .prepare(self.anchor(), signed, nonce, None)
            .await
    }

    async fn settle(&self, signed: &[SignedRollup]) {
        let prepared = self.prepare(signed).await.unwrap();
        let status = send(&self.target, &prepared).await;
        assert!(
            matches!(status, TransactionStatus::Included { success: true, .. }),
            "{status:?}"
        );
    }

    async fn status(&self, number: [u8; 32]) -> RequestStatus {
        let status = self.target.request_status(self.anchor(), number);
        status.await.unwrap()
    }
}

fn outcome(request: &AnchorRequest) -> Rollup {
    Rollup {
        number: request.number,
        commitment: request.commitment,
        success: true,
        output: (U256::ZERO, U256::from(7)).abi_encode(),
        reads: vec![],
        writes: vec![],
    }
}

fn rejection<T: std::fmt::Debug>(result: Result<T, TargetError>) -> Rejection {
    match result {
        Err(TargetError::Rejected(rejection)) => rejection,
        other => panic!("not rejected: {other:?}"),
    }
}

#[tokio::test]
async fn many_requests_settle_in_one_transaction() {
    let shared = Shared::new().await;
    for _ in 0..4 {
        ask(&shared.deployer, shared.consumer, "0x01").await;
    }
    let requests = shared.requests().await;
    let mut batch = Vec::new();
    for request in &requests {
        batch.push(shared.sign(outcome(request), 0).await);
    }
    // One is settled before: the batch passes it over and settles the rest.
    shared.settle(&batch[1..2]).await;
    shared.settle(&batch).await;
    for (request, id) in requests.iter().zip(1..) {
        assert_eq!(shared.status(request.number).await, RequestStatus::Settled);
        let stored = answer_of(&shared.deployer, shared.consumer, id).await;
        assert_eq!(stored, (true, true, U256::from(7)));
    }
    // A batch of which nothing is left is not paid for.
    assert_eq!(
        rejection(shared.prepare(&batch).await),
        Rejection::AlreadySettled
    );
    let many = vec![batch[0].clone(); shared.target.batch_max(shared.anchor()) + 1];
    for bad in [&many[..], &[]] {
        let error = shared.prepare(bad).await.unwrap_err();
        assert!(matches!(error, TargetError::Malformed(_)), "{error}");
    }
}

#[tokio::test]
async fn as_many_attestors_sign_as_the_quorum_says() {
    let shared = Shared::new().await;
    let attestors: Vec<Address> = [1_u8, 2, 3]
        .map(|tag| attestor(&[tag; 32]).unwrap())
        .to_vec();
    let set = shared
        .deployer
        .set_attestors(shared.hub, shared.consumer, 2, attestors.clone());
    set.await.unwrap();
    let quorum = shared.target.quorum(shared.anchor()).await.unwrap();
    assert_eq!(quorum.threshold, 2);
    assert_eq!(quorum.attestors.len(), 3);
    for known in &attestors {
        assert!(quorum.attestors.contains(&known.to_string()));
    }

    ask(&shared.deployer, shared.consumer, "0x01").await;
    let request = &shared.requests().await[0];
    let mut signed = Vec::new();
    for tag in [3, 1] {
        signed.push(shared.sign(outcome(request), tag).await);
    }
    assert_eq!(
        rejection(shared.prepare(&signed[..1]).await),
        Rejection::QuorumMissing { have: 1, need: 2 }
    );
    // In whatever order they come, and one of them twice.
    signed.push(signed[0].clone());
    for turn in 0..3 {
        signed.rotate_left(turn);
        let joined = shared.target.join(shared.anchor(), signed.clone()).unwrap();
        assert_eq!(joined.signatures.len(), 2);
        shared.prepare(slice::from_ref(&joined)).await.unwrap();
    }
    let mut other = signed[0].clone();
    other.rollup.success = false;
    let error = shared
        .target
        .join(shared.anchor(), vec![signed[1].clone(), other]);
    assert!(matches!(error, Err(TargetError::Malformed(_))));
    let joined = shared.target.join(shared.anchor(), signed).unwrap();
    // By rising address, and written as the quorum has them.
    let mut signers = [attestors[0], attestors[2]];
    signers.sort();
    let signers: Vec<_> = signers.iter().map(Address::to_string).collect();
    let told = shared.target.signers(shared.anchor(), &joined).unwrap();
    assert_eq!(told, signers);
    assert!(told.iter().all(|signer| quorum.attestors.contains(signer)));
    shared.settle(slice::from_ref(&joined)).await;
    assert_eq!(shared.status(request.number).await, RequestStatus::Settled);
}

#[tokio::test]
async fn a_request_past_its_deadline_is_over() {
    let shared = Shared::new().await;
    let now = rpc(&shared.anvil, "eth_getBlockByNumber", ("latest", false)).await;
    let now = now["timestamp"].as_str().unwrap().trim_start_matches("0x");
    let deadline = u64::from_str_radix(now, 16).unwrap() + 1_000;
    let call = Consumer::requestWithFeeCall {
        profileId: "0x01".into(),
        expiresAt: Uint::from(deadline),
    };
    transact(&shared.deployer, shared.consumer, call).await;
    let request = &shared.requests().await[0];
    assert_eq!((request.expires_at, request.fee), (Some(deadline), 0));
    let signed = shared.sign(outcome(request), 0).await;
    shared.prepare(slice::from_ref(&signed)).await.unwrap();

    rpc(&shared.anvil, "evm_increaseTime", (U64::from(2_000),)).await;
    rpc(&shared.anvil, "anvil_mine", (U64::from(1),)).await;
    assert_eq!(shared.status(request.number).await, RequestStatus::Expired);
    assert_eq!(
        rejection(shared.prepare(slice::from_ref(&signed)).await),
        Rejection::Expired
    );
}

#[tokio::test]
async fn another_consumer_of_the_same_anchor_is_another_anchor() {
    let shared = Shared::new().await;
    let signer = attestor(&CONTRACT_KEY).unwrap();
    let arguments = (shared.hub, shared.deployer.address(), vec![signer]).abi_encode_params();
    let other = deploy(&shared.deployer, "LensStatsShared", arguments).await;
    ask(&shared.deployer, shared.consumer, "0x01").await;
    ask(&shared.deployer, other, "0x02").await;
    let requests = shared.requests().await;
    assert_eq!(requests.len(), 1, "the other's is not among them");

    // The same id is open at both, and the signature is good for one only.
    let signed = shared.sign(outcome(&requests[0]), 0).await;
    let nonce = shared.target.next_nonce().await.unwrap();
    let elsewhere = shared_anchor(shared.hub, other);
    let replayed = shared
        .target
        .prepare(&elsewhere, slice::from_ref(&signed), nonce, None)
        .await;
    let rejected = rejection(replayed);
    assert!(
        matches!(
            rejected,
            Rejection::NotAttestor(_) | Rejection::CommitmentMismatch
        ),
        "{rejected:?}"
    );
    shared.settle(slice::from_ref(&signed)).await;
    assert!(!answer_of(&shared.deployer, other, 1).await.0);
}

#[tokio::test]
async fn a_batch_has_gas_for_callbacks_that_use_more_than_when_it_was_estimated() {
    // What the anchor gives a callback of a consumer that asks for no other amount.
    const CALLBACK_GAS: u64 = 200_000;
    let shared = Shared::new().await;
    for _ in 0..3 {
        ask(&shared.deployer, shared.consumer, "0x01").await;
    }
    let mut batch = Vec::new();
    for request in &shared.requests().await {
        batch.push(shared.sign(outcome(request), 0).await);
    }
    let gas_limit = |prepared: &PreparedTransaction| {
        let transaction = TxEnvelope::decode_2718(&mut prepared.raw.as_slice()).unwrap();
        transaction.gas_limit()
    };
    let alone = gas_limit(&shared.prepare(&batch[..1]).await.unwrap());
    let together = gas_limit(&shared.prepare(&batch).await.unwrap());
    assert!(
        together >= alone + 2 * CALLBACK_GAS,
        "{together} of three, {alone} of one"
    );
}

#[tokio::test]
async fn a_batch_that_a_reorganisation_removes_settles_again_and_once() {
    let shared = Shared::new().await;
    for _ in 0..3 {
        ask(&shared.deployer, shared.consumer, "0x01").await;
    }
    rpc(&shared.anvil, "anvil_mine", (U64::from(2),)).await;
    let requests = shared.requests().await;
    let mut batch = Vec::new();
    for request in &requests {
        batch.push(shared.sign(outcome(request), 0).await);
    }
    let prepared = shared.prepare(&batch).await.unwrap();
    send(&shared.target, &prepared).await;
    for request in &requests {
        assert_eq!(shared.status(request.number).await, RequestStatus::Settled);
    }
    rpc(
        &shared.anvil,
        "anvil_reorg",
        (2, Vec::<(String, u64)>::new()),
    )
    .await;
    for request in &requests {
        assert_eq!(shared.status(request.number).await, RequestStatus::Open);
    }
    // One of them settles alone; the batch that was ready before takes the rest.
    let rival = EvmTarget::new(&config(&shared.anvil, 2)).unwrap();
    let nonce = rival.next_nonce().await.unwrap();
    let alone = rival.prepare(shared.anchor(), &batch[..1], nonce, None);
    send(&rival, &alone.await.unwrap()).await;
    let status = send(&shared.target, &prepared).await;
    assert!(
        matches!(status, TransactionStatus::Included { success: true, .. }),
        "{status:?}"
    );
    for (request, id) in requests.iter().zip(1..) {
        assert_eq!(shared.status(request.number).await, RequestStatus::Settled);
        let settlement = shared.deployer.settlement(shared.hub, U256::from(id), 0);
        let transaction = settlement.await.unwrap().unwrap().transaction.0;
        assert_eq!(transaction == prepared.hash, id != 1, "each by one of them");
    }
}

#[tokio::test]
async fn a_relay_key_that_someone_else_uses_costs_a_nonce_and_no_request() {
    let shared = Shared::new().await;
    ask(&shared.deployer, shared.consumer, "0x01").await;
    let request = &shared.requests().await[0];
    let signed = shared.sign(outcome(request), 0).await;
    let prepared = shared.prepare(slice::from_ref(&signed)).await.unwrap();

    // The key is used outside the worker, for something else.
    let outside = Deployer::new(&config(&shared.anvil, 1)).unwrap();
    let anywhere = outside.address();
    outside
        .transact(anywhere.into(), Default::default())
        .await
        .unwrap();
    let error = shared.target.send(&prepared).await.unwrap_err();
    assert!(
        matches!(error, TargetError::NonceUsed { nonce, .. } if nonce == prepared.nonce),
        "{error}"
    );
    let next = shared.target.next_nonce().await.unwrap();
    assert_eq!(next, prepared.nonce + 1);
    shared.settle(slice::from_ref(&signed)).await;
    assert_eq!(shared.status(request.number).await, RequestStatus::Settled);
}

#[tokio::test]
async fn logs_of_any_contract_are_found() {
    let shared = Shared::new().await;
    ask(&shared.deployer, shared.consumer, "0x01").await;
    let head = shared.target.head().await.unwrap();
    let filter = |topics| LogFilter::Contract {
        address: shared.hub.to_vec(),
        topics,
    };
    let mut consumer = [0; 32];
    consumer[12..].copy_from_slice(shared.consumer.as_slice());
    let topic = keccak256("Requested(uint256,address,address,bytes,uint96,uint40)").0;
    let wanted = filter(vec![Some(topic), None, Some(consumer)]);
    let found = shared.target.logs(&wanted, 0, head.number).await.unwrap();
    let [log] = &found[..] else {
        panic!("not one log: {found:?}");
    };
    assert_eq!(log.block, head);
    let address = log.json["address"].as_str().unwrap();
    assert_eq!(address.parse::<Address>().unwrap(), shared.hub);
    assert_eq!(log.json["topics"].as_array().unwrap().len(), 4);
    let other = filter(vec![Some([1; 32])]);
    let none = shared.target.logs(&other, 0, head.number).await.unwrap();
    assert!(none.is_empty());
}

#[tokio::test]
async fn the_balance_bounds_what_is_paid() {
    let shared = Shared::new().await;
    ask(&shared.deployer, shared.consumer, "0x01").await;
    let request = &shared.requests().await[0];
    let signed = shared.sign(outcome(request), 0).await;
    let before = shared.target.balance().await.unwrap();
    let prepared = shared.prepare(slice::from_ref(&signed)).await.unwrap();
    send(&shared.target, &prepared).await;
    let paid = before - shared.target.balance().await.unwrap();
    assert!(0 < paid && paid <= prepared.cost_max, "{paid}");
}
