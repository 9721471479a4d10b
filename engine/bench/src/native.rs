//! The same work outside of WebAssembly.

use std::time::{Duration, Instant};

use rquickjs::{Context, Runtime};

use crate::{BenchError, figures::FIBONACCI};

/// The time that QuickJS takes for fib(27), started and parsed before.
pub fn fibonacci() -> Result<Duration, BenchError> {
    let context = Context::full(&Runtime::new()?)?;
    context.with(|ctx| {
        ctx.eval::<(), _>(FIBONACCI)?;
        let started = Instant::now();
        let result: u32 = ctx.eval("fib(27)")?;
        let elapsed = started.elapsed();
        if result != 196_418 {
            return Err(BenchError::Run(format!("fib(27) is not {result}")));
        }
        Ok(elapsed)
    })
}

/// The time that hashing so many MiB of zeros takes, and the hash.
pub fn sha256(mebibytes: u32) -> (Duration, [u8; 32]) {
    let block = vec![0; 1 << 20];
    let started = Instant::now();
    let mut hash = hmac_sha256::Hash::new();
    for _ in 0..mebibytes {
        hash.update(&block);
    }
    let hash = hash.finalize();
    (started.elapsed(), hash)
}
