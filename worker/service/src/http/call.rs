//! Calls of contracts.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, RawQuery, State, rejection::BytesRejection},
    response::{IntoResponse, Response},
};
use codec::Encode;
use phat_engine::NoKeyValue;
use phat_http_server::{MemoryBudget, hold};
use phat_primitives::{ContractId, RequestId, WorkerId, blake2_256};
use phat_receipt::Origin;
use phat_worker_client::{CALL_INPUT_BYTES_MAX, CallAnswer, CallRequest, HexBytes};
use phat_worker_core::scheduler::Class;
use rand::TryRngCore;
use tokio::sync::OwnedSemaphorePermit;

use super::{
    Api, ApiError, CallPlaces,
    encrypted::{self, Secrecy},
    routes::{LINES_BYTES_MAX, LINES_MAX, Shared, parameter, parse, served},
    view,
};
use crate::{
    executor::{Job, Ran},
    journal::{Step, StoredLine},
};

/// Separates ids of calls from those of other requests.
const CALL_DOMAIN: &[u8] = b"phat/call/1";

pub async fn call(
    State(api): Shared,
    State(places): State<CallPlaces>,
    State(memory): State<MemoryBudget>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let id: ContractId = parse(&id)?;
    let request: CallRequest = serde_json::from_slice(&body?)
        .map_err(|error| ApiError::bad_request(format!("the body: {error}")))?;
    let own = api.executor.keys().worker_id();
    if let Some(text) = parameter(query.as_deref(), "worker")?
        && parse::<WorkerId>(&text)? != own
    {
        return Err(ApiError::wrong_worker(own));
    }
    if api.shutdown.is_requested() {
        return Err(ApiError::stopping());
    }
    let (snapshot, _) = served(&api, id)?;
    let Ok(place) = places.0.try_acquire_owned() else {
        return Err(ApiError::busy());
    };
    match request {
        CallRequest::Plain(body) => {
            let ran = run(&api, id, body.input.0, Receipts::Kept).await?;
            answer_in_the_clear(&api, id, ran, place).await
        }
        CallRequest::Encrypted(body) => {
            let keys = api.executor.keys();
            let (input, secrecy) = encrypted::open(keys, snapshot.genesis_hash, id, &body)?;
            drop(body);
            let ran = run(&api, id, input, Receipts::NotKept).await;
            let ran = ran.map_err(ApiError::without_words_of_the_run)?;
            answer_encrypted(ran, secrecy, &memory, place)
        }
    }
}

/// Whether the receipt of a call is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Receipts {
    Kept,
    NotKept,
}

/// Runs a contract in its turn.
async fn run(
    api: &Api,
    id: ContractId,
    input: Vec<u8>,
    receipts: Receipts,
) -> Result<Ran, ApiError> {
    if input.len() > CALL_INPUT_BYTES_MAX {
        return Err(ApiError::too_large(CALL_INPUT_BYTES_MAX));
    }
    let entered = api.executor.enter(Class::Call, id)?;
    let turn = entered.begin().await?;
    // As it is by now: the call may have waited for long.
    let (snapshot, contract) = served(api, id)?;
    if receipts == Receipts::Kept && api.journal.failure().is_some() {
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
    Ok(api.executor.run(job, snapshot.genesis_hash, turn).await?)
}

/// Keeps the receipt, with its data, and what was logged, and then answers.
async fn answer_in_the_clear(
    api: &Api,
    id: ContractId,
    ran: Ran,
    place: OwnedSemaphorePermit,
) -> Result<Response, ApiError> {
    let answer = answer(&ran);
    // Counted until the journal has the transcript.
    let _memory = ran.memory;
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
    Ok(hold(Json(answer).into_response(), place))
}

/// Answers so that only the caller can read it. Nothing of the call is kept: the worker
/// shows receipts and logs to everyone, and a receipt has hashes of input and output,
/// from which whoever can guess those learns them.
fn answer_encrypted(
    ran: Ran,
    secrecy: Secrecy,
    memory: &MemoryBudget,
    place: OwnedSemaphorePermit,
) -> Result<Response, ApiError> {
    let mut answer = answer(&ran);
    let transcript = ran.stored.transcript;
    let share = secrecy.room_for(transcript.len(), memory);
    if share.is_some() {
        answer.transcript = Some(HexBytes(transcript));
    }
    let response = secrecy.answer(answer)?;
    Ok(hold(response, (place, share)))
}

/// What a caller is told of a run.
fn answer(ran: &Ran) -> CallAnswer {
    let signed = ran.stored.receipt.clone();
    let lines = first_page(&ran.lines).into_iter();
    CallAnswer {
        request: signed.body.request,
        output: HexBytes(ran.stored.output.clone()),
        success: ran.success,
        receipt: signed.hash(),
        fuel_used: signed.body.fuel_used,
        signed,
        logs: lines.map(|line| view::line(0, line)).collect(),
        transcript: None,
    }
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

/// A new id for a call, which nobody can guess before.
fn call_id(contract: ContractId, input: &[u8]) -> Result<RequestId, ApiError> {
    let mut nonce = [0_u8; 32];
    rand::rngs::OsRng
        .try_fill_bytes(&mut nonce)
        .map_err(|error| ApiError::unavailable("randomness", error.to_string()))?;
    let id = (CALL_DOMAIN, nonce, contract, blake2_256(input)).encode();
    Ok(RequestId(blake2_256(&id)))
}
