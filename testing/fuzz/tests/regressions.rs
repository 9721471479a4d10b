//! A short run of each target: on its seeds, on changes of them, and on all inputs that
//! once made it panic.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, path::Path};

use phat_fuzz::TARGETS;
use rand::{Rng, SeedableRng, rngs::StdRng};

/// Runs a target, on so many changes of its seeds among others.
fn check(name: &str, changes: usize) {
    let target = phat_fuzz::target(name).unwrap();
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty());
    for seed in &seeds {
        (target.run)(seed);
        // What is cut off is mostly refused.
        (target.run)(&seed[..seed.len() / 2]);
    }
    // The same each time, so that who sees a panic sees it again.
    let mut random = StdRng::seed_from_u64(1);
    for seed in seeds.iter().cycle().take(changes) {
        (target.run)(&changed(seed, &mut random));
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

/// The same with a few bytes changed, left out or put in twice.
fn changed(seed: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..random.random_range(1..=4) {
        if bytes.is_empty() {
            break;
        }
        let from = random.random_range(0..bytes.len());
        let until = bytes.len().min(from + random.random_range(1..=8));
        match random.random_range(0..4) {
            0 => drop(bytes.drain(from..until)),
            1 => bytes
                .splice(from..from, seed[..(until - from).min(seed.len())].to_vec())
                .for_each(drop),
            2 => bytes[from..until].fill(random.random()),
            _ => bytes[from] ^= 1 << random.random_range(0..8),
        }
    }
    bytes
}

#[test]
fn transcripts() {
    check("transcript", 20_000);
}

#[test]
fn manifests() {
    check("manifest", 5_000);
}

#[test]
fn receipts() {
    check("receipt", 5_000);
}

#[test]
fn chain_proofs() {
    check("chain-proof", 5_000);
}

#[test]
fn scripts() {
    check("script", 40);
}

#[test]
fn answers() {
    check("answers", 100);
}

#[test]
fn components() {
    check("component", 200);
}

#[test]
fn heartbeats() {
    check("heartbeat", 2_000);
}

#[test]
fn economies() {
    check("economy", 2);
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
