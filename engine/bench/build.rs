//! Builds the component that is measured.

#![allow(
    clippy::print_stdout,
    reason = "cargo reads the instructions of a build script from its output"
)]

use std::{env, error::Error, fs, path::PathBuf, process::ExitCode};

use phat_guest_build::{BuildError, GuestBuild};

/// The profile in the workspace's manifest.
const PROFILE: &str = "guest";

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
    let bench = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let workspace = bench.ancestors().nth(2);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let guest = GuestBuild {
        manifest: bench.join("guest/Cargo.toml"),
        workspace: workspace.ok_or("engine/bench is two folders down")?.into(),
        target_folder: out.join("guest-target"),
        profile: PROFILE,
        rust_flags: Vec::new(),
        c_flags: Vec::new(),
    };
    let module = guest.run("phat_bench_guest").inspect_err(|error| {
        if let BuildError::Compiler { log, .. } = error {
            eprintln!("{log}");
        }
    })?;
    fs::write(
        out.join("sha256.wasm"),
        phat_component::from_module(&module)?,
    )?;
    Ok(())
}
