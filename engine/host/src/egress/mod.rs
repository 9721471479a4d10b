//! What leaves the engine: HTTP requests, checked before, during and after.
//!
//! A request must be to a host that the manifest allows, over TLS, to an
//! address on the public internet. The address is checked after the name is
//! resolved, and the connection is made to the address that was checked, so a
//! name that resolves differently the next time gains nothing. Each redirect is
//! a new request in all of this. There are no cookies, no proxies from the
//! environment, and no retries.
//!
//! Runs share nothing of a connection: each has clients of its own, which are
//! gone with it. What they use up together, lookups and open requests, is bounded
//! for each contract and for all.

mod address;
mod client;
mod connections;
mod error;
mod headers;
mod hosts;
mod resolver;
mod tls;

pub use client::RunEgress;
pub use connections::Egress;
pub use error::FetchError;
pub use headers::is_header_refused;
pub use hosts::AllowedHosts;
