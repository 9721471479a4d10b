//! Compiling some crates so that libFuzzer sees where a run has been.
//!
//! cargo calls this program in place of the compiler for the crates of the workspace,
//! and for these alone, so that dependencies need not be compiled anew.

use std::{
    env,
    ffi::OsString,
    process::{Command, exit},
};

use anyhow::Context;

/// Set where this program stands in for the compiler.
const INSTRUMENT: &str = "PHAT_XTASK_INSTRUMENT";
/// The crates that read what is foreign or keep the books, with the targets themselves.
const CRATES: &[&str] = &[
    "fuzz",
    "pallet_computation",
    "pallet_contract_stake",
    "pallet_stake_pool",
    "pallet_vault",
    "phat_chain_proof",
    "phat_engine",
    "phat_fuzz",
    "phat_keys",
    "phat_manifest",
    "phat_primitives",
    "phat_receipt",
    // What is generic in the pallets becomes code here.
    "phat_runtime",
    "phat_testing_economy",
    "phat_tokenomics",
    "phat_workload",
];
/// What libFuzzer wants of the compiler.
const FLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
];

/// Has cargo call this program for the crates of the workspace.
pub fn instrument(build: &mut Command) -> anyhow::Result<()> {
    let this = env::current_exe().context("where this program is")?;
    build
        .env("RUSTC_WORKSPACE_WRAPPER", this)
        .env(INSTRUMENT, "1");
    Ok(())
}

/// Stands in for the compiler, if that is what this program was called for.
pub fn compile_if_asked() {
    if env::var_os(INSTRUMENT).is_none() {
        return;
    }
    let mut arguments = env::args_os().skip(1);
    let Some(compiler) = arguments.next() else {
        return;
    };
    let arguments: Vec<_> = arguments.collect();
    let mut command = Command::new(compiler);
    command.args(&arguments);
    if is_instrumented(&arguments) {
        command.args(FLAGS);
    }
    let code = match command.status() {
        Ok(status) => status.code().unwrap_or(1),
        Err(_) => 127,
    };
    exit(code);
}

/// Of a crate, its library and the fuzzing program; what is linked into programs
/// without libFuzzer, such as build scripts, would miss its functions.
fn is_instrumented(arguments: &[OsString]) -> bool {
    let after = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).and_then(|value| value.to_str())
    };
    let is_test = arguments.iter().any(|argument| argument == "--test");
    !is_test && after("--crate-name").is_some_and(|name| CRATES.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_fuzzed_is_instrumented() {
        let check = |line: &str| {
            let arguments: Vec<_> = line.split(' ').map(OsString::from).collect();
            is_instrumented(&arguments)
        };
        assert!(check("--crate-name phat_engine --edition=2024 src/lib.rs"));
        assert!(check("--crate-name fuzz examples/fuzz.rs"));
        assert!(!check("--crate-name build_script_build build.rs"));
        assert!(!check("--crate-name phat_engine --test src/lib.rs"));
        assert!(!check("--crate-name phat_guest_build src/lib.rs"));
        assert!(!check("-vV"));
    }
}
