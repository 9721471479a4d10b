//! The log of a run.

use wasmtime::{StoreContextMut, component::LinkerInstance};

use super::fuel::{self, charge};
use crate::{LogLevel, LogLine, bindings::phat::contract::log::Level, state::State};

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    linker.func_wrap(
        "write",
        |mut store: StoreContextMut<'_, State>, (level, message): (Level, String)| {
            let bytes = fuel::masked(message.len(), store.data());
            charge(&mut store, fuel::CALL.saturating_add(bytes))?;
            let level = match level {
                Level::Debug => LogLevel::Debug,
                Level::Info => LogLevel::Info,
                Level::Warn => LogLevel::Warn,
                Level::Error => LogLevel::Error,
            };
            store.data_mut().log(LogLine { level, message })?;
            Ok(())
        },
    )
}
