//! The folder in which a worker keeps its keys.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use phat_primitives::{ClusterId, EncryptionKey, WorkerId};
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey};
use thiserror::Error;
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::{ClusterSecret, random_secret};

const IDENTITY: &str = "identity.key";
const ENCRYPTION: &str = "encryption.key";
const RELAY: &str = "relay.key";
const SEAL: &str = "seal.key";

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
    /// Others than the owner may read a key file.
    #[error("{path} may be read by others (mode {mode:o}): chmod 600 it")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
}

/// The keys of one worker. The secrets are wiped from memory when it is dropped.
pub struct KeyStore {
    folder: PathBuf,
    identity: Keypair,
    encryption: StaticSecret,
}

impl KeyStore {
    /// Opens the key folder, and makes it and the worker's own keys if there are
    /// none yet.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, KeyStoreError> {
        let folder = folder.into();
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|source| KeyStoreError::Io {
                path: folder.clone(),
                source,
            })?;
        let identity = secret_file(&folder.join(IDENTITY))?;
        let encryption = secret_file(&folder.join(ENCRYPTION))?;
        Ok(Self {
            identity: MiniSecretKey::from_bytes(identity.as_ref())
                .expect("every 32 bytes are a mini secret key")
                .expand_to_keypair(ExpansionMode::Ed25519),
            encryption: StaticSecret::from(*encryption),
            folder,
        })
    }

    /// The worker's id: its sr25519 public key.
    pub fn worker_id(&self) -> WorkerId {
        WorkerId(self.identity.public.to_bytes())
    }

    /// The worker's sr25519 identity key.
    pub fn identity(&self) -> &Keypair {
        &self.identity
    }

    /// The X25519 public key that others encrypt to.
    pub fn encryption_key(&self) -> EncryptionKey {
        EncryptionKey(PublicKey::from(&self.encryption).to_bytes())
    }

    /// The sr25519 signature (64 bytes) of `message` in the context that the
    /// chain's own signature check uses.
    pub fn sign_for_chain(&self, message: &[u8]) -> [u8; 64] {
        self.identity.sign_simple(b"substrate", message).to_bytes()
    }

    /// The secret of `cluster`, made at the first call.
    pub fn cluster_secret(&self, cluster: ClusterId) -> Result<ClusterSecret, KeyStoreError> {
        let path = self.folder.join(format!("cluster-{cluster}.key"));
        secret_file(&path).map(ClusterSecret::from_bytes)
    }

    /// The secp256k1 secret key that pays for transactions on EVM chains, made
    /// at the first call.
    pub fn relay_secret(&self) -> Result<Zeroizing<[u8; 32]>, KeyStoreError> {
        secret_file(&self.folder.join(RELAY))
    }

    /// The secret that seals what this worker compiled, made at the first call.
    pub fn seal_secret(&self) -> Result<Zeroizing<[u8; 32]>, KeyStoreError> {
        secret_file(&self.folder.join(SEAL))
    }
}

/// Reads the secret of 32 bytes in a file that only its owner may read, or makes one
/// and keeps it there.
pub fn secret_file(path: &Path) -> Result<Zeroizing<[u8; 32]>, KeyStoreError> {
    if let Some(key) = load(path)? {
        return Ok(key);
    }
    let key = random_secret();
    match create(path, &key) {
        Ok(()) => Ok(key),
        // Another process was first: its key is the one.
        Err(source) if source.kind() == io::ErrorKind::AlreadyExists => {
            load(path)?.ok_or_else(|| KeyStoreError::Damaged(path.into()))
        }
        Err(source) => Err(KeyStoreError::Io {
            path: path.into(),
            source,
        }),
    }
}

fn load(path: &Path) -> Result<Option<Zeroizing<[u8; 32]>>, KeyStoreError> {
    let at = |source| KeyStoreError::Io {
        path: path.into(),
        source,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(error)),
    };
    let mode = file.metadata().map_err(at)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyStoreError::Exposed {
            path: path.into(),
            mode,
        });
    }
    let mut text = Zeroizing::new(String::new());
    // One digit more than a key and its line feed is enough to see that it is none.
    file.take(66)
        .read_to_string(&mut text)
        .map_err(|_| KeyStoreError::Damaged(path.into()))?;
    let mut key = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text.trim_end(), key.as_mut())
        .map_err(|_| KeyStoreError::Damaged(path.into()))?;
    Ok(Some(key))
}

/// Writes a key so that after a crash there is the whole key or none: to a
/// temporary file, synced, linked to its name, and the folder synced.
fn create(path: &Path, key: &[u8; 32]) -> io::Result<()> {
    let temporary = path.with_extension(format!("{}.new", std::process::id()));
    let text = Zeroizing::new(format!("{}\n", Zeroizing::new(hex::encode(key)).as_str()));
    let written = (|| {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        // A link, unlike a rename, never replaces a key that is there.
        fs::hard_link(&temporary, path)
    })();
    let removed = fs::remove_file(&temporary);
    written?;
    removed?;
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
