//! The same work outside of WebAssembly.

use std::time::{Duration, Instant};

use bitcoin_hashes::{HashEngine, sha256};
use rquickjs::{Context, Function, Module, Runtime};

use crate::{
    BenchError,
    work::{FIBONACCI, FIBONACCI_RESULT},
};

/// The time that QuickJS takes to call the script, which it has started and compiled
/// before.
pub fn fibonacci() -> Result<Duration, BenchError> {
    let context = Context::full(&Runtime::new()?)?;
    context.with(|ctx| {
        let (module, evaluated) = Module::declare(ctx, "fibonacci", FIBONACCI)?.eval()?;
        evaluated.finish::<()>()?;
        let run: Function<'_> = module.get("default")?;
        let started = Instant::now();
        let result: String = run.call(())?;
        let elapsed = started.elapsed();
        if result.as_bytes() != FIBONACCI_RESULT {
            return Err(BenchError::Result);
        }
        Ok(elapsed)
    })
}

/// The time that hashing so many MiB of zeros takes, and the hash.
pub fn sha256(mebibytes: u32) -> (Duration, [u8; 32]) {
    let block = vec![0; 1 << 20];
    let started = Instant::now();
    let mut hash = sha256::Hash::engine();
    for _ in 0..mebibytes {
        hash.input(&block);
    }
    let hash = hash.finalize().to_byte_array();
    (started.elapsed(), hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_is_done() {
        fibonacci().unwrap();
        let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let (_, hash) = sha256(0);
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, of_nothing);
    }
}
