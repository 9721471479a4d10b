//! From the call of the engine to the contract's function, and back.

use crate::{
    Error, Request,
    bindings::{self, Failure, phat::contract::types::FailureCode},
    log,
};

/// Calls a contract's function.
pub fn run<T: Into<Vec<u8>>, E: Into<Error>>(
    contract: fn(Request) -> Result<T, E>,
    request: bindings::Request,
) -> Result<Vec<u8>, Failure> {
    // The engine tells a panic from other traps by this line alone.
    std::panic::set_hook(Box::new(|panic| log::error(panic.to_string())));
    #[cfg(feature = "log")]
    log::install();
    let result = contract(request.into());
    result.map(Into::into).map_err(|error| Failure {
        code: FailureCode::ScriptThrew,
        message: error.into().to_string(),
    })
}

impl From<bindings::Request> for Request {
    fn from(request: bindings::Request) -> Self {
        let id = |bytes: Vec<u8>| bytes.try_into().expect("the engine gives ids of 32 bytes");
        Self {
            input: request.input,
            id: id(request.id),
            contract: id(request.contract),
            caller: request.caller,
            chain: request.chain,
            block: request.block,
            settings: request.settings,
        }
    }
}
