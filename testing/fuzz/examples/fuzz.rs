//! The program that libFuzzer is the main function of.
//!
//! The environment says what to do: `PHAT_FUZZ_TARGET` is the name of the target, and
//! `PHAT_FUZZ_CORPUS` the folder to write its seeds to.
#![no_main]
#![allow(
    unsafe_code,
    reason = "libFuzzer finds the function that it calls by its symbol"
)]

use std::{env, fs, path::Path, sync::LazyLock};

use libfuzzer_sys::fuzz_target;
use phat_fuzz::Target;

static TARGET: LazyLock<&'static Target> = LazyLock::new(|| {
    let name = env::var("PHAT_FUZZ_TARGET").expect("PHAT_FUZZ_TARGET names the target");
    phat_fuzz::target(&name).unwrap_or_else(|| panic!("there is no target {name}"))
});

fuzz_target!(
    init: {
        if let Some(corpus) = env::var_os("PHAT_FUZZ_CORPUS") {
            for (index, seed) in (TARGET.seeds)().iter().enumerate() {
                let path = Path::new(&corpus).join(format!("seed-{index}"));
                fs::write(path, seed).expect("the folder PHAT_FUZZ_CORPUS can be written to");
            }
        }
    },
    |bytes: &[u8]| (TARGET.run)(bytes)
);
