//! The contract's keys and secrets.

use phat_keys::Scheme;
use phat_primitives::limits;
use wasmtime::{StoreContextMut, component::LinkerInstance};

use super::fuel::{self, charge};
use crate::{RunFailure, bindings::phat::contract::keys as wit, journal::Stop, state::State};

/// The most bytes of a message to sign, or of the input of the random function.
pub const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// The most bytes of a salt.
pub const SALT_BYTES_MAX: usize = 1024;
/// The most bytes of a secret's name.
pub const NAME_BYTES_MAX: usize = limits::SECRET_NAME_BYTES_MAX as usize;

pub fn link(linker: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    linker.func_wrap(
        "public-key",
        |mut store: StoreContextMut<'_, State>, (scheme,): (wit::Scheme,)| {
            charge(&mut store, fuel::SIGNATURE)?;
            Ok((store.data_mut().public_key(scheme.into())?,))
        },
    )?;
    linker.func_wrap(
        "sign",
        |mut store: StoreContextMut<'_, State>, (scheme, message): (wit::Scheme, Vec<u8>)| {
            charge(&mut store, fuel::SIGNATURE + fuel::bytes(message.len()))?;
            check("sign_message_bytes", message.len(), MESSAGE_BYTES_MAX)?;
            Ok((store.data_mut().sign(scheme.into(), message)?,))
        },
    )?;
    linker.func_wrap(
        "vrf",
        |mut store: StoreContextMut<'_, State>, (input,): (Vec<u8>,)| {
            charge(&mut store, fuel::VRF + fuel::bytes(input.len()))?;
            check("vrf_input_bytes", input.len(), MESSAGE_BYTES_MAX)?;
            let (output, proof) = store.data_mut().vrf(input)?;
            Ok((wit::VrfOutput { output, proof },))
        },
    )?;
    linker.func_wrap(
        "derive",
        |mut store: StoreContextMut<'_, State>, (salt,): (Vec<u8>,)| {
            charge(&mut store, fuel::SECRET + fuel::bytes(salt.len()))?;
            check("salt_bytes", salt.len(), SALT_BYTES_MAX)?;
            Ok((store.data_mut().derive(salt)?,))
        },
    )?;
    linker.func_wrap(
        "secret",
        |mut store: StoreContextMut<'_, State>, (name,): (String,)| {
            charge(&mut store, fuel::SECRET + fuel::bytes(name.len()))?;
            check("secret_name_bytes", name.len(), NAME_BYTES_MAX)?;
            let secret = store.data_mut().secret(name)?;
            charge(&mut store, fuel::bytes(secret.as_ref().map_or(0, Vec::len)))?;
            Ok((secret,))
        },
    )
}

fn check(name: &'static str, found: usize, max: usize) -> Result<(), Stop> {
    if found > max {
        return Err(Stop::Failed(RunFailure::limit(name, max as u64)));
    }
    Ok(())
}

impl From<wit::Scheme> for Scheme {
    fn from(scheme: wit::Scheme) -> Self {
        match scheme {
            wit::Scheme::Secp256k1 => Self::Secp256k1,
            wit::Scheme::Ed25519 => Self::Ed25519,
            wit::Scheme::Sr25519 => Self::Sr25519,
        }
    }
}
