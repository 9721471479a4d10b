//! What host calls cost. Guests pay about one unit of fuel for an instruction;
//! these prices follow the time that the host needs, at about a nanosecond a unit.

use wasmtime::{StoreContextMut, Trap};

use crate::state::State;

/// Any host call.
pub const CALL: u64 = 1_000;
/// Each byte that goes into the transcript.
pub const BYTE: u64 = 2;
/// Starting an HTTP request, with its connection.
pub const HTTP_REQUEST: u64 = 500_000;
/// Starting a timer.
pub const TIMER: u64 = 5_000;
/// Reading or writing a key.
pub const KEY: u64 = 50_000;
/// Each byte of a script's text, for what it took to compile it once and takes to
/// load what was compiled.
pub const SCRIPT_BYTE: u64 = 20;
/// A signature, or a public key.
pub const SIGNATURE: u64 = 100_000;
/// The verifiable random function.
pub const VRF: u64 = 300_000;
/// Deriving or opening a secret.
pub const SECRET: u64 = 20_000;

/// Looking for one of the secrets that the run has read, each byte.
pub const SEARCHED_BYTE: u64 = 2;

/// Takes fuel from a guest. One that has not enough left ends as if it had
/// computed that long.
pub fn charge(store: &mut StoreContextMut<'_, State>, price: u64) -> wasmtime::Result<()> {
    let state = store.data_mut();
    state.host_fuel = state.host_fuel.saturating_add(price);
    let left = store.get_fuel()?;
    store.set_fuel(left.saturating_sub(price))?;
    if left < price {
        return Err(Trap::OutOfFuel.into());
    }
    Ok(())
}

/// The price of a number of bytes that go into the transcript, where no secret that the run has
/// read may be among them.
pub fn masked(count: usize, state: &State) -> u64 {
    let secrets = state.masks.count() as u64;
    let searching = (count as u64).saturating_mul(SEARCHED_BYTE);
    bytes(count).saturating_add(searching.saturating_mul(secrets))
}

/// The price of a number of bytes.
pub fn bytes(count: usize) -> u64 {
    (count as u64).saturating_mul(BYTE)
}
