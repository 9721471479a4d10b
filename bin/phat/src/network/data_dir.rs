//! The folder of a local network.

use std::{
    env,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// The folder of a network, used by one process at a time.
pub struct DataDir {
    path: PathBuf,
    _lock: File,
    // Removes the folder when it is dropped.
    _temporary: Option<TempDir>,
}

impl DataDir {
    /// Opens and locks the folder at `path`, or else the user's own.
    pub fn open(path: Option<&Path>) -> Result<Self> {
        match path {
            Some(path) => Self::lock(path, None),
            None => Self::lock(&default_path()?, None),
        }
    }

    /// A new folder that is removed in the end.
    pub fn temporary() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("phat-dev-").tempdir()?;
        let path = folder.path().to_owned();
        Self::lock(&path, Some(folder))
    }

    /// Where it is: an absolute path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn lock(path: &Path, temporary: Option<TempDir>) -> Result<Self> {
        let at = || format!("{}", path.display());
        fs::create_dir_all(path).with_context(at)?;
        let path = path.canonicalize().with_context(at)?;
        let lock = File::create(path.join("lock")).with_context(at)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!(
                "another `phat dev` uses {}: stop it, or give another --data-dir",
                path.display()
            ),
            Err(TryLockError::Error(error)) => return Err(error).with_context(at),
        }
        Ok(Self {
            path,
            _lock: lock,
            _temporary: temporary,
        })
    }
}

fn default_path() -> Result<PathBuf> {
    let folder = match (env::var_os("XDG_DATA_HOME"), env::home_dir()) {
        (Some(folder), _) if !folder.is_empty() => PathBuf::from(folder),
        (_, Some(home)) => home.join(".local/share"),
        _ => bail!("there is no home folder: give --data-dir, or --tmp"),
    };
    Ok(folder.join("phat-dev"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_network_uses_a_folder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = DataDir::open(Some(folder.path())).unwrap();
        let error = DataDir::open(Some(folder.path())).err().unwrap();
        assert!(
            error.to_string().contains("another `phat dev` uses"),
            "{error}"
        );
        drop(first);
        DataDir::open(Some(folder.path())).unwrap();
    }

    #[test]
    fn a_temporary_folder_is_gone_in_the_end() {
        let data = DataDir::temporary().unwrap();
        let path = data.path().to_owned();
        assert!(path.is_dir());
        drop(data);
        assert!(!path.exists());
    }
}
