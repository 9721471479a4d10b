//! What was compiled, kept in the user's cache folder for the next command.

use std::{
    env, fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use phat_engine::CacheConfig;
use phat_keys::secret_file;

/// The most bytes to keep: many engines' guests and contracts.
const BYTES_MAX: u64 = 512 * 1024 * 1024;

/// Where to keep what the local engine compiles. None where there is no cache folder, or it cannot
/// be used: then each command compiles for itself.
pub fn cache() -> Option<CacheConfig> {
    usable(open)
}

/// Where nodes of local networks keep compiled runtimes. None as for [`cache`].
pub fn runtimes() -> Option<PathBuf> {
    usable(|folder| {
        create(folder)?;
        Ok(folder.join("runtimes"))
    })
}

fn usable<T>(open: impl FnOnce(&Path) -> io::Result<T>) -> Option<T> {
    let base = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| env::home_dir().map(|home| home.join(".cache")))?;
    let folder = base.join("phat");
    match open(&folder) {
        Ok(cache) => Some(cache),
        Err(error) => {
            tracing::debug!(%error, folder = %folder.display(), "compiled code is not kept");
            None
        }
    }
}

/// Only the user may write there: what is found is run.
fn create(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

fn open(folder: &Path) -> io::Result<CacheConfig> {
    create(folder)?;
    let key = secret_file(&folder.join("seal.key")).map_err(io::Error::other)?;
    Ok(CacheConfig {
        folder: folder.join("compiled"),
        key,
        bytes_max: BYTES_MAX,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_key_stays_the_same_and_is_for_the_user_alone() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("phat");
        let first = open(&folder).unwrap();
        assert_eq!(first.key, open(&folder).unwrap().key);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&folder.join("seal.key")), 0o600);
        fs::set_permissions(folder.join("seal.key"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(open(&folder).is_err(), "others could have read it");
    }
}
