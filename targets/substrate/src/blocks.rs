//! Where transactions are: Substrate nodes find blocks, not transactions, so the adapter remembers
//! what is in the newest ones.

use std::collections::{HashMap, VecDeque};

use phat_primitives::blake2_256;
use phat_target::{BlockRef, TargetError, TransactionHash, TransactionStatus};
use subxt::{events::Phase, ext::scale_decode::DecodeAsType, rpcs::rpc_params};
use tokio::sync::Mutex;

use crate::connection::{Connection, Failed};

/// How many of the newest finalised blocks are searched. A transaction that was final before that
/// is not found any more; its request is settled, which the anchor tells.
const BLOCKS_KEPT: u64 = 256;

/// How many blocks above the newest finalised one are searched. More than that only a chain has
/// whose finality stands still.
const UNFINAL_MAX: u64 = 64;

/// Where a transaction is.
#[derive(Clone, Copy)]
struct Place {
    block: BlockRef,
    index: u32,
}

/// What is in the newest finalised blocks.
#[derive(Default)]
pub(crate) struct Blocks {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// The next block to be read.
    next: Option<u64>,
    places: HashMap<TransactionHash, Place>,
    /// The transactions of each block, oldest first.
    order: VecDeque<(u64, Vec<TransactionHash>)>,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Weight {
    ref_time: u64,
}

#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct DispatchInfo {
    weight: Weight,
}

/// The fields of `System.ExtrinsicSuccess`, and some of `System.ExtrinsicFailed`.
#[derive(DecodeAsType)]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
struct Dispatched {
    dispatch_info: DispatchInfo,
}

impl Blocks {
    /// What has become of a transaction.
    pub(crate) async fn status(
        &self,
        connection: &Connection,
        hash: TransactionHash,
    ) -> Result<TransactionStatus, TargetError> {
        let head = connection.finalized().await?.block_number();
        if let Some(place) = self.find(connection, hash, head).await? {
            return included(connection, place, true).await;
        }
        if let Some(place) = find_above(connection, hash, head).await? {
            return included(connection, place, false).await;
        }
        match is_waiting(connection, hash).await? {
            true => Ok(TransactionStatus::Pending),
            false => Ok(TransactionStatus::Unknown),
        }
    }

    /// Whether a transaction is in a block.
    pub(crate) async fn is_included(
        &self,
        connection: &Connection,
        hash: TransactionHash,
    ) -> Result<bool, TargetError> {
        let head = connection.finalized().await?.block_number();
        let place = match self.find(connection, hash, head).await? {
            Some(place) => Some(place),
            None => find_above(connection, hash, head).await?,
        };
        Ok(place.is_some())
    }

    /// Reads the finalised blocks up to `head` that are not known yet, and looks the transaction up.
    async fn find(
        &self,
        connection: &Connection,
        hash: TransactionHash,
        head: u64,
    ) -> Result<Option<Place>, TargetError> {
        let mut known = self.known.lock().await;
        let oldest = head.saturating_sub(BLOCKS_KEPT - 1);
        let first = known.next.map_or(oldest, |next| next.max(oldest));
        for number in first..=head {
            // One that is final and missing is one that the node has forgotten.
            if let Some(block) = read(connection, number).await? {
                known.add(number, block);
            }
            known.next = Some(number.saturating_add(1));
        }
        known.forget_below(oldest);
        Ok(known.places.get(&hash).copied())
    }
}

impl Known {
    fn add(&mut self, number: u64, block: (BlockRef, Vec<TransactionHash>)) {
        let (block, hashes) = block;
        for (index, hash) in (0..).zip(&hashes) {
            self.places.insert(*hash, Place { block, index });
        }
        self.order.push_back((number, hashes));
    }

    fn forget_below(&mut self, oldest: u64) {
        while self
            .order
            .front()
            .is_some_and(|(number, _)| *number < oldest)
        {
            for hash in self
                .order
                .pop_front()
                .into_iter()
                .flat_map(|(_, hashes)| hashes)
            {
                self.places.remove(&hash);
            }
        }
    }
}

/// Looks for a transaction in the blocks that are not final yet. They may change.
async fn find_above(
    connection: &Connection,
    hash: TransactionHash,
    head: u64,
) -> Result<Option<Place>, TargetError> {
    let first = head.saturating_add(1);
    for number in first..first.saturating_add(UNFINAL_MAX) {
        let Some((block, hashes)) = read(connection, number).await? else {
            break;
        };
        for (index, other) in (0..).zip(hashes) {
            if other == hash {
                return Ok(Some(Place { block, index }));
            }
        }
    }
    Ok(None)
}

/// A block of the node's best chain and its transactions, if it has one with this number.
async fn read(
    connection: &Connection,
    number: u64,
) -> Result<Option<(BlockRef, Vec<TransactionHash>)>, TargetError> {
    let Some(hash) = connection.block_hash(number).await? else {
        return Ok(None);
    };
    let params = rpc_params![format!("0x{}", hex::encode(hash))];
    let answer = connection.rpc("chain_getBlock", params).await?;
    let Some(listed) = answer["block"]["extrinsics"].as_array() else {
        return Ok(None);
    };
    let mut hashes = Vec::with_capacity(listed.len());
    for extrinsic in listed {
        let text = extrinsic.as_str().unwrap_or_default();
        let bytes = hex::decode(text.trim_start_matches("0x"))
            .map_err(|_| connection.malformed("the node gives a block that is none"))?;
        hashes.push(blake2_256(&bytes));
    }
    Ok(Some((BlockRef { number, hash }, hashes)))
}

/// What a transaction in a block has done, as the block's events tell.
async fn included(
    connection: &Connection,
    place: Place,
    is_final: bool,
) -> Result<TransactionStatus, TargetError> {
    let at = connection.at_hash(place.block.hash).await?;
    let events = connection
        .answer("state_getStorage", at.events().fetch())
        .await?;
    for event in events.iter() {
        let event = event.map_err(|error| connection.malformed(error))?;
        let is_its = event.phase() == Phase::ApplyExtrinsic(place.index);
        let success = match (event.pallet_name(), event.event_name()) {
            ("System", "ExtrinsicSuccess") => true,
            ("System", "ExtrinsicFailed") => false,
            _ => continue,
        };
        if is_its {
            let dispatched = event.decode_fields_unchecked_as::<Dispatched>();
            return Ok(TransactionStatus::Included {
                block: place.block,
                gas_used: dispatched.map_or(0, |it| it.dispatch_info.weight.ref_time),
                success,
                is_final,
            });
        }
    }
    Err(connection.malformed("the node gives a transaction without a result"))
}

/// Whether the node holds a transaction for a later block. Nodes that do not tell hold none.
async fn is_waiting(connection: &Connection, hash: TransactionHash) -> Result<bool, TargetError> {
    let answer = connection
        .try_rpc("author_pendingExtrinsics", rpc_params![])
        .await;
    let waiting = match answer {
        Ok(waiting) => waiting,
        Err(Failed::Refusal(_)) => return Ok(false),
        Err(Failed::Other(error)) => return Err(error),
    };
    let waiting = waiting.as_array().into_iter().flatten();
    Ok(waiting
        .filter_map(|extrinsic| extrinsic.as_str())
        .filter_map(|text| hex::decode(text.trim_start_matches("0x")).ok())
        .any(|bytes| blake2_256(&bytes) == hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_the_blocks_kept_is_forgotten() {
        let mut known = Known::default();
        for number in 0..5_u8 {
            let block = BlockRef {
                number: number.into(),
                hash: [number; 32],
            };
            known.add(
                number.into(),
                (block, vec![[number; 32], [100 + number; 32]]),
            );
        }
        known.forget_below(3);
        assert_eq!(known.places.len(), 4);
        assert!(!known.places.contains_key(&[2; 32]));
        let place = known.places[&[103; 32]];
        assert_eq!((place.block.number, place.index), (3, 1));
    }
}
