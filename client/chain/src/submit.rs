//! Transactions: each is signed, submitted, and waited for until it is in a finalised block.

use std::time::Duration;

use phat_primitives::{
    ClusterId, CodeHash, ContractId, WorkerId,
    limits::{
        CODE_BYTES_MAX, COLLATERAL_BYTES_MAX, ENDPOINT_BYTES_MAX, MANIFEST_BYTES_MAX,
        QUOTE_BYTES_MAX,
    },
};
use subxt::{
    extrinsics::ExtrinsicEvents,
    tx::{Payload, TransactionProgress},
    utils::{H256, Static},
};

use crate::{
    BlockHash, ChainClient, ChainError, Deployment, Evidence, Included, NewContract, NewWorker,
    Signer, State,
    answer::in_time,
    api::{
        self,
        runtime_types::{
            bounded_collections::bounded_vec::BoundedVec,
            pallet_phat_contracts::pallet::Call as ContractsCall,
            pallet_preimage::pallet::Call as PreimageCall,
            pallet_registry::types::Evidence as CallEvidence, phat_runtime::RuntimeCall,
        },
    },
    client::AtBlock,
    config::PhatConfig,
};

/// How long a transaction may take to be in a finalised block.
pub const FINALITY_TIMEOUT: Duration = Duration::from_secs(120);

impl ChainClient {
    /// Registers a worker, with `operator` to answer for it.
    pub async fn register(
        &self,
        operator: &Signer,
        new: NewWorker,
    ) -> Result<Included, ChainError> {
        let endpoint = bounded(new.endpoint.into_bytes(), "endpoint", ENDPOINT_BYTES_MAX)?;
        let call = api::transactions().registry().register(
            Static(new.worker),
            Static(new.encryption_key),
            endpoint,
            new.evidence.map(evidence).transpose()?,
            new.signature,
        );
        self.submit(operator, &call).await
    }

    /// Has new evidence vouch for a worker, in place of what does.
    pub async fn renew(
        &self,
        operator: &Signer,
        worker: WorkerId,
        new: Evidence,
    ) -> Result<Included, ChainError> {
        let call = api::transactions()
            .registry()
            .renew(Static(worker), evidence(new)?);
        self.submit(operator, &call).await
    }

    /// Moves a worker to another endpoint.
    pub async fn update_endpoint(
        &self,
        operator: &Signer,
        worker: WorkerId,
        endpoint: String,
    ) -> Result<Included, ChainError> {
        let endpoint = bounded(endpoint.into_bytes(), "endpoint", ENDPOINT_BYTES_MAX)?;
        let call = api::transactions()
            .registry()
            .update_endpoint(Static(worker), endpoint);
        self.submit(operator, &call).await
    }

    /// Takes a worker off the list.
    pub async fn deregister(
        &self,
        operator: &Signer,
        worker: WorkerId,
    ) -> Result<Included, ChainError> {
        let call = api::transactions().registry().deregister(Static(worker));
        self.submit(operator, &call).await
    }

    /// Has a worker serve a cluster.
    pub async fn join_cluster(
        &self,
        operator: &Signer,
        worker: WorkerId,
        cluster: ClusterId,
    ) -> Result<Included, ChainError> {
        let call = api::transactions()
            .phat_contracts()
            .join_cluster(Static(worker), Static(cluster));
        self.submit(operator, &call).await
    }

    /// Has a worker cease to serve its cluster.
    pub async fn leave_cluster(
        &self,
        operator: &Signer,
        worker: WorkerId,
    ) -> Result<Included, ChainError> {
        let call = api::transactions()
            .phat_contracts()
            .leave_cluster(Static(worker));
        self.submit(operator, &call).await
    }

    /// Makes the chain have a contract with this code and manifest: uploads the code, creates the
    /// contract, or replaces its manifest, whichever of these is not done yet, in one transaction
    /// that does all or nothing.
    pub async fn deploy(&self, owner: &Signer, new: NewContract) -> Result<Deployment, ChainError> {
        let code_hash = CodeHash::of(&new.code);
        let contract = ContractId::derive(&owner.account(), new.cluster, &code_hash, &new.salt);
        let calls = deploy_calls(&self.latest().await?, contract, code_hash, new).await?;
        let included = if calls.is_empty() {
            None
        } else {
            Some(
                self.submit(owner, &api::transactions().utility().batch_all(calls))
                    .await?,
            )
        };
        Ok(Deployment {
            contract,
            code_hash,
            included,
        })
    }

    /// Replaces a contract's manifest.
    pub async fn set_manifest(
        &self,
        owner: &Signer,
        contract: ContractId,
        manifest: String,
    ) -> Result<Included, ChainError> {
        let manifest = bounded(manifest.into_bytes(), "manifest", MANIFEST_BYTES_MAX)?;
        let call = api::transactions()
            .phat_contracts()
            .set_manifest(Static(contract), manifest);
        self.submit(owner, &call).await
    }

    /// Removes a contract. Its code stays.
    pub async fn remove(
        &self,
        owner: &Signer,
        contract: ContractId,
    ) -> Result<Included, ChainError> {
        let call = api::transactions()
            .phat_contracts()
            .remove(Static(contract));
        self.submit(owner, &call).await
    }

    /// Removes code that no contract runs.
    pub async fn remove_code(
        &self,
        owner: &Signer,
        code_hash: CodeHash,
    ) -> Result<Included, ChainError> {
        let call = api::transactions()
            .phat_contracts()
            .remove_code(Static(code_hash));
        self.submit(owner, &call).await
    }

    pub(crate) async fn submit<C: Payload>(
        &self,
        signer: &Signer,
        call: &C,
    ) -> Result<Included, ChainError> {
        let (included, _) = self.submit_for_events(signer, call).await?;
        Ok(included)
    }

    /// The same, with what happened.
    pub(crate) async fn submit_for_events<C: Payload>(
        &self,
        signer: &Signer,
        call: &C,
    ) -> Result<(Included, ExtrinsicEvents<PhatConfig>), ChainError> {
        let at = self.latest().await?.at;
        let mut transactions = at.transactions();
        let sent = transactions.sign_and_submit_then_watch_default(call, signer.keypair());
        followed(in_time(sent).await).await
    }

    /// Submits what nobody signs as an account, and nobody pays for.
    pub(crate) async fn submit_unsigned<C: Payload>(
        &self,
        call: &C,
    ) -> Result<Included, ChainError> {
        let at = self.latest().await?.at;
        let transaction = at.transactions().create_unsigned(call)?;
        let (included, _) = followed(in_time(transaction.submit_and_watch()).await).await?;
        Ok(included)
    }
}

/// Waits until a transaction that was sent, or failed to be, is in a finalised block.
async fn followed(
    sent: Result<TransactionProgress<PhatConfig, AtBlock>, ChainError>,
) -> Result<(Included, ExtrinsicEvents<PhatConfig>), ChainError> {
    let progress = match sent {
        // It may have been sent.
        Err(ChainError::NoAnswer(timeout)) => return Err(ChainError::NotFinal(timeout)),
        progress => progress?,
    };
    let finality = async {
        let block = progress.wait_for_finalized().await?;
        let events = block.wait_for_success().await?;
        let included = Included {
            block: BlockHash(block.block_hash().0),
            transaction: block.extrinsic_hash().0,
        };
        Ok((included, events))
    };
    tokio::time::timeout(FINALITY_TIMEOUT, finality)
        .await
        .map_err(|_| ChainError::NotFinal(FINALITY_TIMEOUT))?
}

/// What is left to do until the chain has the contract.
async fn deploy_calls(
    state: &State,
    contract: ContractId,
    code_hash: CodeHash,
    new: NewContract,
) -> Result<Vec<RuntimeCall>, ChainError> {
    let code_len = length(&new.code, "code", CODE_BYTES_MAX)?;
    length(new.manifest.as_bytes(), "manifest", MANIFEST_BYTES_MAX)?;
    let manifest = BoundedVec(new.manifest.as_bytes().to_vec());

    if let Some(existing) = state.contract(&contract).await? {
        if existing.manifest == new.manifest {
            return Ok(Vec::new());
        }
        let call = ContractsCall::set_manifest {
            contract: Static(contract),
            manifest,
        };
        return Ok(vec![RuntimeCall::PhatContracts(call)]);
    }

    let mut calls = Vec::new();
    if state.code_len(&code_hash).await?.is_none() {
        let upload = ContractsCall::upload_code {
            code_hash: Static(code_hash),
            len: code_len,
        };
        if state.is_noted(&code_hash).await? {
            calls.push(RuntimeCall::PhatContracts(upload));
        } else {
            // Uploaded code keeps its bytes on the chain, and has a deposit of its own: the one
            // for noting them is taken back at once.
            let hash = H256(code_hash.0);
            calls.push(RuntimeCall::Preimage(PreimageCall::note_preimage {
                bytes: new.code,
            }));
            calls.push(RuntimeCall::PhatContracts(upload));
            calls.push(RuntimeCall::Preimage(PreimageCall::unnote_preimage {
                hash,
            }));
        }
    }
    calls.push(RuntimeCall::PhatContracts(ContractsCall::instantiate {
        cluster: Static(new.cluster),
        code_hash: Static(code_hash),
        manifest,
        salt: new.salt,
    }));
    Ok(calls)
}

fn evidence(evidence: Evidence) -> Result<CallEvidence, ChainError> {
    Ok(CallEvidence {
        quote: bounded(evidence.quote, "quote", QUOTE_BYTES_MAX)?,
        collateral: bounded(evidence.collateral, "collateral", COLLATERAL_BYTES_MAX)?,
    })
}

pub(crate) fn bounded(
    bytes: Vec<u8>,
    what: &'static str,
    max: u32,
) -> Result<BoundedVec<u8>, ChainError> {
    length(&bytes, what, max)?;
    Ok(BoundedVec(bytes))
}

/// The length of `bytes`, unless it is above `max`.
fn length(bytes: &[u8], what: &'static str, max: u32) -> Result<u32, ChainError> {
    let too_long = || ChainError::TooLong {
        what,
        len: bytes.len(),
        max: max as usize,
    };
    let len = u32::try_from(bytes.len()).map_err(|_| too_long())?;
    if len > max { Err(too_long()) } else { Ok(len) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_named() {
        assert!(matches!(length(b"abc", "code", 3), Ok(3)));
        let error = length(b"abcd", "code", 3).expect_err("one too long");
        assert_eq!(
            error.to_string(),
            "the code has 4 bytes, and the chain takes 3 at most; make it shorter"
        );
    }
}
