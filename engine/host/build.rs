//! Builds the QuickJS guest for WebAssembly, lets it start, and makes a component of
//! what it is then: runs begin where this ends.
//!
//! The guest is built by a cargo of its own, in a target folder of its own, so
//! that it neither waits for the lock of the build that runs this script nor
//! takes over its flags. Paths are mapped away: the bytes of the component, and
//! with them the hash of the engine, do not depend on where the sources are.

#![allow(
    clippy::print_stdout,
    reason = "cargo reads the instructions of a build script from its output"
)]

#[path = "build/snapshot.rs"]
mod snapshot;

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

const TARGET: &str = "wasm32-unknown-unknown";
/// The profile in the workspace's manifest.
const PROFILE: &str = "guest";
/// The stack of the guest in its linear memory; `guest-js/src/sandbox.rs` lets
/// scripts use most of it.
const STACK_BYTES: usize = 4 * 1024 * 1024;

/// What the guest is made of. Relative to this folder, so that a target folder that
/// a copy of the repository used before does not take its guest for this one's.
const INPUTS: [&str; 8] = [
    "build.rs",
    "build",
    "../guest-js/Cargo.toml",
    "../guest-js/src",
    "../wit",
    "../../Cargo.toml",
    "../../Cargo.lock",
    "../../rust-toolchain.toml",
];

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={}", error.to_string().replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), Box<dyn Error>> {
    let host = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let engine = host.parent().ok_or("engine/host has a parent folder")?;
    let workspace = engine.parent().ok_or("engine has a parent folder")?;
    for input in INPUTS {
        println!("cargo::rerun-if-changed={input}");
    }
    require_clang()?;

    let out = PathBuf::from(env::var("OUT_DIR")?);
    let target_folder = out.join("guest-target");
    run_cargo(engine, workspace, &target_folder)?;
    let module = fs::read(
        target_folder
            .join(TARGET)
            .join(PROFILE)
            .join("phat_guest_js.wasm"),
    )?;
    let started = snapshot::take(&module)
        .map_err(|error| format!("the QuickJS guest does not start: {error}"))?;
    let component = wit_component::ComponentEncoder::default()
        .module(&started)
        .and_then(|encoder| encoder.validate(true).encode())
        .map_err(|error| format!("the QuickJS guest is no valid component: {error:#}"))?;
    fs::write(out.join("guest-js.wasm"), component)?;
    Ok(())
}

/// QuickJS is C: without clang the nested build fails with pages of output.
fn require_clang() -> Result<(), Box<dyn Error>> {
    let found = Command::new("clang")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    if found {
        Ok(())
    } else {
        Err(
            "clang is missing, which compiles QuickJS for WebAssembly: run `cargo xtask setup`"
                .into(),
        )
    }
}

fn run_cargo(engine: &Path, workspace: &Path, target_folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut cargo = Command::new(env::var_os("CARGO").ok_or("cargo sets CARGO")?);
    for (name, _) in env::vars_os() {
        if name.to_str().is_none_or(is_of_outer_build) {
            cargo.env_remove(name);
        }
    }
    let home = cargo_home(workspace)?;
    let rust_flags = [
        format!("-Clink-arg=-zstack-size={STACK_BYTES}"),
        // The last one that matches wins.
        format!("--remap-path-prefix={}=/cargo", home.display()),
        format!("--remap-path-prefix={}=/phat", workspace.display()),
        format!("--remap-path-prefix={}=/target", target_folder.display()),
    ];
    let output = cargo
        .args(["build", "--lib", "--package", "phat-guest-js"])
        .args(["--target", TARGET, "--profile", PROFILE])
        .arg("--manifest-path")
        .arg(engine.join("guest-js/Cargo.toml"))
        .arg("--target-dir")
        .arg(target_folder)
        .current_dir(workspace)
        .env("CARGO_ENCODED_RUSTFLAGS", rust_flags.join("\u{1f}"))
        .env(
            "CFLAGS_wasm32_unknown_unknown",
            format!("-ffile-prefix-map={}=/target", target_folder.display()),
        )
        .output()?;
    if output.status.success() {
        return Ok(());
    }
    let log = String::from_utf8_lossy(&output.stderr);
    eprintln!("{log}");
    if log.contains("can't find crate for `core`") || log.contains("target may not be installed") {
        return Err(format!("the Rust target {TARGET} is missing: run `cargo xtask setup`").into());
    }
    let first = log
        .lines()
        .find(|line| line.starts_with("error"))
        .unwrap_or("cargo gave no reason");
    Err(format!("the QuickJS guest does not build: {first} (the whole log is above)").into())
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
fn cargo_home(workspace: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let home = match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => env::home_dir()
            .ok_or("neither CARGO_HOME nor HOME is set")?
            .join(".cargo"),
    };
    // A relative CARGO_HOME is relative to where cargo runs.
    Ok(workspace.join(home))
}
