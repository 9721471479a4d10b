//! What can be told of a script without running it.

use phat_primitives::limits::CODE_BYTES_MAX;

use crate::{FailureCode, RunFailure};

/// Refuses code that is no script, before it costs anything.
pub fn check(code: &[u8]) -> Result<(), RunFailure> {
    let invalid = |message: String| Err(RunFailure::new(FailureCode::InvalidScript, message));
    if code.len() as u64 > u64::from(CODE_BYTES_MAX) {
        return invalid(format!(
            "the script has {} bytes; at most {CODE_BYTES_MAX} are allowed",
            code.len()
        ));
    }
    if code.starts_with(b"\0asm") {
        return invalid("the code is WebAssembly; this engine runs JavaScript".to_owned());
    }
    Ok(())
}
