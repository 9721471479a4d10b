//! Hash functions.

use rquickjs::{Ctx, Object, Result, TypedArray, function::Func};
use sha2::{Digest, Sha256};
use sha3::Keccak256;

use super::bytes;

pub fn define(host: &Object<'_>) -> Result<()> {
    host.set("keccak256", Func::from(digest::<Keccak256>))?;
    host.set("sha256", Func::from(digest::<Sha256>))
}

fn digest<'js, D: Digest>(
    ctx: Ctx<'js>,
    array: TypedArray<'js, u8>,
) -> Result<TypedArray<'js, u8>> {
    TypedArray::new(ctx, D::digest(bytes(&array)).to_vec())
}
