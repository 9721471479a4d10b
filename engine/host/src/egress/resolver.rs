//! Names to addresses that contracts may reach.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    vec,
};

use hyper_util::client::legacy::connect::dns::Name;
use thiserror::Error;
use tokio::task::spawn_blocking;
use tower_service::Service;

use super::address::{Reach, reach};
use crate::{HttpError, HttpErrorCode, shares::LookupTurns};

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
    pub(crate) fn to_http(&self, host: &str) -> HttpError {
        let code = match self {
            Self::NoAddress(_) => HttpErrorCode::Dns,
            Self::Refused(_) => HttpErrorCode::AddressRefused,
        };
        HttpError::new(code, format!("{host}: {self}"))
    }
}

impl Reachable {
    /// Where a worker may send what it sends on a stranger's word.
    pub fn by_operator(allow_private_networks: bool) -> Self {
        if allow_private_networks {
            Self::PublicAndPrivate
        } else {
            Self::Public
        }
    }

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

/// How names are resolved: a function from a name to its addresses, of which the
/// ports do not count. It blocks its thread for as long as it likes. By default it
/// is the system's resolver.
///
/// Whatever it answers is checked before a connection is made.
#[derive(Clone)]
pub struct NameLookup(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

impl NameLookup {
    /// Resolves names with this function.
    pub fn new(
        lookup: impl Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(lookup))
    }
}

impl Default for NameLookup {
    fn default() -> Self {
        Self::new(|name| Ok((name, 0).to_socket_addrs()?.collect()))
    }
}

impl fmt::Debug for NameLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NameLookup").finish_non_exhaustive()
    }
}

/// Resolves names. If one address of a name is refused, all are: no honest name
/// points both outside and inside.
#[derive(Clone)]
pub struct CheckedResolver {
    pub reachable: Reachable,
    /// Whose turn it is to block a thread. Threads are shared with all else that
    /// blocks, the worker's journal too, so lookups may not take them all.
    pub turns: LookupTurns,
    pub lookup: NameLookup,
}

impl CheckedResolver {
    /// The addresses of a host as it stands in a URL: a name or an address, the
    /// latter in brackets if it is of IPv6.
    pub async fn addresses(&self, host: &str) -> Result<Vec<SocketAddr>, ResolveError> {
        if let Some(address) = literal(host) {
            self.reachable.check(address)?;
            return Ok(vec![SocketAddr::new(address, 0)]);
        }
        let turn = self.turns.next().await;
        let (lookup, name) = (self.lookup.clone(), host.to_owned());
        // The turn goes with the lookup, which goes on when nobody waits for
        // it any more: its thread is taken until it ends.
        let found = spawn_blocking(move || {
            let found = (lookup.0)(&name);
            drop(turn);
            found
        });
        let addresses = found
            .await
            .map_err(io::Error::other)
            .flatten()
            .map_err(|error| ResolveError::NoAddress(error.to_string()))?;
        if addresses.is_empty() {
            return Err(ResolveError::NoAddress("it has no address".to_owned()));
        }
        for address in &addresses {
            self.reachable.check(address.ip())?;
        }
        Ok(addresses)
    }
}

/// The address that a host of a URL is, if it is one.
pub fn literal(host: &str) -> Option<IpAddr> {
    let inner = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    inner.unwrap_or(host).parse().ok()
}

/// What the connector of TCP asks.
impl Service<Name> for CheckedResolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = ResolveError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ResolveError>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), ResolveError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let resolver = self.clone();
        Box::pin(async move { Ok(resolver.addresses(name.as_str()).await?.into_iter()) })
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{Condvar, Mutex},
        time::Duration,
    };

    use phat_primitives::ContractId;
    use tokio::{runtime::Builder, time::timeout};

    use super::*;
    use crate::{
        RunClass,
        shares::{Bounds, Shares},
    };

    /// The turns of a contract in an engine that looks up so many names at once.
    fn turns(shares: &Arc<Shares>, contract: u8) -> LookupTurns {
        let place = shares.enter(RunClass::Call, ContractId([contract; 32]));
        place.unwrap().lookups.clone()
    }

    fn shares(lookups: usize) -> Arc<Shares> {
        Arc::new(Shares::new(Bounds {
            anchor_runs: 8,
            calls: 8,
            memory_bytes: 1,
            requests: 8,
            lookups,
        }))
    }

    /// Names whose servers never answer leave threads for others, though nobody
    /// waits for the answers any more.
    #[test]
    fn hung_lookups_leave_threads_for_the_rest() {
        const LOOKUPS: usize = 4;
        const CONTRACTS: u8 = 8;
        let gate = Arc::new((Mutex::new(false), Condvar::new()));
        let of_lookup = gate.clone();
        let lookup = NameLookup::new(move |_| {
            let (is_open, opened) = &*of_lookup;
            let closed = opened.wait_while(is_open.lock().unwrap(), |is_open| !*is_open);
            drop(closed.unwrap());
            Ok(Vec::new())
        });
        let runtime = Builder::new_current_thread()
            .enable_time()
            .max_blocking_threads(LOOKUPS + 1)
            .build()
            .unwrap();
        let shares = shares(LOOKUPS);
        let result = runtime.block_on(async {
            for contract in 0..CONTRACTS {
                let resolver = CheckedResolver {
                    reachable: Reachable::Public,
                    turns: turns(&shares, contract),
                    lookup: lookup.clone(),
                };
                for _ in 0..LOOKUPS {
                    let resolving = resolver.addresses("never.example");
                    let gave_up = timeout(Duration::ZERO, resolving).await;
                    assert!(gave_up.is_err());
                }
            }
            timeout(Duration::from_secs(10), spawn_blocking(|| "journaled")).await
        });
        let (is_open, opened) = &*gate;
        *is_open.lock().unwrap() = true;
        opened.notify_all();
        assert_eq!(result.expect("no thread was left").unwrap(), "journaled");
    }

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
        let resolver = |reachable| CheckedResolver {
            reachable,
            turns: turns(&shares(4), 1),
            lookup: NameLookup::default(),
        };
        let loopback = Err(ResolveError::Refused("the loopback network"));
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            let found = resolver(Reachable::Public).addresses(host).await;
            assert_eq!(found, loopback, "{host}");
            let found = resolver(Reachable::PublicAndPrivate).addresses(host).await;
            assert!(found.is_ok(), "{host}");
        }
    }

    /// A name with one address outside and one inside is as good as inside.
    #[tokio::test]
    async fn one_refused_address_refuses_the_name() {
        let outside: SocketAddr = "1.1.1.1:0".parse().unwrap();
        let inside: SocketAddr = "10.0.0.1:0".parse().unwrap();
        for addresses in [vec![outside, inside], vec![inside, outside]] {
            let resolver = CheckedResolver {
                reachable: Reachable::Public,
                turns: turns(&shares(4), 1),
                lookup: NameLookup::new(move |_| Ok(addresses.clone())),
            };
            let found = resolver.addresses("both.example").await;
            assert_eq!(found, Err(ResolveError::Refused("a private network")));
        }
    }
}
