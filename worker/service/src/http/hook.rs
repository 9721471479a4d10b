//! Calls to webhooks, and what has become of one request.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
};
use phat_http_server::MemoryBudget;
use phat_manifest::{FiringTrigger, WebhookTrigger};
use phat_primitives::{ContractId, RequestId};
use phat_receipt::Receipt;
use phat_worker_client::{
    FORWARDED_HEADER, HOOK_BODY_BYTES_MAX, HookAnswer, HookHeader, RequestAnswer,
};
use phat_worker_core::NewFiring;

use super::{
    Api, ApiError,
    routes::{RECEIPT_MEMORY_FACTOR, Shared, parse, served},
    view,
};
use crate::{
    contracts::{Contract, Snapshot},
    firings::{
        new_firing,
        webhook::{self, HEADER_CHARS_MAX, HookError},
    },
    pace::now_s,
};

/// Takes a call to a webhook: checks who sent it, journals that it fired, and passes it
/// on to other workers, which may have to run it in this one's place.
pub async fn hook(
    State(api): Shared,
    Path((id, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<HookAnswer>), ApiError> {
    let id: ContractId = parse(&id)?;
    let body = body?;
    if body.len() > HOOK_BODY_BYTES_MAX {
        return Err(ApiError::too_large(HOOK_BODY_BYTES_MAX));
    }
    if api.shutdown.is_requested() {
        return Err(ApiError::stopping());
    }
    let (snapshot, contract) = served(&api, id)?;
    let serving = contract.serving.as_ref().ok();
    let trigger = serving.and_then(|serving| serving.manifest.webhook(&name));
    let trigger = trigger
        .ok_or_else(|| ApiError::not_found(format!("the contract {id} has no webhook {name:?}")))?;
    let signed = signed_headers(&headers);
    let new = checked(&api, &snapshot, &contract, trigger, &signed, &body).await?;
    let request = new.firing.id();
    let is_new = keep(&api, id, request, new).await?;
    let is_forwarded = headers.contains_key(FORWARDED_HEADER);
    let passed_on = if is_forwarded || !is_new {
        0
    } else {
        let peers = &api.peers;
        peers
            .forward(&snapshot, id, request, &name, &signed, &body)
            .await
    };
    let answer = HookAnswer {
        request,
        is_new,
        passed_on,
    };
    let status = if is_new {
        StatusCode::ACCEPTED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(answer)))
}

/// The headers of the call that signatures are in.
fn signed_headers(headers: &HeaderMap) -> Vec<HookHeader> {
    let found = webhook::HEADERS.iter().filter_map(|name| {
        let value = headers.get(*name)?.to_str().ok()?;
        (value.len() <= HEADER_CHARS_MAX).then(|| (*name, value.to_owned()))
    });
    found.collect()
}

async fn checked(
    api: &Api,
    snapshot: &Snapshot,
    contract: &Contract,
    trigger: &WebhookTrigger,
    headers: &[HookHeader],
    body: &[u8],
) -> Result<NewFiring, ApiError> {
    let secret = match trigger.signature.secret() {
        Some(name) => {
            let found = api
                .executor
                .secret(contract, name, snapshot.genesis_hash)
                .await;
            found.map_err(|error| ApiError::unavailable("chain", error.to_string()))?
        }
        None => None,
    };
    let secret = secret.as_ref().map(|secret| secret.as_slice());
    let cause = webhook::check(&trigger.signature, secret, headers, body, now_s())?;
    let fires = FiringTrigger {
        name: &trigger.name,
        side_effects: trigger.side_effects,
        reply: trigger.reply.as_ref(),
    };
    let input = input(&trigger.name, body);
    new_firing(contract.on_chain.id, fires, cause, input, false)
        .map_err(|error| ApiError::unavailable("not_served", error.to_string()))
}

/// What the contract gets as its input: the body as text where it is text.
fn input(trigger: &str, body: &[u8]) -> Vec<u8> {
    let json = match std::str::from_utf8(body) {
        Ok(text) => serde_json::json!({ "kind": "webhook", "trigger": trigger, "body": text }),
        Err(_) => {
            let digits = format!("0x{}", hex::encode(body));
            serde_json::json!({ "kind": "webhook", "trigger": trigger, "bodyHex": digits })
        }
    };
    json.to_string().into_bytes()
}

/// Has the firing journaled. `false` if it is there already.
async fn keep(
    api: &Api,
    contract: ContractId,
    request: RequestId,
    new: NewFiring,
) -> Result<bool, ApiError> {
    let known = api
        .journal
        .on_thread(move |journal| journal.record(request))
        .await?;
    if known.is_some() {
        return Ok(false);
    }
    let chain = new.chain.clone();
    if !api.owners.has(&chain) {
        let message = format!("this worker has no endpoint for {chain}; ask another worker");
        return Err(ApiError::unavailable("not_served", message));
    }
    if api.room(&chain, contract) == 0 {
        return Err(ApiError::busy());
    }
    let taken = api.owners.take(&chain, vec![new], None).await;
    taken.map_err(|_| {
        let message = "the call could not be journaled; send it again";
        ApiError::unavailable("journal", message)
    })?;
    Ok(true)
}

/// A request to a contract, with the receipt that shows that it was run.
pub async fn request(
    State(api): Shared,
    State(memory): State<MemoryBudget>,
    Path((id, request)): Path<(String, String)>,
) -> Result<Json<RequestAnswer>, ApiError> {
    let contract: ContractId = parse(&id)?;
    let request: RequestId = parse(&request)?;
    let found = api
        .journal
        .on_thread(move |journal| journal.record(request))
        .await?;
    let record = found.filter(|record| record.contract == contract);
    let record = record.ok_or_else(|| {
        ApiError::not_found(format!("this worker has not seen the request {request}"))
    })?;
    let signed = match record.receipt {
        Some(hash) => signed(&api, &memory, hash).await?,
        None => None,
    };
    Ok(Json(RequestAnswer {
        request: view::request(record),
        signed,
    }))
}

async fn signed(
    api: &Arc<Api>,
    memory: &MemoryBudget,
    hash: phat_primitives::ReceiptHash,
) -> Result<Option<Receipt>, ApiError> {
    let bytes = api
        .journal
        .on_thread(move |journal| journal.receipt_bytes(hash))
        .await?;
    let Some(bytes) = bytes else {
        return Ok(None);
    };
    // It is read with its transcript, which may be long.
    let Some(_share) = memory.take(bytes * RECEIPT_MEMORY_FACTOR) else {
        return Err(ApiError::busy());
    };
    let stored = api
        .journal
        .on_thread(move |journal| journal.receipt(hash))
        .await?;
    Ok(stored.map(|stored| stored.receipt))
}

impl From<HookError> for ApiError {
    fn from(error: HookError) -> Self {
        match error {
            HookError::NoSecret(_) => Self::unavailable("no_secret", error.to_string()),
            HookError::Header { .. } | HookError::Signature(_) | HookError::Time { .. } => {
                Self::forbidden("signature", error.to_string())
            }
        }
    }
}
