//! The folder in which a worker keeps its keys.

use std::{
    fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use phat_envelope::DecryptionKey;
use phat_primitives::{EncryptionKey, WorkerId};
use schnorrkel::{ExpansionMode, Keypair, MiniSecretKey};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::{
    QuorumSecret,
    files::{self, KeyStoreError},
    sealing::{Sealer, Sealing},
};

const IDENTITY: &str = "identity.key";
const ENCRYPTION: &str = "encryption.key";
const RELAY: &str = "relay.key";
const SEAL: &str = "seal.key";
const QUORUM: &str = "quorum.key";

/// The keys of one worker. The secrets are wiped from memory when it is dropped.
pub struct KeyStore {
    folder: PathBuf,
    sealer: Option<Sealer>,
    identity: Keypair,
    encryption: StaticSecret,
}

impl KeyStore {
    /// Opens the key folder, and makes it and the worker's own keys if there are
    /// none yet. Where the platform seals, plain key files are refused.
    pub fn open(folder: impl Into<PathBuf>, sealing: &dyn Sealing) -> Result<Self, KeyStoreError> {
        let folder = folder.into();
        let sealer = sealing.platform_key()?.as_ref().map(Sealer::new);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(KeyStoreError::io(&folder))?;
        files::remove_unfinished(&folder)?;
        let identity = files::load_or_make(&folder.join(IDENTITY), sealer.as_ref())?;
        let encryption = files::load_or_make(&folder.join(ENCRYPTION), sealer.as_ref())?;
        Ok(Self {
            identity: MiniSecretKey::from_bytes(identity.as_ref())
                .expect("every 32 bytes are a mini secret key")
                .expand_to_keypair(ExpansionMode::Ed25519),
            encryption: StaticSecret::from(*encryption),
            sealer,
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

    /// The X25519 secret key that opens what others encrypt.
    pub fn decryption_key(&self) -> DecryptionKey {
        DecryptionKey::from_bytes(Zeroizing::new(self.encryption.to_bytes()))
    }

    /// The sr25519 signature (64 bytes) of `message` in the context that the
    /// chain's own signature check uses.
    pub fn sign_for_chain(&self, message: &[u8]) -> [u8; 64] {
        self.identity.sign_simple(b"substrate", message).to_bytes()
    }

    /// The secp256k1 secret key that pays for transactions on EVM chains, made
    /// at the first call.
    pub fn relay_secret(&self) -> Result<Zeroizing<[u8; 32]>, KeyStoreError> {
        files::load_or_make(&self.folder.join(RELAY), self.sealer())
    }

    /// The secret that seals what this worker compiled, made at the first call.
    pub fn seal_secret(&self) -> Result<Zeroizing<[u8; 32]>, KeyStoreError> {
        files::load_or_make(&self.folder.join(SEAL), self.sealer())
    }

    /// The secret that this worker's own keys for contracts with a quorum follow from,
    /// made at the first call.
    pub fn quorum_secret(&self) -> Result<QuorumSecret, KeyStoreError> {
        files::load_or_make(&self.folder.join(QUORUM), self.sealer()).map(QuorumSecret::new)
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn sealer(&self) -> Option<&Sealer> {
        self.sealer.as_ref()
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
