//! The client.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use phat_envelope::EnvelopeError;
use phat_primitives::{ContractId, ReceiptHash, RequestId};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use thiserror::Error;
use url::Url;

use crate::{
    AggregateBody, CLUSTER_KEY_ANSWER_BYTES_MAX, CallAnswer, CallBody, ClusterKeyAnswer,
    ClusterKeyBody, ContractInfo, EncryptedAnswer, EncryptedCall, ErrorAnswer, FORWARDED_HEADER,
    Front, HOOK_ANSWER_BYTES_MAX, Health, HexBytes, HookAnswer, HookHeader, Inclusion, Info,
    LogsPage, ReceiptBundle, RequestAnswer, RequestsPage, SIGNATURES_ANSWER_BYTES_MAX,
    SignaturesAnswer, SignaturesBody, open_answer,
};

/// The longest answer that is read: a receipt with its transcript can be long.
const ANSWER_BYTES_MAX: usize = 512 * 1024 * 1024;
/// How long a worker may take to accept a connection.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a worker may take to answer anything but a call.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);
/// How long a worker may take to hand its cluster's key over.
const CLUSTER_KEY_TIME_MAX: Duration = Duration::from_secs(15);
/// How long a worker may take to tell the outcome that it signed.
const SIGNATURES_TIME_MAX: Duration = Duration::from_secs(10);
/// How long a worker may take to merge outputs: a little more than it takes for any answer.
const AGGREGATE_TIME_MAX: Duration = Duration::from_secs(35);
/// How long a call may take: the longest run there is, and some waiting.
const CALL_TIME_MAX: Duration = Duration::from_secs(3_700);
/// How long a connection is kept for the next request: less than a worker keeps it,
/// so that no request is sent on one that the worker is about to close.
const CONNECTION_IDLE_MAX: Duration = Duration::from_secs(10);

/// The name of the error of whoever has too much to do.
const BUSY: &str = "busy";
/// When to try again where a busy worker or gateway does not say.
const RETRY_AFTER_DEFAULT_S: u64 = 1;

/// A worker that did not do as asked.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The URL cannot be one of a worker.
    #[error("{0} is not the URL of a worker: give one such as http://127.0.0.1:8800")]
    BadUrl(String),
    /// TLS cannot be set up on this machine.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// No answer.
    #[error("the worker at {url} cannot be reached: {source}; check that it runs")]
    Unreachable {
        /// Where it should be.
        url: Url,
        /// What the transport reported.
        source: reqwest::Error,
    },
    /// The worker, or the gateway in front of it, has as much to do as it can. What
    /// was asked for is not done.
    #[error(
        "the worker is busy: try again after {retry_after_s} s, or another worker with --worker"
    )]
    Busy {
        /// When there may be room, in seconds.
        retry_after_s: u64,
    },
    /// The worker refused.
    #[error("the worker refused ({status}, {code}): {message}")]
    Refused {
        /// The HTTP status.
        status: StatusCode,
        /// The stable name of the error.
        code: String,
        /// What the worker says.
        message: String,
    },
    /// The call cannot be encrypted.
    #[error("the call cannot be encrypted: {0}")]
    Sealing(#[from] EnvelopeError),
    /// An answer that is none of a worker.
    #[error("{url} answered {status} with something that a worker does not say: {reason}")]
    Malformed {
        /// What was asked for.
        url: Url,
        /// The HTTP status.
        status: StatusCode,
        /// What is wrong with it.
        reason: String,
    },
}

/// A worker's HTTP API.
#[derive(Clone, Debug)]
pub struct WorkerClient {
    base: Url,
    http: reqwest::Client,
}

impl WorkerClient {
    /// A client of the worker at `url`. Nothing is sent yet.
    pub fn new(url: &str) -> Result<Self, ClientError> {
        let base = base(url)?;
        Self::with(reqwest::Client::builder(), base)
    }

    /// A client of the worker at `url` that connects to one of these addresses, whatever the URL's
    /// name means, and through no proxy of the environment. They are not looked at if the URL has
    /// an address itself. Nothing is sent yet.
    pub fn at(url: &str, addresses: &[SocketAddr]) -> Result<Self, ClientError> {
        let base = base(url)?;
        let mut builder = reqwest::Client::builder().no_proxy();
        if let Some(name) = base.domain() {
            builder = builder.resolve_to_addrs(name, addresses);
        }
        Self::with(builder, base)
    }

    fn with(builder: reqwest::ClientBuilder, base: Url) -> Result<Self, ClientError> {
        let http = builder
            .connect_timeout(CONNECT_TIME_MAX)
            .timeout(ANSWER_TIME_MAX)
            .pool_idle_timeout(CONNECTION_IDLE_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .tls_backend_preconfigured(tls(base.scheme() == "https")?)
            .build()
            .map_err(|source| ClientError::Unreachable {
                url: base.clone(),
                source,
            })?;
        Ok(Self { base, http })
    }

    /// Runs a contract and waits for the result.
    pub async fn call(
        &self,
        contract: ContractId,
        input: Vec<u8>,
    ) -> Result<CallAnswer, ClientError> {
        let body = CallBody {
            input: HexBytes(input),
        };
        let path = format!("v1/contracts/{contract}/call");
        self.ask(&path, Method::POST, |request| {
            request.timeout(CALL_TIME_MAX).json(&body)
        })
        .await
    }

    /// Runs a contract and waits for the result; only whoever has the key that is called
    /// reads the input, and only this caller the answer.
    pub async fn call_encrypted(
        &self,
        call: &EncryptedCall<'_>,
    ) -> Result<CallAnswer, ClientError> {
        let (body, opener) = call.seal()?;
        let contract = call.contract;
        let path = match call.to.worker() {
            Some(worker) => format!("v1/contracts/{contract}/call?worker={worker}"),
            None => format!("v1/contracts/{contract}/call"),
        };
        let answer: EncryptedAnswer = self
            .ask(&path, Method::POST, |request| {
                request.timeout(CALL_TIME_MAX).json(&body)
            })
            .await?;
        open_answer(&opener, &answer).map_err(|reason| ClientError::Malformed {
            url: self.base.clone(),
            status: StatusCode::OK,
            reason,
        })
    }

    /// A contract as the worker sees it.
    pub async fn contract(&self, contract: ContractId) -> Result<ContractInfo, ClientError> {
        self.get(&format!("v1/contracts/{contract}")).await
    }

    /// What a contract logged after line number `after`.
    pub async fn logs(&self, contract: ContractId, after: u64) -> Result<LogsPage, ClientError> {
        self.get(&format!("v1/contracts/{contract}/logs?after={after}"))
            .await
    }

    /// The newest requests, of one contract or of all.
    pub async fn requests(
        &self,
        contract: Option<ContractId>,
    ) -> Result<RequestsPage, ClientError> {
        let filter = contract.map_or(String::new(), |id| format!("?contract={id}"));
        self.get(&format!("v1/requests{filter}")).await
    }

    /// A request to a contract and how far it has come.
    pub async fn request(
        &self,
        contract: ContractId,
        request: RequestId,
    ) -> Result<RequestAnswer, ClientError> {
        self.get(&format!("v1/contracts/{contract}/requests/{request}"))
            .await
    }

    /// Calls a webhook. With `is_forwarded`, as a worker does that passes a call on to
    /// others, which then pass it on to nobody.
    pub async fn hook(
        &self,
        contract: ContractId,
        name: &str,
        headers: &[HookHeader],
        body: &[u8],
        is_forwarded: bool,
    ) -> Result<HookAnswer, ClientError> {
        let path = format!("v1/contracts/{contract}/hooks/{name}");
        let fill = |request: RequestBuilder| {
            let request = match is_forwarded {
                true => request.header(FORWARDED_HEADER, "1"),
                false => request,
            };
            let request = request.body(body.to_vec());
            headers.iter().fold(request, |request, (name, value)| {
                request.header(*name, value)
            })
        };
        let (url, status, body) = self
            .send_for(&path, Method::POST, HOOK_ANSWER_BYTES_MAX, fill)
            .await?;
        if !matches!(status, StatusCode::ACCEPTED | StatusCode::OK) {
            return Err(refusal(url, status, &body));
        }
        parse(url, status, &body)
    }

    /// A receipt with its data.
    pub async fn receipt(&self, hash: ReceiptHash) -> Result<ReceiptBundle, ClientError> {
        self.get(&format!("v1/receipts/{hash}")).await
    }

    /// Where a receipt is in what its worker has published.
    pub async fn inclusion(&self, hash: ReceiptHash) -> Result<Inclusion, ClientError> {
        self.get(&format!("v1/receipts/{hash}/inclusion")).await
    }

    /// Who the worker is.
    pub async fn info(&self) -> Result<Info, ClientError> {
        self.get("v1/info").await
    }

    /// Who answers, where that may be a gateway.
    pub async fn front(&self) -> Result<Front, ClientError> {
        self.get("v1/info").await
    }

    /// The key of the worker's cluster, for another worker of it.
    pub async fn cluster_key(
        &self,
        body: &ClusterKeyBody,
    ) -> Result<ClusterKeyAnswer, ClientError> {
        let fill = |request: RequestBuilder| request.timeout(CLUSTER_KEY_TIME_MAX).json(body);
        let (url, status, body) = self
            .send_for(
                "v1/cluster/key",
                Method::POST,
                CLUSTER_KEY_ANSWER_BYTES_MAX,
                fill,
            )
            .await?;
        if status != StatusCode::OK {
            return Err(refusal(url, status, &body));
        }
        parse(url, status, &body)
    }

    /// The outcome of a request that the worker signed, for another worker of its
    /// cluster.
    pub async fn signatures(
        &self,
        contract: ContractId,
        request: RequestId,
        body: &SignaturesBody,
    ) -> Result<SignaturesAnswer, ClientError> {
        let fill = |request: RequestBuilder| request.timeout(SIGNATURES_TIME_MAX).json(body);
        let path = format!("v1/contracts/{contract}/requests/{request}/signatures");
        let (url, status, body) = self
            .send_for(&path, Method::POST, SIGNATURES_ANSWER_BYTES_MAX, fill)
            .await?;
        if status != StatusCode::OK {
            return Err(refusal(url, status, &body));
        }
        parse(url, status, &body)
    }

    /// What the worker has merged outputs of a request into, signed, for another worker of
    /// its cluster.
    pub async fn aggregate(
        &self,
        contract: ContractId,
        request: RequestId,
        body: &AggregateBody,
    ) -> Result<SignaturesAnswer, ClientError> {
        let fill = |request: RequestBuilder| request.timeout(AGGREGATE_TIME_MAX).json(body);
        let path = format!("v1/contracts/{contract}/requests/{request}/aggregate");
        let (url, status, body) = self
            .send_for(&path, Method::POST, SIGNATURES_ANSWER_BYTES_MAX, fill)
            .await?;
        if status != StatusCode::OK {
            return Err(refusal(url, status, &body));
        }
        parse(url, status, &body)
    }

    /// Whether the worker can do its work. That it cannot is no error here.
    pub async fn health(&self) -> Result<Health, ClientError> {
        let (url, status, body) = self.send("health", Method::GET, |request| request).await?;
        parse(url, status, &body)
    }

    /// The worker's metrics in Prometheus' text form.
    pub async fn metrics(&self) -> Result<String, ClientError> {
        let (url, status, body) = self.send("metrics", Method::GET, |request| request).await?;
        if status != StatusCode::OK {
            return Err(refusal(url, status, &body));
        }
        Ok(String::from_utf8_lossy(&body).into_owned())
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.ask(path, Method::GET, |request| request).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        method: Method,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<T, ClientError> {
        let (url, status, body) = self.send(path, method, fill).await?;
        if status != StatusCode::OK {
            return Err(refusal(url, status, &body));
        }
        parse(url, status, &body)
    }

    async fn send(
        &self,
        path: &str,
        method: Method,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<(Url, StatusCode, Vec<u8>), ClientError> {
        self.send_for(path, method, ANSWER_BYTES_MAX, fill).await
    }

    /// Sends a request whose answer has `bytes_max` at most.
    async fn send_for(
        &self,
        path: &str,
        method: Method,
        bytes_max: usize,
        fill: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<(Url, StatusCode, Vec<u8>), ClientError> {
        let url = self
            .base
            .join(path)
            .map_err(|_| ClientError::BadUrl(format!("{}{path}", self.base)))?;
        let lost = |source| ClientError::Unreachable {
            url: self.base.clone(),
            source,
        };
        let mut response = fill(self.http.request(method, url.clone()))
            .send()
            .await
            .map_err(lost)?;
        let status = response.status();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if body.len() + chunk.len() > bytes_max {
                return Err(ClientError::Malformed {
                    url,
                    status,
                    reason: format!("more than {bytes_max} bytes"),
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok((url, status, body))
    }
}

/// The URL that paths are appended to.
fn base(url: &str) -> Result<Url, ClientError> {
    let bad = || ClientError::BadUrl(url.into());
    let mut base = Url::parse(url).map_err(|_| bad())?;
    if !matches!(base.scheme(), "http" | "https") || base.cannot_be_a_base() {
        return Err(bad());
    }
    if !base.path().ends_with('/') {
        base.set_path(&format!("{}/", base.path()));
    }
    Ok(base)
}

/// TLS with the system's roots. They are read for `https` only, as that takes time.
fn tls(is_needed: bool) -> Result<rustls::ClientConfig, rustls::Error> {
    let mut roots = rustls::RootCertStore::empty();
    if is_needed {
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

fn parse<T: DeserializeOwned>(url: Url, status: StatusCode, body: &[u8]) -> Result<T, ClientError> {
    serde_json::from_slice(body).map_err(|error| ClientError::Malformed {
        url,
        status,
        reason: error.to_string(),
    })
}

fn refusal(url: Url, status: StatusCode, body: &[u8]) -> ClientError {
    match parse::<ErrorAnswer>(url, status, body) {
        Ok(ErrorAnswer { error }) if error.code == BUSY => ClientError::Busy {
            retry_after_s: error.retry_after_s.unwrap_or(RETRY_AFTER_DEFAULT_S),
        },
        Ok(ErrorAnswer { error }) => ClientError::Refused {
            status,
            code: error.code,
            message: error.message,
        },
        Err(error) => error,
    }
}
