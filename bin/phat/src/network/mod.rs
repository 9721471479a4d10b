//! Processes of a local network: found, started, watched and stopped.

mod binaries;
mod data_dir;
mod hangup;
mod light;
mod process;
mod ready;
mod tie;

pub use binaries::find;
pub use data_dir::DataDir;
pub use hangup::Hangup;
pub use light::{export_chain_spec, listen_address};
pub use process::{Process, Program, Stopped};
pub use ready::{forget_worker_url, lacks, node_answers, node_rpc_url, serves, worker_url};
pub use tie::{TieOptions, run as tie};
