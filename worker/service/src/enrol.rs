//! Registers the worker and has it join its cluster.

use phat_chain_client::{ChainClient, ChainError, NewWorker, Signer};
use phat_primitives::{AccountBytes, Attestation, ClusterId, Registration};
use thiserror::Error;

use crate::keys::WorkerKeys;

/// The worker cannot be enrolled.
#[derive(Debug, Error)]
pub enum EnrolError {
    /// The chain did not do as asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The worker belongs to someone else.
    #[error(
        "the worker is registered by {0}, not by the operator given: use that operator's \
         --operator-suri, or let that operator deregister it"
    )]
    OtherOperator(AccountBytes),
    /// There is no such cluster.
    #[error("there is no cluster {0}: create it, or choose another with --cluster")]
    NoCluster(ClusterId),
}

impl EnrolError {
    /// Whether trying again may help.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Chain(error) => {
                error.is_connection()
                    || matches!(error, ChainError::NotFinal(_) | ChainError::Invalid(_))
            }
            Self::OtherOperator(_) | Self::NoCluster(_) => false,
        }
    }
}

/// What an operator submits to register the worker with `endpoint`.
pub fn registration(
    keys: &WorkerKeys,
    genesis_hash: [u8; 32],
    operator: AccountBytes,
    endpoint: &str,
) -> NewWorker {
    let worker = keys.worker_id();
    let encryption_key = keys.store().encryption_key();
    let attestation = Attestation::None;
    let payload = Registration {
        genesis_hash,
        operator,
        worker,
        encryption_key,
        endpoint: endpoint.as_bytes(),
        attestation,
    }
    .signing_payload();
    NewWorker {
        worker,
        encryption_key,
        endpoint: endpoint.into(),
        attestation,
        signature: keys.store().sign_for_chain(&payload),
    }
}

/// Does what is missing for the worker to be registered with `endpoint` and to
/// serve `cluster`.
pub async fn enrol(
    client: &ChainClient,
    keys: &WorkerKeys,
    operator: &Signer,
    cluster: ClusterId,
    endpoint: &str,
) -> Result<(), EnrolError> {
    let worker = keys.worker_id();
    let state = client.latest().await?;
    match state.worker(&worker).await? {
        None => {
            let genesis_hash = client.genesis_hash().0;
            let new = registration(keys, genesis_hash, operator.account(), endpoint);
            client.register(operator, new).await?;
            tracing::info!(%worker, endpoint, "registered");
        }
        Some(known) if known.operator != operator.account() => {
            return Err(EnrolError::OtherOperator(known.operator));
        }
        Some(known) if known.endpoint != endpoint => {
            client
                .update_endpoint(operator, worker, endpoint.into())
                .await?;
            tracing::info!(%worker, endpoint, "announced a new endpoint");
        }
        Some(_) => {}
    }
    let serving = state.cluster_of(&worker).await?;
    if serving == Some(cluster) {
        return Ok(());
    }
    if !state.cluster_exists(cluster).await? {
        return Err(EnrolError::NoCluster(cluster));
    }
    if serving.is_some() {
        client.leave_cluster(operator, worker).await?;
    }
    client.join_cluster(operator, worker, cluster).await?;
    tracing::info!(%worker, %cluster, "joined the cluster");
    Ok(())
}
