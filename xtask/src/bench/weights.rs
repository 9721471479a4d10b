//! Measuring the weights of the chain.

use anyhow::Context;

use crate::process::{self, built, cargo, command};

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

/// The form of these files.
const TEMPLATE: &str = "chain/pallets/weights.hbs";

/// Of a node that is built as those of a network are: weights of a slower one would be too
/// high. It is built once, as what is written is part of it.
pub fn run() -> anyhow::Result<()> {
    let features = ["--features", "runtime-benchmarks"];
    let build = ["build", "--release", "--package", "phat-node"];
    process::run(cargo(&[&build[..], &features].concat()))?;
    let node = built("release", "phat-node");
    let node = node.to_str().context("the path of the node is no text")?;
    PALLETS
        .iter()
        .try_for_each(|(pallet, file)| weights(node, pallet, file))
}

fn weights(node: &str, pallet: &str, file: &str) -> anyhow::Result<()> {
    let arguments = [
        ["--chain", "dev"],
        ["--pallet", pallet],
        ["--extrinsic", "*"],
        ["--steps", "20"],
        ["--repeat", "10"],
        ["--template", TEMPLATE],
        ["--output", file],
    ];
    let arguments = [&["benchmark", "pallet"], arguments.as_flattened()].concat();
    process::run(command("", node, &arguments))
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
