//! What a bundle shows of the chain's state, under which keys, and how it is read.
//!
//! Of each value only the fields that are needed are read, which are the first ones.

use codec::{Decode, Encode};
use phat_chain_proof::{VerifiedBlock, key};
use phat_primitives::{
    AccountBytes, Attestation, ClusterId, CodeHash, EncryptionKey,
    attestation::{ConfidenceLevel, Measurement, MeasurementRule},
};
use phat_receipt::ReceiptBody;

/// A value of the state, `None` if it is proven that there is none, or why it is not known.
pub type Proven<T> = Result<Option<T>, String>;

/// A registered worker: the first fields of `Registry.Workers`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Worker {
    /// The account that answers for it.
    pub operator: AccountBytes,
    /// The key that others encrypt to.
    pub encryption_key: EncryptionKey,
    /// The URL of its HTTP API.
    pub endpoint: Vec<u8>,
    /// What vouches for it.
    pub attestation: Attestation,
}

/// A contract: the first fields of `PhatContracts.Contracts`.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Contract {
    /// Who may change it.
    pub owner: AccountBytes,
    /// The workers that serve it.
    pub cluster: ClusterId,
    /// Its code.
    pub code_hash: CodeHash,
    /// The text of its manifest.
    pub manifest: Vec<u8>,
}

/// What a final block's state says about a receipt.
pub struct State<'a> {
    block: &'a VerifiedBlock<'a>,
    body: &'a ReceiptBody,
}

/// The keys of all that a bundle shows about a receipt, but the rules about software: which of
/// these there are depends on what the worker's attestation says.
pub fn keys(body: &ReceiptBody) -> Vec<Vec<u8>> {
    vec![
        now_key(),
        worker_key(body),
        cluster_key(body),
        contract_key(body),
        code_key(body),
        required_key(),
        level_max_key(),
    ]
}

fn now_key() -> Vec<u8> {
    key::value("Timestamp", "Now")
}

fn worker_key(body: &ReceiptBody) -> Vec<u8> {
    key::blake2_128_concat("Registry", "Workers", &body.worker.encode())
}

fn cluster_key(body: &ReceiptBody) -> Vec<u8> {
    key::blake2_128_concat("PhatContracts", "ClusterOf", &body.worker.encode())
}

fn contract_key(body: &ReceiptBody) -> Vec<u8> {
    key::blake2_128_concat("PhatContracts", "Contracts", &body.contract.encode())
}

fn code_key(body: &ReceiptBody) -> Vec<u8> {
    key::blake2_128_concat("PhatContracts", "Codes", &body.code_hash.encode())
}

fn required_key() -> Vec<u8> {
    key::value("Registry", "RequireAttestation")
}

fn level_max_key() -> Vec<u8> {
    key::value("Registry", "ConfidenceLevelMax")
}

fn rule_key(rule: &MeasurementRule) -> Vec<u8> {
    key::blake2_128_concat("Registry", "AllowedMeasurements", &rule.encode())
}

impl<'a> State<'a> {
    /// What this block says about the receipt with this body.
    pub fn new(block: &'a VerifiedBlock<'a>, body: &'a ReceiptBody) -> Self {
        Self { block, body }
    }

    /// The block's time, in milliseconds since 1970.
    pub fn now_ms(&self) -> Proven<u64> {
        self.read(&now_key())
    }

    /// The receipt's worker.
    pub fn worker(&self) -> Proven<Worker> {
        self.read(&worker_key(self.body))
    }

    /// The cluster that the worker serves.
    pub fn cluster(&self) -> Proven<ClusterId> {
        self.read(&cluster_key(self.body))
    }

    /// The receipt's contract.
    pub fn contract(&self) -> Proven<Contract> {
        self.read(&contract_key(self.body))
    }

    /// Whether the chain has the receipt's code.
    pub fn has_code(&self) -> Result<bool, String> {
        let code = self.block.storage(&code_key(self.body));
        code.map(|code| code.is_some()).map_err(|e| e.to_string())
    }

    /// Whether the chain requires that something vouches for a worker. It does where nothing is
    /// stored.
    pub fn requires_attestation(&self) -> Result<bool, String> {
        Ok(self.read(&required_key())?.unwrap_or(true))
    }

    /// The worst level that a worker's platform may have. Where nothing is stored it is any.
    pub fn level_max(&self) -> Result<ConfidenceLevel, String> {
        let stored = self.read(&level_max_key())?;
        Ok(stored.unwrap_or(ConfidenceLevel::WORST))
    }

    /// Whether workers may run what was measured.
    pub fn is_allowed(&self, measurement: &Measurement) -> Result<bool, String> {
        let mut is_allowed = false;
        // All are looked at, so that nothing that a bundle shows is beside the point.
        for rule in rules(measurement) {
            let least: Option<u16> = self.read(&rule_key(&rule))?;
            is_allowed |= least.is_some_and(|least| measurement.isv_svn() >= least);
        }
        Ok(is_allowed)
    }

    /// The keys of the rules about the software that vouches for the worker.
    pub fn rule_keys(&self) -> Result<Vec<Vec<u8>>, String> {
        Ok(match self.worker()?.map(|worker| worker.attestation) {
            Some(Attestation::Dcap { measurement, .. }) => {
                rules(&measurement).map(|rule| rule_key(&rule)).collect()
            }
            Some(Attestation::None) | None => Vec::new(),
        })
    }

    fn read<T: Decode>(&self, key: &[u8]) -> Proven<T> {
        let stored = self.block.storage(key).map_err(|error| error.to_string())?;
        let Some(mut bytes) = stored else {
            return Ok(None);
        };
        let decoded = T::decode(&mut bytes).map(Some);
        decoded.map_err(|_| {
            format!(
                "what the chain has under 0x{} is not what format 1 says",
                hex::encode(key)
            )
        })
    }
}

/// The rules that cover what was measured.
fn rules(measurement: &Measurement) -> impl Iterator<Item = MeasurementRule> + use<> {
    let (own, signer) = measurement.rules();
    [own].into_iter().chain(signer)
}
