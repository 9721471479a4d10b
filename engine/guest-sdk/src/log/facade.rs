//! The lines of the `log` crate.

use ::log::{LevelFilter, Log, Metadata, Record};

use super::{Level, write};

struct Facade;

/// Sends the lines of the `log` crate to the log of the run. The engine's instance is
/// fresh, so nothing else has been installed before.
pub(crate) fn install() {
    if ::log::set_logger(&Facade).is_ok() {
        ::log::set_max_level(LevelFilter::Debug);
    }
}

impl Log for Facade {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let level = match record.level() {
            ::log::Level::Error => Level::Error,
            ::log::Level::Warn => Level::Warn,
            ::log::Level::Info => Level::Info,
            ::log::Level::Debug | ::log::Level::Trace => Level::Debug,
        };
        write(level, record.args().to_string());
    }

    fn flush(&self) {}
}
