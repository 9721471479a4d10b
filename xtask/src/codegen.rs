//! Files that are made from others and checked in: the compiled contracts, and
//! the metadata of the chain.

use std::{fs, process::Command};

use anyhow::{Context, bail};

use crate::{
    process::{self, command, root},
    setup,
};

/// The metadata that clients are generated from.
const METADATA: &str = "client/chain/metadata/phat.scale";

#[derive(clap::Args)]
pub struct Options {
    /// Only say whether the files are current.
    #[arg(long)]
    pub check: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    setup::run_quietly()?;
    let build: &[&str] = match options.check {
        true => &["run", "--silent", "build", "--", "--check"],
        false => &["run", "--silent", "build"],
    };
    process::run(command("contracts/evm", "npm", build))?;
    metadata(options.check)
}

fn metadata(check: bool) -> anyhow::Result<()> {
    let made = std::env::temp_dir().join(format!("phat-metadata-{}", std::process::id()));
    let program = process::example("metadata", &[], |_| Ok(()))?;
    let mut write = Command::new(program);
    write.arg(&made);
    process::run(write)?;
    let current = fs::read(&made).with_context(|| made.display().to_string())?;
    fs::remove_file(&made)?;

    let path = root().join(METADATA);
    if fs::read(&path).ok().as_ref() == Some(&current) {
        return Ok(());
    }
    if check {
        bail!("{METADATA} is stale: cargo xtask codegen");
    }
    fs::create_dir_all(path.parent().expect("the path has folders"))?;
    fs::write(&path, current).with_context(|| path.display().to_string())
}
