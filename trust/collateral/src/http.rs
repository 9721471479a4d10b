//! Asking over HTTPS, within bounds.

use std::{sync::Arc, time::Duration};

use reqwest::{Client, Response, header::HeaderMap, redirect::Policy};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use url::Url;

use crate::CollateralError;

/// The longest answer that is read, in bytes. Intel's longest is about 20 000.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// How long a service may take to accept a connection.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// What a service answered.
pub struct Raw {
    /// What was asked for.
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// A client that speaks HTTPS alone, uses no proxy and follows no redirects.
pub fn client(
    extra_ca_pem: &[Vec<u8>],
    answer_time_max: Duration,
) -> Result<Client, CollateralError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    for pem in extra_ca_pem {
        add_authority(&mut roots, pem)?;
    }
    let cannot = |error: String| CollateralError::Client(error);
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| cannot(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(true)
        .no_proxy()
        .redirect(Policy::none())
        .connect_timeout(CONNECT_TIME_MAX)
        .timeout(answer_time_max)
        .build()
        .map_err(|error| cannot(chain_of(&error)))
}

fn add_authority(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), CollateralError> {
    let bad = |reason: String| CollateralError::BadAuthority(reason);
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| bad(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| bad(error.to_string()))?;
        count += 1;
    }
    if count == 0 {
        return Err(bad("there is no certificate in it".into()));
    }
    Ok(())
}

/// Gets what is at `url`, if it is there.
pub async fn get(client: &Client, url: Url) -> Result<Raw, CollateralError> {
    let unreachable = |url: &Url, error: reqwest::Error| CollateralError::Unreachable {
        url: url.to_string(),
        reason: chain_of(&error),
    };
    let answer = client.get(url.clone()).send().await;
    let mut response = answer.map_err(|error| unreachable(&url, error))?;
    let status = response.status();
    if !status.is_success() {
        return Err(CollateralError::Refused {
            url: url.into(),
            status,
        });
    }
    let headers = std::mem::take(response.headers_mut());
    match read(&mut response).await {
        Ok(Some(body)) => Ok(Raw { url, headers, body }),
        Ok(None) => Err(CollateralError::TooLong {
            url: url.into(),
            bytes_max: ANSWER_BYTES_MAX,
        }),
        Err(error) => Err(unreachable(&url, error)),
    }
}

/// The body, unless it is longer than may be.
async fn read(response: &mut Response) -> Result<Option<Vec<u8>>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await? {
        if body.len() + piece.len() > ANSWER_BYTES_MAX {
            return Ok(None);
        }
        body.extend_from_slice(&piece);
    }
    Ok(Some(body))
}

/// An error with what is behind it, which says more than the error itself.
fn chain_of(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
