//! Endpoints of a chain that stands still, played by small servers: honest ones, and
//! ones that drop, delay, duplicate, lag and lie.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use alloy::{
    primitives::{Address, B256, U256, hex},
    sol_types::SolValue,
};
use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use phat_target_evm::{EvmConfig, EvmTarget};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// The height of the chain.
pub const HEIGHT: u64 = 1_000;
/// The next nonce of every account.
pub const NONCE: u64 = 5;
/// The consumer whose requests are on it.
pub const CONSUMER: Address = Address::repeat_byte(0xc0);

alloy::sol! {
    event Requested(
        uint256 indexed id,
        address indexed consumer,
        address indexed requester,
        bytes input,
        uint96 fee,
        uint40 expiresAt
    );
}

/// How an endpoint behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    Honest,
    /// It drops every call.
    Drops,
    /// It answers so late.
    Delays(Duration),
    /// It tells each log twice.
    Duplicates,
    /// It is so many blocks behind.
    Lags(u64),
    /// It tells of so many blocks that there are not.
    Boasts(u64),
    /// It has another hash for every block.
    LiesAboutBlocks,
    /// It hides all requests.
    LiesAboutLogs,
    /// It says of every request that it is settled.
    LiesAboutState,
    /// It says that the account has nothing, and has sent many transactions.
    LiesAboutAccount,
    /// It says that gas is dear, tips most of all.
    LiesAboutFees,
    /// It says that no call takes any gas to speak of.
    LiesAboutGas,
    /// It serves another chain.
    OtherChain,
    /// It refuses every simulation.
    Refuses,
    /// It says that it has taken a transaction, and forgets it.
    Swallows,
}

/// An endpoint.
#[derive(Clone)]
pub struct Played {
    mood: Arc<Mutex<Mood>>,
    calls: Arc<Mutex<Vec<String>>>,
    pub url: url::Url,
}

impl Played {
    /// Starts an endpoint.
    pub async fn start(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let played = Self {
            mood: Arc::new(Mutex::new(mood)),
            calls: Arc::default(),
            url: format!("http://{address}/").parse().unwrap(),
        };
        let router = Router::new()
            .route("/", post(answer))
            .with_state(played.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        played
    }

    /// What it is called in messages.
    pub fn name(&self) -> String {
        format!("127.0.0.1:{}", self.url.port().unwrap())
    }

    /// Has it behave another way.
    pub fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    /// How often a method was called.
    pub fn count(&self, method: &str) -> usize {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|call| *call == method).count()
    }
}

/// Endpoints with these moods.
pub async fn start<const N: usize>(moods: [Mood; N]) -> [Played; N] {
    let mut played = Vec::new();
    for mood in moods {
        played.push(Played::start(mood).await);
    }
    played.try_into().ok().unwrap()
}

/// An adapter that has these endpoints.
pub fn target(endpoints: &[Played], change: impl FnOnce(&mut EvmConfig)) -> EvmTarget {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut config = EvmConfig::new(1, endpoints[0].url.clone(), [1; 32]);
    config.rpcs = endpoints.iter().map(|played| played.url.clone()).collect();
    config.lag_blocks_max = 10;
    change(&mut config);
    EvmTarget::new(&config).unwrap()
}

/// The hash of a block.
pub fn block_hash(number: u64) -> B256 {
    B256::from(U256::from(number + 1))
}

async fn answer(State(played): State<Played>, Json(call): Json<Value>) -> Response {
    let mood = *played.mood.lock().unwrap();
    let method = call["method"].as_str().unwrap().to_owned();
    played.calls.lock().unwrap().push(method.clone());
    match mood {
        Mood::Drops => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Mood::Delays(time) => tokio::time::sleep(time).await,
        _ => {}
    }
    let (name, value) = match result(&method, &call["params"], mood) {
        Some(value) => ("result", value),
        None => (
            "error",
            json!({"code": -32000, "message": "it is refused here"}),
        ),
    };
    Json(json!({"jsonrpc": "2.0", "id": call["id"], name: value})).into_response()
}

fn number(value: &Value) -> u64 {
    let text = value.as_str().unwrap_or_default();
    u64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap_or(HEIGHT)
}

fn result(method: &str, params: &Value, mood: Mood) -> Option<Value> {
    let height = match mood {
        Mood::Lags(blocks) => HEIGHT - blocks,
        Mood::Boasts(blocks) => HEIGHT + blocks,
        _ => HEIGHT,
    };
    let quantity = |number: u64| Some(json!(format!("{number:#x}")));
    match method {
        "eth_chainId" if mood == Mood::OtherChain => quantity(2),
        "eth_chainId" => quantity(1),
        "eth_blockNumber" => quantity(height),
        "eth_getBlockByNumber" => {
            let number = number(&params[0]);
            let hash = match mood {
                Mood::LiesAboutBlocks => B256::repeat_byte(0xbb),
                _ => block_hash(number),
            };
            let block = json!({"number": format!("{number:#x}"), "hash": hash});
            Some(if number <= height { block } else { Value::Null })
        }
        "eth_getLogs" => Some(match mood {
            Mood::LiesAboutLogs => json!([]),
            Mood::Duplicates => json!([log(), log()]),
            _ => json!([log()]),
        }),
        "eth_call" | "eth_estimateGas" if mood == Mood::Refuses => None,
        "eth_call" => {
            let status: u64 = if mood == Mood::LiesAboutState { 2 } else { 1 };
            Some(json!(hex::encode_prefixed(U256::from(status).abi_encode())))
        }
        "eth_estimateGas" if mood == Mood::LiesAboutGas => quantity(21_000),
        "eth_estimateGas" => quantity(100_000),
        "eth_gasPrice" if mood == Mood::LiesAboutFees => quantity(8_000_000),
        "eth_gasPrice" => quantity(8_000),
        "eth_feeHistory" if mood == Mood::LiesAboutFees => Some(json!({
            "oldestBlock": "0x1",
            "baseFeePerGas": ["0xffffff", "0xffffff"],
            "gasUsedRatio": [0.5],
            "reward": [["0xffffffff"]],
        })),
        "eth_feeHistory" => Some(json!({
            "oldestBlock": "0x1",
            "baseFeePerGas": ["0x3e8", "0x3e8"],
            "gasUsedRatio": [0.5],
            "reward": [["0x64"]],
        })),
        "eth_getBalance" if mood == Mood::LiesAboutAccount => quantity(0),
        "eth_getBalance" => quantity(77),
        "eth_getTransactionCount" if mood == Mood::LiesAboutAccount => quantity(1_000),
        "eth_getTransactionCount" => quantity(NONCE),
        "eth_sendRawTransaction" => Some(json!(B256::repeat_byte(9))),
        "eth_getTransactionReceipt" | "eth_getTransactionByHash" => Some(Value::Null),
        _ => None,
    }
}

/// The log of the one request.
fn log() -> Value {
    use alloy::sol_types::SolEvent;
    let event = Requested {
        id: U256::from(1),
        consumer: CONSUMER,
        requester: Address::repeat_byte(2),
        input: b"question".to_vec().into(),
        fee: alloy::primitives::Uint::from(5),
        expiresAt: alloy::primitives::Uint::from(6),
    };
    let data = event.encode_log_data();
    json!({
        "address": CONSUMER,
        "topics": data.topics(),
        "data": data.data,
        "blockNumber": "0x5",
        "blockHash": block_hash(5),
        "transactionHash": B256::repeat_byte(8),
        "transactionIndex": "0x0",
        "logIndex": "0x0",
        "removed": false,
    })
}
