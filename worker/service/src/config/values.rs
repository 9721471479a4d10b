//! Values on the command line that are read in a way of their own.

use std::fmt;

use phat_primitives::ClusterId;
use phat_worker_client::limits::{CALLS_WAITING_MAX, CONCURRENT_MAX};

/// The URL of a proxy as it was given. It may hold a password, so neither this nor
/// an error about it shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyOption(pub String);

impl fmt::Debug for ProxyOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ProxyOption(…)")
    }
}

impl From<&str> for ProxyOption {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

pub(super) fn cluster(text: &str) -> Result<ClusterId, String> {
    text.parse()
        .map(ClusterId)
        .map_err(|_| format!("{text:?} is not the number of a cluster"))
}

pub(super) fn measurement(text: &str) -> Result<[u8; 32], String> {
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let mut bytes = [0; 32];
    hex::decode_to_slice(digits, &mut bytes)
        .map_err(|_| format!("{text:?}: give 64 hexadecimal digits"))?;
    Ok(bytes)
}

pub(super) fn concurrency(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if (1..=CONCURRENT_MAX).contains(&count) => Ok(count),
        _ => Err(format!("choose a number from 1 to {CONCURRENT_MAX}")),
    }
}

pub(super) fn waiting(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(count) if count <= CALLS_WAITING_MAX => Ok(count),
        _ => Err(format!("choose a number from 0 to {CALLS_WAITING_MAX}")),
    }
}
