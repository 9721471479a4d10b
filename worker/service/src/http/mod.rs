//! The worker's HTTP API.

mod aggregate;
mod call;
mod encrypted;
mod error;
mod handover;
mod handovers;
mod hook;
mod question;
mod routes;
mod signatures;
pub(crate) mod view;

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use phat_http_server::{Limits, MemoryBudget, hold};
use phat_primitives::{ClusterId, ContractId};
use phat_target::{BlockRef, Target};
use phat_worker_client::{
    AGGREGATE_BODY_BYTES_MAX, CALL_BODY_BYTES_MAX, CLUSTER_KEY_BODY_BYTES_MAX, HOOK_BODY_BYTES_MAX,
    SIGNATURES_BODY_BYTES_MAX,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, watch},
};

use crate::{
    backlog::Backlog, chain::ChainView, contracts::Snapshot, executor::Executor, firings::Owners,
    health::Health, journal::Journal, metrics::Metrics, pace::Shutdown, peers::Peers, performance,
};
use aggregate::AggregateTurns;
use error::ApiError;
use handovers::Handovers;
use signatures::SignatureTurns;

pub use phat_worker_client::CALL_INPUT_BYTES_MAX;

/// Connections at once.
const CONNECTIONS_MAX: usize = 512;
/// Connections at once of one peer, such as a gateway.
pub const CONNECTIONS_PER_PEER_MAX: usize = CONNECTIONS_MAX / 2;
/// Requests at once, calls apart, until their answers are sent.
const REQUESTS_CONCURRENT_MAX: usize = 64;
/// Time to make an answer to anything but a call.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
/// Calls whose answers are being sent, for each that may run.
const CALLS_SENT_PER_RUN: usize = 1;
/// Memory for receipts and logs that are being sent.
const ANSWERS_BYTES_MAX: u64 = 1024 * 1024 * 1024;

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
    /// The Phat chain.
    pub chain: Arc<dyn ChainView>,
    /// The target chains with their heads.
    pub targets: Vec<TargetHandle>,
    /// The cluster as the chain has it.
    pub snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
    /// What runs contracts.
    pub executor: Arc<Executor>,
    /// Calls that run at once.
    pub calls_max: usize,
    /// Calls that wait for their turn.
    pub calls_waiting_max: usize,
    /// Requests, receipts and logs.
    pub journal: Arc<Journal>,
    /// Who owns the records of firings.
    pub owners: Owners,
    /// How many requests are unfinished, by the chain that they are settled on.
    pub backlogs: BTreeMap<String, Arc<Backlog>>,
    /// The other workers of the cluster.
    pub peers: Arc<Peers>,
    /// Whether the worker can work.
    pub health: Health,
    /// What was counted.
    pub metrics: Arc<Metrics>,
    /// The performance as it is shown to the chain, if it is.
    pub performance: Option<watch::Receiver<performance::Status>>,
    /// When to end.
    pub shutdown: Shutdown,
}

impl Api {
    /// How many more firings of a contract there is room for on this chain; an empty
    /// name is for no chain.
    fn room(&self, chain: &str, contract: ContractId) -> usize {
        let backlog = self.backlogs.get(chain);
        backlog.map_or(0, |backlog| backlog.room(contract))
    }
}

/// Serves the API until the worker ends and the last call is answered.
pub async fn serve(listener: TcpListener, api: Arc<Api>) -> io::Result<()> {
    let mut shutdown = api.shutdown.clone();
    let limits = Limits {
        connections_max: CONNECTIONS_MAX,
        connections_per_peer_max: CONNECTIONS_PER_PEER_MAX,
        ..Limits::default()
    };
    let stop = async move { shutdown.requested().await };
    phat_http_server::serve(listener, router(api), limits, stop).await;
    Ok(())
}

/// Binds the API's address.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let reason = format!("cannot listen on {address}: {error}; choose another --listen");
        io::Error::new(error.kind(), reason)
    })
}

/// What handlers share.
#[derive(Clone)]
struct Context {
    api: Arc<Api>,
    /// Requests, calls apart.
    requests: Arc<Semaphore>,
    calls: CallPlaces,
    handovers: Arc<Handovers>,
    signatures: Arc<SignatureTurns>,
    aggregate: Arc<AggregateTurns>,
    memory: MemoryBudget,
}

/// Places for calls until their answers are sent.
#[derive(Clone)]
struct CallPlaces(Arc<Semaphore>);

impl FromRef<Context> for Arc<Api> {
    fn from_ref(context: &Context) -> Self {
        context.api.clone()
    }
}

impl FromRef<Context> for CallPlaces {
    fn from_ref(context: &Context) -> Self {
        context.calls.clone()
    }
}

impl FromRef<Context> for Arc<Handovers> {
    fn from_ref(context: &Context) -> Self {
        context.handovers.clone()
    }
}

impl FromRef<Context> for Arc<SignatureTurns> {
    fn from_ref(context: &Context) -> Self {
        context.signatures.clone()
    }
}

impl FromRef<Context> for Arc<AggregateTurns> {
    fn from_ref(context: &Context) -> Self {
        context.aggregate.clone()
    }
}

impl FromRef<Context> for MemoryBudget {
    fn from_ref(context: &Context) -> Self {
        context.memory.clone()
    }
}

fn router(api: Arc<Api>) -> Router {
    let calls_max = api.calls_max * (1 + CALLS_SENT_PER_RUN) + api.calls_waiting_max;
    let context = Context {
        api,
        requests: Arc::new(Semaphore::new(REQUESTS_CONCURRENT_MAX)),
        calls: CallPlaces(Arc::new(Semaphore::new(calls_max))),
        handovers: Arc::default(),
        signatures: Arc::default(),
        aggregate: Arc::default(),
        memory: MemoryBudget::new(ANSWERS_BYTES_MAX),
    };
    let bounded = middleware::from_fn_with_state(context.clone(), bounded);
    let quick = Router::new()
        .route("/v1/contracts/{id}", get(routes::contract))
        .route("/v1/contracts/{id}/logs", get(routes::logs))
        .route("/v1/contracts/{id}/requests/{request}", get(hook::request))
        .route(
            "/v1/contracts/{id}/hooks/{name}",
            post(hook::hook).layer(DefaultBodyLimit::max(HOOK_BODY_BYTES_MAX)),
        )
        .route("/v1/requests", get(routes::requests))
        .route("/v1/receipts/{hash}", get(routes::receipt))
        .route("/v1/receipts/{hash}/inclusion", get(routes::inclusion))
        .route("/v1/info", get(routes::info))
        .route(
            "/v1/cluster/key",
            post(handover::cluster_key).layer(DefaultBodyLimit::max(CLUSTER_KEY_BODY_BYTES_MAX)),
        )
        .route(
            "/v1/contracts/{id}/requests/{request}/signatures",
            post(signatures::signatures).layer(DefaultBodyLimit::max(SIGNATURES_BODY_BYTES_MAX)),
        )
        .route(
            "/v1/contracts/{id}/requests/{request}/aggregate",
            post(aggregate::aggregate).layer(DefaultBodyLimit::max(AGGREGATE_BODY_BYTES_MAX)),
        )
        .route_layer(bounded);
    Router::new()
        .merge(quick)
        .route("/v1/contracts/{id}/call", post(call::call))
        .route("/health", get(routes::health))
        .route("/metrics", get(routes::metrics))
        .fallback(|| async { ApiError::no_route() })
        .method_not_allowed_fallback(|| async { ApiError::wrong_method() })
        .layer(DefaultBodyLimit::max(CALL_BODY_BYTES_MAX))
        .with_state(context)
}

/// Refuses what is too much at once, and ends what takes too long.
async fn bounded(State(context): State<Context>, request: Request, next: Next) -> Response {
    let Ok(place) = context.requests.try_acquire_owned() else {
        return ApiError::busy().into_response();
    };
    match tokio::time::timeout(ANSWER_TIME_MAX, next.run(request)).await {
        Ok(response) => hold(response, place),
        Err(_) => ApiError::too_slow().into_response(),
    }
}
