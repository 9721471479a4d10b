//! The program behind `cargo xtask test262`.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use clap::Parser;
use phat_test262::Selection;

/// Runs test262 and compares what fails with what is known to fail.
#[derive(Parser)]
struct Options {
    /// The folder `test262`.
    #[arg(long)]
    suite: PathBuf,
    /// The file with what is known to fail.
    #[arg(long)]
    known: PathBuf,
    /// Run only tests whose path has this in it.
    #[arg(long)]
    filter: Option<String>,
    /// Run one test of so many.
    #[arg(long, default_value_t = 1)]
    every: usize,
    /// Write what fails into the file with what is known to.
    #[arg(long, conflicts_with_all = ["filter", "every"])]
    update: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let selection = Selection {
        filter: options.filter,
        every: options.every,
    };
    let report =
        phat_test262::run(&options.suite, &options.known, &selection, options.update).await?;
    let mut out = io::stdout().lock();
    if options.json {
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
    } else {
        write!(out, "{report}")?;
    }
    if options.update {
        return Ok(());
    }
    report.check()
}
