//! What the chain knows, in the client's own terms.

use std::fmt;

use phat_primitives::{
    AccountBytes, Attestation, ClusterId, CodeHash, ContractId, EncryptionKey, WorkerId,
};

/// The hash of a block.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlockHash(pub [u8; 32]);

impl fmt::Display for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BlockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A registered worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// The account that answers for the worker.
    pub operator: AccountBytes,
    /// The key that others encrypt to.
    pub encryption_key: EncryptionKey,
    /// The URL of the worker's HTTP API.
    pub endpoint: String,
    /// What vouches for the worker.
    pub attestation: Attestation,
    /// The number of the block that registered the worker.
    pub registered_at: u32,
}

/// A contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// The contract's id.
    pub id: ContractId,
    /// Who created the contract.
    pub owner: AccountBytes,
    /// The cluster that serves it.
    pub cluster: ClusterId,
    /// The code that it runs.
    pub code_hash: CodeHash,
    /// Its manifest: the text of `phat.toml`.
    pub manifest: String,
}

/// A worker to be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWorker {
    /// The worker's identity.
    pub worker: WorkerId,
    /// The key that others encrypt to.
    pub encryption_key: EncryptionKey,
    /// The URL of the worker's HTTP API.
    pub endpoint: String,
    /// What vouches for the worker. It may be left out where no attestation is required.
    pub evidence: Option<Evidence>,
    /// By the worker's identity key, over the signing payload of
    /// [`phat_primitives::Registration`] with exactly these values, the operator that submits
    /// them, and the chain's genesis hash.
    pub signature: [u8; 64],
}

/// What a worker's platform says of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Evidence {
    /// A quote over [`phat_primitives::attestation::ReportData`].
    pub quote: Vec<u8>,
    /// What Intel publishes of the platform: `dcap_qvl::QuoteCollateralV3`, in SCALE.
    pub collateral: Vec<u8>,
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (quote, collateral) = (self.quote.len(), self.collateral.len());
        write!(f, "Evidence({quote} + {collateral} bytes)")
    }
}

/// A contract to be deployed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewContract {
    /// The cluster to serve it.
    pub cluster: ClusterId,
    /// The code: a bundled ES module.
    pub code: Vec<u8>,
    /// The manifest: the text of `phat.toml`.
    pub manifest: String,
    /// Tells contracts apart that have the same owner, cluster and code.
    pub salt: [u8; 32],
}

/// A transaction in a finalised block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Included {
    /// The block.
    pub block: BlockHash,
    /// The hash of the transaction.
    pub transaction: [u8; 32],
}

/// A deployed contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The contract.
    pub contract: ContractId,
    /// Its code.
    pub code_hash: CodeHash,
    /// The transaction that it took, or `None` when all of it was there already.
    pub included: Option<Included>,
}
