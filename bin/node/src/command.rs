//! Carries out what the command line asks for.

use std::future::Future;

use phat_runtime::opaque::Block;
use sc_cli::{CliConfiguration, DefaultConfigurationValues, Error, Result, SubstrateCli};
use sc_service::{Configuration, TaskManager};

use crate::{
    chain_spec,
    cli::{Cli, Subcommand},
    service::{self, Partial},
};

impl SubstrateCli for Cli {
    fn impl_name() -> String {
        "Phat Node".into()
    }

    fn impl_version() -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    fn description() -> String {
        "The node of the Phat chain: follows the chain, serves it over JSON-RPC, and, as a \
         validator, makes and finalises blocks."
            .into()
    }

    fn author() -> String {
        "the Phat contributors".into()
    }

    fn support_url() -> String {
        "see the repository's README".into()
    }

    fn copyright_start_year() -> i32 {
        2026
    }

    fn load_spec(&self, id: &str) -> std::result::Result<Box<dyn sc_service::ChainSpec>, String> {
        Ok(Box::new(chain_spec::load(id)?))
    }
}

/// Reads the command line and does what it says.
pub fn run() -> Result<()> {
    let cli = Cli::from_args().for_development();
    match &cli.subcommand {
        None => {
            let cache = cli.runtime_cache.clone();
            cli.create_runner(&cli.run)?
                .run_node_until_exit(|config| async move {
                    service::start(config, cache).map_err(Error::from)
                })
        }
        Some(Subcommand::Key(cmd)) => cmd.run(&cli),
        Some(Subcommand::BuildSpec(cmd)) => cli
            .create_runner(cmd)?
            .sync_run(|config| cmd.run(config.chain_spec, config.network)),
        Some(Subcommand::ExportChainSpec(cmd)) => cmd.run(cli.load_spec(&cmd.chain)?),
        Some(Subcommand::CheckBlock(cmd)) => on_chain(&cli, cmd, |chain, _| {
            Ok(cmd.run(chain.client, chain.import_queue))
        }),
        Some(Subcommand::ExportBlocks(cmd)) => on_chain(&cli, cmd, |chain, config| {
            Ok(cmd.run(chain.client, config.database))
        }),
        Some(Subcommand::ExportState(cmd)) => on_chain(&cli, cmd, |chain, config| {
            Ok(cmd.run(chain.client, config.chain_spec))
        }),
        Some(Subcommand::ImportBlocks(cmd)) => on_chain(&cli, cmd, |chain, _| {
            Ok(cmd.run(chain.client, chain.import_queue))
        }),
        Some(Subcommand::PurgeChain(cmd)) => cli
            .create_runner(cmd)?
            .sync_run(|config| cmd.run(config.database)),
        Some(Subcommand::Revert(cmd)) => on_chain(&cli, cmd, |chain, _| {
            let revert_consensus = Box::new(service::revert_consensus);
            Ok(cmd.run(chain.client, chain.backend, Some(revert_consensus)))
        }),
        Some(Subcommand::ChainInfo(cmd)) => cli
            .create_runner(cmd)?
            .sync_run(|config| cmd.run::<Block>(&config)),
        #[cfg(feature = "runtime-benchmarks")]
        Some(Subcommand::Benchmark(crate::cli::BenchmarkSubcommand::Pallet(cmd))) => {
            cli.create_runner(cmd.as_ref())?.sync_run(|config| {
                cmd.run_with_spec::<
                    sp_runtime::traits::HashingFor<Block>,
                    phat_attestation_host::HostFunctions,
                >(Some(config.chain_spec))
            })
        }
    }
}

/// Opens the chain on the disk and runs `job` on it.
fn on_chain<C, V, F>(
    cli: &Cli,
    cmd: &C,
    job: impl FnOnce(Partial, Configuration) -> Result<F>,
) -> Result<()>
where
    C: CliConfiguration<V>,
    V: DefaultConfigurationValues,
    F: Future<Output = Result<()>>,
{
    cli.create_runner(cmd)?.async_run(|config| {
        let mut chain = service::partial(&config, cli.runtime_cache.clone())?;
        let idle = TaskManager::new(config.tokio_handle.clone(), None)
            .map_err(|error| Error::Application(Box::new(error)))?;
        let task_manager = std::mem::replace(&mut chain.task_manager, idle);
        Ok((job(chain, config)?, task_manager))
    })
}
