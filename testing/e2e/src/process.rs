//! Programs under test: started with their output in a file, ended by process id.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// How long a program may take to be ready, on a machine that is busy with
/// other things. Reached only when something is broken.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// How much of a log is shown when something has failed.
const TAIL_LINES: usize = 60;

/// How often a condition is looked at.
const POLL: Duration = Duration::from_millis(50);

/// A running program. Dropping it kills it.
pub struct Program {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Program {
    /// Starts the binary `name` of this workspace with its output in `log`.
    pub fn start(
        name: &'static str,
        log: &Path,
        configure: impl FnOnce(&mut Command),
    ) -> anyhow::Result<Self> {
        let output = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| log.display().to_string())?;
        let mut command = Command::new(binary(name)?);
        command
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output)
            .kill_on_drop(true);
        configure(&mut command);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        Ok(Self {
            name,
            child,
            log: log.to_owned(),
        })
    }

    /// What the program has printed so far, earlier runs with the same log included.
    pub fn output(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The process id, as long as the program runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Waits until `look` finds something; fails when the program ends first.
    pub async fn until<T, F>(&mut self, what: &str, mut look: F) -> anyhow::Result<T>
    where
        F: AsyncFnMut(&str) -> Option<T>,
    {
        let started = Instant::now();
        loop {
            if let Some(found) = look(&self.output()).await {
                return Ok(found);
            }
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "{} ended ({status}) before {what}:\n{}",
                    self.name,
                    self.tail()
                );
            }
            if started.elapsed() > PATIENCE {
                bail!("{} does not come to {what}:\n{}", self.name, self.tail());
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Ends the program at once, as a crash does (SIGKILL).
    pub async fn kill(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }

    /// Asks the program to end (SIGTERM) and waits for it.
    pub async fn terminate(self) -> anyhow::Result<ExitStatus> {
        self.end_on(Signal::TERM).await
    }

    /// Ends the program as Ctrl-C does (SIGINT) and waits for it.
    pub async fn interrupt(self) -> anyhow::Result<ExitStatus> {
        self.end_on(Signal::INT).await
    }

    async fn end_on(mut self, signal: Signal) -> anyhow::Result<ExitStatus> {
        let id = self
            .child
            .id()
            .and_then(|id| Pid::from_raw(id.try_into().ok()?))
            .with_context(|| format!("{} has ended already", self.name))?;
        kill_process(id, signal)?;
        tokio::time::timeout(PATIENCE, self.child.wait())
            .await
            .with_context(|| format!("{} does not end on {signal:?}", self.name))?
            .map_err(Into::into)
    }

    fn tail(&self) -> String {
        tail(&self.log)
    }
}

/// The last lines of a log.
pub fn tail(log: &Path) -> String {
    let output = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = output.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

/// Waits until `look` finds something.
pub async fn until<T, F>(what: &str, mut look: F) -> anyhow::Result<T>
where
    F: AsyncFnMut() -> anyhow::Result<Option<T>>,
{
    let started = Instant::now();
    loop {
        let found = look().await;
        if let Ok(Some(found)) = found {
            return Ok(found);
        }
        if started.elapsed() > PATIENCE {
            found.with_context(|| format!("while waiting for {what}"))?;
            bail!("waited {PATIENCE:?} in vain for {what}");
        }
        tokio::time::sleep(POLL).await;
    }
}

/// The path of a binary of this workspace: beside the running test or program.
pub fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let current = std::env::current_exe()?;
    current
        .ancestors()
        .skip(1)
        .take(2)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .with_context(|| {
            format!("{name} is not built: cargo build --workspace --bins, or use cargo xtask")
        })
}

/// Where what programs would make again at each start is kept: beside them.
pub fn cache() -> anyhow::Result<PathBuf> {
    let folder = binary("phat-node")?.with_file_name("e2e-cache");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
