//! Builds the QuickJS guest for WebAssembly, lets it start, and makes a component of
//! what it is then: runs begin where this ends.
//!
//! The bytes of the component, and with them the hash of the engine, do not depend on
//! where the sources are.

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
    path::PathBuf,
    process::{Command, ExitCode},
};

use phat_guest_build::{BuildError, CLANG, GuestBuild};

/// The profile in the workspace's manifest.
const PROFILE: &str = "guest";
/// The stack of the guest in its linear memory; `guest-js/src/limits.rs` lets scripts use
/// half of it. The part that all runs use, at its end, lies beyond a multiple of 2 MiB, in one
/// piece of the page table with the data behind it: resetting the memory takes no look at another.
const STACK_BYTES: usize = (2 * 1024 + 64) * 1024;

/// Has QuickJS ask for each block of memory, as it does for a compiler that watches them,
/// instead of dividing areas of 4 KiB, one for each size: see `guest-js/src/heap.rs`. The
/// flag changes nothing else in it.
const NO_ARENAS: &str = "-D__SANITIZE_ADDRESS__";

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
    let guest = GuestBuild {
        manifest: engine.join("guest-js/Cargo.toml"),
        workspace: workspace.to_owned(),
        target_folder: out.join("guest-target"),
        profile: PROFILE,
        rust_flags: vec![format!("-Clink-arg=-zstack-size={STACK_BYTES}")],
        c_flags: vec![NO_ARENAS.to_owned()],
    };
    let module = guest.run("phat_guest_js").map_err(|error| match error {
        BuildError::Compiler { first, log, .. } => {
            eprintln!("{log}");
            format!("the QuickJS guest does not build: {first} (the whole log is above)")
        }
        error => error.to_string(),
    })?;
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
    let found = Command::new(CLANG)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    if found {
        Ok(())
    } else {
        let missing = format!(
            "{CLANG} is missing, which compiles QuickJS for WebAssembly: run `cargo xtask setup`"
        );
        Err(missing.into())
    }
}
