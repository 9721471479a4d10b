//! A rollup of the older interface, signed as a meta-transaction.

use alloy::{
    primitives::{Address, B256, Bytes, U256},
    sol_types::{SolCall, SolStruct, eip712_domain},
};
use phat_target::TargetError;

use super::queue::{HEAD, encoded, version_key};
use crate::{
    contracts::rollup::PhatRollupAnchor::{
        ForwardRequest, metaTxRollupU256CondEqCall, rollupU256CondEqCall,
    },
    outcome::{self, attestor},
};

/// The action that hands a reply to the consumer.
const ACTION_REPLY: u8 = 0;
/// The action that takes requests off the queue.
const ACTION_SET_QUEUE_HEAD: u8 = 1;

/// What a rollup depends on and does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Lists {
    conditions: Vec<(Vec<u8>, Vec<u8>)>,
    updates: Vec<(Vec<u8>, Vec<u8>)>,
    actions: Vec<Vec<u8>>,
}

impl Lists {
    /// Takes request `index` off the queue, whose turn it must be, and hands the
    /// output over if there is one.
    pub(super) fn of_request(index: u32, success: bool, output: &[u8]) -> Self {
        // The last index has no next one; the anchor then refuses it.
        let next = index.saturating_add(1);
        let mut actions = vec![[&[ACTION_SET_QUEUE_HEAD][..], &encoded(next)].concat()];
        if success {
            actions.push([&[ACTION_REPLY], output].concat());
        }
        Self {
            conditions: vec![(HEAD.to_vec(), encoded(index))],
            updates: Vec::new(),
            actions,
        }
    }

    /// Makes it depend on the version of a key.
    pub(super) fn depend(&mut self, key: &[u8], version: u64) -> Result<(), TargetError> {
        put(&mut self.conditions, version_key(key), number(version)?);
        Ok(())
    }

    /// Writes a key that has this version now, and raises it.
    pub(super) fn write(
        &mut self,
        key: &[u8],
        value: &[u8],
        version: u64,
    ) -> Result<(), TargetError> {
        self.depend(key, version)?;
        put(&mut self.updates, key.to_vec(), value.to_vec());
        let raised = number(version.saturating_add(1))?;
        put(&mut self.updates, version_key(key), raised);
        Ok(())
    }

    /// The arguments of a rollup.
    fn encode(&self) -> Vec<u8> {
        let bytes = |list: Vec<&Vec<u8>>| list.into_iter().map(|b| b.clone().into()).collect();
        rollupU256CondEqCall {
            condKeys: bytes(self.conditions.iter().map(|(key, _)| key).collect()),
            condValues: bytes(self.conditions.iter().map(|(_, value)| value).collect()),
            updateKeys: bytes(self.updates.iter().map(|(key, _)| key).collect()),
            updateValues: bytes(self.updates.iter().map(|(_, value)| value).collect()),
            actions: bytes(self.actions.iter().collect()),
        }
        .abi_encode()
        .split_off(4)
    }
}

/// The last of several values for a key counts.
fn put(list: &mut Vec<(Vec<u8>, Vec<u8>)>, key: Vec<u8>, value: Vec<u8>) {
    match list.iter_mut().find(|(known, _)| *known == key) {
        Some((_, old)) => *old = value,
        None => list.push((key, value)),
    }
}

fn number(version: u64) -> Result<Vec<u8>, TargetError> {
    u32::try_from(version).map(encoded).map_err(|_| {
        TargetError::Malformed(format!(
            "version {version}: the older rollup interface counts to 2^32"
        ))
    })
}

/// A rollup with the signature of its attestor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Signed {
    request: ForwardRequest,
    signature: Vec<u8>,
}

impl Signed {
    /// Signs a rollup for a consumer.
    pub(super) fn new(
        chain_id: u64,
        consumer: Address,
        nonce: U256,
        lists: &Lists,
        contract_key: &[u8; 32],
    ) -> Result<Self, TargetError> {
        let request = ForwardRequest {
            from: attestor(contract_key)?,
            nonce,
            data: lists.encode().into(),
        };
        let signature = outcome::sign(&digest(chain_id, consumer, &request), contract_key)?;
        Ok(Self {
            request,
            signature: signature.to_vec(),
        })
    }

    /// Who says to have signed.
    pub(super) fn from(&self) -> Address {
        self.request.from
    }

    /// Who has signed this for a consumer; [`TargetError::Malformed`] if that is not
    /// who says so.
    pub(super) fn signer(&self, chain_id: u64, consumer: Address) -> Result<Address, TargetError> {
        let digest = digest(chain_id, consumer, &self.request);
        let signer = outcome::recover(&digest, &self.signature)?;
        if signer != self.from() {
            return Err(TargetError::Malformed(format!(
                "the rollup says to be of {} and is signed by {signer}",
                self.from()
            )));
        }
        Ok(signer)
    }

    /// All of it as bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        self.call().abi_encode()
    }

    /// Reads what [`encode`](Self::encode) made.
    pub(super) fn decode(bytes: &[u8]) -> Result<Self, TargetError> {
        let call = metaTxRollupU256CondEqCall::abi_decode(bytes).map_err(|_| {
            TargetError::Malformed("the signature is none of the older rollup interface".into())
        })?;
        Ok(Self {
            request: call.req,
            signature: call.signature.to_vec(),
        })
    }

    /// The call that anyone may make.
    pub(super) fn forwarded(&self) -> Bytes {
        self.encode().into()
    }

    /// The call that an attestor makes itself.
    pub(super) fn direct(&self) -> Bytes {
        // The data of a meta-transaction is just the arguments of this call.
        [&rollupU256CondEqCall::SELECTOR[..], &self.request.data]
            .concat()
            .into()
    }

    fn call(&self) -> metaTxRollupU256CondEqCall {
        metaTxRollupU256CondEqCall {
            req: self.request.clone(),
            signature: self.signature.clone().into(),
        }
    }
}

fn digest(chain_id: u64, consumer: Address, request: &ForwardRequest) -> B256 {
    request.eip712_signing_hash(&eip712_domain! {
        name: "PhatRollupMetaTxReceiver",
        version: "0.0.1",
        chain_id: chain_id,
        verifying_contract: consumer,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn lists() -> Lists {
        let mut lists = Lists::of_request(5, true, b"reply");
        lists.depend(b"read", 2).unwrap();
        lists.write(b"read", b"first", 2).unwrap();
        lists.write(b"read", b"last", 2).unwrap();
        lists.write(b"gone", b"", 0).unwrap();
        lists
    }

    #[test]
    fn the_type_is_the_one_of_the_interface() {
        assert_eq!(
            ForwardRequest::eip712_encode_type(),
            "ForwardRequest(address from,uint256 nonce,bytes data)"
        );
    }

    #[test]
    fn a_rollup_locks_what_it_reads_and_writes() {
        let pair = |key: &[u8], value: Vec<u8>| (key.to_vec(), value);
        let lists = lists();
        assert_eq!(
            lists.conditions,
            [
                pair(HEAD, encoded(5)),
                pair(b"read:ver", encoded(2)),
                pair(b"gone:ver", encoded(0)),
            ]
        );
        assert_eq!(
            lists.updates,
            [
                pair(b"read", b"last".to_vec()),
                pair(b"read:ver", encoded(3)),
                pair(b"gone", vec![]),
                pair(b"gone:ver", encoded(1)),
            ]
        );
        assert_eq!(lists.actions[0], [&[1][..], &encoded(6)].concat());
        assert_eq!(lists.actions[1], b"\0reply");
    }

    #[test]
    fn a_run_that_failed_has_no_reply() {
        let lists = Lists::of_request(0, false, b"went wrong");
        assert_eq!(lists.actions, [[&[1][..], &encoded(1)].concat()]);
    }

    #[test]
    fn versions_beyond_the_interface_are_refused() {
        let mut lists = Lists::default();
        assert!(lists.depend(b"k", u64::from(u32::MAX)).is_ok());
        assert!(lists.depend(b"k", u64::from(u32::MAX) + 1).is_err());
        assert!(lists.write(b"k", b"", u64::from(u32::MAX)).is_err());
        assert!(lists.write(b"k", b"", u64::MAX).is_err());
    }

    #[test]
    fn both_calls_carry_the_same_rollup() {
        let consumer = Address::repeat_byte(9);
        let signed = Signed::new(5, consumer, U256::from(3), &lists(), &KEY).unwrap();
        assert_eq!(Signed::decode(&signed.encode()).unwrap(), signed);
        assert!(Signed::decode(&[1; 65]).is_err());

        let direct = rollupU256CondEqCall::abi_decode(&signed.direct()).unwrap();
        assert_eq!(direct.condKeys.len(), 3);
        assert_eq!(direct.actions[1].as_ref(), b"\0reply");
        let forwarded = metaTxRollupU256CondEqCall::abi_decode(&signed.forwarded()).unwrap();
        assert_eq!(
            (forwarded.req.from, forwarded.req.nonce),
            (attestor(&KEY).unwrap(), U256::from(3))
        );
    }

    #[test]
    fn who_signed_is_whoever_it_says_for_one_consumer_on_one_chain() {
        let (consumer, other) = (Address::repeat_byte(9), Address::repeat_byte(8));
        let signed = Signed::new(5, consumer, U256::from(3), &lists(), &KEY).unwrap();
        assert_eq!(signed.signer(5, consumer).unwrap(), attestor(&KEY).unwrap());
        assert!(signed.signer(6, consumer).is_err());
        assert!(signed.signer(5, other).is_err());
        let forged = Signed {
            request: ForwardRequest {
                from: other,
                ..signed.request.clone()
            },
            ..signed.clone()
        };
        assert!(forged.signer(5, consumer).is_err());
        let cut = Signed {
            signature: signed.signature[..64].to_vec(),
            ..signed
        };
        assert!(matches!(
            cut.signer(5, consumer),
            Err(TargetError::Malformed(_))
        ));
    }
}
