//! Every test, and a closing count.

use std::{io::Write, process::Command};

use anyhow::bail;

use crate::{
    count::Count,
    process::{self, cargo, command, run_watched},
    setup, tidy,
};

#[derive(clap::Args)]
pub struct Options {
    /// Leave out the tests that start nodes.
    #[arg(long)]
    quick: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    setup::run_quietly()?;
    tidy::run()?;
    // Everything at once and with the tests' own features: what tests start is
    // then what they were built with.
    process::run(cargo(&["build", "--workspace", "--all-targets"]))?;

    let mut rust = vec!["test", "--workspace", "--no-fail-fast"];
    if options.quick {
        rust.extend(["--exclude", "phat-e2e"]);
    }
    let mut total = Count::default();
    let mut broken = Vec::new();
    let mut suite = |name: &'static str, command: Command| -> anyhow::Result<()> {
        let mut count = Count::default();
        let succeeded = run_watched(command, |line| count += Count::of_line(line))?;
        total += count;
        // A runner that succeeds without a single test did not do its work.
        if !succeeded || count.passed == 0 {
            broken.push(name);
        }
        Ok(())
    };
    suite("contracts/evm", command("contracts/evm", "npm", &["test"]))?;
    suite(
        "examples/lens-stats",
        command("examples/lens-stats", "npm", &["test"]),
    )?;
    suite("the workspace", cargo(&rust))?;

    writeln!(std::io::stdout(), "{total}")?;
    if !broken.is_empty() {
        bail!("failed: {}", broken.join(", "));
    }
    Ok(())
}
