//! What is measured.

use std::collections::BTreeMap;

use serde::Serialize;

/// What was measured, on one thread. Times are medians, if nothing else is said.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Of the bundle, if there is one.
    #[serde(flatten)]
    pub bundle: Option<BundleFigures>,
    /// Quotes verified a second, one after the other: the mean over all.
    pub quotes_verified_per_s: QuotesPerSecond,
    /// Of the chain, if one was asked.
    #[serde(flatten)]
    pub registrations: Option<Registrations>,
    /// The signature of a receipt, verified: microseconds.
    pub receipt_verify_us_p50: f64,
    /// A message sealed as an encrypted call is: microseconds.
    pub envelope_seal_us_p50: f64,
    /// The same message opened, with all that its answer needs: microseconds.
    pub envelope_open_us_p50: f64,
    /// The bytes of that message.
    pub envelope_bytes: usize,
    /// A cluster's secret sealed, opened and compared with the public keys: microseconds.
    pub handover_us_p50: f64,
    /// How many rounds there were, each of which measured everything.
    pub rounds: usize,
    /// The processors that this process may use.
    pub processors: usize,
}

/// What a bundle takes.
#[derive(Clone, Debug, Serialize)]
pub struct BundleFigures {
    /// The bytes of the file.
    pub bundle_bytes: usize,
    /// What part of them each part has, with `other` for what is between the parts.
    pub bundle_bytes_by_part: BTreeMap<String, usize>,
    /// Reading its JSON and making all checks: milliseconds.
    pub bundle_verify_ms_p50: f64,
    /// The same: 99 of 100 times it took no longer.
    pub bundle_verify_ms_p99: f64,
}

/// Quotes a second, by platform.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct QuotesPerSecond {
    /// Of SGX.
    pub sgx: f64,
    /// Of TDX.
    pub tdx: f64,
}

/// What a registration with a quote takes of a block.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Registrations {
    /// The time that its weight allows for it: milliseconds.
    pub quote_block_weight_ms: f64,
    /// The bytes of the transaction.
    pub quote_transaction_bytes: u64,
    /// How many such transactions fit into a block, by weight and bytes.
    pub quotes_per_block: u64,
}
