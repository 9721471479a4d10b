//! Measuring the weights of the chain.

use crate::process::{self, cargo};

/// The pallets whose weights are measured here, with the files that hold them.
const PALLETS: &[(&str, &str)] = &[
    ("pallet_registry", "chain/pallets/registry/src/weights.rs"),
    (
        "pallet_cluster_keys",
        "chain/pallets/cluster-keys/src/weights.rs",
    ),
    (
        "pallet_contract_stake",
        "chain/pallets/contract-stake/src/weights.rs",
    ),
    ("pallet_pha_bridge", "chain/pallets/bridge/src/weights.rs"),
    ("pallet_phat_anchor", "chain/pallets/anchor/src/weights.rs"),
    (
        "pallet_phat_contracts",
        "chain/pallets/phat-contracts/src/weights.rs",
    ),
    (
        "pallet_computation",
        "chain/pallets/computation/src/weights.rs",
    ),
    ("pallet_receipts", "chain/pallets/receipts/src/weights.rs"),
    (
        "pallet_stake_pool",
        "chain/pallets/stake-pool/src/weights.rs",
    ),
    ("pallet_vault", "chain/pallets/vault/src/weights.rs"),
];

pub fn run() -> anyhow::Result<()> {
    PALLETS
        .iter()
        .try_for_each(|(pallet, file)| weights(pallet, file))
}

/// The form of these files.
const TEMPLATE: &str = "chain/pallets/weights.hbs";

/// Of a node that is built as those of a network are: weights of a slower one
/// would be too high.
fn weights(pallet: &str, file: &str) -> anyhow::Result<()> {
    process::run(cargo(&[
        "run",
        "--release",
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
        "50",
        "--repeat",
        "20",
        "--template",
        TEMPLATE,
        "--output",
        file,
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::root;

    #[test]
    fn what_is_written_is_there_already() {
        let files = PALLETS.iter().map(|(_, file)| *file);
        for file in files.chain([TEMPLATE]) {
            assert!(root().join(file).is_file(), "there is no {file}");
        }
    }
}
