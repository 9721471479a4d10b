//! Bytes that are hexadecimal digits in JSON.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// How many bytes are turned into digits at once.
const PIECE_BYTES: usize = 512;

/// Bytes that are `0x` and hexadecimal digits in JSON.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HexBytes(pub Vec<u8>);

impl From<Vec<u8>> for HexBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for HexBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("0x")?;
        // Piece by piece: the bytes can be those of a long transcript.
        let mut digits = [0; 2 * PIECE_BYTES];
        for piece in self.0.chunks(PIECE_BYTES) {
            let digits = &mut digits[..2 * piece.len()];
            hex::encode_to_slice(piece, digits).map_err(|_| fmt::Error)?;
            f.write_str(std::str::from_utf8(digits).map_err(|_| fmt::Error)?)?;
        }
        Ok(())
    }
}

impl fmt::Debug for HexBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for HexBytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HexBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text
            .strip_prefix("0x")
            .ok_or_else(|| D::Error::custom("expected 0x and hexadecimal digits"))?;
        hex::decode(digits).map(Self).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_any_length_come_back() {
        for length in [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES - 1] {
            let bytes: Vec<u8> = (0..length).map(|index| index as u8).collect();
            let json = serde_json::to_string(&HexBytes(bytes.clone())).unwrap();
            assert_eq!(json, format!("\"0x{}\"", hex::encode(&bytes)));
            assert_eq!(serde_json::from_str::<HexBytes>(&json).unwrap().0, bytes);
        }
    }
}
