//! The secrets of clusters in a worker's key folder, generation by generation.
//!
//! `cluster-C-G-CHAIN.key` holds the secret of generation G of cluster C on the chain whose first
//! block has the hash CHAIN: the one whose public keys are on that chain.
//! `cluster-C-G-CHAIN.candidate` holds one that this worker made and wants to be that. Nothing
//! replaces a secret, and none goes but a candidate that lost.
//!
//! A secret is of use on its own chain alone. On another, whoever made that chain says who the
//! members of the cluster are, and so whom the secret is handed to; its public keys, which are no
//! secret, are quickly put there. In sealed files the name is authenticated, so that no file
//! becomes one of another chain.

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

/// A cluster of one chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClusterOnChain {
    /// The hash of the chain's first block.
    pub genesis_hash: [u8; 32],
    /// The cluster.
    pub cluster: ClusterId,
}

impl KeyStore {
    /// The secrets of `cluster` that are kept, by generation.
    pub fn cluster_secrets(
        &self,
        cluster: ClusterOnChain,
    ) -> Result<BTreeMap<u32, ClusterSecret>, KeyStoreError> {
        let mut secrets = BTreeMap::new();
        for path in self.paths()? {
            if let Some((found, generation)) = secret_at(&path)
                && found == cluster
                && let Some(secret) = load(&path, self.sealer())?
            {
                secrets.insert(generation, ClusterSecret::from_bytes(secret));
            }
        }
        Ok(secrets)
    }

    /// Checks that the secrets that are kept can be read, those of all chains and clusters.
    pub fn check_cluster_secrets(&self) -> Result<(), KeyStoreError> {
        for path in self.paths()? {
            if secret_at(&path).is_some() {
                load(&path, self.sealer())?;
            }
        }
        Ok(())
    }

    /// Keeps the secret of a generation, which is the one that the chain has the public keys of.
    pub fn keep_cluster_secret(
        &self,
        cluster: ClusterOnChain,
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
        cluster: ClusterOnChain,
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
        cluster: ClusterOnChain,
        generation: u32,
    ) -> Result<ClusterSecret, KeyStoreError> {
        if let Some(candidate) = self.candidate(cluster, generation)? {
            return Ok(candidate);
        }
        let first = self
            .folder()
            .join(format!("cluster-{}.{KEY}", cluster.cluster));
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
        cluster: ClusterOnChain,
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
    pub fn drop_candidate(
        &self,
        cluster: ClusterOnChain,
        generation: u32,
    ) -> Result<(), KeyStoreError> {
        files::remove(&self.place(cluster, generation, CANDIDATE))
    }

    /// Where the secret of a generation is kept, to be named to people.
    pub fn cluster_secret_path(&self, cluster: ClusterOnChain, generation: u32) -> PathBuf {
        self.place(cluster, generation, KEY)
    }

    /// The two places of a generation differ behind the dot only, so that a sealed candidate may
    /// be renamed.
    fn place(&self, cluster: ClusterOnChain, generation: u32, kind: &str) -> PathBuf {
        let ClusterOnChain {
            genesis_hash,
            cluster,
        } = cluster;
        let chain = hex::encode(genesis_hash);
        self.folder()
            .join(format!("cluster-{cluster}-{generation}-{chain}.{kind}"))
    }

    /// The paths of all files in the folder.
    fn paths(&self) -> Result<Vec<PathBuf>, KeyStoreError> {
        let folder = self.folder();
        let entries = fs::read_dir(folder).map_err(KeyStoreError::io(folder))?;
        entries
            .map(|entry| Ok(entry.map_err(KeyStoreError::io(folder))?.path()))
            .collect()
    }
}

/// Which secret is kept at `path`, by cluster and generation, if it is such a place.
fn secret_at(path: &Path) -> Option<(ClusterOnChain, u32)> {
    let name = path.file_name()?.to_str()?;
    let parts = name.strip_prefix("cluster-")?.strip_suffix(".key")?;
    let mut parts = parts.split('-');
    let (cluster, generation, chain) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let mut genesis_hash = [0; 32];
    hex::decode_to_slice(chain, &mut genesis_hash).ok()?;
    let found = ClusterOnChain {
        genesis_hash,
        cluster: ClusterId(number(cluster)?),
    };
    let generation = number(generation)?;
    let is_exact = chain == hex::encode(genesis_hash) && generation < CLUSTER_KEY_GENERATIONS_MAX;
    is_exact.then_some((found, generation))
}

/// The number, if these are its digits and no others.
fn number(digits: &str) -> Option<u32> {
    let number: u32 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}
