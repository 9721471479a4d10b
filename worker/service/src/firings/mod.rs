//! Runs that no request at an anchor asks for: found by their triggers, run once by the
//! workers of a cluster together.
//!
//! Every worker finds the firings for itself: the clock those of schedules, a watcher
//! those of logs, the HTTP API those of webhooks. Each goes to the one who owns its
//! record: the settler of the chain whose anchor takes the outcome, or the [`Firer`]
//! where none does.

mod clock;
mod firer;
mod peers;
pub mod webhook;

use std::{collections::BTreeMap, time::Duration};

use phat_manifest::{FiringTrigger, ManifestError, SideEffects};
use phat_worker_core::{Cause, Firing, NewFiring};
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};

use crate::{journal::Cursor, settler};

pub use clock::Clock;
pub use firer::Firer;

/// What a place begins with, where an anchor's address is for others, that is a trigger.
const PLACE_PREFIX: &[u8] = b"trigger/";

/// How long an owner may take to journal firings before whoever found them goes on and tries
/// again later.
const TAKE_TIME_MAX: Duration = Duration::from_secs(10);

/// Firings that were found together.
#[derive(Debug)]
pub struct Batch {
    /// The firings, of one owner.
    pub firings: Vec<NewFiring>,
    /// How far its trigger was looked at, to be journaled in the same stroke.
    pub cursor: Option<Cursor>,
    /// Hears whether that is in the journal.
    pub done: oneshot::Sender<bool>,
}

/// The owner of a record could not journal it, takes too long, or has ended.
#[derive(Debug)]
pub struct NotTaken;

/// Who owns the records of firings.
#[derive(Clone)]
pub struct Owners {
    /// The settlers, by the chain that they settle on.
    pub settlers: BTreeMap<String, mpsc::Sender<settler::Message>>,
    /// The one of those that no anchor takes the outcome of.
    pub firer: mpsc::Sender<Batch>,
}

impl Owners {
    /// Whether somebody owns what has its outcome go to this chain; an empty name is for
    /// no chain.
    pub fn has(&self, chain: &str) -> bool {
        chain.is_empty() || self.settlers.contains_key(chain)
    }

    /// Has the owner of the firings of this chain journal them, together with how far
    /// their trigger was looked at. What takes too long may be journaled all the same, and
    /// is no news to its owner when it is found again.
    pub async fn take(
        &self,
        chain: &str,
        firings: Vec<NewFiring>,
        cursor: Option<Cursor>,
    ) -> Result<(), NotTaken> {
        let handed_over = self.hand_over(chain, firings, cursor);
        let result = timeout(TAKE_TIME_MAX, handed_over).await;
        result.unwrap_or(Err(NotTaken))
    }

    async fn hand_over(
        &self,
        chain: &str,
        firings: Vec<NewFiring>,
        cursor: Option<Cursor>,
    ) -> Result<(), NotTaken> {
        let (done, taken) = oneshot::channel();
        let batch = Batch {
            firings,
            cursor,
            done,
        };
        if chain.is_empty() {
            self.firer.send(batch).await.map_err(|_| NotTaken)?;
        } else {
            let settler = self.settlers.get(chain).ok_or(NotTaken)?;
            let message = settler::Message::Fired(batch);
            settler.send(message).await.map_err(|_| NotTaken)?;
        }
        match taken.await {
            Ok(true) => Ok(()),
            Ok(false) | Err(_) => Err(NotTaken),
        }
    }
}

/// A trigger's place among those that are searched, where an anchor has its address.
pub fn place(trigger: &str) -> Vec<u8> {
    [PLACE_PREFIX, trigger.as_bytes()].concat()
}

/// The trigger whose place this is; none if it is an anchor's address.
pub fn name_of(place: &[u8]) -> Option<&str> {
    std::str::from_utf8(place.strip_prefix(PLACE_PREFIX)?).ok()
}

/// A firing of `trigger` as its owner takes it.
pub fn new_firing(
    contract: phat_primitives::ContractId,
    trigger: FiringTrigger<'_>,
    cause: Cause,
    input: Vec<u8>,
    is_late: bool,
) -> Result<NewFiring, ManifestError> {
    let (chain, anchor) = match trigger.reply {
        Some(reply) => (reply.chain.clone(), reply.anchor()?),
        None => (String::new(), Vec::new()),
    };
    Ok(NewFiring {
        firing: Firing {
            contract,
            trigger: trigger.name.to_owned(),
            cause,
        },
        chain,
        anchor,
        input,
        runs_once: trigger.side_effects == SideEffects::Once,
        is_late,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_owner_that_takes_too_long_keeps_nobody_waiting() {
        let (firer, mut mailbox) = mpsc::channel(1);
        let owners = Owners {
            settlers: BTreeMap::new(),
            firer,
        };
        // One that does not answer, and one whose mailbox is full besides.
        for _ in 0..2 {
            let taken = owners.take("", Vec::new(), None).await;
            assert!(matches!(taken, Err(NotTaken)));
        }
        let answers = async {
            for _ in 0..2 {
                let batch = mailbox.recv().await.unwrap();
                // Whoever found the first one is gone.
                let _ = batch.done.send(true);
            }
        };
        let (taken, ()) = futures::join!(owners.take("", Vec::new(), None), answers);
        assert!(taken.is_ok());
    }
}
