//! Builds guests for WebAssembly from Rust source.
//!
//! A guest is built by a cargo of its own, in a target folder of its own, so that
//! it neither waits for the lock of the build or test that needs it nor takes over
//! its flags. Paths are mapped away: the bytes of the module do not depend on where
//! the sources are.
//!
//! ```no_run
//! # fn main() -> Result<(), phat_guest_build::BuildError> {
//! let module = phat_guest_build::GuestBuild {
//!     manifest: "examples/rust-median/Cargo.toml".into(),
//!     workspace: ".".into(),
//!     target_folder: "target/guests".into(),
//!     profile: "guest",
//!     rust_flags: Vec::new(),
//!     c_flags: Vec::new(),
//! }
//! .run("rust_median")?;
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "c")]
mod c;
mod environment;

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use thiserror::Error;

#[cfg(feature = "c")]
pub use c::{BindingsError, write_c_bindings};

/// The target that guests are built for: no system, so no imports besides those
/// that the guest declares.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The compiler of what is C in guests. A certain version, because the bytes that it
/// makes are part of the engine's identity, and because older ones make slower code.
pub const CLANG: &str = "clang-22";

/// What to build, and how.
#[derive(Clone, Debug)]
pub struct GuestBuild {
    /// The `Cargo.toml` of the guest, a library of the crate type `cdylib`.
    pub manifest: PathBuf,
    /// The folder with the lock file; its path is mapped to `/phat`.
    pub workspace: PathBuf,
    /// Where cargo puts what it makes; its path is mapped to `/target`.
    pub target_folder: PathBuf,
    /// The profile, of the manifest of the workspace.
    pub profile: &'static str,
    /// Flags for rustc besides.
    pub rust_flags: Vec<String>,
    /// Flags for the C compiler besides.
    pub c_flags: Vec<String>,
}

/// Why there is no guest.
#[derive(Debug, Error)]
pub enum BuildError {
    /// Cargo cannot be started.
    #[error("cargo cannot be started: {0}")]
    Cargo(io::Error),
    /// There is no home folder to look for the sources of dependencies in.
    #[error("neither CARGO_HOME nor HOME is set")]
    NoHome,
    /// The standard library for WebAssembly is missing.
    #[error("the Rust target {TARGET} is missing: run `cargo xtask setup`")]
    NoTarget,
    /// The guest does not compile.
    #[error("{} does not build: {first}", manifest.display())]
    Compiler {
        /// Which guest.
        manifest: PathBuf,
        /// The first error.
        first: String,
        /// All that cargo said.
        log: String,
    },
    /// Cargo succeeded and the module is not where it should be.
    #[error("{}: {error}", path.display())]
    NoModule {
        /// Where it should be.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl GuestBuild {
    /// Builds the guest, as far as it is not built yet, and returns its module.
    /// `library` is the name of the library, with underscores.
    pub fn run(&self, library: &str) -> Result<Vec<u8>, BuildError> {
        let workspace = absolute(&self.workspace)?;
        let target_folder = absolute(&self.target_folder)?;
        let home = cargo_home(&workspace)?;
        let mut rust_flags = self.rust_flags.clone();
        rust_flags.extend([
            // The last one that matches wins.
            format!("--remap-path-prefix={}=/cargo", home.display()),
            format!("--remap-path-prefix={}=/phat", workspace.display()),
            format!("--remap-path-prefix={}=/target", target_folder.display()),
        ]);
        let mut c_flags = self.c_flags.clone();
        c_flags.push(format!(
            "-ffile-prefix-map={}=/target",
            target_folder.display()
        ));
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        for (name, _) in env::vars_os() {
            if name.to_str().is_none_or(environment::is_of_outer_build) {
                cargo.env_remove(name);
            }
        }
        let output = cargo
            .args(["build", "--lib", "--target", TARGET])
            .args(["--profile", self.profile])
            .arg("--manifest-path")
            .arg(absolute(&self.manifest)?)
            .arg("--target-dir")
            .arg(&target_folder)
            .current_dir(&workspace)
            .env("CARGO_ENCODED_RUSTFLAGS", rust_flags.join("\u{1f}"))
            .env("CC_wasm32_unknown_unknown", CLANG)
            .env("CFLAGS_wasm32_unknown_unknown", c_flags.join(" "))
            .output()
            .map_err(BuildError::Cargo)?;
        if !output.status.success() {
            return Err(self.failure(&String::from_utf8_lossy(&output.stderr)));
        }
        let path = target_folder
            .join(TARGET)
            .join(self.profile_folder())
            .join(format!("{library}.wasm"));
        fs::read(&path).map_err(|error| BuildError::NoModule { path, error })
    }

    /// Cargo calls the folder of one profile by another name.
    fn profile_folder(&self) -> &'static str {
        match self.profile {
            "dev" => "debug",
            profile => profile,
        }
    }

    fn failure(&self, log: &str) -> BuildError {
        if log.contains("can't find crate for `core`")
            || log.contains("target may not be installed")
        {
            return BuildError::NoTarget;
        }
        let first = log
            .lines()
            .find(|line| line.starts_with("error"))
            .unwrap_or("cargo gave no reason");
        BuildError::Compiler {
            manifest: self.manifest.clone(),
            first: first.to_owned(),
            log: log.to_owned(),
        }
    }
}

fn absolute(path: &Path) -> Result<PathBuf, BuildError> {
    std::path::absolute(path).map_err(BuildError::Cargo)
}

/// Where cargo keeps the sources of dependencies.
fn cargo_home(workspace: &Path) -> Result<PathBuf, BuildError> {
    let home = match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => env::home_dir().ok_or(BuildError::NoHome)?.join(".cargo"),
    };
    // A relative CARGO_HOME is relative to where cargo runs.
    Ok(workspace.join(home))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build() -> GuestBuild {
        GuestBuild {
            manifest: "a/Cargo.toml".into(),
            workspace: ".".into(),
            target_folder: "target".into(),
            profile: "dev",
            rust_flags: Vec::new(),
            c_flags: Vec::new(),
        }
    }

    #[test]
    fn the_first_error_is_told_and_the_log_kept() {
        let missing = build().failure("error[E0463]: can't find crate for `core`");
        assert!(missing.to_string().contains("cargo xtask setup"));
        let broken = build().failure("warning: a\nerror: first\nerror: second");
        assert_eq!(
            broken.to_string(),
            "a/Cargo.toml does not build: error: first"
        );
        assert!(matches!(broken, BuildError::Compiler { log, .. } if log.contains("second")));
    }

    #[test]
    fn the_folder_of_a_profile_is_cargos() {
        assert_eq!(build().profile_folder(), "debug");
        let guest = GuestBuild {
            profile: "guest",
            ..build()
        };
        assert_eq!(guest.profile_folder(), "guest");
    }
}
