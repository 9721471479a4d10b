//! HTTP clients.

use std::sync::Arc;

use anyhow::Result;
use reqwest::{Client, ClientBuilder, redirect::Policy};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

/// A client to be configured further. It trusts the system's certificate
/// authorities, uses no proxy, follows no redirects and repeats nothing by itself.
pub fn client() -> Result<ClientBuilder> {
    let mut roots = RootCertStore::empty();
    // A machine without authorities can still speak HTTP without TLS.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(Policy::none())
        .retry(reqwest::retry::never()))
}
