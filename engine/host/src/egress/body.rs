//! What a run receives, counted as it comes.

use std::{
    io,
    sync::atomic::{AtomicU64, Ordering},
};

use super::error::FetchError;
use crate::{HttpError, shares::Charge};

/// What is left of something that a limit bounds, for all requests of a run.
pub struct Allowance {
    name: &'static str,
    max: u64,
    left: AtomicU64,
}

impl Allowance {
    /// `name` is the limit's, `max` its value.
    pub fn new(name: &'static str, max: u64) -> Self {
        Self {
            name,
            max,
            left: AtomicU64::new(max),
        }
    }

    /// Takes some of it, if there is enough.
    pub fn take(&self, count: u64) -> Result<(), HttpError> {
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(count)
            })
            .map(drop)
            .map_err(|_| HttpError::limit(self.name, self.max))
    }
}

/// The body of a response, in which every byte was counted before it was kept:
/// towards the bound on one response, what the run may receive, and the memory of
/// the engine.
pub struct Body<'a> {
    /// What is left of the bound on one response.
    left: u64,
    bytes_max: u64,
    run: &'a Allowance,
    charge: &'a mut Charge,
    bytes: Vec<u8>,
    /// Whether no more is taken, and why not until someone asks.
    is_full: bool,
    refused: Option<FetchError>,
}

impl<'a> Body<'a> {
    /// An empty body; `bytes_max` bounds it together with the headers.
    pub fn new(bytes_max: u64, run: &'a Allowance, charge: &'a mut Charge) -> Self {
        Self {
            left: bytes_max,
            bytes_max,
            run,
            charge,
            bytes: Vec::new(),
            is_full: false,
            refused: None,
        }
    }

    /// Counts bytes that came with the body.
    pub fn count(&mut self, bytes: u64) -> Result<(), FetchError> {
        self.left = self
            .left
            .checked_sub(bytes)
            .ok_or_else(|| HttpError::limit("http_response_bytes", self.bytes_max))?;
        self.run.take(bytes)?;
        self.charge.add(bytes)?;
        Ok(())
    }

    /// Why bytes were refused, if some were.
    pub fn take_refused(&mut self) -> Option<FetchError> {
        self.refused.take()
    }

    /// The bytes so far, which are counted on.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.bytes)
    }
}

impl io::Write for Body<'_> {
    /// Takes all bytes or none. Decoders write what they have left once more when
    /// they are dropped, so a body that refused bytes takes none any more.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let full = || io::Error::other("a bound was reached");
        if self.is_full {
            return Err(full());
        }
        if let Err(error) = self.count(bytes.len() as u64) {
            self.is_full = true;
            self.refused = Some(error);
            return Err(full());
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
