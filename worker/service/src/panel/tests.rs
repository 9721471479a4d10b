use std::sync::LazyLock;

use parking_lot::Mutex;
use phat_chain_client::Seat;
use phat_engine::{EngineConfig, NoKeyValue, Run, RunClass, RunRequest};
use phat_keys::{ClusterSecret, KeyStore, Unsealed};
use phat_manifest::Limits;
use phat_primitives::{AccountBytes, ContractId, RequestId, blake2_256, challenges::ReplayedRun};
use phat_receipt::{Origin, Receipt, ReceiptBody, RunResult};
use phat_worker_client::ReceiptBundle;
use zeroize::Zeroizing;

use super::*;
use crate::{journal::Retention, pace::shutdown};

const GENESIS: [u8; 32] = [9; 32];
const CONTRACT: ContractId = ContractId([7; 32]);
const SCRIPT: &str = "export default (request) => Uint8Array.from(request.input).reverse()";

static ENGINE: LazyLock<Engine> = LazyLock::new(|| {
    let config = EngineConfig {
        runs_concurrent_max: 1,
        // A contract gets a quarter, and the tests are runs of one.
        calls_concurrent_max: 64,
        ..EngineConfig::default()
    };
    Engine::new(config).unwrap()
});

/// A chain with one challenge.
#[derive(Default)]
struct Chain {
    height: Mutex<u64>,
    challenges: Mutex<Vec<OpenChallenge>>,
    votes: Mutex<Vec<Verdict>>,
    /// Whether votes do not arrive.
    is_deaf: Mutex<bool>,
}

#[async_trait]
impl PanelChain for Chain {
    async fn genesis_hash(&self) -> Result<[u8; 32], ChainError> {
        Ok(GENESIS)
    }

    async fn open_challenges(&self) -> Result<(u64, Vec<OpenChallenge>), ChainError> {
        Ok((*self.height.lock(), self.challenges.lock().clone()))
    }

    async fn code(&self, hash: CodeHash) -> Result<Option<Vec<u8>>, ChainError> {
        Ok((hash == CodeHash::of(SCRIPT.as_bytes())).then(|| SCRIPT.into()))
    }

    async fn vote(
        &self,
        challenge: ChallengeId,
        worker: WorkerId,
        verdict: Verdict,
        signature: [u8; 64],
    ) -> Result<(), ChainError> {
        if *self.is_deaf.lock() {
            return Err(ChainError::Unreachable("planned".into()));
        }
        let mut challenges = self.challenges.lock();
        let open = challenges.iter_mut().find(|open| open.id == challenge);
        let open = open.expect("it is open");
        let vote = PanelVote {
            genesis_hash: GENESIS,
            challenge,
            receipt: open.receipt,
            worker,
            verdict,
        };
        let key = schnorrkel::PublicKey::from_bytes(&worker.0).unwrap();
        let signature = schnorrkel::Signature::from_bytes(&signature).unwrap();
        key.verify_simple(b"substrate", &vote.signing_payload(), &signature)
            .expect("the member signed it");
        let seat = open.panel.iter_mut().find(|seat| seat.worker == worker);
        seat.expect("it is on the panel").verdict = Some(verdict);
        self.votes.lock().push(verdict);
        Ok(())
    }
}

/// What is at all URLs, nothing if there is none; how often it was asked for; and where last.
#[derive(Default)]
struct Url(Mutex<Option<Vec<u8>>>, Mutex<u32>, Mutex<String>);

#[async_trait]
impl DataSource for Url {
    async fn get(&self, url: &str) -> Result<Vec<u8>, String> {
        *self.1.lock() += 1;
        *self.2.lock() = url.to_owned();
        self.0.lock().clone().ok_or_else(|| "nothing there".into())
    }
}

/// A receipt that holds, with its data.
async fn honest() -> ReceiptBundle {
    let report = ENGINE
        .run(Run {
            code: SCRIPT.as_bytes().into(),
            request: RunRequest {
                contract: CONTRACT,
                request: RequestId([3; 32]),
                input: b"abc".to_vec(),
                caller: String::new(),
                chain: String::new(),
                block: 0,
                settings: "{}".into(),
            },
            limits: Limits::default(),
            allowed_hosts: Vec::new(),
            kv: Arc::new(NoKeyValue),
            keys: Arc::new(phat_engine::ContractKeys::local(CONTRACT)),
            secrets: Secrets::default(),
            class: RunClass::Call,
        })
        .await;
    let (success, output) = report.outcome.settlement();
    assert!(success, "{}", String::from_utf8_lossy(&output));
    let body = ReceiptBody {
        genesis_hash: GENESIS,
        worker: WorkerId([1; 32]),
        contract: CONTRACT,
        code_hash: CodeHash::of(SCRIPT.as_bytes()),
        engine_hash: ENGINE.hash().0,
        request: RequestId([3; 32]),
        origin: Origin::Http,
        input_hash: blake2_256(b"abc"),
        result: RunResult::Succeeded,
        output_hash: blake2_256(&output),
        transcript_root: report.transcript.root(),
        fuel_used: report.fuel_used,
        ended_at_ms: 1,
    };
    ReceiptBundle {
        // Nobody but the chain checks who signed a challenged receipt.
        receipt: Receipt {
            body,
            signature: [0; 64],
        },
        input: b"abc".to_vec().into(),
        output: output.into(),
        transcript: report.transcript.encode().into(),
    }
}

struct World {
    chain: Arc<Chain>,
    url: Arc<Url>,
    folder: tempfile::TempDir,
}

impl World {
    /// One in which this receipt is challenged, and its data are there.
    fn new(bundle: &ReceiptBundle) -> Self {
        let world = Self {
            chain: Arc::default(),
            url: Arc::default(),
            folder: tempfile::tempdir().unwrap(),
        };
        world.publish(bundle);
        let body = &bundle.receipt.body;
        let me = world.panelist().keys.worker_id();
        world.chain.challenges.lock().push(OpenChallenge {
            id: ChallengeId(5),
            challenger: AccountBytes([1; 32]),
            receipt: body.hash(),
            accused: body.worker,
            contract: body.contract,
            claimed: ReplayedRun {
                result: body.result,
                output_hash: body.output_hash,
                fuel_used: body.fuel_used,
            },
            data_url: "https://data.example/receipt.json".into(),
            panel: vec![
                Seat {
                    worker: WorkerId([2; 32]),
                    verdict: None,
                },
                Seat {
                    worker: me,
                    verdict: None,
                },
            ],
            opened_at: 0,
            deadline: 100,
        });
        world
    }

    fn publish(&self, bundle: &ReceiptBundle) {
        *self.url.0.lock() = Some(serde_json::to_vec(bundle).unwrap());
    }

    /// The member as it is after a start.
    fn panelist(&self) -> Panelist {
        let path = self.folder.path();
        let journal = Journal::open(&path.join("journal"), Retention::default()).unwrap();
        let store = KeyStore::open(path.join("keys"), &Unsealed).unwrap();
        let keys = WorkerKeys::new(store);
        keys.take_into_use(0, ClusterSecret::from_bytes(Zeroizing::new([1; 32])));
        Panelist::new(
            self.chain.clone(),
            self.url.clone(),
            ENGINE.clone(),
            Arc::new(keys),
            Arc::new(journal),
            shutdown().1,
        )
    }

    async fn votes(&self) -> Vec<Verdict> {
        self.panelist().look().await.unwrap();
        self.chain.votes.lock().clone()
    }
}

#[tokio::test]
async fn a_receipt_that_holds_is_said_to_hold() {
    let world = World::new(&honest().await);
    assert_eq!(world.votes().await, [Verdict::Holds]);
    // It is said once.
    assert_eq!(world.votes().await, [Verdict::Holds]);
}

#[tokio::test]
async fn what_a_receipt_lies_about_is_found() {
    let honest = honest().await;
    let body = &honest.receipt.body;
    let true_run = ReplayedRun {
        result: body.result,
        output_hash: body.output_hash,
        fuel_used: body.fuel_used,
    };
    type Lie = fn(&mut ReceiptBody);
    let lies: [(Lie, Verdict); 6] = [
        (|body| body.output_hash[0] ^= 1, Verdict::Differs(true_run)),
        (
            |body| body.result = RunResult::Failed,
            Verdict::Differs(true_run),
        ),
        (|body| body.fuel_used += 1, Verdict::Differs(true_run)),
        (|body| body.request.0[0] ^= 1, Verdict::OtherRun),
        (|body| body.input_hash[0] ^= 1, Verdict::OtherRun),
        (|body| body.engine_hash[0] ^= 1, Verdict::OtherRun),
    ];
    for (lie, verdict) in lies {
        let mut bundle = honest.clone();
        lie(&mut bundle.receipt.body);
        assert_eq!(World::new(&bundle).votes().await, [verdict]);
    }
}

#[tokio::test]
async fn a_run_of_another_engine_cannot_be_told() {
    let mut bundle = honest().await;
    let mut transcript = phat_engine::Transcript::decode(&bundle.transcript.0).unwrap();
    transcript.header.engine.0[0] ^= 1;
    bundle.receipt.body.engine_hash = transcript.header.engine.0;
    bundle.receipt.body.transcript_root = transcript.root();
    bundle.transcript = transcript.encode().into();
    assert_eq!(World::new(&bundle).votes().await, [Verdict::Unavailable]);
}

#[tokio::test]
async fn data_that_are_late_are_waited_for_and_not_for_ever() {
    let honest = honest().await;
    let world = World::new(&honest);
    let nothing = |world: &World| *world.url.0.lock() = None;
    nothing(&world);
    let mut panelist = world.panelist();
    panelist.look().await.unwrap();
    panelist.look().await.unwrap();
    assert_eq!(*world.url.1.lock(), 1, "it is not asked at each look");
    drop(panelist);
    // Nor is it the receipt's that another receipt's data are there.
    let mut other = honest.clone();
    other.receipt.body.ended_at_ms += 1;
    world.publish(&other);
    assert!(world.votes().await.is_empty());

    world.publish(&honest);
    assert_eq!(world.votes().await, [Verdict::Holds]);

    let world = World::new(&honest);
    nothing(&world);
    *world.chain.height.lock() = 49;
    assert!(world.votes().await.is_empty());
    *world.chain.height.lock() = 50;
    assert_eq!(world.votes().await, [Verdict::Unavailable]);
}

#[tokio::test]
async fn data_that_are_waited_for_in_vain_hold_up_no_others() {
    let world = World::new(&honest().await);
    *world.url.0.lock() = None;
    let mut panelist = world.panelist();
    panelist.look().await.unwrap();
    // Another is opened later, and both are tried, the new one first.
    let mut newer = world.chain.challenges.lock()[0].clone();
    newer.id = ChallengeId(6);
    newer.data_url = "https://data.example/newer.json".into();
    newer.deadline = 200;
    let older = world.chain.challenges.lock()[0].data_url.clone();
    world.chain.challenges.lock().push(newer);
    *world.chain.height.lock() = 50;
    panelist.look().await.unwrap();
    assert_eq!(*world.url.1.lock(), 3);
    assert_eq!(*world.url.2.lock(), older);
}

#[tokio::test]
async fn after_a_crash_the_same_is_said() {
    let honest = honest().await;
    let world = World::new(&honest);
    *world.chain.is_deaf.lock() = true;
    assert!(world.panelist().look().await.is_err());
    *world.chain.is_deaf.lock() = false;
    // The data are gone, and were needed once.
    *world.url.0.lock() = None;
    *world.chain.height.lock() = 60;
    assert_eq!(world.votes().await, [Verdict::Holds]);
    assert_eq!(*world.url.1.lock(), 1);
}

#[tokio::test]
async fn nothing_is_said_about_what_is_not_to_be_judged() {
    let world = World::new(&honest().await);
    *world.chain.height.lock() = 100;
    assert!(world.votes().await.is_empty(), "it is too late");
    *world.chain.height.lock() = 1;
    world.chain.challenges.lock()[0].panel.pop();
    assert!(world.votes().await.is_empty(), "it is not on the panel");
    assert_eq!(*world.url.1.lock(), 0);
}
