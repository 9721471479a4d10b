//! The client of a service that has collateral.

use std::time::Duration;

use phat_attestation::Collateral;
use reqwest::Client;
use url::Url;

use crate::{
    CollateralError, answer,
    http::{self, Raw},
    parts::Parts,
    platform::{self, By},
};

/// The URL of Intel's own service.
pub const INTEL_PCS_URL: &str = "https://api.trustedservices.intel.com";

/// How long a service may take for each answer where nothing else is said.
const ANSWER_TIME_MAX_DEFAULT: Duration = Duration::from_secs(30);

/// Which service is asked, and how.
#[derive(Clone, Debug)]
pub struct PccsConfig {
    /// The service: [`INTEL_PCS_URL`], or a cache of it. HTTPS alone.
    pub url: Url,
    /// Certificate authorities to trust besides those of the system, in PEM. Caches often have
    /// certificates of their own making.
    pub extra_ca_pem: Vec<Vec<u8>>,
    /// How long it may take for each of its four or five answers.
    pub answer_time_max: Duration,
}

impl PccsConfig {
    /// The service at `url`, with the system's authorities and the usual patience.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            extra_ca_pem: Vec::new(),
            answer_time_max: ANSWER_TIME_MAX_DEFAULT,
        }
    }
}

/// Asks a service for collateral.
#[derive(Clone, Debug)]
pub struct PccsClient {
    http: Client,
    parts: Parts,
}

impl PccsClient {
    /// A client as `config` says. Nothing is sent yet.
    pub fn new(config: &PccsConfig) -> Result<Self, CollateralError> {
        let parts = Parts::new(&config.url)
            .ok_or_else(|| CollateralError::BadUrl(config.url.to_string()))?;
        Ok(Self {
            http: http::client(&config.extra_ca_pem, config.answer_time_max)?,
            parts,
        })
    }

    /// What is published of the platform that made `quote`, as it is at `now_s`, in seconds since
    /// 1970. It holds at that time, and is of that kind of platform; that Intel signed it is for
    /// the verifier to find.
    pub async fn collateral(
        &self,
        quote: &[u8],
        now_s: u64,
    ) -> Result<Collateral, CollateralError> {
        let named = platform::named(quote)?;
        let (chain, fetched_chain) = match named.by {
            By::Chain(chain) => (chain, None),
            By::EncryptedPpid { qe_id, params } => {
                let raw = self
                    .get(self.parts.pck_certificate(&qe_id, &params))
                    .await?;
                let chain = answer::pck_chain(&raw)?;
                (chain.clone(), Some(chain))
            }
        };
        let kind = platform::kind(&chain).map_err(CollateralError::Quote)?;

        let raw = self.get(self.parts.pck_revocations(&kind)).await?;
        let platforms = answer::pck_revocations(&raw, now_s)?;
        let raw = self
            .get(self.parts.tcb_info(named.is_sgx, &kind.fmspc))
            .await?;
        let tcb_info = answer::tcb_info(&raw, &kind.fmspc, now_s)?;
        let raw = self.get(self.parts.qe_identity(named.is_sgx)).await?;
        let qe_identity = answer::qe_identity(&raw, now_s)?;
        let url = self.parts.root_revocations();
        let url = url.map_err(|error| CollateralError::Client(error.to_string()))?;
        let root_ca_crl = answer::root_revocations(&self.get(url).await?, now_s)?;

        Ok(Collateral {
            pck_crl_issuer_chain: platforms.issuer_chain,
            root_ca_crl,
            pck_crl: platforms.list,
            tcb_info_issuer_chain: tcb_info.issuer_chain,
            tcb_info: tcb_info.text,
            tcb_info_signature: tcb_info.signature,
            qe_identity_issuer_chain: qe_identity.issuer_chain,
            qe_identity: qe_identity.text,
            qe_identity_signature: qe_identity.signature,
            // What is in the quote need not be here too: the chain stores neither for free.
            pck_certificate_chain: fetched_chain,
        })
    }

    async fn get(&self, url: Url) -> Result<Raw, CollateralError> {
        http::get(&self.http, url).await
    }
}
