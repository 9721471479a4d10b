//! `phat inspect`: what code is, imports and needs.

use std::{fmt, path::PathBuf};

use anyhow::Result;
use clap::Args;
use phat_manifest::Limits;
use phat_primitives::{CodeHash, limits::CODE_BYTES_MAX};
use serde::Serialize;

use crate::{
    inspect::{Contents, Need, WASM_MAGIC, inspect_script, inspect_wasm},
    output::{Output, Verdict},
    project::Project,
};

/// Show what a contract's code is, what it imports and exports, and which limits it needs.
///
/// Nothing is run. Of a script it says whether it is an ES module and whether it uses the
/// older surface with `pink`; of a WebAssembly component, which of its imports the engine
/// has. The code's hash is the one under which the chain stores it. The exit code is 1 if
/// the engine would refuse the code.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat inspect examples/lens-stats\n  phat inspect contract.wasm --json"
)]
pub struct Options {
    /// A script, a component, or a contract's folder.
    #[arg(value_name = "FILE|DIR")]
    path: PathBuf,
}

/// What was found.
#[derive(Debug, Serialize)]
struct Inspected {
    path: PathBuf,
    bytes: u64,
    code_hash: CodeHash,
    #[serde(flatten)]
    contents: Contents,
    /// The manifest's, or the defaults where there is none.
    limits: Limits,
    /// The hosts of the manifest; none for a script alone.
    allowed_hosts: Option<Vec<String>>,
}

/// Runs the command.
pub fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let inspected = inspect(Project::load(&options.path)?);
    let verdict = Verdict::of(inspected.contents.problems.is_empty());
    Ok(output.finish(&inspected, verdict)?)
}

fn inspect(project: Project) -> Inspected {
    let (limits, allowed_hosts) = match project.manifest {
        Some((manifest, _)) => (manifest.limits, Some(manifest.allowed_hosts)),
        None => (Limits::default(), None),
    };
    let code = &project.code;
    let mut contents = match (code.starts_with(WASM_MAGIC), std::str::from_utf8(code)) {
        (true, _) => inspect_wasm(code),
        (false, Ok(text)) => inspect_script(text),
        (false, Err(_)) => {
            let mut contents = inspect_script("");
            contents.problems = vec!["it is neither text in UTF-8 nor WebAssembly".to_owned()];
            contents
        }
    };
    contents.needs.insert(
        0,
        Need {
            limit: "code_bytes",
            needs: code.len() as u64,
            unit: "bytes",
            has: u64::from(CODE_BYTES_MAX),
        },
    );
    let memory = contents
        .memories
        .iter()
        .fold(0_u64, |sum, memory| sum.saturating_add(memory.bytes_min));
    if memory > 0 {
        contents.needs.push(Need {
            limit: "memory_bytes",
            needs: memory,
            unit: "bytes",
            has: limits.memory_bytes,
        });
    }
    let missing = contents.needs.iter().filter(|need| !need.is_met());
    let missing: Vec<_> = missing
        .map(|need| {
            format!(
                "it needs {} {} of {}, which has {}",
                need.needs, need.unit, need.limit, need.has
            )
        })
        .collect();
    contents.problems.extend(missing);
    Inspected {
        path: project.code_path,
        bytes: project.code.len() as u64,
        code_hash: CodeHash::of(&project.code),
        contents,
        limits,
        allowed_hosts,
    }
}

impl fmt::Display for Inspected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let contents = &self.contents;
        writeln!(f, "file      {}", self.path.display())?;
        writeln!(f, "kind      {}", contents.kind.describe())?;
        writeln!(f, "size      {} bytes", self.bytes)?;
        writeln!(f, "hash      {}", self.code_hash)?;
        for import in &contents.imports {
            let word = if import.served { "" } else { "   (refused)" };
            writeln!(f, "import    {}{word}", import.name)?;
        }
        for export in &contents.exports {
            writeln!(f, "export    {export}")?;
        }
        if !contents.older_surface.is_empty() {
            writeln!(f, "older     uses {}", contents.older_surface.join(", "))?;
        }
        for memory in &contents.memories {
            write!(f, "memory    {} bytes at the start", memory.bytes_min)?;
            match memory.bytes_max {
                Some(bytes) => writeln!(f, ", at most {bytes}")?,
                None => writeln!(f)?,
            }
        }
        for need in &contents.needs {
            let name = need.limit;
            writeln!(
                f,
                "needs     {name} {} of {} {}",
                need.needs, need.has, need.unit
            )?;
        }
        for host in self.allowed_hosts.iter().flatten() {
            writeln!(f, "host      {host}")?;
        }
        let defaults = Limits::default();
        for (name, value) in set(&self.limits, &defaults) {
            writeln!(f, "limit     {name} = {value}")?;
        }
        for problem in &contents.problems {
            writeln!(f, "PROBLEM   {problem}")?;
        }
        Ok(())
    }
}

/// The limits that a manifest sets to something else than the default.
fn set(limits: &Limits, defaults: &Limits) -> Vec<(String, String)> {
    let fields = |limits: &Limits| match serde_json::to_value(limits) {
        Ok(serde_json::Value::Object(fields)) => fields,
        _ => serde_json::Map::new(),
    };
    let defaults = fields(defaults);
    fields(limits)
        .into_iter()
        .filter(|(name, value)| defaults.get(name) != Some(value))
        .map(|(name, value)| (name, value.to_string()))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::{Value, json};

    use crate::testing::phat;

    #[tokio::test]
    async fn a_contract_is_shown_with_its_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        let code = "import { kv } from 'phat'\nexport default () => kv.get('a')";
        fs::write(folder.path().join("a.js"), code).unwrap();
        let manifest = "name = \"a\"\nentry = \"a.js\"\nallowed_hosts = [\"a.example\"]\n\
                        [limits]\ntime_ms = 5\n";
        fs::write(folder.path().join("phat.toml"), manifest).unwrap();

        let (code, text, _) = phat(&["inspect", path]).await;
        assert_eq!(code, 0);
        for expected in [
            "kind      an ES module\n",
            "import    phat\n",
            "export    default\n",
            "host      a.example\n",
            "limit     time_ms = 5\n",
            "needs     code_bytes 58 of 2097152 bytes\n",
        ] {
            assert!(text.contains(expected), "{text} lacks {expected:?}");
        }
        assert!(!text.contains("PROBLEM"), "{text}");

        let (_, text, _) = phat(&["inspect", path, "--json"]).await;
        let json: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["kind"], "module");
        assert_eq!(json["imports"], json!([{ "name": "phat", "served": true }]));
        assert_eq!(json["limits"]["time_ms"], 5);
        assert_eq!(json["code_hash"].as_str().unwrap().len(), 66);
    }

    #[tokio::test]
    async fn what_needs_more_than_there_is_has_a_problem() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.js");
        fs::write(&path, [0xff, 0xfe]).unwrap();
        let (code, text, _) = phat(&["inspect", path.to_str().unwrap()]).await;
        assert_eq!(code, 1);
        assert!(text.contains("PROBLEM   it is neither text"), "{text}");
    }
}
