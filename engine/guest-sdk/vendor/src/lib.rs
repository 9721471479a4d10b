//! The sources of the Rust SDK, to be written into projects.
//!
//! A contract depends on `phat-guest-sdk`. Where no registry has it in the version of
//! this `phat`, the project carries it: [`write()`] puts it, with all that it needs, into
//! a folder of the project, and the project's `Cargo.toml` says
//! `phat-guest-sdk = { path = "vendor/guest-sdk" }`.

use std::{fs, io, path::Path};

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The files: paths relative to the folder `vendor` of a project, and texts.
pub fn files() -> &'static [(&'static str, &'static str)] {
    FILES
}

/// Writes the files into a folder, which need not exist.
pub fn write(folder: &Path) -> io::Result<()> {
    for (path, text) in files() {
        let path = folder.join(path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(path, text)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_stand_alone() {
        let folder = tempfile::tempdir().unwrap();
        write(&folder.path().join("vendor")).unwrap();
        let read =
            |path: &str| fs::read_to_string(folder.path().join("vendor").join(path)).unwrap();
        assert!(read("wit/world.wit").contains("world contract"));
        assert!(read("guest-sdk/src/lib.rs").contains("The Rust SDK of Phat Contracts"));
        assert!(read("guest-sdk/src/platform/engine.rs").contains("fn kv_get"));
        for path in ["guest-sdk/Cargo.toml", "guest-sdk/macros/Cargo.toml"] {
            let text = read(path);
            let manifest: toml::Table = text.parse().unwrap();
            assert!(
                !text.contains("workspace"),
                "{path} needs a workspace:\n{text}"
            );
            assert_eq!(manifest["package"]["edition"].as_str(), Some("2024"));
            for (name, dependency) in manifest["dependencies"].as_table().unwrap() {
                let is_there = dependency.is_str()
                    || dependency.get("version").is_some()
                    || dependency.get("path").is_some();
                assert!(is_there, "{path}: {name} = {dependency}");
            }
        }
    }
}
