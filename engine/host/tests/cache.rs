//! Compiled code on disk, seen from outside.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    fs,
    path::{Path, PathBuf},
};

use common::{egress, run, text};
use phat_engine::{CacheConfig, Engine, EngineConfig};
use zeroize::Zeroizing;

fn engine(folder: &Path, key: u8) -> Engine {
    Engine::new(EngineConfig {
        egress: egress(false),
        runs_concurrent_max: 1,
        calls_concurrent_max: 1,
        cache: Some(CacheConfig {
            folder: folder.to_owned(),
            key: Zeroizing::new([key; 32]),
            bytes_max: 1 << 30,
        }),
        ..EngineConfig::default()
    })
    .unwrap()
}

/// The files of the folder with their contents, in the order of their names.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = paths.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| (path.clone(), fs::read(path).unwrap());
    paths.into_iter().map(read).collect()
}

#[tokio::test]
async fn a_restart_finds_what_was_compiled_and_believes_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let check = async |key: u8| {
        let engine = engine(folder.path(), key);
        let report = engine.run(run("export default () => String(6 * 7)")).await;
        assert_eq!(text(&report), "42");
        report.fuel_used
    };
    let fuel = check(1).await;
    let made = files(folder.path());
    assert_eq!(made.len(), 2, "the guest and the script");

    assert_eq!(check(1).await, fuel, "the same, compiled or found");
    assert_eq!(files(folder.path()), made);

    // Whoever can write to the folder cannot make the engine run what they wrote.
    for (path, content) in &made {
        let mut forged = content.clone();
        let middle = forged.len() / 2;
        forged[middle] ^= 1;
        fs::write(path, &forged).unwrap();
        assert_eq!(check(1).await, fuel);
        assert_ne!(&fs::read(path).unwrap(), &forged, "it was made anew");
    }
    let before = files(folder.path());
    assert_eq!(check(2).await, fuel, "another worker makes its own");
    for ((_, mine), (_, theirs)) in before.iter().zip(files(folder.path())) {
        assert_ne!(mine, &theirs);
    }
}
