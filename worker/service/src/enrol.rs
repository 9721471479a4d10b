//! Registers the worker, has its platform vouch for it, and has it join its cluster.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use codec::Encode;
use phat_chain_client::{ChainClient, ChainError, Evidence, Included, NewWorker, Signer, State};
use phat_primitives::{
    AccountBytes, Attestation, ClusterId, Registration, attestation::ReportData,
};
use thiserror::Error;
use tokio::task::{JoinError, spawn_blocking};

use crate::{
    attest::{AttestError, Attester},
    keys::WorkerKeys,
    pace::now_s,
};

/// The longest pause between two looks at whether the attestation is to be renewed.
const LOOK_MAX: Duration = Duration::from_secs(60 * 60);
/// The file in the data folder with what an operator submits besides.
const EVIDENCE_FILE: &str = "evidence.scale";

/// The worker cannot be enrolled.
#[derive(Debug, Error)]
pub enum EnrolError {
    /// The chain did not do as asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The platform does not vouch for the worker.
    #[error(transparent)]
    Attest(#[from] AttestError),
    /// It could not be asked.
    #[error("the platform cannot be asked for a quote: {0}")]
    Quoting(#[from] JoinError),
    /// What the platform says does not count on the chain.
    #[error("the chain does not accept what the platform says of the worker: {0}")]
    NotAccepted(ChainError),
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

/// When to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Soon: it was the connection.
    Soon,
    /// Later: the platform, its collateral or the network's rules may be others then. Each try
    /// may cost a fee.
    Later,
    /// Never: someone has to do something first.
    Never,
}

impl EnrolError {
    /// When trying again may help.
    pub fn retry(&self) -> Retry {
        let is_passing = |error: &ChainError| {
            error.is_connection()
                || matches!(error, ChainError::NotFinal(_) | ChainError::Invalid(_))
        };
        match self {
            Self::Chain(error) | Self::NotAccepted(error) if is_passing(error) => Retry::Soon,
            Self::Attest(error) if error.is_passing() => Retry::Soon,
            Self::Attest(_) | Self::Quoting(_) | Self::NotAccepted(_) => Retry::Later,
            Self::Chain(_) | Self::OtherOperator(_) | Self::NoCluster(_) => Retry::Never,
        }
    }
}

/// What an operator submits to register the worker with `endpoint`, but for evidence.
pub fn registration(
    keys: &WorkerKeys,
    genesis_hash: [u8; 32],
    operator: AccountBytes,
    endpoint: &str,
) -> NewWorker {
    let worker = keys.worker_id();
    let encryption_key = keys.store().encryption_key();
    let payload = Registration {
        genesis_hash,
        operator,
        worker,
        encryption_key,
        endpoint: endpoint.as_bytes(),
    }
    .signing_payload();
    NewWorker {
        worker,
        encryption_key,
        endpoint: endpoint.into(),
        evidence: None,
        signature: keys.store().sign_for_chain(&payload),
    }
}

/// Enrols the worker, and keeps its attestation from expiring.
pub struct Enroller {
    keys: Arc<WorkerKeys>,
    cluster: ClusterId,
    endpoint: String,
    attester: Option<Arc<Attester>>,
    /// When the attestation is to be renewed, in seconds since 1970. It is made anew at each
    /// start, since the worker may be another release than before.
    renew_at_s: Option<u64>,
}

impl Enroller {
    /// For a worker that is to serve `cluster`, and answers at `endpoint`.
    pub fn new(
        keys: Arc<WorkerKeys>,
        cluster: ClusterId,
        endpoint: String,
        attester: Option<Attester>,
    ) -> Self {
        Self {
            keys,
            cluster,
            endpoint,
            attester: attester.map(Arc::new),
            renew_at_s: None,
        }
    }

    /// Does what is missing for the worker to be registered, attested and a member. Gives when to
    /// look again, unless nothing will have to be done.
    pub async fn enrol(
        &mut self,
        client: &ChainClient,
        operator: &Signer,
    ) -> Result<Option<Duration>, EnrolError> {
        let worker = self.keys.worker_id();
        let state = client.latest().await?;
        match state.worker(&worker).await? {
            None => self.register(client, operator).await?,
            Some(known) if known.operator != operator.account() => {
                return Err(EnrolError::OtherOperator(known.operator));
            }
            Some(known) => {
                if known.endpoint != self.endpoint {
                    let endpoint = self.endpoint.clone();
                    client.update_endpoint(operator, worker, endpoint).await?;
                    tracing::info!(%worker, endpoint = self.endpoint, "announced a new endpoint");
                }
                if self.renew_at_s.is_none_or(|at| now_s() >= at) {
                    self.renew(client, operator).await?;
                }
            }
        }
        self.join(client, operator, &state).await?;
        Ok(self.next_look())
    }

    /// Tells an operator who submits by other means what there is to submit.
    pub async fn announce(
        &self,
        client: &ChainClient,
        operator: Option<AccountBytes>,
        data_dir: &Path,
    ) -> Result<Option<Duration>, EnrolError> {
        let worker = self.keys.worker_id();
        let state = client.latest().await?;
        match (state.worker(&worker).await?, operator) {
            (Some(known), _) => {
                let life_max_s = state.attestation_life_max_s().await?;
                if is_old(&known.attestation, life_max_s, now_s())
                    && let Some(file) = self
                        .write_evidence(client, known.operator, data_dir)
                        .await?
                {
                    tracing::warn!(
                        %worker,
                        evidence = %file.display(),
                        operator = %known.operator,
                        "the attestation is to be renewed: the operator must submit \
                         registry.renew with this evidence, in SCALE"
                    );
                }
            }
            (None, Some(operator)) => {
                let genesis_hash = client.genesis_hash().0;
                let new = registration(&self.keys, genesis_hash, operator, &self.endpoint);
                let file = self.write_evidence(client, operator, data_dir).await?;
                tracing::warn!(
                    %worker,
                    encryption_key = %new.encryption_key,
                    endpoint = new.endpoint,
                    evidence = file.map_or("none".into(), |file| file.display().to_string()),
                    signature = format!("0x{}", hex::encode(new.signature)),
                    %operator,
                    cluster = %self.cluster,
                    "not registered: the operator must submit registry.register with these \
                     values, the evidence in SCALE, then phatContracts.joinCluster"
                );
            }
            (None, None) => tracing::warn!(
                %worker,
                "not registered: start with --operator ACCOUNT to be told what that account \
                 must submit"
            ),
        }
        Ok(self.attester.is_some().then_some(LOOK_MAX))
    }

    async fn register(
        &mut self,
        client: &ChainClient,
        operator: &Signer,
    ) -> Result<(), EnrolError> {
        let genesis_hash = client.genesis_hash().0;
        let mut new = registration(&self.keys, genesis_hash, operator.account(), &self.endpoint);
        new.evidence = self.evidence(client, operator.account()).await?;
        let is_attested = new.evidence.is_some();
        let registered = client.register(operator, new).await;
        if is_attested {
            let included = registered.map_err(EnrolError::NotAccepted)?;
            self.note_attested(client, included).await?;
        } else {
            registered?;
        }
        let worker = self.keys.worker_id();
        tracing::info!(%worker, endpoint = self.endpoint, "registered");
        Ok(())
    }

    /// Has the platform vouch for the worker again, if it has one.
    async fn renew(&mut self, client: &ChainClient, operator: &Signer) -> Result<(), EnrolError> {
        let Some(evidence) = self.evidence(client, operator.account()).await? else {
            return Ok(());
        };
        let worker = self.keys.worker_id();
        let included = client
            .renew(operator, worker, evidence)
            .await
            .map_err(EnrolError::NotAccepted)?;
        self.note_attested(client, included).await
    }

    async fn join(
        &self,
        client: &ChainClient,
        operator: &Signer,
        state: &State,
    ) -> Result<(), EnrolError> {
        let (worker, cluster) = (self.keys.worker_id(), self.cluster);
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

    /// What the platform says of the worker and this operator, if there is one.
    async fn evidence(
        &self,
        client: &ChainClient,
        operator: AccountBytes,
    ) -> Result<Option<Evidence>, EnrolError> {
        let Some(attester) = self.attester.clone() else {
            return Ok(None);
        };
        let bound = ReportData {
            genesis_hash: client.genesis_hash().0,
            worker: self.keys.worker_id(),
            encryption_key: self.keys.store().encryption_key(),
            operator,
        };
        Ok(Some(
            spawn_blocking(move || attester.evidence(&bound)).await??,
        ))
    }

    async fn write_evidence(
        &self,
        client: &ChainClient,
        operator: AccountBytes,
        folder: &Path,
    ) -> Result<Option<PathBuf>, EnrolError> {
        let Some(Evidence { quote, collateral }) = self.evidence(client, operator).await? else {
            return Ok(None);
        };
        let path = folder.join(EVIDENCE_FILE);
        match fs::write(&path, (quote, collateral).encode()) {
            Ok(()) => Ok(Some(path)),
            Err(source) => Err(AttestError::File { path, source }.into()),
        }
    }

    /// Reads for how long the attestation in this block holds.
    async fn note_attested(
        &mut self,
        client: &ChainClient,
        included: Included,
    ) -> Result<(), EnrolError> {
        let worker = self.keys.worker_id();
        let known = client.at(included.block).await?.worker(&worker).await?;
        if let Some(Attestation::Dcap { expires_at_s, .. }) = known.map(|known| known.attestation) {
            self.renew_at_s = Some(renew_at_s(now_s(), expires_at_s));
            tracing::info!(%worker, expires_at_s, "attested");
        }
        Ok(())
    }

    /// When to look whether the attestation is to be renewed.
    fn next_look(&self) -> Option<Duration> {
        self.attester.as_ref()?;
        let left_s = self.renew_at_s?.saturating_sub(now_s());
        Some(Duration::from_secs(left_s.max(1)).min(LOOK_MAX))
    }
}

/// When an attestation of this life is to be renewed: when less than a third of it is left.
fn renew_at_s(now_s: u64, expires_at_s: u64) -> u64 {
    let life_s = expires_at_s.saturating_sub(now_s);
    now_s.saturating_add(life_s - life_s / 3)
}

/// Whether less than a third is left of what the chain lets an attestation live.
fn is_old(attestation: &Attestation, life_max_s: u64, now_s: u64) -> bool {
    match attestation {
        Attestation::None => true,
        Attestation::Dcap { expires_at_s, .. } => {
            expires_at_s.saturating_sub(now_s) < life_max_s / 3
        }
    }
}

#[cfg(test)]
mod tests {
    use phat_primitives::attestation::{ConfidenceLevel, Measurement};

    use super::*;

    #[test]
    fn an_attestation_is_renewed_when_less_than_a_third_is_left() {
        assert_eq!(renew_at_s(1_000, 1_900), 1_600);
        assert_eq!(renew_at_s(1_000, 1_001), 1_001);
        assert_eq!(renew_at_s(1_000, 900), 1_000);

        let until = |expires_at_s| Attestation::Dcap {
            measurement: Measurement::Tdx {
                mr_td: [0; 48],
                rtmr: [[0; 48]; 4],
            },
            confidence_level: ConfidenceLevel::BEST,
            expires_at_s,
        };
        assert!(is_old(&Attestation::None, 900, 1_000));
        for (expires_at_s, expected) in [(1_300, false), (1_299, true), (900, true)] {
            let attestation = until(expires_at_s);
            assert_eq!(is_old(&attestation, 900, 1_000), expected, "{expires_at_s}");
        }
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        let refused = || ChainError::Refused {
            pallet: "Registry".into(),
            error: "RootUnknown".into(),
            explanation: String::new(),
        };
        let cluster = EnrolError::NoCluster(ClusterId(7));
        for (error, retry) in [
            (EnrolError::Chain(ChainError::StreamEnded), Retry::Soon),
            (
                EnrolError::NotAccepted(ChainError::StreamEnded),
                Retry::Soon,
            ),
            (EnrolError::NotAccepted(refused()), Retry::Later),
            (EnrolError::Chain(refused()), Retry::Never),
            (cluster, Retry::Never),
        ] {
            assert_eq!(error.retry(), retry, "{error}");
        }
    }
}
