//! Installing what is missing.

use std::{fs, path::Path};

use anyhow::{Context, bail};

use crate::process::{self, command, exists, output, root, say};

/// Programs that the build needs, and the Debian packages that have them.
const DEBIAN: &[(&str, &str)] = &[
    ("cc", "gcc"),
    ("clang", "clang"),
    ("make", "make"),
    ("npm", "npm"),
    ("perl", "perl"),
    ("protoc", "protobuf-compiler"),
];

/// Folders with a package-lock.json, and whether `npm run build` makes what
/// tests and the demonstration read.
const NPM: &[(&str, bool)] = &[
    ("contracts/evm", false),
    ("examples/lens-stats", true),
    ("testing/fixtures/viem-bundle", true),
];

/// The oldest Node.js that the tools run on.
const NODE_MAJOR_MIN: u32 = 20;

/// Kept in `node_modules`: the lock file that it was installed from.
const STAMP: &str = ".installed-package-lock.json";

pub fn run_quietly() -> anyhow::Result<()> {
    debian()?;
    rust()?;
    node()?;
    NPM.iter()
        .try_for_each(|(folder, builds)| npm(folder, *builds))
}

pub fn run() -> anyhow::Result<()> {
    run_quietly()?;
    say("Everything is in place: cargo xtask demo, cargo xtask test");
    Ok(())
}

fn debian() -> anyhow::Result<()> {
    let missing: Vec<_> = DEBIAN
        .iter()
        .filter(|(program, _)| !exists(program))
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !exists("apt-get") {
        bail!("install these first, there is no apt-get here to do it: {missing:?}");
    }
    say(&format!(
        "Installing Debian packages: {}",
        missing.join(" ")
    ));
    let apt = |arguments: &[&str]| {
        let is_root = output(command("", "id", &["-u"])).is_ok_and(|id| id == "0");
        if is_root || !exists("sudo") {
            command("", "apt-get", arguments)
        } else {
            command("", "sudo", &[&["apt-get"], arguments].concat())
        }
    };
    process::run(apt(&["update", "-qq"]))?;
    let mut install = vec!["install", "-qq", "-y", "--no-install-recommends"];
    install.extend(missing);
    process::run(apt(&install))
}

/// rust-toolchain.toml names targets and components; rustup adds them by itself,
/// or when asked, depending on its version.
fn rust() -> anyhow::Result<()> {
    if !exists("rustup") {
        bail!("rustup is missing: see https://rustup.rs");
    }
    let installed = output(command("", "rustup", &["target", "list", "--installed"]))?;
    for target in ["wasm32v1-none", "wasm32-unknown-unknown"] {
        if !installed.lines().any(|line| line == target) {
            say(&format!("Installing the Rust target {target}"));
            process::run(command("", "rustup", &["target", "add", target]))?;
        }
    }
    Ok(())
}

fn node() -> anyhow::Result<()> {
    let version = output(command("", "node", &["--version"]))?;
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse::<u32>().ok())
        .with_context(|| format!("node --version says {version:?}"))?;
    if major < NODE_MAJOR_MIN {
        bail!("Node.js {version} is too old: install version {NODE_MAJOR_MIN} or newer");
    }
    Ok(())
}

fn npm(folder: &str, builds: bool) -> anyhow::Result<()> {
    let path = root().join(folder);
    let lock = fs::read(path.join("package-lock.json"))
        .with_context(|| format!("{folder}/package-lock.json"))?;
    let stamp = path.join("node_modules").join(STAMP);
    if fs::read(&stamp).ok().as_ref() != Some(&lock) {
        say(&format!("Installing the npm packages of {folder}"));
        process::run(command(folder, "npm", &["ci", "--no-audit", "--no-fund"]))?;
        fs::write(&stamp, &lock).with_context(|| stamp.display().to_string())?;
    }
    if builds && is_stale(&path)? {
        process::run(command(folder, "npm", &["run", "--silent", "build"]))?;
    }
    Ok(())
}

/// Whether a source is newer than what was built of it.
fn is_stale(folder: &Path) -> anyhow::Result<bool> {
    let changed = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified());
    let Ok(built) = changed(&folder.join("dist/index.js")) else {
        return Ok(true);
    };
    let mut sources = vec![folder.join("package-lock.json")];
    for entry in fs::read_dir(folder.join("src"))? {
        sources.push(entry?.path());
    }
    for source in sources {
        if changed(&source)? > built {
            return Ok(true);
        }
    }
    Ok(false)
}
