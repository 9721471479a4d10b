//! Keeping secrets out of the transcript and the log.
//!
//! Once a run has read a secret of its owner, the secret is replaced wherever it stands as it is:
//! in what the run asks and is answered over HTTP, by a *marker* that follows from the
//! commitment in the transcript, and in lines of the log by its name. Who has the secret can put
//! it back, so a replay gives the guest what the run gave it, and compares in the masked form.
//! What the guest has encoded before, in base64 say, is another text and stays.

use std::borrow::Cow;

use memchr::memmem;
use zeroize::Zeroizing;

use crate::{
    Commitment, Completion, Entry, Event, HttpError, HttpRequest, HttpResponse, RunFailure,
    Secrets, Transcript, shares::Charge, transcript::limits::TRANSCRIPT_BYTES_MAX,
};

/// The shortest secret that is masked, in bytes. A shorter one can be guessed from its commitment
/// anyway, and would be found where it is not meant.
pub const MASKED_BYTES_MIN: usize = 8;
/// What a marker begins with. Letters, digits and hyphens are what they are in URLs, headers and
/// JSON.
const MARKER_START: &str = "phat-secret-";
/// How many bytes of the commitment's digest follow, in hexadecimal digits. The commitment has a
/// random nonce that guests and servers are not told before, so neither writes a marker.
const MARKER_DIGEST_BYTES: usize = 16;
/// The bytes of a marker.
const MARKER_BYTES: usize = MARKER_START.len() + 2 * MARKER_DIGEST_BYTES;

/// The secrets that a run has read.
#[derive(Default)]
pub struct Masks {
    /// The longest first: one may be a part of another.
    masks: Vec<Mask>,
}

struct Mask {
    secret: Zeroizing<Vec<u8>>,
    /// Whether it can be a part of a text.
    is_text: bool,
    marker: String,
    /// What it is in the log.
    shown: String,
}

/// What is put in the place of a secret.
#[derive(Clone, Copy)]
enum As {
    Marker,
    Name,
}

/// A part of what is masked.
enum Piece<'a> {
    Plain(&'a [u8]),
    Secret(&'a Mask),
}

impl Mask {
    fn shown_as(&self, how: As) -> &str {
        match how {
            As::Marker => &self.marker,
            As::Name => &self.shown,
        }
    }
}

impl Masks {
    /// Masks this secret from now on, for which the transcript has `commitment`.
    pub fn add(&mut self, name: &str, commitment: &Commitment, secret: &[u8]) {
        let is_known = self.masks.iter().any(|mask| *mask.secret == secret);
        if secret.len() < MASKED_BYTES_MIN || is_known {
            return;
        }
        let digest = hex::encode(&commitment.digest[..MARKER_DIGEST_BYTES]);
        let mask = Mask {
            secret: Zeroizing::new(secret.to_vec()),
            is_text: std::str::from_utf8(secret).is_ok(),
            marker: format!("{MARKER_START}{digest}"),
            shown: format!("[secret {name}]"),
        };
        let at = self
            .masks
            .partition_point(|other| other.secret.len() >= secret.len());
        self.masks.insert(at, mask);
    }

    /// How many secrets are looked for.
    pub fn count(&self) -> usize {
        self.masks.len()
    }

    /// The most that so many bytes can become.
    pub fn bytes_max(&self, bytes: u64) -> u64 {
        if self.masks.is_empty() {
            return bytes;
        }
        bytes.saturating_mul(MARKER_BYTES.div_ceil(MASKED_BYTES_MIN) as u64)
    }

    /// A request as the transcript has it. The memory that this takes is counted like that of
    /// `memory`.
    pub fn request(
        &self,
        request: &HttpRequest,
        memory: &Charge,
    ) -> Result<HttpRequest, RunFailure> {
        Ok(HttpRequest {
            url: self.text(&request.url, memory)?,
            headers: self.headers(&request.headers, memory)?,
            body: self.bytes(&request.body, memory)?,
            method: request.method.clone(),
            redirect: request.redirect,
            timeout_ms: request.timeout_ms,
        })
    }

    /// What came of a request, as the transcript has it.
    pub fn event(&self, event: &Event, memory: &Charge) -> Result<Event, RunFailure> {
        let completion = match &event.completion {
            Completion::Response(response) => Completion::Response(HttpResponse {
                url: self.text(&response.url, memory)?,
                headers: self.headers(&response.headers, memory)?,
                body: self.bytes(&response.body, memory)?,
                ..*response
            }),
            // The URL may be in the message.
            Completion::RequestFailed(error) => Completion::RequestFailed(HttpError {
                message: self.text(&error.message, memory)?,
                ..*error
            }),
            Completion::Timer => Completion::Timer,
        };
        Ok(Event {
            id: event.id,
            completion,
        })
    }

    /// A line of the log.
    pub fn line(&self, message: &str, memory: &Charge) -> Result<String, RunFailure> {
        self.text_as(As::Name, message, memory)
    }

    fn headers(
        &self,
        headers: &[(String, String)],
        memory: &Charge,
    ) -> Result<Vec<(String, String)>, RunFailure> {
        let header = |(name, value): &(String, String)| {
            Ok((self.text(name, memory)?, self.text(value, memory)?))
        };
        headers.iter().map(header).collect()
    }

    fn bytes(&self, bytes: &[u8], memory: &Charge) -> Result<Vec<u8>, RunFailure> {
        let masked = self.mask(As::Marker, bytes, false, memory)?;
        Ok(masked.into_owned())
    }

    fn text(&self, text: &str, memory: &Charge) -> Result<String, RunFailure> {
        self.text_as(As::Marker, text, memory)
    }

    fn text_as(&self, how: As, text: &str, memory: &Charge) -> Result<String, RunFailure> {
        let masked = match self.mask(how, text.as_bytes(), true, memory)? {
            Cow::Borrowed(_) => return Ok(text.to_owned()),
            Cow::Owned(masked) => masked,
        };
        // A text without texts in it, and with texts in their place, is one.
        Ok(String::from_utf8_lossy(&masked).into_owned())
    }

    /// The bytes with something else in the place of each secret.
    fn mask<'a>(
        &self,
        how: As,
        bytes: &'a [u8],
        is_text: bool,
        memory: &Charge,
    ) -> Result<Cow<'a, [u8]>, RunFailure> {
        let (mut size, mut is_found) = (0, false);
        each_piece(&self.masks, bytes, is_text, &mut |piece| match piece {
            Piece::Plain(plain) => size += plain.len(),
            Piece::Secret(mask) => {
                size += mask.shown_as(how).len();
                is_found = true;
            }
        });
        if !is_found {
            return Ok(Cow::Borrowed(bytes));
        }
        let mut charge = memory.another();
        charge.add(size as u64)?;
        let mut masked = Vec::with_capacity(size);
        each_piece(&self.masks, bytes, is_text, &mut |piece| match piece {
            Piece::Plain(plain) => masked.extend_from_slice(plain),
            Piece::Secret(mask) => masked.extend_from_slice(mask.shown_as(how).as_bytes()),
        });
        Ok(Cow::Owned(masked))
    }

    /// A request with the secrets put back, unless it would have more than `bytes_max` bytes.
    pub fn unmask_request(&self, request: &HttpRequest, bytes_max: u64) -> Option<HttpRequest> {
        let mut left = bytes_max;
        Some(HttpRequest {
            url: self.unmask_text(&request.url, &mut left)?,
            headers: self.unmask_headers(&request.headers, &mut left)?,
            body: self.unmask(&request.body, false, &mut left)?,
            method: request.method.clone(),
            redirect: request.redirect,
            timeout_ms: request.timeout_ms,
        })
    }

    /// What came of a request with the secrets put back, unless it would have more than
    /// `bytes_max` bytes.
    pub fn unmask_event(&self, event: &Event, bytes_max: u64) -> Option<Event> {
        let mut left = bytes_max;
        let completion = match &event.completion {
            Completion::Response(response) => Completion::Response(HttpResponse {
                url: self.unmask_text(&response.url, &mut left)?,
                headers: self.unmask_headers(&response.headers, &mut left)?,
                body: self.unmask(&response.body, false, &mut left)?,
                ..*response
            }),
            Completion::RequestFailed(error) => Completion::RequestFailed(HttpError {
                message: self.unmask_text(&error.message, &mut left)?,
                ..*error
            }),
            Completion::Timer => Completion::Timer,
        };
        Some(Event {
            id: event.id,
            completion,
        })
    }

    fn unmask_headers(
        &self,
        headers: &[(String, String)],
        left: &mut u64,
    ) -> Option<Vec<(String, String)>> {
        let header = |(name, value): &(String, String)| {
            let name = self.unmask_text(name, left)?;
            Some((name, self.unmask_text(value, left)?))
        };
        headers.iter().map(header).collect()
    }

    fn unmask_text(&self, text: &str, left: &mut u64) -> Option<String> {
        let unmasked = self.unmask(text.as_bytes(), true, left)?;
        // Markers are texts, and so is what is put in their place.
        Some(String::from_utf8_lossy(&unmasked).into_owned())
    }

    /// The bytes with each secret in the place of its marker. None if `left`, which they are
    /// taken from, is not enough: markers are shorter than what they may stand for.
    fn unmask(&self, bytes: &[u8], is_text: bool, left: &mut u64) -> Option<Vec<u8>> {
        let mut unmasked = Vec::new();
        let mut put = |piece: &[u8]| {
            *left = left.checked_sub(piece.len() as u64)?;
            unmasked.extend_from_slice(piece);
            Some(())
        };
        let mut start = 0;
        for at in memmem::find_iter(bytes, MARKER_START) {
            let marker = bytes.get(at..at + MARKER_BYTES);
            let is_it =
                |mask: &&Mask| (mask.is_text || !is_text) && marker == Some(mask.marker.as_bytes());
            if let Some(mask) = self.masks.iter().find(is_it)
                && let Some(between) = bytes.get(start..at)
            {
                put(between)?;
                put(&mask.secret)?;
                start = at + MARKER_BYTES;
            }
        }
        put(&bytes[start..])?;
        Some(unmasked)
    }
}

impl Transcript {
    /// The transcript with these secrets in the place of what stands for them in requests and
    /// answers, for whoever has them. It is not the transcript of the receipt any more.
    pub fn revealed(&self, secrets: &Secrets) -> Self {
        let mut masks = Masks::default();
        let mut revealed = |entry: &Entry| match entry {
            Entry::SecretRead {
                name,
                commitment: Some(commitment),
            } => {
                let secret = secrets.get(name);
                if let Some(secret) = secret.filter(|secret| commitment.is_of(secret)) {
                    masks.add(name, commitment, secret);
                }
                None
            }
            Entry::HttpStarted { id, request } => {
                let request = masks.unmask_request(request, TRANSCRIPT_BYTES_MAX)?;
                Some(Entry::HttpStarted { id: *id, request })
            }
            Entry::Waited { event: Some(event) } => {
                let event = masks.unmask_event(event, TRANSCRIPT_BYTES_MAX)?;
                Some(Entry::Waited { event: Some(event) })
            }
            _ => None,
        };
        let entries = self.entries.iter();
        Self {
            header: self.header.clone(),
            entries: entries
                .map(|entry| revealed(entry).unwrap_or_else(|| entry.clone()))
                .collect(),
        }
    }
}

/// Divides bytes into secrets and what is between them, in time that grows with the bytes and
/// the secrets alone, whatever these are.
fn each_piece<'a>(
    masks: &'a [Mask],
    bytes: &'a [u8],
    is_text: bool,
    visit: &mut dyn FnMut(Piece<'a>),
) {
    let Some((mask, others)) = masks.split_first() else {
        visit(Piece::Plain(bytes));
        return;
    };
    // Preparing to look for a secret takes as long as the secret is.
    if bytes.len() < mask.secret.len() || (is_text && !mask.is_text) {
        return each_piece(others, bytes, is_text, visit);
    }
    let mut start = 0;
    for at in memmem::find_iter(bytes, mask.secret.as_slice()) {
        each_piece(others, &bytes[start..at], is_text, visit);
        visit(Piece::Secret(mask));
        start = at + mask.secret.len();
    }
    each_piece(others, &bytes[start..], is_text, visit);
}

#[cfg(test)]
#[path = "masks_tests.rs"]
mod tests;
