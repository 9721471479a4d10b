//! The connections of contracts, which are kept from one run to the next.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioTimer},
};
use phat_primitives::ContractId;
use rustls::ClientConfig;
use url::Url;

use super::{
    connector::{Connector, Way},
    resolver::Reachable,
    tls,
};
use crate::{
    EgressConfig, EngineError, RunClass,
    shares::{LookupTurns, Place},
};

/// How many unused connections to an origin are kept for a contract.
const IDLE_CONNECTIONS_MAX: usize = 2;
/// How many origins a contract's client is for. Another takes over after that, so
/// a contract that asks many keeps no connection to each.
const ORIGINS_MAX: usize = 8;
/// How many contracts have connections kept, those that ran last; one that has runs
/// of both classes counts twice. With the bounds above, at most 512 unused
/// connections are open.
const CONTRACTS_MAX: usize = 32;

pub type HttpClient = Client<Connector, Full<Bytes>>;

/// The way out of an engine.
pub struct Egress {
    tls: ClientConfig,
    way: Arc<Way>,
    /// The connections of contracts, those of the one that ran last at the end.
    kept: Mutex<Vec<(Owner, Arc<Connections>)>>,
}

/// Whose connections they are. Whoever calls a contract for nothing can make it
/// ask what a server breaks a connection off for: that must not be the connection
/// of a request that someone paid for.
type Owner = (ContractId, RunClass);

impl Egress {
    pub fn new(config: &EgressConfig) -> Result<Self, EngineError> {
        Ok(Self {
            tls: tls::client_config(config)?,
            way: Arc::new(Way {
                allow_private_networks: config.allow_private_networks,
                lookup: config.lookup.clone(),
                proxy: config.proxy.clone(),
                idle_time_max: config.idle_time_max,
            }),
            kept: Mutex::default(),
        })
    }

    /// Where a request with this scheme may go; none if nowhere.
    pub fn reachable(&self, is_secure: bool) -> Option<Reachable> {
        self.way.reachable(is_secure)
    }

    /// The connections of a run's contract and class. What is not deployed has no
    /// contract of its own, so its runs share nothing.
    pub fn connections(&self, place: &Place) -> Arc<Connections> {
        let owner = (place.contract(), place.class());
        let made = || {
            Arc::new(Connections::new(
                self.way.clone(),
                self.tls.clone(),
                place.lookups.clone(),
            ))
        };
        if place.contract() == ContractId::default() {
            return made();
        }
        // A panic elsewhere leaves a list of whole entries here.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().position(|(other, _)| *other == owner);
        let connections = match found {
            Some(index) => kept.remove(index).1,
            None => made(),
        };
        if kept.len() >= CONTRACTS_MAX {
            kept.remove(0);
        }
        kept.push((owner, connections.clone()));
        connections
    }
}

/// The connections of one contract's runs of one class, with their TLS sessions.
/// Nothing of them is shared with another contract: a server that ends a
/// connection, or takes whoever speaks on it for who logged in there, does so to one
/// contract only. Nothing else is kept: what a request carries, it was given by its
/// own run.
pub struct Connections {
    way: Arc<Way>,
    tls: ClientConfig,
    lookups: LookupTurns,
    clients: Mutex<Clients>,
}

#[derive(Default)]
struct Clients {
    origins: BTreeSet<String>,
    client: Option<HttpClient>,
}

impl Connections {
    fn new(way: Arc<Way>, tls: ClientConfig, lookups: LookupTurns) -> Self {
        Self {
            way,
            tls,
            lookups,
            clients: Mutex::default(),
        }
    }

    /// The client for a URL that is checked, made if there is none yet.
    pub fn client(&self, url: &Url) -> HttpClient {
        // Whatever a panic elsewhere leaves here is a client or none.
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = url.origin().ascii_serialization();
        if !clients.origins.contains(&origin) {
            if clients.origins.len() == ORIGINS_MAX {
                // What is under way goes on; what is unused is closed.
                *clients = Clients::default();
            }
            clients.origins.insert(origin);
        }
        let client = clients.client.get_or_insert_with(|| self.connect());
        client.clone()
    }

    fn connect(&self) -> HttpClient {
        let connector = Connector {
            way: self.way.clone(),
            tls: Arc::new(tls::of_contract(&self.tls)),
            lookups: self.lookups.clone(),
        };
        Client::builder(TokioExecutor::new())
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(self.way.idle_time_max)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .build(connector)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shares::{Bounds, Shares};

    fn place(contract: u8) -> Place {
        place_for(RunClass::Call, contract)
    }

    fn place_for(class: RunClass, contract: u8) -> Place {
        let shares = Arc::new(Shares::new(Bounds {
            anchor_runs: 1,
            calls: 1,
            memory_bytes: 1,
            requests: 1,
            lookups: 1,
        }));
        let contract = ContractId([contract; 32]);
        shares.enter(class, contract).unwrap()
    }

    fn egress() -> Egress {
        Egress::new(&EgressConfig::default()).unwrap()
    }

    #[tokio::test]
    async fn a_contract_keeps_connections_to_few_origins() {
        let connections = egress().connections(&place(1));
        let origins = || connections.clients.lock().unwrap().origins.len();
        let ask = |url: String| {
            let url = url.parse().unwrap();
            connections.client(&url);
        };
        for port in 1..=ORIGINS_MAX {
            ask(format!("https://a.example:{port}/{port}"));
            // The same origin again.
            ask(format!("https://a.example:{port}/"));
            assert_eq!(origins(), port);
        }
        ask("https://b.example/".to_owned());
        assert_eq!(origins(), 1, "the client for the others is gone");
    }

    #[test]
    fn few_contracts_keep_connections() {
        let egress = egress();
        let of = |contract: u8| egress.connections(&place(contract));
        let first = of(1);
        assert!(Arc::ptr_eq(&first, &of(1)));
        for contract in 2..=u8::try_from(CONTRACTS_MAX).unwrap() {
            of(contract);
        }
        // The first ran again, so the second is the one that goes.
        let second = of(2);
        assert!(Arc::ptr_eq(&first, &of(1)));
        for contract in 3..=u8::try_from(CONTRACTS_MAX).unwrap() {
            of(contract);
        }
        assert!(Arc::ptr_eq(&second, &of(2)));
        of(100);
        assert_eq!(egress.kept.lock().unwrap().len(), CONTRACTS_MAX);
        assert!(!Arc::ptr_eq(&first, &of(1)), "it was not used for longest");
        assert!(Arc::ptr_eq(&second, &of(2)));
    }

    #[test]
    fn calls_and_requests_of_anchors_share_no_connection() {
        let egress = egress();
        let of = |class| egress.connections(&place_for(class, 1));
        assert!(!Arc::ptr_eq(&of(RunClass::Call), &of(RunClass::Anchor)));
        assert!(Arc::ptr_eq(&of(RunClass::Call), &of(RunClass::Call)));
        assert!(Arc::ptr_eq(&of(RunClass::Anchor), &of(RunClass::Anchor)));
    }

    #[test]
    fn what_is_not_deployed_keeps_nothing() {
        let egress = egress();
        let of_none = || egress.connections(&place(0));
        assert!(!Arc::ptr_eq(&of_none(), &of_none()));
        assert!(egress.kept.lock().unwrap().is_empty());
    }
}
