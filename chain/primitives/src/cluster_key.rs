//! The public keys of a cluster, and what is signed to put them on the chain.

use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{ClusterId, ContractId, EncryptionKey, WorkerId};

/// Separates the signature of an announcement from every other signature.
const ANNOUNCEMENT_DOMAIN: &[u8] = b"phat/cluster-key/1";

/// Separates the signature of a statement about an attestor from every other signature.
const ATTESTOR_DOMAIN: &[u8] = b"phat/attestor/1";

/// Separates the signature of a question for a key from every other signature.
const QUESTION_DOMAIN: &[u8] = b"phat/cluster-key-question/1";

/// The public keys of one generation of a cluster's secret.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ClusterKey {
    /// The X25519 key that calls and secrets for the cluster are encrypted to.
    pub encryption_key: EncryptionKey,
    /// The sr25519 key that the cluster signs for itself with.
    #[cfg_attr(feature = "std", serde(with = "crate::hex_bytes"))]
    pub signing_key: [u8; 32],
}

/// What a worker signs with its identity key to publish the key of its cluster that it made.
///
/// It binds the chain, the cluster and the generation, so that it cannot be repeated for another
/// one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClusterKeyAnnouncement {
    /// The hash of the chain's first block.
    pub genesis_hash: [u8; 32],
    /// The cluster.
    pub cluster: ClusterId,
    /// Which of the cluster's keys it is, counted from 0.
    pub generation: u32,
    /// The key.
    pub key: ClusterKey,
    /// The worker that made it.
    pub worker: WorkerId,
}

impl ClusterKeyAnnouncement {
    /// The bytes to sign: the SCALE encoding of the fields behind a domain.
    pub fn signing_payload(&self) -> Vec<u8> {
        (
            ANNOUNCEMENT_DOMAIN,
            self.genesis_hash,
            self.cluster,
            self.generation,
            self.key,
            self.worker,
        )
            .encode()
    }
}

/// What a worker signs with its identity key when it asks another of its cluster for the secret of
/// a generation.
///
/// It decides whose turn it is, and not who gets what: the secret is sealed for the asker, whoever
/// asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClusterKeyQuestion {
    /// The hash of the chain's first block.
    pub genesis_hash: [u8; 32],
    /// The cluster.
    pub cluster: ClusterId,
    /// Which of the cluster's keys it is, counted from 0.
    pub generation: u32,
    /// The worker that asks.
    pub asker: WorkerId,
    /// The worker that is asked.
    pub giver: WorkerId,
    /// The newest finalised block that the asker knows of, so that no question counts for ever.
    pub block: u64,
}

impl ClusterKeyQuestion {
    /// The bytes to sign: the SCALE encoding of the fields behind a domain.
    pub fn signing_payload(&self) -> Vec<u8> {
        (
            QUESTION_DOMAIN,
            self.genesis_hash,
            self.cluster,
            self.generation,
            self.asker,
            self.giver,
            self.block,
        )
            .encode()
    }
}

/// What a cluster signs with its signing key to say which key signs a contract's outcomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttestorStatement {
    /// The hash of the chain's first block.
    pub genesis_hash: [u8; 32],
    /// The contract.
    pub contract: ContractId,
    /// The generation of the cluster's key that signs this.
    pub generation: u32,
    /// The contract's secp256k1 key, SEC1 compressed.
    pub public_key: [u8; 33],
}

impl AttestorStatement {
    /// The bytes to sign: the SCALE encoding of the fields behind a domain.
    pub fn signing_payload(&self) -> Vec<u8> {
        (
            ATTESTOR_DOMAIN,
            self.genesis_hash,
            self.contract,
            self.generation,
            self.public_key,
        )
            .encode()
    }
}
