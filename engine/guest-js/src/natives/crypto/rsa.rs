//! RSA signatures, to be verified only: there is no private key here whose use could
//! tell something by the time that it takes.

use rquickjs::{Array, Ctx, Object, Result, TypedArray, function::Func};
use rsa::{BigUint, Pkcs1v15Sign, RsaPublicKey, pkcs8::DecodePublicKey, traits::PublicKeyParts};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::unknown;
use crate::natives::bytes;

pub fn define(host: &Object<'_>) -> Result<()> {
    host.set("rsaPublic", Func::from(public))?;
    host.set("rsaVerify", Func::from(verify))
}

/// The modulus and the exponent of a SubjectPublicKeyInfo.
fn public<'js>(ctx: Ctx<'js>, spki: TypedArray<'js, u8>) -> Result<Option<Array<'js>>> {
    let Ok(key) = RsaPublicKey::from_public_key_der(bytes(&spki)) else {
        return Ok(None);
    };
    let parts = Array::new(ctx.clone())?;
    parts.set(0, TypedArray::new(ctx.clone(), key.n().to_bytes_be())?)?;
    parts.set(1, TypedArray::new(ctx, key.e().to_bytes_be())?)?;
    Ok(Some(parts))
}

/// Whether a signature of RSASSA-PKCS1-v1_5 is right for a hash.
fn verify<'js>(
    ctx: Ctx<'js>,
    name: String,
    modulus: TypedArray<'js, u8>,
    exponent: TypedArray<'js, u8>,
    hash: TypedArray<'js, u8>,
    signature: TypedArray<'js, u8>,
) -> Result<bool> {
    let scheme = match name.as_str() {
        "sha1" => Pkcs1v15Sign::new::<Sha1>(),
        "sha256" => Pkcs1v15Sign::new::<Sha256>(),
        "sha384" => Pkcs1v15Sign::new::<Sha384>(),
        "sha512" => Pkcs1v15Sign::new::<Sha512>(),
        name => return unknown(&ctx, name),
    };
    let modulus = BigUint::from_bytes_be(bytes(&modulus));
    let exponent = BigUint::from_bytes_be(bytes(&exponent));
    // Of at most 4096 bits.
    let key = RsaPublicKey::new(modulus, exponent);
    Ok(key.is_ok_and(|key| key.verify(scheme, bytes(&hash), bytes(&signature)).is_ok()))
}
