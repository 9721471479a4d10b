//! The node of the Phat chain.

#![allow(
    clippy::result_large_err,
    reason = "the errors of sc-cli and sc-service are large, and are passed on as they are"
)]

mod chain_spec;
mod cli;
mod command;
mod rpc;
mod service;

fn main() -> sc_cli::Result<()> {
    command::run()
}
