//! The secrets of clusters in a worker's key folder, generation by generation.
//!
//! `cluster-C-G.key` holds the secret of generation G of cluster C: the one whose public keys are
//! on the chain. `cluster-C-G.candidate` holds one that this worker made and wants to be that.
//! Nothing replaces a secret, and none goes but a candidate that lost.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use phat_primitives::{ClusterId, limits::CLUSTER_KEY_GENERATIONS_MAX};

use crate::{
    ClusterSecret, KeyStore, KeyStoreError,
    files::{self, load},
    random_secret,
};

const KEY: &str = "key";
const CANDIDATE: &str = "candidate";

impl KeyStore {
    /// The secrets of `cluster` that are kept, by generation.
    pub fn cluster_secrets(
        &self,
        cluster: ClusterId,
    ) -> Result<BTreeMap<u32, ClusterSecret>, KeyStoreError> {
        let folder = self.folder();
        let mut secrets = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(KeyStoreError::io(folder))? {
            let path = entry.map_err(KeyStoreError::io(folder))?.path();
            if let Some(generation) = generation_of(&path, cluster)
                && let Some(secret) = load(&path, self.sealer())?
            {
                secrets.insert(generation, ClusterSecret::from_bytes(secret));
            }
        }
        Ok(secrets)
    }

    /// Keeps the secret of a generation, which is the one that the chain has the public keys of.
    pub fn keep_cluster_secret(
        &self,
        cluster: ClusterId,
        generation: u32,
        secret: &ClusterSecret,
    ) -> Result<(), KeyStoreError> {
        let path = self.place(cluster, generation, KEY);
        if files::create(&path, secret.expose(), self.sealer())? {
            return Ok(());
        }
        match load(&path, self.sealer())? {
            Some(kept) if *kept == *secret.expose() => Ok(()),
            _ => Err(KeyStoreError::Conflict(path)),
        }
    }

    /// The secret that this worker wants to be that of a generation, if it has made one.
    pub fn candidate(
        &self,
        cluster: ClusterId,
        generation: u32,
    ) -> Result<Option<ClusterSecret>, KeyStoreError> {
        let path = self.place(cluster, generation, CANDIDATE);
        Ok(load(&path, self.sealer())?.map(ClusterSecret::from_bytes))
    }

    /// The same, made if there is none.
    ///
    /// For generation 0 it is the secret in `cluster-C.key`, if there is one: that is what workers
    /// had before they handed their cluster's key over, and the consumers of the cluster's
    /// contracts know the addresses that follow from it.
    pub fn make_candidate(
        &self,
        cluster: ClusterId,
        generation: u32,
    ) -> Result<ClusterSecret, KeyStoreError> {
        if let Some(candidate) = self.candidate(cluster, generation)? {
            return Ok(candidate);
        }
        let first = self.folder().join(format!("cluster-{cluster}.{KEY}"));
        let inherited = match generation {
            0 => load(&first, self.sealer())?,
            _ => None,
        };
        let secret = inherited.unwrap_or_else(random_secret);
        let path = self.place(cluster, generation, CANDIDATE);
        if files::create(&path, &secret, self.sealer())? {
            return Ok(ClusterSecret::from_bytes(secret));
        }
        // Another process was first.
        self.candidate(cluster, generation)?
            .ok_or(KeyStoreError::Damaged(path))
    }

    /// Makes the candidate the secret of its generation: the chain has its public keys.
    pub fn accept_candidate(
        &self,
        cluster: ClusterId,
        generation: u32,
    ) -> Result<(), KeyStoreError> {
        let candidate = self.place(cluster, generation, CANDIDATE);
        let key = self.place(cluster, generation, KEY);
        match load(&key, self.sealer())? {
            None => files::rename(&candidate, &key),
            Some(_) => Err(KeyStoreError::Conflict(key)),
        }
    }

    /// Forgets a candidate: another worker's is the secret of the generation.
    pub fn drop_candidate(&self, cluster: ClusterId, generation: u32) -> Result<(), KeyStoreError> {
        files::remove(&self.place(cluster, generation, CANDIDATE))
    }

    /// Where the secret of a generation is kept, to be named to people.
    pub fn cluster_secret_path(&self, cluster: ClusterId, generation: u32) -> PathBuf {
        self.place(cluster, generation, KEY)
    }

    /// The two places of a generation differ behind the dot only, so that a sealed candidate may
    /// be renamed.
    fn place(&self, cluster: ClusterId, generation: u32, kind: &str) -> PathBuf {
        self.folder()
            .join(format!("cluster-{cluster}-{generation}.{kind}"))
    }
}

/// The generation whose secret of `cluster` is kept at `path`, if it is such a place.
fn generation_of(path: &Path, cluster: ClusterId) -> Option<u32> {
    let name = path.file_name()?.to_str()?;
    let digits = name
        .strip_prefix(&format!("cluster-{cluster}-"))?
        .strip_suffix(&format!(".{KEY}"))?;
    let generation: u32 = digits.parse().ok()?;
    let is_exact = generation.to_string() == digits;
    (is_exact && generation < CLUSTER_KEY_GENERATIONS_MAX).then_some(generation)
}
