//! Sees to the keys of the cluster.
//!
//! The keeper makes the secret of a generation that is asked for and publishes its keys, takes
//! into use what the chain confirms, asks other workers for what it lacks, and publishes which
//! keys sign for the cluster's contracts. It goes by finalised blocks alone, and whatever it does
//! is on disk before it counts, so that it goes on from there after a crash.

mod attestors;
mod decide;
mod endpoint;
mod handover;

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use phat_engine::Reachable;
use phat_keys::{ClusterOnChain, ClusterSecret, KeyStore, KeyStoreError};
use phat_primitives::{
    ClusterId, RequestId, WorkerId, blake2_256, cluster_key::ClusterKeyAnnouncement,
};
use thiserror::Error;
use tokio::{
    sync::watch,
    task::{JoinError, spawn_blocking},
};

use crate::{
    chain::{ChainError, ChainView, KeyPublisher, PublishedKey},
    contracts::Snapshot,
    health::Health,
    keys::{ROOT_GENERATION, WorkerKeys},
    pace::{Backoff, Shutdown},
};
use attestors::Attested;
use decide::{Step, in_order, step};
pub use endpoint::EndpointError;
pub(crate) use endpoint::addresses;
pub use handover::{Handover, HandoverError};

/// What health calls the cluster's keys.
pub const PART: &str = "cluster_key";
/// The longest pause between tries.
const RETRY_MAX: Duration = Duration::from_secs(30);
/// Blocks of the Phat chain that a worker waits for each that ranks before it, before it publishes
/// something that any of them may: so that not all of them pay for it.
const TURN_BLOCKS: u64 = 10;
/// Blocks within which what was published has to be in the finalised state. Before, it is not
/// published again.
const SETTLE_BLOCKS: u64 = 20;
/// Blocks after which an old key that could not be had is asked for again. The worker serves
/// without it.
const OLD_KEY_RETRY_BLOCKS: u64 = 100;
/// Separates these ids, by which workers rank, from all others.
const TURN_DOMAIN: &[u8] = b"phat/cluster-key-turn/1";

/// Why the keys are not as they should be.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The chain.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The disk.
    #[error(transparent)]
    Store(#[from] KeyStoreError),
    /// It was not got at.
    #[error("the key folder cannot be looked at: {0}")]
    Interrupted(#[from] JoinError),
    /// The chain lacks a key that it had.
    #[error("the node lacks generation {0} of the cluster's key, which it must have: use another")]
    Missing(u32),
    /// What is kept is no secret of this cluster on this chain, as it is now.
    #[error(
        "{} holds another key than the one that the chain has as generation {generation} of \
         cluster {cluster}: the chain began anew, or the file was changed. Move it away: the worker \
         then asks for the right one",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The cluster.
        cluster: ClusterId,
        /// The generation.
        generation: u32,
    },
    /// This worker may not ask yet.
    #[error("the worker gets the cluster's key once it is an active member of the cluster")]
    NotActive,
    /// Nobody gave it.
    #[error(
        "no worker of the cluster has handed generation {generation} of its key over: {reason}; \
         it is asked for on"
    )]
    NotHandedOver {
        /// The generation.
        generation: u32,
        /// What the last one that was asked said.
        reason: String,
    },
    /// The cluster has no key, and this worker may not make one.
    #[error("the cluster has no key yet, and this worker is no active member that could make it")]
    NoKey,
    /// There is a key that is not on the chain yet.
    #[error("this worker has made the cluster's key, and waits for it to be final on the chain")]
    NotPublished,
    /// There is nobody to publish it.
    #[error(
        "this worker has made the cluster's key, and an account must submit \
         clusterKeys.publishKey as the log says"
    )]
    NobodyPublishes,
}

impl KeyError {
    /// Whether nothing but another block can change it.
    fn waits_for_block(&self) -> bool {
        matches!(
            self,
            Self::NotActive | Self::NoKey | Self::NotPublished | Self::NobodyPublishes
        )
    }
}

/// Sees to the keys.
pub struct Keeper {
    /// The chain.
    pub chain: Arc<dyn ChainView>,
    /// What puts keys on the chain, if somebody pays for it.
    pub publisher: Option<Arc<dyn KeyPublisher>>,
    /// The cluster.
    pub cluster: ClusterId,
    /// The worker's keys.
    pub keys: Arc<WorkerKeys>,
    /// Where other workers may be that are asked for keys.
    pub reachable: Reachable,
    /// The cluster as the chain has it.
    pub snapshot: watch::Receiver<Option<Arc<Snapshot>>>,
    /// Where to note what is missing.
    pub health: Health,
    /// The first pause before something is tried again.
    pub retry: Duration,
    /// When to end.
    pub shutdown: Shutdown,
}

/// The keeper at work.
struct Actor {
    parts: Keeper,
    /// The secrets on disk that are not in use, because the chain has not confirmed them.
    kept: Option<BTreeMap<u32, ClusterSecret>>,
    /// The blocks from which old keys that could not be had are asked for again.
    retry_at: BTreeMap<u32, u64>,
    /// How many workers were asked for a key, so that another is asked first the next time.
    asked: usize,
    /// The generation that this worker wants to have published, and the block at which that was
    /// first so.
    wanted: Option<(u32, u64)>,
    /// The block at which it was published last.
    published_at: Option<u64>,
    /// The generation of which an operator was told what to submit.
    told: Option<u32>,
    attested: Attested,
}

impl Keeper {
    /// Works until the worker ends.
    pub async fn run(self) {
        let mut shutdown = self.shutdown.clone();
        let mut snapshots = self.snapshot.clone();
        let mut backoff = Backoff::new(self.retry, RETRY_MAX);
        let mut actor = Actor {
            parts: self,
            kept: None,
            retry_at: BTreeMap::new(),
            asked: 0,
            wanted: None,
            published_at: None,
            told: None,
            attested: Attested::default(),
        };
        loop {
            let snapshot = snapshots.borrow_and_update().clone();
            let mut pause = None;
            if let Some(snapshot) = snapshot {
                let looked = tokio::select! {
                    () = shutdown.requested() => return,
                    looked = actor.look(&snapshot) => looked,
                };
                match looked {
                    Ok(()) => backoff.reset(),
                    Err(error) if error.waits_for_block() => {}
                    Err(_) => pause = Some(backoff.pause()),
                }
            }
            let next = async {
                match pause {
                    Some(pause) => {
                        tokio::time::sleep(pause).await;
                        Ok(())
                    }
                    None => snapshots.changed().await,
                }
            };
            tokio::select! {
                () = shutdown.requested() => return,
                next = next => if next.is_err() { return },
            }
        }
    }
}

impl Actor {
    /// Does what is to be done at this block.
    async fn look(&mut self, snapshot: &Snapshot) -> Result<(), KeyError> {
        let taken = self.take_up(snapshot).await;
        let made = self.make(snapshot).await;
        let looked = match (taken, made) {
            // Without the first key, that there is none is what counts.
            (Err(error), _) | (Ok(()), Err(error)) => Err(error),
            (Ok(()), Ok(())) => Ok(()),
        };
        match &looked {
            Ok(()) => self.parts.health.well(PART),
            Err(error) => self.parts.health.fault(PART, error),
        }
        looked?;
        let attested = self.attest(snapshot).await;
        if let Err(error) = &attested {
            // The worker serves all the same.
            let error = error.to_string();
            tracing::warn!(error, "the attestors of contracts are not published yet");
        }
        attested
    }

    fn is_active(&self, snapshot: &Snapshot) -> bool {
        snapshot.members.contains(&self.parts.keys.worker_id())
    }

    /// Takes every generation that the chain has into use. One that cannot be had keeps no other
    /// from being used, and it is a fault only if it is the first, which the keys of contracts
    /// follow from, or the newest.
    async fn take_up(&mut self, snapshot: &Snapshot) -> Result<(), KeyError> {
        let Some(current) = snapshot.keys.current else {
            return Ok(());
        };
        let mut failed = None;
        for generation in in_order(current) {
            if self.parts.keys.generation(generation).is_some() {
                continue;
            }
            let retry_at = self.retry_at.get(&generation);
            if retry_at.is_some_and(|at| snapshot.block < *at) {
                continue;
            }
            match self.take_up_one(snapshot, generation).await {
                Ok(()) => tracing::info!(generation, "the cluster's key is in use"),
                Err(error @ KeyError::NotHandedOver { .. })
                    if generation != ROOT_GENERATION && generation != current =>
                {
                    let error = error.to_string();
                    tracing::warn!(error, "what is encrypted to this key cannot be read");
                    let at = snapshot.block.saturating_add(OLD_KEY_RETRY_BLOCKS);
                    self.retry_at.insert(generation, at);
                }
                Err(error) => {
                    failed.get_or_insert(error);
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    async fn take_up_one(&mut self, snapshot: &Snapshot, generation: u32) -> Result<(), KeyError> {
        let cluster = self.cluster(snapshot);
        let published = self
            .parts
            .chain
            .cluster_key(cluster.cluster, generation)
            .await?;
        let published = published.ok_or(KeyError::Missing(generation))?;
        let kept = self
            .kept(cluster)
            .await?
            .get(&generation)
            .map(ClusterSecret::public);
        let candidate = self
            .store(move |store| store.candidate(cluster, generation))
            .await?;
        let candidate_key = candidate.as_ref().map(ClusterSecret::public);
        let secret = match step(&published.key, kept.as_ref(), candidate_key.as_ref()) {
            Step::Use => {
                if candidate.is_some() {
                    self.store(move |store| store.drop_candidate(cluster, generation))
                        .await?;
                }
                self.kept(cluster).await?.remove(&generation)
            }
            Step::Accept => {
                self.store(move |store| store.accept_candidate(cluster, generation))
                    .await?;
                candidate
            }
            Step::Foreign => {
                let path = self
                    .parts
                    .keys
                    .store()
                    .cluster_secret_path(cluster, generation);
                return Err(KeyError::Foreign {
                    path,
                    cluster: cluster.cluster,
                    generation,
                });
            }
            Step::GiveUp => {
                tracing::info!(
                    generation,
                    worker = %published.worker,
                    "another worker's key is the cluster's"
                );
                self.store(move |store| store.drop_candidate(cluster, generation))
                    .await?;
                None
            }
            Step::Ask => None,
        };
        let secret = match secret {
            Some(secret) => secret,
            None => self.get(snapshot, generation, &published).await?,
        };
        self.parts.keys.take_into_use(generation, secret);
        Ok(())
    }

    /// Gets the secret of a generation from another worker, and keeps it.
    async fn get(
        &mut self,
        snapshot: &Snapshot,
        generation: u32,
        published: &PublishedKey,
    ) -> Result<ClusterSecret, KeyError> {
        if !self.is_active(snapshot) {
            return Err(KeyError::NotActive);
        }
        let secret = self.ask(snapshot, generation, published).await?;
        let cluster = self.cluster(snapshot);
        self.store(move |store| {
            store.keep_cluster_secret(cluster, generation, &secret)?;
            Ok(secret)
        })
        .await
    }

    /// Makes the secret of the generation that is asked for, and has its keys published.
    async fn make(&mut self, snapshot: &Snapshot) -> Result<(), KeyError> {
        let Some(generation) = snapshot.keys.open() else {
            self.wanted = None;
            return Ok(());
        };
        let is_first = generation == ROOT_GENERATION;
        // A further key is made by whoever can go on with the first.
        let may_make = is_first || self.parts.keys.has_cluster_key();
        if !self.is_active(snapshot) || !may_make {
            return if is_first {
                Err(KeyError::NoKey)
            } else {
                Ok(())
            };
        }
        let cluster = self.cluster(snapshot);
        // What was in use on a chain that began anew from the same block goes on being used.
        let key = match self.kept(cluster).await?.get(&generation) {
            Some(kept) => kept.public(),
            None => self
                .store(move |store| store.make_candidate(cluster, generation))
                .await?
                .public(),
        };
        let announcement = ClusterKeyAnnouncement {
            genesis_hash: snapshot.genesis_hash,
            cluster: self.parts.cluster,
            generation,
            key,
            worker: self.parts.keys.worker_id(),
        };
        let published = self.publish(snapshot, &announcement).await;
        match published {
            Ok(()) if is_first => Err(KeyError::NotPublished),
            // With the keys that it has, the worker serves on.
            Err(KeyError::NobodyPublishes) if !is_first => Ok(()),
            published => published,
        }
    }

    /// Publishes a key when it is this worker's turn.
    async fn publish(
        &mut self,
        snapshot: &Snapshot,
        announcement: &ClusterKeyAnnouncement,
    ) -> Result<(), KeyError> {
        let generation = announcement.generation;
        let payload = announcement.signing_payload();
        let signature = self.parts.keys.store().sign_for_chain(&payload);
        let Some(publisher) = self.parts.publisher.clone() else {
            self.tell(announcement, signature);
            return Err(KeyError::NobodyPublishes);
        };
        let since = match self.wanted {
            Some((wanted, since)) if wanted == generation => since,
            _ => {
                self.wanted = Some((generation, snapshot.block));
                self.published_at = None;
                snapshot.block
            }
        };
        let id = (TURN_DOMAIN, announcement.cluster, generation);
        let id = RequestId(blake2_256(&codec::Encode::encode(&id)));
        let settles_at = self
            .published_at
            .map_or(0, |at| at.saturating_add(SETTLE_BLOCKS));
        if !self.is_turn(snapshot, id, since) || snapshot.block < settles_at {
            return Ok(());
        }
        publisher.publish_key(announcement, signature).await?;
        self.published_at = Some(snapshot.block);
        tracing::info!(generation, "published the cluster's key");
        Ok(())
    }

    /// Tells an operator who submits by other means what there is to submit.
    fn tell(&mut self, announcement: &ClusterKeyAnnouncement, signature: [u8; 64]) {
        if self.told == Some(announcement.generation) {
            return;
        }
        self.told = Some(announcement.generation);
        tracing::warn!(
            cluster = %announcement.cluster,
            generation = announcement.generation,
            encryption_key = %announcement.key.encryption_key,
            signing_key = format!("0x{}", hex::encode(announcement.key.signing_key)),
            worker = %announcement.worker,
            signature = format!("0x{}", hex::encode(signature)),
            "the cluster's key is to be published: an account must submit \
             clusterKeys.publishKey with these values"
        );
    }

    /// Whether it is this worker's turn to publish something that was first missing at block
    /// `since`.
    fn is_turn(&self, snapshot: &Snapshot, id: RequestId, since: u64) -> bool {
        let worker: WorkerId = self.parts.keys.worker_id();
        let rank = phat_worker_core::rank(id, worker, &snapshot.members);
        let waited = snapshot.block.saturating_sub(since);
        rank.is_some_and(|rank| waited >= rank.saturating_mul(TURN_BLOCKS))
    }

    /// The cluster, on the chain that the worker follows.
    fn cluster(&self, snapshot: &Snapshot) -> ClusterOnChain {
        ClusterOnChain {
            genesis_hash: snapshot.genesis_hash,
            cluster: self.parts.cluster,
        }
    }

    /// The secrets on disk that are not in use.
    async fn kept(
        &mut self,
        cluster: ClusterOnChain,
    ) -> Result<&mut BTreeMap<u32, ClusterSecret>, KeyError> {
        if self.kept.is_none() {
            let kept = self
                .store(move |store| store.cluster_secrets(cluster))
                .await?;
            self.kept = Some(kept);
        }
        Ok(self.kept.get_or_insert_default())
    }

    /// Does something with the key folder, where it may block.
    async fn store<T: Send + 'static>(
        &self,
        act: impl FnOnce(&KeyStore) -> Result<T, KeyStoreError> + Send + 'static,
    ) -> Result<T, KeyError> {
        let keys = self.parts.keys.clone();
        Ok(spawn_blocking(move || act(keys.store())).await??)
    }
}
