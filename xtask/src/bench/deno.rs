//! Deno at the same work.

use std::{path::PathBuf, process::Command, time::Instant};

use anyhow::{Context, ensure};

use super::figures::{Figures, percentile};
use crate::{
    process::{output, root},
    setup,
};

/// The folder of the scripts; the work itself is in the folder beside it.
const SCRIPTS: &str = "engine/bench/peers/src";
/// Where Deno keeps what it compiled.
const CACHE: &str = "engine/bench/peers/node_modules/.deno";
/// Runs a script with nothing but what is there.
const RUN: &[&str] = &[
    "run",
    "--no-config",
    "--no-lock",
    "--no-npm",
    "--no-remote",
    "--no-prompt",
];
/// What Deno may read: no more than what workers are loaded from.
const READABLE: &str = "--allow-read=engine/bench";
/// Workers in a round.
const WORKERS: &str = "100";
/// Calls of fib(27) in a round.
const CALLS: &str = "9";
/// Processes in a round.
const PROCESSES: usize = 20;
const MILLIS_PER_SECOND: f64 = 1e3;

/// An installed Deno.
pub struct Deno {
    program: PathBuf,
}

impl Deno {
    /// Installs it from npm if it is not there.
    pub fn install() -> anyhow::Result<Self> {
        Ok(Self {
            program: setup::deno()?,
        })
    }

    /// The versions of Deno and of V8.
    pub fn versions(&self) -> anyhow::Result<(String, String)> {
        let text = output(self.command(&["--version"]))?;
        let version_of = |name: &str| {
            let mut lines = text.lines().map(str::split_whitespace);
            lines
                .find_map(|mut words| words.next().filter(|word| *word == name).and(words.next()))
                .map(str::to_owned)
                .with_context(|| format!("deno --version does not tell that of {name}: {text}"))
        };
        Ok((version_of("deno")?, version_of("v8")?))
    }

    /// Adds what one round gives.
    pub fn measure(&self, figures: &mut Figures) -> anyhow::Result<()> {
        let mut workers = self.times("workers.js", WORKERS, &[READABLE])?;
        figures.add("deno_worker_ms_p50", percentile(&mut workers, 50)?);
        figures.add("deno_worker_ms_p99", percentile(&mut workers, 99)?);
        let mut processes = self.processes()?;
        figures.add("deno_process_ms_p50", percentile(&mut processes, 50)?);
        let mut compiled = self.times("fibonacci.js", CALLS, &[])?;
        figures.add("deno_fib27_ms", percentile(&mut compiled, 50)?);
        let mut interpreted = self.times("fibonacci.js", CALLS, &["--v8-flags=--jitless"])?;
        figures.add("deno_jitless_fib27_ms", percentile(&mut interpreted, 50)?);
        Ok(())
    }

    /// The times that a script prints, in milliseconds.
    fn times(&self, script: &str, count: &str, options: &[&str]) -> anyhow::Result<Vec<f64>> {
        let printed = output(self.script(script, options, &[count]))?;
        serde_json::from_str(&printed).with_context(|| format!("{script} printed {printed}"))
    }

    /// From starting a process to its end, in milliseconds.
    fn processes(&self) -> anyhow::Result<Vec<f64>> {
        (0..PROCESSES)
            .map(|_| {
                let process = self.script("process.js", &[], &[]);
                let started = Instant::now();
                let printed = output(process)?;
                let elapsed = started.elapsed();
                ensure!(printed == "2f62", "the process printed {printed}");
                Ok(elapsed.as_secs_f64() * MILLIS_PER_SECOND)
            })
            .collect()
    }

    fn script(&self, name: &str, options: &[&str], given: &[&str]) -> Command {
        let path = format!("{SCRIPTS}/{name}");
        self.command(&[RUN, options, &[&path], given].concat())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(arguments)
            .current_dir(root())
            .env("DENO_DIR", root().join(CACHE))
            .env("DENO_NO_UPDATE_CHECK", "1")
            .env("NO_COLOR", "1");
        command
    }
}
