//! The log of the run.
//!
//! All lines together may have the bytes of the limit `log_bytes`; more end the run.

#[cfg(all(feature = "log", target_arch = "wasm32"))]
mod facade;

#[cfg(all(feature = "log", target_arch = "wasm32"))]
pub(crate) use facade::install;

use crate::platform;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For whoever writes the contract.
    Debug,
    /// What happens.
    Info,
    /// What should not happen.
    Warn,
    /// What went wrong.
    Error,
}

/// Writes a line.
pub fn write(level: Level, message: impl AsRef<str>) {
    platform::log(level, message.as_ref());
}

/// Writes a line for whoever writes the contract.
pub fn debug(message: impl AsRef<str>) {
    write(Level::Debug, message);
}

/// Writes what happens.
pub fn info(message: impl AsRef<str>) {
    write(Level::Info, message);
}

/// Writes what should not happen.
pub fn warn(message: impl AsRef<str>) {
    write(Level::Warn, message);
}

/// Writes what went wrong.
pub fn error(message: impl AsRef<str>) {
    write(Level::Error, message);
}
