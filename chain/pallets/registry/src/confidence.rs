//! How far the platform of a worker is trusted, for the pallets that pay by it.

use phat_primitives::{Attestation, WorkerId, attestation::ConfidenceLevel};

use crate::{Config, Pallet, Workers};

/// Answers how far workers' platforms are trusted.
pub trait ConfidenceLookup {
    /// The level of `worker`'s platform when it was attested last, or `None` when the worker is not
    /// registered. A worker that nothing but its operator's word vouches for has the worst level.
    fn confidence_level(worker: &WorkerId) -> Option<ConfidenceLevel>;
}

impl<T: Config> ConfidenceLookup for Pallet<T> {
    fn confidence_level(worker: &WorkerId) -> Option<ConfidenceLevel> {
        Workers::<T>::get(worker).map(|info| match info.attestation {
            Attestation::None => ConfidenceLevel::WORST,
            Attestation::Dcap {
                confidence_level, ..
            } => confidence_level,
        })
    }
}
