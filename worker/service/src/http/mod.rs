//! The worker's HTTP API.

mod error;
mod listener;
mod routes;
mod view;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use phat_primitives::ClusterId;
use phat_target::{BlockRef, Target};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};

use crate::{
    contracts::Snapshot, executor::Executor, health::Health, journal::Journal, metrics::Metrics,
    pace::Shutdown,
};
use error::ApiError;
use listener::Limited;

/// The longest input of a call.
pub const CALL_INPUT_BYTES_MAX: usize = 1024 * 1024;
/// The longest body: an input in hexadecimal digits with the JSON around it.
const BODY_BYTES_MAX: usize = 2 * CALL_INPUT_BYTES_MAX + 1024;
/// Connections at once.
const CONNECTIONS_MAX: usize = 512;
/// Requests at once, calls apart.
const REQUESTS_CONCURRENT_MAX: usize = 64;
/// Time for an answer to anything but a call.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);

/// A target chain and its head.
pub struct TargetHandle {
    /// The chain.
    pub target: Arc<dyn Target>,
    /// The newest block that is acted on.
    pub head: watch::Receiver<Option<BlockRef>>,
}

/// What the API shows.
pub struct Api {
    /// The cluster that is served.
    pub cluster: ClusterId,
    /// The URL that is announced.
    pub endpoint: String,
    /// The target chains with their heads.
    pub targets: Vec<TargetHandle>,
    /// The cluster as the chain has it.
    pub snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
    /// What runs contracts.
    pub executor: Arc<Executor>,
    /// Calls at once.
    pub calls: Arc<Semaphore>,
    /// Requests, receipts and logs.
    pub journal: Arc<Journal>,
    /// Whether the worker can work.
    pub health: Health,
    /// What was counted.
    pub metrics: Arc<Metrics>,
    /// When to end.
    pub shutdown: Shutdown,
}

/// Serves the API until the worker ends and the last call is answered.
pub async fn serve(listener: TcpListener, api: Arc<Api>) -> io::Result<()> {
    let mut shutdown = api.shutdown.clone();
    let listener = Limited::new(listener, CONNECTIONS_MAX);
    axum::serve(listener, router(api))
        .with_graceful_shutdown(async move { shutdown.requested().await })
        .await
}

/// Binds the API's address.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let reason = format!("cannot listen on {address}: {error}; choose another --listen");
        io::Error::new(error.kind(), reason)
    })
}

fn router(api: Arc<Api>) -> Router {
    let slots = Arc::new(Semaphore::new(REQUESTS_CONCURRENT_MAX));
    let quick = Router::new()
        .route("/v1/contracts/{id}", get(routes::contract))
        .route("/v1/contracts/{id}/logs", get(routes::logs))
        .route("/v1/requests", get(routes::requests))
        .route("/v1/receipts/{hash}", get(routes::receipt))
        .route("/v1/info", get(routes::info))
        .route_layer(middleware::from_fn_with_state(slots, bounded));
    Router::new()
        .merge(quick)
        .route("/v1/contracts/{id}/call", post(routes::call))
        .route("/health", get(routes::health))
        .route("/metrics", get(routes::metrics))
        .fallback(|| async { ApiError::no_route() })
        .method_not_allowed_fallback(|| async { ApiError::wrong_method() })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .with_state(api)
}

/// Refuses what is too much at once, and ends what takes too long.
async fn bounded(State(slots): State<Arc<Semaphore>>, request: Request, next: Next) -> Response {
    let Ok(_slot) = slots.try_acquire() else {
        return ApiError::busy().into_response();
    };
    match tokio::time::timeout(ANSWER_TIME_MAX, next.run(request)).await {
        Ok(response) => response,
        Err(_) => ApiError::too_slow().into_response(),
    }
}
