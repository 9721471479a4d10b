//! The parts of a node, and how they are put together.

mod full;
mod partial;

use std::{path::PathBuf, sync::Arc};

use phat_runtime::{BlockNumber, RuntimeApi, opaque::Block};
use sc_network::{Litep2pNetworkBackend, NetworkWorker, config::NetworkBackendType};
use sc_service::{Configuration, TaskManager, error::Error};

pub use partial::{Partial, partial};

/// The functions of the host that the runtime may call.
#[cfg(not(feature = "runtime-benchmarks"))]
type HostFunctions = (
    sp_io::SubstrateHostFunctions,
    phat_attestation_host::HostFunctions,
);

/// The functions of the host that the runtime may call.
#[cfg(feature = "runtime-benchmarks")]
type HostFunctions = (
    sp_io::SubstrateHostFunctions,
    phat_attestation_host::HostFunctions,
    frame_benchmarking::benchmarking::HostFunctions,
);

/// Runs the runtime.
type Executor = sc_executor::WasmExecutor<HostFunctions>;

/// The chain on the disk.
pub type Backend = sc_service::TFullBackend<Block>;

/// The chain, its state, and its runtime.
pub type Client = sc_service::TFullClient<Block, RuntimeApi, Executor>;

/// The transactions that wait for a block.
pub type Pool = sc_transaction_pool::TransactionPoolHandle<Block, Client>;

/// Chooses among forks.
pub type SelectChain = sc_consensus::LongestChain<Backend, Block>;

/// Starts a node. It runs until the task manager is dropped. For `runtime_cache` see [`partial()`].
pub fn start(config: Configuration, runtime_cache: Option<PathBuf>) -> Result<TaskManager, Error> {
    match config.network.network_backend {
        NetworkBackendType::Libp2p => {
            full::start::<NetworkWorker<Block, phat_runtime::Hash>>(config, runtime_cache)
        }
        NetworkBackendType::Litep2p => full::start::<Litep2pNetworkBackend>(config, runtime_cache),
    }
}

/// Has BABE and GRANDPA forget the last `blocks` blocks.
pub fn revert_consensus(
    client: Arc<Client>,
    backend: Arc<Backend>,
    blocks: BlockNumber,
) -> sc_cli::Result<()> {
    sc_consensus_babe::revert(client.clone(), backend, blocks)?;
    sc_consensus_grandpa::revert(client, blocks)?;
    Ok(())
}
