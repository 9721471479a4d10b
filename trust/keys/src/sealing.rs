//! What keeps a worker's secrets from whoever reads its disk.
//!
//! A sealed key file is, byte after byte:
//!
//! | bytes | what |
//! |---|---|
//! | 18 | `phat sealed key 1` and a line feed: the format and its version |
//! | 8 | a tag of the platform, HKDF-SHA256 of its key |
//! | 12 | a random nonce |
//! | 32 | the secret, encrypted with AES-256-GCM |
//! | 16 | the cipher's own tag |
//!
//! The cipher's key is HKDF-SHA256 of the platform's key. What is authenticated besides is the
//! first 26 bytes and the file's name without what is behind its dot, so that one file cannot be
//! passed off as another.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use aes_gcm::{
    Aes256Gcm, Nonce, Tag,
    aead::{AeadInPlace, KeyInit},
};
use hkdf::Hkdf;
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

/// What every sealed file begins with, whatever its version.
const FORMAT: &[u8] = b"phat sealed key ";
/// What those of this version begin with.
const HEADER: &[u8] = b"phat sealed key 1\n";
/// Separates what is derived here from all else that is derived of the platform's key.
const SALT: &[u8] = b"phat/key-file/1";
const PLATFORM_TAG_BYTES: usize = 8;
const NONCE_BYTES: usize = 12;
const SECRET_BYTES: usize = 32;
const CIPHER_TAG_BYTES: usize = 16;
/// How long a sealed file is.
pub(crate) const SEALED_BYTES: usize =
    HEADER.len() + PLATFORM_TAG_BYTES + NONCE_BYTES + SECRET_BYTES + CIPHER_TAG_BYTES;

/// Where Gramine has the key that the processor gives to enclaves of one signer.
const GRAMINE_KEY: &str = "/dev/attestation/keys/_sgx_mrsigner";
/// How long that key is.
const GRAMINE_KEY_BYTES: usize = 16;

/// A platform that has a key for the software that asks, or has none.
pub trait Sealing: Send + Sync {
    /// The key, which is the same whenever the same software asks on the same platform. `None`
    /// where the platform has no such thing.
    fn platform_key(&self) -> Result<Option<PlatformKey>, SealingError>;
}

/// The key that a platform has for the software that asked. It is wiped from memory when it is
/// dropped.
pub struct PlatformKey(Zeroizing<Vec<u8>>);

/// Why there is no platform's key, where there should be one.
#[derive(Debug, Error)]
pub enum SealingError {
    /// It cannot be read.
    #[error(
        "the platform gives no sealing key: {}: {source}; let the manifest of Gramine have \
         `sgx.remote_attestation`, and run a Gramine that has this file", path.display()
    )]
    Io {
        /// The file that should have it.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// It is none.
    #[error(
        "{} holds no sealing key, which has {GRAMINE_KEY_BYTES} bytes: run this in an enclave \
         of SGX", .0.display()
    )]
    NoKey(PathBuf),
}

/// No sealing: key files are plain, and only their permissions protect them. For development,
/// and for platforms that have no key to seal with, such as Intel TDX.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unsealed;

impl Sealing for Unsealed {
    fn platform_key(&self) -> Result<Option<PlatformKey>, SealingError> {
        Ok(None)
    }
}

/// An SGX enclave under Gramine: the processor's key for enclaves of the same signer, product and
/// security version, so that another release of the worker with the same ISVSVN reads what this one
/// sealed.
///
/// Gramine derives it from the security versions of processor and enclave as they are (CPUSVN,
/// ISVSVN, CONFIGSVN): when the microcode is updated or the ISVSVN raised, the key is another one.
///
/// Source: Gramine's documentation, "Attestation and Secret Provisioning", and its
/// `sgx_get_seal_key`.
#[derive(Clone, Debug)]
pub struct GramineSealing {
    path: PathBuf,
}

impl Default for GramineSealing {
    fn default() -> Self {
        Self::at(GRAMINE_KEY)
    }
}

impl GramineSealing {
    /// With the key in another file.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }
}

impl Sealing for GramineSealing {
    fn platform_key(&self) -> Result<Option<PlatformKey>, SealingError> {
        let failed = |source| SealingError::Io {
            path: self.path.clone(),
            source,
        };
        let file = File::open(&self.path).map_err(failed)?;
        // With the room of one more, so that reading moves no part of the key.
        let mut key = Zeroizing::new(Vec::with_capacity(2 * GRAMINE_KEY_BYTES));
        file.take(GRAMINE_KEY_BYTES as u64 + 1)
            .read_to_end(&mut key)
            .map_err(failed)?;
        if key.len() != GRAMINE_KEY_BYTES || key.iter().all(|byte| *byte == 0) {
            return Err(SealingError::NoKey(self.path.clone()));
        }
        Ok(Some(PlatformKey(key)))
    }
}

/// A simulated platform, by the secret of its own.
pub struct SimulatedSealing(Zeroizing<[u8; 32]>);

impl SimulatedSealing {
    /// The platform with this secret.
    pub fn new(secret: Zeroizing<[u8; 32]>) -> Self {
        Self(secret)
    }
}

impl Sealing for SimulatedSealing {
    fn platform_key(&self) -> Result<Option<PlatformKey>, SealingError> {
        Ok(Some(PlatformKey(Zeroizing::new(self.0.to_vec()))))
    }
}

/// What a file that should be sealed by this platform is instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unopened {
    /// Sealed in another version of the format.
    OtherVersion,
    /// Sealed on another platform, or by software of another signer.
    OtherPlatform,
    /// Sealed here, and changed since, or another file.
    Damaged,
}

/// Seals the contents of key files.
pub(crate) struct Sealer {
    cipher: Aes256Gcm,
    platform_tag: [u8; PLATFORM_TAG_BYTES],
}

impl Sealer {
    pub fn new(platform_key: &PlatformKey) -> Self {
        let derived = Hkdf::<Sha256>::new(Some(SALT), &platform_key.0);
        let fits = "HKDF-SHA256 gives up to 8160 bytes";
        let mut key = Zeroizing::new([0; 32]);
        derived.expand(b"cipher", key.as_mut()).expect(fits);
        let mut platform_tag = [0; PLATFORM_TAG_BYTES];
        derived.expand(b"platform", &mut platform_tag).expect(fits);
        Self {
            cipher: Aes256Gcm::new((&*key).into()),
            platform_tag,
        }
    }

    /// The contents of the file at `path` with this secret.
    pub fn seal(&self, path: &Path, secret: &[u8; SECRET_BYTES]) -> Vec<u8> {
        let mut nonce = [0; NONCE_BYTES];
        rand::TryRngCore::try_fill_bytes(&mut rand::rngs::OsRng, &mut nonce)
            .expect("the operating system has a source of randomness");
        let mut sealed = Vec::with_capacity(SEALED_BYTES);
        sealed.extend_from_slice(HEADER);
        sealed.extend_from_slice(&self.platform_tag);
        let aad = additional_data(&sealed, path);
        sealed.extend_from_slice(&nonce);
        let mut text = Zeroizing::new(*secret);
        let tag = self
            .cipher
            .encrypt_in_place_detached(&Nonce::from(nonce), &aad, text.as_mut())
            .expect("32 bytes are fewer than the cipher takes");
        sealed.extend_from_slice(text.as_ref());
        sealed.extend_from_slice(&tag);
        sealed
    }

    /// The secret in the contents of the file at `path`.
    pub fn open(
        &self,
        path: &Path,
        contents: &[u8],
    ) -> Result<Zeroizing<[u8; SECRET_BYTES]>, Unopened> {
        let sealed = contents
            .strip_prefix(HEADER)
            .ok_or(Unopened::OtherVersion)?;
        let (platform_tag, rest) = sealed
            .split_first_chunk::<PLATFORM_TAG_BYTES>()
            .ok_or(Unopened::Damaged)?;
        if *platform_tag != self.platform_tag {
            return Err(Unopened::OtherPlatform);
        }
        let (nonce, rest) = rest
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(Unopened::Damaged)?;
        let (ciphertext, tag) = rest
            .split_first_chunk::<SECRET_BYTES>()
            .ok_or(Unopened::Damaged)?;
        let tag: [u8; CIPHER_TAG_BYTES] = tag.try_into().map_err(|_| Unopened::Damaged)?;
        let aad = additional_data(&contents[..HEADER.len() + PLATFORM_TAG_BYTES], path);
        let mut secret = Zeroizing::new(*ciphertext);
        self.cipher
            .decrypt_in_place_detached(&Nonce::from(*nonce), &aad, secret.as_mut(), &Tag::from(tag))
            .map_err(|_| Unopened::Damaged)?;
        Ok(secret)
    }
}

/// Whether these are the contents of a file that some platform sealed.
pub(crate) fn is_sealed(contents: &[u8]) -> bool {
    contents.starts_with(FORMAT)
}

fn additional_data(head: &[u8], path: &Path) -> Vec<u8> {
    let name = path.file_stem().unwrap_or_default();
    [head, name.as_encoded_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn sealer(seed: u8) -> Sealer {
        let simulated = SimulatedSealing::new(Zeroizing::new([seed; 32]));
        Sealer::new(&simulated.platform_key().unwrap().unwrap())
    }

    #[test]
    fn a_file_opens_on_its_platform_under_its_name() {
        let path = Path::new("keys/identity.key");
        let sealed = sealer(1).seal(path, &[7; 32]);
        assert_eq!(sealed.len(), SEALED_BYTES);
        assert!(is_sealed(&sealed));
        assert!(!sealed.windows(4).any(|part| part == [7; 4]));
        assert_ne!(sealed, sealer(1).seal(path, &[7; 32]));
        let open = |seed, path: &str, contents: &[u8]| {
            let opened = sealer(seed).open(Path::new(path), contents);
            opened.map(|secret| *secret)
        };
        assert_eq!(open(1, "elsewhere/identity.key", &sealed), Ok([7; 32]));
        assert_eq!(
            open(2, "keys/identity.key", &sealed),
            Err(Unopened::OtherPlatform)
        );
        assert_eq!(open(1, "keys/relay.key", &sealed), Err(Unopened::Damaged));
        let next = [b"phat sealed key 2\n", &sealed[HEADER.len()..]].concat();
        assert_eq!(
            open(1, "keys/identity.key", &next),
            Err(Unopened::OtherVersion)
        );
    }

    #[test]
    fn no_byte_of_a_sealed_file_can_be_changed_added_or_left_out() {
        let path = Path::new("identity.key");
        let sealed = sealer(1).seal(path, &[7; 32]);
        for index in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[index] ^= 1;
            assert!(sealer(1).open(path, &changed).is_err(), "byte {index}");
            assert!(sealer(1).open(path, &sealed[..index]).is_err(), "{index}");
        }
        let longer = [&sealed[..], &[0]].concat();
        assert_eq!(sealer(1).open(path, &longer), Err(Unopened::Damaged));
    }

    /// Workers have to read what earlier releases sealed.
    #[test]
    fn the_format_is_pinned() {
        let sealed = hex::decode(concat!(
            "70686174207365616c6564206b657920310a774a8eca67fc0ec22f83778de3d9",
            "93a978dd043b1ef5e159e3803221b26586b7395c761e62c8decc6638d1170942",
            "587af3f38dc7dc2c2eaf1105b52a5af38f0b9daee2b9",
        ))
        .unwrap();
        let opened = sealer(1).open(Path::new("cluster-0-0.key"), &sealed);
        assert_eq!(opened.as_deref(), Ok(&[7; 32]));
    }

    #[test]
    fn gramine_s_key_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("_sgx_mrsigner");
        let read = || GramineSealing::at(&path).platform_key();
        let error = read().err().unwrap().to_string();
        assert!(error.contains("_sgx_mrsigner"), "{error}");
        for bad in [vec![], vec![1; 15], vec![1; 17], vec![0; 16]] {
            fs::write(&path, &bad).unwrap();
            let error = read().err().unwrap();
            assert!(matches!(error, SealingError::NoKey(_)), "{error}");
        }
        fs::write(&path, [1; 16]).unwrap();
        assert_eq!(*read().unwrap().unwrap().0, vec![1; 16]);
        assert!(Unsealed.platform_key().unwrap().is_none());
    }
}
