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
use phat_http_server::{MemoryBudget, hold};
use phat_primitives::{ContractId, ReceiptHash};
use phat_worker_client::{
    ChainInfo, ContractInfo, Health, HexBytes, Inclusion, Info, LogsPage, RequestsPage, TargetInfo,
};
use serde::de::DeserializeOwned;

use super::{Api, ApiError, view};
use crate::{
    cluster_keys,
    contracts::{Contract, Snapshot},
    executor::NotRun,
};

/// Lines of a log in one answer.
pub(super) const LINES_MAX: usize = 1_000;
/// Bytes of the lines in one answer; a line that is longer comes alone.
pub(super) const LINES_BYTES_MAX: usize = 1024 * 1024;
/// What a byte of a log takes in memory: itself, and at worst `\u0000` in JSON.
const LINE_MEMORY_FACTOR: u64 = 7;
/// What a byte of a receipt takes in memory: as it is read, as it is decoded, and
/// as two digits in JSON.
pub(super) const RECEIPT_MEMORY_FACTOR: u64 = 4;
/// Requests in one answer.
const REQUESTS_MAX: usize = 200;
/// What JSON is called.
pub(super) const JSON_TYPE: &str = "application/json";
/// What Prometheus calls the form that it reads.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Answer<T> = Result<Json<T>, ApiError>;
pub(super) type Shared = State<Arc<Api>>;

pub async fn contract(State(api): Shared, Path(id): Path<String>) -> Answer<ContractInfo> {
    let snapshot = api.snapshot()?;
    let id = parse(&id)?;
    let contract = find(&snapshot, id)?;
    let mut info = view::contract(&contract, &snapshot, api.cluster);
    if !snapshot.has_cluster_key {
        info.is_serving = false;
        info.errors
            .push("the worker does not have the key of its cluster yet".into());
    }
    if !snapshot.has_stake(&id) {
        info.is_serving = false;
        info.errors.push(NotRun::NoStake(id).to_string());
    }
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
        endpoint_faults: handle.target.endpoint_faults(),
    });
    Ok(Json(Info {
        version: env!("CARGO_PKG_VERSION").into(),
        worker: keys.worker_id(),
        encryption_key: keys.store().encryption_key(),
        operator: snapshot.as_ref().and_then(|snapshot| snapshot.operator),
        cluster: api.cluster,
        cluster_key: snapshot
            .as_ref()
            .filter(|snapshot| snapshot.has_cluster_key)
            .and_then(|_| keys.cluster_key())
            .map(view::cluster_key),
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
        performance: api
            .performance
            .as_ref()
            .map(|status| view::performance(&status.borrow())),
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
    let snapshot = api.snapshot.borrow().clone();
    if snapshot.is_some_and(|snapshot| !snapshot.has_cluster_key)
        && !reasons
            .iter()
            .any(|known| known.starts_with(cluster_keys::PART))
    {
        let part = cluster_keys::PART;
        reasons.push(format!("{part}: the cluster's key is not in use yet"));
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
    pub(super) fn snapshot(&self) -> Result<Arc<Snapshot>, ApiError> {
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
pub(super) fn served(
    api: &Api,
    id: ContractId,
) -> Result<(Arc<Snapshot>, Arc<Contract>), ApiError> {
    let snapshot = api.snapshot()?;
    let contract = find(&snapshot, id)?;
    if snapshot.is_stale {
        return Err(ApiError::stale());
    }
    if snapshot.is_suspended {
        let message = "the worker's attestation has expired, or the network does not accept it \
                       any more; ask another worker";
        return Err(ApiError::unavailable("suspended", message));
    }
    if !snapshot.has_cluster_key {
        return Err(ApiError::no_cluster_key());
    }
    if let Err(reason) = &contract.serving {
        let message = format!("the contract is not served: {reason}");
        return Err(ApiError::unavailable("not_served", message));
    }
    if !snapshot.has_stake(&id) {
        return Err(NotRun::NoStake(id).into());
    }
    Ok((snapshot, contract))
}

pub(super) fn parse<T: std::str::FromStr>(text: &str) -> Result<T, ApiError>
where
    T::Err: std::fmt::Display,
{
    text.parse::<T>()
        .map_err(|error| ApiError::bad_request(error.to_string()))
}

/// What a body of at most `bytes_max` bytes says in JSON.
pub(super) fn json<T: DeserializeOwned>(
    body: Result<Bytes, BytesRejection>,
    bytes_max: usize,
) -> Result<T, ApiError> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(bytes_max),
        _ => rejection.into(),
    })?;
    serde_json::from_slice(&body)
        .map_err(|error| ApiError::bad_request(format!("the body: {error}")))
}

/// The value of the one parameter that a path knows.
pub(super) fn parameter(query: Option<&str>, name: &str) -> Result<Option<String>, ApiError> {
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
