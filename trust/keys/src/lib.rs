//! Keys of workers, clusters and contracts, and how they are kept.
//!
//! A worker has an sr25519 identity key and an X25519 encryption key. A cluster
//! has a secret, and may get further ones, generation by generation; the keys of
//! its contracts are derived from the first with HKDF-SHA256 (RFC 5869), so every
//! worker of the cluster signs with the contract's one key.
//!
//! Everything is kept in a folder that only the operator may read, in files with
//! mode 0600, which are sealed where the platform has a key for that. A damaged or
//! exposed key file, one that another platform sealed, and a plain one where files are
//! sealed, is an error, never a new key.

mod contract;
mod contract_keys;
mod files;
mod generations;
mod keystore;
mod quorum;
mod sealing;

pub use contract::{ClusterSecret, ContractSecret};
pub use contract_keys::{
    ContractKeys, Scheme, SignError, UnknownScheme, VrfError, VrfOutput, verify_vrf,
};
pub use files::{KeyStoreError, secret_file};
pub use generations::ClusterOnChain;
pub use keystore::KeyStore;
pub use quorum::QuorumSecret;
pub use sealing::{GramineSealing, PlatformKey, Sealing, SealingError, SimulatedSealing, Unsealed};

/// Random bytes from the operating system.
fn random_secret() -> zeroize::Zeroizing<[u8; 32]> {
    let mut bytes = zeroize::Zeroizing::new([0; 32]);
    rand::TryRngCore::try_fill_bytes(&mut rand::rngs::OsRng, bytes.as_mut())
        .expect("the operating system has a source of randomness");
    bytes
}
