//! A contract's folder, or a script alone.

use std::{
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use phat_manifest::Manifest;
use phat_primitives::limits::{CODE_BYTES_MAX, MANIFEST_BYTES_MAX};

/// The manifest's name in a project.
pub const MANIFEST_NAME: &str = "phat.toml";

/// The code of a contract, with its manifest if it has one.
#[derive(Debug)]
pub struct Project {
    /// The manifest and its text as written.
    pub manifest: Option<(Manifest, String)>,
    /// The script, or a WebAssembly component.
    pub code: Vec<u8>,
    /// Where the code was read from.
    pub code_path: PathBuf,
}

impl Project {
    /// Reads a folder with a manifest, a manifest, or a script.
    pub fn load(path: &Path) -> Result<Self> {
        let metadata = fs::metadata(path).with_context(|| format!("{}", path.display()))?;
        if metadata.is_dir() {
            return Self::load_manifest(&path.join(MANIFEST_NAME));
        }
        match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => Self::load_manifest(path),
            Some("ts" | "tsx" | "mts" | "cts" | "jsx") => bail!(
                "{}: the engine runs JavaScript; bundle it first, for example with \
                 `npx esbuild --bundle --format=esm --outfile=dist/index.js {0}`",
                path.display()
            ),
            _ => Ok(Self {
                manifest: None,
                code: read_code(path)?,
                code_path: path.to_owned(),
            }),
        }
    }

    /// The code of a folder or manifest, as far as it can be told; it need not exist.
    pub fn entry_of(path: &Path) -> Option<PathBuf> {
        let manifest = match path.is_dir() {
            true => path.join(MANIFEST_NAME),
            false
                if path
                    .extension()
                    .is_some_and(|extension| extension == "toml") =>
            {
                path.into()
            }
            false => return None,
        };
        let bytes = read_bounded(&manifest, MANIFEST_BYTES_MAX, "a manifest").ok()?;
        let entry = Manifest::parse_bytes(&bytes).ok()?.entry;
        Some(manifest.parent()?.join(entry))
    }

    /// Like [`Project::load`], for commands that need the manifest.
    pub fn load_with_manifest(path: &Path) -> Result<(Manifest, String, Vec<u8>)> {
        let project = Self::load(path)?;
        let Some((manifest, text)) = project.manifest else {
            bail!(
                "{} is a script without a manifest: give the folder with its {MANIFEST_NAME}",
                path.display()
            );
        };
        Ok((manifest, text, project.code))
    }

    /// Whether the contract gets the secret of this name: one that its manifest lists, or any if it
    /// is a bare script.
    pub fn gets_secret(&self, name: &str) -> bool {
        let listed = |(manifest, _): &(Manifest, String)| {
            manifest.secrets.iter().any(|listed| listed == name)
        };
        self.manifest.as_ref().is_none_or(listed)
    }

    fn load_manifest(path: &Path) -> Result<Self> {
        if !path.exists() {
            bail!(
                "there is no {}: give a contract's folder, or a script",
                path.display()
            );
        }
        let bytes = read_bounded(path, MANIFEST_BYTES_MAX, "a manifest")?;
        let manifest =
            Manifest::parse_bytes(&bytes).with_context(|| format!("{}", path.display()))?;
        let text = String::from_utf8(bytes).context("the manifest is not UTF-8 text")?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let entry: PathBuf = folder.join(&manifest.entry);
        if !entry.is_file() {
            let build = match entry.extension() {
                Some(extension) if extension == "wasm" => {
                    "cargo build --release --target wasm32-unknown-unknown"
                }
                _ => "npm run build",
            };
            bail!(
                "{} names the entry {:?}, and there is no such file: build the contract first \
                 (for example `{build}`), or correct the entry",
                path.display(),
                manifest.entry
            );
        }
        Ok(Self {
            code: read_code(&entry)?,
            code_path: entry,
            manifest: Some((manifest, text)),
        })
    }
}

/// Reads code of at most the size that the chain stores. A core module is made a
/// component, which is what the engine runs.
pub fn read_code(path: &Path) -> Result<Vec<u8>> {
    let code = read_bounded(path, CODE_BYTES_MAX, "a contract's code")?;
    if code.is_empty() {
        bail!("{} is empty", path.display());
    }
    if !phat_component::is_module(&code) {
        return Ok(code);
    }
    let component =
        phat_component::from_module(&code).with_context(|| path.display().to_string())?;
    if component.len() > CODE_BYTES_MAX as usize {
        bail!(
            "{} is a component of {} bytes, and a contract's code may have {CODE_BYTES_MAX}",
            path.display(),
            component.len()
        );
    }
    Ok(component)
}

/// Reads a file of at most so many bytes.
pub fn read_bounded(path: &Path, bytes_max: u32, what: &str) -> Result<Vec<u8>> {
    let at = || format!("{}", path.display());
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(at)?;
    file.take(u64::from(bytes_max) + 1)
        .read_to_end(&mut bytes)
        .with_context(at)?;
    if bytes.len() > bytes_max as usize {
        bail!(
            "{} is larger than the {bytes_max} bytes that {what} may have",
            path.display()
        );
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lays out `files`, loads `path` and compares the error, empty for none.
    fn check(files: &[(&str, &[u8])], path: &str, expected: &str) {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        match (Project::load(&folder.path().join(path)), expected) {
            (Ok(_), "") => {}
            (Ok(_), _) => panic!("loaded, though it should say {expected:?}"),
            (Err(error), "") => panic!("refused: {error:#}"),
            (Err(error), _) => {
                let error = format!("{error:#}");
                assert!(
                    error.contains(expected),
                    "{error} does not say {expected:?}"
                );
            }
        }
    }

    #[test]
    fn folders_manifests_and_scripts_are_read_and_what_is_wrong_is_named() {
        const GOOD: &[u8] = b"name = \"a\"\nentry = \"a.js\"\n";
        let code: (&str, &[u8]) = ("a.js", b"export default () => ''");
        check(&[("phat.toml", GOOD), code], "", "");
        check(&[("phat.toml", GOOD), code], "phat.toml", "");
        check(&[code], "a.js", "");
        check(&[], "missing.js", "No such file");
        check(&[code], "", "give a contract's folder, or a script");
        check(&[("phat.toml", GOOD)], "", "build the contract first");
        check(
            &[("phat.toml", b"name = \"a\""), code],
            "",
            "missing field `entry`",
        );
        check(
            &[
                ("phat.toml", b"name = \"a\"\nentry = \"a.js\"\nentri = 1"),
                code,
            ],
            "",
            "unknown field `entri`",
        );
        check(&[("phat.toml", &[0xff]), code], "", "not UTF-8");
        check(
            &[("phat.toml", &vec![b'#'; 16 * 1024 + 1]), code],
            "",
            "larger than the 16384 bytes",
        );
        check(&[("a.ts", b"let a: number")], "a.ts", "bundle it first");
        check(&[("a.js", b"")], "a.js", "is empty");
        let module: (&str, &[u8]) = ("a.wasm", b"\0asm\x01\0\0\0");
        check(&[module], "a.wasm", "does not describe its interface");
        check(
            &[("a.js", &vec![b' '; CODE_BYTES_MAX as usize])],
            "a.js",
            "",
        );
        check(
            &[("a.js", &vec![b' '; CODE_BYTES_MAX as usize + 1])],
            "a.js",
            "larger than the 2097152 bytes",
        );
    }

    #[test]
    fn a_script_alone_cannot_stand_for_a_project() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("a.js");
        fs::write(&script, "1").unwrap();
        let error = Project::load_with_manifest(&script)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("give the folder with its phat.toml"),
            "{error}"
        );
    }
}
