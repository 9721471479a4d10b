//! The algorithms behind `crypto.subtle`.
//!
//! Keys are in one form here, the same for all formats that scripts import: a
//! symmetric key is its bytes, an elliptic-curve key the uncompressed point or the
//! scalar, an RSA key its modulus and exponent. What cannot be right gives no result,
//! and the JavaScript side throws what the standard asks for.

mod elliptic;
mod rsa;
mod symmetric;

use rquickjs::{Ctx, Exception, Object, Result, TypedArray};

pub fn define(host: &Object<'_>) -> Result<()> {
    elliptic::define(host)?;
    rsa::define(host)?;
    symmetric::define(host)
}

/// Bytes for a script, if there are any.
fn optional<'js>(ctx: Ctx<'js>, bytes: Option<Vec<u8>>) -> Result<Option<TypedArray<'js, u8>>> {
    bytes.map(|bytes| TypedArray::new(ctx, bytes)).transpose()
}

/// A name that the JavaScript side lets through by mistake.
fn unknown<T>(ctx: &Ctx<'_>, name: &str) -> Result<T> {
    Err(Exception::throw_type(ctx, &format!("unknown name {name}")))
}
