//! Contract projects in a temporary folder.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::Context;
use phat_testing_fixtures::lens::LensApi;

/// A folder with a manifest and a script.
pub struct Project {
    folder: PathBuf,
}

impl Project {
    /// The Lens example, set to ask the given API.
    pub fn lens_stats(folder: &Path, lens: &LensApi) -> anyhow::Result<Self> {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/lens-stats");
        let script = example.join("dist/index.js");
        let code = fs::read_to_string(&script)
            .with_context(|| format!("{} is not built: cargo xtask setup", script.display()))?;
        Self::new(folder, "lens-stats", &code, lens)
    }

    /// A contract with this code that may ask the given API.
    pub fn new(folder: &Path, name: &str, code: &str, lens: &LensApi) -> anyhow::Result<Self> {
        let manifest = format!(
            "name = {name:?}\nentry = \"index.js\"\nallowed_hosts = [{:?}]\n\n\
             [settings]\nlens_api = {:?}\n\n\
             [limits]\ntime_ms = 300_000\nfuel = 1_000_000_000\nmemory_bytes = 67_108_864\n",
            lens.host(),
            lens.url(),
        );
        Self::with_manifest(folder, name, code, &manifest)
    }

    /// A project with exactly this code and manifest.
    pub fn with_manifest(
        folder: &Path,
        name: &str,
        code: &str,
        manifest: &str,
    ) -> anyhow::Result<Self> {
        let folder = folder.join(name);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("index.js"), code)?;
        fs::write(folder.join("phat.toml"), manifest)?;
        Ok(Self { folder })
    }

    /// Its folder.
    pub fn path_text(&self) -> anyhow::Result<&str> {
        self.folder.to_str().context("the path is not UTF-8")
    }
}
