//! Merges outputs that may differ because another worker of the cluster asks, and signs what
//! they come to.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
};
use phat_worker_client::{AGGREGATE_BODY_BYTES_MAX, AggregateBody, HexBytes, SignaturesAnswer};
use tokio::sync::oneshot;

use super::{
    Api, ApiError,
    question::{Asked, Asker, Turns},
    routes::json,
};
use crate::settler::{
    Message, NotMerged, Outcome, Proposed, Question, Subject, is_proposal_signed,
};

/// Proposals that are looked at at once.
const CONCURRENT_MAX: usize = 8;
/// Proposals of one member that are looked at in each minute: each has a contract run.
const PER_WINDOW_MAX: u32 = 600;

/// Turns for proposals.
pub struct AggregateTurns(Turns);

impl Default for AggregateTurns {
    fn default() -> Self {
        Self(Turns::new(CONCURRENT_MAX, PER_WINDOW_MAX))
    }
}

/// Merges outputs of a request, this worker's own among them, for a worker of its cluster.
pub async fn aggregate(
    State(api): State<Arc<Api>>,
    State(turns): State<Arc<AggregateTurns>>,
    Path(path): Path<(String, String)>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SignaturesAnswer>, ApiError> {
    let body: AggregateBody = json(body, AGGREGATE_BODY_BYTES_MAX)?;
    let asker = Asker {
        worker: body.worker,
        block: body.block,
        state_block: body.state_block,
    };
    let asked = Asked::new(&api, &path, &asker)?;
    let outputs: Vec<_> = body.outputs.into_iter().map(|bytes| bytes.0).collect();
    let is_signed = |question: &Question| is_proposal_signed(question, &outputs, &body.signature.0);
    let _place = asked.admit(&turns.0, is_signed)?;
    let outcome = merged(&api, &asked.question.subject, outputs).await?;
    Ok(Json(SignaturesAnswer {
        worker: asked.question.giver,
        outcome: HexBytes(outcome.to_bytes()),
    }))
}

/// Has the settler merge them that has the request.
async fn merged(api: &Api, subject: &Subject, outputs: Vec<Vec<u8>>) -> Result<Outcome, ApiError> {
    let Subject {
        contract, request, ..
    } = *subject;
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
