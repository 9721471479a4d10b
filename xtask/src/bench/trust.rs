//! Measuring what trust costs.

use std::process::Command;

use super::programs::{self, DEV};
use crate::process::{self, built, say};

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
    programs::of_tests()?;
    programs::measured(&options.profile)?;
    let mut bench = Command::new(built(DEV, PROGRAM));
    bench.arg("--phat").arg(built(&options.profile, "phat"));
    if options.json {
        bench.arg("--json");
    }
    process::run_to_standard_output(bench)
}
