//! Proofs of what the chain knew at a block, made of a node's answers.
//!
//! A node keeps the justification of a block that changes the authorities, and of one block in each
//! of its justification periods. Of each block that it finalises it tells one to those who have
//! subscribed to them. A proof takes the first one at the block or after it. Where a set of
//! authorities ends is found by halves: a justification is by the set in question or by a later
//! one, which its signatures tell.

use std::collections::BTreeSet;

use codec::{Compact, Encode};
use phat_chain_proof::{
    AuthoritySet, Bytes, ChainProof, Hash, Header, List, ProofError, SetChange, StateProof,
    TooLong,
    limits::{DESCENDANTS_MAX, HEADER_BYTES_MAX, NODE_BYTES_MAX, NODES_MAX, SET_CHANGES_MAX},
};
use serde::{Deserialize, de::DeserializeOwned};
use subxt::{
    error::BackendError,
    rpcs::client::{RpcClient, RpcParams, RpcSubscription, rpc_params},
};

use crate::{BlockHash, ChainError, answer::in_time};

/// GRANDPA's name in a block's justifications.
const GRANDPA: [u8; 4] = *b"FRNK";

/// The calls that begin and end a subscription to the justifications of blocks as they are
/// finalised. `grandpa_proveFinality` would tell that of the newest one, but not on a chain whose
/// authorities have never changed.
const JUSTIFICATIONS: (&str, &str) = (
    "grandpa_subscribeJustifications",
    "grandpa_unsubscribeJustifications",
);

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofSourceError {
    /// The node does not answer, or answers what makes no sense.
    #[error(transparent)]
    Chain(#[from] ChainError),

    /// The block is not final.
    #[error("block {block} is not final: {finalised} is the newest that is; wait, or name another")]
    NotFinal {
        /// The block asked for.
        block: u32,
        /// The newest final one.
        finalised: u32,
    },

    /// The node knows no block with this number.
    #[error("the node has no block {0}; use one that has all blocks")]
    BlockUnknown(u32),

    /// The node has no justification of a block that is near enough.
    #[error(
        "the node has no justification of block {0} or of one of the {DESCENDANTS_MAX} after it; \
         prove another block, or use a node that has kept them"
    )]
    NoJustification(u32),

    /// The node does not have the block's state.
    #[error(
        "the node did not prove the state of block {block}: {source}; nodes forget the state of \
         older blocks, the first one's too, unless they are started with \
         `--state-pruning archive`"
    )]
    StateForgotten {
        /// The block.
        block: u32,
        /// What the node said.
        source: ChainError,
    },

    /// What the node gave is not what it says it is.
    #[error("what the node gave is no proof: {0}; use another node")]
    Wrong(#[from] ProofError),

    /// The node gave another block than the one asked for, or none that can be read.
    #[error("the node gave no header with the hash {0}; use another node")]
    HeaderWrong(Hash),

    /// The proof would be longer than anyone reads.
    #[error("the proof has too much in it: {0}; prove less, or a newer block")]
    TooLong(#[from] TooLong),
}

/// A node that proves what the chain knew.
#[derive(Clone, Debug)]
pub struct ProofSource {
    rpc: RpcClient,
    genesis_hash: Hash,
}

/// A header as a node writes it in JSON.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HeaderJson {
    parent_hash: Bytes<32>,
    number: String,
    state_root: Bytes<32>,
    extrinsics_root: Bytes<32>,
    digest: DigestJson,
}

#[derive(Debug, Deserialize)]
struct DigestJson {
    /// Each in SCALE.
    logs: Vec<Bytes<HEADER_BYTES_MAX>>,
}

/// A block as a node writes it, with only what is needed of it.
#[derive(Debug, Deserialize)]
struct BlockJson {
    justifications: Option<Vec<([u8; 4], Vec<u8>)>>,
}

#[derive(Debug, Deserialize)]
struct ReadProofJson {
    proof: Vec<HexJson>,
}

/// Bytes as hexadecimal digits. The connection bounds how many there are.
type HexJson = Bytes<{ usize::MAX }>;

/// A justification, and the number of the block that it is for.
struct Justified {
    number: u32,
    justification: Vec<u8>,
}

impl ProofSource {
    /// Connects to the node at `url`: `ws://` on this machine, `wss://` anywhere.
    pub async fn connect(url: &str) -> Result<Self, ChainError> {
        let unreachable = |error: subxt::rpcs::Error| ChainError::Unreachable {
            url: url.to_owned(),
            source: Box::new(BackendError::from(error).into()),
        };
        let rpc = in_time(async { RpcClient::from_url(url).await.map_err(unreachable) }).await?;
        Self::of(rpc).await
    }

    async fn of(rpc: RpcClient) -> Result<Self, ChainError> {
        let genesis: Bytes<32> = ask(&rpc, "chain_getBlockHash", rpc_params![0_u32]).await?;
        let genesis_hash = hash_of(&genesis)?;
        Ok(Self { rpc, genesis_hash })
    }

    /// The hash of the chain's first block, as the node says.
    pub fn genesis_hash(&self) -> BlockHash {
        BlockHash(self.genesis_hash.0)
    }

    /// Proves what block `at`, or the newest final one, has under `keys`, that there is nothing
    /// included.
    ///
    /// The state of the first block, which a node may have forgotten, is taken from `genesis` if
    /// that is given: it is part of every proof of the same chain.
    pub async fn prove(
        &self,
        at: Option<u32>,
        keys: &[Vec<u8>],
        genesis: Option<StateProof>,
    ) -> Result<ChainProof, ProofSourceError> {
        let finalised = self.finalised().await?;
        let block = at.unwrap_or(finalised);
        if block > finalised {
            return Err(ProofSourceError::NotFinal { block, finalised });
        }
        let genesis = match genesis {
            Some(genesis) => genesis,
            None => self.state(0, &[StateProof::authorities_key()]).await?,
        };
        let first = genesis.authorities(self.genesis_hash.0)?;
        let (set_changes, justified) = self.finality(block, finalised, first).await?;
        let mut descendants = Vec::new();
        for number in block + 1..=justified.number {
            let (_, header) = self.header(number).await?;
            descendants.push(Bytes::<HEADER_BYTES_MAX>::try_from(header)?);
        }
        let proof = ChainProof {
            genesis,
            set_changes: set_changes.try_into()?,
            block: self.state(block, keys).await?,
            descendants: descendants.try_into()?,
            justification: justified.justification.try_into()?,
        };
        proof.verify(self.genesis_hash.0)?;
        Ok(proof)
    }

    /// Adds to a proof what its block has under `keys`.
    pub async fn add(
        &self,
        proof: &mut ChainProof,
        keys: &[Vec<u8>],
    ) -> Result<(), ProofSourceError> {
        let number = proof.verify(self.genesis_hash.0)?.number();
        let more = self.state(number, keys).await?;
        let known: BTreeSet<_> = proof.block.nodes.iter().map(|node| node.to_vec()).collect();
        let more = more.nodes.iter().filter(|node| !known.contains(&node[..]));
        let nodes: Vec<_> = proof.block.nodes.iter().chain(more).cloned().collect();
        proof.block.nodes = nodes.try_into()?;
        Ok(())
    }

    /// The changes of the authorities up to `block`, and the votes for it or for a block after it.
    async fn finality(
        &self,
        block: u32,
        finalised: u32,
        first: AuthoritySet,
    ) -> Result<(Vec<SetChange>, Justified), ProofSourceError> {
        let mut changes = Vec::new();
        let mut set = first;
        let mut set_begins = 1;
        let justified = self.justified(block, finalised).await?;
        while !self.is_by(&set, &justified).await? {
            if changes.len() == SET_CHANGES_MAX {
                let (len, max) = (SET_CHANGES_MAX + 1, SET_CHANGES_MAX);
                return Err(TooLong { len, max }.into());
            }
            let last = self.last_of(&set, set_begins, block, finalised).await?;
            let (hash, header) = self.header(last).await?;
            let votes = self.kept_justification(hash).await?;
            let justification = votes.ok_or(ProofSourceError::NoJustification(last))?;
            let read = Header::read(&header).ok_or(ProofSourceError::HeaderWrong(hash))?;
            set = set.after(&read.0)?;
            set_begins = last.saturating_add(1);
            changes.push(SetChange {
                header: header.try_into()?,
                justification: justification.try_into()?,
            });
        }
        Ok((changes, justified))
    }

    /// The last block that `set` finalised, of those from `low` on, which is one, to `high`, which
    /// is none: it is justified by a later set. A block that changes the authorities keeps its
    /// justification, so that the first one at or after a block is by the block's own set.
    async fn last_of(
        &self,
        set: &AuthoritySet,
        mut low: u32,
        mut high: u32,
        finalised: u32,
    ) -> Result<u32, ProofSourceError> {
        while low.saturating_add(1) < high {
            let middle = low + (high - low) / 2;
            let justified = self.justified(middle, finalised).await?;
            if self.is_by(set, &justified).await? {
                low = justified.number;
            } else {
                high = middle;
            }
        }
        Ok(low)
    }

    /// Whether these votes are those of `set`.
    async fn is_by(
        &self,
        set: &AuthoritySet,
        justified: &Justified,
    ) -> Result<bool, ProofSourceError> {
        let hash = self.hash(justified.number).await?;
        let verified = set.verify(justified.number, hash, &justified.justification);
        Ok(verified.is_ok())
    }

    /// The first justification that the node has of `block` or of one after it.
    async fn justified(&self, block: u32, finalised: u32) -> Result<Justified, ProofSourceError> {
        let reach = u32::try_from(DESCENDANTS_MAX).unwrap_or(u32::MAX);
        let end = finalised.min(block.saturating_add(reach));
        for number in block..=end {
            let hash = self.hash(number).await?;
            if let Some(justification) = self.kept_justification(hash).await? {
                return Ok(Justified {
                    number,
                    justification,
                });
            }
        }
        let next = match end == finalised {
            true => self.next_justification().await?,
            false => None,
        };
        next.filter(|next| next.number >= block)
            .ok_or(ProofSourceError::NoJustification(block))
    }

    /// The justification of the next block that the node finalises. It does not keep it, unless the
    /// block is one of those that it keeps them of.
    async fn next_justification(&self) -> Result<Option<Justified>, ProofSourceError> {
        let subscribed = in_time(async {
            let (subscribe, unsubscribe) = JUSTIFICATIONS;
            let subscribed = self.rpc.subscribe(subscribe, rpc_params![], unsubscribe);
            subscribed.await.map_err(BackendError::from)
        });
        let mut justifications: RpcSubscription<HexJson> = subscribed.await?;
        let next = in_time(async {
            let next = justifications.next().await;
            next.transpose().map_err(BackendError::from)
        });
        let justification = next.await?.map(Bytes::into_inner);
        Ok(justification.and_then(|justification| {
            let (number, _) = AuthoritySet::target_of(&justification).ok()?;
            Some(Justified {
                number,
                justification,
            })
        }))
    }

    /// The justification that the node keeps with a block.
    async fn kept_justification(&self, hash: Hash) -> Result<Option<Vec<u8>>, ChainError> {
        let block: Option<BlockJson> = ask(&self.rpc, "chain_getBlock", rpc_params![hash]).await?;
        let kept = block.and_then(|block| block.justifications);
        let mut kept = kept.into_iter().flatten();
        Ok(kept.find_map(|(engine, votes)| (engine == GRANDPA).then_some(votes)))
    }

    /// A block with the parts of its state that show what is under `keys`.
    async fn state(&self, block: u32, keys: &[Vec<u8>]) -> Result<StateProof, ProofSourceError> {
        let (hash, header) = self.header(block).await?;
        let keys: Vec<_> = keys
            .iter()
            .map(|key| format!("0x{}", hex::encode(key)))
            .collect();
        let params = rpc_params![keys, hash];
        let read = ask::<ReadProofJson>(&self.rpc, "state_getReadProof", params).await;
        let read = read.map_err(|source| match source {
            ChainError::NoAnswer(_) => ProofSourceError::Chain(source),
            source => ProofSourceError::StateForgotten { block, source },
        })?;
        let nodes = read.proof.into_iter();
        let nodes = nodes.map(|node| Bytes::<NODE_BYTES_MAX>::try_from(node.into_inner()));
        let nodes: Vec<_> = nodes.collect::<Result<_, TooLong>>()?;
        Ok(StateProof {
            header: header.try_into()?,
            nodes: List::<_, NODES_MAX>::try_from(nodes)?,
        })
    }

    /// The number of the newest final block.
    async fn finalised(&self) -> Result<u32, ProofSourceError> {
        let newest: Bytes<32> = ask(&self.rpc, "chain_getFinalizedHead", rpc_params![]).await?;
        let hash = hash_of(&newest)?;
        let header = self.header_with(hash).await?;
        let read = Header::read(&header).ok_or(ProofSourceError::HeaderWrong(hash))?;
        Ok(read.0.number)
    }

    /// A block's hash and its header in SCALE.
    async fn header(&self, number: u32) -> Result<(Hash, Vec<u8>), ProofSourceError> {
        let hash = self.hash(number).await?;
        Ok((hash, self.header_with(hash).await?))
    }

    async fn header_with(&self, hash: Hash) -> Result<Vec<u8>, ProofSourceError> {
        let json: Option<HeaderJson> = ask(&self.rpc, "chain_getHeader", rpc_params![hash]).await?;
        let bytes = json.and_then(|json| json.to_scale());
        bytes
            .filter(|bytes| Header::read(bytes).is_some_and(|(_, actual)| actual == hash))
            .ok_or(ProofSourceError::HeaderWrong(hash))
    }

    async fn hash(&self, number: u32) -> Result<Hash, ProofSourceError> {
        let params = rpc_params![number];
        let hash: Option<Bytes<32>> = ask(&self.rpc, "chain_getBlockHash", params).await?;
        let hash = hash.ok_or(ProofSourceError::BlockUnknown(number))?;
        Ok(hash_of(&hash)?)
    }
}

impl HeaderJson {
    /// The same in SCALE, if the number is one.
    fn to_scale(&self) -> Option<Vec<u8>> {
        let digits = self.number.strip_prefix("0x")?;
        let number = u32::from_str_radix(digits, 16).ok()?;
        let logs = &self.digest.logs;
        let parts = [
            self.parent_hash.to_vec(),
            Compact(number).encode(),
            self.state_root.to_vec(),
            self.extrinsics_root.to_vec(),
            Compact(u32::try_from(logs.len()).ok()?).encode(),
        ];
        let logs = logs.iter().flat_map(|log| log.iter().copied());
        Some(parts.concat().into_iter().chain(logs).collect())
    }
}

/// What a node answers to a call.
async fn ask<T: DeserializeOwned>(
    rpc: &RpcClient,
    method: &str,
    params: RpcParams,
) -> Result<T, ChainError> {
    in_time(async {
        rpc.request(method, params)
            .await
            .map_err(BackendError::from)
    })
    .await
}

fn hash_of(bytes: &[u8]) -> Result<Hash, ChainError> {
    let wrong = |_| BackendError::other("a block's hash does not have 32 bytes");
    Ok(bytes.try_into().map(Hash).map_err(wrong)?)
}

#[cfg(test)]
#[path = "proof_tests.rs"]
mod tests;
