//! Real quotes of Intel's platforms, which the verifying library ships as samples.

use std::{fs, path::PathBuf, process::Command, sync::LazyLock};

use phat_attestation::Collateral;

/// A quote and its collateral.
pub struct Sample {
    pub quote: Vec<u8>,
    pub collateral: Collateral,
    /// A time at which it holds, in seconds since 1970.
    pub at: u64,
}

static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let package = metadata["packages"]
        .as_array()
        .unwrap()
        .iter()
        .find(|package| package["name"] == "dcap-qvl")
        .unwrap();
    let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap());
    manifest.with_file_name("sample")
});

/// The sample of this name.
pub fn sample(name: &str, at: u64) -> Sample {
    let read = |name: &str| fs::read(FOLDER.join(name)).unwrap();
    Sample {
        quote: read(name),
        collateral: serde_json::from_slice(&read(&format!("{name}_collateral.json"))).unwrap(),
        at,
    }
}

/// 2025-06-25.
pub const JUNE_2025: u64 = 1_750_809_600;
/// 2026-03-01.
pub const MARCH_2026: u64 = 1_772_323_200;
/// 2026-10-15.
pub const OCTOBER_2026: u64 = 1_792_022_400;
