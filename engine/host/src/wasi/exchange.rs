//! A request from when it is made to when its answer is taken.
//!
//! WASI has a request, its body and its answer as resources of their own, which end in
//! any order. What they share is here; each refers to it by its number.

use super::{Cx, bindings::ErrorCode, table::Wasi};
use crate::{
    HttpRequest,
    host::fuel::{self, charge},
    state::State,
};

/// A request.
pub struct Exchange {
    body: Body,
    progress: Progress,
    /// What the head takes, which is counted until the exchange is gone.
    head_bytes: usize,
    /// How many resources refer to it.
    references: u32,
}

/// The body of a request.
enum Body {
    /// Nobody asked for it, so it is empty.
    Untaken,
    /// It is being written.
    Open(Vec<u8>),
    /// It was written.
    Finished(Vec<u8>),
    /// Its writer ended before it was finished.
    Abandoned,
}

/// How far a request is.
pub enum Progress {
    /// It has not been handed over.
    Prepared,
    /// It was handed over, and its body is not finished.
    Handed(HttpRequest),
    /// It was sent, with this number.
    Sent(u32),
    /// It could not be sent.
    Failed(ErrorCode),
    /// What came of it was taken, or nobody wants it any more.
    Over,
}

impl Exchange {
    /// A request that one resource refers to.
    pub fn new() -> Self {
        Self {
            body: Body::Untaken,
            progress: Progress::Prepared,
            head_bytes: 0,
            references: 1,
        }
    }

    /// The bytes of the body so far.
    pub fn body_bytes(&self) -> usize {
        match &self.body {
            Body::Open(body) | Body::Finished(body) => body.len(),
            Body::Untaken | Body::Abandoned => 0,
        }
    }

    /// Opens the body for one resource more, unless it was before.
    pub fn open_body(&mut self) -> bool {
        let is_first = matches!(self.body, Body::Untaken);
        if is_first {
            self.body = Body::Open(Vec::new());
            self.references += 1;
        }
        is_first
    }

    /// Writes to the body, if it is open.
    pub fn write(&mut self, bytes: &[u8]) {
        if let Body::Open(body) = &mut self.body {
            body.extend_from_slice(bytes);
        }
    }

    /// Ends the body.
    pub fn finish_body(&mut self) {
        if let Body::Open(body) = &mut self.body {
            self.body = Body::Finished(std::mem::take(body));
        }
    }

    /// Drops a body that was not finished, and returns how many bytes it had. Its
    /// request cannot be sent any more.
    pub fn abandon_body(&mut self) -> usize {
        let bytes = self.body_bytes();
        self.body = Body::Abandoned;
        if matches!(self.progress, Progress::Handed(_)) {
            self.progress = Progress::Failed(unfinished());
        }
        bytes
    }

    /// Takes the head of the request, which is sent once the body is finished. The
    /// caller has counted its bytes.
    pub fn hand_over(&mut self, request: HttpRequest) {
        self.head_bytes = request.byte_count();
        self.progress = match self.body {
            Body::Abandoned => Progress::Failed(unfinished()),
            _ => Progress::Handed(request),
        };
    }

    /// The whole request, if it was handed over and its body is finished.
    fn take_whole(&mut self) -> Option<HttpRequest> {
        if matches!(self.body, Body::Open(_) | Body::Abandoned) {
            return None;
        }
        match std::mem::replace(&mut self.progress, Progress::Over) {
            Progress::Handed(mut request) => {
                if let Body::Finished(body) = &mut self.body {
                    request.body = std::mem::take(body);
                }
                Some(request)
            }
            progress => {
                self.progress = progress;
                None
            }
        }
    }
}

fn unfinished() -> ErrorCode {
    ErrorCode::InternalError(Some("the body of the request was not finished".to_owned()))
}

impl Wasi {
    /// Whether there is something to get for who waits for the answer to a request.
    pub fn is_answered(&mut self, number: u32) -> wasmtime::Result<bool> {
        Ok(match self.exchange(number)?.progress {
            Progress::Prepared | Progress::Handed(_) => false,
            Progress::Sent(id) => self.completion(id).is_some(),
            Progress::Failed(_) | Progress::Over => true,
        })
    }

    /// How far a request is; from now on it is over.
    pub fn take_progress(&mut self, number: u32) -> wasmtime::Result<Progress> {
        let exchange = self.exchange(number)?;
        Ok(std::mem::replace(&mut exchange.progress, Progress::Over))
    }

    /// Puts back what [`Self::take_progress`] took.
    pub fn put_progress(&mut self, number: u32, progress: Progress) -> wasmtime::Result<()> {
        self.exchange(number)?.progress = progress;
        Ok(())
    }
}

/// Sends a request that is whole.
pub fn send(store: &mut Cx<'_>, number: u32) -> wasmtime::Result<()> {
    let wasi = &mut store.data_mut().wasi;
    let Some(request) = wasi.exchange(number)?.take_whole() else {
        return Ok(());
    };
    // From here on, it is a request under way that counts.
    wasi.release(request.body.len());
    let bytes = fuel::masked(request.byte_count(), store.data());
    charge(store, fuel::HTTP_REQUEST.saturating_add(bytes))?;
    let state = store.data_mut();
    let id = state.start_request(request)?;
    state.wasi.wait_for(id);
    state.wasi.put_progress(number, Progress::Sent(id))
}

/// Says that a resource refers to a request no more.
pub fn unrefer(state: &mut State, number: u32) -> wasmtime::Result<()> {
    let exchange = state.wasi.exchange(number)?;
    exchange.references -= 1;
    if exchange.references > 0 {
        return Ok(());
    }
    if let Some(exchange) = state.wasi.remove_exchange(number) {
        state
            .wasi
            .release(exchange.body_bytes() + exchange.head_bytes);
    }
    Ok(())
}

/// Says that nobody waits for the answer to a request any more.
pub fn cancel(state: &mut State, number: u32) -> wasmtime::Result<()> {
    if let Progress::Sent(id) = state.wasi.take_progress(number)?
        && state.wasi.forget(id)
    {
        state.cancel(id)?;
    }
    unrefer(state, number)
}
