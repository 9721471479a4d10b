//! The gateway's HTTP surface.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderValue, StatusCode, Uri, header::RETRY_AFTER},
    response::{IntoResponse, Response},
    routing::{any, get},
};
use futures::StreamExt;
use phat_primitives::{ContractId, ReceiptHash, WorkerId};
use serde_json::json;
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::{
    Gateway,
    directory::{KnownWorker, resolve},
    forward::{
        BodyTooLarge, ForwardError, Head, PendingBody, declared_too_large, forward, is_missing,
    },
};

/// How many workers are asked for a receipt.
const RECEIPT_WORKERS_MAX: usize = 64;

/// Seconds after which to try again what cannot be served now.
const RETRY_AFTER_S: &str = "1";

/// Why the gateway answers itself, with an error.
#[derive(Debug, Error)]
enum GatewayError {
    #[error("{0}")]
    BadRequest(String),
    #[error("there is nothing at this path")]
    NoPath,
    #[error("this path needs another method: calls are POST, all else is GET")]
    WrongMethod,
    #[error("there is no contract {0} on this chain")]
    UnknownContract(ContractId),
    #[error("no worker that is alive has the receipt {0}")]
    UnknownReceipt(ReceiptHash),
    #[error(transparent)]
    TooLarge(#[from] BodyTooLarge),
    #[error("{0} requests are under way, the most this gateway carries: try again soon")]
    Busy(usize),
    #[error("no worker of the contract's cluster is alive: try again soon")]
    NoWorker,
    #[error("the chain cannot be read: {0:#}")]
    Chain(anyhow::Error),
    #[error("worker {0} {1}; the call may have run and is not repeated")]
    Worker(WorkerId, String),
}

struct Shared {
    gateway: Gateway,
    places: Arc<Semaphore>,
}

/// The gateway's routes.
pub fn router(gateway: Gateway) -> Router {
    let places = Arc::new(Semaphore::new(gateway.limits.requests_concurrent_max));
    Router::new()
        .route("/health", get(health))
        .route("/v1/info", get(info))
        .route("/v1/contracts/{id}", any(contract))
        .route("/v1/contracts/{id}/{*rest}", any(contract_part))
        .route("/v1/receipts/{hash}", get(receipt))
        .route("/v1/receipts/{hash}/{*rest}", get(receipt_part))
        .route("/v1/requests", get(requests))
        .fallback(async || GatewayError::NoPath)
        .method_not_allowed_fallback(async || GatewayError::WrongMethod)
        .with_state(Arc::new(Shared { gateway, places }))
}

async fn health(State(shared): State<Arc<Shared>>) -> Response {
    let live = shared.gateway.directory.live().len();
    let (status, word) = match live {
        0 => (StatusCode::SERVICE_UNAVAILABLE, "no_live_worker"),
        _ => (StatusCode::OK, "ok"),
    };
    (
        status,
        Json(json!({ "status": word, "workers_live": live })),
    )
        .into_response()
}

async fn info(State(shared): State<Arc<Shared>>) -> Response {
    let directory = &shared.gateway.directory;
    Json(json!({
        "kind": "gateway",
        "version": env!("CARGO_PKG_VERSION"),
        "genesis_hash": format!("0x{}", hex::encode(directory.genesis_hash())),
        "workers": directory.all(),
    }))
    .into_response()
}

async fn contract(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, GatewayError> {
    let id = parse_id(&id)?;
    shared.call(id, request).await
}

async fn contract_part(
    State(shared): State<Arc<Shared>>,
    Path((id, _)): Path<(String, String)>,
    request: Request,
) -> Result<Response, GatewayError> {
    let id = parse_id(&id)?;
    shared.call(id, request).await
}

/// The requests of one contract, as one worker of its cluster knows them.
async fn requests(
    State(shared): State<Arc<Shared>>,
    request: Request,
) -> Result<Response, GatewayError> {
    let query = request.uri().query().unwrap_or_default();
    let contract = url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "contract")
        .map(|(_, value)| value.into_owned())
        .ok_or_else(|| {
            GatewayError::BadRequest(
                "add ?contract=ID: a gateway lists the requests of one contract".into(),
            )
        })?;
    let id = parse_id(&contract)?;
    shared.call(id, request).await
}

async fn receipt(
    State(shared): State<Arc<Shared>>,
    Path(hash): Path<String>,
    request: Request,
) -> Result<Response, GatewayError> {
    let hash = parse_id(&hash)?;
    shared.find_receipt(hash, request).await
}

async fn receipt_part(
    State(shared): State<Arc<Shared>>,
    Path((hash, _)): Path<(String, String)>,
    request: Request,
) -> Result<Response, GatewayError> {
    let hash = parse_id(&hash)?;
    shared.find_receipt(hash, request).await
}

impl Shared {
    /// A place among the requests under way.
    fn place(&self) -> Result<OwnedSemaphorePermit, GatewayError> {
        let places = self.places.clone();
        places
            .try_acquire_owned()
            .map_err(|_| GatewayError::Busy(self.gateway.limits.requests_concurrent_max))
    }

    /// Passes `request` on to one worker of the contract's cluster.
    async fn call(&self, id: ContractId, request: Request) -> Result<Response, GatewayError> {
        let limits = self.gateway.limits;
        let place = self.place()?;
        if let Some(too_large) = declared_too_large(request.headers(), limits.request_bytes_max) {
            return Err(too_large.into());
        }
        let directory = &self.gateway.directory;
        let cluster = directory
            .cluster_of(id)
            .await
            .map_err(GatewayError::Chain)?
            .ok_or(GatewayError::UnknownContract(id))?;
        let workers = directory
            .live_in(cluster)
            .await
            .map_err(GatewayError::Chain)?;

        let (head, uri, body) = split(request, limits.request_bytes_max);
        for worker in workers {
            let url = address(&worker, &uri)?;
            let sent = forward(
                &self.gateway.http,
                &url,
                &head,
                &body,
                limits.response_bytes_max,
            );
            match sent.await {
                Ok(response) => return Ok(hold(place, response)),
                Err(ForwardError::NotSent(reason)) => {
                    tracing::warn!("worker {} cannot be reached: {reason}", worker.id);
                    directory.mark_down(worker.id);
                }
                Err(ForwardError::TooLarge(too_large)) => return Err(too_large.into()),
                Err(error) => {
                    return Err(GatewayError::Worker(worker.id, error.to_string()));
                }
            }
        }
        Err(GatewayError::NoWorker)
    }

    /// Asks one live worker after the other for a receipt, which any may have.
    async fn find_receipt(
        &self,
        hash: ReceiptHash,
        request: Request,
    ) -> Result<Response, GatewayError> {
        let limits = self.gateway.limits;
        let place = self.place()?;
        let (head, uri, _) = split(request, 0);
        let live = self.gateway.directory.live();
        for worker in live.into_iter().take(RECEIPT_WORKERS_MAX) {
            let url = address(&worker, &uri)?;
            let nothing = PendingBody::new(Body::empty(), 0);
            let asked = forward(
                &self.gateway.http,
                &url,
                &head,
                &nothing,
                limits.response_bytes_max,
            );
            // Reading is harmless, so whatever fails, the next one is asked.
            match asked.await {
                Ok(response) if !is_missing(&response) => return Ok(hold(place, response)),
                Ok(_) => {}
                Err(error) => tracing::warn!("worker {} {error}", worker.id),
            }
        }
        Err(GatewayError::UnknownReceipt(hash))
    }
}

/// Keeps the request's place taken until its answer is passed back.
fn hold(place: OwnedSemaphorePermit, response: Response) -> Response {
    response.map(|body| {
        Body::from_stream(body.into_data_stream().inspect(move |_| {
            let _ = &place;
        }))
    })
}

fn split(request: Request, bytes_max: u64) -> (Head, Uri, PendingBody) {
    let (parts, body) = request.into_parts();
    let head = Head {
        method: parts.method,
        headers: parts.headers,
    };
    (head, parts.uri, PendingBody::new(body, bytes_max))
}

/// The same path at the worker. A path with `..` in it, in whatever spelling,
/// could leave the part of the worker's API that the gateway routes.
fn address(worker: &KnownWorker, uri: &Uri) -> Result<String, GatewayError> {
    let path_and_query = uri.path_and_query().map_or("/", |path| path.as_str());
    let address = resolve(&worker.endpoint, path_and_query);
    let own_path = worker.endpoint.path().trim_end_matches('/');
    let kept =
        Url::parse(&address).is_ok_and(|url| url.path().strip_prefix(own_path) == Some(uri.path()));
    if kept {
        Ok(address)
    } else {
        Err(GatewayError::BadRequest(
            "the path is not in its normal form".into(),
        ))
    }
}

fn parse_id<T: std::str::FromStr<Err: ToString>>(text: &str) -> Result<T, GatewayError> {
    text.parse()
        .map_err(|error: T::Err| GatewayError::BadRequest(error.to_string()))
}

impl IntoResponse for GatewayError {
    fn into_response(self) -> Response {
        // The codes are those of a worker, where it has the same error.
        let (status, code) = match &self {
            Self::BadRequest(_) => (StatusCode::BAD_REQUEST, "bad_request"),
            Self::NoPath | Self::UnknownContract(_) | Self::UnknownReceipt(_) => {
                (StatusCode::NOT_FOUND, "not_found")
            }
            Self::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::NoWorker => (StatusCode::SERVICE_UNAVAILABLE, "no_live_worker"),
            Self::Chain(_) => (StatusCode::SERVICE_UNAVAILABLE, "chain"),
            Self::Worker(..) => (StatusCode::BAD_GATEWAY, "worker_failed"),
        };
        let body = json!({ "error": { "code": code, "message": self.to_string() } });
        let mut response = (status, Json(body)).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            let seconds = HeaderValue::from_static(RETRY_AFTER_S);
            response.headers_mut().insert(RETRY_AFTER, seconds);
        }
        response
    }
}
