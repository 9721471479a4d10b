//! Requests on a network, and what became of them.

use std::{collections::BTreeMap, time::Duration};

use alloy::primitives::{Address, U256};
use anyhow::{Context, Result, bail};
use tokio::time::{Instant, sleep};

use super::{
    contracts::lean::LensStats,
    evm::{BLOCK_S, Evm},
    figures::per_second,
    gas::PROFILE,
};

/// How often settlements are looked for.
const POLL: Duration = Duration::from_millis(250);
/// Time for all requests that were made together to be settled, takeovers included.
const SETTLE_TIME_MAX: Duration = Duration::from_secs(900);

/// A consumer that workers serve, and the account that asks.
#[derive(Clone)]
pub struct Load {
    evm: Evm,
    consumer: Address,
    asker: Address,
}

/// A request that was settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The block of the request.
    pub requested: u64,
    /// The block of its settlement.
    pub settled: u64,
}

impl Settled {
    /// How many blocks it waited.
    pub fn blocks(&self) -> u64 {
        self.settled.saturating_sub(self.requested)
    }
}

impl Load {
    /// The load on a consumer, whose requests an account of the node's own makes.
    pub async fn new(evm: &Evm, consumer: Address) -> Result<Self> {
        Ok(Self {
            evm: evm.clone(),
            consumer,
            asker: evm.own_account().await?,
        })
    }

    /// Makes requests, each once the one before is settled. Gives how many blocks each waited.
    pub async fn one_by_one(&self, count: usize) -> Result<Vec<u64>> {
        let mut waited = Vec::new();
        for _ in 0..count {
            let before = self.evm.height().await?;
            self.submit(1).await?;
            let settled = self.until_settled(before, 1).await?;
            waited.extend(settled.iter().map(Settled::blocks));
        }
        Ok(waited)
    }

    /// Makes requests that are all there before the next block is made. Gives how many are settled
    /// a second, by the times of blocks, from the first of theirs to that of the last settlement.
    pub async fn at_once(&self, count: usize) -> Result<f64> {
        self.evm.set_block_time(0).await?;
        let before = self.evm.height().await?;
        self.submit(count).await?;
        self.evm.set_block_time(BLOCK_S).await?;
        let settled = self.until_settled(before, count).await?;
        let (first, last) = span(&settled).context("no request was made")?;
        let (first, last) = (
            self.evm.time_of(first).await?,
            self.evm.time_of(last).await?,
        );
        per_second(count, last.saturating_sub(first))
    }

    async fn submit(&self, count: usize) -> Result<()> {
        let call = LensStats::requestCall {
            profileId: PROFILE.into(),
        };
        let nonce = self.evm.nonce(self.asker).await?;
        for (nonce, _) in (nonce..).zip(0..count) {
            let submitted = self.evm.submit(self.asker, nonce, self.consumer, &call);
            submitted.await?;
        }
        Ok(())
    }

    /// Waits until so many requests that were made after a block are settled, each once.
    async fn until_settled(&self, after: u64, count: usize) -> Result<Vec<Settled>> {
        let give_up = Instant::now() + SETTLE_TIME_MAX;
        loop {
            let settled = self.settled(after).await?;
            if settled.len() >= count {
                return Ok(settled);
            }
            if Instant::now() >= give_up {
                bail!(
                    "{} of {count} requests are settled after {} s",
                    settled.len(),
                    SETTLE_TIME_MAX.as_secs()
                );
            }
            sleep(POLL).await;
        }
    }

    /// The requests that were made after a block and are settled.
    async fn settled(&self, after: u64) -> Result<Vec<Settled>> {
        let consumer = self.consumer;
        // From that block itself, as a search beyond the newest one may be refused.
        let requested = self.evm.events::<LensStats::Requested>(consumer, after);
        let requested = requested.await?;
        let settled = self.evm.events::<LensStats::Settled>(consumer, after);
        let settled = settled.await?;
        let requested = requested.iter().filter(|(block, _)| *block > after);
        pair(
            requested.map(|(block, event)| (event.id, *block)),
            settled.iter().map(|(block, event)| (event.id, *block)),
        )
    }
}

/// Puts the settlements of requests to them; ids are with their blocks. Settlements of other
/// requests are passed over, and what is not settled yet is left out.
fn pair(
    requested: impl Iterator<Item = (U256, u64)>,
    settled: impl Iterator<Item = (U256, u64)>,
) -> Result<Vec<Settled>> {
    let requested: BTreeMap<U256, u64> = requested.collect();
    let mut pairs = BTreeMap::new();
    for (id, settled) in settled {
        let Some(&requested) = requested.get(&id) else {
            continue;
        };
        let pair = Settled { requested, settled };
        if pairs.insert(id, pair).is_some() {
            bail!("request {id} was settled twice");
        }
    }
    Ok(pairs.into_values().collect())
}

/// The first block of a request, and the last of a settlement.
fn span(settled: &[Settled]) -> Option<(u64, u64)> {
    let first = settled.iter().map(|settled| settled.requested).min()?;
    let last = settled.iter().map(|settled| settled.settled).max()?;
    Some((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(list: &[(u64, u64)]) -> impl Iterator<Item = (U256, u64)> {
        list.iter().map(|(id, block)| (U256::from(*id), *block))
    }

    fn settled(requested: u64, settled: u64) -> Settled {
        Settled { requested, settled }
    }

    #[test]
    fn a_settlement_is_put_to_its_request() {
        let requested = [(1, 10), (2, 10), (3, 11)];
        let found = pair(ids(&requested), ids(&[(3, 12), (9, 12), (1, 13)])).unwrap();
        assert_eq!(found, [settled(10, 13), settled(11, 12)]);
        assert_eq!(found[0].blocks(), 3);
        assert!(pair(ids(&requested), ids(&[])).unwrap().is_empty());
    }

    #[test]
    fn a_request_that_is_settled_twice_is_told() {
        let error = pair(ids(&[(1, 10)]), ids(&[(1, 12), (1, 13)])).unwrap_err();
        assert!(error.to_string().contains("request 1 was settled twice"));
    }

    #[test]
    fn a_run_lasts_from_the_first_request_to_the_last_settlement() {
        let all = [settled(11, 30), settled(10, 12), settled(12, 20)];
        assert_eq!(span(&all), Some((10, 30)));
        assert_eq!(span(&[]), None);
    }
}
