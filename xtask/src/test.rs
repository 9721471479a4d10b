//! Every test, and a closing count.

use std::{io::Write, path::Path, process::Command};

use anyhow::bail;

use crate::{
    count::Count,
    process::{self, cargo, command, run_watched, say},
    setup, tidy,
};

/// Files of tests that start nodes, of the Phat chain or of an EVM chain.
const STARTS_NODES: &[&str] = &[
    "bin/node/tests/chains.rs",
    "targets/evm/tests/anvil/main.rs",
    "testing/e2e/tests/e2e/main.rs",
];

/// How many tests that start nodes run at once: they wait for blocks most of the time.
const NODES_AT_ONCE: &str = "3";

#[derive(clap::Args)]
pub struct Options {
    /// Leave out the tests that start nodes.
    #[arg(long)]
    quick: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    setup::run_quietly()?;
    // Everything at once and with the tests' own features: what tests start is
    // then what they were built with.
    process::run(cargo(&["build", "--workspace", "--all-targets"]))?;

    let mut results = Results::default();
    results.check("tidy", tidy::run());
    for folder in [
        "client/ts",
        "contracts/evm",
        "engine/types",
        "examples/lens-stats",
        "examples/pha-bridge",
        "examples/vrf-oracle",
    ] {
        results.suite(folder, command(folder, "npm", &["test"]))?;
    }
    let all = ["test", "--workspace", "--no-fail-fast"];
    let files = tidy::tracked()?;
    let mut quick = vec!["--lib", "--bins"];
    for name in quick_targets(&files) {
        quick.extend(["--test", name]);
    }
    results.suite("the workspace", cargo(&[&all[..], &quick].concat()))?;
    let documents = cargo(&[&all[..], &["--doc"]].concat());
    results.suite("examples in documentation", documents)?;
    if !options.quick {
        let mut nodes = vec![];
        for name in STARTS_NODES.iter().filter_map(|file| target_of(file)) {
            nodes.extend(["--test", name]);
        }
        let threads = ["--", "--test-threads", NODES_AT_ONCE];
        let nodes = cargo(&[&all[..], &nodes, &threads].concat());
        results.suite("what starts nodes", nodes)?;
    }

    writeln!(std::io::stdout(), "{}", results.total)?;
    if !results.broken.is_empty() {
        bail!("failed: {}", results.broken.join(", "));
    }
    Ok(())
}

/// What came of all suites.
#[derive(Debug, Default)]
struct Results {
    total: Count,
    broken: Vec<&'static str>,
}

impl Results {
    /// Runs a suite to its end and counts its tests.
    fn suite(&mut self, name: &'static str, command: Command) -> anyhow::Result<()> {
        let mut count = Count::default();
        let succeeded = run_watched(command, |line| count += Count::of_line(line))?;
        self.total += count;
        // A runner that succeeds without a single test did not do its work.
        if !succeeded || count.passed == 0 {
            self.broken.push(name);
        }
        Ok(())
    }

    /// Counts a check that is one test by itself.
    fn check(&mut self, name: &'static str, result: anyhow::Result<()>) {
        match result {
            Ok(()) => self.total.passed += 1,
            Err(error) => {
                say(&format!("{name}: {error:#}"));
                self.total.failed += 1;
                self.broken.push(name);
            }
        }
    }
}

/// The names of the test programs among these files, but for those that start nodes.
fn quick_targets(files: &[String]) -> Vec<&str> {
    let mut names: Vec<_> = files
        .iter()
        .filter(|file| !STARTS_NODES.contains(&file.as_str()))
        .filter_map(|file| target_of(file))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The test program whose root this file is: `tests/NAME.rs` or `tests/NAME/main.rs`, beside
/// `src` and not in it.
fn target_of(file: &str) -> Option<&str> {
    let (package, rest) = file.split_once("/tests/")?;
    if package.split('/').any(|folder| folder == "src") {
        return None;
    }
    let name = rest
        .strip_suffix("/main.rs")
        .or_else(|| rest.strip_suffix(".rs"))?;
    Path::new(name)
        .parent()?
        .as_os_str()
        .is_empty()
        .then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::root;

    #[test]
    fn a_check_that_fails_is_counted_and_the_rest_goes_on() {
        let mut results = Results::default();
        results.check("tidy", Err(anyhow::anyhow!("no such path")));
        results.check("other", Ok(()));
        assert_eq!(results.broken, ["tidy"]);
        assert_eq!(results.total.to_string(), "1 passed, 1 failed, 0 skipped");
    }

    #[test]
    fn a_suite_without_tests_is_broken() {
        let mut results = Results::default();
        let says = |text| command("", "echo", &[text]);
        results.suite("none", says("nothing")).unwrap();
        let line = "test result: ok. 2 passed; 0 failed; 0 ignored;";
        results.suite("some", says(line)).unwrap();
        results
            .suite("ends badly", command("", "false", &[]))
            .unwrap();
        assert_eq!(results.broken, ["none", "ends badly"]);
        assert_eq!(results.total.passed, 2);
    }

    #[test]
    fn quick_leaves_out_what_starts_nodes() {
        let files = [
            "bin/node/src/main.rs",
            "bin/node/tests/chains.rs",
            "bin/node/tests/support/mod.rs",
            "bin/phat/tests/cli.rs",
            "chain/pallets/registry/src/tests/attestation.rs",
            "engine/host/tests/common/server.rs",
            "engine/host/tests/replay.rs",
            "targets/evm/tests/anvil/main.rs",
            "targets/evm/tests/anvil/world.rs",
            "testing/e2e/tests/e2e/main_job.rs",
            "worker/service/tests/model/mod.rs",
            "worker/service/tests/replay.rs",
            "x/tests/large/main.rs",
        ];
        let files = files.map(str::to_owned);
        assert_eq!(quick_targets(&files), ["cli", "large", "replay"]);
    }

    /// Targets are chosen by name, so one that starts nodes must not share its name.
    #[test]
    fn what_starts_nodes_exists_and_is_really_left_out() {
        let files = tidy::tracked().unwrap();
        let quick = quick_targets(&files);
        for known in STARTS_NODES {
            assert!(root().join(known).exists(), "there is no {known}");
            let name = target_of(known).unwrap();
            assert!(!quick.contains(&name), "{name} is run");
        }
    }
}
