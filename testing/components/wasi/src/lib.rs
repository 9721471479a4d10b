//! A contract that tests of the engine build with the interfaces of WASI.
//!
//! The input is a command and what it needs, with spaces between them. What goes wrong
//! panics, which ends the run.

#[cfg(target_arch = "wasm32")]
mod bindings;
#[cfg(target_arch = "wasm32")]
mod commands;
#[cfg(target_arch = "wasm32")]
mod fetch;
