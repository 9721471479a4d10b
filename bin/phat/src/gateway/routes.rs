//! The gateway's HTTP surface.

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Request, State},
    http::{
        HeaderValue, Method, StatusCode, Uri,
        header::{CONTENT_TYPE, RETRY_AFTER},
        request::Parts,
    },
    response::{IntoResponse, Response},
    routing::{any, get},
};
use phat_http_server::{hold, is_too_slow};
use phat_primitives::{ClusterId, ContractId, ReceiptHash, WorkerId};
use serde_json::json;
use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use url::Url;

use super::{
    CALL_TIME_MAX, Gateway, READ_TIME_MAX,
    directory::{KnownWorker, resolve},
    forward::{
        BodyTooLarge, CollectError, ForwardError, Outgoing, collect, declared_too_large, forward,
    },
    origins,
    receipts::NotFound,
};

/// How many workers are asked what they know of a contract, if the first do not
/// answer.
const READ_WORKERS_MAX: usize = 3;

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
    #[error("no worker that is alive and answered has the receipt {0}")]
    UnknownReceipt(ReceiptHash),
    #[error("no worker that is alive and answered has published the receipt {0} yet")]
    UnknownInclusion(ReceiptHash),
    #[error("the receipt {0} was not found in time")]
    SlowSearch(ReceiptHash),
    #[error(transparent)]
    TooLarge(#[from] BodyTooLarge),
    #[error("the body came too slowly")]
    SlowBody,
    #[error("this gateway carries as much as it can: try again soon")]
    Busy,
    #[error("no worker of the contract's cluster is alive: try again soon")]
    NoWorker,
    #[error(
        "worker {0}, which the call is for, is not alive in the contract's cluster: make the \
         call to another one"
    )]
    NotThatWorker(WorkerId),
    #[error("the chain cannot be read: {0:#}")]
    Chain(anyhow::Error),
    #[error("worker {0} {1}; the call may have run and is not repeated")]
    Call(WorkerId, ForwardError),
    #[error("worker {0} {1}")]
    Read(WorkerId, ForwardError),
}

struct Shared {
    gateway: Gateway,
    places: Arc<Semaphore>,
}

/// The gateway's routes.
pub fn router(gateway: Gateway) -> Router {
    let places = Arc::new(Semaphore::new(gateway.limits.requests_concurrent_max));
    let cors = origins::cors(&gateway.origins);
    let router = Router::new()
        .route("/health", get(health))
        .route("/v1/info", get(info))
        .route("/v1/contracts/{id}", get(contract))
        .route("/v1/contracts/{id}/{*rest}", any(contract_part))
        .route("/v1/receipts/{hash}", get(receipt))
        .route("/v1/receipts/{hash}/inclusion", get(inclusion))
        .route("/v1/requests", get(requests))
        .fallback(async || GatewayError::NoPath)
        .method_not_allowed_fallback(async || GatewayError::WrongMethod)
        .with_state(Arc::new(Shared { gateway, places }));
    match cors {
        Some(cors) => router.layer(cors),
        None => router,
    }
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
    shared.read(id, request).await
}

async fn contract_part(
    State(shared): State<Arc<Shared>>,
    Path((id, part)): Path<(String, String)>,
    request: Request,
) -> Result<Response, GatewayError> {
    let id = parse_id(&id)?;
    match request.method() {
        &Method::POST if part == "call" || part.starts_with("hooks/") => {
            shared.call(id, request).await
        }
        &Method::GET | &Method::HEAD => shared.read(id, request).await,
        _ => Err(GatewayError::WrongMethod),
    }
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
    shared.read(id, request).await
}

async fn receipt(
    State(shared): State<Arc<Shared>>,
    Path(hash): Path<String>,
) -> Result<Response, GatewayError> {
    let hash = parse_id(&hash)?;
    let place = shared.place()?;
    let found = shared.gateway.find_receipt(hash).await;
    let found = found.map_err(|error| match error {
        NotFound::Nowhere => GatewayError::UnknownReceipt(hash),
        NotFound::NoMemory => GatewayError::Busy,
        NotFound::TooSlow => GatewayError::SlowSearch(hash),
    })?;
    let response = ([(CONTENT_TYPE, "application/json")], found.json).into_response();
    Ok(hold(response, (place, found.memory)))
}

async fn inclusion(
    State(shared): State<Arc<Shared>>,
    Path(hash): Path<String>,
) -> Result<Response, GatewayError> {
    let hash = parse_id(&hash)?;
    let place = shared.place()?;
    let found = shared.gateway.find_inclusion(hash).await;
    let found = found.map_err(|error| match error {
        NotFound::Nowhere => GatewayError::UnknownInclusion(hash),
        NotFound::NoMemory => GatewayError::Busy,
        NotFound::TooSlow => GatewayError::SlowSearch(hash),
    })?;
    Ok(hold(Json(found).into_response(), place))
}

impl Shared {
    /// A place among the requests under way.
    fn place(&self) -> Result<OwnedSemaphorePermit, GatewayError> {
        let places = self.places.clone();
        places.try_acquire_owned().map_err(|_| GatewayError::Busy)
    }

    /// The cluster of a contract.
    async fn cluster_of(&self, id: ContractId) -> Result<ClusterId, GatewayError> {
        let cluster = self.gateway.directory.cluster_of(id).await;
        cluster
            .map_err(GatewayError::Chain)?
            .ok_or(GatewayError::UnknownContract(id))
    }

    /// Passes a call on to one worker of the contract's cluster.
    async fn call(&self, id: ContractId, request: Request) -> Result<Response, GatewayError> {
        let Gateway {
            directory,
            http,
            limits,
            bodies,
            ..
        } = &self.gateway;
        if let Some(too_large) = declared_too_large(request.headers(), limits.request_bytes_max) {
            return Err(too_large.into());
        }
        // The place is taken when all of the body is there: who sends slowly keeps
        // a connection from others, and nothing else.
        let (parts, body) = request.into_parts();
        let chunks = body.into_data_stream();
        let collected = collect(chunks, limits.request_bytes_max, bodies).await;
        let collected = collected.map_err(|error| match error {
            CollectError::TooLarge(too_large) => too_large.into(),
            CollectError::NoMemory => GatewayError::Busy,
            CollectError::Broken(error) if is_too_slow(&error) => GatewayError::SlowBody,
            CollectError::Broken(error) => GatewayError::BadRequest(error.to_string()),
        })?;
        let place = self.place()?;
        let cluster = self.cluster_of(id).await?;
        let wanted = wanted_worker(&parts.uri)?;
        let mut workers = directory
            .for_call(cluster)
            .await
            .map_err(GatewayError::Chain)?;
        workers.retain(|worker| wanted.is_none_or(|wanted| worker.id == wanted));
        let (outgoing, uri) = outgoing(parts, collected.bytes);
        for worker in workers {
            let url = address(&worker, &uri)?;
            match forward(http, &url, &outgoing, limits.response_bytes_max).await {
                Ok(response) => return Ok(hold(response, place)),
                Err(ForwardError::NotSent(reason)) => {
                    tracing::warn!("worker {} cannot be reached: {reason}", worker.id);
                    directory.mark_down(worker.id);
                }
                Err(error) => return Err(GatewayError::Call(worker.id, error)),
            }
        }
        Err(wanted.map_or(GatewayError::NoWorker, GatewayError::NotThatWorker))
    }

    /// Passes a question about a contract on to a worker of its cluster, and to
    /// others if that gives no answer.
    async fn read(&self, id: ContractId, request: Request) -> Result<Response, GatewayError> {
        let Gateway {
            directory,
            http,
            limits,
            ..
        } = &self.gateway;
        let place = self.place()?;
        let cluster = self.cluster_of(id).await?;
        let workers = directory.for_contract(cluster, id).await;
        let (parts, _) = request.into_parts();
        let (outgoing, uri) = outgoing(parts, Bytes::new());
        let mut failed = GatewayError::NoWorker;
        for worker in workers
            .map_err(GatewayError::Chain)?
            .into_iter()
            .take(READ_WORKERS_MAX)
        {
            let url = address(&worker, &uri)?;
            match forward(http, &url, &outgoing, limits.response_bytes_max).await {
                Ok(response) => return Ok(hold(response, place)),
                Err(error) => {
                    tracing::warn!("worker {} {error}", worker.id);
                    if let ForwardError::NotSent(_) = error {
                        directory.mark_down(worker.id);
                    } else {
                        failed = GatewayError::Read(worker.id, error);
                    }
                }
            }
        }
        Err(failed)
    }
}

/// The one worker that a call is for, such as when it is encrypted to that worker's key.
fn wanted_worker(uri: &Uri) -> Result<Option<WorkerId>, GatewayError> {
    let query = uri.query().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "worker")
        .map(|(_, worker)| parse_id(&worker))
        .transpose()
}

fn outgoing(parts: Parts, body: Bytes) -> (Outgoing, Uri) {
    let time_max = match parts.method {
        Method::POST => CALL_TIME_MAX,
        _ => READ_TIME_MAX,
    };
    let outgoing = Outgoing {
        method: parts.method,
        headers: parts.headers,
        body,
        time_max,
    };
    (outgoing, parts.uri)
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
            Self::NoPath
            | Self::UnknownContract(_)
            | Self::UnknownReceipt(_)
            | Self::UnknownInclusion(_) => (StatusCode::NOT_FOUND, "not_found"),
            Self::WrongMethod => (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::TooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
            Self::SlowBody => (StatusCode::REQUEST_TIMEOUT, "timeout"),
            Self::SlowSearch(_) => (StatusCode::GATEWAY_TIMEOUT, "timeout"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            Self::NoWorker | Self::NotThatWorker(_) => {
                (StatusCode::SERVICE_UNAVAILABLE, "no_live_worker")
            }
            Self::Chain(_) => (StatusCode::SERVICE_UNAVAILABLE, "chain"),
            Self::Call(..) | Self::Read(..) => (StatusCode::BAD_GATEWAY, "worker_failed"),
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
