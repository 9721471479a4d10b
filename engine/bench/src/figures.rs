//! What is measured.

use std::time::{Duration, Instant};

use phat_engine::Engine;
use serde::Serialize;

use crate::{BenchError, fuel, native, run};

/// The script whose start is measured: it uses a bit of everything.
const SMALL: &str = "import { hex } from 'phat';
    export default (request) => hex.encode(new TextEncoder().encode(new URL('https://a.example/b').pathname))";
/// The work that both sides of the comparison do.
pub const FIBONACCI: &str = "const fib = (n) => (n < 2 ? n : fib(n - 1) + fib(n - 2));";
const BYTES_PER_MIB: f64 = 1024.0 * 1024.0;

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Runs of a small script, and instances.
    pub starts: usize,
    /// Rounds of what takes long.
    pub rounds: usize,
    /// Mebibytes to hash in a round.
    pub mebibytes: u32,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            starts: 10_000,
            rounds: 9,
            mebibytes: 64,
        }
    }
}

/// What was measured. Times are of the 50th and 99th of a hundred.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// An instance of the runtime of scripts, made and dropped: microseconds.
    pub instantiate_us_p50: f64,
    /// A run of a small script in a fresh instance with the whole standard library,
    /// its code compiled before: microseconds from the start of the run to its result.
    pub cold_js_us_p50: f64,
    /// The same.
    pub cold_js_us_p99: f64,
    /// Runs of that script, one after the other, all that belongs to a run included.
    pub warm_calls_per_s: f64,
    /// Recursive fib(27) in a contract: milliseconds.
    pub js_fib27_ms: f64,
    /// The same in the same QuickJS, compiled for this machine.
    pub native_quickjs_fib27_ms: f64,
    /// SHA-256 in a component from Rust: MB (a million bytes) a second.
    pub wasm_sha256_mb_s: f64,
    /// The same source, compiled for this machine; it uses no SIMD instructions of its own.
    pub native_sha256_mb_s: f64,
    /// How many times as long the work of a script takes because its fuel is counted.
    pub fuel_overhead_ratio: f64,
    /// The same for the component.
    pub fuel_overhead_sha256_ratio: f64,
    /// Which engine: its hash.
    pub engine: String,
    /// How many runs there were of the small script.
    pub starts: usize,
    /// How many rounds there were of the rest.
    pub rounds: usize,
}

/// Measures an engine. Takes about a minute with the default effort.
pub async fn measure(engine: &Engine, effort: Effort) -> Result<Figures, BenchError> {
    let small = run::script(SMALL);
    // Once for the caches of the engine and of the processor.
    for _ in 0..effort.starts.div_ceil(10) {
        run::timed(engine, &small, &[]).await?;
    }
    let mut instances = Vec::with_capacity(effort.starts);
    let mut cold = Vec::with_capacity(effort.starts);
    let mut whole = Duration::ZERO;
    for _ in 0..effort.starts {
        instances.push(run::instance(engine, &small).await?);
        let started = Instant::now();
        cold.push(run::timed(engine, &small, &[]).await?.0);
        whole += started.elapsed();
    }

    let fibonacci = run::script(&format!("{FIBONACCI} export default () => String(fib(27))"));
    let sha256 = run::component(run::SHA256);
    let mut rounds = Rounds::default();
    let mut unmetered = fuel::Unmetered::new()?;
    for _ in 0..effort.rounds {
        let (elapsed, output) = run::timed(engine, &fibonacci, &[]).await?;
        check(&output, b"196418")?;
        rounds.js.push(elapsed);
        rounds.native_js.push(native::fibonacci()?);

        let input = effort.mebibytes.to_le_bytes();
        let (elapsed, output) = run::timed(engine, &sha256, &input).await?;
        rounds.wasm.push(elapsed);
        let (elapsed, expected) = native::sha256(effort.mebibytes);
        check(&output, &expected)?;
        rounds.native.push(elapsed);

        for (kind, times) in [
            (fuel::Work::Script, &mut rounds.script),
            (fuel::Work::Hash(effort.mebibytes), &mut rounds.hash),
        ] {
            times.0.push(unmetered.timed(kind, true)?);
            times.1.push(unmetered.timed(kind, false)?);
        }
    }
    let megabytes = f64::from(effort.mebibytes) * BYTES_PER_MIB / 1e6;
    let ratio = |(with, without): &mut (Vec<Duration>, Vec<Duration>)| {
        median(with).as_secs_f64() / median(without).as_secs_f64()
    };
    Ok(Figures {
        instantiate_us_p50: micros(median(&mut instances)),
        cold_js_us_p50: micros(median(&mut cold)),
        cold_js_us_p99: micros(part(&mut cold, 99)),
        warm_calls_per_s: effort.starts as f64 / whole.as_secs_f64(),
        js_fib27_ms: micros(median(&mut rounds.js)) / 1e3,
        native_quickjs_fib27_ms: micros(median(&mut rounds.native_js)) / 1e3,
        wasm_sha256_mb_s: megabytes / median(&mut rounds.wasm).as_secs_f64(),
        native_sha256_mb_s: megabytes / median(&mut rounds.native).as_secs_f64(),
        fuel_overhead_ratio: ratio(&mut rounds.script),
        fuel_overhead_sha256_ratio: ratio(&mut rounds.hash),
        engine: engine.hash().to_string(),
        starts: effort.starts,
        rounds: effort.rounds,
    })
}

#[derive(Default)]
struct Rounds {
    js: Vec<Duration>,
    native_js: Vec<Duration>,
    wasm: Vec<Duration>,
    native: Vec<Duration>,
    /// With fuel, and without.
    script: (Vec<Duration>, Vec<Duration>),
    hash: (Vec<Duration>, Vec<Duration>),
}

fn check(found: &[u8], expected: &[u8]) -> Result<(), BenchError> {
    if found == expected {
        return Ok(());
    }
    Err(BenchError::Run("the results differ".to_owned()))
}

fn median(times: &mut [Duration]) -> Duration {
    part(times, 50)
}

/// The time that so many of a hundred do not go beyond.
fn part(times: &mut [Duration], percent: usize) -> Duration {
    times.sort_unstable();
    let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
    times.get(index).copied().unwrap_or_default()
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use phat_engine::EngineConfig;

    use super::*;

    #[test]
    fn parts_of_a_hundred() {
        let mut times: Vec<_> = (1..=200).rev().map(Duration::from_micros).collect();
        assert_eq!(median(&mut times), Duration::from_micros(101));
        assert_eq!(part(&mut times, 99), Duration::from_micros(199));
        assert_eq!(part(&mut [], 99), Duration::ZERO);
        assert_eq!(part(&mut [Duration::MAX], 99), Duration::MAX);
    }

    #[tokio::test]
    async fn every_figure_is_a_number() {
        let engine = Engine::new(EngineConfig {
            runs_concurrent_max: 1,
            calls_concurrent_max: 1,
            ..EngineConfig::default()
        });
        let effort = Effort {
            starts: 3,
            rounds: 1,
            mebibytes: 1,
        };
        let figures = measure(&engine.unwrap(), effort).await.unwrap();
        let json = serde_json::to_value(&figures).unwrap();
        for (name, value) in json.as_object().unwrap() {
            let is_good = value.as_f64().is_some_and(|value| value > 0.0);
            assert!(is_good || name == "engine", "{name} is {value}");
        }
    }
}
