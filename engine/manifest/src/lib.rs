//! The manifest of a Phat Contract: what it is, when it runs and what it may do.
//!
//! A manifest is a TOML text, `phat.toml` in a project, stored on the chain as
//! written. Fields it does not know are refused, so that a misspelt limit or
//! host is an error and not a silent default.
//!
//! ```
//! let manifest = phat_manifest::Manifest::parse(
//!     r#"
//!     name = "lens-stats"
//!     entry = "dist/index.js"
//!     allowed_hosts = ["api.lens.xyz"]
//!
//!     [settings]
//!     url = "https://api.lens.xyz/graphql"
//!
//!     [limits]
//!     time_ms = 20_000
//!
//!     [[triggers]]
//!     kind = "anchor"
//!     chain_id = 1
//!     address = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
//!     "#,
//! )?;
//! assert_eq!(manifest.limits.time_ms, 20_000);
//! # Ok::<(), phat_manifest::ManifestError>(())
//! ```

mod limits;
mod manifest;
mod verification;

pub use limits::{LimitError, LimitInfo, Limits, TRANSCRIPT_BYTES_MAX};
pub use manifest::{AnchorTrigger, EvmAddress, Manifest, ManifestError, Trigger};
pub use verification::{QUORUM_OF_MAX, Verification};
