//! The chains that the node knows by name, and those it reads from a file.

use std::path::PathBuf;

use phat_runtime::{WASM_BINARY, genesis};
use sc_service::{ChainType, GenericChainSpec, NoExtension, Properties};

/// The name of the chain with one validator.
pub const DEV: &str = genesis::DEV;

/// The name of the chain with three validators on one machine.
pub const LOCAL: &str = genesis::LOCAL;

/// A chain: its genesis, which the runtime makes with the node's functions, and how to find it.
pub type ChainSpec = GenericChainSpec<NoExtension, phat_attestation_host::HostFunctions>;

/// The chain named `id`, or the one that the file `id` specifies.
pub fn load(id: &str) -> Result<ChainSpec, String> {
    match id {
        "" => Err(format!(
            "no chain given: add --chain {DEV}, --chain {LOCAL} or --chain FILE"
        )),
        DEV => named("Phat Development", "phat_dev", ChainType::Development, DEV),
        LOCAL => named("Phat Local", "phat_local", ChainType::Local, LOCAL),
        file => ChainSpec::from_json_file(PathBuf::from(file)).map_err(|error| {
            format!(
                "{file:?} is neither {DEV}, {LOCAL}, nor a file with a chain specification: {error}"
            )
        }),
    }
}

fn named(name: &str, id: &str, chain_type: ChainType, preset: &str) -> Result<ChainSpec, String> {
    let code = WASM_BINARY
        .ok_or("this node was built without its runtime: build it again without SKIP_WASM_BUILD")?;
    Ok(ChainSpec::builder(code, None)
        .with_name(name)
        .with_id(id)
        .with_chain_type(chain_type)
        .with_protocol_id(id)
        .with_properties(properties())
        .with_genesis_config_preset_name(preset)
        .build())
}

/// What wallets show amounts with.
fn properties() -> Properties {
    let mut properties = Properties::new();
    properties.insert("tokenSymbol".into(), "PHA".into());
    properties.insert("tokenDecimals".into(), 12.into());
    properties.insert("ss58Format".into(), 42.into());
    properties
}

#[cfg(test)]
mod tests {
    use sc_service::ChainSpec as _;

    use super::*;

    #[test]
    fn the_named_chains_have_a_genesis() {
        for id in [DEV, LOCAL] {
            let spec = load(id).expect("the chain is known");
            let storage = spec
                .as_storage_builder()
                .build_storage()
                .expect("a genesis");
            assert!(!storage.top.is_empty(), "{id}");
        }
    }

    #[test]
    fn a_chain_has_to_be_given() {
        for (id, reason) in [
            ("", "no chain given"),
            ("absent.json", "neither dev, local, nor"),
        ] {
            let error = load(id).err().expect("there is no such chain");
            assert!(error.contains(reason), "{error}");
        }
    }
}
