//! One JSON-RPC endpoint over HTTP: bounded in time, tried again where that may
//! help.

use std::{
    error::Error,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use alloy::{
    primitives::U64,
    rpc::{
        client::RpcClient,
        json_rpc::{ErrorPayload, RpcError, RpcRecv, RpcSend},
    },
    transports::{TransportErrorKind, http::Http},
};
use phat_target::TargetError;
use url::Url;

use super::health::{Fault, Health};
use crate::revert::shorten;

/// The pause after the first failed try; each further one is twice as long.
pub(super) const PAUSE: Duration = Duration::from_millis(150);

/// One JSON-RPC endpoint.
pub(super) struct Endpoint {
    client: RpcClient,
    /// Its host: the rest of its URL often holds an access token.
    name: String,
    chain_id: u64,
    /// Whether it has shown that it serves this chain. Forgotten when it goes away:
    /// another may come back.
    is_checked: AtomicBool,
    health: Mutex<Health>,
}

/// Why an endpoint gave no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoAnswer {
    /// It is away, or asks to be left alone.
    Away(String),
    /// It serves this other chain.
    WrongChain(String),
}

impl Endpoint {
    /// An endpoint that has not been asked anything yet.
    pub(super) fn new(chain_id: u64, url: Url, timeout: Duration) -> Result<Self, TargetError> {
        let http = reqwest::Client::builder()
            .timeout(timeout)
            // An RPC endpoint has no reason to send its clients elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| {
                TargetError::Malformed(format!("no HTTP client can be made: {error}"))
            })?;
        let host = url.host_str().unwrap_or_default();
        let name = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Ok(Self {
            client: RpcClient::new(Http::with_client(http, url), false),
            name,
            chain_id,
            is_checked: AtomicBool::new(false),
            health: Mutex::default(),
        })
    }

    /// What it is called in messages.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Its standing.
    pub(super) fn health(&self) -> MutexGuard<'_, Health> {
        // Nothing that holds it can be left half done.
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `method`, and tries so often where no answer comes. An error of the
    /// endpoint's own is an answer; one that only asks to be asked less often is
    /// none.
    pub(super) async fn attempt<P: RpcSend, R: RpcRecv>(
        &self,
        method: &'static str,
        params: P,
        tries: u32,
    ) -> Result<Result<R, ErrorPayload>, NoAnswer> {
        self.check_chain(tries).await?;
        self.repeat(method, params, tries).await
    }

    /// The same once, and for no longer than `time_max`.
    pub(super) async fn attempt_within<P: RpcSend, R: RpcRecv>(
        &self,
        method: &'static str,
        params: P,
        time_max: Duration,
    ) -> Result<Result<R, ErrorPayload>, NoAnswer> {
        match tokio::time::timeout(time_max, self.attempt(method, params, 1)).await {
            Ok(answer) => answer,
            Err(_) => {
                let reason = format!("no answer for {} ms", time_max.as_millis());
                self.failed(&reason);
                Err(NoAnswer::Away(reason))
            }
        }
    }

    /// Refuses an endpoint of another chain.
    async fn check_chain(&self, tries: u32) -> Result<(), NoAnswer> {
        if self.is_checked.load(Ordering::Relaxed) {
            return Ok(());
        }
        let answer = self.repeat("eth_chainId", (), tries).await?;
        let actual: U64 = answer.map_err(|payload| {
            let reason = format!("it refuses eth_chainId: {}", shorten(&payload.message));
            self.failed(&reason);
            NoAnswer::Away(reason)
        })?;
        let is_right = actual.to::<u64>() == self.chain_id;
        let other = (!is_right).then(|| format!("eip155:{actual}"));
        if self.health().serves(other.clone())
            && let Some(chain) = &other
        {
            tracing::warn!(
                endpoint = self.name,
                chain,
                "the endpoint serves another chain"
            );
        }
        match other {
            Some(chain) => Err(NoAnswer::WrongChain(chain)),
            None => {
                self.is_checked.store(true, Ordering::Relaxed);
                Ok(())
            }
        }
    }

    async fn repeat<P: RpcSend, R: RpcRecv>(
        &self,
        method: &'static str,
        params: P,
        tries: u32,
    ) -> Result<Result<R, ErrorPayload>, NoAnswer> {
        let mut tried = 1;
        loop {
            let start = Instant::now();
            let error = match self.client.request(method, params.clone()).await {
                Ok(answer) => {
                    self.health().answered(start.elapsed());
                    return Ok(Ok(answer));
                }
                Err(RpcError::ErrorResp(payload)) if !is_rate_limit(&payload) => {
                    self.health().answered(start.elapsed());
                    return Ok(Err(payload));
                }
                Err(error) => error,
            };
            if !matches!(error, RpcError::ErrorResp(_)) {
                self.is_checked.store(false, Ordering::Relaxed);
            }
            if tried >= tries {
                let reason = reason(error);
                self.failed(&reason);
                return Err(NoAnswer::Away(reason));
            }
            tracing::debug!(
                endpoint = self.name,
                method,
                tried,
                "RPC call failed; trying again"
            );
            tokio::time::sleep(PAUSE * 2_u32.saturating_pow(tried - 1)).await;
            tried += 1;
        }
    }

    fn failed(&self, reason: &str) {
        if self.health().failed(Instant::now(), reason) {
            tracing::debug!(endpoint = self.name, reason, "the endpoint does not answer");
        }
    }

    /// Notes how its newest block stands to that of the others.
    pub(super) fn stands(&self, distance: Option<Fault>) {
        let text = distance.as_ref().map(ToString::to_string);
        if self.health().stands(distance)
            && let Some(reason) = text
        {
            tracing::warn!(endpoint = self.name, reason, "the endpoint is left out");
        }
    }

    /// Notes that the others answered `method` differently.
    pub(super) fn outvoted(&self, method: &'static str) {
        if self.health().outvoted(Instant::now(), method) {
            tracing::warn!(
                endpoint = self.name,
                method,
                "the endpoint was outvoted: it lies, or lags"
            );
        }
    }
}

/// Whether the endpoint asks to be asked less often. Its code -32005 alone does
/// not say so: it also stands for a search with too many results.
fn is_rate_limit(payload: &ErrorPayload) -> bool {
    let message = payload.message.to_ascii_lowercase();
    payload.code == 429
        || [
            "rate limit",
            "too many requests",
            "compute units",
            "over capacity",
        ]
        .iter()
        .any(|sign| message.contains(sign))
}

/// What went wrong, without the URL: it often holds an access token.
fn reason(error: RpcError<TransportErrorKind>) -> String {
    match error {
        RpcError::Transport(TransportErrorKind::Custom(error)) => {
            match error.downcast::<reqwest::Error>() {
                Ok(error) => shorten(&chain_of(&error.without_url())),
                Err(error) => shorten(&error.to_string()),
            }
        }
        RpcError::Transport(TransportErrorKind::HttpError(error)) => {
            format!("HTTP status {}", error.status)
        }
        RpcError::DeserError { err, .. } => {
            shorten(&format!("an answer of an unknown form: {err}"))
        }
        other => shorten(&other.to_string()),
    }
}

/// An error and its causes; the outermost alone rarely says more than "failed".
fn chain_of(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
