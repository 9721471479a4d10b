//! The whole network on one machine: nodes, workers, EVM chains and the command line.
//!
//! One program, so that tests of all files run side by side: they wait for blocks most of the time.

mod attestation;
mod bad_input;
mod bench_anchor;
mod bridge;
mod bundle;
mod challenges;
mod cluster_keys;
mod dev;
mod economy;
mod encrypted_calls;
mod faults;
mod feeds;
mod fleet;
mod governance;
mod light_client;
mod lying_nodes;
mod main_job;
mod quorum;
mod relay_faults;
mod rpc_faults;
mod secrets;
mod stake;
mod substrate;
mod triggers;
