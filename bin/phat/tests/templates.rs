//! The templates of TypeScript: made, bundled and tested as their users do.
//!
//! The packages are those of `examples/lens-stats`, which `cargo xtask setup` installs:
//! a test sees to it that the templates name the same versions.

#![allow(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it should be"
)]

use std::{
    env, fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/lens-stats")
}

fn dependencies(package: &Path) -> serde_json::Map<String, Value> {
    let package: Value = serde_json::from_slice(&fs::read(package).unwrap()).unwrap();
    package["devDependencies"].as_object().unwrap().clone()
}

/// Makes a project from a template, with the packages that it needs.
fn project(folder: &Path, template: &str) -> PathBuf {
    let made = Command::new(env!("CARGO_BIN_EXE_phat"))
        .args(["new", "my-contract", "--template", template, "--parent"])
        .arg(folder)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let project = folder.join("my-contract");
    let installed = dependencies(&example().join("package.json"));
    for (name, version) in dependencies(&project.join("package.json")) {
        assert_eq!(
            installed.get(&name),
            Some(&version),
            "{template} has another {name}"
        );
    }
    let packages = example().join("node_modules").canonicalize();
    let packages = packages.expect("cargo xtask setup installs the packages of the example");
    symlink(packages, project.join("node_modules")).unwrap();
    project
}

/// Runs a program in a folder and gives what it says. The `phat` of this build is found.
fn run(folder: &Path, program: &str, arguments: &[&str]) -> (bool, String) {
    let phat = Path::new(env!("CARGO_BIN_EXE_phat")).parent().unwrap();
    let mut path = vec![phat.to_owned()];
    path.extend(env::split_paths(&env::var_os("PATH").unwrap()));
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env("PATH", env::join_paths(path).unwrap())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn the_typescript_templates_are_checked_bundled_and_tested() {
    for (template, passed) in [("ts-oracle", 4), ("lens-oracle", 5)] {
        let folder = tempfile::tempdir().unwrap();
        let project = project(folder.path(), template);
        let (succeeded, said) = run(&project, "npm", &["test"]);
        assert!(succeeded, "{template}: {said}");
        assert!(
            said.contains(&format!("{passed} passed, 0 failed")),
            "{said}"
        );
    }
}

#[test]
fn an_error_names_its_place_in_the_typescript() {
    let folder = tempfile::tempdir().unwrap();
    let project = project(folder.path(), "ts-oracle");
    let (succeeded, said) = run(&project, "npm", &["run", "build"]);
    assert!(succeeded, "{said}");
    // "../user"
    let arguments = ["run", ".", "--request", "0x2e2e2f75736572"];
    let (succeeded, said) = run(&project, "phat", &arguments);
    assert!(!succeeded);
    let source = fs::read_to_string(project.join("src/index.ts")).unwrap();
    let index = source
        .lines()
        .position(|line| line.contains("is no repository"));
    let line = index.unwrap() + 1;
    assert!(said.contains(&format!("src/index.ts:{line}:")), "{said}");
    assert!(
        said.contains("throw new TypeError(`${JSON.stringify(repository)}"),
        "{said}"
    );
}
