//! Builds the QuickJS guest for WebAssembly, lets it start, and makes a component of
//! what it is then: runs begin where this ends.

#[path = "build/snapshot.rs"]
mod snapshot;

use std::{env, error::Error, fs, path::PathBuf, process::ExitCode};

use phat_guest_build::{Guest, component, finish, rerun_if_changed};

/// The stack of the guest in its linear memory; `guest-js/src/sandbox.rs` lets
/// scripts use most of it.
const STACK_BYTES: usize = 4 * 1024 * 1024;

/// What the guest is made of.
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
    rerun_if_changed(INPUTS);
    finish(build())
}

fn build() -> Result<(), Box<dyn Error>> {
    let host = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let engine = host.parent().ok_or("engine/host has a parent folder")?;
    let guest = Guest {
        package: "phat-guest-js",
        folder: &engine.join("guest-js"),
        workspace: engine.parent().ok_or("engine has a parent folder")?,
        stack_bytes: STACK_BYTES,
        has_c: true,
    };
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let started = snapshot::take(&guest.module(&out)?)
        .map_err(|error| format!("the QuickJS guest does not start: {error}"))?;
    fs::write(out.join("guest-js.wasm"), component(&started)?)?;
    Ok(())
}
