//! The types of `engine/wit`, and the call of a contract's export.
#![allow(
    missing_docs,
    reason = "generated from engine/wit, where the types are documented"
)]

wasmtime::component::bindgen!({
    path: "../wit",
    world: "script-runtime",
    exports: { default: async },
});
