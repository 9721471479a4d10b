//! What is known to fail.

use std::{
    collections::{BTreeSet, HashSet},
    fmt::Write,
    fs,
    path::Path,
};

use anyhow::Context;

use crate::runner::{TestResult, Verdict};

const HEAD: &str = "\
# Tests of test262 that fail in the engine, each with its mode. Written by
# `cargo xtask test262 --update`; a test that is not here must pass, and one that is
# must fail.
";

/// Tests with their modes, as they are written in the file.
#[derive(Debug, Default)]
pub struct Known(BTreeSet<String>);

impl Known {
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let lines = text.lines().map(str::trim);
        let tests = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        Ok(Self(tests.map(str::to_owned).collect()))
    }

    /// Forgets what is not run.
    pub fn keep_only(&mut self, paths: &[String]) {
        let run: HashSet<&str> = paths.iter().map(String::as_str).collect();
        self.0.retain(|test| {
            test.rsplit_once(' ')
                .is_some_and(|(path, _)| run.contains(path))
        });
    }

    pub fn tests(&self) -> &BTreeSet<String> {
        &self.0
    }

    /// Writes what failed.
    pub fn write(path: &Path, results: &[TestResult]) -> anyhow::Result<()> {
        let mut text = HEAD.to_owned();
        for test in failed(results) {
            writeln!(text, "{test}")?;
        }
        Ok(fs::write(path, text)?)
    }
}

/// The names of what failed.
pub fn failed(results: &[TestResult]) -> BTreeSet<String> {
    results
        .iter()
        .filter_map(|result| match &result.verdict {
            Verdict::Failed(mode, _) => Some(format!("{} {}", result.path, mode.as_str())),
            Verdict::Passed(_) | Verdict::Skipped(_) => None,
        })
        .collect()
}
