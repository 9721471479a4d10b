//! A consumer with the older rollup interface, as deployed long ago.

use std::slice;

use alloy::{primitives::keccak256, sol_types::SolValue};
use phat_target::{
    AnchorRequest, KeyRead, KeyWrite, PreparedTransaction, Rejection, RequestStatus, Rollup,
    SignedRollup, Target, TargetError, TransactionStatus,
};
use phat_target_evm::{Address, EvmTarget, U256, attestor, deploy::Deployer, rollup_anchor};
use phat_testing_fixtures::anvil::{Anvil, AnvilOptions};

use crate::{
    artifact::{Consumer, answer_of, ask, deploy, transact},
    world::{CONTRACT_KEY, config, deployer, send},
};

/// The followers that are told.
const VALUE: u64 = 31_337;

struct Queue {
    anvil: Anvil,
    target: EvmTarget,
    deployer: Deployer,
    consumer: Address,
    anchor: Vec<u8>,
}

impl Queue {
    async fn new() -> Self {
        let anvil = Anvil::spawn(&AnvilOptions::default()).await.unwrap();
        let deployer = deployer(&anvil);
        let signer = attestor(&CONTRACT_KEY).unwrap();
        let arguments = (deployer.address(), signer).abi_encode();
        let consumer = deploy(&deployer, "RollupLensStats", arguments).await;
        Self {
            target: EvmTarget::new(&config(&anvil, 1)).unwrap(),
            anvil,
            deployer,
            anchor: rollup_anchor(consumer),
            consumer,
        }
    }

    fn anchor(&self) -> &[u8] {
        &self.anchor
    }

    async fn ask(&self, profile: &str) {
        ask(&self.deployer, self.consumer, profile).await;
    }

    async fn requests(&self, from: u64) -> Vec<AnchorRequest> {
        let head = self.target.head().await.unwrap().number;
        let found = self.target.requests(self.anchor(), from, head).await;
        found.unwrap()
    }

    async fn sign(&self, rollup: Rollup) -> SignedRollup {
        let signed = self.target.sign(self.anchor(), rollup, &CONTRACT_KEY);
        signed.await.unwrap()
    }

    async fn prepare(&self, signed: &SignedRollup) -> Result<PreparedTransaction, TargetError> {
        let nonce = self.target.next_nonce().await?;
        self.target
            .prepare(self.anchor(), slice::from_ref(signed), nonce, None)
            .await
    }

    async fn settle(&self, signed: &SignedRollup) {
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

    async fn set_attestor(&self, account: Address, is_allowed: bool) {
        let role = keccak256("ATTESTOR_ROLE");
        if is_allowed {
            let call = Consumer::grantRoleCall { role, account };
            transact(&self.deployer, self.consumer, call).await;
        } else {
            let call = Consumer::revokeRoleCall { role, account };
            transact(&self.deployer, self.consumer, call).await;
        }
    }
}

/// The reply of the usual oracle to a request whose id is one above its place.
fn reply(request: &AnchorRequest) -> Rollup {
    let id = U256::from_be_bytes(request.number) + U256::from(1);
    Rollup {
        number: request.number,
        commitment: request.commitment,
        success: true,
        output: (U256::ZERO, id, U256::from(VALUE)).abi_encode(),
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
async fn requests_are_found_and_settled_in_their_order() {
    let queue = Queue::new().await;
    for profile in ["0x01", "0x02", "0x03"] {
        queue.ask(profile).await;
    }
    let requests = queue.requests(0).await;
    let numbers: Vec<_> = requests.iter().map(|r| r.number[31]).collect();
    assert_eq!(numbers, [0, 1, 2]);
    // abi.encode(uint256 id, string profileId), as the consumer wrote it.
    let input = (U256::from(1), "0x01".to_owned()).abi_encode_params();
    assert_eq!(requests[0].input, input);

    // All are signed before the first is settled.
    let mut signed = Vec::new();
    for request in &requests {
        assert_eq!(queue.status(request.number).await, RequestStatus::Open);
        signed.push(queue.sign(reply(request)).await);
    }
    assert_eq!(
        rejection(queue.prepare(&signed[2]).await),
        Rejection::OutOfTurn { ahead: 2 }
    );
    for signed in &signed {
        queue.settle(signed).await;
        assert_eq!(
            rejection(queue.prepare(signed).await),
            Rejection::AlreadySettled
        );
    }
    for (request, id) in requests.iter().zip(1..) {
        assert_eq!(queue.status(request.number).await, RequestStatus::Settled);
        let stored = answer_of(&queue.deployer, queue.consumer, id).await;
        assert_eq!(stored, (true, true, U256::from(VALUE)));
    }
    let next = U256::from(3).to_be_bytes();
    assert_eq!(queue.status(next).await, RequestStatus::Unknown);
    assert_eq!(queue.target.batch_max(queue.anchor()), 1);
}

#[tokio::test]
async fn a_relay_account_that_is_an_attestor_sends_the_rollup_itself() {
    let queue = Queue::new().await;
    queue.ask("0x01").await;
    queue.ask("0x02").await;
    let requests = queue.requests(0).await;
    let relay: Address = queue.target.relay_account().parse().unwrap();
    let signer = attestor(&CONTRACT_KEY).unwrap();

    // The contract's key is no attestor any more.
    queue.set_attestor(signer, false).await;
    let signed = queue.sign(reply(&requests[0])).await;
    let told = queue.target.signers(queue.anchor(), &signed).unwrap();
    assert_eq!(told, [signer.to_string()]);
    assert_eq!(
        rejection(queue.prepare(&signed).await),
        Rejection::NotAttestor(signer.to_string())
    );
    queue.set_attestor(relay, true).await;
    queue.settle(&signed).await;
    assert_eq!(
        queue.status(requests[0].number).await,
        RequestStatus::Settled
    );

    // And the other way round again.
    queue.set_attestor(relay, false).await;
    queue.set_attestor(signer, true).await;
    queue.settle(&queue.sign(reply(&requests[1])).await).await;
    assert_eq!(
        queue.status(requests[1].number).await,
        RequestStatus::Settled
    );
}

#[tokio::test]
async fn a_failed_run_leaves_the_queue_without_a_reply() {
    let queue = Queue::new().await;
    queue.ask("0x01").await;
    queue.ask("0x02").await;
    let requests = queue.requests(0).await;
    let failed = Rollup {
        success: false,
        output: b"fuel: out of fuel".to_vec(),
        ..reply(&requests[0])
    };
    queue.settle(&queue.sign(failed).await).await;
    assert_eq!(
        queue.status(requests[0].number).await,
        RequestStatus::Settled
    );
    let stored = answer_of(&queue.deployer, queue.consumer, 1).await;
    assert!(!stored.0, "the consumer was not called");
    queue.settle(&queue.sign(reply(&requests[1])).await).await;
    assert_eq!(
        queue.status(requests[1].number).await,
        RequestStatus::Settled
    );
}

#[tokio::test]
async fn a_callback_that_reverts_is_told() {
    let queue = Queue::new().await;
    queue.ask("0x01").await;
    let request = &queue.requests(0).await[0];
    let odd = Rollup {
        output: vec![1, 2, 3],
        ..reply(request)
    };
    let rejected = rejection(queue.prepare(&queue.sign(odd).await).await);
    assert!(matches!(rejected, Rejection::Reverted(_)), "{rejected:?}");
    assert_eq!(queue.status(request.number).await, RequestStatus::Open);
}

#[tokio::test]
async fn keys_are_locked_by_their_versions() {
    let queue = Queue::new().await;
    queue.ask("0x01").await;
    queue.ask("0x02").await;
    let requests = queue.requests(0).await;
    let counting = |request: &AnchorRequest, version, value: &[u8]| Rollup {
        reads: vec![KeyRead {
            key: b"count".to_vec(),
            version,
        }],
        writes: vec![KeyWrite {
            key: b"count".to_vec(),
            value: value.to_vec(),
        }],
        ..reply(request)
    };
    let before = queue.target.head().await.unwrap();
    let anchor = queue.anchor();
    let first = queue.sign(counting(&requests[0], 0, b"one")).await;
    let stale = queue.sign(counting(&requests[1], 0, b"two")).await;
    queue.settle(&first).await;
    assert_eq!(
        rejection(queue.prepare(&stale).await),
        Rejection::StaleVersion {
            expected: 0,
            actual: 1
        }
    );
    // A key that is written without having been read is raised all the same.
    let blind = Rollup {
        reads: vec![],
        ..counting(&requests[1], 1, b"two")
    };
    queue.settle(&queue.sign(blind).await).await;
    let now = queue.target.head().await.unwrap();
    for (block, value, version) in [(before, b"".as_slice(), 0), (now, b"two", 2)] {
        let read = queue.target.read(anchor, b"count", block).await.unwrap();
        assert_eq!((read.value.as_slice(), read.version), (value, version));
    }
}

#[tokio::test]
async fn what_waits_from_before_is_found_each_time_until_it_is_settled() {
    let queue = Queue::new().await;
    queue.ask("0x01").await;
    let all = queue.requests(0).await;
    queue.ask("0x02").await;
    let later = queue.target.head().await.unwrap().number;

    // A worker that looks from the second request on needs the first one too.
    let other = EvmTarget::new(&config(&queue.anvil, 2)).unwrap();
    let anchor = queue.anchor();
    let found = other.requests(anchor, later, later).await.unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0], all[0], "as if it had been found in its own block");
    // Whoever asks may not have kept it.
    let again = other.requests(anchor, later, later).await.unwrap();
    assert_eq!(again, found);
    queue.settle(&queue.sign(reply(&all[0])).await).await;
    let left = other.requests(anchor, later, later).await.unwrap();
    assert_eq!(left, found[1..]);
}

#[tokio::test]
async fn an_outcome_does_not_answer_the_request_that_took_its_place() {
    let queue = Queue::new().await;
    queue.ask("0x01").await;
    let signed = queue.sign(reply(&queue.requests(0).await[0])).await;
    let other = Rollup {
        commitment: [7; 32],
        ..signed.rollup.clone()
    };
    let replaced = queue.sign(other).await;
    assert_eq!(
        rejection(queue.prepare(&replaced).await),
        Rejection::CommitmentMismatch
    );
    let beyond = Rollup {
        number: U256::from(9).to_be_bytes(),
        ..signed.rollup.clone()
    };
    assert_eq!(
        rejection(queue.prepare(&queue.sign(beyond).await).await),
        Rejection::UnknownRequest
    );
    queue.settle(&signed).await;
}
