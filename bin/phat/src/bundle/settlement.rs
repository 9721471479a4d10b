//! Where an anchor settled a request, as a bundle says.

use anyhow::{Context, Result, bail, ensure};
use phat_receipt::{Origin, ReceiptBody, RunResult};
use phat_worker_client::HexBytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::args::EvmRpc;

/// The first topic of an anchor's `Settled(uint256,address,address,bool,bool)`: the Keccak-256
/// hash of that. The request's id, the consumer and the relayer are topics as well.
const SETTLED: [u8; 32] = [
    0x74, 0x15, 0x01, 0xb5, 0xae, 0xd9, 0x9f, 0xba, 0x86, 0xa0, 0xb4, 0x3c, 0x43, 0x12, 0xbf, 0x06,
    0x08, 0xbc, 0xf5, 0x6a, 0xf1, 0x6f, 0xda, 0x98, 0x21, 0x88, 0x09, 0x68, 0xf8, 0x63, 0x5c, 0x94,
];

/// The bytes of an address.
const ADDRESS_BYTES: usize = 20;

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
        let (contract, consumer) = parts(anchor).context(
            "the consumer has the older rollup interface, whose settlements name no request: leave \
             out --evm-rpc",
        )?;
        let topics = [SETTLED, *number, word(&consumer)].map(|topic| HexBytes(topic.to_vec()));
        let filter = json!([{
            "address": HexBytes(contract.to_vec()),
            "topics": topics,
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
        let Some((contract, consumer)) = parts(anchor) else {
            return Err("settlements by the older rollup interface name no request".into());
        };
        // The second word says whether the consumer took the outcome.
        let results = [0, 1].map(|delivered| [word(&[succeeded]), word(&[delivered])].concat());
        let topics: Vec<_> = self
            .topics
            .iter()
            .take(3)
            .map(|topic| &topic.0[..])
            .collect();
        let expected = [SETTLED, *number, word(&consumer)];
        let same = [
            ("chain", self.chain == *chain),
            ("anchor", self.address.0 == contract),
            ("event, request or consumer", topics == expected),
            ("result", results.contains(&self.data.0)),
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

/// The contract that settles at an anchor, and the consumer: the same where the consumer inherits
/// the anchor. `None` for a consumer with the older rollup interface.
fn parts(anchor: &[u8]) -> Option<([u8; ADDRESS_BYTES], [u8; ADDRESS_BYTES])> {
    let (contract, consumer) = match anchor.len() {
        ADDRESS_BYTES => (anchor, anchor),
        length if length == 2 * ADDRESS_BYTES => anchor.split_at(ADDRESS_BYTES),
        _ => return None,
    };
    Some((contract.try_into().ok()?, consumer.try_into().ok()?))
}

/// Bytes at the end of a word of 32.
fn word(bytes: &[u8]) -> [u8; 32] {
    let mut word = [0; 32];
    let start = word.len().saturating_sub(bytes.len());
    for (place, byte) in word.iter_mut().skip(start).zip(bytes) {
        *place = *byte;
    }
    word
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
