//! Measuring what trust costs.

use std::process::Command;

use crate::process::{self, built, cargo, say};

/// The program that makes a bundle on a network of its own and has it measured.
const PROGRAM: &str = "phat-bench-trust";

#[derive(clap::Args)]
pub struct Options {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// The profile to build the command line with, which measures. Users have builds of the
    /// default one; `dev` is there sooner, and says little. The network that makes the bundle is
    /// built as for tests.
    #[arg(long, value_name = "NAME", default_value = "release")]
    profile: String,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    say("Building; the first time takes a while.");
    process::run(cargo(&["build", "--workspace", "--all-targets"]))?;
    let measures = ["build", "--package", "phat", "--profile", &options.profile];
    process::run(cargo(&measures))?;
    // Not by cargo, which would build it anew, with the features of its package alone.
    let mut bench = Command::new(built("dev", PROGRAM));
    bench.arg("--phat").arg(built(&options.profile, "phat"));
    if options.json {
        bench.arg("--json");
    }
    process::run_to_standard_output(bench)
}
