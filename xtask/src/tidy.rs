//! That documents and code say the same.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use crate::process::{command, output, root};

/// Folders in which every path named by a document must exist.
const TOP: &[&str] = &[
    "bin/",
    "chain/",
    "client/",
    "contracts/",
    "docs/",
    "engine/",
    "examples/",
    "targets/",
    "testing/",
    "trust/",
    "worker/",
    "xtask/",
];

pub fn run() -> anyhow::Result<()> {
    let files = tracked()?;
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| file.ends_with(".md")) {
        paths_exist(file, &mut complaints)?;
    }
    let architecture = read("ARCHITECTURE.md")?;
    for file in files.iter().filter(|file| file.ends_with("Cargo.toml")) {
        description_is_one(file, &architecture, &mut complaints)?;
    }
    if !complaints.is_empty() {
        bail!("{}", complaints.join("\n"));
    }
    Ok(())
}

/// The files that git tracks or would track.
pub fn tracked() -> anyhow::Result<Vec<String>> {
    let git = command(
        "",
        "git",
        &["ls-files", "--cached", "--others", "--exclude-standard"],
    );
    Ok(output(git)?
        .lines()
        .filter(|file| root().join(file).is_file())
        .map(str::to_owned)
        .collect())
}

/// Whatever stands in backquotes or in a link and begins like a path of the
/// repository must be one.
fn paths_exist(file: &str, complaints: &mut Vec<String>) -> anyhow::Result<()> {
    let text = read(file)?;
    let folder = Path::new(file).parent().unwrap_or(Path::new(""));
    let quoted = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| TOP.iter().any(|top| word.starts_with(top)))
        .filter(|word| !word.contains(['<', '*', ' ', '{', '…']))
        .map(PathBuf::from);
    let linked = text
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .map(|target| folder.join(target));
    for path in quoted.chain(linked) {
        if !root().join(&path).exists() {
            complaints.push(format!("{file}: there is no {}", path.display()));
        }
    }
    Ok(())
}

/// A crate's description, the first sentence of its root file and its row in
/// ARCHITECTURE.md are the same.
fn description_is_one(
    manifest: &str,
    architecture: &str,
    complaints: &mut Vec<String>,
) -> anyhow::Result<()> {
    let text = read(manifest)?;
    let Some(description) = text
        .lines()
        .find_map(|line| line.strip_prefix("description = \""))
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        return Ok(());
    };
    let folder = Path::new(manifest).parent().unwrap_or(Path::new(""));
    let code = ["src/lib.rs", "src/main.rs"]
        .iter()
        .find_map(|name| read(folder.join(name)).ok())
        .with_context(|| format!("{manifest}: the crate has no src/lib.rs or src/main.rs"))?;
    let documentation: Vec<_> = code
        .lines()
        .skip_while(|line| !line.starts_with("//!"))
        .map_while(|line| line.strip_prefix("//!"))
        .map(str::trim)
        .collect();
    if !documentation.join(" ").starts_with(description) {
        complaints.push(format!(
            "{manifest}: the crate's documentation does not begin with its description"
        ));
    }
    if !architecture.contains(description) {
        complaints.push(format!(
            "{manifest}: ARCHITECTURE.md has no row that says {description:?}"
        ));
    }
    Ok(())
}

fn read(path: impl AsRef<Path>) -> anyhow::Result<String> {
    let path = path.as_ref();
    fs::read_to_string(root().join(path)).with_context(|| path.display().to_string())
}
