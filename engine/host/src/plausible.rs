//! Which recorded answers can be what a run got.
//!
//! A replay takes every answer from the transcript, which may be forged. Whether
//! a server said what is recorded, no replay can tell. What the engine would not
//! have let through, whatever the server said, is refused here.

use codec::{Compact, CompactLen};
use phat_manifest::Limits;
use url::Url;

use crate::{
    Completion, Event, HttpRequest, HttpResponse, Redirect, Versioned, egress::AllowedHosts,
};

/// The most bytes of a value that is read, which is the most that a manifest may
/// let a contract write.
pub const VALUE_READ_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The most bytes of the reason why a value could not be read.
pub const READ_ERROR_BYTES_MAX: usize = 1024;
/// What the entry of a clock reading has.
pub const CLOCK_ENTRY_BYTES: u64 = 9;

/// The most that the entry of a signature, key or secret has besides what is signed.
pub const SIGNATURE_ENTRY_BYTES: u64 = 512;

/// What an entry has besides a value or key of any length: its kind, versions,
/// numbers and lengths.
const ENTRY_OVERHEAD_BYTES: u64 = 64;
/// What a response's entry has besides what `http_response_bytes` counts. That is
/// the URL, which a redirect's header may give, the lengths of the headers, a
/// second byte for each character of theirs that is not ASCII, and the hash of the
/// server's certificates. The client reads no more than 400 KiB of headers and
/// asks no URL of more than 64 KiB.
const RESPONSE_OVERHEAD_BYTES: u64 = 1024 * 1024;

/// A request under way in a replay.
pub struct Asked {
    url: String,
    redirect: Redirect,
}

impl Asked {
    pub fn of(request: &HttpRequest) -> Self {
        Self {
            url: request.url.clone(),
            redirect: request.redirect,
        }
    }

    /// Says why this cannot be the answer, if it cannot.
    fn refuse(
        &self,
        response: &HttpResponse,
        limits: &Limits,
        allowed_hosts: &AllowedHosts,
    ) -> Option<String> {
        let Ok(url) = Url::parse(&response.url) else {
            return Some("gets an answer from what is no URL".to_owned());
        };
        if !matches!(url.scheme(), "https" | "http") || !allowed_hosts.allows(&url) {
            return Some("may not call that host".to_owned());
        }
        if response.redirected {
            if self.redirect != Redirect::Follow {
                return Some("follows no redirect".to_owned());
            }
        } else if sent(&self.url).as_deref() != Some(&response.url) {
            return Some(format!("asks {}", self.url));
        }
        if response.certificate_chain.is_some() != (url.scheme() == "https") {
            return Some("has certificates of a server with TLS, and of no other".to_owned());
        }
        let bytes_max = limits.http_response_bytes;
        (response.received_bytes() > bytes_max)
            .then(|| format!("gets at most the {bytes_max} bytes of http_response_bytes"))
    }
}

/// A URL as it is sent, and comes back if nothing redirects.
fn sent(url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    url.set_fragment(None);
    Some(url.into())
}

/// Says why this cannot be the event that a run waited for, if it cannot.
/// `asked` is the request with the event's number, `is_timer` whether a timer has
/// it, and `is_idle` whether nothing is under way.
pub fn refuse_event(
    event: Option<&Event>,
    asked: Option<&Asked>,
    is_timer: bool,
    is_idle: bool,
    limits: &Limits,
    allowed_hosts: &AllowedHosts,
) -> Option<String> {
    let something_else = || Some("waits for something else".to_owned());
    let Some(event) = event else {
        return if is_idle { None } else { something_else() };
    };
    match (&event.completion, asked) {
        (Completion::Timer, _) if is_timer => None,
        (Completion::RequestFailed(_), Some(_)) => None,
        (Completion::Response(response), Some(asked)) => {
            asked.refuse(response, limits, allowed_hosts)
        }
        _ => something_else(),
    }
}

/// Says why this cannot be the value of a key, if it cannot.
pub fn refuse_value(answer: &Result<Versioned, String>) -> Option<String> {
    let is_too_long = match answer {
        Ok(read) => read.value.len() > VALUE_READ_BYTES_MAX,
        Err(reason) => reason.len() > READ_ERROR_BYTES_MAX,
    };
    is_too_long.then(|| format!("reads at most {VALUE_READ_BYTES_MAX} bytes"))
}

/// The most bytes of the entry of a wait.
pub fn wait_entry_bytes(has_requests: bool, limits: &Limits) -> u64 {
    if has_requests {
        limits
            .http_response_bytes
            .saturating_add(RESPONSE_OVERHEAD_BYTES)
    } else {
        ENTRY_OVERHEAD_BYTES
    }
}

/// The most bytes of the entry of a key that is read.
pub fn read_entry_bytes(key: &[u8]) -> u64 {
    key.len() as u64 + VALUE_READ_BYTES_MAX as u64 + ENTRY_OVERHEAD_BYTES
}

/// The bytes of the entry of so many random bytes.
pub fn random_entry_bytes(count: usize) -> u64 {
    let length = u32::try_from(count).unwrap_or(u32::MAX);
    (1 + Compact::<u32>::compact_len(&length) + count) as u64
}

#[cfg(test)]
mod tests {
    use codec::Encode;

    use super::*;
    use crate::Entry;

    #[test]
    fn the_sizes_of_entries_are_those_of_their_encoding() {
        let clock = Entry::ClockRead { nanoseconds: 1 };
        assert_eq!(clock.encoded_size() as u64, CLOCK_ENTRY_BYTES);
        for count in [0, 63, 64, 16_383, 16_384, 65_536] {
            let bytes = vec![7; count];
            let entry = Entry::RandomDrawn { bytes };
            assert_eq!(entry.encoded_size() as u64, random_entry_bytes(count));
        }
    }

    #[test]
    fn what_a_manifest_lets_write_can_be_read() {
        let row = Limits::TABLE
            .iter()
            .find(|row| row.name == "kv_value_bytes")
            .unwrap();
        assert_eq!(row.max, VALUE_READ_BYTES_MAX as u64);
    }
}
