//! Hash functions.

use blake2::{
    Blake2b, Blake2b512,
    digest::consts::{U16, U32},
};
use ripemd::Ripemd160;
use rquickjs::{Ctx, Exception, Object, Result, TypedArray, function::Func};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use sha3::{Keccak256, Keccak512, Sha3_256, Sha3_512};
use twox_hash::XxHash64;

use super::bytes;

/// The names that [`hash`] knows, as scripts write them.
const NAMES: &[&str] = &[
    "keccak256",
    "keccak512",
    "sha256",
    "sha384",
    "sha512",
    "sha3_256",
    "sha3_512",
    "blake2b128",
    "blake2b256",
    "blake2b512",
    "ripemd160",
    "twox64",
    "twox128",
    "twox256",
];

pub fn define<'js>(ctx: &Ctx<'js>, host: &Object<'js>) -> Result<()> {
    host.set("hash", Func::from(hash))?;
    let names = rquickjs::Array::new(ctx.clone())?;
    for (index, name) in NAMES.iter().enumerate() {
        names.set(index, *name)?;
    }
    host.set("hashNames", names)
}

fn hash<'js>(
    ctx: Ctx<'js>,
    name: String,
    array: TypedArray<'js, u8>,
) -> Result<TypedArray<'js, u8>> {
    let data = bytes(&array);
    let digest = match name.as_str() {
        "keccak256" => Keccak256::digest(data).to_vec(),
        "keccak512" => Keccak512::digest(data).to_vec(),
        "sha1" => Sha1::digest(data).to_vec(),
        "sha256" => Sha256::digest(data).to_vec(),
        "sha384" => Sha384::digest(data).to_vec(),
        "sha512" => Sha512::digest(data).to_vec(),
        "sha3_256" => Sha3_256::digest(data).to_vec(),
        "sha3_512" => Sha3_512::digest(data).to_vec(),
        "blake2b128" => Blake2b::<U16>::digest(data).to_vec(),
        "blake2b256" => Blake2b::<U32>::digest(data).to_vec(),
        "blake2b512" => Blake2b512::digest(data).to_vec(),
        "ripemd160" => Ripemd160::digest(data).to_vec(),
        "twox64" => twox(data, 1),
        "twox128" => twox(data, 2),
        "twox256" => twox(data, 4),
        _ => return Err(Exception::throw_type(&ctx, "unknown hash function")),
    };
    TypedArray::new(ctx, digest)
}

/// The 64-bit xxHash with the seeds 0, 1 and so on, little-endian, as Substrate
/// joins them.
fn twox(data: &[u8], words: u64) -> Vec<u8> {
    (0..words)
        .flat_map(|seed| XxHash64::oneshot(seed, data).to_le_bytes())
        .collect()
}
