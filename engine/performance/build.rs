//! Builds the WebAssembly module that does the work.

#![allow(
    clippy::print_stdout,
    reason = "cargo reads the instructions of a build script from its output"
)]

use std::{env, error::Error, fs, path::PathBuf, process::ExitCode};

use phat_guest_build::{BuildError, GuestBuild};

/// The profile in the workspace's manifest.
const PROFILE: &str = "guest";

/// What the module is made of.
const INPUTS: [&str; 8] = [
    "build.rs",
    "guest/Cargo.toml",
    "guest/src",
    "../../chain/workload/Cargo.toml",
    "../../chain/workload/src",
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
    for input in INPUTS {
        println!("cargo::rerun-if-changed={input}");
    }
    let performance = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let workspace = performance.ancestors().nth(2);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let guest = GuestBuild {
        manifest: performance.join("guest/Cargo.toml"),
        workspace: workspace
            .ok_or("engine/performance is two folders down")?
            .into(),
        target_folder: out.join("guest-target"),
        profile: PROFILE,
        rust_flags: Vec::new(),
        c_flags: Vec::new(),
    };
    let module = guest.run("phat_performance_guest").inspect_err(|error| {
        if let BuildError::Compiler { log, .. } = error {
            eprintln!("{log}");
        }
    })?;
    fs::write(out.join("workload.wasm"), module)?;
    Ok(())
}
