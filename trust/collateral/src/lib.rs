//! Fetches what Intel publishes of a platform, from Intel or from a caching service.
//!
//! A quote is verified with its *collateral*: which versions of the platform are good, and which
//! certificates are revoked. [`PccsClient`] asks for it by version 4 of the interface that Intel's
//! Provisioning Certification Service (PCS) and its caches (PCCS) have in common. Nothing here has
//! to be believed: whoever verifies the quote checks Intel's signatures. What is checked here is
//! that an answer is of this platform and holds today, so that nobody pays for submitting one that
//! cannot count.

mod answer;
mod client;
mod error;
mod http;
mod parts;
mod platform;

pub use client::{INTEL_PCS_URL, PccsClient, PccsConfig};
pub use error::CollateralError;
