//! The command line.

use std::path::PathBuf;

use clap::Parser;
use sc_cli::{
    BuildSpecCmd, ChainInfoCmd, CheckBlockCmd, ExportBlocksCmd, ExportChainSpecCmd, ExportStateCmd,
    ImportBlocksCmd, KeySubcommand, PurgeChainCmd, RevertCmd, RunCmd,
};

use crate::chain_spec;

/// What the node was asked to do.
#[derive(Debug, Parser)]
#[command(after_help = "Example: phat-node --chain dev --tmp")]
pub struct Cli {
    /// Something other than to run.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,

    /// How to run.
    #[command(flatten)]
    pub run: RunCmd,

    /// Where to keep compiled runtimes from one start to the next. Code from there is run: nobody
    /// else may write to it. [default: in the base path]
    #[arg(long, value_name = "DIR", global = true)]
    pub runtime_cache: Option<PathBuf>,
}

impl Cli {
    /// Fills in what goes without saying on a development chain.
    ///
    /// A node of the chain `dev` is its one validator, `//Alice`, unless it was told what to be,
    /// or whom to join. And a well-known validator may make its network key up: nobody relies on
    /// finding it again under the same one.
    pub fn for_development(mut self) -> Self {
        let run = &mut self.run;
        let is_dev = run.shared_params.chain.as_deref() == Some(chain_spec::DEV);
        let told = run.validator
            || run.get_keyring().is_some()
            || !run.network_params.bootnodes.is_empty();
        if is_dev && !told {
            run.alice = true;
        }
        if run.get_keyring().is_some() {
            run.network_params
                .node_key_params
                .unsafe_force_node_key_generation = true;
        }
        self
    }
}

/// Something other than to run.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Make, insert and inspect keys.
    #[command(subcommand)]
    Key(KeySubcommand),

    /// Write a chain specification, with a bootnode of its own.
    BuildSpec(BuildSpecCmd),

    /// Write a chain specification.
    ExportChainSpec(ExportChainSpecCmd),

    /// Run a block again and see that it comes out the same.
    CheckBlock(CheckBlockCmd),

    /// Write blocks to a file.
    ExportBlocks(ExportBlocksCmd),

    /// Write the state at a block as a chain specification.
    ExportState(ExportStateCmd),

    /// Read blocks from a file.
    ImportBlocks(ImportBlocksCmd),

    /// Remove the chain from the disk.
    PurgeChain(PurgeChainCmd),

    /// Go back by some blocks, to the last finalised one at most.
    Revert(RevertCmd),

    /// Show how far the chain is.
    ChainInfo(ChainInfoCmd),

    /// Measure the runtime.
    #[cfg(feature = "runtime-benchmarks")]
    #[command(subcommand)]
    Benchmark(BenchmarkSubcommand),
}

/// What of the runtime to measure.
#[cfg(feature = "runtime-benchmarks")]
#[derive(Debug, clap::Subcommand)]
pub enum BenchmarkSubcommand {
    /// The weights of a pallet's calls.
    Pallet(Box<frame_benchmarking_cli::PalletCmd>),
}

#[cfg(test)]
mod tests {
    use sc_cli::SubstrateCli;

    use super::*;

    fn is_alice(args: &[&str]) -> bool {
        let args = std::iter::once(&"phat-node").chain(args);
        Cli::try_from_iter(args)
            .expect("valid arguments")
            .for_development()
            .run
            .alice
    }

    #[test]
    fn the_dev_chain_has_its_validator_unless_told_otherwise() {
        assert!(is_alice(&["--chain", "dev"]));
        assert!(is_alice(&["--chain", "dev", "--tmp", "--rpc-port", "0"]));
        assert!(!is_alice(&["--chain", "local"]));
        assert!(!is_alice(&["--chain", "dev", "--bob"]));
        assert!(!is_alice(&["--chain", "dev", "--validator"]));
        let bootnode =
            "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
        assert!(!is_alice(&["--chain", "dev", "--bootnodes", bootnode]));
    }
}
