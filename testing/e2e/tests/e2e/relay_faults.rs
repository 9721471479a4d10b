//! What befalls the transactions of a worker's relay account, on a real node: each request
//! is settled once.

use std::{collections::BTreeSet, time::Duration};

use alloy::{
    hex,
    primitives::{Address, U256},
};
use anyhow::{Context, bail, ensure};
use phat_e2e::{
    count::check_settled_once,
    evm::{Consumer, StoredAnswer},
    evm_control::{EvmControl, Outsider},
    network::{Network, Oracle, PROFILES},
    process::until,
    worker::{Worker, WorkerOptions},
};
use phat_testing_fixtures::anvil::Anvil;
use tokio::task::JoinSet;

const WEI_PER_GWEI: u128 = 1_000_000_000;
/// The requests that are made at once.
const REQUESTS: usize = 3;
/// How often a transaction is to be caught before it is in a block.
const CATCHES_MAX: usize = 10;
/// Nonces of transactions that wait which somebody else takes.
const NONCES_TAKEN: usize = 2;
/// What somebody else pays per unit of gas to take the place of a worker's transaction.
const TAKING_WEI: u128 = 50 * WEI_PER_GWEI;
/// What somebody else pays otherwise.
const USING_WEI: u128 = 5 * WEI_PER_GWEI;
/// The time between two transactions of somebody else.
const USE_EVERY: Duration = Duration::from_millis(300);
/// The most that the worker pays per unit of gas while gas is dear, in gwei.
const CAP_GWEI: &str = "10";
/// A base fee that is above the cap.
const DEAR_WEI: u128 = 100 * WEI_PER_GWEI;
/// One below the cap that is above what the worker's first transaction pays.
const AFFORDABLE_WEI: u128 = 5 * WEI_PER_GWEI;
/// Too little for any transaction, in wei.
const POOR_WEI: u64 = 1_000;
/// Enough for all of them: 10 ether.
const RICH_WEI: u128 = 10_000_000_000 * WEI_PER_GWEI;

/// One worker that serves one consumer on a chain that does as it is told.
struct Stage {
    network: Network,
    control: EvmControl,
    worker: Worker,
    consumer: Consumer,
    /// All that was ever asked for.
    ids: Vec<U256>,
}

impl Stage {
    /// With these arguments of the worker, and its relay key where that is to be known.
    async fn start(arguments: &[&str], relay_key: Option<[u8; 32]>) -> anyhow::Result<Self> {
        let network = Network::start().await?;
        let mut arguments: Vec<String> = arguments.iter().map(|it| (*it).to_owned()).collect();
        if let Some(key) = relay_key {
            let file = network.folder().join("relay.key");
            std::fs::write(&file, hex::encode(key))?;
            let file = file.to_str().context("the path is not UTF-8")?;
            arguments.extend(["--relay-key-file".to_owned(), file.to_owned()]);
        }
        let worker = Worker::start(WorkerOptions {
            arguments,
            ..network.worker_options()
        })
        .await?;
        let Oracle { consumer, .. } = network.deploy_lens(&worker).await?;
        Ok(Self {
            control: EvmControl::new(&network.anvil.url())?,
            network,
            worker,
            consumer,
            ids: Vec::new(),
        })
    }

    async fn relay_account(&self) -> anyhow::Result<Address> {
        self.worker.relay_account(&self.network.evm_chain()).await
    }

    async fn metric(&self, name: &str) -> anyhow::Result<Option<f64>> {
        self.worker.metric(name, &self.network.evm_chain()).await
    }

    /// Makes requests: their ids and the last of their blocks.
    async fn request(&mut self, count: usize) -> anyhow::Result<(Vec<U256>, u64)> {
        let (ids, last) = self.consumer.request_many(PROFILES[0].0, count).await?;
        self.ids.extend(&ids);
        Ok((ids, last))
    }

    /// Waits until they are answered as they should be.
    async fn until_answered(&self, ids: &[U256]) -> anyhow::Result<()> {
        let (profile, followers) = PROFILES[0];
        let wanted = StoredAnswer {
            ok: true,
            profile: profile.into(),
            value: U256::from(followers),
        };
        for id in ids {
            let stored = self.consumer.until_answered(*id).await?;
            ensure!(stored == wanted, "{id}: {stored:?}");
        }
        Ok(())
    }

    /// Makes a request, and stops making blocks before its settlement is in one. Gives the
    /// request and the hash of the transaction that waits.
    async fn catch_settlement(&mut self) -> anyhow::Result<(U256, String)> {
        for _ in 0..CATCHES_MAX {
            let (ids, _) = self.request(1).await?;
            self.control.stop_blocks().await?;
            let id = ids[0];
            let entry = until("the transaction of a request", async || {
                let entry = self.worker.request_at_anchor(id).await?;
                Ok(entry.filter(|entry| ["sent", "settled"].contains(&entry.step.as_str())))
            })
            .await?;
            if entry.step == "sent" && self.consumer.answer(id).await?.is_none() {
                let hash = entry.tx.context("it was sent and has no hash")?;
                return Ok((id, hex::encode_prefixed(hash.0)));
            }
            // It was in a block already.
            self.control.resume_blocks().await?;
        }
        bail!("no transaction was ever caught before it was in a block")
    }

    /// Waits until the worker says this of one of its requests.
    async fn until_error(&self, what: &str) -> anyhow::Result<()> {
        until(&format!("{what:?} in the worker's requests"), async || {
            let requests = self.worker.requests().await?;
            let mut errors = requests.iter().filter_map(|entry| entry.error.as_deref());
            Ok(errors.any(|error| error.contains(what)).then_some(()))
        })
        .await
    }

    /// Checks that all that was asked for was settled once, as the worker knows too.
    async fn end(self) -> anyhow::Result<()> {
        self.until_answered(&self.ids).await?;
        self.worker.until_step("settled", self.ids.len()).await?;
        check_settled_once(&self.consumer, &self.ids).await?;
        drop(self.worker);
        self.network.end();
        Ok(())
    }
}

/// The blocks with the settlements are replaced by others without them. The worker makes
/// them again; and where the old transactions come back too, there is no second one.
#[tokio::test]
async fn a_settlement_that_a_reorganisation_removes_is_made_again_once() -> anyhow::Result<()> {
    let mut stage = Stage::start(&[], None).await?;
    for comes_back in [false, true] {
        let (ids, last) = stage.request(REQUESTS).await?;
        stage.until_answered(&ids).await?;
        stage.worker.until_step("settled", stage.ids.len()).await?;

        stage.control.stop_blocks().await?;
        let (mut gone, mut blocks, mut raw) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
        for id in ids {
            let settlement = stage.consumer.settlement(id).await?;
            // The requests themselves stay.
            if settlement.block > last {
                let hash = settlement.transaction;
                raw.insert(stage.control.raw_transaction(&hash).await?);
                blocks.insert(settlement.block);
                gone.push((id, hash));
            }
        }
        let first = *blocks.first().context("nothing was settled later")?;
        stage.control.reorganise_from(first).await?;
        for (id, hash) in &gone {
            ensure!(stage.consumer.answer(*id).await?.is_none(), "{id} is there");
            ensure!(!stage.control.has_transaction(hash).await?, "{hash} waits");
        }
        if comes_back {
            for raw in &raw {
                stage.control.send_raw(raw).await?;
            }
        }
        stage.control.resume_blocks().await?;
        let gone: Vec<U256> = gone.into_iter().map(|(id, _)| id).collect();
        stage.until_answered(&gone).await?;
        println!("settled again: {} requests", gone.len());
    }
    let reopened = stage.metric("requests_reopened_total").await?;
    ensure!(reopened.is_some_and(|count| count >= 1.0), "{reopened:?}");
    stage.end().await
}

/// Somebody else pays with the relay key at the same time: takes the nonces of transactions
/// that wait, and then uses nonces all the time.
#[tokio::test]
async fn a_relay_key_that_somebody_else_uses_costs_no_settlement() -> anyhow::Result<()> {
    let key = Anvil::key(1);
    let mut stage = Stage::start(&[], Some(key)).await?;
    let outsider = Outsider::new(&stage.network.anvil.url(), key)?;
    assert_eq!(stage.relay_account().await?, outsider.account());
    for _ in 0..NONCES_TAKEN {
        let (id, hash) = stage.catch_settlement().await?;
        let nonce = outsider.next_nonce().await?;
        outsider.use_nonce(nonce, TAKING_WEI).await?;
        ensure!(!stage.control.has_transaction(&hash).await?, "{hash} waits");
        stage.control.resume_blocks().await?;
        stage.until_answered(&[id]).await?;
        assert_ne!(stage.consumer.settlement(id).await?.transaction, hash);
    }
    let outside = stage.metric("relay_nonces_used_outside_total").await?;
    ensure!(
        outside.is_some_and(|count| count >= NONCES_TAKEN as f64),
        "{outside:?} nonces were used outside"
    );

    let before = outsider.next_nonce().await?;
    // It ends when dropped.
    let mut busy = JoinSet::new();
    busy.spawn(use_nonces(outsider.clone()));
    for _ in 0..2 {
        let (ids, _) = stage.request(REQUESTS).await?;
        stage.until_answered(&ids).await?;
    }
    drop(busy);
    let used = outsider.next_nonce().await? - before;
    ensure!(used > 2, "somebody else has hardly used the key: {used}");
    println!("nonces used meanwhile, by both: {used}");
    stage.end().await
}

/// Uses nonces without end, every third of which a transaction that waits may have.
async fn use_nonces(outsider: Outsider) {
    for turn in 0_u64.. {
        let (nonce, wei) = if turn.is_multiple_of(3) {
            (outsider.next_nonce().await, TAKING_WEI)
        } else {
            (outsider.next_free_nonce().await, USING_WEI)
        };
        if let Ok(nonce) = nonce {
            // The worker may have been faster.
            let _ = outsider.use_nonce(nonce, wei).await;
        }
        tokio::time::sleep(USE_EVERY).await;
    }
}

/// Gas becomes dearer than the worker pays while its transaction waits. It says so, and
/// replaces the transaction once gas costs more than that one pays, but no more than it may.
#[tokio::test]
async fn a_transaction_that_a_price_spike_leaves_behind_is_replaced() -> anyhow::Result<()> {
    let mut stage = Stage::start(&["--fee-cap-gwei", CAP_GWEI], None).await?;
    let (id, first) = stage.catch_settlement().await?;
    let base_fee = stage.control.hold_base_fee(DEAR_WEI).await?;
    stage.control.resume_blocks().await?;
    stage.until_error("above the worker's cap").await?;
    ensure!(stage.consumer.answer(id).await?.is_none(), "at that price?");

    base_fee.set(AFFORDABLE_WEI);
    stage.until_answered(&[id]).await?;
    assert_ne!(stage.consumer.settlement(id).await?.transaction, first);
    let entry = stage.worker.request_at_anchor(id).await?;
    let attempts = entry.context("the worker has forgotten it")?.attempts;
    ensure!(attempts >= 2, "{attempts} transactions");
    println!("transactions until it was settled: {attempts}");

    drop(base_fee);
    let (ids, _) = stage.request(REQUESTS).await?;
    stage.until_answered(&ids).await?;
    stage.end().await
}

/// The relay account runs dry: the worker tells its operator, and settles what has waited
/// once the account is funded.
#[tokio::test]
async fn an_empty_relay_account_is_told_of_and_settles_when_refilled() -> anyhow::Result<()> {
    const LOW: &str = "relay_balance_low";
    let mut stage = Stage::start(&["--balance-floor", "1ether"], Some(Anvil::key(1))).await?;
    let is_low = async |stage: &Stage, wanted: f64| {
        until(&format!("{LOW} to be {wanted}"), async || {
            Ok((stage.metric(LOW).await? == Some(wanted)).then_some(()))
        })
        .await
    };
    is_low(&stage, 0.0).await?;
    let account = stage.relay_account().await?;
    let (poor, rich) = (U256::from(POOR_WEI), U256::from(RICH_WEI));
    stage.control.set_balance(account, poor).await?;
    let (ids, _) = stage.request(REQUESTS).await?;
    stage.until_error("fund it").await?;
    is_low(&stage, 1.0).await?;
    for id in &ids {
        ensure!(
            stage.consumer.answer(*id).await?.is_none(),
            "who paid {id}?"
        );
    }
    let health = stage.worker.client().health().await?;
    ensure!(health.ready, "calls need no gas: {:?}", health.reasons);

    stage.control.set_balance(account, rich).await?;
    stage.until_answered(&ids).await?;
    is_low(&stage, 0.0).await?;
    stage.end().await
}
