//! Bytes as `0x` and hexadecimal digits where a format is for people to read.

use serde::{Deserialize, Deserializer, Serializer, de::Error};

pub fn serialize<S: Serializer>(
    bytes: &impl AsRef<[u8]>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("0x{}", hex::encode(bytes)))
}

pub fn deserialize<'de, D: Deserializer<'de>, B: TryFrom<Vec<u8>>>(
    deserializer: D,
) -> Result<B, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digits = text
        .strip_prefix("0x")
        .ok_or_else(|| D::Error::custom("bytes start with 0x"))?;
    let bytes = hex::decode(digits).map_err(D::Error::custom)?;
    let count = bytes.len();
    bytes
        .try_into()
        .map_err(|_| D::Error::custom(format!("{count} bytes are not as many as there must be")))
}
