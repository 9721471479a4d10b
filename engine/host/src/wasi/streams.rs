//! Streams over bodies that are whole in memory, in pieces of fixed sizes.

use wasmtime::component::{LinkerInstance, Resource};

use super::{
    Cx, bindings::StreamError, function, io::IoError, poll::Pollable, resource, table::Held,
};
use crate::{
    host::fuel::{self, charge},
    state::State,
};

/// The most bytes that one call reads or writes.
const PIECE_BYTES_MAX: usize = 64 * 1024;
/// The most bytes of one blocking write, as WASI has it.
const BLOCKING_WRITE_BYTES_MAX: u64 = 4096;

/// The rest of a body that was received.
pub struct InputStream {
    pub body: Vec<u8>,
    pub position: usize,
}

/// The end of the body of a request that is being made, by its number.
pub struct OutputStream {
    pub exchange: u32,
}

impl Held for InputStream {
    fn held_bytes(&self) -> usize {
        self.body.len()
    }
}

impl Held for OutputStream {}

type Streamed<T> = Result<T, StreamError>;

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    resource::<InputStream>(linker, "input-stream")?;
    resource::<OutputStream>(linker, "output-stream")?;
    for name in ["read", "blocking-read"] {
        let name = format!("[method]input-stream.{name}");
        function(linker, &name, |store: &mut Cx<'_>, (this, length)| {
            read(store, &this, length)
        })?;
    }
    for name in ["skip", "blocking-skip"] {
        let name = format!("[method]input-stream.{name}");
        function(linker, &name, |store: &mut Cx<'_>, (this, length)| {
            let read = read(store, &this, length)?;
            Ok(read.map(|bytes| bytes.len() as u64))
        })?;
    }
    function(
        linker,
        "[method]input-stream.subscribe",
        |store: &mut Cx<'_>, (this,): (Resource<InputStream>,)| {
            store.data_mut().wasi.push_child(Pollable::Ready, &this)
        },
    )?;
    link_output(linker)
}

fn link_output(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    function(
        linker,
        "[method]output-stream.check-write",
        |_: &mut Cx<'_>, (_,): (Resource<OutputStream>,)| Ok(Streamed::Ok(PIECE_BYTES_MAX as u64)),
    )?;
    function(
        linker,
        "[method]output-stream.write",
        |store: &mut Cx<'_>, (this, bytes): (Resource<OutputStream>, Vec<u8>)| {
            write(store, &this, &bytes)
        },
    )?;
    function(
        linker,
        "[method]output-stream.blocking-write-and-flush",
        |store: &mut Cx<'_>, (this, bytes): (Resource<OutputStream>, Vec<u8>)| {
            check_blocking(bytes.len() as u64)?;
            write(store, &this, &bytes)
        },
    )?;
    function(
        linker,
        "[method]output-stream.write-zeroes",
        |store: &mut Cx<'_>, (this, length): (Resource<OutputStream>, u64)| {
            write_zeroes(store, &this, length)
        },
    )?;
    function(
        linker,
        "[method]output-stream.blocking-write-zeroes-and-flush",
        |store: &mut Cx<'_>, (this, length): (Resource<OutputStream>, u64)| {
            check_blocking(length)?;
            write_zeroes(store, &this, length)
        },
    )?;
    for name in ["flush", "blocking-flush"] {
        let name = format!("[method]output-stream.{name}");
        function(
            linker,
            &name,
            |_: &mut Cx<'_>, (_,): (Resource<OutputStream>,)| Ok(Streamed::Ok(())),
        )?;
    }
    for name in ["splice", "blocking-splice"] {
        let name = format!("[method]output-stream.{name}");
        function(
            linker,
            &name,
            |store: &mut Cx<'_>,
             (this, from, length): (Resource<OutputStream>, Resource<InputStream>, u64)| {
                let bytes = match read(store, &from, length)? {
                    Ok(bytes) => bytes,
                    Err(error) => return Ok(Err(error)),
                };
                let written = write(store, &this, &bytes)?;
                Ok(written.map(|()| bytes.len() as u64))
            },
        )?;
    }
    function(
        linker,
        "[method]output-stream.subscribe",
        |store: &mut Cx<'_>, (this,): (Resource<OutputStream>,)| {
            store.data_mut().wasi.push_child(Pollable::Ready, &this)
        },
    )
}

/// The next bytes of a body; the stream is closed behind the last ones.
fn read(
    store: &mut Cx<'_>,
    this: &Resource<InputStream>,
    length: u64,
) -> wasmtime::Result<Streamed<Vec<u8>>> {
    let stream = store.data_mut().wasi.get_mut(this)?;
    let rest = stream.body.get(stream.position..).unwrap_or_default();
    if rest.is_empty() {
        return Ok(Err(StreamError::Closed));
    }
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let piece = rest[..length.min(rest.len()).min(PIECE_BYTES_MAX)].to_vec();
    stream.position += piece.len();
    charge(store, fuel::bytes(piece.len()))?;
    Ok(Ok(piece))
}

fn write(
    store: &mut Cx<'_>,
    this: &Resource<OutputStream>,
    bytes: &[u8],
) -> wasmtime::Result<Streamed<()>> {
    charge(store, fuel::bytes(bytes.len()))?;
    if bytes.len() > PIECE_BYTES_MAX {
        return Err(wasmtime::Error::msg(
            "more was written to a stream than check-write permits",
        ));
    }
    let state = store.data_mut();
    let bytes_max = state.http_request_bytes_max();
    let number = state.wasi.get(this)?.exchange;
    let length = state.wasi.exchange(number)?.body_bytes() + bytes.len();
    if length as u64 > bytes_max {
        let error = IoError(format!(
            "the limit http_request_bytes of {bytes_max} was reached"
        ));
        let error = state.wasi.push(error)?;
        return Ok(Err(StreamError::LastOperationFailed(error)));
    }
    state.wasi.hold(bytes.len())?;
    state.wasi.exchange(number)?.write(bytes);
    Ok(Ok(()))
}

fn write_zeroes(
    store: &mut Cx<'_>,
    this: &Resource<OutputStream>,
    length: u64,
) -> wasmtime::Result<Streamed<()>> {
    // One more than permitted is refused like any number beyond.
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    write(store, this, &vec![0; length.min(PIECE_BYTES_MAX + 1)])
}

fn check_blocking(length: u64) -> wasmtime::Result<()> {
    if length > BLOCKING_WRITE_BYTES_MAX {
        return Err(wasmtime::Error::msg(format!(
            "a blocking write has at most {BLOCKING_WRITE_BYTES_MAX} bytes"
        )));
    }
    Ok(())
}
