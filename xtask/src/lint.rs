//! What a change must satisfy besides the tests.

use std::process::Command;

use anyhow::bail;

use crate::{
    codegen,
    process::{self, cargo, command, exists, say},
    setup, tidy,
};

/// Programs, and the packages on crates.io with the versions that are known to work.
const TOOLS: &[(&str, &str)] = &[
    ("cargo-deny", "cargo-deny@0.20.2"),
    ("typos", "typos-cli@1.52.0"),
];

pub fn run() -> anyhow::Result<()> {
    setup::run_quietly()?;
    install_tools()?;
    let clippy = |extra: &[&str]| {
        let mut arguments = vec!["clippy"];
        arguments.extend(extra);
        arguments.extend(["--", "-D", "warnings"]);
        cargo(&arguments)
    };
    let mut rustdoc = cargo(&[
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
    ]);
    rustdoc.env("RUSTDOCFLAGS", "-D warnings");
    // Features that neither the build nor the tests turn on.
    let check_with = |package: &str, features: &str| {
        let mut check = cargo(&["check", "--package", package, "--features", features]);
        // That Wasm would have the features too, and takes the longest.
        check.env("SKIP_WASM_BUILD", "1");
        check
    };
    let checks: Vec<(&str, Command)> = vec![
        ("format", cargo(&["fmt", "--all", "--check"])),
        ("clippy", clippy(&["--workspace", "--all-targets"])),
        (
            "clippy of the guests",
            clippy(&[
                "--package",
                "phat-guest-js",
                "--package",
                "phat-performance-guest",
                "--target",
                "wasm32-unknown-unknown",
            ]),
        ),
        (
            "the runtime's other features",
            check_with("phat-runtime", "try-runtime,runtime-benchmarks"),
        ),
        (
            "the node's other features",
            check_with("phat-node", "runtime-benchmarks"),
        ),
        ("rustdoc", rustdoc),
        (
            "licences, bans and sources",
            command("", "cargo-deny", &["check", "bans", "licenses", "sources"]),
        ),
        ("spelling", command("", "typos", &[])),
    ];
    let mut failed = Vec::new();
    for (name, check) in checks {
        if let Err(error) = process::run(check) {
            say(&format!("{error:#}"));
            failed.push(name);
        }
    }
    for (name, result) in [
        ("tidy", tidy::run()),
        (
            "generated files",
            codegen::run(&codegen::Options { check: true }),
        ),
    ] {
        if let Err(error) = result {
            say(&format!("{error:#}"));
            failed.push(name);
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    say("No complaints.");
    Ok(())
}

fn install_tools() -> anyhow::Result<()> {
    for (program, package) in TOOLS {
        if !exists(program) {
            say(&format!("Installing {package}"));
            process::run(cargo(&["install", "--locked", package]))?;
        }
    }
    Ok(())
}
