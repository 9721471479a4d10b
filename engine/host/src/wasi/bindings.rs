//! The types of WASI that are no resources, generated from `engine/wit/deps`.
#![allow(
    dead_code,
    missing_docs,
    reason = "generated from engine/wit, where the types are documented; of the interfaces, \
              only their types are used"
)]

wasmtime::component::bindgen!({
    path: "../wit",
    inline: "
        package phat:wasi;
        world types {
            import wasi:clocks/wall-clock@0.2.12;
            import wasi:http/types@0.2.12;
        }
    ",
    world: "phat:wasi/types",
    with: {
        "wasi:io/error.error": crate::wasi::io::IoError,
    },
});

pub use self::wasi::{
    clocks::wall_clock::Datetime,
    http::types::{DnsErrorPayload, ErrorCode, HeaderError, Method, Scheme},
    io::streams::StreamError,
};
