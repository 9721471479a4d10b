//! What leaves the engine: HTTP requests, checked before, during and after.
//!
//! A request must be to a host that the manifest allows, over TLS, to an
//! address on the public internet. The address is checked after the name is
//! resolved, and the connection is made to the address that was checked, so a
//! name that resolves differently the next time gains nothing. That holds behind
//! the operator's proxy too, which is asked for the address and not for the name.
//! Each redirect is a new request in all of this. There are no cookies, no proxies
//! from the environment, and no retries of what a server may have got.
//!
//! Connections are kept for the next run of the same contract and class, and so are
//! their TLS sessions; contracts share neither. What runs use up together, lookups and
//! open requests, is bounded for each contract and for all.

mod address;
mod body;
mod client;
mod connections;
mod connector;
mod decoder;
mod error;
mod headers;
mod hosts;
mod proxy;
mod resolver;
mod tls;

pub use client::RunEgress;
pub use connections::Egress;
pub use error::FetchError;
pub use headers::is_header_refused;
pub use hosts::AllowedHosts;
pub use proxy::{EgressProxy, ParseProxyError};
pub use resolver::{NameLookup, Reachable, ResolveError};
