//! What each path answers.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, RawQuery, State, rejection::BytesRejection},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use codec::Encode;
use phat_engine::NoKeyValue;
use phat_http_server::{MemoryBudget, hold};
use phat_primitives::{ContractId, ReceiptHash, RequestId, blake2_256};
use phat_receipt::Origin;
use phat_worker_client::{
    CALL_INPUT_BYTES_MAX, CallAnswer, CallBody, ChainInfo, ContractInfo, Health, HexBytes,
    Inclusion, Info, LogsPage, RequestsPage, TargetInfo,
};
use phat_worker_core::scheduler::Class;
use rand::TryRngCore;

use super::{Api, ApiError, CallPlaces, view};
use crate::{
    contracts::{Contract, Snapshot},
    executor::Job,
    journal::{Step, StoredLine},
};

/// Lines of a log in one answer.
const LINES_MAX: usize = 1_000;
/// Bytes of the lines in one answer; a line that is longer comes alone.
const LINES_BYTES_MAX: usize = 1024 * 1024;
/// What a byte of a log takes in memory: itself, and at worst `\u0000` in JSON.
const LINE_MEMORY_FACTOR: u64 = 7;
/// What a byte of a receipt takes in memory: as it is read, as it is decoded, and
/// as two digits in JSON.
const RECEIPT_MEMORY_FACTOR: u64 = 4;
/// Requests in one answer.
const REQUESTS_MAX: usize = 200;
/// Separates ids of calls from those of other requests.
const CALL_DOMAIN: &[u8] = b"phat/call/1";
/// What JSON is called.
const JSON_TYPE: &str = "application/json";
/// What Prometheus calls the form that it reads.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Answer<T> = Result<Json<T>, ApiError>;
type Shared = State<Arc<Api>>;

pub async fn call(
    State(api): Shared,
    State(places): State<CallPlaces>,
    Path(id): Path<String>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let id: ContractId = parse(&id)?;
    let body: CallBody = serde_json::from_slice(&body?)
        .map_err(|error| ApiError::bad_request(format!("the body: {error}")))?;
    let input = body.input.0;
    if input.len() > CALL_INPUT_BYTES_MAX {
        return Err(ApiError::too_large(CALL_INPUT_BYTES_MAX));
    }
    if api.shutdown.is_requested() {
        return Err(ApiError::stopping());
    }
    served(&api, id)?;
    let Ok(place) = places.0.try_acquire_owned() else {
        return Err(ApiError::busy());
    };
    let entered = api.executor.enter(Class::Call, id)?;
    let turn = entered.begin().await?;
    // As it is by now: the call may have waited for long.
    let (snapshot, contract) = served(&api, id)?;
    if api.journal.failure().is_some() {
        // Work whose receipt cannot be kept is not begun.
        api.journal.on_thread(|journal| journal.probe()).await?;
    }
    let job = Job {
        request: call_id(id, &input)?,
        contract,
        input,
        origin: Origin::Http,
        kv: Arc::new(NoKeyValue),
    };
    let request = job.request;
    let ran = api.executor.run(job, snapshot.genesis_hash, turn).await?;
    let signed = ran.stored.receipt.clone();
    let output = ran.stored.output.clone();
    let lines = first_page(&ran.lines);
    let step = Step {
        receipt: Some(ran.stored),
        lines: Some((id, ran.lines)),
        ..Step::default()
    };
    let kept = api.journal.on_thread(move |journal| journal.write(&step));
    if let Err(error) = kept.await {
        api.metrics.journal_errors.inc();
        return Err(error.into());
    }
    let answer = CallAnswer {
        request,
        output: HexBytes(output),
        success: ran.success,
        receipt: signed.hash(),
        fuel_used: signed.body.fuel_used,
        signed,
        logs: lines.into_iter().map(|line| view::line(0, line)).collect(),
    };
    Ok(hold(Json(answer).into_response(), place))
}

/// The first lines, as many as one answer holds.
fn first_page(lines: &[StoredLine]) -> Vec<StoredLine> {
    let mut bytes = 0;
    let page = lines.iter().take(LINES_MAX).take_while(|line| {
        let is_first = bytes == 0;
        bytes += line.encoded_size();
        is_first || bytes <= LINES_BYTES_MAX
    });
    page.cloned().collect()
}

pub async fn contract(State(api): Shared, Path(id): Path<String>) -> Answer<ContractInfo> {
    let snapshot = api.snapshot()?;
    let id = parse(&id)?;
    let contract = find(&snapshot, id)?;
    let mut info = view::contract(&contract, api.cluster);
    info.errors.extend(api.health.contract_reasons(id));
    Ok(Json(info))
}

pub async fn logs(
    State(api): Shared,
    State(memory): State<MemoryBudget>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let id: ContractId = parse(&id)?;
    let after = match parameter(query.as_deref(), "after")? {
        Some(text) => text
            .parse()
            .map_err(|_| ApiError::bad_request(format!("after={text} is not a number")))?,
        None => 0,
    };
    let lines = api
        .journal
        .on_thread(move |journal| journal.lines(id, after, LINES_MAX, LINES_BYTES_MAX))
        .await?;
    let bytes: usize = lines.iter().map(|(_, line)| line.encoded_size()).sum();
    let Some(share) = memory.take(bytes as u64 * LINE_MEMORY_FACTOR) else {
        return Err(ApiError::busy());
    };
    let next = lines.last().map_or(after, |(number, _)| *number);
    let lines = lines
        .into_iter()
        .map(|(number, line)| view::line(number, line));
    let page = LogsPage {
        logs: lines.collect(),
        next,
    };
    Ok(hold(Json(page).into_response(), share))
}

pub async fn requests(State(api): Shared, RawQuery(query): RawQuery) -> Answer<RequestsPage> {
    let contract = match parameter(query.as_deref(), "contract")? {
        Some(text) => Some(parse(&text)?),
        None => None,
    };
    let records = api
        .journal
        .on_thread(move |journal| journal.newest(contract, REQUESTS_MAX))
        .await?;
    let requests = records.into_iter().map(view::request).collect();
    Ok(Json(RequestsPage { requests }))
}

pub async fn receipt(
    State(api): Shared,
    State(memory): State<MemoryBudget>,
    Path(hash): Path<String>,
) -> Result<Response, ApiError> {
    let hash: ReceiptHash = parse(&hash)?;
    let missing = || {
        ApiError::not_found(format!(
            "this worker has no receipt {hash}: it never had it or keeps it no more"
        ))
    };
    let bytes = api
        .journal
        .on_thread(move |journal| journal.receipt_bytes(hash))
        .await?
        .ok_or_else(missing)?;
    // The memory is there before the receipt is read.
    let Some(share) = memory.take(bytes * RECEIPT_MEMORY_FACTOR) else {
        return Err(ApiError::busy());
    };
    let json = api
        .journal
        .on_thread(move |journal| {
            let stored = journal.receipt(hash)?;
            Ok(stored.map(|stored| view::json(&view::bundle(stored), 2 * bytes)))
        })
        .await?
        .ok_or_else(missing)?
        .map_err(|error| ApiError::unavailable("receipt", error.to_string()))?;
    Ok(hold(
        ([(CONTENT_TYPE, JSON_TYPE)], json).into_response(),
        share,
    ))
}

pub async fn inclusion(State(api): Shared, Path(hash): Path<String>) -> Answer<Inclusion> {
    let hash: ReceiptHash = parse(&hash)?;
    let found = api
        .journal
        .on_thread(move |journal| journal.inclusion(hash))
        .await?;
    let found = found.ok_or_else(|| {
        ApiError::not_found(format!(
            "this worker has published no batch with the receipt {hash} yet, or remembers it no \
             more"
        ))
    })?;
    Ok(Json(view::inclusion(found)))
}

pub async fn info(State(api): Shared) -> Answer<Info> {
    let peers = api.chain.peers().await;
    let snapshot = api.snapshot.borrow().clone();
    let keys = api.executor.keys();
    let targets = api.targets.iter().map(|handle| TargetInfo {
        chain: handle.target.chain().into(),
        relay_account: handle.target.relay_account(),
        head: handle.head.borrow().map(|head| head.number),
    });
    Ok(Json(Info {
        version: env!("CARGO_PKG_VERSION").into(),
        worker: keys.worker_id(),
        encryption_key: keys.store().encryption_key(),
        operator: snapshot.as_ref().and_then(|snapshot| snapshot.operator),
        cluster: api.cluster,
        endpoint: api.endpoint.clone(),
        engine_hash: HexBytes(api.executor.engine_hash().0.to_vec()),
        chain: ChainInfo {
            trust: api.chain.trust(),
            peers,
            genesis_hash: snapshot
                .as_ref()
                .map(|snapshot| HexBytes(snapshot.genesis_hash.to_vec())),
            finalized: snapshot.as_ref().map(|snapshot| snapshot.block),
        },
        targets: targets.collect(),
    }))
}

pub async fn health(State(api): Shared) -> Response {
    let mut reasons = api.health.reasons();
    if api.shutdown.is_requested() {
        reasons.push("the worker is being stopped".into());
    }
    if api.snapshot.borrow().is_none() {
        reasons.push("the chain was not read yet".into());
    }
    if let Some(reason) = api.journal.failure()
        && !reasons.iter().any(|known| known.contains(&reason))
    {
        reasons.push(reason);
    }
    let status = if reasons.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let health = Health {
        ready: reasons.is_empty(),
        reasons,
        stopping: api.shutdown.is_requested(),
    };
    (status, Json(health)).into_response()
}

pub async fn metrics(State(api): Shared) -> Response {
    match api.metrics.text() {
        Ok(text) => ([(CONTENT_TYPE, METRICS_TYPE)], text).into_response(),
        Err(error) => ApiError::unavailable("metrics", error.to_string()).into_response(),
    }
}

impl Api {
    fn snapshot(&self) -> Result<Arc<Snapshot>, ApiError> {
        let snapshot = self.snapshot.borrow().clone();
        snapshot
            .ok_or_else(|| ApiError::unavailable("chain", "the worker has not read the chain yet"))
    }
}

fn find(snapshot: &Snapshot, id: ContractId) -> Result<Arc<Contract>, ApiError> {
    let found = snapshot.contracts.get(&id).cloned();
    found.ok_or_else(|| {
        ApiError::not_found(format!(
            "there is no contract {id} in this worker's cluster as of block {}",
            snapshot.block
        ))
    })
}

/// A contract that this worker runs, in the cluster as it is now.
fn served(api: &Api, id: ContractId) -> Result<(Arc<Snapshot>, Arc<Contract>), ApiError> {
    let snapshot = api.snapshot()?;
    let contract = find(&snapshot, id)?;
    if snapshot.is_suspended {
        let message = "the worker's attestation has expired, or the network does not accept it \
                       any more; ask another worker";
        return Err(ApiError::unavailable("suspended", message));
    }
    if let Err(reason) = &contract.serving {
        let message = format!("the contract is not served: {reason}");
        return Err(ApiError::unavailable("not_served", message));
    }
    Ok((snapshot, contract))
}

/// A new id for a call, which nobody can guess before.
fn call_id(contract: ContractId, input: &[u8]) -> Result<RequestId, ApiError> {
    let mut nonce = [0_u8; 32];
    rand::rngs::OsRng
        .try_fill_bytes(&mut nonce)
        .map_err(|error| ApiError::unavailable("randomness", error.to_string()))?;
    let id = (CALL_DOMAIN, nonce, contract, blake2_256(input)).encode();
    Ok(RequestId(blake2_256(&id)))
}

fn parse<T: std::str::FromStr>(text: &str) -> Result<T, ApiError>
where
    T::Err: std::fmt::Display,
{
    text.parse::<T>()
        .map_err(|error| ApiError::bad_request(error.to_string()))
}

/// The value of the one parameter that a path knows.
fn parameter(query: Option<&str>, name: &str) -> Result<Option<String>, ApiError> {
    let mut found = None;
    for (key, value) in url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if key != name {
            let message = format!("there is no parameter {key:?} here, only {name:?}");
            return Err(ApiError::bad_request(message));
        }
        found = Some(value.into_owned());
    }
    Ok(found)
}
