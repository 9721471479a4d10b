//! Transactions of the relay account, made and signed without sending them.

use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxEnvelope},
    eips::eip2718::Encodable2718,
    primitives::{Address, Bytes, TxKind, U256},
    signers::{SignerSync, local::PrivateKeySigner},
};
use phat_target::{PreparedTransaction, TargetError};

use crate::fees::Fees;

/// Spare gas on top of an estimate, as a divisor: state may change a little
/// between the estimate and the block.
const GAS_SPARE_DIVISOR: u64 = 5;

/// Everything in a transaction but its signature.
pub(crate) struct Call {
    pub chain_id: u64,
    pub nonce: u64,
    pub to: TxKind,
    pub input: Bytes,
    pub gas_limit: u64,
    pub fees: Fees,
}

impl Call {
    /// Signs the transaction.
    pub(crate) fn sign(self, relay: &PrivateKeySigner) -> Result<PreparedTransaction, TargetError> {
        let Fees { max, tip } = self.fees;
        let transaction = TxEip1559 {
            chain_id: self.chain_id,
            nonce: self.nonce,
            gas_limit: self.gas_limit,
            max_fee_per_gas: max,
            max_priority_fee_per_gas: tip,
            to: self.to,
            value: U256::ZERO,
            access_list: Default::default(),
            input: self.input,
        };
        let signature = relay
            .sign_hash_sync(&transaction.signature_hash())
            .map_err(|error| {
                TargetError::Malformed(format!("the relay key cannot sign: {error}"))
            })?;
        let signed = TxEnvelope::from(transaction.into_signed(signature));
        Ok(PreparedTransaction {
            nonce: self.nonce,
            hash: signed.tx_hash().0,
            raw: signed.encoded_2718(),
            fee_per_gas_max: max,
            tip_per_gas: tip,
        })
    }
}

/// The gas limit for a call that is estimated to use `estimate`.
pub(crate) fn gas_limit(estimate: u64) -> u64 {
    estimate.saturating_add(estimate / GAS_SPARE_DIVISOR)
}

/// Reads an address from its 20 bytes.
pub(crate) fn address(bytes: &[u8]) -> Result<Address, TargetError> {
    Address::try_from(bytes).map_err(|_| {
        TargetError::Malformed(format!("an EVM address has 20 bytes, not {}", bytes.len()))
    })
}

#[cfg(test)]
mod tests {
    use alloy::{consensus::Transaction, eips::eip2718::Decodable2718, primitives::keccak256};

    use super::*;

    #[test]
    fn a_prepared_transaction_is_what_was_asked_for() {
        let relay = PrivateKeySigner::from_slice(&[3; 32]).unwrap();
        let prepared = Call {
            chain_id: 31337,
            nonce: 9,
            to: Address::repeat_byte(1).into(),
            input: Bytes::from_static(b"input"),
            gas_limit: 50_000,
            fees: Fees { max: 100, tip: 7 },
        }
        .sign(&relay)
        .unwrap();
        assert_eq!(prepared.hash, keccak256(&prepared.raw).0);
        let read = TxEnvelope::decode_2718(&mut prepared.raw.as_slice()).unwrap();
        assert_eq!(read.chain_id(), Some(31337));
        assert_eq!((read.nonce(), prepared.nonce), (9, 9));
        assert_eq!(
            (read.max_fee_per_gas(), prepared.fee_per_gas_max),
            (100, 100)
        );
        assert_eq!(
            (read.max_priority_fee_per_gas(), prepared.tip_per_gas),
            (Some(7), 7)
        );
        assert_eq!(read.gas_limit(), 50_000);
        assert_eq!(read.input().as_ref(), b"input");
        let TxEnvelope::Eip1559(signed) = read else {
            panic!("another type of transaction");
        };
        let signer = signed
            .signature()
            .recover_address_from_prehash(&signed.signature_hash())
            .unwrap();
        assert_eq!(signer, relay.address());
    }

    #[test]
    fn addresses_have_twenty_bytes() {
        assert!(address(&[0; 20]).is_ok());
        for length in [0, 19, 21, 32] {
            assert!(address(&vec![0; length]).is_err());
        }
    }
}
