//! Transactions of the relay account, made and signed without sending them.

use alloy::{
    consensus::{SignableTransaction, TxEip1559, TxEnvelope, TxLegacy},
    eips::eip2718::Encodable2718,
    primitives::{Bytes, Signature, TxKind, U256},
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
    /// Whether the chain has one price for gas only, which is the most to pay.
    pub is_legacy: bool,
}

impl Call {
    /// Signs the transaction.
    pub(crate) fn sign(self, relay: &PrivateKeySigner) -> Result<PreparedTransaction, TargetError> {
        let Fees { max, tip } = self.fees;
        let nonce = self.nonce;
        let cost_max = max.saturating_mul(self.gas_limit.into());
        let signed = if self.is_legacy {
            let transaction = TxLegacy {
                chain_id: Some(self.chain_id),
                nonce,
                gas_price: max,
                gas_limit: self.gas_limit,
                to: self.to,
                value: U256::ZERO,
                input: self.input,
            };
            let signature = sign(&transaction, relay)?;
            TxEnvelope::from(transaction.into_signed(signature))
        } else {
            let transaction = TxEip1559 {
                chain_id: self.chain_id,
                nonce,
                gas_limit: self.gas_limit,
                max_fee_per_gas: max,
                max_priority_fee_per_gas: tip,
                to: self.to,
                value: U256::ZERO,
                access_list: Default::default(),
                input: self.input,
            };
            let signature = sign(&transaction, relay)?;
            TxEnvelope::from(transaction.into_signed(signature))
        };
        Ok(PreparedTransaction {
            nonce,
            hash: signed.tx_hash().0,
            raw: signed.encoded_2718(),
            fee_per_gas_max: max,
            tip_per_gas: tip,
            cost_max,
        })
    }
}

fn sign(
    transaction: &impl SignableTransaction<Signature>,
    relay: &PrivateKeySigner,
) -> Result<Signature, TargetError> {
    relay
        .sign_hash_sync(&transaction.signature_hash())
        .map_err(|error| TargetError::Malformed(format!("the relay key cannot sign: {error}")))
}

/// The gas limit for a call that is estimated to use `estimate`.
pub(crate) fn gas_limit(estimate: u64) -> u64 {
    estimate.saturating_add(estimate / GAS_SPARE_DIVISOR)
}

#[cfg(test)]
mod tests {
    use alloy::{
        consensus::Transaction,
        eips::eip2718::Decodable2718,
        primitives::{Address, keccak256},
    };

    use super::*;

    fn relay() -> PrivateKeySigner {
        PrivateKeySigner::from_slice(&[3; 32]).unwrap()
    }

    fn call(is_legacy: bool) -> Call {
        Call {
            chain_id: 31337,
            nonce: 9,
            to: Address::repeat_byte(1).into(),
            input: Bytes::from_static(b"input"),
            gas_limit: 50_000,
            fees: Fees { max: 100, tip: 7 },
            is_legacy,
        }
    }

    fn prepared(is_legacy: bool) -> (PreparedTransaction, TxEnvelope) {
        let prepared = call(is_legacy).sign(&relay()).unwrap();
        assert_eq!(prepared.hash, keccak256(&prepared.raw).0);
        assert_eq!(prepared.cost_max, 100 * 50_000);
        let read = TxEnvelope::decode_2718(&mut prepared.raw.as_slice()).unwrap();
        assert_eq!(read.chain_id(), Some(31337));
        assert_eq!((read.nonce(), prepared.nonce), (9, 9));
        assert_eq!(
            (read.gas_limit(), read.input().as_ref()),
            (50_000, &b"input"[..])
        );
        (prepared, read)
    }

    #[test]
    fn a_prepared_transaction_is_what_was_asked_for() {
        let (prepared, read) = prepared(false);
        assert_eq!(
            (read.max_fee_per_gas(), prepared.fee_per_gas_max),
            (100, 100)
        );
        assert_eq!(
            (read.max_priority_fee_per_gas(), prepared.tip_per_gas),
            (Some(7), 7)
        );
        let TxEnvelope::Eip1559(signed) = read else {
            panic!("another type of transaction");
        };
        let signer = signed
            .signature()
            .recover_address_from_prehash(&signed.signature_hash())
            .unwrap();
        assert_eq!(signer, relay().address());
    }

    #[test]
    fn a_chain_without_base_fees_gets_one_price_and_its_own_id() {
        let (prepared, read) = prepared(true);
        assert_eq!(
            (read.gas_price(), prepared.fee_per_gas_max),
            (Some(100), 100)
        );
        let TxEnvelope::Legacy(signed) = read else {
            panic!("another type of transaction");
        };
        let signer = signed
            .signature()
            .recover_address_from_prehash(&signed.signature_hash())
            .unwrap();
        assert_eq!(signer, relay().address());
    }

    #[test]
    fn absurd_costs_saturate() {
        let dear = Call {
            fees: Fees {
                max: u128::MAX,
                tip: 0,
            },
            ..call(false)
        };
        assert_eq!(dear.sign(&relay()).unwrap().cost_max, u128::MAX);
    }
}
