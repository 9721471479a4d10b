//! The bounds of a run that nobody sets, from where they are kept.

use phat_manifest::LimitInfo;

use crate::{
    ending::CALL_BYTES_MAX,
    engine::{CORE_INSTANCES_MAX, TABLES_MAX},
    host::{http, keys, random},
    imports,
    memory::TABLE_ELEMENTS_MAX,
    outcome,
    state::TIMERS_MAX,
    transcript::limits::TRANSCRIPT_ENTRIES_MAX,
    vault::SECRET_BYTES_MAX,
    wasi::{WASI_BYTES_MAX, WASI_RESOURCES_MAX},
};

/// The same file as the guest's, whose crate is for WebAssembly alone.
#[path = "../../guest-js/src/limits.rs"]
mod guest;

/// The bounds that the engine keeps whatever a manifest says.
pub const FIXED_LIMITS: &[LimitInfo] = &[
    LimitInfo::fixed(
        "stack_bytes",
        "How deep a script recurses.",
        "bytes",
        guest::STACK_BYTES_MAX as u64,
    ),
    LimitInfo::fixed(
        "transcript_entries",
        "Host calls of the run.",
        "entries",
        TRANSCRIPT_ENTRIES_MAX,
    ),
    LimitInfo::fixed(
        "call_bytes",
        "What one host call, or the result, copies.",
        "bytes",
        CALL_BYTES_MAX as u64,
    ),
    LimitInfo::fixed("timers", "Timers under way at once.", "timers", TIMERS_MAX),
    LimitInfo::fixed(
        "http_request_headers",
        "Headers of one HTTP request.",
        "headers",
        http::HEADERS_MAX as u64,
    ),
    LimitInfo::fixed(
        "random_bytes",
        "One call of crypto.getRandomValues.",
        "bytes",
        random::BYTES_MAX as u64,
    ),
    LimitInfo::fixed(
        "sign_message_bytes",
        "A message to sign.",
        "bytes",
        keys::MESSAGE_BYTES_MAX as u64,
    ),
    LimitInfo::fixed(
        "vrf_input_bytes",
        "The input of the verifiable random function.",
        "bytes",
        keys::MESSAGE_BYTES_MAX as u64,
    ),
    LimitInfo::fixed(
        "salt_bytes",
        "The salt of a derived secret.",
        "bytes",
        keys::SALT_BYTES_MAX as u64,
    ),
    LimitInfo::fixed(
        "secret_name_bytes",
        "The name of a secret.",
        "bytes",
        keys::NAME_BYTES_MAX as u64,
    ),
    LimitInfo::fixed(
        "secret_bytes",
        "A secret.",
        "bytes",
        SECRET_BYTES_MAX as u64,
    ),
    LimitInfo::fixed(
        "error_message_bytes",
        "A failure's message, cut to this.",
        "bytes",
        outcome::MESSAGE_BYTES_MAX as u64,
    ),
    LimitInfo::fixed(
        "failure_message_bytes",
        "A failure's message, cut to this for the consumer.",
        "bytes",
        outcome::SETTLED_MESSAGE_BYTES_MAX as u64,
    ),
    LimitInfo::fixed(
        "component_imports",
        "Imports of a component.",
        "imports",
        imports::IMPORTS_MAX as u64,
    ),
    LimitInfo::fixed(
        "component_parts",
        "Modules and components in a component.",
        "parts",
        imports::NESTED_MAX as u64,
    ),
    LimitInfo::fixed(
        "component_instances",
        "Core instances of a component.",
        "instances",
        CORE_INSTANCES_MAX as u64,
    ),
    LimitInfo::fixed(
        "component_tables",
        "Tables of a component.",
        "tables",
        TABLES_MAX as u64,
    ),
    LimitInfo::fixed(
        "table_elements",
        "Elements of one table.",
        "elements",
        TABLE_ELEMENTS_MAX as u64,
    ),
    LimitInfo::fixed(
        "component_function_bytes",
        "One function of a component.",
        "bytes",
        imports::FUNCTION_BYTES_MAX as u64,
    ),
    LimitInfo::fixed(
        "wasi_resources",
        "Resources of WASI that a component holds at once.",
        "resources",
        WASI_RESOURCES_MAX,
    ),
    LimitInfo::fixed(
        "wasi_bytes",
        "What the resources of WASI hold.",
        "bytes",
        WASI_BYTES_MAX,
    ),
];
