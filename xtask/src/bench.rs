//! Measuring the weights of the chain.

use crate::{
    process::{self, cargo},
    setup,
};

#[derive(clap::Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Measure the weights of the chain's own pallets and write them into their weights.rs.
    Weights,
}

/// The pallets whose weights are measured here, with the files that hold them.
const PALLETS: &[(&str, &str)] = &[
    ("pallet_registry", "chain/pallets/registry/src/weights.rs"),
    (
        "pallet_phat_contracts",
        "chain/pallets/phat-contracts/src/weights.rs",
    ),
];

pub fn run(options: &Options) -> anyhow::Result<()> {
    setup::run_quietly()?;
    match options.what {
        What::Weights => PALLETS
            .iter()
            .try_for_each(|(pallet, file)| weights(pallet, file)),
    }
}

fn weights(pallet: &str, file: &str) -> anyhow::Result<()> {
    process::run(cargo(&[
        "run",
        "--package",
        "phat-node",
        "--features",
        "runtime-benchmarks",
        "--",
        "benchmark",
        "pallet",
        "--chain",
        "dev",
        "--pallet",
        pallet,
        "--extrinsic",
        "*",
        "--steps",
        "20",
        "--repeat",
        "10",
        "--output",
        file,
    ]))
}
