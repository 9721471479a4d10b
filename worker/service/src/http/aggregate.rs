//! Merges outputs that may differ because another worker of the cluster asks, and signs what
//! they come to.

use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
    http::StatusCode,
};
use phat_primitives::{ContractId, RequestId};
use phat_worker_client::{AGGREGATE_BODY_BYTES_MAX, AggregateBody, HexBytes, SignaturesAnswer};
use tokio::sync::oneshot;

use super::{
    Api, ApiError,
    routes::{parse, served},
    signatures::{SignatureTurns, is_current, not_member},
};
use crate::settler::{
    Message, NotMerged, Outcome, Proposed, Question, Subject, is_proposal_signed,
};

/// Proposals that are looked at at once.
const CONCURRENT_MAX: usize = 8;
/// Proposals of one member that are looked at in each minute: each has a contract run.
const PER_WINDOW_MAX: u32 = 600;

/// Turns for proposals.
pub struct AggregateTurns(SignatureTurns);

impl Default for AggregateTurns {
    fn default() -> Self {
        Self(SignatureTurns::new(CONCURRENT_MAX, PER_WINDOW_MAX))
    }
}

/// Merges outputs of a request, this worker's own among them, for a worker of its cluster.
pub async fn aggregate(
    State(api): State<Arc<Api>>,
    State(turns): State<Arc<AggregateTurns>>,
    Path((contract, request)): Path<(String, String)>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SignaturesAnswer>, ApiError> {
    let body = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::too_large(AGGREGATE_BODY_BYTES_MAX),
        _ => rejection.into(),
    })?;
    let asked: AggregateBody = serde_json::from_slice(&body)
        .map_err(|error| ApiError::bad_request(format!("the body: {error}")))?;
    let contract: ContractId = parse(&contract)?;
    let request: RequestId = parse(&request)?;
    let (snapshot, _) = served(&api, contract)?;
    let giver = api.executor.keys().worker_id();
    let question = Question {
        subject: Subject {
            genesis_hash: snapshot.genesis_hash,
            contract,
            request,
        },
        cluster: api.cluster,
        asker: asked.worker,
        giver,
        block: asked.block,
        state_block: asked.state_block,
    };
    let _place = turns.0.place()?;
    let outputs: Vec<_> = asked.outputs.into_iter().map(|bytes| bytes.0).collect();
    // The signature last: it takes the longest.
    if !is_current(&snapshot, &question)
        || !is_proposal_signed(&question, &outputs, &asked.signature.0)
    {
        return Err(not_member());
    }
    if !turns.0.count(asked.worker, Instant::now()) {
        return Err(ApiError::busy());
    }
    let outcome = merged(&api, contract, request, outputs).await?;
    Ok(Json(SignaturesAnswer {
        worker: giver,
        outcome: HexBytes(outcome.to_bytes()),
    }))
}

/// Has the settler merge them that has the request.
async fn merged(
    api: &Api,
    contract: ContractId,
    request: RequestId,
    outputs: Vec<Vec<u8>>,
) -> Result<Outcome, ApiError> {
    let record = api
        .journal
        .on_thread(move |journal| journal.record(request))
        .await?;
    let record = record.filter(|record| record.contract == contract);
    let record = record.ok_or_else(|| not_merged(&NotMerged::NotOpen))?;
    let settler = api.owners.settlers.get(&record.chain);
    let settler = settler.ok_or_else(|| not_merged(&NotMerged::NotOpen))?;
    let (answer, answered) = oneshot::channel();
    let proposed = Proposed {
        request,
        outputs,
        answer,
    };
    settler
        .try_send(Message::Proposed(proposed))
        .map_err(|_| ApiError::busy())?;
    match answered.await {
        Ok(Ok(outcome)) => Ok(outcome),
        Ok(Err(reason)) => Err(not_merged(&reason)),
        // The settler has ended.
        Err(_) => Err(ApiError::stopping()),
    }
}

fn not_merged(reason: &NotMerged) -> ApiError {
    let message = reason.to_string();
    match reason {
        NotMerged::NotOpen | NotMerged::NotAsked | NotMerged::NoOutput => {
            ApiError::absent("no_outcome", message)
        }
        NotMerged::Unsigned(_) | NotMerged::Refused(_) => {
            ApiError::forbidden("not_merged", message)
        }
        NotMerged::NotRun(_) | NotMerged::Journal(_) => {
            ApiError::unavailable("not_merged", message)
        }
    }
}
