//! Names to addresses that contracts may reach.

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

use super::address::{Reach, reach};
use crate::{HttpError, HttpErrorCode};

/// Which addresses connections may go to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reachable {
    /// Those on the public internet.
    Public,
    /// Those of the operator's own networks too.
    PublicAndPrivate,
    /// Only those of the operator's own networks.
    Private,
}

/// A name or address that cannot be connected to.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ResolveError {
    /// The name has no address.
    #[error("the name cannot be resolved: {0}")]
    NoAddress(String),
    /// The address is in a network that contracts may not reach. It is not
    /// named: what names mean inside the operator's network is not told.
    #[error("it is in {0}, which contracts may not reach")]
    Refused(&'static str),
}

impl ResolveError {
    pub fn to_http(&self, host: &str) -> HttpError {
        let code = match self {
            Self::NoAddress(_) => HttpErrorCode::Dns,
            Self::Refused(_) => HttpErrorCode::AddressRefused,
        };
        HttpError::new(code, format!("{host}: {self}"))
    }
}

impl Reachable {
    /// Refuses an address outside.
    pub fn check(self, address: IpAddr) -> Result<(), ResolveError> {
        match (reach(address), self) {
            (Reach::Public, Self::Public | Self::PublicAndPrivate)
            | (Reach::Private(_), Self::PublicAndPrivate | Self::Private) => Ok(()),
            (Reach::Public, Self::Private) => {
                Err(ResolveError::Refused("the public internet without TLS"))
            }
            (Reach::Private(network), Self::Public) | (Reach::Never(network), _) => {
                Err(ResolveError::Refused(network))
            }
        }
    }
}

/// Resolves names with the system's resolver. If one address of a name is
/// refused, all are: no honest name points both outside and inside.
pub struct CheckedResolver(pub Reachable);

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reachable = self.0;
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0))
                .await
                .map_err(|error| ResolveError::NoAddress(error.to_string()))?
                .collect::<Vec<SocketAddr>>();
            if addresses.is_empty() {
                return Err(ResolveError::NoAddress("it has no address".to_owned()).into());
            }
            for address in &addresses {
                reachable.check(address.ip())?;
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_networks_are_for_those_who_ask() {
        let check = |address: &str, expected: [bool; 3]| {
            let modes = [
                Reachable::Public,
                Reachable::PublicAndPrivate,
                Reachable::Private,
            ];
            let found = modes.map(|mode| mode.check(address.parse().unwrap()).is_ok());
            assert_eq!(found, expected, "{address}");
        };
        check("1.1.1.1", [true, true, false]);
        check("127.0.0.1", [false, true, true]);
        check("::1", [false, true, true]);
        check("169.254.169.254", [false, false, false]);
        check("224.0.0.1", [false, false, false]);
    }

    #[tokio::test]
    async fn names_that_resolve_inside_are_refused() {
        let resolve = |reachable| {
            let name: Name = "localhost".parse().unwrap();
            CheckedResolver(reachable).resolve(name)
        };
        let Err(error) = resolve(Reachable::Public).await else {
            panic!("localhost was resolved");
        };
        assert_eq!(
            error.downcast_ref::<ResolveError>(),
            Some(&ResolveError::Refused("the loopback network"))
        );
        assert!(resolve(Reachable::PublicAndPrivate).await.is_ok());
    }
}
