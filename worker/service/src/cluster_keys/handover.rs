//! How a secret of the cluster comes from one worker to another.

use codec::Encode;
use phat_envelope::{DecryptionKey, EnvelopeError};
use phat_keys::ClusterSecret;
use phat_primitives::{
    ClusterId, ClusterKey, EncryptionKey, WorkerId, cluster_key::ClusterKeyQuestion,
};
use phat_worker_client::{ClientError, ClusterKeyBody, HexBytes, SignedQuestion, WorkerClient};
use thiserror::Error;
use zeroize::Zeroizing;

use super::{
    Actor, KeyError,
    endpoint::{EndpointError, addresses},
};
use crate::{
    chain::{ChainError, PublishedKey},
    contracts::Snapshot,
};

/// What is sealed is for this and nothing else.
const INFO: &[u8] = b"phat/cluster-key/1";
/// Workers that are asked for a key in turn before there is a pause.
const GIVERS_ASKED_MAX: usize = 8;

/// Which secret is handed over, and between whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handover {
    /// The hash of the Phat chain's first block.
    pub genesis_hash: [u8; 32],
    /// The cluster.
    pub cluster: ClusterId,
    /// The generation of its key.
    pub generation: u32,
    /// The worker that gives the secret.
    pub giver: WorkerId,
    /// The worker that gets it.
    pub asker: WorkerId,
}

/// Why what a worker gave is not the secret.
#[derive(Debug, Error)]
pub enum HandoverError {
    /// It serves the cluster no more.
    #[error("it does not serve the cluster any more")]
    Gone,
    /// It gave nothing.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Nothing is sent to where it should be.
    #[error("its endpoint: {0}")]
    Endpoint(#[from] EndpointError),
    /// It calls itself another.
    #[error("another worker, {0}, answers at its endpoint")]
    OtherWorker(WorkerId),
    /// It is sealed for another, or for something else.
    #[error("what it gave: {0}")]
    Sealed(#[from] EnvelopeError),
    /// It is no secret, or another one than that of the keys on the chain.
    #[error("what it gave is not the secret of the cluster's keys on the chain")]
    WrongSecret,
    /// The chain does not say where it is.
    #[error(transparent)]
    Chain(#[from] ChainError),
}

impl Handover {
    /// What is authenticated besides the secret.
    fn additional_data(&self) -> Vec<u8> {
        (
            self.genesis_hash,
            self.cluster,
            self.generation,
            self.giver,
            self.asker,
        )
            .encode()
    }

    /// What the asker signs, which knows of this block.
    pub fn question(&self, block: u64) -> ClusterKeyQuestion {
        ClusterKeyQuestion {
            genesis_hash: self.genesis_hash,
            cluster: self.cluster,
            generation: self.generation,
            asker: self.asker,
            giver: self.giver,
            block,
        }
    }

    /// Seals the secret for whoever has the key behind `to`.
    pub fn seal(
        &self,
        to: &EncryptionKey,
        secret: &ClusterSecret,
    ) -> Result<Vec<u8>, EnvelopeError> {
        phat_envelope::seal(to, INFO, &self.additional_data(), secret.expose())
    }

    /// Opens what was sealed. It is the secret if its public keys are these.
    pub fn open(
        &self,
        key: &DecryptionKey,
        sealed: &[u8],
        published: &ClusterKey,
    ) -> Result<ClusterSecret, HandoverError> {
        let opened = key.open(INFO, &self.additional_data(), sealed)?;
        let mut bytes = Zeroizing::new([0; 32]);
        if opened.len() != bytes.len() {
            return Err(HandoverError::WrongSecret);
        }
        bytes.copy_from_slice(&opened);
        let secret = ClusterSecret::from_bytes(bytes);
        if secret.public() == *published {
            Ok(secret)
        } else {
            Err(HandoverError::WrongSecret)
        }
    }
}

impl Actor {
    /// Asks other workers of the cluster for a secret, one after the other.
    pub(super) async fn ask(
        &mut self,
        snapshot: &Snapshot,
        generation: u32,
        published: &PublishedKey,
    ) -> Result<ClusterSecret, KeyError> {
        let asker = self.parts.keys.worker_id();
        let mut givers: Vec<WorkerId> = snapshot.members.clone();
        givers.retain(|member| *member != asker);
        if givers.is_empty() {
            return Err(KeyError::NotHandedOver {
                generation,
                reason: "there is no other".into(),
            });
        }
        let first = self.asked % givers.len();
        givers.rotate_left(first);
        // Whoever made it has it.
        givers.sort_by_key(|giver| *giver != published.worker);
        let mut reason = String::new();
        for giver in givers.into_iter().take(GIVERS_ASKED_MAX) {
            self.asked = self.asked.wrapping_add(1);
            let handover = Handover {
                genesis_hash: snapshot.genesis_hash,
                cluster: self.parts.cluster,
                generation,
                giver,
                asker,
            };
            match self.ask_one(&handover, published, snapshot.block).await {
                Ok(secret) => {
                    tracing::info!(generation, worker = %giver, "was handed the cluster's key");
                    return Ok(secret);
                }
                Err(error) => {
                    reason = format!("{giver}: {error}");
                    tracing::debug!(generation, reason, "was not handed the cluster's key");
                }
            }
        }
        Err(KeyError::NotHandedOver { generation, reason })
    }

    async fn ask_one(
        &self,
        handover: &Handover,
        published: &PublishedKey,
        block: u64,
    ) -> Result<ClusterSecret, HandoverError> {
        let chain = &self.parts.chain;
        let member = chain.member(handover.cluster, handover.giver).await?;
        let member = member.ok_or(HandoverError::Gone)?;
        let addresses = addresses(&member.endpoint, self.parts.reachable).await?;
        let question = handover.question(block).signing_payload();
        let signature = self.parts.keys.store().sign_for_chain(&question);
        let body = ClusterKeyBody {
            worker: handover.asker,
            generation: handover.generation,
            signed: Some(SignedQuestion {
                block,
                signature: HexBytes(signature.to_vec()),
            }),
        };
        let answer = WorkerClient::at(&member.endpoint, &addresses)?
            .cluster_key(&body)
            .await?;
        if answer.giver != handover.giver {
            return Err(HandoverError::OtherWorker(answer.giver));
        }
        let key = self.parts.keys.store().decryption_key();
        handover.open(&key, &answer.sealed.0, &published.key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(seed: u8) -> ClusterSecret {
        ClusterSecret::from_bytes(Zeroizing::new([seed; 32]))
    }

    fn key(seed: u8) -> DecryptionKey {
        DecryptionKey::from_bytes(Zeroizing::new([seed; 32]))
    }

    const HANDOVER: Handover = Handover {
        genesis_hash: [1; 32],
        cluster: ClusterId(2),
        generation: 3,
        giver: WorkerId([4; 32]),
        asker: WorkerId([5; 32]),
    };

    #[test]
    fn a_secret_comes_over_to_its_asker_alone() {
        let published = secret(1).public();
        let sealed = HANDOVER.seal(&key(1).public(), &secret(1)).unwrap();
        let opened = HANDOVER.open(&key(1), &sealed, &published).unwrap();
        assert_eq!(opened.expose(), secret(1).expose());
        assert!(matches!(
            HANDOVER.open(&key(2), &sealed, &published),
            Err(HandoverError::Sealed(EnvelopeError::WrongKey))
        ));
    }

    #[test]
    fn a_secret_that_the_chain_does_not_have_the_keys_of_is_refused() {
        let sealed = HANDOVER.seal(&key(1).public(), &secret(2)).unwrap();
        assert!(matches!(
            HANDOVER.open(&key(1), &sealed, &secret(1).public()),
            Err(HandoverError::WrongSecret)
        ));
        for bytes in [&[1; 31][..], &[1; 33], &[]] {
            let aad = HANDOVER.additional_data();
            let sealed = phat_envelope::seal(&key(1).public(), INFO, &aad, bytes).unwrap();
            assert!(matches!(
                HANDOVER.open(&key(1), &sealed, &secret(1).public()),
                Err(HandoverError::WrongSecret)
            ));
        }
    }

    #[test]
    fn what_is_sealed_is_for_one_chain_cluster_generation_and_pair_of_workers() {
        let sealed = HANDOVER.seal(&key(1).public(), &secret(1)).unwrap();
        let others = [
            Handover {
                genesis_hash: [9; 32],
                ..HANDOVER
            },
            Handover {
                cluster: ClusterId(9),
                ..HANDOVER
            },
            Handover {
                generation: 9,
                ..HANDOVER
            },
            Handover {
                giver: WorkerId([9; 32]),
                ..HANDOVER
            },
            Handover {
                asker: WorkerId([9; 32]),
                ..HANDOVER
            },
        ];
        for other in others {
            assert!(matches!(
                other.open(&key(1), &sealed, &secret(1).public()),
                Err(HandoverError::Sealed(EnvelopeError::WrongKey))
            ));
        }
    }
}
