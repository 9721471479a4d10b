//! HMAC, AES-GCM, HKDF and PBKDF2.

use aes_gcm::{
    AeadInPlace, AesGcm, KeyInit, Tag,
    aead::consts::{U12, U13, U14, U15, U16},
    aes::{Aes128, Aes256},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use rquickjs::{Ctx, Object, Result, TypedArray, function::Func};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

use super::{optional, unknown};
use crate::natives::bytes;

/// The bytes of the nonce, which GCM is made for.
const NONCE_BYTES: usize = 12;

pub fn define(host: &Object<'_>) -> Result<()> {
    host.set("hmac", Func::from(hmac))?;
    host.set("hmacVerify", Func::from(hmac_verify))?;
    host.set("hkdf", Func::from(hkdf))?;
    host.set("pbkdf2", Func::from(pbkdf2))?;
    host.set("aesGcmSeal", Func::from(seal))?;
    host.set("aesGcmOpen", Func::from(open))
}

/// Calls a generic function with the hash of a name.
macro_rules! with_hash {
    ($ctx:expr, $name:expr, $call:ident($($argument:expr),*)) => {
        match $name.as_str() {
            "sha1" => $call::<Sha1>($($argument),*),
            "sha256" => $call::<Sha256>($($argument),*),
            "sha384" => $call::<Sha384>($($argument),*),
            "sha512" => $call::<Sha512>($($argument),*),
            name => return unknown(&$ctx, name),
        }
    };
}

/// A hash function of which HMAC can be made. The trait of the `hmac` crate has
/// seven bounds, which the callers would have to repeat.
trait Hash {
    fn mac(key: &[u8], data: &[u8]) -> Vec<u8>;
    fn is_mac(key: &[u8], data: &[u8], mac: &[u8]) -> bool;
    fn hkdf(input: &[u8], salt: &[u8], info: &[u8], output: &mut [u8]) -> bool;
    fn pbkdf2(password: &[u8], salt: &[u8], iterations: u32, output: &mut [u8]) -> bool;
}

macro_rules! hashes {
    ($($hash:ty),*) => {
        $(impl Hash for $hash {
            fn mac(key: &[u8], data: &[u8]) -> Vec<u8> {
                let mac = <Hmac<$hash> as Mac>::new_from_slice(key);
                let mac = mac.expect("HMAC takes keys of any length");
                mac.chain_update(data).finalize().into_bytes().to_vec()
            }

            fn is_mac(key: &[u8], data: &[u8], found: &[u8]) -> bool {
                let mac = <Hmac<$hash> as Mac>::new_from_slice(key);
                let mac = mac.expect("HMAC takes keys of any length");
                // In constant time.
                mac.chain_update(data).verify_slice(found).is_ok()
            }

            fn hkdf(input: &[u8], salt: &[u8], info: &[u8], output: &mut [u8]) -> bool {
                Hkdf::<$hash>::new(Some(salt), input).expand(info, output).is_ok()
            }

            fn pbkdf2(password: &[u8], salt: &[u8], iterations: u32, output: &mut [u8]) -> bool {
                pbkdf2::pbkdf2::<Hmac<$hash>>(password, salt, iterations, output).is_ok()
            }
        })*
    };
}

hashes!(Sha1, Sha256, Sha384, Sha512);

fn mac<H: Hash>(key: &[u8], data: &[u8]) -> Vec<u8> {
    H::mac(key, data)
}

fn is_mac<H: Hash>(key: &[u8], data: &[u8], found: &[u8]) -> bool {
    H::is_mac(key, data, found)
}

fn expand<H: Hash>(input: &[u8], salt: &[u8], info: &[u8], output: &mut [u8]) -> bool {
    H::hkdf(input, salt, info, output)
}

fn stretch<H: Hash>(password: &[u8], salt: &[u8], iterations: u32, output: &mut [u8]) -> bool {
    H::pbkdf2(password, salt, iterations, output)
}

fn hmac<'js>(
    ctx: Ctx<'js>,
    hash: String,
    key: TypedArray<'js, u8>,
    data: TypedArray<'js, u8>,
) -> Result<TypedArray<'js, u8>> {
    let made = with_hash!(ctx, hash, mac(bytes(&key), bytes(&data)));
    TypedArray::new(ctx, made)
}

fn hmac_verify<'js>(
    ctx: Ctx<'js>,
    hash: String,
    key: TypedArray<'js, u8>,
    data: TypedArray<'js, u8>,
    found: TypedArray<'js, u8>,
) -> Result<bool> {
    Ok(with_hash!(
        ctx,
        hash,
        is_mac(bytes(&key), bytes(&data), bytes(&found))
    ))
}

/// No bytes if there are more than the hash function can give.
fn hkdf<'js>(
    ctx: Ctx<'js>,
    hash: String,
    input: TypedArray<'js, u8>,
    salt: TypedArray<'js, u8>,
    info: TypedArray<'js, u8>,
    length: u32,
) -> Result<Option<TypedArray<'js, u8>>> {
    let mut output = vec![0; length as usize];
    let is_made = with_hash!(
        ctx,
        hash,
        expand(bytes(&input), bytes(&salt), bytes(&info), &mut output)
    );
    optional(ctx, is_made.then_some(output))
}

fn pbkdf2<'js>(
    ctx: Ctx<'js>,
    hash: String,
    password: TypedArray<'js, u8>,
    salt: TypedArray<'js, u8>,
    iterations: u32,
    length: u32,
) -> Result<Option<TypedArray<'js, u8>>> {
    let mut output = vec![0; length as usize];
    let is_made = with_hash!(
        ctx,
        hash,
        stretch(bytes(&password), bytes(&salt), iterations, &mut output)
    );
    optional(ctx, is_made.then_some(output))
}

/// The ciphertext, and the tag of 12 to 16 bytes after it.
fn seal<'js>(
    ctx: Ctx<'js>,
    key: TypedArray<'js, u8>,
    nonce: TypedArray<'js, u8>,
    associated: TypedArray<'js, u8>,
    text: TypedArray<'js, u8>,
    tag_bytes: usize,
) -> Result<Option<TypedArray<'js, u8>>> {
    let (key, nonce, associated) = (bytes(&key), bytes(&nonce), bytes(&associated));
    let mut buffer = bytes(&text).to_vec();
    let tag = match key.len() {
        16 => seal_in_place::<AesGcm<Aes128, U12>>(key, nonce, associated, &mut buffer),
        32 => seal_in_place::<AesGcm<Aes256, U12>>(key, nonce, associated, &mut buffer),
        _ => None,
    };
    // A shorter tag is the start of the whole one.
    let tag = tag.and_then(|tag| tag.get(..tag_bytes).map(<[u8]>::to_vec));
    optional(
        ctx,
        tag.map(|tag| {
            buffer.extend_from_slice(&tag);
            buffer
        }),
    )
}

fn seal_in_place<C: KeyInit + AeadInPlace<NonceSize = U12>>(
    key: &[u8],
    nonce: &[u8],
    associated: &[u8],
    buffer: &mut [u8],
) -> Option<Vec<u8>> {
    let cipher = C::new_from_slice(key).ok()?;
    let nonce: &[u8; NONCE_BYTES] = nonce.try_into().ok()?;
    let tag = cipher.encrypt_in_place_detached(nonce.into(), associated, buffer);
    Some(tag.ok()?.to_vec())
}

/// The text, if the tag is right.
fn open<'js>(
    ctx: Ctx<'js>,
    key: TypedArray<'js, u8>,
    nonce: TypedArray<'js, u8>,
    associated: TypedArray<'js, u8>,
    sealed: TypedArray<'js, u8>,
    tag_bytes: usize,
) -> Result<Option<TypedArray<'js, u8>>> {
    let (key, nonce, associated) = (bytes(&key), bytes(&nonce), bytes(&associated));
    let sealed = bytes(&sealed);
    let Some(text_bytes) = sealed.len().checked_sub(tag_bytes) else {
        return Ok(None);
    };
    let (text, tag) = sealed.split_at(text_bytes);
    let mut buffer = text.to_vec();
    macro_rules! open_with {
        ($cipher:ty, $size:ty) => {
            open_in_place::<AesGcm<$cipher, U12, $size>>(key, nonce, associated, &mut buffer, tag)
        };
    }
    let opened = match (key.len(), tag_bytes) {
        (16, 12) => open_with!(Aes128, U12),
        (16, 13) => open_with!(Aes128, U13),
        (16, 14) => open_with!(Aes128, U14),
        (16, 15) => open_with!(Aes128, U15),
        (16, 16) => open_with!(Aes128, U16),
        (32, 12) => open_with!(Aes256, U12),
        (32, 13) => open_with!(Aes256, U13),
        (32, 14) => open_with!(Aes256, U14),
        (32, 15) => open_with!(Aes256, U15),
        (32, 16) => open_with!(Aes256, U16),
        _ => None,
    };
    optional(ctx, opened.map(|()| buffer))
}

fn open_in_place<C: KeyInit + AeadInPlace<NonceSize = U12>>(
    key: &[u8],
    nonce: &[u8],
    associated: &[u8],
    buffer: &mut [u8],
    tag: &[u8],
) -> Option<()> {
    let cipher = C::new_from_slice(key).ok()?;
    let nonce: &[u8; NONCE_BYTES] = nonce.try_into().ok()?;
    let tag = Tag::<C::TagSize>::from_slice(tag);
    cipher
        .decrypt_in_place_detached(nonce.into(), associated, buffer, tag)
        .ok()
}
