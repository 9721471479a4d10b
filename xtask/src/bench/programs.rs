//! Building the programs that measure, and those that are measured.

use crate::process::{self, cargo};

/// The profile of tests.
pub const DEV: &str = "dev";

/// Builds everything as for tests: the programs that start networks, and what those need.
pub fn of_tests() -> anyhow::Result<()> {
    process::run(cargo(&["build", "--workspace", "--all-targets"]))
}

/// Builds `phat` and `phat-worker` with the profile; [`built`](process::built) says where they
/// are. It is both for each measurement, since cargo compiles what they depend on anew for
/// each choice of packages, with the features that these have in common. For that reason
/// they are not run with `cargo run`.
pub fn measured(profile: &str) -> anyhow::Result<()> {
    if profile == DEV {
        return of_tests();
    }
    let packages = ["--package", "phat", "--package", "phat-worker"];
    let arguments = [&["build"][..], &packages, &["--profile", profile]];
    process::run(cargo(&arguments.concat()))
}
