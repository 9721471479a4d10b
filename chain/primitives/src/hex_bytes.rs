//! Bytes of a fixed number as hexadecimal digits after `0x`, for `#[serde(with = "…")]`.

use alloc::{format, string::String};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Writes the digits.
pub fn serialize<const N: usize, S: Serializer>(bytes: &[u8; N], to: S) -> Result<S::Ok, S::Error> {
    Hex(*bytes).serialize(to)
}

/// Reads the digits, with or without `0x` before them.
pub fn deserialize<'de, const N: usize, D: Deserializer<'de>>(
    from: D,
) -> Result<[u8; N], D::Error> {
    Hex::deserialize(from).map(|Hex(bytes)| bytes)
}

/// The same for a list of them.
pub mod list {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Hex;

    /// Writes a list of digits.
    pub fn serialize<const N: usize, S: Serializer>(
        list: &[[u8; N]; 4],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        list.map(Hex).serialize(to)
    }

    /// Reads a list of digits.
    pub fn deserialize<'de, const N: usize, D: Deserializer<'de>>(
        from: D,
    ) -> Result<[[u8; N]; 4], D::Error> {
        <[Hex<N>; 4]>::deserialize(from).map(|list| list.map(|Hex(bytes)| bytes))
    }
}

/// The same for bytes of any number.
pub mod string {
    use alloc::{format, string::String, vec::Vec};

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the digits.
    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format!("0x{}", hex::encode(bytes)))
    }

    /// Reads the digits, with or without `0x` before them.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        hex::decode(text.strip_prefix("0x").unwrap_or(&text)).map_err(D::Error::custom)
    }
}

struct Hex<const N: usize>([u8; N]);

impl<const N: usize> Serialize for Hex<N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format!("0x{}", hex::encode(self.0)))
    }
}

impl<'de, const N: usize> Deserialize<'de> for Hex<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let digits = text.strip_prefix("0x").unwrap_or(&text);
        let mut bytes = [0; N];
        hex::decode_to_slice(digits, &mut bytes).map_err(|_| {
            D::Error::custom(format!(
                "{text:?} is not {N} bytes: give {} hexadecimal digits after 0x",
                2 * N
            ))
        })?;
        Ok(Self(bytes))
    }
}
