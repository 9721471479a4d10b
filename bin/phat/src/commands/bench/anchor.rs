//! `phat bench anchor`: what anchors cost, and how fast workers settle.

mod contracts;
mod evm;
mod figures;
mod gas;
mod load;
mod network;

use std::{
    fs,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread::available_parallelism,
};

use anyhow::{Context, Result, bail};
use clap::{Args, builder::RangedU64ValueParser};

use self::{
    evm::BLOCK_S,
    figures::{Figures, percentile},
    load::Load,
    network::{Network, Programs, WORKERS_MAX},
};
use crate::{
    commands::{dev::locate, gateway::StopSignal},
    network::find,
    output::{Output, Verdict},
};

/// Requests that are made at once where nothing else is said.
const REQUESTS: usize = 300;
/// The most: a worker takes up no more of one contract before it has settled some.
const REQUESTS_MAX: u64 = 1_000;
/// Requests that are made one after the other where nothing else is said.
const ONE_BY_ONE: usize = 20;

/// What to do where there is no anvil.
const NO_ANVIL: &str = "there is no anvil, the EVM node to measure on, beside this program nor in \
    a folder of PATH: install Foundry, which it is a part of (https://getfoundry.sh), or name it \
    with --anvil-bin; in a clone of the repository, `cargo xtask setup` puts it at \
    contracts/evm/node_modules/.bin/anvil";

/// Measure what requests and settlements cost at both kinds of anchors, and how fast workers
/// settle.
///
/// Gas is that of real transactions on a chain of its own, for one consumer at the lean anchor and
/// at the older interface. Then a network is started, first with one worker and then with three,
/// whose contract asks nobody. It takes some minutes. docs/performance.md says what each figure
/// means.
#[derive(Args, Debug)]
#[command(after_help = "Example:\n  phat bench anchor --json")]
pub struct Options {
    /// Requests that are made at once, with each number of workers.
    #[arg(long, value_name = "N", default_value_t = REQUESTS,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=REQUESTS_MAX))]
    requests: usize,
    /// Requests that are made one after the other, with each number of workers.
    #[arg(long, value_name = "N", default_value_t = ONE_BY_ONE,
          value_parser = RangedU64ValueParser::<usize>::new().range(1..=REQUESTS_MAX))]
    one_by_one: usize,
    /// The EVM node's program, if it is not beside this one or in PATH.
    #[arg(long, value_name = "FILE", env = "PHAT_ANVIL_BIN")]
    anvil_bin: Option<PathBuf>,
    /// The node's program, if it is not beside this one or in PATH.
    #[arg(long, value_name = "FILE", env = "PHAT_NODE_BIN")]
    node_bin: Option<PathBuf>,
    /// The worker's program, if it is not beside this one or in PATH.
    #[arg(long, value_name = "FILE", env = "PHAT_WORKER_BIN")]
    worker_bin: Option<PathBuf>,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    // First, so that what is missing is told before anything runs.
    let programs = Programs {
        anvil: anvil(options.anvil_bin.as_deref())?,
        node: locate(options.node_bin.as_deref(), "phat-node")?,
        worker: locate(options.worker_bin.as_deref(), "phat-worker")?,
    };
    let mut stop = StopSignal::new()?;
    let folder = tempfile::Builder::new().prefix("phat-bench-").tempdir()?;
    let measured = tokio::select! {
        measured = measure(&options, &programs, folder.path(), output) => measured,
        () = stop.received() => bail!("it was stopped before everything was measured"),
    };
    match measured {
        Ok(figures) => Ok(output.finish(&figures, Verdict::Done)?),
        Err(error) => {
            // What went wrong may be in there.
            let kept = folder.keep();
            Err(error.context(format!(
                "nothing was measured; the logs are in {}",
                kept.display()
            )))
        }
    }
}

/// Where anvil is.
fn anvil(given: Option<&Path>) -> Result<PathBuf> {
    match given {
        Some(_) => locate(given, "anvil"),
        None => find("anvil").ok().context(NO_ANVIL),
    }
}

async fn measure(
    options: &Options,
    programs: &Programs,
    folder: &Path,
    output: &mut Output<'_>,
) -> Result<Figures> {
    let [of_gas, of_network] = ["gas", "network"].map(|name| folder.join(name));
    for folder in [&of_gas, &of_network] {
        fs::create_dir(folder).with_context(|| format!("{}", folder.display()))?;
    }
    output.progress("Starting an EVM node…");
    let (gas, anvil) = gas::measure(&programs.anvil, &of_gas, output).await?;

    output.progress("Starting a network with one worker…");
    let mut network = Network::start(programs, &of_network, output).await?;
    network.add_worker(output).await?;
    let oracle = network.deploy(output).await?;
    let load = Load::new(network.evm(), oracle.consumer).await?;
    network.until_served(&oracle, output).await?;
    let (mut waited, one) = settle(options, &mut network, &load, output).await?;

    output.progress("Starting two workers more…");
    while network.workers() < WORKERS_MAX {
        network.add_worker(output).await?;
    }
    network.until_served(&oracle, output).await?;
    let (more, three) = settle(options, &mut network, &load, output).await?;
    waited.extend(more);
    Ok(Figures {
        gas,
        blocks_to_settle_p50: percentile(&mut waited, 50)?,
        settled_per_s_1_worker: one,
        settled_per_s_3_workers: three,
        requests: options.requests,
        requests_one_by_one: options.one_by_one,
        block_s: BLOCK_S,
        anvil,
        processors: available_parallelism().map_or(1, NonZeroUsize::get),
    })
}

/// How many blocks requests wait that come one after the other, and how many are settled a second
/// that come at once.
async fn settle(
    options: &Options,
    network: &mut Network<'_>,
    load: &Load,
    output: &mut Output<'_>,
) -> Result<(Vec<u64>, f64)> {
    let Options {
        requests,
        one_by_one,
        ..
    } = options;
    output.progress(format_args!("{one_by_one} requests, one after the other…"));
    let waited = network.during(load.one_by_one(*one_by_one)).await?;
    output.progress(format_args!("{requests} requests at once…"));
    let rate = network.during(load.at_once(*requests)).await?;
    Ok((waited, rate))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::phat;

    #[test]
    fn anvil_is_the_program_that_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("anvil");
        let error = anvil(Some(&program)).unwrap_err().to_string();
        assert!(error.contains("there is no program"), "{error}");
        fs::write(&program, "").unwrap();
        assert_eq!(anvil(Some(&program)).unwrap(), program);
    }

    #[tokio::test]
    async fn a_program_that_is_missing_is_told_before_anything_runs() {
        let here = std::env::current_exe().unwrap();
        let here = here.to_str().unwrap();
        let all = [
            ("--anvil-bin", "/nowhere/anvil"),
            ("--node-bin", "/nowhere/phat-node"),
            ("--worker-bin", "/nowhere/phat-worker"),
        ];
        for (missing, path) in all {
            let mut arguments = vec!["bench", "anchor"];
            for (option, _) in all {
                let given = if option == missing { path } else { here };
                arguments.extend([option, given]);
            }
            let (code, _, progress) = phat(&arguments).await;
            assert_eq!(code, 1);
            assert!(
                progress.contains(&format!("there is no program {path}")),
                "{progress}"
            );
        }
    }
}
