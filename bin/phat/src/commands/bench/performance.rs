//! `phat bench performance`: how a worker on this machine would score.

use std::{fmt, num::NonZeroUsize, thread, time::Duration};

use anyhow::Result;
use clap::{Args, builder::RangedU64ValueParser};
use phat_performance::{Machine, SCORE_TIME, Score, score};
use serde::Serialize;

use crate::output::{Output, Verdict};

/// The most threads that can be asked for.
const THREADS_MAX: u64 = 1_024;

/// Do the work of the performance test, and say how much of it this machine does.
///
/// The score is the performance P that the stake and the rewards of a worker go by: iterations in
/// 6 seconds on all processors, at the priority of everything else. A worker that runs contracts
/// meanwhile does fewer. docs/performance-test.md says what an iteration is.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat bench performance --seconds 30")]
pub struct Options {
    /// How long to work, in seconds.
    #[arg(long, value_name = "S", default_value_t = SCORE_TIME.as_secs(),
          value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
    /// Threads that work; one for each processor unless given.
    #[arg(long, value_name = "N",
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=THREADS_MAX))]
    threads: Option<usize>,
}

/// What is shown.
#[derive(Debug, Serialize)]
struct Shown {
    /// Iterations in 6 seconds.
    score: u64,
    /// Iterations that were done.
    iterations: u64,
    /// In how long.
    elapsed_ms: u64,
    /// By how many threads.
    threads: usize,
}

/// Runs the command.
pub async fn run(options: &Options, output: &mut Output<'_>) -> Result<Verdict> {
    let processors = || thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = options.threads.unwrap_or_else(processors);
    let time = Duration::from_secs(options.seconds);
    output.progress(format_args!(
        "Working for {} s with {threads} threads…",
        options.seconds
    ));
    let measured =
        tokio::task::spawn_blocking(move || score(&Machine::new()?, threads, time)).await??;
    Ok(output.finish(&Shown::new(measured, threads), Verdict::Done)?)
}

impl Shown {
    fn new(score: Score, threads: usize) -> Self {
        Self {
            score: score.p(),
            iterations: score.iterations,
            elapsed_ms: u64::try_from(score.elapsed.as_millis()).unwrap_or(u64::MAX),
            threads,
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            score,
            iterations,
            elapsed_ms,
            threads,
        } = self;
        writeln!(
            f,
            "score        {score} iterations in {} s",
            SCORE_TIME.as_secs()
        )?;
        writeln!(
            f,
            "measured     {iterations} iterations in {elapsed_ms} ms, {threads} threads"
        )
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::output::Format;

    async fn measured(format: Format) -> String {
        let options = Options {
            seconds: 1,
            threads: Some(1),
        };
        let (mut result, mut progress) = (Vec::new(), Vec::new());
        let mut output = Output::new(format, &mut result, &mut progress);
        let verdict = run(&options, &mut output).await.unwrap();
        assert_eq!(verdict, Verdict::Done);
        let progress = String::from_utf8(progress).unwrap();
        assert_eq!(progress, "Working for 1 s with 1 threads…\n");
        String::from_utf8(result).unwrap()
    }

    #[tokio::test]
    async fn a_score_is_one_object_or_lines_for_people() {
        let json = measured(Format::Json).await;
        let shown: Value = serde_json::from_str(&json).unwrap();
        assert!(shown["score"].as_u64().unwrap() > 0, "{json}");
        assert_eq!(shown["threads"], 1);
        let text = measured(Format::Text).await;
        assert!(text.starts_with("score        "), "{text}");
        assert!(text.contains("iterations in 6 s"), "{text}");
    }
}
