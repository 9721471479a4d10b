//! Collects the sources of the SDK, with manifests that need no workspace.

#![allow(
    clippy::print_stdout,
    reason = "cargo reads the instructions of a build script from its output"
)]

use std::{
    env,
    error::Error,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

/// What the SDK is made of: the file or folder here, relative to this one, and where it
/// goes in the folder `vendor`.
const SOURCES: [(&str, &str); 4] = [
    ("../src", "guest-sdk/src"),
    ("../macros/src", "guest-sdk/macros/src"),
    ("../../wit/world.wit", "wit/world.wit"),
    ("../../../LICENSE", "guest-sdk/LICENSE"),
];
/// The manifests, in the same terms.
const MANIFESTS: [(&str, &str); 2] = [
    ("../Cargo.toml", "guest-sdk/Cargo.toml"),
    ("../macros/Cargo.toml", "guest-sdk/macros/Cargo.toml"),
];
const WORKSPACE: &str = "../../../Cargo.toml";
/// Dependencies in the workspace, and where they are seen from who depends on them.
const LOCAL: [(&str, &str); 1] = [("phat-guest-sdk-macros", "macros")];

fn main() -> Result<(), Box<dyn Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let mut files = Vec::new();
    for (from, to) in SOURCES {
        println!("cargo::rerun-if-changed={from}");
        collect(&here.join(from), to, &mut files)?;
    }
    println!("cargo::rerun-if-changed={WORKSPACE}");
    let workspace: Table = fs::read_to_string(here.join(WORKSPACE))?.parse()?;
    for (from, to) in MANIFESTS {
        println!("cargo::rerun-if-changed={from}");
        let manifest = fs::read_to_string(here.join(from))?.parse()?;
        let text = toml::to_string(&standalone(manifest, &workspace)?)?;
        files.push((to.to_owned(), text));
    }
    let mut code = String::from("static FILES: &[(&str, &str)] = &[\n");
    for (path, text) in files {
        writeln!(code, "({path:?}, {text:?}),")?;
    }
    code.push_str("];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("files.rs"), code)?;
    Ok(())
}

/// Reads a file, or all in a folder, in the order of their names.
fn collect(from: &Path, to: &str, files: &mut Vec<(String, String)>) -> Result<(), Box<dyn Error>> {
    if from.is_file() {
        files.push((to.to_owned(), fs::read_to_string(from)?));
        return Ok(());
    }
    let mut entries: Vec<_> = fs::read_dir(from)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_str().ok_or("a source's name is not UTF-8")?;
        collect(&entry.path(), &format!("{to}/{name}"), files)?;
    }
    Ok(())
}

/// A manifest with what it takes from the workspace written into it.
fn standalone(mut manifest: Table, workspace: &Table) -> Result<Table, Box<dyn Error>> {
    let of_workspace = &workspace["workspace"];
    let package = manifest["package"].as_table_mut().ok_or("no package")?;
    for (key, value) in package.iter_mut() {
        if is_inherited(value) {
            *value = of_workspace["package"][key.as_str()].clone();
        }
    }
    // Lints are for those who work on the SDK.
    manifest.remove("lints");
    let known = &of_workspace["dependencies"];
    dependencies(&mut manifest, known)?;
    if let Some(targets) = manifest.get_mut("target").and_then(Value::as_table_mut) {
        for (_, target) in targets.iter_mut() {
            dependencies(target.as_table_mut().ok_or("a target is no table")?, known)?;
        }
    }
    Ok(manifest)
}

fn dependencies(table: &mut Table, known: &Value) -> Result<(), Box<dyn Error>> {
    let Some(dependencies) = table.get_mut("dependencies").and_then(Value::as_table_mut) else {
        return Ok(());
    };
    for (name, dependency) in dependencies.iter_mut() {
        if !is_inherited(dependency) {
            continue;
        }
        let mut written = match &known[name.as_str()] {
            Value::String(version) => {
                Table::from_iter([("version".to_owned(), version.as_str().into())])
            }
            Value::Table(table) => table.clone(),
            other => return Err(format!("{name} = {other}").into()),
        };
        if let Some((_, path)) = LOCAL.iter().find(|(local, _)| local == name) {
            written = Table::from_iter([("path".to_owned(), (*path).into())]);
        }
        if let Some(optional) = dependency.get("optional") {
            written.insert("optional".to_owned(), optional.clone());
        }
        if dependency.get("features").is_some() {
            return Err(format!("{name}: features besides those of the workspace").into());
        }
        *dependency = Value::Table(written);
    }
    Ok(())
}

fn is_inherited(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}
