//! Searches for logs, and logs of any contract as a Phat Contract sees them.

use alloy::{
    primitives::{Address, B256, hex},
    rpc::types::{Filter, Log},
};
use phat_target::{BlockRef, ChainLog, LogFilter, TargetError};
use serde_json::json;

use crate::{revert::shorten, rpc::Rpc};

/// The most topics that a log has.
const TOPICS_MAX: usize = 4;

/// The logs that `filter` finds in the blocks `from..=to`, in their order, at most
/// `span_max` blocks at a time. A span that the endpoints refuse, as too long or with
/// too many logs in it, is halved until it is one block.
pub(crate) async fn search(
    rpc: &Rpc,
    filter: &Filter,
    from: u64,
    to: u64,
    span_max: u64,
) -> Result<Vec<Log>, TargetError> {
    let mut logs = Vec::new();
    let mut span = span_max.max(1);
    let mut start = from;
    while start <= to {
        let end = to.min(start.saturating_add(span - 1));
        let part = filter.clone().from_block(start).to_block(end);
        match rpc.logs(part).await? {
            Ok(found) => {
                logs.extend(found);
                start = match end.checked_add(1) {
                    Some(next) => next,
                    None => break,
                };
            }
            Err(payload) if start == end => {
                return Err(rpc.refused("eth_getLogs", &payload.message));
            }
            Err(payload) => {
                span = (end - start).div_ceil(2);
                let reason = shorten(&payload.message);
                tracing::debug!(span, reason, "halving the span of logs");
            }
        }
    }
    Ok(logs)
}

/// The filter as the endpoints take it.
pub(crate) fn filter(filter: &LogFilter) -> Result<Filter, TargetError> {
    let malformed = |reason: String| Err(TargetError::Malformed(reason));
    let LogFilter::Contract { address, topics } = filter else {
        return malformed("a filter of an EVM chain names a contract, not a pallet".into());
    };
    let Ok(address) = Address::try_from(address.as_slice()) else {
        return malformed(format!(
            "an EVM address has 20 bytes, not {}",
            address.len()
        ));
    };
    if topics.len() > TOPICS_MAX {
        return malformed(format!(
            "a log has at most {TOPICS_MAX} topics, the filter names {}",
            topics.len()
        ));
    }
    let mut made = Filter::new().address(address);
    for (slot, topic) in made.topics.iter_mut().zip(topics) {
        if let Some(topic) = topic {
            *slot = B256::from(*topic).into();
        }
    }
    Ok(made)
}

/// A log as a Phat Contract gets it; `None` for one that is in no block.
pub(crate) fn chain_log(log: &Log) -> Option<ChainLog> {
    if log.removed {
        return None;
    }
    let topics: Vec<String> = log.topics().iter().map(hex::encode_prefixed).collect();
    let index = u32::try_from(log.log_index?).ok()?;
    Some(ChainLog {
        block: BlockRef {
            number: log.block_number?,
            hash: log.block_hash?.0,
        },
        index,
        json: json!({
            "address": hex::encode_prefixed(log.address()),
            "topics": topics,
            "data": hex::encode_prefixed(&log.data().data),
            "transactionHash": hex::encode_prefixed(log.transaction_hash?),
            "logIndex": index,
        }),
    })
}

#[cfg(test)]
mod tests {
    use alloy::primitives::{Bytes, Log as Inner};

    use super::*;

    fn log() -> Log {
        Log {
            inner: Inner::new_unchecked(
                Address::repeat_byte(1),
                vec![B256::repeat_byte(2)],
                Bytes::from_static(&[3]),
            ),
            block_hash: Some(B256::repeat_byte(4)),
            block_number: Some(5),
            transaction_hash: Some(B256::repeat_byte(6)),
            log_index: Some(7),
            ..Log::default()
        }
    }

    #[test]
    fn a_log_is_shown_in_hexadecimal() {
        let shown = chain_log(&log()).unwrap();
        assert_eq!((shown.block.number, shown.index), (5, 7));
        assert_eq!(
            shown.json,
            json!({
                "address": format!("0x{}", "01".repeat(20)),
                "topics": [format!("0x{}", "02".repeat(32))],
                "data": "0x03",
                "transactionHash": format!("0x{}", "06".repeat(32)),
                "logIndex": 7,
            })
        );
        let removed = Log {
            removed: true,
            ..log()
        };
        assert_eq!(chain_log(&removed), None);
        let pending = Log {
            block_hash: None,
            ..log()
        };
        assert_eq!(chain_log(&pending), None);
    }

    #[test]
    fn filters_name_a_contract_and_its_topics() {
        let of = |bytes: usize, topics: Vec<Option<[u8; 32]>>| {
            filter(&LogFilter::Contract {
                address: vec![1; bytes],
                topics,
            })
        };
        let made = of(20, vec![None, Some([2; 32])]).unwrap();
        assert!(made.topics[0].is_empty() && made.topics[2].is_empty());
        assert!(made.topics[1].matches(&B256::repeat_byte(2)));
        assert!(!made.topics[1].matches(&B256::repeat_byte(3)));
        assert!(of(20, vec![None; 4]).is_ok());
        let pallet = LogFilter::Event {
            pallet: "Balances".into(),
            variant: "Transfer".into(),
        };
        for (bad, reason) in [
            (of(19, vec![]), "20 bytes"),
            (of(20, vec![None; 5]), "at most 4"),
            (filter(&pallet), "not a pallet"),
        ] {
            let error = bad.unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
