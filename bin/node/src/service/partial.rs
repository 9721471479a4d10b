//! What every command that touches the chain needs: the chain on the disk, and how blocks are
//! checked before they are added to it.

use std::{path::PathBuf, sync::Arc};

use phat_runtime::{RuntimeApi, opaque::Block};
use sc_consensus_babe::{BabeBlockImport, BabeLink, BabeWorkerHandle, ImportQueueParams};
use sc_consensus_grandpa::{GrandpaBlockImport, LinkHalf};
use sc_executor::{DEFAULT_HEAP_ALLOC_STRATEGY, HeapAllocStrategy};
use sc_service::{Configuration, PartialComponents, config::ExecutorConfiguration, error::Error};
use sc_telemetry::{Telemetry, TelemetryWorker};
use sc_transaction_pool_api::OffchainTransactionPoolFactory;
use sp_consensus_babe::inherents::BabeCreateInherentDataProviders;

use super::{Backend, Client, Executor, Pool, SelectChain};

/// How often a justification of finality is kept, in blocks. Others sync by them.
///
/// A proof that an older block is final (`phat receipt bundle --at`) has all headers from it to the
/// next block whose justification is kept, about 300 bytes each, so the period is short. What is
/// kept has about 150 bytes for each authority that voted.
pub const JUSTIFICATION_PERIOD_BLOCKS: u32 = 32;

/// The folder in the base path where compiled runtimes are kept.
const RUNTIME_CACHE: &str = "runtime-cache";

type GrandpaImport = GrandpaBlockImport<Backend, Block, Client, SelectChain>;

/// Checks and adds blocks.
pub type BlockImport = BabeBlockImport<
    Block,
    Client,
    GrandpaImport,
    BabeCreateInherentDataProviders<Block>,
    SelectChain,
>;

/// The chain and what checks its blocks.
pub type Partial = PartialComponents<
    Client,
    Backend,
    SelectChain,
    sc_consensus::DefaultImportQueue<Block>,
    Pool,
    Consensus,
>;

/// The ends of consensus that a running node takes up.
pub struct Consensus {
    /// Adds the blocks that the node makes itself.
    pub block_import: BlockImport,
    /// What BABE shares between making and checking blocks.
    pub babe_link: BabeLink<Block>,
    /// Answers questions about BABE's epochs.
    pub babe_worker: BabeWorkerHandle<Block>,
    /// What GRANDPA's voter works on.
    pub grandpa_link: LinkHalf<Block, Client, SelectChain>,
    /// Reports to a telemetry server, if any is named.
    pub telemetry: Option<Telemetry>,
}

/// What runs runtimes. Compiling one takes many seconds, so what comes of it is kept in `cache`.
fn executor(config: &ExecutorConfiguration, cache: PathBuf) -> Executor {
    let heap = config
        .default_heap_pages
        .and_then(|pages| u32::try_from(pages).ok())
        .map_or(DEFAULT_HEAP_ALLOC_STRATEGY, |extra_pages| {
            HeapAllocStrategy::Static { extra_pages }
        });
    Executor::builder()
        .with_execution_method(config.wasm_method)
        .with_onchain_heap_alloc_strategy(heap)
        .with_offchain_heap_alloc_strategy(heap)
        .with_max_runtime_instances(config.max_runtime_instances)
        .with_runtime_cache_size(config.runtime_cache_size)
        .with_cache_path(cache)
        .build()
}

/// Opens the chain. `runtime_cache` is where compiled runtimes are kept, in the base path unless it
/// is said.
pub fn partial(config: &Configuration, runtime_cache: Option<PathBuf>) -> Result<Partial, Error> {
    let telemetry = telemetry(config)?;
    let cache = runtime_cache.unwrap_or_else(|| config.base_path.path().join(RUNTIME_CACHE));
    let executor = executor(&config.executor, cache);
    let (client, backend, keystore_container, task_manager) =
        sc_service::new_full_parts::<Block, RuntimeApi, _>(
            config,
            telemetry.as_ref().map(|(_, telemetry)| telemetry.handle()),
            executor,
            Vec::new(),
        )?;
    let client = Arc::new(client);
    let telemetry = telemetry.map(|(worker, telemetry)| {
        task_manager
            .spawn_handle()
            .spawn("telemetry", None, worker.run());
        telemetry
    });

    let select_chain = SelectChain::new(backend.clone());
    let transaction_pool = Arc::new(
        sc_transaction_pool::Builder::new(
            task_manager.spawn_essential_handle(),
            client.clone(),
            config.role.is_authority().into(),
        )
        .with_options(config.transaction_pool.clone())
        .with_prometheus(config.prometheus_registry())
        .build(),
    );

    let (grandpa_import, grandpa_link) = sc_consensus_grandpa::block_import(
        client.clone(),
        JUSTIFICATION_PERIOD_BLOCKS,
        &client,
        select_chain.clone(),
        telemetry.as_ref().map(Telemetry::handle),
    )?;
    let babe_config = sc_consensus_babe::configuration(&*client)?;
    let slot_duration = babe_config.slot_duration();
    let (block_import, babe_link) = sc_consensus_babe::block_import(
        babe_config,
        grandpa_import.clone(),
        client.clone(),
        inherents(slot_duration),
        select_chain.clone(),
        OffchainTransactionPoolFactory::new(transaction_pool.clone()),
    )?;
    let (import_queue, babe_worker) = sc_consensus_babe::import_queue(ImportQueueParams {
        link: babe_link.clone(),
        block_import: block_import.clone(),
        justification_import: Some(Box::new(grandpa_import)),
        client: client.clone(),
        slot_duration,
        spawner: &task_manager.spawn_essential_handle(),
        registry: config.prometheus_registry(),
        telemetry: telemetry.as_ref().map(Telemetry::handle),
    })?;

    Ok(PartialComponents {
        client,
        backend,
        task_manager,
        keystore_container,
        select_chain,
        import_queue,
        transaction_pool,
        other: Consensus {
            block_import,
            babe_link,
            babe_worker,
            grandpa_link,
            telemetry,
        },
    })
}

/// The time and the slot that go into a block, and that a block is checked against.
pub fn inherents(
    slot_duration: sp_consensus_babe::SlotDuration,
) -> BabeCreateInherentDataProviders<Block> {
    Arc::new(move |_parent, ()| {
        Box::pin(async move {
            let timestamp = sp_timestamp::InherentDataProvider::from_system_time();
            let slot =
                sp_consensus_babe::inherents::InherentDataProvider::from_timestamp_and_slot_duration(
                    *timestamp,
                    slot_duration,
                );
            Ok((slot, timestamp))
        })
    })
}

fn telemetry(config: &Configuration) -> Result<Option<(TelemetryWorker, Telemetry)>, Error> {
    let Some(endpoints) = config
        .telemetry_endpoints
        .clone()
        .filter(|list| !list.is_empty())
    else {
        return Ok(None);
    };
    let worker = TelemetryWorker::new(16)
        .map_err(|error| Error::Other(format!("cannot start the telemetry: {error}")))?;
    let telemetry = worker.handle().new_telemetry(endpoints);
    Ok(Some((worker, telemetry)))
}
