//! What is looked for in the blocks of a chain: requests at an anchor, or logs that fire
//! a trigger.

use phat_manifest::{EvmLogTrigger, FiringTrigger, SubstrateEventTrigger, Topic, Trigger};
use phat_primitives::ContractId;
use phat_target::{AnchorRequest, ChainLog, LogFilter};
use phat_worker_core::{Cause, NewFiring};
use serde_json::{Value, json};

use crate::{contracts::Contract, firings::new_firing};

/// Blocks behind the head from which on a log that is found is late: other workers may
/// have run it already.
const LATE_BLOCKS: u64 = 64;

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Requests at an anchor.
    Anchor,
    /// Logs or events that fire this trigger.
    Logs(Box<LogTrigger>),
}

/// A trigger that logs fire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogTrigger {
    trigger: Trigger,
    /// What to look for.
    pub filter: LogFilter,
    /// The chain of the anchor that takes the outcome; empty if none does.
    pub reply_chain: String,
}

/// What was found, oldest first.
pub enum Found {
    /// Requests.
    Requests(Vec<AnchorRequest>),
    /// Logs.
    Logs(Vec<ChainLog>),
}

/// A trigger of a contract that the logs of `chain` fire, with its name and the first
/// block to search.
pub fn log_triggers<'a>(
    contract: &'a Contract,
    chain: &'a str,
) -> impl Iterator<Item = (&'a str, LogTrigger, u64)> + 'a {
    let triggers = contract
        .serving
        .iter()
        .flat_map(|serving| &serving.manifest.triggers);
    triggers.filter_map(move |trigger| {
        let (on, filter, from_block) = match trigger {
            Trigger::EvmLog(log) => (
                phat_manifest::evm_chain(log.chain_id),
                of_log(log),
                log.from_block,
            ),
            Trigger::SubstrateEvent(event) => {
                (event.chain.clone(), of_event(event), event.from_block)
            }
            _ => return None,
        };
        let firing = trigger.firing()?;
        let found = LogTrigger {
            trigger: trigger.clone(),
            filter,
            reply_chain: firing
                .reply
                .map_or(String::new(), |reply| reply.chain.clone()),
        };
        (on == chain).then_some((firing.name, found, from_block))
    })
}

fn of_log(log: &EvmLogTrigger) -> LogFilter {
    let topics = log.topics.iter().map(|topic| match topic {
        Topic::Any => None,
        Topic::Exactly(bytes) => Some(*bytes),
    });
    LogFilter::Contract {
        address: log.address.0.to_vec(),
        topics: topics.collect(),
    }
}

fn of_event(event: &SubstrateEventTrigger) -> LogFilter {
    LogFilter::Event {
        pallet: event.pallet.clone(),
        variant: event.event.clone(),
    }
}

impl LogTrigger {
    /// What this log fires, found when the chain was at block `head`.
    pub fn firing(
        &self,
        contract: ContractId,
        chain: &str,
        log: ChainLog,
        head: u64,
    ) -> Option<NewFiring> {
        let fires: FiringTrigger<'_> = self.trigger.firing()?;
        let kind = match self.trigger {
            Trigger::SubstrateEvent(_) => "substrate_event",
            _ => "evm_log",
        };
        let input: Value = json!({
            "kind": kind,
            "trigger": fires.name,
            "chain": chain,
            "block": log.block.number,
            "blockHash": format!("0x{}", hex::encode(log.block.hash)),
            "log": log.json,
        });
        let cause = Cause::Log {
            chain: chain.to_owned(),
            block: log.block.hash,
            index: log.index,
        };
        let is_late = head.saturating_sub(log.block.number) > LATE_BLOCKS;
        let input = input.to_string().into_bytes();
        new_firing(contract, fires, cause, input, is_late).ok()
    }
}
