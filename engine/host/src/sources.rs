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
    egress::AllowedHosts,
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
        allowed_hosts: &AllowedHosts,
    ) -> Option<Completion> {
        let source = self.sources.http.as_ref()?;
        let answer = checked(request, limits, allowed_hosts).and_then(|url| {
            let mut response = source.answer(request)?;
            if !response.redirected {
                // As it is sent, so that a replay of the transcript finds it plausible.
                response.url = url.into();
            }
            // No server presented any: the hash of none, which no real answer has.
            let is_secure = Url::parse(&response.url).is_ok_and(|url| url.scheme() == "https");
            response.certificate_chain =
                is_secure.then(|| CertificateChainHash::of::<Vec<u8>>(&[]));
            if response.received_bytes() > limits.http_response_bytes {
                return Err(limit("http_response_bytes", limits.http_response_bytes));
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

/// The URL that a request is sent to, if the run may make it.
fn checked(
    request: &HttpRequest,
    limits: &Limits,
    allowed_hosts: &AllowedHosts,
) -> Result<Url, HttpError> {
    if request.byte_count() as u64 > limits.http_request_bytes {
        return Err(limit("http_request_bytes", limits.http_request_bytes));
    }
    let invalid = |message| HttpError {
        code: HttpErrorCode::InvalidRequest,
        message,
    };
    let mut url =
        Url::parse(&request.url).map_err(|error| invalid(format!("{}: {error}", request.url)))?;
    if !matches!(url.scheme(), "https" | "http") {
        let message = format!("the scheme {} is not supported; use https", url.scheme());
        return Err(invalid(message));
    }
    if !allowed_hosts.allows(&url) {
        let host = url.host_str().unwrap_or_default();
        return Err(HttpError {
            code: HttpErrorCode::HostNotAllowed,
            message: format!("{host}: not in the manifest's allowed_hosts"),
        });
    }
    url.set_fragment(None);
    Ok(url)
}

fn limit(name: &str, max: u64) -> HttpError {
    HttpError {
        code: HttpErrorCode::Limit,
        message: format!("the limit {name} of {max} was reached"),
    }
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
