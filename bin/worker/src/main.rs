//! The worker of the Phat network.

mod open_files;

use std::{
    io::{IsTerminal, stderr},
    process::ExitCode,
};

use clap::Parser;
use phat_worker_service::{
    config::{LogFormat, Options},
    run,
};
use tracing_subscriber::EnvFilter;

/// What is logged where RUST_LOG says nothing.
const LOG_DEFAULT: &str = "info,subxt=warn,hyper=warn,wasmtime=warn,cranelift=warn";

fn main() -> ExitCode {
    let options = Options::parse();
    log(options.log_format);
    open_files::raise_limit();
    match start(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn start(options: Options) -> anyhow::Result<()> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("another TLS provider is installed already"))?;
    let runtime = tokio::runtime::Runtime::new()?;
    let result = runtime.block_on(run(options));
    // A run that outlasted the grace period must not keep the process.
    runtime.shutdown_background();
    Ok(result?)
}

fn log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| LOG_DEFAULT.into());
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(stderr)
        .with_ansi(stderr().is_terminal());
    match format {
        LogFormat::Text => subscriber.init(),
        LogFormat::Json => subscriber.json().init(),
    }
}
