//! What is always true of the state, as the pallets themselves say.

use phat_runtime::{
    ClusterKeys, Computation, ContractStake, Network, PhatContracts, Receipts, Registry, StakePool,
    Vault,
};
use sp_runtime::TryRuntimeError;

/// What looks through the state of a pallet.
type Check = fn() -> Result<(), TryRuntimeError>;

/// Checks the invariants of the chain's own pallets, and with the feature `try-runtime` those of
/// all. To be called within the chain.
pub fn invariants() -> Result<(), String> {
    let checks: [(&str, Check); 8] = [
        ("registry", Registry::do_try_state),
        ("phat-contracts", PhatContracts::do_try_state),
        ("cluster-keys", ClusterKeys::do_try_state),
        ("computation", Computation::do_try_state),
        ("contract-stake", ContractStake::do_try_state),
        ("receipts", Receipts::do_try_state),
        ("stake-pool", StakePool::do_try_state),
        ("vault", Vault::do_try_state),
    ];
    for (pallet, check) in checks {
        check().map_err(|broken| format!("{pallet}: {broken:?}"))?;
    }
    Network::check().map_err(|broken| format!("network: {broken}"))?;
    every_pallet()
}

#[cfg(feature = "try-runtime")]
fn every_pallet() -> Result<(), String> {
    use frame_support::traits::{TryState, TryStateSelect};
    use phat_runtime::{AllPalletsWithSystem, BlockNumber, System};

    let now = System::block_number();
    <AllPalletsWithSystem as TryState<BlockNumber>>::try_state(now, TryStateSelect::All)
        .map_err(|broken| format!("some pallet, which the log names: {broken:?}"))
}

#[cfg(not(feature = "try-runtime"))]
fn every_pallet() -> Result<(), String> {
    Ok(())
}
