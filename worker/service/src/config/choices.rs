//! What is chosen among a few on the command line.

use std::fmt;

use clap::ValueEnum;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What vouches for the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AttestationOption {
    /// Nothing but the operator's word.
    None,
    /// An enclave of Intel SGX, under Gramine.
    Sgx,
    /// A virtual machine of Intel TDX.
    Tdx,
    /// A platform that is none, for development.
    Simulated,
}

impl fmt::Display for AttestationOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Sgx => "sgx",
            Self::Tdx => "tdx",
            Self::Simulated => "simulated",
        })
    }
}

/// A step of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PauseAfter {
    /// It is known.
    Seen,
    /// It was run.
    Executed,
    /// Its transaction is made and not sent.
    Prepared,
    /// Its transaction is sent.
    Sent,
}

impl PauseAfter {
    /// The step as [`phat_worker_core::Record::step_name`] calls it.
    pub fn step_name(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Executed => "executed",
            Self::Prepared => "prepared",
            Self::Sent => "sent",
        }
    }
}
