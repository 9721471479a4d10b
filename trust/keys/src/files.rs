//! Files with one secret each.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    random_secret,
    sealing::{SEALED_BYTES, Sealer, SealingError, Unopened, is_sealed},
};

/// What the names of files end with that are not whole yet.
const UNFINISHED: &str = "new";
/// A plain key: 64 digits and a line feed.
const PLAIN_BYTES: usize = 65;
/// One byte more than a file with a key has is enough to see that it is none.
const READ_BYTES_MAX: usize = if PLAIN_BYTES > SEALED_BYTES {
    PLAIN_BYTES + 1
} else {
    SEALED_BYTES + 1
};

/// A key that cannot be read or kept.
#[derive(Debug, Error)]
pub enum KeyStoreError {
    /// The folder or a file in it cannot be read or written.
    #[error("{path}: {source}; the key folder must be readable and writable by the worker's user")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A key file is not 64 hexadecimal digits.
    #[error(
        "{0} is damaged: it must hold 64 hexadecimal digits. Restore it from a backup; \
         remove it only if the key may be lost for good"
    )]
    Damaged(PathBuf),
    /// A sealed key file does not open on the platform that sealed it.
    #[error(
        "{0} is damaged: this platform sealed it, and it has changed since, or was another \
         file. Restore it from a backup; remove it only if the key may be lost for good"
    )]
    SealedDamaged(PathBuf),
    /// Others than the owner may read a key file.
    #[error("{path} may be read by others (mode {mode:o}): chmod 600 it")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The platform has no key to unseal with.
    #[error(transparent)]
    Sealing(#[from] SealingError),
    /// A key file is sealed by another platform.
    #[error(
        "{0} was sealed on another platform, by software of another signer or version, or before \
         the processor's microcode was updated, and nothing else opens it. Start the worker where \
         the file comes from, or give it a new data folder: it then is another worker, and is \
         handed its cluster's key anew"
    )]
    OtherPlatform(PathBuf),
    /// A key file is sealed, and the worker runs where nothing is sealed.
    #[error(
        "{0} is sealed, and this worker runs without a platform that seals: start it with the \
         same --attestation as before"
    )]
    NoPlatform(PathBuf),
    /// A key file is plain, and the worker runs where all are sealed.
    #[error(
        "{0} is plain, and this platform seals: whoever wrote it knows the key, which is no secret \
         then. Move it away: the worker makes another one, or is handed it"
    )]
    Plain(PathBuf),
    /// A key file is sealed in another way than this release does.
    #[error(
        "{0} is sealed in a format that this release does not know: use the release that \
         wrote it, or a newer one"
    )]
    OtherVersion(PathBuf),
    /// There is another key already where one is to be kept.
    #[error(
        "{0} holds another key already: move it away if it is of another chain, and keep it \
         if anything depends on it"
    )]
    Conflict(PathBuf),
}

impl KeyStoreError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// Reads the secret of 32 bytes in a plain file that only its owner may read, or makes one
/// and keeps it there.
pub fn secret_file(path: &Path) -> Result<Zeroizing<[u8; 32]>, KeyStoreError> {
    load_or_make(path, None)
}

/// Reads the secret in a file, or makes one and keeps it there.
pub(crate) fn load_or_make(
    path: &Path,
    sealer: Option<&Sealer>,
) -> Result<Zeroizing<[u8; 32]>, KeyStoreError> {
    if let Some(key) = load(path, sealer)? {
        return Ok(key);
    }
    let key = random_secret();
    if create(path, &key, sealer)? {
        return Ok(key);
    }
    // Another process was first: its key is the one.
    load(path, sealer)?.ok_or_else(|| KeyStoreError::Damaged(path.into()))
}

/// Reads the secret in a file, if there is one. Where secrets are sealed, a plain one is an error:
/// who has the disk, and not the worker, may have put it there.
pub(crate) fn load(
    path: &Path,
    sealer: Option<&Sealer>,
) -> Result<Option<Zeroizing<[u8; 32]>>, KeyStoreError> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(KeyStoreError::io(path)(error)),
    };
    let mode = file.metadata().map_err(KeyStoreError::io(path))?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyStoreError::Exposed {
            path: path.into(),
            mode,
        });
    }
    // As much room as is read, so that reading moves no part of the key.
    let mut contents = Zeroizing::new(Vec::with_capacity(2 * READ_BYTES_MAX));
    file.take(READ_BYTES_MAX as u64)
        .read_to_end(&mut contents)
        .map_err(KeyStoreError::io(path))?;
    if is_sealed(&contents) {
        let sealer = sealer.ok_or_else(|| KeyStoreError::NoPlatform(path.into()))?;
        let opened = sealer.open(path, &contents);
        return opened.map(Some).map_err(|reason| match reason {
            Unopened::OtherVersion => KeyStoreError::OtherVersion(path.into()),
            Unopened::OtherPlatform => KeyStoreError::OtherPlatform(path.into()),
            Unopened::Damaged => KeyStoreError::SealedDamaged(path.into()),
        });
    }
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(contents.trim_ascii_end(), key.as_mut())
        .map_err(|_| KeyStoreError::Damaged(path.into()))?;
    match sealer {
        Some(_) => Err(KeyStoreError::Plain(path.into())),
        None => Ok(Some(key)),
    }
}

/// Keeps a secret in a new file, so that after a crash there is the whole file or none: written
/// to another one, synced, linked to its name, and the folder synced. `false` if the file is
/// there already.
pub(crate) fn create(
    path: &Path,
    key: &[u8; 32],
    sealer: Option<&Sealer>,
) -> Result<bool, KeyStoreError> {
    let temporary = write_beside(path, key, sealer)?;
    let placed = place(&temporary, path, |from, to| fs::hard_link(from, to));
    // It is gone already if it was renamed.
    let removed = remove(&temporary);
    let is_placed = placed.map_err(KeyStoreError::io(path))?;
    removed?;
    sync_folder(path)?;
    Ok(is_placed)
}

/// Gives a whole file its name. `false` if another file has that already.
fn place(
    temporary: &Path,
    path: &Path,
    link: impl FnOnce(&Path, &Path) -> io::Result<()>,
) -> io::Result<bool> {
    // A link, unlike a rename, never replaces a key that is there.
    match link(temporary, path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        // Gramine has no links. What is there is looked for instead, which does for the one worker
        // that uses the folder.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            if fs::exists(path)? {
                return Ok(false);
            }
            fs::rename(temporary, path)?;
            Ok(true)
        }
        Err(error) => Err(error),
    }
}

/// Gives a file another name, in place of whatever has it.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), KeyStoreError> {
    fs::rename(from, to).map_err(KeyStoreError::io(from))?;
    sync_folder(to)
}

/// Removes a file for good, if it is there.
pub(crate) fn remove(path: &Path) -> Result<(), KeyStoreError> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(KeyStoreError::io(path)(error)),
    }
}

/// Removes what a crash has left: files that were not whole yet, or were to be removed next.
pub(crate) fn remove_unfinished(folder: &Path) -> Result<(), KeyStoreError> {
    for entry in fs::read_dir(folder).map_err(KeyStoreError::io(folder))? {
        let path = entry.map_err(KeyStoreError::io(folder))?.path();
        if path.extension().is_some_and(|end| end == UNFINISHED) {
            remove(&path)?;
        }
    }
    Ok(())
}

fn write_beside(
    path: &Path,
    key: &[u8; 32],
    sealer: Option<&Sealer>,
) -> Result<PathBuf, KeyStoreError> {
    let temporary = path.with_extension(format!("{}.{UNFINISHED}", std::process::id()));
    let contents = match sealer {
        Some(sealer) => Zeroizing::new(sealer.seal(path, key)),
        None => {
            let digits = Zeroizing::new(hex::encode(key));
            Zeroizing::new([digits.as_bytes(), b"\n"].concat())
        }
    };
    let write = || {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(&contents)?;
        file.sync_all()
    };
    match write() {
        Ok(()) => Ok(temporary),
        Err(error) => {
            // The error that is told is why it is not whole.
            let _ = fs::remove_file(&temporary);
            Err(KeyStoreError::io(path)(error))
        }
    }
}

fn sync_folder(path: &Path) -> Result<(), KeyStoreError> {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(KeyStoreError::io(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_there_are_no_links_a_key_gets_its_name_and_replaces_none() {
        let folder = tempfile::tempdir().unwrap();
        let [first, second, path] =
            ["first.new", "second.new", "a.key"].map(|name| folder.path().join(name));
        fs::write(&first, "first").unwrap();
        fs::write(&second, "second").unwrap();
        let place = |temporary| {
            let unsupported = io::Error::from(io::ErrorKind::Unsupported);
            place(temporary, &path, |_, _| Err(unsupported))
        };
        assert!(place(&first).unwrap());
        assert!(!place(&second).unwrap());
        assert_eq!(fs::read(&path).unwrap(), b"first");
        assert!(!first.exists() && second.exists());
    }

    #[test]
    fn a_key_that_cannot_be_placed_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.key");
        let denied = io::Error::from(io::ErrorKind::PermissionDenied);
        let error = place(&folder.path().join("new"), &path, |_, _| Err(denied));
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        assert!(!path.exists());
    }
}
