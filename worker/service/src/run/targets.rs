//! The target chains that the command line names, and the options that must go with them.

use std::{collections::BTreeMap, sync::Arc};

use phat_target::{Target, presets::evm_preset};
use phat_target_evm::{EvmConfig, EvmTarget, WEI_PER_GWEI};
use url::Url;

use super::RunError;
use crate::{config::Options, substrate};

pub(super) fn targets(
    options: &Options,
    relay_key: &[u8; 32],
) -> Result<Vec<Arc<dyn Target>>, RunError> {
    check_confirmations(options)?;
    let mut targets: Vec<Arc<dyn Target>> = Vec::new();
    for (chain_id, rpcs) in endpoints(options)? {
        let Some(first) = rpcs.first() else {
            continue;
        };
        let mut config = EvmConfig::new(chain_id, first.clone(), *relay_key);
        config.rpcs = rpcs;
        if let Some(preset) = evm_preset(chain_id) {
            config.apply(preset);
        }
        config.rpc_quorum = options.rpc_quorum(chain_id);
        config.confirmations = options.confirmations(chain_id);
        config.gas_max = options.gas_max;
        config.fee_per_gas_max = u128::from(options.fee_cap_gwei) * WEI_PER_GWEI;
        targets.push(Arc::new(EvmTarget::new(&config)?));
    }
    let cost_max = options.substrate_cost_max.unwrap_or(u128::MAX);
    targets.extend(substrate::targets(&options.substrate, relay_key, cost_max)?);
    check_amounts(options, &targets)?;
    Ok(targets)
}

/// Refuses amounts for chains that are not served: a cap with a wrong name in it would bound
/// nothing.
fn check_amounts(options: &Options, targets: &[Arc<dyn Target>]) -> Result<(), RunError> {
    let served: Vec<&str> = targets.iter().map(|target| target.chain()).collect();
    match options.amount_of_none(&served) {
        Some((option, chain)) => Err(RunError::AmountOfNone {
            option,
            chain: chain.into(),
        }),
        None => Ok(()),
    }
}

/// The endpoints of each chain, as they were given.
fn endpoints(options: &Options) -> Result<BTreeMap<u64, Vec<Url>>, RunError> {
    let mut chains: BTreeMap<u64, Vec<Url>> = BTreeMap::new();
    for target in &options.targets {
        let rpcs = chains.entry(target.chain_id).or_default();
        if rpcs.contains(&target.rpc) {
            return Err(RunError::TargetTwice(target.chain_id));
        }
        rpcs.push(target.rpc.clone());
    }
    for given in &options.rpc_quorum {
        let count = match given.chain_id {
            Some(chain_id) => chains.get(&chain_id).map_or(0, Vec::len),
            None => continue,
        };
        if count < given.endpoints {
            return Err(RunError::RpcQuorum {
                chain_id: given.chain_id.unwrap_or_default(),
                count,
                needed: given.endpoints,
            });
        }
    }
    Ok(chains)
}

/// Refuses confirmations that would not do what they look like.
fn check_confirmations(options: &Options) -> Result<(), RunError> {
    for (index, given) in options.confirmations.iter().enumerate() {
        let mut before = options.confirmations.iter().take(index);
        if before.any(|other| other.chain_id == given.chain_id) {
            let chain = given.chain_id.map(|id| format!("eip155:{id}"));
            let chain = chain.unwrap_or_else(|| "all chains".into());
            return Err(RunError::ConfirmationsTwice(chain));
        }
        if let Some(chain_id) = given.chain_id
            && !options
                .targets
                .iter()
                .any(|target| target.chain_id == chain_id)
        {
            return Err(RunError::ConfirmationsOfNone(chain_id));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::options;

    #[test]
    fn amounts_for_chains_that_are_not_served_are_refused() {
        let check = |option: &str, amount: &str| {
            let given = options(&[option, amount]).unwrap();
            check_amounts(&given, &[]).map_err(|error| error.to_string())
        };
        for option in ["--spending-cap", "--balance-floor"] {
            assert!(check(option, "1ether").is_ok());
            let error = check(option, "base=1ether").unwrap_err();
            assert!(
                error.contains(&format!("{option} names eip155:8453")),
                "{error}"
            );
        }
    }

    #[test]
    fn confirmations_that_mean_nothing_are_refused() {
        let check = |confirmations: &str| {
            let target = "eip155:1=http://127.0.0.1:1";
            let options = options(&["--target", target, "--confirmations", confirmations]);
            check_confirmations(&options.unwrap()).map_err(|error| error.to_string())
        };
        assert!(check("2,eip155:1=12").is_ok());
        for (bad, part) in [
            ("1,2", "twice for all chains"),
            ("eip155:1=1,eip155:1=2", "twice for eip155:1"),
            ("eip155:5=1", "no --target of it"),
        ] {
            let error = check(bad).unwrap_err();
            assert!(error.contains(part), "{bad}: {error}");
        }
    }
}
