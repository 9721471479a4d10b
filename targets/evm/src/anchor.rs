//! What the bytes of an anchor say.

use alloy::primitives::Address;
use phat_target::TargetError;

/// Bytes of an address.
const ADDRESS_BYTES: usize = 20;
/// What the bytes of a consumer with the older rollup interface begin with.
const ROLLUP_TAG: u8 = 1;

/// An anchor of one consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    /// The lean anchor: its own contract where it is inherited, or the shared one.
    Lean {
        /// The contract that takes outcomes.
        contract: Address,
        /// The contract that is called back.
        consumer: Address,
    },
    /// A consumer with the older rollup interface.
    Rollup(Address),
}

impl Anchor {
    /// Reads an anchor: 20 bytes are a consumer that inherits the lean anchor, 40
    /// bytes the shared anchor and its consumer, and 21 bytes that begin with 1 a
    /// consumer with the older rollup interface.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, TargetError> {
        let address = |bytes: &[u8]| Address::try_from(bytes).ok();
        let read = match (bytes.len(), bytes.split_first()) {
            (ADDRESS_BYTES, _) => address(bytes).map(|contract| Self::Lean {
                contract,
                consumer: contract,
            }),
            (21, Some((&ROLLUP_TAG, rest))) => address(rest).map(Self::Rollup),
            (40, _) => {
                let (contract, consumer) = bytes.split_at(ADDRESS_BYTES);
                address(contract)
                    .zip(address(consumer))
                    .map(|(contract, consumer)| Self::Lean { contract, consumer })
            }
            _ => None,
        };
        read.ok_or_else(|| {
            TargetError::Malformed(format!(
                "an anchor on an EVM chain has 20 bytes (a consumer), 40 (the shared anchor and a \
                 consumer) or 21 that begin with 1 (the older rollup interface), not {}",
                bytes.len()
            ))
        })
    }
}

/// The bytes of a consumer at the shared anchor.
pub fn shared_anchor(hub: Address, consumer: Address) -> Vec<u8> {
    [hub.as_slice(), consumer.as_slice()].concat()
}

/// The bytes of a consumer with the older rollup interface.
pub fn rollup_anchor(consumer: Address) -> Vec<u8> {
    [&[ROLLUP_TAG], consumer.as_slice()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_anchor_is_read() {
        let (hub, consumer) = (Address::repeat_byte(1), Address::repeat_byte(2));
        let read = |bytes: &[u8]| Anchor::parse(bytes).ok();
        assert_eq!(
            read(consumer.as_slice()),
            Some(Anchor::Lean {
                contract: consumer,
                consumer
            })
        );
        assert_eq!(
            read(&shared_anchor(hub, consumer)),
            Some(Anchor::Lean {
                contract: hub,
                consumer
            })
        );
        assert_eq!(
            read(&rollup_anchor(consumer)),
            Some(Anchor::Rollup(consumer))
        );
        for length in [0, 19, 22, 39, 41, 60] {
            assert_eq!(read(&vec![1; length]), None, "{length}");
        }
        assert_eq!(read(&[2; 21]), None, "another tag");
    }
}
