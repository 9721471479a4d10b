//! The suite on disk.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

/// The folders of the language and its library. The others are of the
/// internationalisation API, which contracts do not have, and of what is not yet
/// accepted.
const FOLDERS: [&str; 3] = ["annexB", "built-ins", "language"];
/// Files beside the tests, with the harness.
const SHELL: &str = "shell.js";
const BROWSER: &str = "browser.js";
/// How the names of files end that are imported by tests.
const FIXTURE: &str = "_FIXTURE.js";
/// What is between the files of the harness that `shell.js` is made of.
const FILE_MARK: &str = "// file: ";

pub struct Suite {
    root: PathBuf,
    harness: BTreeMap<String, String>,
}

impl Suite {
    pub fn open(root: &Path) -> anyhow::Result<Self> {
        let mut suite = Self {
            root: root.to_owned(),
            harness: BTreeMap::new(),
        };
        suite.read_harness(Path::new(SHELL))?;
        for name in ["assert.js", "sta.js"] {
            suite.include(name).context("the suite's shell.js")?;
        }
        let mut folders: Vec<_> = FOLDERS.iter().map(PathBuf::from).collect();
        while let Some(folder) = folders.pop() {
            for name in suite.names(&folder)? {
                if name.ends_with('/') {
                    folders.push(folder.join(name));
                } else if name == SHELL {
                    suite.read_harness(&folder.join(name))?;
                }
            }
        }
        Ok(suite)
    }

    /// The paths of all tests, in order.
    pub fn tests(&self) -> anyhow::Result<Vec<String>> {
        let mut found = Vec::new();
        let mut folders: Vec<_> = FOLDERS.iter().map(PathBuf::from).collect();
        while let Some(folder) = folders.pop() {
            for name in self.names(&folder)? {
                let path = folder.join(&name);
                if name.ends_with('/') {
                    folders.push(path);
                } else if name.ends_with(".js")
                    && ![SHELL, BROWSER].contains(&name.as_str())
                    && !name.ends_with(FIXTURE)
                {
                    found.push(path.to_str().context("paths are text")?.to_owned());
                }
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// The text of a test.
    pub fn read(&self, path: &str) -> anyhow::Result<String> {
        let bytes = fs::read(self.root.join(path)).with_context(|| path.to_owned())?;
        String::from_utf8(bytes).with_context(|| path.to_owned())
    }

    /// A file of the harness.
    pub fn include(&self, name: &str) -> anyhow::Result<&str> {
        self.harness
            .get(name)
            .map(String::as_str)
            .with_context(|| format!("there is no {name} in the harness"))
    }

    /// The commit of test262.
    pub fn commit(&self) -> anyhow::Result<String> {
        let text = self.read("GIT-INFO")?;
        let commit = text.lines().find_map(|line| line.strip_prefix("commit "));
        Ok(commit.context("GIT-INFO names no commit")?.to_owned())
    }

    /// The names in a folder; those of folders end with a slash.
    fn names(&self, folder: &Path) -> anyhow::Result<Vec<String>> {
        let path = self.root.join(folder);
        let entries = fs::read_dir(&path).with_context(|| path.display().to_string())?;
        entries
            .map(|entry| {
                let entry = entry?;
                let name = entry.file_name();
                let name = name.to_str().context("names are text")?;
                let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
                Ok(format!("{name}{slash}"))
            })
            .collect()
    }

    fn read_harness(&mut self, path: &Path) -> anyhow::Result<()> {
        let path = path.to_str().context("paths are text")?;
        let text = self.read(path)?;
        for part in text.split(FILE_MARK).skip(1) {
            let Some((name, content)) = part.split_once('\n') else {
                bail!("{path}: a file of the harness without content");
            };
            let known = self.harness.entry(name.trim().to_owned());
            known.or_insert_with(|| content.to_owned());
        }
        Ok(())
    }
}
