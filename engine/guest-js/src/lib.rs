//! QuickJS as a guest of the contract engine.
//!
//! The crate is a component of the world `script-runtime` in `engine/wit`: it
//! compiles a script's text, and runs what it compiled: of an ES module the function
//! that it exports as its default, or a plain script. The part of the standard library that is
//! not the language's own is in `src/js`, on top of the functions in `src/natives`.
//!
//! `engine/host/build.rs` builds it for `wasm32-unknown-unknown`. For any other
//! target the crate is empty.
#![cfg(target_arch = "wasm32")]

mod bindings;
mod clock;
mod code;
mod contract;
mod exception;
mod heap;
mod limits;
mod natives;
mod output;
mod request;
mod sandbox;
mod snapshot;
