//! The targets on their seeds, and on all inputs that once made them panic.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use phat_fuzz::TARGETS;

fn check(name: &str) {
    let target = phat_fuzz::target(name).unwrap();
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty());
    for seed in seeds {
        (target.run)(&seed);
        // What is cut off is mostly refused.
        (target.run)(&seed[..seed.len() / 2]);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("regressions")
        .join(name);
    let Ok(files) = fs::read_dir(&folder) else {
        return;
    };
    for file in files {
        let path = file.unwrap().path();
        (target.run)(&fs::read(&path).unwrap());
    }
}

#[test]
fn transcripts() {
    check("transcript");
}

#[test]
fn manifests() {
    check("manifest");
}

#[test]
fn receipts() {
    check("receipt");
}

#[test]
fn scripts() {
    check("script");
}

#[test]
fn answers() {
    check("answers");
}

#[test]
fn components() {
    check("component");
}

#[test]
fn every_folder_of_regressions_is_of_a_target() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let is_known = TARGETS.iter().any(|target| target.name == name);
        assert!(is_known || entry.file_type().unwrap().is_file(), "{name}");
    }
}
