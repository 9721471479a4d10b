//! Bodies that come compressed.

use std::{
    fmt,
    io::{self, Write},
};

use brotli_decompressor::{BrotliDecoderParameter, DecompressorWriter};
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, HeaderValue, header};

/// What requests say that they take.
pub const ACCEPT_ENCODING: HeaderValue = HeaderValue::from_static("gzip, deflate, br");

/// How many bytes brotli decodes at once.
const BROTLI_BUFFER_BYTES: usize = 4096;
/// What a decoder of brotli may hold besides its window: three groups of at most
/// 256 Huffman tables, of about 4 KiB each, and the maps of contexts.
const BROTLI_TABLES_BYTES: u64 = 4 * 1024 * 1024;
/// What a decoder of the other codings may hold: a window of 32 KiB, as much again
/// of what it is about to give, its tables, and a file name of at most 64 KiB.
const DEFLATE_BYTES: u64 = 256 * 1024;

/// How a body is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    Gzip,
    Deflate,
    Brotli,
}

impl Coding {
    /// The coding of a response, if it has one and it is known. With another, or
    /// more than one, the contract gets the body as it came.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
        let (value, None) = (values.next()?, values.next()) else {
            return None;
        };
        match value.to_str().ok()?.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "deflate" => Some(Self::Deflate),
            "br" => Some(Self::Brotli),
            _ => None,
        }
    }

    /// The most memory that a decoder takes, given the first byte of the body.
    pub fn memory_bytes(self, first: u8) -> u64 {
        match self {
            Self::Gzip | Self::Deflate => DEFLATE_BYTES,
            Self::Brotli => {
                let window = 1_u64 << brotli_window_bits(first);
                // While the window grows, what it was before is still there.
                BROTLI_TABLES_BYTES + window + window / 2
            }
        }
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Brotli => "br",
        })
    }
}

/// The logarithm of the window that a stream of brotli asks for in its first byte
/// (RFC 7932, section 9.1).
fn brotli_window_bits(first: u8) -> u32 {
    let bits = |from: u32| u32::from(first) >> from & 0b111;
    if first & 1 == 0 {
        return 16;
    }
    match (bits(1), bits(4)) {
        (0, 0) => 17,
        // A large window, which the decoder refuses.
        (0, 1) => 10,
        (0, high) => 8 + high,
        (low, _) => 17 + low,
    }
}

/// Decodes into a writer, which may refuse what comes: no more than a few KiB are
/// decoded before the writer is asked again.
pub enum Decoder<W: Write> {
    Identity(W),
    Gzip(MultiGzDecoder<W>),
    Zlib(ZlibDecoder<W>),
    Deflate(DeflateDecoder<W>),
    Brotli(Box<DecompressorWriter<W>>),
}

impl<W: Write> Decoder<W> {
    /// A decoder for a body with this first byte.
    pub fn new(coding: Option<Coding>, first: u8, writer: W) -> Self {
        match coding {
            None => Self::Identity(writer),
            Some(Coding::Gzip) => Self::Gzip(MultiGzDecoder::new(writer)),
            // The coding is zlib's format, which starts with its method, 8. Some
            // servers send the bare stream, and clients have always taken it.
            Some(Coding::Deflate) if first & 0x0f == 8 => Self::Zlib(ZlibDecoder::new(writer)),
            Some(Coding::Deflate) => Self::Deflate(DeflateDecoder::new(writer)),
            Some(Coding::Brotli) => {
                let mut decoder = DecompressorWriter::new(writer, BROTLI_BUFFER_BYTES);
                // Not part of the coding `br`, and up to 1 GiB for a few bytes.
                let large = BrotliDecoderParameter::BROTLI_DECODER_PARAM_LARGE_WINDOW;
                let was_set = decoder.set_parameter(large, 0);
                assert!(was_set, "nothing was decoded yet");
                Self::Brotli(Box::new(decoder))
            }
        }
    }

    /// Decodes some more.
    pub fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Identity(writer) => writer.write_all(bytes),
            Self::Gzip(decoder) => decoder.write_all(bytes),
            Self::Zlib(decoder) => decoder.write_all(bytes),
            Self::Deflate(decoder) => decoder.write_all(bytes),
            Self::Brotli(decoder) => decoder.write_all(bytes),
        }
    }

    /// Gives what is left; an error if the end is missing.
    pub fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Identity(_) => Ok(()),
            Self::Gzip(decoder) => decoder.try_finish(),
            Self::Zlib(decoder) => decoder.try_finish(),
            Self::Deflate(decoder) => decoder.try_finish(),
            Self::Brotli(decoder) => decoder.close(),
        }
    }

    pub fn writer_mut(&mut self) -> &mut W {
        match self {
            Self::Identity(writer) => writer,
            Self::Gzip(decoder) => decoder.get_mut(),
            Self::Zlib(decoder) => decoder.get_mut(),
            Self::Deflate(decoder) => decoder.get_mut(),
            Self::Brotli(decoder) => decoder.get_mut(),
        }
    }
}

#[cfg(test)]
#[path = "decoder_tests.rs"]
mod tests;
