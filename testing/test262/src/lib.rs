//! Runs the conformance suite of ECMAScript in the engine.
//!
//! The suite is test262 as SpiderMonkey's sources have it: each test with its
//! front matter, the harness in the files `shell.js`. A test is run as a contract: a
//! text of the harness, the test and its end, once as it is and once in strict mode.
//! What is known to fail stands in a file; anything else that fails, and anything in
//! it that does not fail, is an error.

mod front_matter;
mod known;
mod program;
mod report;
mod runner;
mod suite;

use std::path::Path;

use anyhow::{Context, ensure};
use known::Known;
pub use report::Report;
use suite::Suite;

/// Which tests to run.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Only those whose path has this in it.
    pub filter: Option<String>,
    /// One test of so many.
    pub every: usize,
}

/// Runs tests of the suite in a folder, and compares what fails with a file of what is
/// known to fail. With `update`, writes that file.
pub async fn run(
    suite: &Path,
    known_path: &Path,
    options: &Selection,
    update: bool,
) -> anyhow::Result<Report> {
    ensure!(options.every > 0, "--every counts from 1");
    let suite = Suite::open(suite)?;
    let mut known = Known::read(known_path)?;
    let paths: Vec<_> = suite
        .tests()?
        .into_iter()
        .filter(|path| {
            let filter = options.filter.as_deref();
            filter.is_none_or(|filter| path.contains(filter))
        })
        .step_by(options.every)
        .collect();
    ensure!(!paths.is_empty(), "there is no such test");
    known.keep_only(&paths);
    let results = runner::run(&suite, paths).await?;
    if update {
        Known::write(known_path, &results).with_context(|| known_path.display().to_string())?;
    }
    Ok(Report::new(suite.commit()?, &results, &known))
}
