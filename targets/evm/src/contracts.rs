//! Rust types of the contracts, made from their compiled artifacts.

#![allow(
    missing_docs,
    clippy::too_many_arguments,
    reason = "generated from the contracts, which document themselves"
)]

/// The anchor that consumers inherit.
pub(crate) mod anchor {
    alloy::sol!(
        #![sol(all_derives)]
        PhatAnchor,
        "../../contracts/evm/artifacts/PhatAnchor.json"
    );
}

/// The example consumer.
pub(crate) mod lens_stats {
    alloy::sol!(
        #![sol(all_derives)]
        LensStats,
        "../../contracts/evm/artifacts/LensStats.json"
    );
}

/// A consumer of the tests that takes no outcome.
#[cfg(test)]
pub(crate) mod errors {
    alloy::sol! {
        /// An error that the anchor does not know.
        #[derive(Debug)]
        error Refused(uint256 code);
    }
}
