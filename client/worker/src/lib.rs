//! Typed access to the HTTP API of a worker.
//!
//! The types here are the API: the worker writes the same ones that the client
//! reads. All bytes and ids are `0x` and hexadecimal digits in JSON.

mod client;
mod hex_bytes;
pub mod limits;
mod types;

pub use client::{ClientError, WorkerClient};
pub use hex_bytes::HexBytes;
pub use types::{
    CALL_BODY_BYTES_MAX, CALL_INPUT_BYTES_MAX, CallAnswer, CallBody, ChainInfo, ChainTrust,
    ContractInfo, ErrorAnswer, ErrorBody, Health, Inclusion, Info, LogEntry, LogsPage,
    ReceiptBundle, RequestEntry, RequestsPage, TargetInfo, decimal,
};
