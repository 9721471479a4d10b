//! Rust types of the consumers that are measured.

#![allow(
    missing_docs,
    clippy::too_many_arguments,
    reason = "generated from the contracts, which document themselves"
)]

/// The consumer of the lean anchor.
pub mod lean {
    alloy::sol!(
        #![sol(all_derives)]
        LensStats,
        "../../contracts/evm/artifacts/LensStats.json"
    );
}

/// The same consumer with the older rollup interface.
pub mod legacy {
    alloy::sol!(
        #![sol(all_derives)]
        RollupLensStats,
        "../../contracts/evm/artifacts/RollupLensStats.json"
    );
}
