//! ECDSA over P-256 and P-384, and Ed25519.
//!
//! Points are SEC1, uncompressed; secret keys are scalars of the size of the field.
//! Signatures are r and s, each of that size, as the Web Cryptography standard has it.

use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use p256::{
    NistP256,
    ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier},
    elliptic_curve::sec1::ToEncodedPoint,
    pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey},
};
use p384::NistP384;
use rquickjs::{Ctx, Object, Result, TypedArray, function::Func};

use super::{optional, unknown};
use crate::natives::bytes;

/// The least bytes of a hash that ECDSA takes: half of those of the field.
fn padded(hash: &[u8], field_bytes: usize) -> Vec<u8> {
    // The number that a short hash stands for is the same with zeros before it.
    let mut padded = vec![0; (field_bytes / 2).saturating_sub(hash.len())];
    padded.extend_from_slice(hash);
    padded
}

/// What the JavaScript side asks of a curve.
trait Curve {
    const FIELD_BYTES: usize;
    fn point(format: Format, key: &[u8]) -> Option<Vec<u8>>;
    fn secret(format: Format, key: &[u8]) -> Option<Vec<u8>>;
    fn public(secret: &[u8]) -> Option<Vec<u8>>;
    fn spki(point: &[u8]) -> Option<Vec<u8>>;
    fn pkcs8(secret: &[u8]) -> Option<Vec<u8>>;
    fn sign(secret: &[u8], hash: &[u8]) -> Option<Vec<u8>>;
    fn verify(point: &[u8], hash: &[u8], signature: &[u8]) -> bool;
}

/// How a key is written.
#[derive(Clone, Copy)]
enum Format {
    /// A SEC1 point, or a scalar.
    Raw,
    /// SubjectPublicKeyInfo, or PKCS#8.
    Der,
}

macro_rules! curves {
    ($($curve:ident in $library:ident, $bytes:expr);*) => {
        $(impl Curve for $curve {
            const FIELD_BYTES: usize = $bytes;

            fn point(format: Format, key: &[u8]) -> Option<Vec<u8>> {
                let key = match format {
                    Format::Raw => $library::PublicKey::from_sec1_bytes(key).ok()?,
                    Format::Der => $library::PublicKey::from_public_key_der(key).ok()?,
                };
                Some(key.to_encoded_point(false).as_bytes().to_vec())
            }

            fn secret(format: Format, key: &[u8]) -> Option<Vec<u8>> {
                let key = match format {
                    Format::Raw if key.len() != $bytes => return None,
                    Format::Raw => $library::SecretKey::from_slice(key).ok()?,
                    Format::Der => $library::SecretKey::from_pkcs8_der(key).ok()?,
                };
                Some(key.to_bytes().to_vec())
            }

            fn public(secret: &[u8]) -> Option<Vec<u8>> {
                let key = $library::SecretKey::from_slice(secret).ok()?.public_key();
                Some(key.to_encoded_point(false).as_bytes().to_vec())
            }

            fn spki(point: &[u8]) -> Option<Vec<u8>> {
                let key = $library::PublicKey::from_sec1_bytes(point).ok()?;
                Some(key.to_public_key_der().ok()?.as_bytes().to_vec())
            }

            fn pkcs8(secret: &[u8]) -> Option<Vec<u8>> {
                let key = $library::SecretKey::from_slice(secret).ok()?;
                Some(key.to_pkcs8_der().ok()?.as_bytes().to_vec())
            }

            fn sign(secret: &[u8], hash: &[u8]) -> Option<Vec<u8>> {
                let key = $library::ecdsa::SigningKey::from_slice(secret).ok()?;
                let signature: $library::ecdsa::Signature = key.sign_prehash(hash).ok()?;
                Some(signature.to_bytes().to_vec())
            }

            fn verify(point: &[u8], hash: &[u8], signature: &[u8]) -> bool {
                let key = $library::ecdsa::VerifyingKey::from_sec1_bytes(point);
                let signature = $library::ecdsa::Signature::from_slice(signature);
                match (key, signature) {
                    (Ok(key), Ok(signature)) => key.verify_prehash(hash, &signature).is_ok(),
                    _ => false,
                }
            }
        })*
    };
}

curves!(NistP256 in p256, 32; NistP384 in p384, 48);

pub fn define(host: &Object<'_>) -> Result<()> {
    host.set("ecPoint", Func::from(ec_point))?;
    host.set("ecSecret", Func::from(ec_secret))?;
    host.set("ecPublic", Func::from(ec_public))?;
    host.set("ecSpki", Func::from(ec_spki))?;
    host.set("ecPkcs8", Func::from(ec_pkcs8))?;
    host.set("ecSign", Func::from(ec_sign))?;
    host.set("ecVerify", Func::from(ec_verify))?;
    host.set("edPublic", Func::from(ed_public))?;
    host.set("edSign", Func::from(ed_sign))?;
    host.set("edVerify", Func::from(ed_verify))
}

/// Evaluates an expression with the curve of a name.
macro_rules! with_curve {
    ($ctx:expr, $name:expr, $curve:ident => $value:expr) => {
        match $name.as_str() {
            "P-256" => {
                type $curve = NistP256;
                $value
            }
            "P-384" => {
                type $curve = NistP384;
                $value
            }
            name => return unknown(&$ctx, name),
        }
    };
}

fn format_of(is_der: bool) -> Format {
    if is_der { Format::Der } else { Format::Raw }
}

fn ec_point<'js>(
    ctx: Ctx<'js>,
    curve: String,
    is_der: bool,
    key: TypedArray<'js, u8>,
) -> Result<Option<TypedArray<'js, u8>>> {
    let point = with_curve!(ctx, curve, C => C::point(format_of(is_der), bytes(&key)));
    optional(ctx, point)
}

fn ec_secret<'js>(
    ctx: Ctx<'js>,
    curve: String,
    is_der: bool,
    key: TypedArray<'js, u8>,
) -> Result<Option<TypedArray<'js, u8>>> {
    let secret = with_curve!(ctx, curve, C => C::secret(format_of(is_der), bytes(&key)));
    optional(ctx, secret)
}

fn ec_public<'js>(
    ctx: Ctx<'js>,
    curve: String,
    secret: TypedArray<'js, u8>,
) -> Result<Option<TypedArray<'js, u8>>> {
    let point = with_curve!(ctx, curve, C => C::public(bytes(&secret)));
    optional(ctx, point)
}

fn ec_spki<'js>(
    ctx: Ctx<'js>,
    curve: String,
    point: TypedArray<'js, u8>,
) -> Result<Option<TypedArray<'js, u8>>> {
    let key = with_curve!(ctx, curve, C => C::spki(bytes(&point)));
    optional(ctx, key)
}

fn ec_pkcs8<'js>(
    ctx: Ctx<'js>,
    curve: String,
    secret: TypedArray<'js, u8>,
) -> Result<Option<TypedArray<'js, u8>>> {
    let key = with_curve!(ctx, curve, C => C::pkcs8(bytes(&secret)));
    optional(ctx, key)
}

/// Deterministic (RFC 6979): a run needs no random bytes to sign.
fn ec_sign<'js>(
    ctx: Ctx<'js>,
    curve: String,
    secret: TypedArray<'js, u8>,
    hash: TypedArray<'js, u8>,
) -> Result<Option<TypedArray<'js, u8>>> {
    let (secret, hash) = (bytes(&secret), bytes(&hash));
    let signature = with_curve!(
        ctx, curve, C => C::sign(secret, &padded(hash, C::FIELD_BYTES))
    );
    optional(ctx, signature)
}

fn ec_verify<'js>(
    ctx: Ctx<'js>,
    curve: String,
    point: TypedArray<'js, u8>,
    hash: TypedArray<'js, u8>,
    signature: TypedArray<'js, u8>,
) -> Result<bool> {
    let (point, hash, signature) = (bytes(&point), bytes(&hash), bytes(&signature));
    Ok(with_curve!(
        ctx, curve, C => C::verify(point, &padded(hash, C::FIELD_BYTES), signature)
    ))
}

fn ed_key(secret: &TypedArray<'_, u8>) -> Option<SigningKey> {
    Some(SigningKey::from_bytes(bytes(secret).try_into().ok()?))
}

fn ed_public<'js>(
    ctx: Ctx<'js>,
    secret: TypedArray<'js, u8>,
) -> Result<Option<TypedArray<'js, u8>>> {
    let key = ed_key(&secret).map(|key| key.verifying_key().to_bytes().to_vec());
    optional(ctx, key)
}

fn ed_sign<'js>(
    ctx: Ctx<'js>,
    secret: TypedArray<'js, u8>,
    message: TypedArray<'js, u8>,
) -> Result<Option<TypedArray<'js, u8>>> {
    let signature = ed_key(&secret).map(|key| key.sign(bytes(&message)).to_bytes().to_vec());
    optional(ctx, signature)
}

/// Keys and points of small order are refused, as the standard wants it.
fn ed_verify<'js>(
    key: TypedArray<'js, u8>,
    message: TypedArray<'js, u8>,
    signature: TypedArray<'js, u8>,
) -> bool {
    let verify = || {
        let key = VerifyingKey::from_bytes(bytes(&key).try_into().ok()?).ok()?;
        let signature = ed25519_dalek::Signature::from_slice(bytes(&signature)).ok()?;
        key.verify_strict(bytes(&message), &signature).ok()
    };
    verify().is_some()
}
