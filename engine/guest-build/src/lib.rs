//! Builds guests for WebAssembly from Rust source.
//!
//! For build scripts. A guest is built by a cargo of its own, in a target folder of
//! its own, so that it neither waits for the lock of the build that runs the script
//! nor takes over its flags. Paths are mapped away: the bytes of the guest do not
//! depend on where the sources are.

#![allow(
    clippy::print_stdout,
    reason = "cargo reads the instructions of a build script from its output"
)]

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use thiserror::Error;

const TARGET: &str = "wasm32-unknown-unknown";
/// The profile in the workspace's manifest.
const PROFILE: &str = "guest";

/// Why there is no guest.
#[derive(Debug, Error)]
pub enum BuildError {
    /// clang is missing.
    #[error("clang is missing, which compiles C for WebAssembly: run `cargo xtask setup`")]
    Clang,
    /// The Rust target is missing.
    #[error("the Rust target {TARGET} is missing: run `cargo xtask setup`")]
    Target,
    /// The source does not compile.
    #[error("the guest {package} does not build: {reason} (the whole log is above)")]
    Source {
        /// The guest's package.
        package: String,
        /// The first error.
        reason: String,
    },
    /// The module is none of a component.
    #[error("the guest is no valid component: {0}")]
    Component(String),
    /// Cargo does not say what it says to build scripts.
    #[error("cargo does not set {0}")]
    Environment(&'static str),
    /// A file or program.
    #[error("{path}: {source}")]
    Io {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl BuildError {
    fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

/// A guest of this workspace.
#[derive(Clone, Debug)]
pub struct Guest<'a> {
    /// The name of its package, which is a `cdylib`.
    pub package: &'a str,
    /// Its folder.
    pub folder: &'a Path,
    /// The folder of the workspace.
    pub workspace: &'a Path,
    /// The stack in its linear memory.
    pub stack_bytes: usize,
    /// Whether parts of it are C.
    pub has_c: bool,
}

impl Guest<'_> {
    /// Builds the core module, in a folder below `out`.
    pub fn module(&self, out: &Path) -> Result<Vec<u8>, BuildError> {
        if self.has_c {
            require_clang()?;
        }
        let target_folder = out.join("guest-target");
        self.run_cargo(&target_folder)?;
        let name = format!("{}.wasm", self.package.replace('-', "_"));
        let path = target_folder.join(TARGET).join(PROFILE).join(name);
        fs::read(&path).map_err(BuildError::io(path))
    }

    fn run_cargo(&self, target_folder: &Path) -> Result<(), BuildError> {
        let cargo = env::var_os("CARGO").ok_or(BuildError::Environment("CARGO"))?;
        let mut command = Command::new(&cargo);
        for (name, _) in env::vars_os() {
            if name.to_str().is_none_or(is_of_outer_build) {
                command.env_remove(name);
            }
        }
        let home = cargo_home(self.workspace)?;
        let rust_flags = [
            format!("-Clink-arg=-zstack-size={}", self.stack_bytes),
            // The last one that matches wins.
            format!("--remap-path-prefix={}=/cargo", home.display()),
            format!("--remap-path-prefix={}=/phat", self.workspace.display()),
            format!("--remap-path-prefix={}=/target", target_folder.display()),
        ];
        let output = command
            .args(["build", "--lib", "--package", self.package])
            .args(["--target", TARGET, "--profile", PROFILE])
            .arg("--manifest-path")
            .arg(self.folder.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(target_folder)
            .current_dir(self.workspace)
            .env("CARGO_ENCODED_RUSTFLAGS", rust_flags.join("\u{1f}"))
            .env(
                "CFLAGS_wasm32_unknown_unknown",
                format!("-ffile-prefix-map={}=/target", target_folder.display()),
            )
            .output()
            .map_err(BuildError::io(cargo))?;
        if output.status.success() {
            return Ok(());
        }
        let log = String::from_utf8_lossy(&output.stderr);
        eprintln!("{log}");
        if log.contains("can't find crate for `core`")
            || log.contains("target may not be installed")
        {
            return Err(BuildError::Target);
        }
        let first = log.lines().find(|line| line.starts_with("error"));
        Err(BuildError::Source {
            package: self.package.to_owned(),
            reason: first.unwrap_or("cargo gave no reason").to_owned(),
        })
    }
}

/// Makes a component of a module that wit-bindgen has told the types of.
pub fn component(module: &[u8]) -> Result<Vec<u8>, BuildError> {
    wit_component::ComponentEncoder::default()
        .module(module)
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| BuildError::Component(format!("{error:#}")))
}

/// Has cargo run the build script again when one of these has changed. Paths relative
/// to the script's package: a target folder that a copy of the repository used before
/// must not take its guest for this one's.
pub fn rerun_if_changed<'a>(inputs: impl IntoIterator<Item = &'a str>) {
    for input in inputs {
        println!("cargo::rerun-if-changed={input}");
    }
}

/// What a build script's `main` returns: tells cargo the error in one line.
pub fn finish<E: std::fmt::Display>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={}", error.to_string().replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

/// QuickJS is C: without clang the nested build fails with pages of output.
fn require_clang() -> Result<(), BuildError> {
    Command::new("clang")
        .arg("--version")
        .output()
        .ok()
        .filter(|output| output.status.success())
        .map(drop)
        .ok_or(BuildError::Clang)
}

/// Whether an environment variable belongs to the build that runs this script,
/// or could change what the guest's build makes.
fn is_of_outer_build(name: &str) -> bool {
    const KEPT: [&str; 6] = [
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_MAKEFLAGS",
        "CARGO_NET_",
        "CARGO_REGISTRIES_",
        "CARGO_REGISTRY_",
    ];
    let is_cargo = name.starts_with("CARGO") || name.starts_with("__CARGO");
    let is_compiler = name.starts_with("RUSTC")
        || name.starts_with("CFLAGS")
        || name.starts_with("CC_")
        || name.starts_with("DEP_");
    let is_known = [
        "AR",
        "CC",
        "CPPFLAGS",
        "CXX",
        "CXXFLAGS",
        "DEBUG",
        "HOST",
        "LDFLAGS",
        "NUM_JOBS",
        "OPT_LEVEL",
        "OUT_DIR",
        "PROFILE",
        "RUSTDOC",
        "RUSTDOCFLAGS",
        "RUSTFLAGS",
        "TARGET",
    ]
    .contains(&name);
    (is_cargo && !KEPT.iter().any(|kept| name.starts_with(kept))) || is_compiler || is_known
}

/// Where cargo keeps the sources of dependencies.
fn cargo_home(workspace: &Path) -> Result<PathBuf, BuildError> {
    let home = match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => env::home_dir()
            .ok_or(BuildError::Environment("CARGO_HOME, and there is no HOME"))?
            .join(".cargo"),
    };
    // A relative CARGO_HOME is relative to where cargo runs.
    Ok(workspace.join(home))
}
