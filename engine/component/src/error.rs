//! Why no component can be made.

use thiserror::Error;
use wasmparser::BinaryReaderError;

/// Why no component can be made of a module.
#[derive(Debug, Error)]
pub enum ComponentError {
    /// It is no valid WebAssembly.
    #[error("the module is malformed: {0}")]
    Malformed(#[from] BinaryReaderError),
    /// Nothing in it tells its interface.
    #[error(
        "the module does not describe its interface: build it with phat-guest-sdk, or with \
         bindings that wit-bindgen makes of the world phat:contract/contract"
    )]
    NoInterface,
    /// It was built for the older WASI.
    #[error(
        "the module imports {0:?}, of WASI preview 1: build it for wasm32-unknown-unknown, \
         and without files, standard streams and environment"
    )]
    Preview1(String),
    /// The interface and the module do not fit.
    #[error("no component can be made of the module: {0}")]
    Encoding(String),
}
