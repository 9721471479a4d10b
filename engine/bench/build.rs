//! Builds the component that is measured.

use std::{env, error::Error, fs, path::PathBuf, process::ExitCode};

use phat_guest_build::{Guest, component, finish, rerun_if_changed};

const STACK_BYTES: usize = 1024 * 1024;

/// What the component is made of.
const INPUTS: [&str; 7] = [
    "build.rs",
    "guest/Cargo.toml",
    "guest/src",
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
    let bench = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let workspace = bench.ancestors().nth(2);
    let guest = Guest {
        package: "phat-bench-guest",
        folder: &bench.join("guest"),
        workspace: workspace.ok_or("engine/bench is two folders down")?,
        stack_bytes: STACK_BYTES,
        has_c: false,
    };
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let module = guest.module(&out)?;
    fs::write(out.join("sha256.wasm"), component(&module)?)?;
    Ok(())
}
