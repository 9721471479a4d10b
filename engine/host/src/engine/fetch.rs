//! What an operator's program gets over HTTP on a stranger's word, in the way of contracts.

use std::time::Duration;

use phat_manifest::Limits;
use phat_primitives::ContractId;
use thiserror::Error;

use super::Engine;
use crate::{
    HttpRequest, Redirect, RunClass,
    egress::{FetchError, RunEgress},
};

/// Stands for any host.
const ANY_HOST: &str = "*";

/// Something that could not be had over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct FetchFailed(String);

impl Engine {
    /// Gets what is at a URL that a stranger chose.
    ///
    /// All holds of it that holds of requests of contracts: it has to be `https`, and at an
    /// address on the public internet, unless the operator allows private ones; and it goes
    /// through the operator's proxy. It counts as a call of a contract that there is not. It may
    /// have `bytes_max` bytes, before and after it is decoded, and take `time_max`.
    pub async fn fetch(
        &self,
        url: &str,
        bytes_max: u64,
        time_max: Duration,
    ) -> Result<Vec<u8>, FetchFailed> {
        let place = self
            .inner
            .shares
            .enter(RunClass::Call, ContractId::default())
            .map_err(|failure| FetchFailed(failure.message))?;
        let limits = Limits {
            http_time_ms: u64::try_from(time_max.as_millis()).unwrap_or(u64::MAX),
            http_response_bytes: bytes_max,
            transcript_bytes: bytes_max,
            ..Limits::default()
        };
        let hosts = [ANY_HOST.to_owned()];
        let egress = RunEgress::new(self.inner.egress.clone(), &hosts, &limits, &place);
        let mut charge = place.account().charge();
        let request = HttpRequest {
            method: "GET".into(),
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
            redirect: Redirect::Follow,
            timeout_ms: None,
        };
        match egress.fetch(request, &mut charge).await {
            Ok(response) if response.status == 200 => Ok(response.body),
            Ok(response) => {
                let (url, status) = (response.url, response.status);
                Err(FetchFailed(format!("{url} answers with status {status}")))
            }
            Err(FetchError::Request(error)) => Err(FetchFailed(error.message)),
            Err(FetchError::Run(failure)) => Err(FetchFailed(failure.message)),
        }
    }
}
