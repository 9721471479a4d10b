//! Chains that are known by name, and what a worker needs to know about each.
//!
//! The figures are defaults that an operator may override, and links to where a
//! chain's own documentation says more. Endpoints are public ones that anyone may
//! use: they are slow, limited, and to be believed no more than any stranger.

use serde::{Serialize, Serializer};

/// The least number of blocks that an endpoint may lag behind the others.
const LAG_BLOCKS_MIN: u64 = 4;
/// How long an endpoint may lag behind the others, in milliseconds.
const LAG_MS_MAX: u64 = 30_000;

/// How a chain asks for the fee of a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FeeModel {
    /// One price per unit of gas.
    Legacy,
    /// A base fee per unit of gas, which the chain sets, and a tip (EIP-1559).
    #[default]
    Eip1559,
    /// As EIP-1559, and a fee on top for the data that a rollup puts on another
    /// chain, which the OP stack takes beside the gas.
    Eip1559WithDataFee,
    /// As EIP-1559; a rollup's fee for data is counted in gas, so an estimate of
    /// gas has it.
    Eip1559DataFeeInGas,
    /// A fee for weight and one for length (Substrate).
    Weight,
}

impl FeeModel {
    /// What it is called in a list.
    pub fn title(self) -> &'static str {
        match self {
            Self::Legacy => "legacy",
            Self::Eip1559 => "EIP-1559",
            Self::Eip1559WithDataFee => "EIP-1559 and L2 data fee",
            Self::Eip1559DataFeeInGas => "EIP-1559, L2 data fee in gas",
            Self::Weight => "weight and length",
        }
    }
}

/// How a chain is spoken to, and its identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainId {
    /// An EVM chain.
    Evm {
        /// Its EIP-155 id.
        id: u64,
    },
    /// A Substrate chain.
    Substrate {
        /// The first 16 bytes of its genesis hash in hexadecimal.
        genesis: &'static str,
    },
}

/// What is known of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Preset {
    /// The name to give on the command line.
    pub name: &'static str,
    /// What its people call it.
    pub title: &'static str,
    /// Its name as CAIP-2 has it is made of this.
    #[serde(rename = "chain", serialize_with = "as_caip2")]
    pub id: ChainId,
    /// How it asks for fees.
    pub fee_model: FeeModel,
    /// Blocks above a block before a worker acts on what is in it, where nothing
    /// else is said. 0 where the adapter follows the chain's own finality.
    pub confirmations: u64,
    /// When the chain itself holds a block to be final.
    pub finality: &'static str,
    /// The usual time between two blocks, in milliseconds.
    pub block_time_ms: u64,
    /// Where its documentation is.
    pub documentation: &'static str,
    /// Public RPC endpoints: HTTP for EVM chains, WebSocket for Substrate chains.
    pub endpoints: &'static [&'static str],
}

fn as_caip2<S: Serializer>(id: &ChainId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&id.caip2())
}

impl ChainId {
    /// The chain's name as CAIP-2 has it.
    pub fn caip2(self) -> String {
        match self {
            Self::Evm { id } => format!("eip155:{id}"),
            Self::Substrate { genesis } => format!("polkadot:{genesis}"),
        }
    }
}

impl Preset {
    /// Its name as CAIP-2 has it, such as `eip155:1`.
    pub fn chain(&self) -> String {
        self.id.caip2()
    }

    /// Its EIP-155 id, if it is an EVM chain.
    pub fn evm_id(&self) -> Option<u64> {
        match self.id {
            ChainId::Evm { id } => Some(id),
            ChainId::Substrate { .. } => None,
        }
    }

    /// How many blocks an endpoint may lag behind the others before it is left out.
    pub fn lag_blocks_max(&self) -> u64 {
        (LAG_MS_MAX / self.block_time_ms.max(1)).max(LAG_BLOCKS_MIN)
    }
}

/// The preset with this name, or of the chain with this CAIP-2 name.
pub fn preset(name: &str) -> Option<&'static Preset> {
    PRESETS
        .iter()
        .find(|preset| preset.name == name || preset.chain() == name)
}

/// The preset of the EVM chain with this EIP-155 id.
pub fn evm_preset(id: u64) -> Option<&'static Preset> {
    PRESETS.iter().find(|preset| preset.evm_id() == Some(id))
}

/// The EIP-155 id that `text` names: a preset's name or `eip155:ID`. `None` for
/// anything else, and for a chain that is no EVM chain.
pub fn evm_chain_id(text: &str) -> Option<u64> {
    if let Some(preset) = preset(text) {
        return preset.evm_id();
    }
    let id = text.strip_prefix("eip155:")?;
    // The forms that a number may also have would make two names of one chain.
    let is_plain = id.bytes().all(|byte| byte.is_ascii_digit()) && !id.starts_with('0');
    id.parse().ok().filter(|_| is_plain)
}

/// The chains that are known.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "ethereum",
        title: "Ethereum",
        id: ChainId::Evm { id: 1 },
        fee_model: FeeModel::Eip1559,
        confirmations: 12,
        finality: "two epochs, some 64 blocks",
        block_time_ms: 12_000,
        documentation: "https://ethereum.org/developers/docs/",
        endpoints: &[
            "https://ethereum-rpc.publicnode.com",
            "https://eth.drpc.org",
            "https://1rpc.io/eth",
        ],
    },
    Preset {
        name: "sepolia",
        title: "Sepolia",
        id: ChainId::Evm { id: 11_155_111 },
        fee_model: FeeModel::Eip1559,
        confirmations: 3,
        finality: "two epochs, some 64 blocks",
        block_time_ms: 12_000,
        documentation: "https://ethereum.org/developers/docs/networks/",
        endpoints: &[
            "https://ethereum-sepolia-rpc.publicnode.com",
            "https://sepolia.drpc.org",
            "https://1rpc.io/sepolia",
        ],
    },
    Preset {
        name: "bsc",
        title: "BNB Smart Chain",
        id: ChainId::Evm { id: 56 },
        fee_model: FeeModel::Legacy,
        confirmations: 15,
        finality: "fast finality, some 2 blocks",
        block_time_ms: 450,
        documentation: "https://docs.bnbchain.org/bnb-smart-chain/",
        endpoints: &[
            "https://bsc-dataseed.bnbchain.org",
            "https://bsc-rpc.publicnode.com",
            "https://bsc.drpc.org",
        ],
    },
    Preset {
        name: "polygon",
        title: "Polygon PoS",
        id: ChainId::Evm { id: 137 },
        fee_model: FeeModel::Eip1559,
        confirmations: 32,
        finality: "milestones, some 5 s",
        block_time_ms: 2_000,
        documentation: "https://docs.polygon.technology/pos/",
        endpoints: &[
            "https://polygon-rpc.com",
            "https://polygon-bor-rpc.publicnode.com",
            "https://polygon.drpc.org",
        ],
    },
    Preset {
        name: "arbitrum",
        title: "Arbitrum One",
        id: ChainId::Evm { id: 42_161 },
        fee_model: FeeModel::Eip1559DataFeeInGas,
        confirmations: 20,
        finality: "when its batch is final on Ethereum",
        block_time_ms: 250,
        documentation: "https://docs.arbitrum.io/",
        endpoints: &[
            "https://arb1.arbitrum.io/rpc",
            "https://arbitrum-one-rpc.publicnode.com",
            "https://arbitrum.drpc.org",
        ],
    },
    Preset {
        name: "optimism",
        title: "OP Mainnet",
        id: ChainId::Evm { id: 10 },
        fee_model: FeeModel::Eip1559WithDataFee,
        confirmations: 10,
        finality: "when its batch is final on Ethereum",
        block_time_ms: 2_000,
        documentation: "https://docs.optimism.io/",
        endpoints: &[
            "https://mainnet.optimism.io",
            "https://optimism-rpc.publicnode.com",
            "https://optimism.drpc.org",
        ],
    },
    Preset {
        name: "base",
        title: "Base",
        id: ChainId::Evm { id: 8_453 },
        fee_model: FeeModel::Eip1559WithDataFee,
        confirmations: 10,
        finality: "when its batch is final on Ethereum",
        block_time_ms: 2_000,
        documentation: "https://docs.base.org/",
        endpoints: &[
            "https://mainnet.base.org",
            "https://base-rpc.publicnode.com",
            "https://base.drpc.org",
        ],
    },
    Preset {
        name: "moonbeam",
        title: "Moonbeam",
        id: ChainId::Evm { id: 1_284 },
        fee_model: FeeModel::Eip1559,
        confirmations: 4,
        finality: "GRANDPA of the relay chain, some 3 blocks",
        block_time_ms: 6_000,
        documentation: "https://docs.moonbeam.network/",
        endpoints: &[
            "https://rpc.api.moonbeam.network",
            "https://moonbeam-rpc.publicnode.com",
            "https://moonbeam.drpc.org",
        ],
    },
    Preset {
        name: "astar",
        title: "Astar EVM",
        id: ChainId::Evm { id: 592 },
        fee_model: FeeModel::Eip1559,
        confirmations: 4,
        finality: "GRANDPA of the relay chain, some 3 blocks",
        block_time_ms: 6_000,
        documentation: "https://docs.astar.network/docs/build/EVM/",
        endpoints: &[
            "https://evm.astar.network",
            "https://astar-rpc.n.dwellir.com",
            "https://1rpc.io/astr",
        ],
    },
    Preset {
        name: "lens",
        title: "Lens Chain",
        id: ChainId::Evm { id: 232 },
        fee_model: FeeModel::Eip1559DataFeeInGas,
        confirmations: 10,
        finality: "when its proof is final on Ethereum",
        block_time_ms: 1_000,
        documentation: "https://lens.xyz/docs/chain",
        endpoints: &["https://rpc.lens.xyz", "https://lens.drpc.org"],
    },
    Preset {
        name: "polkadot",
        title: "Polkadot",
        id: ChainId::Substrate {
            genesis: "91b171bb158e2d3848fa23a9f1c25182",
        },
        fee_model: FeeModel::Weight,
        confirmations: 0,
        finality: "GRANDPA, some 3 blocks",
        block_time_ms: 6_000,
        documentation: "https://docs.polkadot.com/",
        endpoints: &["wss://rpc.polkadot.io", "wss://polkadot-rpc.n.dwellir.com"],
    },
    Preset {
        name: "asset-hub",
        title: "Polkadot Asset Hub",
        id: ChainId::Substrate {
            genesis: "68d56f15f85d3136970ec16946040bc1",
        },
        fee_model: FeeModel::Weight,
        confirmations: 0,
        finality: "GRANDPA of the relay chain, some 3 blocks",
        block_time_ms: 6_000,
        documentation: "https://wiki.polkadot.com/learn/learn-assets/",
        endpoints: &[
            "wss://polkadot-asset-hub-rpc.polkadot.io",
            "wss://asset-hub-polkadot-rpc.n.dwellir.com",
        ],
    },
    Preset {
        name: "astar-substrate",
        title: "Astar Substrate",
        id: ChainId::Substrate {
            genesis: "9eb76c5184c4ab8679d2d5d819fdf90b",
        },
        fee_model: FeeModel::Weight,
        confirmations: 0,
        finality: "GRANDPA of the relay chain, some 3 blocks",
        block_time_ms: 6_000,
        documentation: "https://docs.astar.network/",
        endpoints: &["wss://rpc.astar.network", "wss://astar-rpc.n.dwellir.com"],
    },
    Preset {
        name: "local",
        title: "A development chain (anvil)",
        id: ChainId::Evm { id: 31_337 },
        fee_model: FeeModel::Eip1559,
        confirmations: 1,
        finality: "none: it has one node",
        block_time_ms: 1_000,
        documentation: "https://getfoundry.sh/anvil/",
        endpoints: &["http://127.0.0.1:8545"],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_chain_has_one_preset_that_is_whole() {
        let names: BTreeSet<_> = PRESETS.iter().map(|preset| preset.name).collect();
        let chains: BTreeSet<_> = PRESETS.iter().map(Preset::chain).collect();
        assert_eq!((names.len(), chains.len()), (PRESETS.len(), PRESETS.len()));
        for preset in PRESETS {
            let name = preset.name;
            assert!(preset.documentation.starts_with("https://"), "{name}");
            let is_evm = preset.evm_id().is_some();
            let scheme = match (is_evm, name) {
                (true, "local") => "http://",
                (true, _) => "https://",
                (false, _) => "wss://",
            };
            assert!(
                !preset.endpoints.is_empty()
                    && preset.endpoints.iter().all(|url| url.starts_with(scheme)),
                "{name}"
            );
            assert_eq!(preset.fee_model == FeeModel::Weight, !is_evm, "{name}");
            assert_eq!(preset.confirmations == 0, !is_evm, "{name}");
            assert!(preset.lag_blocks_max() >= LAG_BLOCKS_MIN, "{name}");
        }
    }

    #[test]
    fn a_name_stands_for_a_chain_id() {
        for (text, id) in [
            ("ethereum", Some(1)),
            ("eip155:1", Some(1)),
            ("base", Some(8453)),
            ("local", Some(31_337)),
            ("eip155:424242", Some(424_242)),
            ("polkadot", None),
            ("polkadot:91b171bb158e2d3848fa23a9f1c25182", None),
            ("eip155:0", None),
            ("eip155:01", None),
            ("eip155:+1", None),
            ("eip155:", None),
            ("1", None),
            ("Ethereum", None),
            ("", None),
        ] {
            assert_eq!(evm_chain_id(text), id, "{text}");
        }
        assert_eq!(
            preset("polkadot"),
            preset("polkadot:91b171bb158e2d3848fa23a9f1c25182")
        );
        assert_eq!(evm_preset(10), preset("optimism"));
        assert_eq!(evm_preset(424_242), None);
    }

    #[test]
    fn fast_chains_may_lag_by_more_blocks() {
        let lag = |name| preset(name).map(Preset::lag_blocks_max);
        assert_eq!(lag("ethereum"), Some(LAG_BLOCKS_MIN));
        assert_eq!(lag("base"), Some(15));
        assert_eq!(lag("arbitrum"), Some(120));
    }

    #[test]
    fn a_preset_is_written_with_the_name_of_its_chain() {
        let json = serde_json::to_value(preset("optimism")).unwrap_or_default();
        assert_eq!(json["chain"], "eip155:10");
        assert_eq!(json["fee_model"], "eip1559_with_data_fee");
    }
}
