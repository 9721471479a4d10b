//! Names to addresses that contracts may reach.

use std::{
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    sync::Arc,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;
use tokio::task::spawn_blocking;

use super::address::{Reach, reach};
use crate::{HttpError, HttpErrorCode, shares::Turns};

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

/// Finds the addresses of a name. Blocks its thread, for as long as the servers
/// of the name like, and cannot be broken off.
pub type Lookup = dyn Fn(&str) -> io::Result<Vec<SocketAddr>> + Send + Sync;

/// Asks the system's resolver.
pub fn system_lookup(name: &str) -> io::Result<Vec<SocketAddr>> {
    Ok((name, 0).to_socket_addrs()?.collect())
}

/// Resolves names. If one address of a name is refused, all are: no honest name
/// points both outside and inside.
pub struct CheckedResolver {
    pub reachable: Reachable,
    /// Whose turn it is to block a thread. Threads are shared with all else that
    /// blocks, the worker's journal too, so lookups may not take them all.
    pub turns: Turns,
    pub lookup: Arc<Lookup>,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (reachable, turns, lookup) = (self.reachable, self.turns.clone(), self.lookup.clone());
        Box::pin(async move {
            let turn = turns.next().await;
            // The turn goes with the lookup, which goes on when nobody waits for
            // it any more: its thread is taken until it ends.
            let found = spawn_blocking(move || {
                let found = lookup(name.as_str());
                drop(turn);
                found
            });
            let addresses = found
                .await
                .map_err(io::Error::other)
                .flatten()
                .map_err(|error| ResolveError::NoAddress(error.to_string()))?;
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
    fn turns(shares: &Arc<Shares>, contract: u8) -> Turns {
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
        let lookup: Arc<Lookup> = Arc::new(move |_| {
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
                    let resolving = resolver.resolve("never.example".parse().unwrap());
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
        let resolve = |reachable| {
            let resolver = CheckedResolver {
                reachable,
                turns: turns(&shares(4), 1),
                lookup: Arc::new(system_lookup),
            };
            resolver.resolve("localhost".parse().unwrap())
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
