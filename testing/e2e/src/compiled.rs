//! What a worker compiles at its first start, taken from one that has done so.
//!
//! A new worker compiles the runtime of scripts, which takes seconds of a processor, and keeps it
//! under a key of its own. Here many workers start, of which one does that: the others are given
//! its key for what it compiled, and no other key of it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::process::{binary, cache};

/// The key that seals what was compiled, in the folder of keys.
const SEAL: &str = "seal.key";
/// The folder of what was compiled.
const COMPILED: &str = "compiled";

/// Tests of one program start workers at once.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// What is kept of workers whose keys are sealed in one way.
pub(crate) struct Kept {
    folder: PathBuf,
}

impl Kept {
    /// That of workers with this attestation. None for one with a platform of its own, which
    /// another's key is of no use to.
    pub(crate) fn of(attestation: &str, arguments: &[String]) -> anyhow::Result<Option<Self>> {
        let is_other = |argument: &String| argument.starts_with("--simulated-");
        if arguments.iter().any(is_other) {
            return Ok(None);
        }
        let folder = cache()?.join(format!("{COMPILED}-{attestation}"));
        Ok(Some(Self { folder }))
    }

    /// Gives it to a worker that has not started yet.
    pub(crate) fn give(&self, data: &Path) -> anyhow::Result<()> {
        let _guard = guard();
        if data.join("keys").exists() || !self.is_current()? {
            return Ok(());
        }
        copy(&self.folder, data)
    }

    /// Takes it from a worker that has started, if it is not there already.
    pub(crate) fn take(&self, data: &Path) -> anyhow::Result<()> {
        let _guard = guard();
        if self.is_current()? {
            return Ok(());
        }
        let part = self.folder.with_extension(std::process::id().to_string());
        copy(data, &part)?;
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)?;
        }
        Ok(fs::rename(part, &self.folder)?)
    }

    /// Whether it is of the worker as it is built now.
    fn is_current(&self) -> anyhow::Result<bool> {
        let built = fs::metadata(binary("phat-worker")?)?.modified()?;
        let made = fs::metadata(&self.folder).and_then(|made| made.modified());
        Ok(made.is_ok_and(|made| made > built))
    }
}

fn guard() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Copies the key and what it seals from one worker's folder to another.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to.join("keys"))?;
    fs::create_dir_all(to.join(COMPILED))?;
    for entry in fs::read_dir(from.join(COMPILED))? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(COMPILED).join(entry.file_name()))?;
    }
    let key = Path::new("keys").join(SEAL);
    fs::copy(from.join(&key), to.join(&key))?;
    Ok(())
}
