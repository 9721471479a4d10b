//! The contract's keys and secrets.

use rquickjs::{Array, Ctx, Exception, Object, Result, TypedArray, function::Func};

use super::bytes;
use crate::bindings::phat::contract::keys::{self, Scheme};

pub fn define(host: &Object<'_>) -> Result<()> {
    host.set("publicKey", Func::from(public_key))?;
    host.set("sign", Func::from(sign))?;
    host.set("vrf", Func::from(vrf))?;
    host.set("derive", Func::from(derive))?;
    host.set("secret", Func::from(secret))
}

fn scheme(ctx: &Ctx<'_>, name: &str) -> Result<Scheme> {
    match name {
        "secp256k1" => Ok(Scheme::Secp256k1),
        "ed25519" => Ok(Scheme::Ed25519),
        "sr25519" => Ok(Scheme::Sr25519),
        _ => {
            let message =
                format!("{name:?} is no signature scheme: use secp256k1, ed25519 or sr25519");
            Err(Exception::throw_type(ctx, &message))
        }
    }
}

fn public_key<'js>(ctx: Ctx<'js>, name: String) -> Result<TypedArray<'js, u8>> {
    let key = keys::public_key(scheme(&ctx, &name)?);
    TypedArray::new(ctx, key)
}

fn sign<'js>(
    ctx: Ctx<'js>,
    name: String,
    message: TypedArray<'js, u8>,
) -> Result<TypedArray<'js, u8>> {
    let signature = keys::sign(scheme(&ctx, &name)?, bytes(&message))
        .map_err(|reason| Exception::throw_type(&ctx, &reason))?;
    TypedArray::new(ctx, signature)
}

/// The output and the proof.
fn vrf<'js>(ctx: Ctx<'js>, input: TypedArray<'js, u8>) -> Result<Array<'js>> {
    let drawn = keys::vrf(bytes(&input));
    let parts = Array::new(ctx.clone())?;
    parts.set(0, TypedArray::new(ctx.clone(), drawn.output)?)?;
    parts.set(1, TypedArray::new(ctx, drawn.proof)?)?;
    Ok(parts)
}

fn derive<'js>(ctx: Ctx<'js>, salt: TypedArray<'js, u8>) -> Result<TypedArray<'js, u8>> {
    TypedArray::new(ctx, keys::derive(bytes(&salt)))
}

fn secret<'js>(ctx: Ctx<'js>, name: String) -> Result<Option<TypedArray<'js, u8>>> {
    keys::secret(&name)
        .map(|secret| TypedArray::new(ctx, secret))
        .transpose()
}
