//! Answers that are too old, or that are not so.

use alloy::primitives::{B256, U256, hex, keccak256};
use serde_json::{Value, json};

use super::Proxy;

/// The next nonce of every account, as a lie has it.
const NONCE: u64 = 1_000;
/// The price per unit of gas that a lie has: 10 000 gwei.
const PRICE_WEI: u64 = 10_000_000_000_000;
/// The gas that a lie has a call take: that of a transfer.
const GAS: u64 = 21_000;

/// What an endpoint lies about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Every transaction that is in no block is in the newest one, and every other one has
    /// reverted.
    Receipts,
    /// Each log is of a request that nobody has made.
    Logs,
    /// What is open is settled: a call that gives 1 gives 2.
    State,
    /// Nobody has anything.
    Balances,
    /// Each account has sent more transactions than it has.
    Nonces,
    /// Gas is dear, and so are tips.
    Fees,
    /// Calls take little gas, whether they go through or not.
    Gas,
    /// A transaction is taken, which the node never gets.
    Sends,
}

/// An answer, and whether it is another one than the node's.
type Forged = anyhow::Result<(Value, bool)>;

impl Proxy {
    /// The answer of an endpoint that is so many blocks behind.
    pub(super) async fn stale(&self, method: &str, mut call: Value, blocks: u64) -> Forged {
        let newest = number(&self.ask("eth_blockNumber", json!([])).await?).unwrap_or(0);
        let head = newest.saturating_sub(blocks);
        if method == "eth_blockNumber" {
            return Ok((answer(&call, json!(quantity(head))), head != newest));
        }
        let mut is_changed = false;
        let params = call.get_mut("params").and_then(Value::as_array_mut);
        // The block comes first or last, and nothing else looks like one.
        for param in params.into_iter().flatten() {
            if matches!(param.as_str(), Some("latest" | "pending")) {
                *param = json!(quantity(head));
                is_changed = true;
            }
        }
        let wanted = match method {
            "eth_getBlockByNumber" => number(&call["params"][0]),
            "eth_call" | "eth_getBalance" => number(&call["params"][1]),
            _ => None,
        };
        if wanted.is_some_and(|wanted| wanted > head) {
            if method == "eth_getBlockByNumber" {
                return Ok((answer(&call, Value::Null), true));
            }
            let error = json!({"code": -32_000, "message": "unknown block"});
            return Ok((
                json!({"jsonrpc": "2.0", "id": call["id"], "error": error}),
                true,
            ));
        }
        let mut found = self.pass(&call).await?;
        let is_new = |at: &Value| number(&at["blockNumber"]).is_some_and(|block| block > head);
        let Some(result) = found.get_mut("result") else {
            return Ok((found, is_changed));
        };
        match method {
            "eth_getTransactionReceipt" if is_new(&*result) => {
                *result = Value::Null;
                is_changed = true;
            }
            "eth_getTransactionByHash" if is_new(&*result) => {
                for field in ["blockHash", "blockNumber", "transactionIndex"] {
                    result[field] = Value::Null;
                }
                is_changed = true;
            }
            "eth_getLogs" => {
                if let Some(logs) = result.as_array_mut() {
                    let before = logs.len();
                    logs.retain(|log| !is_new(log));
                    is_changed = logs.len() != before;
                }
            }
            _ => {}
        }
        Ok((found, is_changed))
    }

    /// The answer of an endpoint that lies. Where it need not ask the node, it is faster
    /// than those that do.
    pub(super) async fn lie(&self, method: &str, call: Value, lie: Lie) -> Forged {
        if let Some(invented) = invented(method, &call, lie)? {
            return Ok((answer(&call, invented), true));
        }
        let found = self.pass(&call).await?;
        let forged = match (method, lie) {
            ("eth_getTransactionReceipt", Lie::Receipts) => {
                Some(self.receipt(&call, &found["result"]).await?)
            }
            ("eth_getLogs", Lie::Logs) => logs(&found["result"]),
            ("eth_call", Lie::State) => {
                let word = |number: u64| json!(B256::from(U256::from(number)));
                (found["result"] == word(1)).then(|| word(2))
            }
            _ => None,
        };
        Ok(match forged {
            Some(forged) => (answer(&call, forged), true),
            None => (found, false),
        })
    }

    /// Another receipt than the node's.
    async fn receipt(&self, call: &Value, known: &Value) -> anyhow::Result<Value> {
        if !known.is_null() {
            let mut reverted = known.clone();
            reverted["status"] = json!("0x0");
            reverted["logs"] = json!([]);
            return Ok(reverted);
        }
        let params = json!(["latest", false]);
        let newest = self.ask("eth_getBlockByNumber", params).await?;
        Ok(json!({
            "transactionHash": call["params"][0],
            "transactionIndex": "0x0",
            "blockNumber": newest["number"],
            "blockHash": newest["hash"],
            "gasUsed": quantity(GAS),
            "cumulativeGasUsed": quantity(GAS),
            "status": "0x1",
            "contractAddress": null,
            "logs": [],
        }))
    }
}

/// What needs no node: `None` where a lie does.
fn invented(method: &str, call: &Value, lie: Lie) -> anyhow::Result<Option<Value>> {
    let price = || quantity(PRICE_WEI);
    Ok(match (method, lie) {
        ("eth_sendRawTransaction", Lie::Sends) => {
            let raw = hex::decode(call["params"][0].as_str().unwrap_or_default())?;
            Some(json!(keccak256(raw)))
        }
        ("eth_getBalance", Lie::Balances) => Some(json!("0x0")),
        ("eth_getTransactionCount", Lie::Nonces) => Some(json!(quantity(NONCE))),
        ("eth_gasPrice" | "eth_maxPriorityFeePerGas", Lie::Fees) => Some(json!(price())),
        ("eth_feeHistory", Lie::Fees) => Some(json!({
            "oldestBlock": "0x1",
            "baseFeePerGas": [price(), price()],
            "gasUsedRatio": [0.5],
            "reward": [[price()]],
        })),
        ("eth_estimateGas", Lie::Gas) => Some(json!(quantity(GAS))),
        _ => None,
    })
}

/// The logs with another id in each; `None` if there are none.
fn logs(found: &Value) -> Option<Value> {
    let mut logs = found.as_array()?.clone();
    for log in &mut logs {
        let id = log["topics"].get_mut(1)?;
        *id = json!(B256::repeat_byte(0x77));
    }
    (!logs.is_empty()).then(|| Value::Array(logs))
}

/// The answer to a call with this result.
fn answer(call: &Value, result: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": call["id"], "result": result})
}

fn quantity(number: u64) -> String {
    format!("{number:#x}")
}

/// A quantity as JSON-RPC writes it; `None` for anything else.
fn number(value: &Value) -> Option<u64> {
    let digits = value.as_str()?.strip_prefix("0x")?;
    u64::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_and_nothing_else_is() {
        assert_eq!(number(&json!(quantity(300))), Some(300));
        for other in [json!("latest"), json!({"blockHash": "0x1"}), Value::Null] {
            assert_eq!(number(&other), None, "{other}");
        }
    }

    #[test]
    fn logs_are_forged_where_there_are_any() {
        assert_eq!(logs(&json!([])), None);
        let forged = logs(&json!([{"topics": ["0x01", "0x02"], "data": "0x03"}]));
        let forged = forged.unwrap();
        assert_eq!(forged[0]["topics"][0], "0x01");
        assert_ne!(forged[0]["topics"][1], "0x02");
    }
}
