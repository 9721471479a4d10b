//! The clients of a run, and with them its connections.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::Client;
use rustls::ClientConfig;
use url::Url;

use super::{
    resolver::{CheckedResolver, Lookup, Reachable, system_lookup},
    tls,
};
use crate::{EgressConfig, EngineError, FailureCode, RunFailure, shares::Turns};

/// How long a connection may take to be made.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(15);
/// How long an unused connection is kept for the next request of the run.
const IDLE_TIME_MAX: Duration = Duration::from_secs(30);
/// How many unused connections to an origin are kept.
const IDLE_CONNECTIONS_MAX: usize = 2;
/// How many origins a client is for. Another takes over after that, so a run that
/// asks many keeps no connection to each.
const ORIGINS_MAX: usize = 16;
const USER_AGENT: &str = concat!("phat/", env!("CARGO_PKG_VERSION"));

/// The way out of an engine: what all its runs have in common.
pub struct Egress {
    tls: Arc<ClientConfig>,
    allow_private_networks: bool,
    lookup: Arc<Lookup>,
}

impl Egress {
    pub fn new(config: &EgressConfig) -> Result<Self, EngineError> {
        Ok(Self {
            tls: Arc::new(tls::client_config(config)?),
            allow_private_networks: config.allow_private_networks,
            lookup: Arc::new(system_lookup),
        })
    }

    /// Where a request with this scheme may go; none if nowhere.
    pub fn reachable(&self, is_secure: bool) -> Option<Reachable> {
        match (is_secure, self.allow_private_networks) {
            (true, false) => Some(Reachable::Public),
            (true, true) => Some(Reachable::PublicAndPrivate),
            (false, true) => Some(Reachable::Private),
            (false, false) => None,
        }
    }
}

/// The connections of one run. Nothing of them, not even a TLS session, is shared
/// with another run: a server that ends one, or takes whoever speaks on it for
/// who logged in there, does so to one contract only.
pub struct Connections {
    egress: Arc<Egress>,
    lookups: Turns,
    clients: Mutex<Clients>,
}

#[derive(Default)]
struct Clients {
    origins: BTreeSet<String>,
    secure: Option<Client>,
    plain: Option<Client>,
}

impl Connections {
    pub fn new(egress: Arc<Egress>, lookups: Turns) -> Self {
        Self {
            egress,
            lookups,
            clients: Mutex::default(),
        }
    }

    pub fn egress(&self) -> &Egress {
        &self.egress
    }

    /// The client for a URL that is checked, made if there is none yet.
    pub fn client(&self, url: &Url, reachable: Reachable) -> Result<Client, RunFailure> {
        // Whatever a panic elsewhere leaves here is a client or none.
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let origin = url.origin().ascii_serialization();
        if !clients.origins.contains(&origin) {
            if clients.origins.len() == ORIGINS_MAX {
                *clients = Clients::default();
            }
            clients.origins.insert(origin);
        }
        let client = if url.scheme() == "https" {
            &mut clients.secure
        } else {
            &mut clients.plain
        };
        match client {
            Some(client) => Ok(client.clone()),
            None => Ok(client.insert(self.connect(reachable)?).clone()),
        }
    }

    fn connect(&self, reachable: Reachable) -> Result<Client, RunFailure> {
        let resolver = CheckedResolver {
            reachable,
            turns: self.lookups.clone(),
            lookup: self.egress.lookup.clone(),
        };
        Client::builder()
            .tls_backend_preconfigured(tls::of_run(&self.egress.tls))
            .dns_resolver(resolver)
            .no_proxy()
            .referer(false)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_TIME_MAX)
            .pool_idle_timeout(IDLE_TIME_MAX)
            .pool_max_idle_per_host(IDLE_CONNECTIONS_MAX)
            .user_agent(USER_AGENT)
            .build()
            .map_err(|error| {
                let message = format!("no HTTP client: {error}");
                RunFailure::new(FailureCode::Engine, message)
            })
    }
}

#[cfg(test)]
mod tests {
    use phat_primitives::ContractId;

    use super::*;
    use crate::{
        RunClass,
        shares::{Bounds, Shares},
    };

    #[test]
    fn a_run_keeps_connections_to_few_origins() {
        let shares = Arc::new(Shares::new(Bounds {
            anchor_runs: 1,
            calls: 1,
            memory_bytes: 1,
            requests: 1,
            lookups: 1,
        }));
        let place = shares.enter(RunClass::Call, ContractId([1; 32])).unwrap();
        let egress = Arc::new(Egress::new(&EgressConfig::default()).unwrap());
        let connections = Connections::new(egress, place.lookups.clone());
        let origins = || connections.clients.lock().unwrap().origins.len();
        let ask = |url: String| {
            let url = url.parse().unwrap();
            connections.client(&url, Reachable::Public).unwrap();
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
}
