//! The main job, end to end.

use std::process::Stdio;

use anyhow::{Context, bail};

use crate::{
    process::{self, cargo},
    setup,
};

/// The package whose binary is the demonstration.
const DEMO: &str = "phat-demo";

#[derive(clap::Args)]
pub struct Options {
    /// End with one JSON object on the last line of standard output.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    setup::run_quietly()?;
    process::say("Building; the first time takes a while.");
    process::run(cargo(&["build", "--workspace", "--bins"]))?;
    let mut demo = cargo(&[
        "run",
        "--quiet",
        "--package",
        "phat-e2e",
        "--bin",
        DEMO,
        "--",
    ]);
    if options.json {
        demo.arg("--json");
    }
    let status = demo
        .stdin(Stdio::null())
        .status()
        .context("cannot run the demonstration")?;
    if !status.success() {
        bail!("the demonstration failed: {status}");
    }
    Ok(())
}
