//! A chain with a LensStats consumer on it, and calls that only tests make.

use std::{slice, time::Duration};

use alloy::{
    primitives::{U64, U256},
    rpc::{client::RpcClient, json_rpc::RpcSend},
    sol_types::SolValue,
    transports::http::Http,
};
use phat_target::{
    PreparedTransaction, RequestStatus, Rollup, SignedRollup, Target, TargetError,
    TransactionStatus,
};
use phat_target_evm::{Address, EvmConfig, EvmTarget, attestor, commitment, deploy::Deployer};
use phat_testing_fixtures::anvil::{Anvil, AnvilOptions};
use tokio::time::timeout;

/// The key of the Phat Contract, whose address is the attestor.
pub const CONTRACT_KEY: [u8; 32] = [0x42; 32];

/// Which of anvil's accounts owns consumers and asks.
const DEPLOYER: usize = 0;

/// The profile that is asked for.
pub const PROFILE: &str = "0x01";

/// How often a transaction that waits is looked for.
const POLL: Duration = Duration::from_millis(10);
/// How long a transaction may wait.
const INCLUSION_TIME_MAX: Duration = Duration::from_secs(30);

/// Everything a test needs.
pub struct World {
    pub anvil: Anvil,
    pub target: EvmTarget,
    pub deployer: Deployer,
    pub consumer: Address,
}

impl World {
    /// A chain that makes a block for each transaction.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The same, with another configuration of the adapter.
    pub async fn with(change: impl FnOnce(&mut EvmConfig)) -> Self {
        let anvil = Anvil::spawn(&AnvilOptions::default()).await.unwrap();
        let mut config = config(&anvil, 1);
        change(&mut config);
        let deployer = deployer(&anvil);
        let consumer = deploy(&deployer).await;
        Self {
            target: EvmTarget::new(&config).unwrap(),
            anvil,
            deployer,
            consumer,
        }
    }

    /// The consumer as the adapter's trait takes it.
    pub fn anchor(&self) -> &[u8] {
        self.consumer.as_slice()
    }

    /// Asks for a profile; returns the request's number.
    pub async fn ask(&self) -> [u8; 32] {
        ask(&self.deployer, self.consumer).await
    }

    /// What has become of a request.
    pub async fn request_status(&self, number: [u8; 32]) -> RequestStatus {
        self.target
            .request_status(self.anchor(), number)
            .await
            .unwrap()
    }

    /// An outcome signed by the Phat Contract.
    pub async fn sign(&self, rollup: Rollup) -> SignedRollup {
        self.target
            .sign(self.anchor(), rollup, &CONTRACT_KEY)
            .await
            .unwrap()
    }

    /// An outcome that answers request `number` of [`ask`](Self::ask).
    pub fn answer(&self, number: [u8; 32]) -> Rollup {
        answer(self.consumer, number)
    }

    /// Prepares a settlement with the next nonce.
    pub async fn prepare(&self, signed: &SignedRollup) -> Result<PreparedTransaction, TargetError> {
        let nonce = self.target.next_nonce().await?;
        self.target
            .prepare(self.anchor(), slice::from_ref(signed), nonce, None)
            .await
    }

    /// Prepares and sends a settlement, and waits until it is in a block.
    pub async fn settle(&self, rollup: Rollup) -> PreparedTransaction {
        let prepared = self.prepare(&self.sign(rollup).await).await.unwrap();
        send(&self.target, &prepared).await;
        prepared
    }

    /// What has become of a transaction.
    pub async fn status(&self, transaction: &PreparedTransaction) -> TransactionStatus {
        self.target
            .transaction_status(transaction.hash)
            .await
            .unwrap()
    }

    /// Calls a method of anvil's own.
    pub async fn rpc(&self, method: &'static str, params: impl RpcSend) -> serde_json::Value {
        rpc(&self.anvil, method, params).await
    }

    /// Makes blocks.
    pub async fn mine(&self, blocks: u64) {
        self.rpc("anvil_mine", (U64::from(blocks),)).await;
    }

    /// Sets whether each transaction gets a block at once.
    pub async fn set_automine(&self, on: bool) {
        self.rpc("evm_setAutomine", (on,)).await;
    }
}

/// Calls a method of anvil's own.
pub async fn rpc(anvil: &Anvil, method: &'static str, params: impl RpcSend) -> serde_json::Value {
    let http = Http::with_client(reqwest::Client::new(), anvil.url().parse().unwrap());
    RpcClient::new(http, true)
        .request(method, params)
        .await
        .unwrap()
}

/// Sends a transaction and waits until it is in a block: anvil makes the block
/// after it has answered. Returns where the transaction ended.
pub async fn send(target: &EvmTarget, transaction: &PreparedTransaction) -> TransactionStatus {
    target.send(transaction).await.unwrap();
    let included = async {
        loop {
            let status = target.transaction_status(transaction.hash).await.unwrap();
            if matches!(status, TransactionStatus::Included { .. }) {
                return status;
            }
            tokio::time::sleep(POLL).await;
        }
    };
    timeout(INCLUSION_TIME_MAX, included).await.unwrap()
}

/// An outcome that answers request `number` of [`ask`] at a consumer with some
/// followers.
pub fn answer(consumer: Address, number: [u8; 32]) -> Rollup {
    Rollup {
        number,
        commitment: commitment(consumer, asker(), &PROFILE.abi_encode(), 0, None).0,
        success: true,
        output: (U256::ZERO, U256::from(31_337)).abi_encode(),
        reads: vec![],
        writes: vec![],
    }
}

/// A configuration for anvil with one of its accounts.
pub fn config(anvil: &Anvil, account: usize) -> EvmConfig {
    // Another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    EvmConfig::new(
        anvil.chain_id(),
        anvil.url().parse().unwrap(),
        Anvil::key(account),
    )
}

/// The account that owns consumers and asks.
pub fn deployer(anvil: &Anvil) -> Deployer {
    Deployer::new(&config(anvil, DEPLOYER)).unwrap()
}

/// The address of [`deployer`].
fn asker() -> Address {
    attestor(&Anvil::key(DEPLOYER)).unwrap()
}

/// A new consumer that accepts outcomes of the Phat Contract.
pub async fn deploy(deployer: &Deployer) -> Address {
    let attestors = vec![attestor(&CONTRACT_KEY).unwrap()];
    let deployed = deployer
        .deploy_lens_stats(deployer.address(), attestors)
        .await;
    deployed.unwrap().address
}

/// Asks a consumer for a profile; returns the request's number.
pub async fn ask(deployer: &Deployer, consumer: Address) -> [u8; 32] {
    let requested = deployer.request_lens_stats(consumer, PROFILE).await;
    requested.unwrap().id.to_be_bytes()
}
