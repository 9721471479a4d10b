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

mod address;
mod limits;
mod manifest;
mod reply;
mod schedule;
mod trigger;
mod verification;

pub use address::{EvmAddress, SubstrateAccount};
pub use limits::{LimitError, LimitInfo, Limits, TRANSCRIPT_BYTES_MAX};
pub use manifest::{Manifest, ManifestError};
pub use reply::{
    Reply, SettleWhen, Signature, Topic, WEBHOOK_TOLERANCE_S, WEBHOOK_TOLERANCE_S_MAX,
};
pub use schedule::{
    MISSED_DEFAULT, MISSED_MAX, Missed, SCHEDULE_GRACE_S, Schedule, ScheduleError, time_text,
};
pub use trigger::{
    AnchorInterface, AnchorTrigger, EvmLogTrigger, FiringTrigger, ScheduleTrigger, SideEffects,
    SubstrateAnchorTrigger, SubstrateEventTrigger, Trigger, WebhookTrigger, evm_chain,
};
pub use verification::{QUORUM_OF_MAX, Verification};
