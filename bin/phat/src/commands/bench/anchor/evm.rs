//! The EVM node that anchors are measured on, which is anvil.

use std::{fs, path::Path, time::Duration};

use alloy::{
    primitives::{Address, B256, Bytes, U64, U256},
    rpc::{
        client::RpcClient,
        json_rpc::{RpcRecv, RpcSend},
        types::{Filter, Log},
    },
    sol_types::{SolCall, SolEvent},
    transports::http::Http,
};
use anyhow::{Context, Result};
use phat_target_evm::EvmConfig;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::{
    commands::dev::{arguments, ready},
    http,
    network::{Process, Program},
    output::Output,
};

/// The EIP-155 id of the chain.
pub const CHAIN_ID: u64 = 31_337;
/// The time between two blocks where they come by themselves, in seconds.
pub const BLOCK_S: u64 = 1;

/// What anvil prints before its address once it accepts connections.
const LISTENING: &str = "Listening on ";
/// Time for an answer of anvil, which may be busy making a block.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
/// What an account is given: 100 ether, in wei.
const FUNDS_WEI: u128 = 100_000_000_000_000_000_000;
/// The gas that a submitted call may use; requests use less than half of it.
const CALL_GAS_MAX: u64 = 400_000;
/// What a submitted call pays for gas at the most, in wei: far above what anvil asks for.
const FEE_PER_GAS_MAX: u64 = 100_000_000_000;
/// What it pays above the base fee, in wei.
const TIP_PER_GAS: u64 = 1_000_000_000;

/// When anvil makes blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocks {
    /// One for each transaction, at once.
    ForEachTransaction,
    /// One every [`BLOCK_S`] seconds.
    ByTime,
}

/// A running anvil. It is killed when this is dropped.
pub struct Anvil {
    /// The process.
    pub process: Process,
    /// What it serves.
    pub evm: Evm,
}

/// The JSON-RPC interface of an anvil.
#[derive(Clone)]
pub struct Evm {
    url: Url,
    client: RpcClient,
}

/// What is read of a block.
#[derive(Debug, Deserialize)]
struct Header {
    timestamp: U64,
}

impl Anvil {
    /// Starts the program with its log in `folder`, and waits until it listens.
    pub async fn start(
        program: &Path,
        folder: &Path,
        blocks: Blocks,
        output: &mut Output<'_>,
    ) -> Result<Self> {
        let mut arguments = arguments(["--host", "127.0.0.1", "--port", "0", "--chain-id"]);
        arguments.push(CHAIN_ID.to_string().into());
        if blocks == Blocks::ByTime {
            arguments.extend(["--block-time".into(), BLOCK_S.to_string().into()]);
        }
        let program = Program {
            name: "anvil",
            path: program.to_owned(),
            arguments,
        };
        let mut process = Process::start(&program, folder)?;
        let log = process.log().to_owned();
        let url = ready("anvil", &mut process, output, async || {
            let text = fs::read_to_string(&log).unwrap_or_default();
            let url = listening(&text);
            url.ok_or_else(|| "its log does not name its address yet".to_owned())
        })
        .await?;
        Ok(Self {
            process,
            evm: Evm::new(url)?,
        })
    }
}

/// Where anvil listens, once its log says so in a whole line.
fn listening(log: &str) -> Option<Url> {
    let (_, rest) = log.split_once(LISTENING)?;
    let (address, _) = rest.split_once('\n')?;
    format!("http://{}", address.trim()).parse().ok()
}

impl Evm {
    fn new(url: Url) -> Result<Self> {
        let http = http::client()?.timeout(ANSWER_TIME_MAX).build()?;
        let client = RpcClient::new(Http::with_client(http, url.clone()), true);
        Ok(Self { url, client })
    }

    /// Its URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The adapter's configuration for an account with this key.
    pub fn config(&self, key: [u8; 32]) -> EvmConfig {
        EvmConfig::new(CHAIN_ID, self.url.clone(), key)
    }

    /// The program's name and version.
    pub async fn version(&self) -> Result<String> {
        self.call("web3_clientVersion", ()).await
    }

    /// Gives an account something to pay with.
    pub async fn fund(&self, account: Address) -> Result<()> {
        let params = (account, U256::from(FUNDS_WEI));
        let _: Value = self.call("anvil_setBalance", params).await?;
        Ok(())
    }

    /// Lets blocks come every so many seconds; with 0, none comes.
    pub async fn set_block_time(&self, seconds: u64) -> Result<()> {
        let _: Value = self.call("evm_setIntervalMining", (seconds,)).await?;
        Ok(())
    }

    /// The number of the newest block.
    pub async fn height(&self) -> Result<u64> {
        let height: U64 = self.call("eth_blockNumber", ()).await?;
        Ok(height.to())
    }

    /// The time of a block, in seconds since 1970.
    pub async fn time_of(&self, block: u64) -> Result<u64> {
        let params = (U64::from(block), false);
        let header: Option<Header> = self.call("eth_getBlockByNumber", params).await?;
        let header = header.with_context(|| format!("anvil has no block {block}"))?;
        Ok(header.timestamp.to())
    }

    /// An account whose key anvil has, and which it has given enough.
    pub async fn own_account(&self) -> Result<Address> {
        let accounts: Vec<Address> = self.call("eth_accounts", ()).await?;
        accounts.first().copied().context("anvil has no account")
    }

    /// The next nonce of an account, with what waits.
    pub async fn nonce(&self, account: Address) -> Result<u64> {
        let params = (account, "pending");
        let nonce: U64 = self.call("eth_getTransactionCount", params).await?;
        Ok(nonce.to())
    }

    /// Puts a call of an account of anvil's own into the pool, and does not wait for its block.
    pub async fn submit(
        &self,
        from: Address,
        nonce: u64,
        to: Address,
        call: &impl SolCall,
    ) -> Result<()> {
        let transaction = json!({
            "from": from,
            "to": to,
            "nonce": U64::from(nonce),
            "gas": U64::from(CALL_GAS_MAX),
            "maxFeePerGas": U64::from(FEE_PER_GAS_MAX),
            "maxPriorityFeePerGas": U64::from(TIP_PER_GAS),
            "input": Bytes::from(call.abi_encode()),
        });
        let _: B256 = self.call("eth_sendTransaction", (transaction,)).await?;
        Ok(())
    }

    /// The events of one kind that a contract has emitted since a block, each with its block.
    pub async fn events<E: SolEvent>(&self, contract: Address, from: u64) -> Result<Vec<(u64, E)>> {
        let filter = Filter::new()
            .address(contract)
            .event_signature(E::SIGNATURE_HASH)
            .from_block(from);
        let logs: Vec<Log> = self.call("eth_getLogs", (filter,)).await?;
        let events = logs.iter().map(|log| -> Result<(u64, E)> {
            let block = log
                .block_number
                .context("anvil tells of a log in no block")?;
            Ok((block, E::decode_log(&log.inner)?.data))
        });
        events.collect()
    }

    async fn call<R: RpcRecv>(&self, method: &'static str, params: impl RpcSend) -> Result<R> {
        let answer = self.client.request(method, params).await;
        answer.with_context(|| format!("anvil does not answer {method}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_read_once_its_line_is_whole() {
        let check = |log: &str, expected: Option<&str>| {
            let found = listening(log).map(|url| url.to_string());
            assert_eq!(found.as_deref(), expected, "{log:?}");
        };
        check("", None);
        check("Private Keys\nListening on 127.0.0.1:4", None);
        check(
            "Private Keys\n\nListening on 127.0.0.1:41234\n",
            Some("http://127.0.0.1:41234/"),
        );
        check("Listening on nowhere at all\n", None);
    }
}
