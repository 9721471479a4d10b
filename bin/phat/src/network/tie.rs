//! A program that ends when the one that started it does.
//!
//! A supervisor that is killed cannot stop its children. Linux can: a process
//! may ask for a signal at its parent's death. The request must be made in the
//! child between its start and its program, which the standard library offers
//! only to unsafe code. So the child is `phat` itself first: it makes the request
//! for itself and then becomes the program, in the same process.

use std::{
    ffi::OsString,
    os::unix::process::{CommandExt, parent_id},
    path::PathBuf,
    process::Command,
};

use anyhow::{Context, Result, bail};
use clap::Args;
use rustix::process::Signal;

use crate::output::Verdict;

/// Become PROGRAM, to be ended with SIGTERM when PARENT dies.
#[derive(Args, Debug)]
pub struct TieOptions {
    /// The process that must be this one's parent.
    #[arg(long)]
    parent: u32,
    /// The program.
    program: PathBuf,
    /// Its arguments.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

/// Replaces this process by the program; returns only if that fails.
pub fn run(options: TieOptions) -> Result<Verdict> {
    ask_for_signal()?;
    // The parent may have died before the request was made.
    if parent_id() != options.parent {
        bail!("the process that started this one has ended");
    }
    let error = Command::new(&options.program)
        .args(options.arguments)
        .exec();
    Err(error).with_context(|| format!("{}", options.program.display()))
}

#[cfg(target_os = "linux")]
fn ask_for_signal() -> Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::TERM))
        .context("cannot ask for a signal at the parent's death")
}

/// Elsewhere children are stopped by an orderly end alone.
#[cfg(not(target_os = "linux"))]
fn ask_for_signal() -> Result<()> {
    Ok(())
}
