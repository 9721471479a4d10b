//! The examples that have tests of their own pass them in the engine.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

use std::{path::Path, process::Command};

/// Runs `phat test` on an example, whose code `cargo xtask setup` has built.
fn check(example: &str, passed: usize) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let output = Command::new(env!("CARGO_BIN_EXE_phat"))
        .arg("test")
        .arg(folder.join(example))
        .output()
        .unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success(), "{example}: {said}");
    let expected = format!("{passed} passed, 0 failed");
    assert!(said.contains(&expected), "{example}: {said}");
}

#[test]
fn the_price_feed_pushes_what_is_news() {
    check("price-feed", 17);
}

#[test]
fn the_vrf_oracle_proves() {
    check("vrf-oracle", 4);
}
