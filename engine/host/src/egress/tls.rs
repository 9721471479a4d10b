//! Whom TLS connections trust.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, client::Resumption, crypto::ring};
use rustls_pki_types::{CertificateDer, pem::PemObject};

use crate::{EgressConfig, EngineError};

/// How many TLS sessions of a contract are kept to be resumed, up to 8 of one
/// server. Each is a ticket and certificates, of at most 64 KiB each: mostly a few
/// KiB, and 4 MiB in all for a contract whose servers are out to fill memory.
const SESSIONS_MAX: usize = 32;

/// The configuration for one contract: what is costly is shared, sessions are not.
pub fn of_contract(shared: &ClientConfig) -> ClientConfig {
    let mut config = shared.clone();
    config.resumption = Resumption::in_memory_sessions(SESSIONS_MAX);
    config
}

/// A configuration that trusts the system's authorities and the operator's.
pub fn client_config(config: &EgressConfig) -> Result<ClientConfig, EngineError> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    for error in &native.errors {
        tracing::warn!(%error, "a certificate of the system cannot be read");
    }
    let (added, ignored) = roots.add_parsable_certificates(native.certs);
    tracing::debug!(added, ignored, "certificate authorities of the system");
    for pem in &config.extra_ca_pem {
        let mut found = false;
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate
                .map_err(|error| EngineError::Http(format!("an extra CA is not PEM: {error}")))?;
            roots
                .add(certificate)
                .map_err(|error| EngineError::Http(format!("an extra CA is no CA: {error}")))?;
            found = true;
        }
        if !found {
            return Err(EngineError::Http(
                "an extra CA has no certificate in it".to_owned(),
            ));
        }
    }
    if roots.is_empty() {
        tracing::warn!("no certificate authority is known: no HTTPS host can be reached");
    }
    let mut client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| EngineError::Http(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    client.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(client)
}
