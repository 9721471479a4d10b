//! `phat test`: the recorded tests of a contract.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use clap::Args;
use phat_engine::{Engine, Secrets};
use serde::Serialize;

use crate::{
    args::EgressArgs,
    fixture::Fixture,
    local,
    output::{Output, Verdict, describe},
    project::Project,
    secrets::SecretsArgs,
};

/// The folders that tests are in.
const FOLDERS: [&str; 2] = ["tests", "test"];
/// The most tests of a contract.
const TESTS_MAX: usize = 10_000;

/// Run the tests of a contract: the fixtures in its folder `tests` or `test`.
///
/// Each is a JSON file that `phat run --record` wrote, or a person. The contract is run
/// on its request and answers, nothing is called, and what comes out is compared with
/// what the fixture expects. The exit code is 1 when a test fails, or there is none.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat run . --request 0x01 --record tests/one.json   make a test\n  phat test .                                         run all"
)]
pub struct Options {
    /// The contract's folder.
    #[arg(value_name = "DIR", default_value = ".")]
    path: PathBuf,
    /// Only the tests whose file name contains this.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    #[command(flatten)]
    secrets: SecretsArgs,
}

/// What came of one test.
#[derive(Debug, Serialize)]
struct Tested {
    name: String,
    ok: bool,
    fuel: u64,
    elapsed_us: u64,
    /// How it failed.
    problems: Vec<String>,
    /// Requests that the fixture has no answer to. The contract may have gone on
    /// without one.
    unknown_requests: Vec<String>,
}

/// What came of all tests.
#[derive(Debug, Serialize)]
struct Summary {
    ok: bool,
    passed: usize,
    failed: usize,
    tests: Vec<Tested>,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let project = Project::load(&options.path)?;
    let files = fixtures(&options.path, options.filter.as_deref())?;
    // Nothing is called, so there is nothing to allow.
    let engine = local::engine(&EgressArgs::default())?;
    let secrets = options.secrets.load_for(&project, output)?;
    let mut tests = Vec::with_capacity(files.len());
    for file in &files {
        tests.push(test(&engine, &project, &options.path, file, &secrets).await);
    }
    let failed = tests.iter().filter(|test| !test.ok).count();
    let summary = Summary {
        ok: failed == 0,
        passed: tests.len() - failed,
        failed,
        tests,
    };
    Ok(output.finish(&summary, Verdict::of(summary.ok))?)
}

/// The fixtures of a contract, by name.
fn fixtures(folder: &Path, filter: Option<&str>) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for tests in FOLDERS.map(|name| folder.join(name)) {
        if !tests.is_dir() {
            continue;
        }
        let at = || format!("{}", tests.display());
        for entry in std::fs::read_dir(&tests).with_context(at)? {
            let path = entry.with_context(at)?.path();
            let is_fixture = path
                .extension()
                .is_some_and(|extension| extension == "json");
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if is_fixture && filter.is_none_or(|filter| name.contains(filter)) {
                files.push(path);
            }
        }
    }
    if files.len() > TESTS_MAX {
        bail!(
            "{} tests are more than the {TESTS_MAX} that are run",
            files.len()
        );
    }
    if files.is_empty() {
        bail!(
            "{0} has no tests{1}: make one with `phat run {0} --request HEX --record \
             {0}/tests/NAME.json`",
            folder.display(),
            filter.map_or_else(String::new, |filter| format!(" named {filter:?}")),
        );
    }
    files.sort();
    Ok(files)
}

/// Runs one test. A fixture that cannot be used is a test that fails.
async fn test(
    engine: &Engine,
    project: &Project,
    folder: &Path,
    file: &Path,
    secrets: &Secrets,
) -> Tested {
    let name = file
        .strip_prefix(folder)
        .unwrap_or(file)
        .display()
        .to_string();
    let mut tested = Tested {
        name,
        ok: false,
        fuel: 0,
        elapsed_us: 0,
        problems: Vec::new(),
        unknown_requests: Vec::new(),
    };
    if let Err(error) = compare(engine, project, file, secrets, &mut tested).await {
        tested.problems.push(describe(&error));
    }
    tested.ok = tested.problems.is_empty();
    tested
}

async fn compare(
    engine: &Engine,
    project: &Project,
    file: &Path,
    secrets: &Secrets,
    tested: &mut Tested,
) -> Result<()> {
    let fixture = Fixture::load(file)?;
    let Some(expect) = &fixture.expect else {
        bail!(
            "it expects nothing: add `expect`, or have it written with `phat run --replay {0} \
             --record {0}`",
            file.display()
        );
    };
    let (given, http) = fixture.given(&file.display().to_string(), secrets.clone())?;
    let report = local::run(engine, project, given).await;
    tested.fuel = report.fuel_used;
    tested.elapsed_us = u64::try_from(report.elapsed.as_micros()).unwrap_or(u64::MAX);
    tested.problems = expect.differences(&report);
    tested.unknown_requests = http.unknown();
    Ok(())
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for test in &self.tests {
            let word = if test.ok { "ok    " } else { "FAILED" };
            writeln!(f, "{word}  {}", test.name)?;
            for problem in &test.problems {
                for line in problem.lines() {
                    writeln!(f, "          {line}")?;
                }
            }
            for request in &test.unknown_requests {
                writeln!(f, "          not in the fixture: {request}")?;
            }
        }
        writeln!(f, "\n{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
#[path = "test_tests.rs"]
mod tests;
