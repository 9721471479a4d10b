//! Measuring what trust costs.

use std::{env, path::PathBuf};

use crate::process::{self, cargo, root, say};

/// The package and its program that make a bundle on a network of their own and measure it.
const PACKAGE: &str = "phat-e2e";
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
    process::run(cargo(&["build", "--workspace", "--bins"]))?;
    let measures = ["build", "--package", "phat", "--profile", &options.profile];
    process::run(cargo(&measures))?;
    let mut bench = cargo(&["run", "--quiet", "--package", PACKAGE, "--bin", PROGRAM]);
    bench.arg("--").arg("--phat").arg(built(&options.profile));
    if options.json {
        bench.arg("--json");
    }
    process::run_to_standard_output(bench)
}

/// Where cargo puts the command line that it builds with this profile.
fn built(profile: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let folder = match profile {
        "dev" | "test" => "debug",
        "bench" => "release",
        other => other,
    };
    root().join(target).join(folder).join("phat")
}
