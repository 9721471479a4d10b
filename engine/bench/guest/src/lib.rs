//! A component that hashes, for measurements.
//!
//! The input is a number of mebibytes, 4 bytes, little-endian; the output is the SHA-256
//! hash of so many zeros.
#![cfg(target_arch = "wasm32")]

mod bindings {
    #![allow(
        missing_docs,
        unsafe_code,
        reason = "generated: values cross the component boundary as raw memory"
    )]

    wit_bindgen::generate!({
        path: "../../wit",
        world: "contract",
    });

    export!(Sha256);

    use super::Sha256;
}

use bitcoin_hashes::{HashEngine, sha256};

use bindings::{Failure, Guest, Request, phat::contract::types::FailureCode};

/// The component's implementation of the world.
pub struct Sha256;

impl Guest for Sha256 {
    fn run(request: Request) -> Result<Vec<u8>, Failure> {
        let count: [u8; 4] = request.input.try_into().map_err(|_| Failure {
            code: FailureCode::WrongType,
            message: "the input must be a number of 4 bytes".to_owned(),
        })?;
        let block = vec![0; 1 << 20];
        let mut hash = sha256::Hash::engine();
        for _ in 0..u32::from_le_bytes(count) {
            hash.input(&block);
        }
        Ok(hash.finalize().to_byte_array().to_vec())
    }
}
