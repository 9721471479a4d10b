//! `phat run`: a contract in the local engine.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Args;
use phat_engine::{Engine, RunReport, Transcript};

use super::gateway::StopSignal;
use crate::{
    args::{EgressArgs, HexArg},
    fixture::{Fixture, Recording, hide, recorded},
    local::{self, Given},
    output::{Output, Verdict, describe},
    project::{MANIFEST_NAME, Project},
    run_output::RunOutput,
    secrets::SecretsArgs,
    stack_trace::ScriptSource,
    watch::Watched,
};

/// Runs that take longer are announced.
const QUIET_MAX: Duration = Duration::from_secs(1);

/// Run a contract in the local engine, with the network's own limits.
///
/// A folder is run with the hosts, settings and limits of its phat.toml. A bare
/// script has no manifest: it runs with the default limits and may call any
/// public host. Keys of the key-value store read as never written.
///
/// --record saves what the world answered the run as a fixture, which also says what
/// came out: in the folder `tests` of a contract it is a test for `phat test`.
/// --replay runs the code, changed or not, on the answers of a fixture and calls
/// nobody. With both, the fixture is brought up to date without the network.
///
/// The receipt that --json shows is of no chain and no worker. It is signed with a key
/// made for this run and forgotten, so it has the form of those of workers, and no one
/// stands behind it.
///
/// The exit code is 1 when the run fails.
#[derive(Args, Debug)]
#[command(
    after_help = "Example:\n  phat run examples/lens-stats --request 0x01 --json\n  phat run . --request 0x01 --record tests/one.json\n  phat run . --replay tests/one.json --watch"
)]
pub struct Options {
    /// A contract's folder, a script, or a WebAssembly component.
    #[arg(value_name = "SCRIPT|DIR")]
    path: PathBuf,
    /// The request: the bytes that the script gets as `request.input` [default: none,
    /// or those of the fixture]
    #[arg(long, value_name = "HEX")]
    request: Option<HexArg>,
    /// The settings, instead of those in the manifest: any text. One that is a JSON
    /// object is `request.settings` as such.
    #[arg(long, value_name = "STR")]
    settings: Option<String>,
    /// Save the request, all answers and what came out as a fixture, after the result
    /// is shown.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Take all answers from a fixture: nothing is called.
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Run again whenever the code, the manifest or the fixture changes, until Ctrl-C.
    #[arg(long, conflicts_with = "record")]
    watch: bool,
    /// Save the record of the run and all its host calls as JSON, after the result
    /// is shown.
    #[arg(long, value_name = "FILE")]
    transcript: Option<PathBuf>,
    #[command(flatten)]
    secrets: SecretsArgs,
    #[command(flatten)]
    egress: EgressArgs,
}

/// Runs the command.
pub async fn run(options: Options, output: &mut Output<'_>) -> Result<Verdict> {
    if options.watch {
        return watch(&options, output).await;
    }
    let engine = local::engine(&options.egress)?;
    once(&options, &engine, output).await
}

/// Runs again and again. What fails is told, and may be right the next time.
async fn watch(options: &Options, output: &mut Output<'_>) -> Result<Verdict> {
    let mut stop = StopSignal::new()?;
    let engine = local::engine(&options.egress)?;
    let running = async {
        loop {
            // Before the run, so that what changes during it is seen.
            let watched = Watched::new(watched_files(options));
            if let Err(error) = once(options, &engine, output).await {
                output.progress(format_args!("error: {}", describe(&error)));
            }
            output.progress("Waiting for a change; Ctrl-C ends.");
            watched.changed().await;
        }
    };
    tokio::select! {
        never = running => never,
        () = stop.received() => Ok(Verdict::Done),
    }
}

/// What a run is made of: these files, whether they exist by now or not.
fn watched_files(options: &Options) -> Vec<PathBuf> {
    let mut files = vec![options.path.clone()];
    if options.path.is_dir() {
        files.push(options.path.join(MANIFEST_NAME));
    }
    if let Some(entry) = Project::entry_of(&options.path) {
        files.push(entry);
    }
    files.extend(options.replay.clone());
    files
}

async fn once(options: &Options, engine: &Engine, output: &mut Output<'_>) -> Result<Verdict> {
    let project = Project::load(&options.path)?;
    let secrets = options.secrets.load_for(&project, output)?;
    let fixture = options.replay.as_deref().map(Fixture::load).transpose()?;
    let (mut given, http) = match (&fixture, &options.replay) {
        (Some(fixture), Some(path)) => {
            let (given, http) = fixture.given(&path.display().to_string(), secrets)?;
            (given, Some(http))
        }
        _ => {
            let mut given = Given::input(Vec::new());
            given.secrets = secrets;
            (given, None)
        }
    };
    if let Some(HexArg(input)) = &options.request {
        given.input.clone_from(input);
    }
    if options.settings.is_some() {
        given.settings.clone_from(&options.settings);
    }
    let settings = given.settings.clone();
    let recording = match &options.record {
        Some(path) => Some((path, Recording::new(fixture.as_ref())?)),
        None => None,
    };
    if let Some((_, recording)) = &recording {
        recording.apply(&mut given.sources);
    }

    let report = execute(engine, &project, given, output).await;
    for unknown in http.iter().flat_map(|http| http.unknown()) {
        output.progress(format_args!(
            "The fixture has no answer to {unknown}: record it again with --record."
        ));
    }
    let shown = RunOutput::new(&report, &ScriptSource::of(&project));
    let verdict = output.finish(&shown, Verdict::of(shown.ok))?;
    // Last, so that a path that cannot be written costs nothing but the file.
    if let Some(path) = &options.transcript {
        save(path, &report.transcript).context("the transcript was not saved")?;
    }
    if let Some((path, recording)) = recording {
        let mut made = hide(
            recorded(&report, &options.secrets.load()?, settings, recording),
            &options.secrets.texts()?,
        )
        .context("the fixture was not saved")?;
        made.description = fixture.and_then(|fixture| fixture.description);
        made.save(path).context("the fixture was not saved")?;
        output.progress(format_args!("Recorded {}.", path.display()));
    }
    Ok(verdict)
}

async fn execute(
    engine: &Engine,
    project: &Project,
    given: Given,
    output: &mut Output<'_>,
) -> RunReport {
    let mut running = std::pin::pin!(local::run(engine, project, given));
    match tokio::time::timeout(QUIET_MAX, &mut running).await {
        Ok(report) => report,
        Err(_) => {
            output.progress("Running…");
            running.await
        }
    }
}

fn save(path: &Path, transcript: &Transcript) -> Result<()> {
    let json = serde_json::to_vec_pretty(transcript)?;
    std::fs::write(path, json).with_context(|| format!("{}", path.display()))
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
