//! Addresses of accounts and contracts as a manifest writes them.

use std::{fmt, str::FromStr};

use blake2::{Blake2b512, Digest};
use serde::{Deserialize, Serialize};

/// What SS58 puts before the bytes whose hash is the checksum.
const SS58_DOMAIN: &[u8] = b"SS58PRE";
/// Bytes of the checksum of an SS58 address of 32 bytes.
const SS58_CHECKSUM_BYTES: usize = 2;
/// The most bytes of the network's number in an SS58 address.
const SS58_PREFIX_BYTES_MAX: usize = 2;
/// The bit of the first byte that tells that the network's number has two bytes.
const SS58_PREFIX_IS_LONG: u8 = 0b0100_0000;
/// The most characters of an address; an SS58 address has about 48, and hexadecimal digits are 66.
const CHARS_MAX: usize = 66;

/// An EVM address, written as `0x` and 40 hexadecimal digits in any case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvmAddress(pub [u8; 20]);

/// An account of a Substrate chain, written as an SS58 address or as `0x` and 64
/// hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubstrateAccount(pub [u8; 32]);

/// The bytes that `text` writes as `0x` and hexadecimal digits, if it does and they are `N`.
pub(crate) fn hex_bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.strip_prefix("0x")?.as_bytes();
    let mut bytes = [0; N];
    if digits.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        let digit = |digit: u8| char::from(digit).to_digit(16);
        let (high, low) = (digit(pair[0])?, digit(pair[1])?);
        *byte = u8::try_from(16 * high + low).ok()?;
    }
    Some(bytes)
}

/// Writes bytes as `0x` and hexadecimal digits.
pub(crate) fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("0x")?;
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// The account in an SS58 address of any network, if its checksum holds.
fn ss58_account(text: &str) -> Option<[u8; 32]> {
    let bytes = bs58::decode(text).into_vec().ok()?;
    let prefix = match *bytes.first()? {
        first if first & SS58_PREFIX_IS_LONG != 0 => SS58_PREFIX_BYTES_MAX,
        _ => 1,
    };
    let body = bytes.len().checked_sub(SS58_CHECKSUM_BYTES)?;
    let (body, checksum) = bytes.split_at_checked(body)?;
    let hash = Blake2b512::new()
        .chain_update(SS58_DOMAIN)
        .chain_update(body)
        .finalize();
    if hash[..SS58_CHECKSUM_BYTES] != *checksum {
        return None;
    }
    body.get(prefix..)?.try_into().ok()
}

impl FromStr for EvmAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        hex_bytes(text)
            .map(Self)
            .ok_or_else(|| format!("{text:?} is not an address: give 0x and 40 hexadecimal digits"))
    }
}

impl FromStr for SubstrateAccount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let account = Some(text)
            .filter(|text| text.len() <= CHARS_MAX)
            .and_then(|text| hex_bytes(text).or_else(|| ss58_account(text)));
        account.map(Self).ok_or_else(|| {
            format!(
                "{text:?} is not an account: give an SS58 address, or 0x and 64 hexadecimal digits"
            )
        })
    }
}

macro_rules! text {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}

text!(EvmAddress);
text!(SubstrateAccount);
