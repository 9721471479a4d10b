//! `phat new`: a contract project that runs.

use std::{fmt, fs, io::Write, path::PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use include_dir::{Dir, DirEntry, include_dir};
use serde::Serialize;

use crate::output::{Output, Verdict};

/// The templates: a folder each, with the files as they are written.
static TEMPLATES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// The templates and what each is for, in the order of `--list`.
const DESCRIPTIONS: [Template; 6] = [
    Template {
        name: "js-oracle",
        description: "JavaScript without a build step: one HTTP API, one answer",
    },
    Template {
        name: "ts-oracle",
        description: "TypeScript, bundled by esbuild: one HTTP API, one answer",
    },
    Template {
        name: "lens-oracle",
        description: "TypeScript: answers an EVM consumer from a GraphQL API, with error codes",
    },
    Template {
        name: "price-feed",
        description: "JavaScript: the median price of several sources, in integers",
    },
    Template {
        name: "vrf",
        description: "JavaScript: random numbers with a proof that a consumer can check",
    },
    Template {
        name: "rust-component",
        description: "Rust, as a WebAssembly component: one HTTP API, one answer",
    },
];

/// The most characters of a name, as in a manifest.
const NAME_CHARS_MAX: usize = 64;

/// Make a contract project from a template, with tests that run.
///
/// The folder NAME is made here; one that exists is left alone.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat new my-feed --template price-feed\n  phat new --list")]
pub struct Options {
    /// The name of the contract and of its folder: letters, digits, - and _.
    #[arg(value_name = "NAME", required_unless_present = "list")]
    name: Option<Name>,
    /// The template to begin with.
    #[arg(long, value_name = "T", default_value = "js-oracle",
          value_parser = DESCRIPTIONS.map(|template| template.name))]
    template: String,
    /// Show the templates.
    #[arg(long, conflicts_with = "name")]
    list: bool,
    /// Where to make the folder.
    #[arg(long, value_name = "DIR", default_value = ".")]
    parent: PathBuf,
}

/// A name that can be written into every file of a template as it is.
#[derive(Clone, Debug)]
struct Name(String);

impl std::str::FromStr for Name {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let fits = (1..=NAME_CHARS_MAX).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_'));
        match fits {
            true => Ok(Self(text.to_owned())),
            false => Err(format!(
                "use 1 to {NAME_CHARS_MAX} letters, digits, - and _, with a letter at the start"
            )),
        }
    }
}

/// A template.
#[derive(Clone, Copy, Debug, Serialize)]
struct Template {
    name: &'static str,
    description: &'static str,
}

#[derive(Debug, Serialize)]
struct Templates {
    templates: [Template; DESCRIPTIONS.len()],
}

/// A project that was made.
#[derive(Debug, Serialize)]
struct Made {
    folder: PathBuf,
    template: String,
    files: Vec<PathBuf>,
    next: Vec<String>,
}

/// Runs the command.
pub fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    let Some(Name(name)) = options.name else {
        let templates = Templates {
            templates: DESCRIPTIONS,
        };
        return Ok(output.finish(&templates, Verdict::Done)?);
    };
    let template = TEMPLATES
        .get_dir(&options.template)
        .with_context(|| format!("there is no template {}", options.template))?;
    let folder = options.parent.join(&name);
    if folder.exists() {
        bail!(
            "{} exists and is left alone: choose another name, or move it away",
            folder.display()
        );
    }
    fs::create_dir(&folder).with_context(|| format!("{}", folder.display()))?;
    let mut files = Vec::new();
    write(template, template, &folder, &name, &mut files)
        .with_context(|| format!("{} is not complete", folder.display()))?;
    let is_rust = template
        .get_file(template.path().join("Cargo.toml"))
        .is_some();
    if is_rust {
        // The SDK is in no registry, so that of this program goes with the project.
        phat_guest_sdk_vendor::write(&folder.join("vendor"))
            .with_context(|| format!("{} is not complete", folder.display()))?;
    }
    files.sort();
    let mut next = vec![format!("cd {}", folder.display())];
    if template
        .get_file(template.path().join("package.json"))
        .is_some()
    {
        next.extend(["npm install".to_owned(), "npm run build".to_owned()]);
    }
    if is_rust {
        next.push("cargo build --release --target wasm32-unknown-unknown".to_owned());
    }
    next.push("phat test".to_owned());
    let made = Made {
        folder,
        template: options.template,
        files,
        next,
    };
    Ok(output.finish(&made, Verdict::Done)?)
}

/// Writes the files of a folder of a template. No file is written over.
fn write(
    root: &Dir<'_>,
    part: &Dir<'_>,
    folder: &std::path::Path,
    name: &str,
    files: &mut Vec<PathBuf>,
) -> Result<()> {
    for entry in part.entries() {
        let relative = entry.path().strip_prefix(root.path())?;
        let path = folder.join(relative);
        let at = || format!("{}", path.display());
        match entry {
            DirEntry::Dir(part) => {
                fs::create_dir(&path).with_context(at)?;
                write(root, part, folder, name, files)?;
            }
            DirEntry::File(file) => {
                let text = file.contents_utf8().with_context(at)?;
                let mut options = fs::OpenOptions::new();
                options.write(true).create_new(true);
                #[cfg(unix)]
                if path.extension().is_some_and(|extension| extension == "sh") {
                    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
                }
                options
                    .open(&path)
                    .and_then(|mut written| written.write_all(named(text, name).as_bytes()))
                    .with_context(at)?;
                files.push(relative.to_owned());
            }
        }
    }
    Ok(())
}

/// Puts the name into a file. npm and cargo want it in lower case.
fn named(text: &str, name: &str) -> String {
    text.replace("{{name}}", name)
        .replace("{{package}}", &name.to_ascii_lowercase())
}

impl fmt::Display for Templates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Template { name, description } in self.templates {
            writeln!(f, "{name:<16}{description}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Made {} from {}:\n",
            self.folder.display(),
            self.template
        )?;
        for file in &self.files {
            writeln!(f, "  {}", file.display())?;
        }
        writeln!(f, "\nNext:\n")?;
        for step in &self.next {
            writeln!(f, "  {step}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "new_tests.rs"]
mod tests;
