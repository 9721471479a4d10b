//! Where an anchor settled a request, as a bundle says.

use anyhow::{Context, Result, bail, ensure};
use phat_receipt::{Origin, ReceiptBody, RunResult};
use phat_worker_client::HexBytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::args::EvmRpc;

/// The first topic of an anchor's `Settled(uint256,bool,address)`: the Keccak-256 hash of that.
const SETTLED: [u8; 32] = [
    0x09, 0xfa, 0x98, 0xd4, 0xe6, 0xdf, 0x9d, 0x79, 0x33, 0xcb, 0x98, 0xb2, 0xd1, 0x98, 0x32, 0x48,
    0x95, 0x1f, 0xdc, 0x99, 0xea, 0x49, 0x51, 0x6d, 0xb8, 0x04, 0x9c, 0x2c, 0x69, 0xd9, 0x50, 0x99,
];

/// The longest answer of an EVM node that is read.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The log entry by which an anchor says that it settled a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settlement {
    /// The chain as CAIP-2 has it, such as `eip155:1`.
    pub chain: String,
    /// The block's number.
    pub block_number: u64,
    /// The block's hash.
    pub block_hash: HexBytes,
    /// The transaction's hash.
    pub transaction: HexBytes,
    /// The contract that logged it.
    pub address: HexBytes,
    /// The entry's topics.
    pub topics: Vec<HexBytes>,
    /// The entry's data.
    pub data: HexBytes,
}

/// A log entry as EVM nodes write it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LogJson {
    block_number: String,
    block_hash: HexBytes,
    transaction_hash: HexBytes,
    address: HexBytes,
    topics: Vec<HexBytes>,
    data: HexBytes,
}

impl Settlement {
    /// Asks an EVM node where the receipt's request was settled; `None` if it is not yet.
    pub async fn find(body: &ReceiptBody, rpc: &EvmRpc) -> Result<Option<Self>> {
        let Origin::Anchor {
            chain,
            anchor,
            number,
            block,
        } = &body.origin
        else {
            bail!(
                "the receipt is of a call over HTTP, or of a trigger without a reply, which no \
                 chain settles: leave out --evm-rpc"
            );
        };
        let asked = format!("eip155:{}", rpc.chain_id);
        ensure!(
            *chain == asked,
            "the request is on {chain}: give --evm-rpc {chain}=URL, and not {asked}"
        );
        let is = ask(rpc, "eth_chainId", json!([])).await?;
        let is = is.as_str().and_then(quantity);
        ensure!(
            is == Some(rpc.chain_id),
            "{} is not a node of {asked}",
            rpc.url
        );
        let filter = json!([{
            "address": HexBytes(anchor.clone()),
            "topics": [HexBytes(SETTLED.to_vec()), HexBytes(number.to_vec())],
            "fromBlock": format!("{block:#x}"),
        }]);
        let logs = ask(rpc, "eth_getLogs", filter).await?;
        let logs: Vec<LogJson> = serde_json::from_value(logs)
            .with_context(|| format!("{} gave no log entries", rpc.url))?;
        let Some(log) = logs.into_iter().next() else {
            return Ok(None);
        };
        let block_number = quantity(&log.block_number).context("a log entry is in no block")?;
        Ok(Some(Self {
            chain: asked,
            block_number,
            block_hash: log.block_hash,
            transaction: log.transaction_hash,
            address: log.address,
            topics: log.topics,
            data: log.data,
        }))
    }

    /// Whether this could be the settlement of the receipt's request. Whether it is one, only the
    /// chain can tell.
    pub fn check(&self, body: &ReceiptBody) -> Result<String, String> {
        let Origin::Anchor {
            chain,
            anchor,
            number,
            ..
        } = &body.origin
        else {
            return Err(
                "the receipt is of a call over HTTP, or of a trigger without a reply, which no \
                 chain settles"
                    .into(),
            );
        };
        let succeeded = u8::from(body.result == RunResult::Succeeded);
        let mut data = [0; 32];
        data[31] = succeeded;
        let topics: Vec<_> = self
            .topics
            .iter()
            .take(2)
            .map(|topic| &topic.0[..])
            .collect();
        let same = [
            ("chain", self.chain == *chain),
            ("anchor", self.address.0 == *anchor),
            ("event or request", topics == [&SETTLED[..], &number[..]]),
            ("result", self.data.0 == data),
        ];
        match same.iter().find(|(_, is_same)| !is_same) {
            Some((what, _)) => Err(format!("it is of another {what} than the receipt")),
            None => Ok(format!(
                "the bundle names transaction {} in block {}; ask {} whether it is there",
                self.transaction, self.block_number, self.chain
            )),
        }
    }
}

/// What an EVM node answers to a call.
async fn ask(rpc: &EvmRpc, method: &str, params: Value) -> Result<Value> {
    let at = || format!("{method} at {}", rpc.url);
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let client = crate::http::client()?.build()?;
    let mut answer = client
        .post(rpc.url.clone())
        .json(&request)
        .send()
        .await
        .with_context(at)?;
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await.with_context(at)? {
        bytes.extend_from_slice(&piece);
        ensure!(
            bytes.len() <= ANSWER_BYTES_MAX,
            "{}: the answer has more than {ANSWER_BYTES_MAX} bytes",
            at()
        );
    }
    let answer: Value = serde_json::from_slice(&bytes).with_context(at)?;
    match answer.get("result") {
        Some(result) => Ok(result.clone()),
        None => bail!("{}: the node refused: {}", at(), answer["error"]),
    }
}

/// A number as EVM nodes write it.
fn quantity(text: &str) -> Option<u64> {
    u64::from_str_radix(text.strip_prefix("0x")?, 16).ok()
}
