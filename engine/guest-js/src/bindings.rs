//! The bindings to the engine, generated from `engine/wit`.
#![allow(
    clippy::too_many_arguments,
    missing_docs,
    unsafe_code,
    reason = "generated: values cross the component boundary as raw memory"
)]

wit_bindgen::generate!({
    path: "../wit",
    world: "script-runtime",
});

use crate::contract::Contract;

export!(Contract);

impl Guest for Contract {
    fn compile(source: Vec<u8>) -> Result<Vec<u8>, Failure> {
        crate::contract::compile(&source)
    }

    fn run(request: Request) -> Result<Vec<u8>, Failure> {
        crate::contract::run(request)
    }

    fn aggregate(outputs: Vec<Vec<u8>>, request: Request) -> Result<Vec<u8>, Failure> {
        crate::contract::aggregate(outputs, request)
    }
}
