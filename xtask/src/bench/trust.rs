//! Measuring what trust costs.

use crate::process::{self, cargo, say};

/// The package and its program that make a bundle on a network of their own and measure it.
const PACKAGE: &str = "phat-e2e";
const PROGRAM: &str = "phat-bench-trust";

#[derive(clap::Args)]
pub struct Options {
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// The profile to build with. Users have builds of the default one; `dev` is there
    /// sooner, and says little.
    #[arg(long, value_name = "NAME", default_value = "release")]
    profile: String,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    let profile = ["--profile", &options.profile];
    say("Building; the first time takes a while.");
    process::run(cargo(
        &[&["build", "--workspace", "--bins"], &profile[..]].concat(),
    ))?;
    let mut bench = cargo(&["run", "--quiet", "--package", PACKAGE, "--bin", PROGRAM]);
    bench.args(profile).arg("--");
    if options.json {
        bench.arg("--json");
    }
    process::run_to_standard_output(bench)
}
