//! What one run of a contract may use.

use codec::{Decode, Encode};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A limit that is set outside what a worker accepts.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("limits.{name} = {value} is not allowed: choose a value from 1 to {max} {unit}")]
pub struct LimitError {
    /// The limit's name in the manifest.
    pub name: &'static str,
    /// The value that was asked for.
    pub value: u64,
    /// The highest value that is accepted.
    pub max: u64,
    /// What the value counts.
    pub unit: &'static str,
}

/// One row of the table of limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LimitInfo {
    /// The name in the manifest.
    pub name: &'static str,
    /// What it bounds.
    pub description: &'static str,
    /// What the value counts.
    pub unit: &'static str,
    /// The value where nobody sets another.
    pub default: u64,
    /// The highest value that can be set.
    pub max: u64,
}

impl LimitInfo {
    /// A row for what nobody can set.
    pub const fn fixed(
        name: &'static str,
        description: &'static str,
        unit: &'static str,
        max: u64,
    ) -> Self {
        Self {
            name,
            description,
            unit,
            default: max,
            max,
        }
    }
}

macro_rules! limits {
    ($($(#[doc = $doc:literal])+ $name:ident: $unit:literal, default $default:expr, max $max:expr;)+) => {
        /// What one run of a contract may use. A manifest sets them between 1 and
        /// the maximum; the local engine and the network use the same numbers.
        #[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, Serialize, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Limits {
            $($(#[doc = $doc])+ pub $name: u64,)+
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)+ }
            }
        }

        impl Limits {
            /// All limits with their units, defaults and maxima.
            pub const TABLE: &'static [LimitInfo] = &[$(LimitInfo {
                name: stringify!($name),
                description: concat!($($doc),+).trim_ascii(),
                unit: $unit,
                default: $default,
                max: $max,
            },)+];

            /// Refuses a limit of zero or above its maximum.
            pub fn check(&self) -> Result<(), LimitError> {
                $(if self.$name == 0 || self.$name > $max {
                    return Err(LimitError {
                        name: stringify!($name),
                        value: self.$name,
                        max: $max,
                        unit: $unit,
                    });
                })+
                Ok(())
            }
        }
    };
}

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// The most that a manifest may set `transcript_bytes` to, so the most bytes that
/// the entries of any transcript have.
pub const TRANSCRIPT_BYTES_MAX: u64 = 128 * MIB;

limits! {
    /// Time from start to end of a run, waiting for the network included.
    time_ms: "milliseconds", default 900_000, max 3_600_000;
    /// Instructions of the guest and the work of the host for it.
    fuel: "fuel", default 200_000_000_000, max 10_000_000_000_000;
    /// Memory of the guest.
    memory_bytes: "bytes", default 512 * MIB, max 1024 * MIB;
    /// HTTP requests in a run, redirects included.
    http_requests: "requests", default 64, max 1024;
    /// HTTP requests under way at once.
    http_requests_concurrent: "requests", default 16, max 64;
    /// Redirects that one HTTP request follows.
    http_redirects: "redirects", default 10, max 20;
    /// Time for one HTTP request with its redirects and body.
    http_time_ms: "milliseconds", default 60_000, max 900_000;
    /// Body and headers that one HTTP request sends.
    http_request_bytes: "bytes", default 4 * MIB, max 16 * MIB;
    /// Body and headers that one HTTP response brings.
    http_response_bytes: "bytes", default 16 * MIB, max 64 * MIB;
    /// All host calls of the run with their answers, so all that it receives over HTTP.
    transcript_bytes: "bytes", default 32 * MIB, max TRANSCRIPT_BYTES_MAX;
    /// The result of the run.
    output_bytes: "bytes", default 2 * MIB, max 16 * MIB;
    /// All log lines of the run.
    log_bytes: "bytes", default 256 * KIB, max 4 * MIB;
    /// Keys of the key-value store that a run reads or writes.
    kv_keys: "keys", default 256, max 4096;
    /// One key of the key-value store.
    kv_key_bytes: "bytes", default KIB, max 4 * KIB;
    /// One value of the key-value store.
    kv_value_bytes: "bytes", default MIB, max 4 * MIB;
}
