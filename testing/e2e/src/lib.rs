//! The whole network on one machine: end-to-end tests and the demonstration.
//!
//! Every server is the real one, on a loopback port that the system picks, and
//! is ended by whoever started it, by its process id. The programs under test
//! are those that the workspace builds; nothing of the worker or the node is
//! linked in here.

pub mod bridge;
pub mod bundle;
pub mod cli;
mod compiled;
pub mod count;
pub mod database;
pub mod demo;
pub mod economy;
pub mod evm;
pub mod evm_control;
pub mod feeds;
pub mod fleet;
pub mod foreign;
pub mod network;
pub mod next_runtime;
pub mod node;
pub mod process;
pub mod project;
pub mod rpc_proxy;
pub mod switch;
pub mod worker;
