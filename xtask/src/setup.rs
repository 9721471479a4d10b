//! Installing what is missing.

use std::{
    env::consts::{ARCH, OS},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use crate::process::{self, command, exists, output, root, say};

/// Programs that the build needs, and the Debian packages that have them.
const DEBIAN: &[(&str, &str)] = &[
    ("c++", "g++"),
    ("cc", "gcc"),
    ("clang", "clang"),
    // The one that engine/guest-build compiles guests with.
    ("clang-22", "clang-22"),
    ("make", "make"),
    ("npm", "npm"),
    ("perl", "perl"),
    ("protoc", "protobuf-compiler"),
    ("xz", "xz-utils"),
];

/// A folder with a package-lock.json.
struct Npm {
    folder: &'static str,
    /// Programs that come as optional packages, one for each platform: their paths in
    /// `node_modules`. npm goes on without a word when it cannot have one.
    programs: &'static [&'static str],
    /// What `npm run build` makes, for tests and the demonstration to read.
    builds: Option<&'static str>,
}

const NPM: &[Npm] = &[
    Npm {
        folder: "client/ts",
        programs: &[],
        builds: Some("dist/index.js"),
    },
    Npm {
        folder: "contracts/evm",
        programs: &[".bin/anvil", ".bin/forge"],
        builds: None,
    },
    Npm {
        folder: "engine/types",
        programs: &[],
        builds: None,
    },
    Npm {
        folder: "examples/lens-stats",
        programs: &[],
        builds: Some("dist/index.js"),
    },
    Npm {
        folder: "examples/vrf-oracle",
        programs: &[],
        builds: Some("dist/index.js"),
    },
    Npm {
        folder: "testing/fixtures/bundles",
        programs: &[],
        builds: Some("dist/zod.js"),
    },
];

/// What measurements need besides, and nothing else does: the engine's peers.
const PEERS: Npm = Npm {
    folder: "engine/bench/peers",
    programs: &[DENO],
    builds: None,
};

/// Deno itself: what is in `.bin` may be a script for Node.js that starts it.
const DENO: &str = "@deno/linux-x64-glibc/deno";

/// The oldest Node.js that the tools run on.
const NODE_MAJOR_MIN: u32 = 20;

/// Kept in `node_modules`: the lock file that it was installed from.
const STAMP: &str = ".installed-package-lock.json";

pub fn run_quietly() -> anyhow::Result<()> {
    check_platform(OS, ARCH)?;
    debian()?;
    rust()?;
    node()?;
    NPM.iter().try_for_each(npm)
}

pub fn run() -> anyhow::Result<()> {
    run_quietly()?;
    say("Everything is in place: cargo xtask demo, cargo xtask test");
    Ok(())
}

/// Installs Deno, and gives the path of the program.
pub fn deno() -> anyhow::Result<PathBuf> {
    npm(&PEERS)?;
    Ok(root().join(PEERS.folder).join("node_modules").join(DENO))
}

/// The EVM node and test runner are programs for one platform.
fn check_platform(os: &str, arch: &str) -> anyhow::Result<()> {
    if (os, arch) != ("linux", "x86_64") {
        bail!(
            "this is {os} on {arch}, and the tests and the demonstration need Linux on x86-64, \
             for which anvil and forge come from npm: use such a machine, or a virtual one"
        );
    }
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

fn npm(npm: &Npm) -> anyhow::Result<()> {
    let Npm {
        folder,
        programs,
        builds,
    } = npm;
    let path = root().join(folder);
    let lock = fs::read(path.join("package-lock.json"))
        .with_context(|| format!("{folder}/package-lock.json"))?;
    let stamp = path.join("node_modules").join(STAMP);
    let is_current = fs::read(&stamp).ok().as_ref() == Some(&lock);
    if !is_current || !missing(&path, programs).is_empty() {
        say(&format!("Installing the npm packages of {folder}"));
        // Whatever the user's settings leave out.
        let install = ["ci", "--include=dev", "--include=optional"];
        let quietly = ["--no-audit", "--no-fund"];
        process::run(command(folder, "npm", &[&install[..], &quietly].concat()))?;
        let missing = missing(&path, programs);
        if !missing.is_empty() {
            bail!(
                "npm installed the packages of {folder} without {}, and did not say why; mostly \
                 a download failed: look for it with `npm ci --include=optional --loglevel=http` \
                 in {folder}, then run cargo xtask setup again",
                missing.join(" and ")
            );
        }
        fs::write(&stamp, &lock).with_context(|| stamp.display().to_string())?;
    }
    if let Some(built) = builds
        && is_stale(&path, built)?
    {
        process::run(command(folder, "npm", &["run", "--silent", "build"]))?;
    }
    Ok(())
}

/// The programs that npm has not put into the `node_modules` of `folder`.
fn missing<'a>(folder: &Path, programs: &[&'a str]) -> Vec<&'a str> {
    let modules = folder.join("node_modules");
    let mut missing = programs.to_vec();
    missing.retain(|program| !modules.join(program).is_file());
    missing
}

/// Whether a source is newer than what was built of all of them.
fn is_stale(folder: &Path, built: &str) -> anyhow::Result<bool> {
    let changed = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified());
    let Ok(built) = changed(&folder.join(built)) else {
        return Ok(true);
    };
    let mut sources = vec![
        folder.join("package.json"),
        folder.join("package-lock.json"),
    ];
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

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn other_platforms_are_refused_by_name() {
        check_platform("linux", "x86_64").unwrap();
        for (os, arch) in [("linux", "aarch64"), ("macos", "x86_64")] {
            let error = check_platform(os, arch).unwrap_err().to_string();
            assert!(error.contains(&format!("{os} on {arch}")), "{error}");
            assert!(error.contains("x86-64"), "{error}");
        }
    }

    #[test]
    fn a_program_is_missing_if_its_link_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let bin = folder.path().join("node_modules/.bin");
        let names = [".bin/anvil", ".bin/forge"];
        assert_eq!(missing(folder.path(), &names), names);
        fs::create_dir_all(&bin).unwrap();
        fs::write(folder.path().join("anvil"), "").unwrap();
        symlink(folder.path().join("anvil"), bin.join("anvil")).unwrap();
        symlink(folder.path().join("forge"), bin.join("forge")).unwrap();
        assert_eq!(missing(folder.path(), &names), [".bin/forge"]);
        assert!(missing(folder.path(), &[]).is_empty());
    }
}
