//! One process of a local network.

use std::{
    env,
    ffi::OsString,
    fmt,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{process::Child, time::timeout};

/// How much of a log's end is read.
const TAIL_BYTES_MAX: u64 = 16 * 1024;
/// How many of its last lines are shown.
const TAIL_LINES_MAX: usize = 12;

/// What to start.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its name, for people.
    pub name: &'static str,
    /// Its executable.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
}

/// A process with its log. It is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

/// How a process was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It ended when it was asked to, or before.
    ByItself,
    /// It had to be killed.
    Killed,
}

/// How a process ended.
#[derive(Debug)]
pub struct Exit {
    /// The program's name.
    pub name: &'static str,
    /// Its exit code or the signal that ended it.
    pub status: ExitStatus,
    /// The last lines of its log.
    pub tail: String,
    /// Its log.
    pub log: PathBuf,
}

impl Process {
    /// Starts `program` with a new log in `folder`.
    ///
    /// Call it from the main thread: the child is told of the death of the
    /// thread that started it. It is in a process group of its own, so that the
    /// Ctrl-C of a terminal reaches the supervisor alone, which stops the
    /// children one after the other.
    pub fn start(program: &Program, folder: &Path) -> Result<Self> {
        let log = folder.join(format!("{}.log", program.name));
        let file = File::create(&log).with_context(|| format!("{}", log.display()))?;
        drop(file);
        let append = || OpenOptions::new().append(true).open(&log);
        let child = tokio::process::Command::new(env::current_exe()?)
            .arg("tie")
            .arg("--parent")
            .arg(std::process::id().to_string())
            .arg("--")
            .arg(&program.path)
            .args(&program.arguments)
            .stdin(Stdio::null())
            .stdout(append()?)
            .stderr(append()?)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", program.path.display()))?;
        Ok(Self {
            name: program.name,
            child,
            log,
        })
    }

    /// Its process id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Its log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Waits for its end.
    pub async fn ended(&mut self) -> Result<Exit> {
        let status = self.child.wait().await?;
        Ok(Exit {
            name: self.name,
            status,
            tail: tail(&self.log).unwrap_or_else(|error| error.to_string()),
            log: self.log.clone(),
        })
    }

    /// Its name, for people.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Asks it to end, and kills it if it has not within `grace`.
    pub async fn stop(&mut self, grace: Duration) -> Result<Stopped> {
        // While the child is not waited for, its id cannot be another's.
        let Some(id) = self.child.id() else {
            return Ok(Stopped::ByItself);
        };
        if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
            // It may end by itself in this moment.
            let _ = kill_process(pid, Signal::TERM);
        }
        if timeout(grace, self.child.wait()).await.is_ok() {
            return Ok(Stopped::ByItself);
        }
        self.child.kill().await?;
        Ok(Stopped::Killed)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ended ({})", self.name, self.status)?;
        if !self.tail.is_empty() {
            write!(
                f,
                "; the last lines of {}:\n{}",
                self.log.display(),
                self.tail
            )?;
        }
        Ok(())
    }
}

/// The last lines of a log.
fn tail(log: &Path) -> io::Result<String> {
    let mut file = File::open(log)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES_MAX)))?;
    let mut bytes = Vec::new();
    file.take(TAIL_BYTES_MAX).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let shown = &lines[lines.len().saturating_sub(TAIL_LINES_MAX)..];
    Ok(shown.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_bounded_in_lines_and_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("a.log");
        std::fs::write(&log, "").unwrap();
        assert_eq!(tail(&log).unwrap(), "");

        let lines: String = (0..100).map(|n| format!("line {n}\n")).collect();
        std::fs::write(&log, lines).unwrap();
        let last = tail(&log).unwrap();
        assert_eq!(last.lines().count(), TAIL_LINES_MAX);
        assert!(
            last.starts_with("line 88") && last.ends_with("line 99"),
            "{last}"
        );

        std::fs::write(&log, vec![b'x'; 10 * TAIL_BYTES_MAX as usize]).unwrap();
        assert_eq!(tail(&log).unwrap().len(), TAIL_BYTES_MAX as usize);
    }
}
