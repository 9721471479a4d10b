//! Where a run's answers come from, if not from the network, the clock and the system.
//!
//! For local tools, which repeat a run on answers that were recorded or written by
//! hand. Whatever they give is checked against the limits and hosts of the run, and
//! recorded in its transcript, as what a server gives is.

use std::sync::Arc;

use phat_manifest::Limits;
use phat_primitives::blake2_256;
use url::Url;

use crate::{
    CertificateChainHash, Completion, HttpError, HttpErrorCode, HttpRequest, HttpResponse,
    Redirect, egress::RunEgress,
};

/// How far a clock with a given start moves with each reading: 1 ms. One that stood
/// still would keep a script that waits for it forever.
const CLOCK_STEP_NANOSECONDS: u64 = 1_000_000;

/// Answers the HTTP requests of a run.
pub trait HttpSource: Send + Sync {
    /// The answer to a request. It is there at once: requests under way together
    /// are answered in the order in which they were started.
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError>;
}

/// The sources of a run's answers. What is none is as the network, the clock and the
/// system give it.
#[derive(Clone, Default)]
pub struct Sources {
    /// Who answers HTTP requests.
    pub http: Option<Arc<dyn HttpSource>>,
    /// The first time that the run is told, in nanoseconds since 1970. Each reading
    /// is a millisecond later than the one before.
    pub clock_start: Option<u64>,
    /// What all random bytes of the run follow from.
    pub random_seed: Option<[u8; 32]>,
}

/// The sources of one run, with how far it is in them.
pub struct RunSources {
    sources: Sources,
    clock_next: Option<u64>,
    random_block: u64,
}

impl RunSources {
    pub fn new(sources: Sources) -> Self {
        Self {
            clock_next: sources.clock_start,
            sources,
            random_block: 0,
        }
    }

    /// The answer to a request, unless the network is to give it.
    pub fn answer(
        &self,
        request: &HttpRequest,
        limits: &Limits,
        egress: &RunEgress,
    ) -> Option<Completion> {
        let source = self.sources.http.as_ref()?;
        let answer = egress.prepare(request).and_then(|prepared| {
            let mut response = source.answer(request)?;
            let url = if response.redirected {
                redirected(&response.url, request.redirect, egress)?
            } else {
                prepared.url
            };
            // No server presented any: the hash of none, which no real answer has.
            response.certificate_chain =
                (url.scheme() == "https").then(|| CertificateChainHash::of::<Vec<u8>>(&[]));
            // As it is sent, so that a replay of the transcript finds it plausible.
            response.url = url.into();
            let bytes_max = limits.http_response_bytes;
            if response.received_bytes() > bytes_max {
                return Err(HttpError::limit("http_response_bytes", bytes_max));
            }
            Ok(response)
        });
        Some(answer.map_or_else(Completion::RequestFailed, Completion::Response))
    }

    /// The time, unless the clock is to tell it.
    pub fn now(&mut self) -> Option<u64> {
        let now = self.clock_next?;
        self.clock_next = Some(now.saturating_add(CLOCK_STEP_NANOSECONDS));
        Some(now)
    }

    /// So many random bytes, unless the system is to draw them: block after block,
    /// each the BLAKE2b-256 hash of the seed and its number, little-endian.
    pub fn random(&mut self, length: usize) -> Option<Vec<u8>> {
        let seed = self.sources.random_seed?;
        let mut bytes = Vec::with_capacity(length.next_multiple_of(32));
        while bytes.len() < length {
            let mut block = [0; 40];
            block[..32].copy_from_slice(&seed);
            block[32..].copy_from_slice(&self.random_block.to_le_bytes());
            bytes.extend_from_slice(&blake2_256(&block));
            self.random_block += 1;
        }
        bytes.truncate(length);
        Some(bytes)
    }
}

/// Where redirects led, if the run may go there.
fn redirected(url: &str, redirect: Redirect, egress: &RunEgress) -> Result<Url, HttpError> {
    if redirect != Redirect::Follow {
        let message = format!("the answer was redirected to {url}, and the request follows none");
        return Err(HttpError::new(HttpErrorCode::Redirect, message));
    }
    let url = Url::parse(url)
        .map_err(|error| HttpError::new(HttpErrorCode::Redirect, format!("{url}: {error}")))?;
    egress.check(&url)?;
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_is_left_to_others() {
        let mut sources = RunSources::new(Sources::default());
        assert_eq!((sources.now(), sources.random(4)), (None, None));
    }

    #[test]
    fn the_clock_goes_on_and_random_bytes_follow_from_the_seed() {
        let given = Sources {
            clock_start: Some(7),
            random_seed: Some([1; 32]),
            ..Sources::default()
        };
        let mut sources = RunSources::new(given.clone());
        assert_eq!(sources.now(), Some(7));
        assert_eq!(sources.now(), Some(7 + CLOCK_STEP_NANOSECONDS));
        let first = sources.random(33).unwrap();
        assert_eq!(first.len(), 33);
        assert_ne!(sources.random(33).unwrap(), first);
        assert_eq!(RunSources::new(given).random(33).unwrap(), first);
        assert_eq!(sources.random(0).unwrap(), Vec::<u8>::new());
    }
}
