//! A simulated Intel, with platforms that quote under it.
//!
//! The quotes and the collateral are what Intel's would be, byte for byte in the same
//! formats, and are verified by the same code; they differ in the root alone. A chain that
//! does not list the simulator's root refuses them, as a production chain does.
//!
//! Keys come from a seed, and the seed of [`SimulatedIntel::development`] is in the source:
//! whoever trusts that root trusts anyone.
//!
//! ```
//! use phat_attestation_simulator::{CollateralOptions, Report, SgxReport, SimulatedIntel};
//!
//! let intel = SimulatedIntel::development()?;
//! let platform = intel.platform("first")?;
//! let report = Report::Sgx(SgxReport::default());
//! let quote = platform.quote(&report, [7; 64])?;
//! let collateral = intel.collateral(&platform, report.tee(), &CollateralOptions::at(1_800_000_000))?;
//! assert!(!quote.is_empty() && !collateral.tcb_info.is_empty());
//! # Ok::<(), phat_attestation_simulator::SimulatorError>(())
//! ```

mod authority;
mod collateral;
mod intel;
mod pck_extension;
mod platform;
mod report;

pub use collateral::{CollateralOptions, Revoked};
pub use dcap_qvl::TcbStatus;
pub use intel::SimulatedIntel;
pub use platform::SimulatedPlatform;
pub use report::{Report, SgxReport, TdxReport, TdxVersion, Tee};

/// Why something cannot be simulated.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// A certificate or revocation list cannot be made.
    #[error("a certificate cannot be made: {0}")]
    Certificate(#[from] x509_cert::builder::Error),
    /// Something cannot be encoded as DER.
    #[error("DER cannot be made: {0}")]
    Der(#[from] der::Error),
    /// Something cannot be encoded as JSON.
    #[error("JSON cannot be made: {0}")]
    Json(#[from] serde_json::Error),
    /// A time is before 1970 or after 2049.
    #[error("{0} s since 1970 is not a time that certificates can name: use one before 2050")]
    Time(u64),
}
