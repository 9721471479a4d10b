//! Fuzzing with libFuzzer.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{bail, ensure};

use crate::{
    coverage,
    process::{self, root, say, target_folder},
    setup,
};

/// The targets, as `testing/fuzz` names them.
const TARGETS: [&str; 9] = [
    "transcript",
    "manifest",
    "receipt",
    "chain-proof",
    "script",
    "answers",
    "component",
    "heartbeat",
    "economy",
];
/// The folder of inputs that made a target panic.
const REGRESSIONS: &str = "testing/fuzz/regressions";
/// The longest input: what is to be found is mostly found with less.
const INPUT_BYTES_MAX: u32 = 16 * 1024;
/// The longest that one input may take.
const INPUT_TIME_S_MAX: u32 = 60;
/// The most memory that the process may have.
const MEMORY_MIB_MAX: u32 = 6 * 1024;

#[derive(clap::Args)]
pub struct Options {
    /// How long, in minutes, for all targets together.
    #[arg(long, default_value_t = 2.0)]
    minutes: f64,
    /// Only this target.
    #[arg(long, value_parser = TARGETS)]
    target: Option<String>,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let targets: Vec<_> = match &options.target {
        Some(target) => vec![target.as_str()],
        None => TARGETS.to_vec(),
    };
    let seconds = options.minutes * 60.0 / targets.len() as f64;
    ensure!(
        (1.0..=1e6).contains(&seconds),
        "--minutes must leave each target a second, and end some day"
    );
    setup::run_quietly()?;
    let program = build()?;
    let mut broken = Vec::new();
    for target in targets {
        say(&format!("Fuzzing {target} for {seconds:.0} s"));
        if let Err(error) = fuzz(&program, target, seconds as u64) {
            say(&format!("{error:#}"));
            broken.push(target);
        }
    }
    if !broken.is_empty() {
        bail!(
            "something is wrong in {}: the inputs that show it are in {REGRESSIONS}, and \
             `cargo test --package phat-fuzz` runs them",
            broken.join(", ")
        );
    }
    say("No target panicked.");
    Ok(())
}

/// Builds the program, with the crates of the workspace that read what is foreign told
/// to count where they have been.
fn build() -> anyhow::Result<PathBuf> {
    process::example("fuzz", &["--features", "phat-fuzz/libfuzzer"], |build| {
        coverage::instrument(build)
    })
}

fn fuzz(program: &Path, target: &str, seconds: u64) -> anyhow::Result<()> {
    let corpus = target_folder()?.join("fuzz").join(target);
    let regressions = root().join(REGRESSIONS).join(target);
    fs::create_dir_all(&corpus)?;
    let existed = regressions.is_dir();
    fs::create_dir_all(&regressions)?;
    let mut fuzz = Command::new(program);
    fuzz.env("PHAT_FUZZ_TARGET", target)
        .env("PHAT_FUZZ_CORPUS", &corpus)
        .arg(&corpus)
        .arg(&regressions)
        .arg(format!("-artifact_prefix={}/", regressions.display()))
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .arg(format!("-timeout={INPUT_TIME_S_MAX}"))
        .arg(format!("-rss_limit_mb={MEMORY_MIB_MAX}"))
        .arg("-print_final_stats=1")
        .current_dir(env::temp_dir());
    let result = process::run(fuzz);
    if !existed {
        // Fails if there is something in it now, which is to stay.
        let _ = fs::remove_dir(&regressions);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_targets_are_those_of_the_crate() {
        let text = fs::read_to_string(root().join("testing/fuzz/src/lib.rs")).unwrap();
        let named: Vec<_> = text
            .lines()
            .filter_map(|line| line.trim().strip_prefix("name: \"")?.strip_suffix("\","))
            .collect();
        assert_eq!(named, TARGETS);
    }
}
