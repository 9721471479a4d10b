//! The functions that the JavaScript part of the standard library builds on.
//!
//! They take well-typed arguments: the files in `src/js` convert what scripts
//! pass. Bytes come and go as `Uint8Array`.

mod crypto;
mod encoding;
mod hashing;
mod host;
mod keys;
mod url;

use std::cell::RefCell;

use rquickjs::{Ctx, Object, Result, TypedArray, Value, function::Func};

pub use encoding::hexadecimal;
pub use host::{dispatch, next_event};

use crate::exception::Thrown;

thread_local! {
    /// What a callback threw that nobody can catch, such as that of a timer.
    static UNCAUGHT: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Takes what a callback threw, if one did since the last call.
pub fn take_uncaught() -> Option<String> {
    UNCAUGHT.take()
}

/// The object with all native functions.
pub fn object<'js>(ctx: &Ctx<'js>) -> Result<Object<'js>> {
    let host = Object::new(ctx.clone())?;
    crypto::define(&host)?;
    encoding::define(&host)?;
    hashing::define(ctx, &host)?;
    host::define(&host)?;
    keys::define(&host)?;
    url::define(&host)?;
    host.set("version", env!("CARGO_PKG_VERSION"))?;
    host.set("reportUncaught", Func::from(report_uncaught))?;
    Ok(host)
}

fn report_uncaught(value: Value<'_>) {
    UNCAUGHT.with_borrow_mut(|uncaught| {
        uncaught.get_or_insert_with(|| Thrown::value(value).describe());
    });
}

/// The bytes of an array that a script passed.
#[allow(
    unsafe_code,
    reason = "rquickjs marks the access unsafe, because a script could detach or resize the buffer meanwhile"
)]
pub fn bytes<'a>(array: &'a TypedArray<'_, u8>) -> &'a [u8] {
    // SAFETY: the guest has one thread, and no caller runs a script while it
    // holds the bytes. A detached array has no bytes any more.
    unsafe { array.as_bytes() }.unwrap_or_default()
}
