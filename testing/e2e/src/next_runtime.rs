//! The runtime under its next number, to upgrade a chain to.
//!
//! It is compiled as the build of the node compiles the runtime, beside that and with what that
//! has compiled already, so that no more than the runtime itself is compiled.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, bail};
use sp_maybe_compressed_blob::{CODE_BLOB_BOMB_LIMIT, compress_weakly};
use toml::{Table, Value};

use crate::process::binary;

/// The feature of the runtime that changes its number.
const FEATURE: &str = "next-version";

/// The library that it is linked as.
const LIBRARY: &str = "phat_runtime_next";

const TARGET: &str = "wasm32v1-none";

/// What the build of the node compiles the runtime with. With other flags, all that the runtime
/// depends on would be compiled anew.
const RUST_FLAGS: &str = "-C link-arg=--export-table -C link-arg=--export=__heap_base \
                          -C link-arg=--import-memory --cfg substrate_runtime";

/// Compiles it, as far as it is not, and gives it as a chain takes it: compressed.
pub fn build() -> anyhow::Result<Vec<u8>> {
    let built = built_runtime()?;
    let project = built.with_file_name("phat-runtime-next");
    write_project(&built, &project)?;
    let target = built.join("target");
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args([
            "rustc",
            "--offline",
            "--profile",
            "release",
            "--target",
            TARGET,
        ])
        .arg("--manifest-path")
        .arg(project.join("Cargo.toml"))
        // The compiler is the one that this folder asks for.
        .current_dir(repository)
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", RUST_FLAGS)
        .env("SKIP_WASM_BUILD", "")
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTC")
        .output()
        .context("cargo cannot be started")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("the next runtime does not build:\n{said}");
    }
    let module = target.join(TARGET).join("release").join(LIBRARY);
    let module = module.with_extension("wasm");
    let code = fs::read(&module).with_context(|| module.display().to_string())?;
    compress_weakly(&code, CODE_BLOB_BOMB_LIMIT).context("the runtime is too long")
}

/// The folder in which the build of the node has compiled the runtime.
fn built_runtime() -> anyhow::Result<PathBuf> {
    let node = binary("phat-node")?;
    let folder = node.with_file_name("wbuild").join("phat-runtime");
    if !folder.is_dir() {
        bail!(
            "there is no {}: build the node without SKIP_WASM_BUILD",
            folder.display()
        );
    }
    Ok(folder)
}

/// Writes the project that links the runtime, which differs in the feature and in its names.
fn write_project(built: &Path, project: &Path) -> anyhow::Result<()> {
    let manifest = fs::read_to_string(built.join("Cargo.toml"))?;
    let manifest = next_manifest(&manifest).context("the project of the runtime has changed")?;
    fs::create_dir_all(project.join("src"))?;
    fs::write(project.join("Cargo.toml"), manifest)?;
    for file in ["Cargo.lock", "src/lib.rs"] {
        fs::copy(built.join(file), project.join(file)).with_context(|| file.to_owned())?;
    }
    Ok(())
}

fn next_manifest(manifest: &str) -> Option<String> {
    let mut manifest: Table = manifest.parse().ok()?;
    let runtime = manifest.get_mut("dependencies")?.get_mut("wasm-project")?;
    let features = runtime.get_mut("features")?.as_array_mut()?;
    features.push(Value::from(FEATURE));
    let lib = manifest.get_mut("lib")?.as_table_mut()?;
    lib.insert("name".into(), LIBRARY.into());
    let package = manifest.get_mut("package")?.as_table_mut()?;
    package.insert("name".into(), "phat-runtime-next-blob".into());
    Some(manifest.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_project_differs_in_its_names_and_the_feature() {
        let manifest = r#"
            [dependencies.wasm-project]
            features = ["one"]
            package = "phat-runtime"
            [lib]
            crate-type = ["cdylib"]
            name = "phat_runtime"
            [package]
            name = "phat-runtime-blob"
            version = "1.0.0"
        "#;
        let next: Table = next_manifest(manifest).unwrap().parse().unwrap();
        let runtime = &next["dependencies"]["wasm-project"];
        assert_eq!(runtime["package"].as_str(), Some("phat-runtime"));
        let features: Vec<_> = runtime["features"].as_array().unwrap().to_vec();
        assert_eq!(features, ["one".into(), Value::from(FEATURE)]);
        assert_eq!(next["lib"]["name"].as_str(), Some(LIBRARY));
        assert_eq!(
            next["package"]["name"].as_str(),
            Some("phat-runtime-next-blob")
        );
        assert_eq!(next_manifest("[lib]"), None);
    }
}
