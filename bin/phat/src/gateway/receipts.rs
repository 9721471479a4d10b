//! The search for a receipt, which any worker may have.

use std::time::Duration;

use axum::body::Bytes;
use futures::{StreamExt, stream};
use phat_http_server::MemoryShare;
use phat_primitives::ReceiptHash;
use phat_receipt::Receipt;
use phat_worker_client::Inclusion;
use serde::Deserialize;
use thiserror::Error;
use tokio::time::timeout;

use super::{
    Gateway,
    directory::{KnownWorker, resolve},
    forward::{CollectError, Collected, collect, declared_too_large, last_cause},
};

/// How many workers are asked for a receipt.
const WORKERS_MAX: usize = 64;
/// How many of them at once.
const WORKERS_CONCURRENT_MAX: usize = 4;
/// The most bytes of an answer about where a receipt is.
const INCLUSION_BYTES_MAX: u64 = 64 * 1024;
/// Time for the whole answer of one.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(30);
/// Time for the whole search.
const SEARCH_TIME_MAX: Duration = Duration::from_secs(120);

/// A receipt with its data as JSON, and the memory that it takes.
pub struct Found {
    /// The JSON.
    pub json: Bytes,
    /// Its part of the budget.
    pub memory: Option<MemoryShare>,
}

/// A receipt that was not found.
#[derive(Debug, Error)]
pub enum NotFound {
    /// Nobody who answered has it.
    #[error("no worker that is alive has it")]
    Nowhere,
    /// It may be there, but there is no memory for it.
    #[error("there is no memory for it")]
    NoMemory,
    /// The search took too long.
    #[error("the search took more than {} s", SEARCH_TIME_MAX.as_secs())]
    TooSlow,
}

/// Why a worker's answer is of no use.
#[derive(Debug, Error)]
enum Useless {
    #[error("has no such receipt")]
    Missing,
    #[error("answered {0}")]
    Status(u16),
    #[error("gave no answer: {0}")]
    NoAnswer(String),
    #[error("gave an answer that is too large")]
    TooLarge,
    #[error("has it, but there is no memory for it")]
    NoMemory,
    #[error("gave something else: {0}")]
    Wrong(String),
}

/// What of an answer tells whether it is the receipt. The transcript is not looked
/// into: whoever has the receipt can tell whether it is the one that was signed.
#[derive(Deserialize)]
struct Answer<'a> {
    receipt: Receipt,
    input: &'a str,
    output: &'a str,
}

impl Gateway {
    /// Asks live workers for a receipt. Reading is harmless, so whatever one says
    /// but the receipt itself, others are asked.
    pub(super) async fn find_receipt(&self, hash: ReceiptHash) -> Result<Found, NotFound> {
        let mut lacks_memory = false;
        let workers = self.directory.live().into_iter().take(WORKERS_MAX);
        let search = async {
            let mut asked = stream::iter(workers)
                .map(async |worker| {
                    let answer = self.ask(&worker, hash).await;
                    (worker, answer)
                })
                .buffer_unordered(WORKERS_CONCURRENT_MAX);
            while let Some((worker, answer)) = asked.next().await {
                match answer {
                    Ok(found) => return Some(found),
                    Err(Useless::Missing) => {}
                    Err(Useless::NoMemory) => lacks_memory = true,
                    Err(error) => tracing::warn!("worker {} {error}", worker.id),
                }
            }
            None
        };
        match timeout(SEARCH_TIME_MAX, search).await {
            Ok(Some(found)) => Ok(found),
            Ok(None) if lacks_memory => Err(NotFound::NoMemory),
            Ok(None) => Err(NotFound::Nowhere),
            Err(_) => Err(NotFound::TooSlow),
        }
    }

    /// Asks live workers where a receipt is in what its worker has published. What they say is
    /// for the chain to confirm, so the first that has the form of an answer is passed on.
    pub(super) async fn find_inclusion(&self, hash: ReceiptHash) -> Result<Inclusion, NotFound> {
        let path = format!("/v1/receipts/{hash}/inclusion");
        let path = path.as_str();
        let workers = self.directory.live().into_iter().take(WORKERS_MAX);
        let search = async {
            let mut asked = stream::iter(workers)
                .map(async |worker| {
                    let answer = self.get(&worker, path, INCLUSION_BYTES_MAX).await;
                    (worker, answer)
                })
                .buffer_unordered(WORKERS_CONCURRENT_MAX);
            while let Some((worker, answer)) = asked.next().await {
                let error = match answer {
                    Ok(collected) => match serde_json::from_slice::<Inclusion>(&collected.bytes) {
                        Ok(inclusion) if inclusion.proof().is_some() => return Some(inclusion),
                        Ok(_) => Useless::Wrong("a node of another length".into()),
                        Err(error) => Useless::Wrong(error.to_string()),
                    },
                    Err(Useless::Missing) => continue,
                    Err(error) => error,
                };
                tracing::warn!("worker {} {error}", worker.id);
            }
            None
        };
        match timeout(SEARCH_TIME_MAX, search).await {
            Ok(Some(inclusion)) => Ok(inclusion),
            Ok(None) => Err(NotFound::Nowhere),
            Err(_) => Err(NotFound::TooSlow),
        }
    }

    async fn ask(&self, worker: &KnownWorker, hash: ReceiptHash) -> Result<Found, Useless> {
        let path = format!("/v1/receipts/{hash}");
        let collected = self
            .get(worker, &path, self.limits.response_bytes_max)
            .await?;
        let json = collected.bytes;
        // A receipt can be long, and nothing else should wait for it to be read.
        let checked = tokio::task::spawn_blocking(move || check(&json, hash).map(|()| json));
        let json = checked
            .await
            .map_err(|error| Useless::Wrong(error.to_string()))?
            .map_err(Useless::Wrong)?;
        Ok(Found {
            json,
            memory: collected.memory,
        })
    }

    /// What a worker has at a path.
    async fn get(
        &self,
        worker: &KnownWorker,
        path: &str,
        bytes_max: u64,
    ) -> Result<Collected, Useless> {
        let url = resolve(&worker.endpoint, path);
        let no_answer = |error: reqwest::Error| Useless::NoAnswer(last_cause(&error));
        let request = self.http.get(url).timeout(ANSWER_TIME_MAX);
        let answer = request.send().await.map_err(no_answer)?;
        match answer.status().as_u16() {
            200 => {}
            404 => return Err(Useless::Missing),
            other => return Err(Useless::Status(other)),
        }
        if declared_too_large(answer.headers(), bytes_max).is_some() {
            return Err(Useless::TooLarge);
        }
        let collected = collect(answer.bytes_stream(), bytes_max, &self.receipts).await;
        collected.map_err(|error| match error {
            CollectError::TooLarge(_) => Useless::TooLarge,
            CollectError::NoMemory => Useless::NoMemory,
            CollectError::Broken(error) => no_answer(error),
        })
    }
}

/// Whether an answer is the receipt with this hash, signed, with its input and output.
fn check(json: &[u8], hash: ReceiptHash) -> Result<(), String> {
    let answer: Answer<'_> = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    let receipt = &answer.receipt;
    if receipt.hash() != hash {
        return Err(format!("the receipt {}", receipt.hash()));
    }
    receipt
        .verify_signature()
        .and_then(|()| receipt.verify_input(&bytes(answer.input)))
        .and_then(|()| receipt.verify_output(&bytes(answer.output)))
        .map_err(|error| error.to_string())
}

/// The bytes of hexadecimal digits; what is none has no bytes.
fn bytes(digits: &str) -> Vec<u8> {
    let digits = digits.strip_prefix("0x").unwrap_or(digits);
    hex::decode(digits).unwrap_or_default()
}
