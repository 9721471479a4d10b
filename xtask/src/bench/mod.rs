//! Measurements.

mod anchor;
mod chain;
mod deno;
mod document;
mod engine;
mod figures;
mod programs;
mod table;
mod trust;
mod weights;

use crate::setup;

#[derive(clap::Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Measure the weights of the chain's own pallets and write them into their weights.rs.
    Weights,
    /// Measure the engine, beside native code and beside other runtimes.
    Engine(engine::Options),
    /// Measure blocks of the chain with up to 100 000 workers in sessions.
    Chain(chain::Options),
    /// Measure what it takes to verify quotes, receipts and bundles, and to encrypt and decrypt.
    Trust(trust::Options),
    /// Measure what requests and settlements cost at both kinds of anchors, and how fast workers
    /// settle.
    Anchor(anchor::Options),
}

pub fn run(options: &Options) -> anyhow::Result<()> {
    setup::run_quietly()?;
    match &options.what {
        What::Weights => weights::run(),
        What::Engine(options) => engine::run(options),
        What::Chain(options) => chain::run(options),
        What::Trust(options) => trust::run(options),
        What::Anchor(options) => anchor::run(options),
    }
}
