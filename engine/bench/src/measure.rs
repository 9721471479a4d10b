//! Measuring.

use std::{
    thread::available_parallelism,
    time::{Duration, Instant},
};

use phat_engine::{Engine, WASMTIME_VERSION};

use crate::{
    BenchError, Effort, Figures,
    fuel::{self, Bound},
    native, run,
    samples::Samples,
    work::{FIBONACCI, FIBONACCI_RESULT, SHA256, SMALL, SMALL_RESULT},
};

const BYTES_PER_MIB: f64 = 1024.0 * 1024.0;

/// Measures an engine. Takes about twenty seconds with the default effort.
pub async fn measure(engine: &Engine, effort: Effort) -> Result<Figures, BenchError> {
    let mut bench = Bench::new(engine, effort).await?;
    for round in 0..effort.rounds {
        bench.round(round).await?;
    }
    Ok(bench.figures())
}

struct Bench<'a> {
    engine: &'a Engine,
    effort: Effort,
    small: run::Code,
    fibonacci: run::Code,
    sha256: run::Code,
    fuel: fuel::Engines,
    times: Times,
}

#[derive(Default)]
struct Times {
    instances: Samples,
    cold: Samples,
    /// All runs that `cold` has one by one.
    cold_total: Duration,
    js: Samples,
    native_js: Samples,
    wasm: Samples,
    native: Samples,
    script: Metered,
    hash: Metered,
}

/// The same work, bound in different ways.
#[derive(Default)]
struct Metered {
    fuel: Samples,
    epochs: Samples,
    none: Samples,
}

impl<'a> Bench<'a> {
    /// Has the engine load everything, which is no part of what is measured.
    async fn new(engine: &'a Engine, effort: Effort) -> Result<Self, BenchError> {
        let bench = Self {
            engine,
            effort,
            small: run::Code::new(SMALL),
            fibonacci: run::Code::new(FIBONACCI),
            sha256: run::Code::new(SHA256),
            fuel: fuel::Engines::new()?,
            times: Times::default(),
        };
        for _ in 0..bench.starts_of_a_round() {
            run::timed(engine, &bench.small, &[], SMALL_RESULT).await?;
        }
        run::timed(engine, &bench.fibonacci, &[], FIBONACCI_RESULT).await?;
        let (_, of_nothing) = native::sha256(0);
        run::timed(engine, &bench.sha256, &[0; 4], &of_nothing).await?;
        Ok(bench)
    }

    fn starts_of_a_round(&self) -> usize {
        self.effort.starts.div_ceil(self.effort.rounds.max(1))
    }

    async fn round(&mut self, round: usize) -> Result<(), BenchError> {
        self.starts().await?;
        let (engine, times) = (self.engine, &mut self.times);

        let fibonacci = run::timed(engine, &self.fibonacci, &[], FIBONACCI_RESULT);
        times.js.push(fibonacci.await?);
        times.native_js.push(native::fibonacci()?);

        let mebibytes = self.effort.mebibytes;
        let (native, hash) = native::sha256(mebibytes);
        let input = mebibytes.to_le_bytes();
        let wasm = run::timed(engine, &self.sha256, &input, &hash).await?;
        times.wasm.push(wasm);
        times.native.push(native);

        for (work, metered, expected) in [
            (fuel::Work::Fibonacci, &mut times.script, FIBONACCI_RESULT),
            (
                fuel::Work::Sha256(mebibytes),
                &mut times.hash,
                hash.as_slice(),
            ),
        ] {
            // Whichever is first comes after something else: each is, in turns.
            let mut bounds = Bound::ALL;
            bounds.rotate_left(round % Bound::ALL.len());
            for bound in bounds {
                let samples = match bound {
                    Bound::Fuel => &mut metered.fuel,
                    Bound::Epochs => &mut metered.epochs,
                    Bound::None => &mut metered.none,
                };
                samples.push(self.fuel.timed(work, bound, expected)?);
            }
        }
        Ok(())
    }

    /// A round's share of the starts.
    async fn starts(&mut self) -> Result<(), BenchError> {
        let starts = self.starts_of_a_round();
        for _ in 0..starts {
            let time = run::instance(self.engine, &self.small).await?;
            self.times.instances.push(time);
        }
        let started = Instant::now();
        for _ in 0..starts {
            let time = run::timed(self.engine, &self.small, &[], SMALL_RESULT).await?;
            self.times.cold.push(time);
        }
        self.times.cold_total += started.elapsed();
        Ok(())
    }

    fn figures(self) -> Figures {
        let times = &self.times;
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        let millis = |samples: &Samples| micros(samples.median()) / 1e3;
        let megabytes = f64::from(self.effort.mebibytes) * BYTES_PER_MIB / 1e6;
        let rate = |samples: &Samples| megabytes / samples.median().as_secs_f64();
        Figures {
            instantiate_us_p50: micros(times.instances.median()),
            cold_js_us_p50: micros(times.cold.median()),
            cold_js_us_p99: micros(times.cold.percentile(99)),
            warm_calls_per_s: times.cold.count() as f64 / times.cold_total.as_secs_f64(),
            js_fib27_ms: millis(&times.js),
            native_quickjs_fib27_ms: millis(&times.native_js),
            js_fib27_ratio: times.js.ratio_to(&times.native_js),
            wasm_sha256_mb_s: rate(&times.wasm),
            native_sha256_mb_s: rate(&times.native),
            sha256_ratio: times.wasm.ratio_to(&times.native),
            fuel_overhead_ratio: times.script.fuel.ratio_to(&times.script.epochs),
            fuel_overhead_sha256_ratio: times.hash.fuel.ratio_to(&times.hash.epochs),
            metering_ratio: times.script.fuel.ratio_to(&times.script.none),
            metering_sha256_ratio: times.hash.fuel.ratio_to(&times.hash.none),
            engine: self.engine.hash().to_string(),
            wasmtime: WASMTIME_VERSION.to_owned(),
            processors: available_parallelism().map_or(1, usize::from),
            starts: times.cold.count(),
            rounds: self.effort.rounds,
            mebibytes: self.effort.mebibytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use phat_engine::EngineConfig;

    use super::*;

    fn engine() -> Engine {
        Engine::new(EngineConfig {
            runs_concurrent_max: 1,
            calls_concurrent_max: 1,
            ..EngineConfig::default()
        })
        .unwrap()
    }

    #[tokio::test]
    async fn every_figure_is_a_number() {
        let effort = Effort {
            starts: 3,
            rounds: 2,
            mebibytes: 1,
        };
        let figures = measure(&engine(), effort).await.unwrap();
        let json = serde_json::to_value(&figures).unwrap();
        let json = json.as_object().unwrap();
        for (name, value) in json {
            // What is not finite is null in JSON.
            let is_positive = value.as_f64().is_some_and(|value| value > 0.0);
            let is_text = ["engine", "wasmtime"].contains(&name.as_str());
            assert!(is_positive != is_text, "{name} is {value}");
        }
        for name in [
            "instantiate_us_p50",
            "cold_js_us_p50",
            "cold_js_us_p99",
            "warm_calls_per_s",
            "js_fib27_ms",
            "native_quickjs_fib27_ms",
            "wasm_sha256_mb_s",
            "native_sha256_mb_s",
            "fuel_overhead_ratio",
        ] {
            assert!(json.contains_key(name), "there is no {name}");
        }
        // Both rounds have as many starts.
        assert_eq!((figures.starts, figures.rounds), (4, 2));
        assert!(figures.cold_js_us_p50 <= figures.cold_js_us_p99);
    }

    #[tokio::test]
    async fn work_that_was_not_done_is_not_measured() {
        let engine = engine();
        let code = run::Code::new("export default () => 'other'");
        let timed = run::timed(&engine, &code, &[], SMALL_RESULT).await;
        assert!(matches!(timed, Err(BenchError::Result)));
        let code = run::Code::new("export default () => { throw new Error('no') }");
        let timed = run::timed(&engine, &code, &[], SMALL_RESULT).await;
        assert!(matches!(timed, Err(BenchError::Run(_))));
    }
}
