//! Typed access to the HTTP API of a worker.
//!
//! The types here are the API: the worker writes the same ones that the client
//! reads. All bytes and ids are `0x` and hexadecimal digits in JSON.

mod client;
mod cluster_key;
mod encrypted;
mod hex_bytes;
pub mod limits;
mod signatures;
mod types;

pub use client::{ClientError, WorkerClient};
pub use cluster_key::{
    CLUSTER_KEY_ANSWER_BYTES_MAX, CLUSTER_KEY_BODY_BYTES_MAX, ClusterKeyAnswer, ClusterKeyBody,
    ClusterKeyInfo, SignedQuestion,
};
pub use encrypted::{
    ANSWERED_TRANSCRIPT_BYTES_MAX, CALL_INFO, CallKey, CallRequest, ENCRYPTED_BODY_BYTES_MAX,
    EncryptedAnswer, EncryptedCall, EncryptedCallBody, EncryptedInput, Recipient, call_aad,
    open_answer,
};
pub use hex_bytes::HexBytes;
pub use signatures::{
    AGGREGATE_BODY_BYTES_MAX, AggregateBody, OUTPUT_ROLLUP_BYTES_MAX, OUTPUTS_MAX,
    SIGNATURES_ANSWER_BYTES_MAX, SIGNATURES_BODY_BYTES_MAX, SIGNED_OUTPUT_BYTES_MAX,
    SignaturesAnswer, SignaturesBody,
};
pub use types::{
    CALL_BODY_BYTES_MAX, CALL_INPUT_BYTES_MAX, CALL_TEXT_BYTES_MAX, CallAnswer, CallBody,
    ChainInfo, ChainTrust, ContractInfo, ErrorAnswer, ErrorBody, FORWARDED_HEADER, Front,
    GatewayInfo, GatewayWorker, HOOK_ANSWER_BYTES_MAX, HOOK_BODY_BYTES_MAX, Health, HookAnswer,
    HookHeader, Inclusion, Info, LogEntry, LogsPage, PerformanceInfo, PerformanceState, QuorumInfo,
    ReceiptBundle, RequestAnswer, RequestEntry, RequestsPage, TargetInfo, decimal,
};
