//! How often requests were settled, by the events on the chain as it is in the end.

use std::collections::BTreeMap;

use alloy::primitives::U256;
use anyhow::ensure;

use crate::evm::Consumer;

/// Prints how many requests have how many settlements, and checks that each has one.
#[allow(
    clippy::print_stdout,
    reason = "the count of a fault run is for whoever runs it"
)]
pub fn check_counts(counts: &[usize]) -> anyhow::Result<()> {
    let mut by_count = BTreeMap::<usize, usize>::new();
    for count in counts {
        *by_count.entry(*count).or_default() += 1;
    }
    let once = by_count.get(&1).copied().unwrap_or(0);
    println!("settled exactly once: {once} of {} requests", counts.len());
    ensure!(once == counts.len(), "settlements: {by_count:?}");
    Ok(())
}

/// The same for all that was ever settled at a consumer: these requests, and nothing that
/// nobody has asked for.
pub async fn check_settled_once(consumer: &Consumer, ids: &[U256]) -> anyhow::Result<()> {
    let mut counts: BTreeMap<U256, usize> = ids.iter().map(|id| (*id, 0)).collect();
    ensure!(counts.len() == ids.len(), "two requests have one id");
    for id in consumer.settled_ids().await? {
        let count = counts.get_mut(&id);
        *count.ok_or_else(|| anyhow::anyhow!("{id} was settled and not asked for"))? += 1;
    }
    let counts: Vec<usize> = counts.into_values().collect();
    check_counts(&counts)
}
