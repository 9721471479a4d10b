//! The conformance suite of ECMAScript.

use std::{fs, path::Path, process::Command};

use anyhow::{Context, bail};

use crate::{
    process::{self, command, exists, output, root, say, target_folder},
    setup,
};

/// The source package of Debian that has test262 in it: that of SpiderMonkey, which
/// keeps a copy.
const PACKAGE: &str = "mozjs128";
const VERSION: &str = "128.14.0-1~deb13u1";
/// The release of Debian that has this version.
const RELEASE: &str = "trixie";
const ARCHIVE: &str = "mozjs128_128.14.0.orig.tar.xz";
const ARCHIVE_SHA256: &str = "41cca35149710ce45fbabc5fefcf86a01fdf833fdb783941964fca3a55fb72dd";
/// Where it is in the archive.
const FOLDER: &str = "firefox-128.14.0/js/src/tests/test262";
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
const MIRROR: &str = "http://deb.debian.org/debian";
/// What is known to fail.
const KNOWN: &str = "testing/test262/known-failures.txt";

#[derive(Default, clap::Args)]
pub struct Options {
    /// Run only tests whose path has this in it.
    #[arg(long)]
    filter: Option<String>,
    /// Run one test of so many.
    #[arg(long)]
    every: Option<usize>,
    /// Write down what fails as what is known to fail.
    #[arg(long)]
    update: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    setup::run_quietly()?;
    let folder = target_folder()?.join("test262").join(ARCHIVE_SHA256);
    if !folder.join("GIT-INFO").is_file() {
        fetch(&folder)?;
    }
    let program = process::example("test262", &[], |_| Ok(()))?;
    let mut suite = Command::new(program);
    suite
        .arg("--suite")
        .arg(&folder)
        .arg("--known")
        .arg(root().join(KNOWN));
    if let Some(filter) = &options.filter {
        suite.arg("--filter").arg(filter);
    }
    if let Some(every) = options.every {
        suite.arg("--every").arg(every.to_string());
    }
    if options.update {
        suite.arg("--update");
    }
    if options.json {
        suite.arg("--json");
    }
    process::run_to_standard_output(suite)
}

/// Gets the suite, and takes it out of its archive.
fn fetch(folder: &Path) -> anyhow::Result<()> {
    let parent = folder.parent().context("the folder is in another")?;
    let apt = parent.join("apt");
    let archive = apt.join(ARCHIVE);
    if !archive.is_file() {
        say(&format!(
            "Getting test262 from the Debian source package {PACKAGE} {VERSION}"
        ));
        download(&apt)?;
    }
    let sum = output(command("", "sha256sum", &[text(&archive)?]))?;
    if !sum.starts_with(ARCHIVE_SHA256) {
        bail!(
            "{} is not the archive that is known: {sum}",
            archive.display()
        );
    }
    let partial = parent.join("partial");
    let _ = fs::remove_dir_all(&partial);
    fs::create_dir_all(&partial)?;
    let mut tar = command("", "tar", &["--extract", "--xz", "--strip-components=5"]);
    tar.arg("--file").arg(&archive);
    tar.arg("--directory").arg(&partial).arg(FOLDER);
    process::run(tar)?;
    fs::rename(&partial, folder)?;
    // The rest of the archive is SpiderMonkey.
    fs::remove_file(&archive)?;
    Ok(())
}

/// Has apt get the sources, with lists of its own: those of the system stay as they are.
fn download(apt: &Path) -> anyhow::Result<()> {
    if !exists("apt-get") {
        bail!("there is no apt-get here, which gets the sources of {PACKAGE}");
    }
    let lists = apt.join("lists");
    fs::create_dir_all(lists.join("partial"))?;
    let sources = apt.join("sources.list");
    let line = format!("deb-src [signed-by={KEYRING}] {MIRROR} {RELEASE} main\n");
    fs::write(&sources, line)?;
    let settings = [
        format!("Dir::Etc::sourcelist={}", text(&sources)?),
        "Dir::Etc::sourceparts=/dev/null".to_owned(),
        format!("Dir::State::lists={}", text(&lists)?),
        format!("Dir::Cache={}", text(apt)?),
        "APT::Sandbox::User=".to_owned(),
    ];
    let get = |arguments: &[&str]| {
        let mut get = command("", "apt-get", &["--quiet=2"]);
        for setting in &settings {
            get.arg("--option").arg(setting);
        }
        get.args(arguments).current_dir(apt);
        get
    };
    process::run(get(&["update"]))?;
    let source = format!("{PACKAGE}={VERSION}");
    process::run(get(&["source", "--download-only", &source]))
        .with_context(|| format!("Debian {RELEASE} has {source} no more, or cannot be reached"))
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str()
        .with_context(|| format!("{} is no text", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_to_fail_is_there() {
        assert!(root().join(KNOWN).is_file());
    }
}
