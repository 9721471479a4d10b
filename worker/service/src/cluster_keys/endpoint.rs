//! Where a worker asks for keys: at addresses that it may reach.
//!
//! Anybody who registers a worker chooses its endpoint, and so a name whose addresses may be in the
//! asking worker's own network. What is asked is encrypted where it has to be, so the endpoint need
//! not be `https`; but it is connected to only where contracts are, at the addresses that were
//! checked.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use phat_engine::{Reachable, ResolveError};
use thiserror::Error;
use url::{Host, Url};

/// How long a name may take to be resolved.
const LOOKUP_TIME_MAX: Duration = Duration::from_secs(10);

/// An endpoint that nothing is sent to.
#[derive(Debug, Error)]
pub enum EndpointError {
    /// It is no URL, or has no host or port.
    #[error("{0} is not the URL of a worker")]
    BadUrl(String),
    /// Its name was not resolved.
    #[error("its name was not resolved: {0}")]
    Lookup(#[from] io::Error),
    /// It has no address, or one that may not be reached.
    #[error("{0}; --allow-private-egress allows private networks, for development")]
    Refused(#[from] ResolveError),
}

/// The addresses of the endpoint, of which there is at least one, if all of them may be reached.
pub(crate) async fn addresses(
    endpoint: &str,
    reachable: Reachable,
) -> Result<Vec<SocketAddr>, EndpointError> {
    let bad = || EndpointError::BadUrl(endpoint.to_owned());
    let url = Url::parse(endpoint).map_err(|_| bad())?;
    let port = url.port_or_known_default().ok_or_else(bad)?;
    let addresses = match url.host().ok_or_else(bad)? {
        Host::Ipv4(address) => vec![SocketAddr::new(IpAddr::V4(address), port)],
        Host::Ipv6(address) => vec![SocketAddr::new(IpAddr::V6(address), port)],
        Host::Domain(name) => {
            let found =
                tokio::time::timeout(LOOKUP_TIME_MAX, tokio::net::lookup_host((name, port)));
            let found = found.await.map_err(io::Error::from)??;
            found.collect()
        }
    };
    if addresses.is_empty() {
        let reason = "it has no address".to_owned();
        return Err(ResolveError::NoAddress(reason).into());
    }
    for address in &addresses {
        reachable.check(address.ip())?;
    }
    Ok(addresses)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn endpoints_inside_are_refused_unless_they_are_allowed() {
        for endpoint in [
            "http://127.0.0.1:8000",
            "https://[::1]:8000/worker",
            "http://10.1.2.3",
            "http://[::ffff:192.168.0.1]:80",
            "http://localhost:8000",
        ] {
            let refused = addresses(endpoint, Reachable::Public).await;
            assert!(
                matches!(refused, Err(EndpointError::Refused(_))),
                "{endpoint}: {refused:?}"
            );
            let allowed = addresses(endpoint, Reachable::PublicAndPrivate).await;
            assert!(!allowed.unwrap().is_empty(), "{endpoint}");
        }
    }

    #[tokio::test]
    async fn what_hands_out_credentials_is_never_asked() {
        let asked = addresses("http://169.254.169.254", Reachable::PublicAndPrivate).await;
        assert!(matches!(asked, Err(EndpointError::Refused(_))));
    }

    #[tokio::test]
    async fn public_addresses_are_asked_at_their_ports() {
        for (endpoint, expected) in [
            ("https://1.1.1.1", "1.1.1.1:443"),
            ("http://1.1.1.1/path", "1.1.1.1:80"),
            ("http://[2606:4700::1111]:8000", "[2606:4700::1111]:8000"),
        ] {
            let expected: SocketAddr = expected.parse().unwrap();
            let found = addresses(endpoint, Reachable::Public).await.unwrap();
            assert_eq!(found, [expected], "{endpoint}");
        }
    }

    #[tokio::test]
    async fn what_is_no_url_of_a_worker_is_refused() {
        for endpoint in [
            "",
            "worker.example",
            "mailto:worker@example.org",
            "unix:/worker",
        ] {
            let refused = addresses(endpoint, Reachable::Public).await;
            assert!(
                matches!(refused, Err(EndpointError::BadUrl(_))),
                "{endpoint}: {refused:?}"
            );
        }
    }
}
