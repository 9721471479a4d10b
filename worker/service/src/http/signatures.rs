//! Tells other workers of the cluster which outcomes this one has signed.
//!
//! They ask, and nothing is kept of what they ask: however many questions there are,
//! they fill nothing. Each member has its own number of them.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State, rejection::BytesRejection},
};
use phat_primitives::RequestId;
use phat_worker_client::{HexBytes, SIGNATURES_BODY_BYTES_MAX, SignaturesAnswer, SignaturesBody};

use super::{
    Api, ApiError,
    question::{Asked, Asker, Turns},
    routes::json,
};
use crate::settler::{Message, Question, state_block_of};

/// Questions that are looked at at once.
const CONCURRENT_MAX: usize = 16;
/// Questions of one member that are looked at in each minute.
const PER_WINDOW_MAX: u32 = 3_000;

/// Turns for questions about outcomes.
pub struct SignatureTurns(Turns);

impl Default for SignatureTurns {
    fn default() -> Self {
        Self(Turns::new(CONCURRENT_MAX, PER_WINDOW_MAX))
    }
}

/// Gives the outcome of a request that this worker has signed, to a worker of its
/// cluster.
pub async fn signatures(
    State(api): State<Arc<Api>>,
    State(turns): State<Arc<SignatureTurns>>,
    Path(path): Path<(String, String)>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SignaturesAnswer>, ApiError> {
    let body: SignaturesBody = json(body, SIGNATURES_BODY_BYTES_MAX)?;
    let asker = Asker {
        worker: body.worker,
        block: body.block,
        state_block: body.state_block,
    };
    let asked = Asked::new(&api, &path, &asker)?;
    let is_signed = |question: &Question| question.is_signed(&body.signature.0);
    let _place = asked.admit(&turns.0, is_signed)?;
    let Question { subject, giver, .. } = asked.question;
    let request = subject.request;
    let kept = api
        .journal
        .on_thread(move |journal| Ok((journal.outcome(request)?, journal.record(request)?)))
        .await?;
    let none = || {
        let message = format!("this worker has signed no outcome of {request} yet");
        ApiError::absent("no_outcome", message)
    };
    let (Some(bytes), Some(record)) = kept else {
        return Err(none());
    };
    let state_block = state_block_of(&bytes, &subject, &record);
    if state_block.ok_or_else(none)? < asker.state_block {
        run_again(&api, request, asker.state_block);
    }
    Ok(Json(SignaturesAnswer {
        worker: giver,
        outcome: HexBytes(bytes),
    }))
}

/// Tells the settlers, of which one has the request. One that is busy is told with the
/// next question.
fn run_again(api: &Api, request: RequestId, state_block: u64) {
    for settler in api.owners.settlers.values() {
        let message = Message::RunAgain {
            request,
            state_block,
        };
        let _ = settler.try_send(message);
    }
}
