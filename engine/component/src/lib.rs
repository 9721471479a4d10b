//! Makes WebAssembly components of the core modules that compilers make.
//!
//! Compilers for WebAssembly make core modules. Those that were built with bindings of
//! wit-bindgen, in Rust with `phat-guest-sdk`, describe their interface in a custom
//! section, and [`from_module`] makes the component of it that the engine runs.

mod error;
mod module;

pub use error::ComponentError;
pub use module::{from_module, is_module};
