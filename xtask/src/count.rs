//! Adding up what test runners report.

use std::{fmt, ops::AddAssign};

/// How many tests went which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

impl Count {
    /// The count in a line of `cargo test`, `forge test` or `node --test`; zero
    /// in every other line.
    pub fn of_line(line: &str) -> Self {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("test result: ") {
            let rest = rest.split_once(". ").map_or("", |(_, rest)| rest);
            return Self {
                passed: before(rest, " passed"),
                failed: before(rest, " failed"),
                skipped: before(rest, " ignored"),
            };
        }
        // forge: "Ran 3 test suites in 1s (2s CPU time): 20 tests passed, 0 failed, 0 skipped (20 total tests)"
        if line.starts_with("Ran ") && line.contains(" test suite") {
            let rest = line.split_once("): ").map_or("", |(_, rest)| rest);
            return Self {
                passed: before(rest, " tests passed"),
                failed: before(rest, " failed"),
                skipped: before(rest, " skipped"),
            };
        }
        // node: "# pass 5" or "ℹ pass 5", each count in a line of its own
        let word = line.trim_start_matches(['#', 'ℹ', ' ']);
        let number = |name| word.strip_prefix(name).and_then(|n| n.parse().ok());
        if line.starts_with(['#', 'ℹ']) {
            return Self {
                passed: number("pass ").unwrap_or(0),
                failed: number("fail ").unwrap_or(0),
                skipped: number("skipped ").unwrap_or(0),
            };
        }
        Self::default()
    }
}

/// The number that stands before `label`.
fn before(text: &str, label: &str) -> u64 {
    text.find(label)
        .and_then(|end| text[..end].rsplit([' ', ';', ',']).next())
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_runner_is_counted() {
        for (line, passed, failed, skipped) in [
            (
                "test result: ok. 12 passed; 0 failed; 3 ignored; 0 measured; 0 filtered out",
                12,
                0,
                3,
            ),
            (
                "test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out",
                1,
                2,
                0,
            ),
            (
                "Ran 2 test suites in 1.2s (2s CPU time): 20 tests passed, 1 failed, 4 skipped (25 total tests)",
                20,
                1,
                4,
            ),
            ("# pass 5", 5, 0, 0),
            ("ℹ fail 2", 0, 2, 0),
            ("ℹ skipped 1", 0, 0, 1),
            ("test a::b ... ok", 0, 0, 0),
            ("running 5 tests", 0, 0, 0),
        ] {
            let expected = Count {
                passed,
                failed,
                skipped,
            };
            assert_eq!(Count::of_line(line), expected, "{line}");
        }
    }
}
