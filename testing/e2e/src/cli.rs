//! The command line, used as a person would.

use std::{ffi::OsStr, path::Path};

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::process::Command;

use crate::process::binary;

/// What `phat` answered.
pub struct Answer {
    /// The exit code.
    pub code: i32,
    /// The object that `--json` prints.
    pub json: Value,
    /// What it said on standard error.
    pub stderr: String,
}

/// Runs `phat ARGUMENTS --json` to its end, whatever that is.
pub async fn phat<A: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = A>,
) -> anyhow::Result<Answer> {
    let output = Command::new(binary("phat")?)
        .args(arguments)
        .arg("--json")
        .kill_on_drop(true)
        .output()
        .await?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    let stdout = String::from_utf8(output.stdout)?;
    Ok(Answer {
        code: output.status.code().context("phat was killed")?,
        json: match stdout.trim() {
            "" => Value::Null,
            text => serde_json::from_str(text)
                .with_context(|| format!("phat printed {text:?}\n{stderr}"))?,
        },
        stderr,
    })
}

/// The same for a command that must succeed.
pub async fn phat_ok<A: AsRef<OsStr>>(
    arguments: impl IntoIterator<Item = A>,
) -> anyhow::Result<Value> {
    let arguments: Vec<_> = arguments
        .into_iter()
        .map(|a| a.as_ref().to_owned())
        .collect();
    let answer = phat(&arguments).await?;
    if answer.code != 0 {
        bail!(
            "phat {arguments:?} exited with {}: {} {}",
            answer.code,
            answer.json,
            answer.stderr
        );
    }
    Ok(answer.json)
}

/// A path as an argument.
pub fn path(path: &Path) -> &OsStr {
    path.as_os_str()
}
