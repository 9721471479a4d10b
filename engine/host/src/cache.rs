//! What was compiled before, kept on disk.
//!
//! Machine code that someone else wrote would run with all that the process may do.
//! So each file is sealed: it starts with a keyed hash that only who has the key of
//! this worker can make, over the file's purpose and content. A file that is not
//! whole, or of another engine, is taken away and made anew.

use std::{
    cmp::Reverse,
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use blake2::{
    Blake2bMac,
    digest::{KeyInit, Mac, consts::U32},
};
use zeroize::Zeroizing;

use crate::EngineHash;

/// The start of every file.
const MAGIC: &[u8; 8] = b"PHATMOD1";
const SEAL_BYTES: usize = 32;
/// The most bytes of a file; no compiled code is near.
const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;
const EXTENSION: &str = "sealed";
/// The extension of a file that is being written.
const TEMPORARY: &str = "new";

/// Where compiled code is kept, and what seals it.
#[derive(Clone)]
pub struct CacheConfig {
    /// The folder. It is made if it is not there.
    pub folder: PathBuf,
    /// The key of the seals: a secret of this worker.
    pub key: Zeroizing<[u8; 32]>,
    /// The most bytes of all files together. What was used least lately goes first.
    pub bytes_max: u64,
}

impl std::fmt::Debug for CacheConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CacheConfig")
            .field("folder", &self.folder)
            .field("bytes_max", &self.bytes_max)
            .finish_non_exhaustive()
    }
}

/// Sealed files, by what they were made from.
pub struct Cache {
    config: CacheConfig,
    engine: EngineHash,
}

/// What a file holds, which its seal tells too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Machine code of a component.
    Machine,
    /// What the guest compiled of a script.
    Script,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Script => "script",
        }
    }
}

impl Cache {
    /// Opens a folder for an engine.
    pub fn open(config: CacheConfig, engine: EngineHash) -> io::Result<Self> {
        fs::create_dir_all(&config.folder)?;
        Ok(Self { config, engine })
    }

    /// What was kept of this hash, if it is there and as it was kept.
    pub fn get(&self, kind: Kind, hash: &[u8; 32]) -> Option<Vec<u8>> {
        let path = self.path(kind, hash);
        let size = fs::metadata(&path).ok()?.len();
        let content = (size <= FILE_BYTES_MAX)
            .then(|| fs::read(&path).ok())
            .flatten()?;
        match self.unseal(kind, hash, content) {
            Some(content) => {
                touch(&path);
                Some(content)
            }
            None => {
                tracing::warn!(path = %path.display(), "compiled code was not as it was kept: made anew");
                remove(&path);
                None
            }
        }
    }

    /// Keeps what was made. What cannot be kept is made again next time.
    pub fn put(&self, kind: Kind, hash: &[u8; 32], content: &[u8]) {
        let path = self.path(kind, hash);
        if let Err(error) = self.write(&path, kind, hash, content) {
            tracing::warn!(path = %path.display(), %error, "compiled code cannot be kept");
        }
    }

    fn write(&self, path: &Path, kind: Kind, hash: &[u8; 32], content: &[u8]) -> io::Result<()> {
        let size = (MAGIC.len() + SEAL_BYTES + content.len()) as u64;
        if size > FILE_BYTES_MAX || !self.make_room(size)? {
            return Ok(());
        }
        let mut file = Vec::with_capacity(size as usize);
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&self.seal(kind, hash, content).finalize().into_bytes());
        file.extend_from_slice(content);
        // Another process may write the same: each file appears whole or not at all.
        let temporary = path.with_extension(format!("{}.{TEMPORARY}", std::process::id()));
        fs::write(&temporary, file)
            .and_then(|()| fs::rename(&temporary, path))
            .inspect_err(|_| remove(&temporary))
    }

    fn unseal(&self, kind: Kind, hash: &[u8; 32], mut content: Vec<u8>) -> Option<Vec<u8>> {
        let rest = content.strip_prefix(MAGIC.as_slice())?;
        let (seal, rest) = rest.split_at_checked(SEAL_BYTES)?;
        self.seal(kind, hash, rest).verify_slice(seal).ok()?;
        content.drain(..MAGIC.len() + SEAL_BYTES);
        Some(content)
    }

    fn seal(&self, kind: Kind, hash: &[u8; 32], content: &[u8]) -> Blake2bMac<U32> {
        let mut mac = <Blake2bMac<U32> as KeyInit>::new_from_slice(self.config.key.as_ref())
            .expect("the hash takes keys of 32 bytes");
        // Each part but the last has a fixed length, or ends with a zero.
        mac.update(kind.name().as_bytes());
        mac.update(&[0]);
        mac.update(&self.engine.0);
        mac.update(hash);
        mac.update(content);
        mac
    }

    fn path(&self, kind: Kind, hash: &[u8; 32]) -> PathBuf {
        let name = format!("{}-{}.{EXTENSION}", kind.name(), hex::encode(hash));
        self.config.folder.join(name)
    }

    /// Removes files until so many bytes fit; false if they never do.
    fn make_room(&self, bytes: u64) -> io::Result<bool> {
        let Some(mut left) = self.config.bytes_max.checked_sub(bytes) else {
            return Ok(false);
        };
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.config.folder)? {
            let entry = entry?;
            let path = entry.path();
            // What a process that ended was writing is removed in its turn.
            let is_kept = |found: &OsStr| found == EXTENSION || found == TEMPORARY;
            if path.extension().is_some_and(is_kept) {
                // Another process may have removed it meanwhile.
                let Ok(metadata) = entry.metadata() else {
                    continue;
                };
                let used = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                files.push((used, metadata.len(), path));
            }
        }
        files.sort_unstable_by_key(|(used, ..)| Reverse(*used));
        for (_, size, path) in files {
            match left.checked_sub(size) {
                Some(rest) => left = rest,
                None => remove(&path),
            }
        }
        Ok(true)
    }
}

/// Notes that a file was used.
fn touch(path: &Path) {
    let touched = fs::File::options()
        .append(true)
        .open(path)
        .and_then(|file| file.set_modified(SystemTime::now()));
    if let Err(error) = touched {
        tracing::debug!(path = %path.display(), %error, "the use of compiled code cannot be noted");
    }
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path) {
        tracing::debug!(path = %path.display(), %error, "compiled code cannot be removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(folder: &Path, key: u8, engine: u8) -> Cache {
        let config = CacheConfig {
            folder: folder.to_owned(),
            key: Zeroizing::new([key; 32]),
            bytes_max: 1_000,
        };
        Cache::open(config, EngineHash([engine; 32])).unwrap()
    }

    #[test]
    fn only_what_was_sealed_here_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache_1 = cache(folder.path(), 1, 1);
        let keep = || cache_1.put(Kind::Machine, &[7; 32], b"code");
        keep();
        let get = |cache: &Cache| cache.get(Kind::Machine, &[7; 32]);
        assert_eq!(get(&cache_1).as_deref(), Some(b"code".as_slice()));
        assert_eq!(cache_1.get(Kind::Script, &[7; 32]), None);
        assert_eq!(cache_1.get(Kind::Machine, &[8; 32]), None);

        // The seal of another worker or engine is none, and the file goes.
        assert_eq!(get(&cache(folder.path(), 2, 1)), None);
        assert_eq!(get(&cache_1), None);
        keep();
        assert_eq!(get(&cache(folder.path(), 1, 2)), None);

        let path = cache_1.path(Kind::Machine, &[7; 32]);
        for change in [
            (|file: &mut Vec<u8>| *file.last_mut().unwrap() ^= 1) as fn(&mut Vec<u8>),
            |file| file[0] ^= 1,
            |file| file[10] ^= 1,
            |file| file.truncate(39),
            |file| file.push(0),
            Vec::clear,
        ] {
            keep();
            let mut file = fs::read(&path).unwrap();
            change(&mut file);
            fs::write(&path, file).unwrap();
            assert_eq!(get(&cache_1), None);
            assert!(!path.exists());
        }

        // One file under the name of another is not taken for it.
        keep();
        fs::copy(&path, cache_1.path(Kind::Machine, &[9; 32])).unwrap();
        assert_eq!(cache_1.get(Kind::Machine, &[9; 32]), None);
    }

    #[test]
    fn what_was_used_least_lately_goes_first() {
        let folder = tempfile::tempdir().unwrap();
        let cache = cache(folder.path(), 1, 1);
        let at = |tag: u8, seconds: u64| {
            let file = fs::File::options()
                .append(true)
                .open(cache.path(Kind::Script, &[tag; 32]))
                .unwrap();
            file.set_modified(SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds))
                .unwrap();
        };
        let content = [0; 300];
        for tag in 1..=2 {
            cache.put(Kind::Script, &[tag; 32], &content);
        }
        at(1, 2);
        at(2, 1);
        cache.put(Kind::Script, &[3; 32], &content);
        let kept = |tag: u8| cache.path(Kind::Script, &[tag; 32]).exists();
        assert_eq!([kept(1), kept(2), kept(3)], [true, false, true]);
        cache.put(Kind::Script, &[4; 32], &[0; 1_000]);
        assert!(!kept(4), "it never fits");
        assert!(kept(1));
    }
}
