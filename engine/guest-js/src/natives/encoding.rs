//! UTF-8, hexadecimal and base64.

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use rquickjs::{Ctx, Exception, Object, Result, TypedArray, function::Func};

use super::bytes;

/// The decoder of `atob`, which forgives missing padding and spare bits.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

pub fn define(host: &Object<'_>) -> Result<()> {
    host.set("utf8Encode", Func::from(utf8_encode))?;
    host.set("utf8Decode", Func::from(utf8_decode))?;
    host.set("utf8Complete", Func::from(utf8_complete))?;
    host.set("utf16Decode", Func::from(utf16_decode))?;
    host.set("hexEncode", Func::from(hex_encode))?;
    host.set("hexDecode", Func::from(hex_decode))?;
    host.set("base64Encode", Func::from(base64_encode))?;
    host.set("base64Decode", Func::from(base64_decode))
}

fn utf8_encode<'js>(ctx: Ctx<'js>, text: String) -> Result<TypedArray<'js, u8>> {
    TypedArray::new(ctx, text)
}

fn utf8_decode(ctx: Ctx<'_>, array: TypedArray<'_, u8>, fatal: bool) -> Result<String> {
    let bytes = bytes(&array);
    if fatal {
        return core::str::from_utf8(bytes)
            .map(str::to_owned)
            .map_err(|_| Exception::throw_type(&ctx, "the bytes are not UTF-8 text"));
    }
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

/// How many of the bytes do not end in the middle of a character.
fn utf8_complete(array: TypedArray<'_, u8>) -> usize {
    let bytes = bytes(&array);
    // A character has at most 4 bytes, so only the last 3 can be the start of one.
    for tail in 1..=bytes.len().min(3) {
        let start = bytes.len() - tail;
        if bytes[start] & 0b1100_0000 != 0b1000_0000 {
            let incomplete = core::str::from_utf8(&bytes[start..])
                .is_err_and(|error| error.error_len().is_none());
            return if incomplete { start } else { bytes.len() };
        }
    }
    bytes.len()
}

/// The text of little-endian UTF-16; what is no character becomes U+FFFD, or an error.
fn utf16_decode(ctx: Ctx<'_>, array: TypedArray<'_, u8>, fatal: bool) -> Result<String> {
    let mut units = bytes(&array).chunks_exact(2);
    let units_iter = units
        .by_ref()
        .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let mut is_right = true;
    let mut text: String = char::decode_utf16(units_iter)
        .map(|unit| {
            unit.unwrap_or_else(|_| {
                is_right = false;
                char::REPLACEMENT_CHARACTER
            })
        })
        .collect();
    if !units.remainder().is_empty() {
        is_right = false;
        text.push(char::REPLACEMENT_CHARACTER);
    }
    if fatal && !is_right {
        return Err(Exception::throw_type(&ctx, "the bytes are not UTF-16 text"));
    }
    Ok(text)
}

/// The prefix and two digits for each byte.
pub fn hexadecimal(prefix: &str, bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = Vec::with_capacity(prefix.len() + 2 * bytes.len());
    text.extend_from_slice(prefix.as_bytes());
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]);
    text.extend(bytes.iter().flat_map(digits));
    String::from_utf8(text).expect("digits are ASCII")
}

fn hex_encode(array: TypedArray<'_, u8>) -> String {
    hexadecimal("", bytes(&array))
}

fn hex_decode<'js>(ctx: Ctx<'js>, digits: String) -> Result<TypedArray<'js, u8>> {
    let decoded = hex::decode(&digits)
        .map_err(|error| Exception::throw_type(&ctx, &format!("not hexadecimal: {error}")))?;
    TypedArray::new(ctx, decoded)
}

fn base64_encode(array: TypedArray<'_, u8>) -> String {
    BASE64.encode(bytes(&array))
}

fn base64_decode<'js>(ctx: Ctx<'js>, text: String) -> Result<TypedArray<'js, u8>> {
    let decoded = BASE64
        .decode(text)
        .map_err(|error| Exception::throw_type(&ctx, &format!("not base64: {error}")))?;
    TypedArray::new(ctx, decoded)
}
