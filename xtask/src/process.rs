//! Running other programs, from the repository's root.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Command, Stdio},
};

use anyhow::{Context, bail};

/// The repository's root. Cargo tells where it is now: a target folder that several checkouts
/// share may hold a program that was compiled for another of them.
pub fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR");
    here.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from)
        .parent()
        .expect("xtask is a folder of the repository")
        .to_owned()
}

/// A program to be run in `folder`, relative to the root.
pub fn command(folder: &str, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root().join(folder));
    command
}

/// The cargo that runs this, for the repository.
pub fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let mut cargo = command("", &program, arguments);
    // What is said of this program's own package. Build scripts that look at it, as
    // ring's does, would run anew each time after a cargo that was started by hand.
    for (name, _) in std::env::vars_os() {
        let is_of_package = name.to_str().is_some_and(|name| {
            name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
        });
        if is_of_package {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Runs to the end; the program's output goes to standard error, so that
/// standard output is left for the result.
pub fn run(mut command: Command) -> anyhow::Result<()> {
    let shown = show(&command);
    say(&format!("$ {shown}"));
    let status = command
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot run {shown}"))?;
    if !status.success() {
        bail!("{shown}: {status}");
    }
    Ok(())
}

/// Runs to the end; the program's output is the result.
pub fn run_to_standard_output(mut command: Command) -> anyhow::Result<()> {
    let shown = show(&command);
    say(&format!("$ {shown}"));
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot run {shown}"))?;
    if !status.success() {
        bail!("{shown}: {status}");
    }
    Ok(())
}

/// Builds an example of some crate of the workspace, and tells where the program is. As
/// all crates are chosen, and examples have the features that tests need, dependencies
/// are those that the tests are built with.
pub fn example(
    name: &str,
    more: &[&str],
    change: impl FnOnce(&mut Command) -> anyhow::Result<()>,
) -> anyhow::Result<PathBuf> {
    let arguments = ["build", "--workspace", "--example", name];
    let mut build = cargo(&[&arguments[..], more].concat());
    change(&mut build)?;
    run(build)?;
    Ok(target_folder()?.join("debug/examples").join(name))
}

/// The folder that cargo builds into.
pub fn target_folder() -> anyhow::Result<PathBuf> {
    // This program is in the folder of its profile, in there.
    let this = std::env::current_exe().context("where this program is")?;
    let folder = this.ancestors().nth(2);
    Ok(folder.context("cargo builds into a folder")?.to_owned())
}

/// Where cargo puts a program that it builds with this profile.
pub fn built(profile: &str, program: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    let folder = match profile {
        "dev" | "test" => "debug",
        "bench" => "release",
        other => other,
    };
    root().join(target).join(folder).join(program)
}

/// Runs to the end and passes each line of output to `each` as well as on to
/// standard error. Whether the program succeeded is returned.
pub fn run_watched(mut command: Command, mut each: impl FnMut(&str)) -> anyhow::Result<bool> {
    let shown = show(&command);
    say(&format!("$ {shown}"));
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot run {shown}"))?;
    let output = child.stdout.take().expect("the output is piped");
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        each(&line);
        say(&line);
    }
    Ok(child.wait()?.success())
}

/// What the program prints, without the line feed at its end.
pub fn output(mut command: Command) -> anyhow::Result<String> {
    let shown = show(&command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot run {shown}"))?;
    if !output.status.success() {
        bail!("{shown}: {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?.trim_end().to_owned())
}

/// Whether a program of this name can be run.
pub fn exists(program: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
    })
}

/// Tells the person who waits.
pub fn say(line: &str) {
    // A closed standard error is no reason to stop working.
    let _ = writeln!(std::io::stderr(), "{line}");
}

fn show(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect();
    words.join(" ")
}
