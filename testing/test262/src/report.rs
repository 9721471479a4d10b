//! What is said about all of it.

use std::{collections::BTreeMap, fmt};

use anyhow::bail;
use serde::Serialize;

use crate::{
    known::{Known, failed},
    runner::{TestResult, Verdict},
};

/// How many unexpected results are shown to a person.
const SHOWN_MAX: usize = 50;

/// What came of the tests.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The commit of test262.
    commit: String,
    /// Runs: most tests are run twice, once in strict mode.
    runs: usize,
    passed: usize,
    failed: usize,
    /// Tests that were not run, by the reason.
    skipped: BTreeMap<&'static str, usize>,
    /// Of the runs, those that passed, in percent.
    pass_rate_percent: f64,
    /// What failed and is not known to, with what happened.
    unexpected_failures: Vec<String>,
    /// What passed and is known to fail.
    unexpected_passes: Vec<String>,
}

impl Report {
    /// The report of these results, beside what is known to fail.
    pub fn new(commit: String, results: &[TestResult], known: &Known) -> Self {
        let mut report = Self {
            commit,
            runs: 0,
            passed: 0,
            failed: 0,
            skipped: BTreeMap::new(),
            pass_rate_percent: 0.0,
            unexpected_failures: Vec::new(),
            unexpected_passes: Vec::new(),
        };
        for TestResult { path, verdict } in results {
            match verdict {
                Verdict::Passed(_) => report.passed += 1,
                Verdict::Failed(mode, how) => {
                    report.failed += 1;
                    let name = format!("{path} {}", mode.as_str());
                    if !known.tests().contains(&name) {
                        report.unexpected_failures.push(format!("{name}: {how}"));
                    }
                }
                Verdict::Skipped(reason) => *report.skipped.entry(reason).or_default() += 1,
            }
        }
        report.runs = report.passed + report.failed;
        report.pass_rate_percent = 100.0 * report.passed as f64 / report.runs.max(1) as f64;
        let failed = failed(results);
        let passes = known.tests().difference(&failed);
        report.unexpected_passes = passes.cloned().collect();
        report
    }

    /// Fails if anything is not as it is known to be.
    pub fn check(&self) -> anyhow::Result<()> {
        if !self.unexpected_failures.is_empty() || !self.unexpected_passes.is_empty() {
            bail!(
                "{} failures and {} passes are not as expected; if they should be so, write them \
                 down with `cargo xtask test262 --update`",
                self.unexpected_failures.len(),
                self.unexpected_passes.len()
            );
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "test262 at {}", self.commit)?;
        for (what, tests) in [
            ("fails and should not", &self.unexpected_failures),
            ("passes and is known to fail", &self.unexpected_passes),
        ] {
            for test in tests.iter().take(SHOWN_MAX) {
                writeln!(f, "{what}: {test}")?;
            }
            if tests.len() > SHOWN_MAX {
                writeln!(f, "{what}: {} more", tests.len() - SHOWN_MAX)?;
            }
        }
        for (reason, count) in &self.skipped {
            writeln!(f, "{count} tests not run: {reason}")?;
        }
        writeln!(
            f,
            "{} of {} runs passed, {:.2} %",
            self.passed, self.runs, self.pass_rate_percent
        )
    }
}
