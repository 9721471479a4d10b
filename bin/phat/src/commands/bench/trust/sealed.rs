//! What is encrypted and decrypted again and again.

use std::time::Instant;

use anyhow::{Result, ensure};
use codec::Encode;
use phat_engine_bench::Samples;
use phat_envelope::{DecryptionKey, seal, seal_request};
use phat_keys::ClusterSecret;
use phat_primitives::{ClusterId, ClusterKey, ContractId, EncryptionKey, WorkerId};
use phat_worker_client::{CALL_INFO, call_aad};
use zeroize::Zeroizing;

/// The bytes of the message.
pub const MESSAGE_BYTES: usize = 1024;
/// What hand-overs are sealed for here; as long as what it is in workers.
const HANDOVER_INFO: &[u8] = b"phat/cluster-key/0";

/// A message that is sealed and opened.
pub struct Messages {
    key: DecryptionKey,
    to: EncryptionKey,
    message: Vec<u8>,
    aad: [u8; 64],
    /// How long it took to seal it.
    pub sealing: Samples,
    /// How long it took to open it.
    pub opening: Samples,
}

impl Messages {
    /// A message as long as [`MESSAGE_BYTES`], for a key that is made for it.
    pub fn new() -> Self {
        let key = DecryptionKey::from_bytes(Zeroizing::new([1; 32]));
        Self {
            to: key.public(),
            key,
            message: vec![2; MESSAGE_BYTES],
            aad: call_aad(&[3; 32], ContractId([4; 32])),
            sealing: Samples::default(),
            opening: Samples::default(),
        }
    }

    /// Seals and opens it once more, with what its answer takes on both sides.
    pub fn pass(&mut self) -> Result<()> {
        let start = Instant::now();
        let (sealed, _opener) = seal_request(&self.to, CALL_INFO, &self.aad, &self.message)?;
        self.sealing.push(start.elapsed());
        let start = Instant::now();
        let (opened, _sealer) = self.key.open_request(CALL_INFO, &self.aad, &sealed)?;
        self.opening.push(start.elapsed());
        ensure!(*opened == self.message, "another message was opened");
        Ok(())
    }
}

/// A cluster's secret that is handed over.
pub struct Handovers {
    secret: ClusterSecret,
    published: ClusterKey,
    key: DecryptionKey,
    to: EncryptionKey,
    aad: Vec<u8>,
    /// How long it took, both sides together.
    pub times: Samples,
}

impl Handovers {
    /// A new secret, for a key that is made for it.
    pub fn new() -> Self {
        let secret = ClusterSecret::generate();
        let key = DecryptionKey::from_bytes(Zeroizing::new([5; 32]));
        let (giver, asker) = (WorkerId([7; 32]), WorkerId([8; 32]));
        Self {
            published: secret.public(),
            secret,
            to: key.public(),
            key,
            aad: ([6_u8; 32], ClusterId(0), 0_u32, giver, asker).encode(),
            times: Samples::default(),
        }
    }

    /// Hands it over once more: sealed by one worker, opened by the other, and its public keys
    /// compared with those that the chain would have.
    pub fn pass(&mut self) -> Result<()> {
        let start = Instant::now();
        let sealed = seal(&self.to, HANDOVER_INFO, &self.aad, self.secret.expose())?;
        let opened = self.key.open(HANDOVER_INFO, &self.aad, &sealed)?;
        let mut bytes = Zeroizing::new([0; 32]);
        ensure!(opened.len() == bytes.len(), "another secret was opened");
        bytes.copy_from_slice(&opened);
        let public = ClusterSecret::from_bytes(bytes).public();
        self.times.push(start.elapsed());
        ensure!(public == self.published, "another secret was opened");
        Ok(())
    }
}
