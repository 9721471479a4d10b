//! Bytes and lists with a bound that is kept while they are read, in SCALE and in JSON.

use std::{fmt, marker::PhantomData, ops::Deref};

use codec::{Compact, Decode, Encode, EncodeLike, Input, Output};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, SeqAccess, Visitor},
};

/// Something has more bytes or items than its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there are {len} of them, and at most {max} are allowed")]
pub struct TooLong {
    /// How many there are.
    pub len: usize,
    /// How many there may be.
    pub max: usize,
}

/// At most `MAX` bytes. In JSON they are hexadecimal digits after `0x`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Bytes<const MAX: usize>(Vec<u8>);

/// At most `MAX` items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T, const MAX: usize>(Vec<T>);

impl<const MAX: usize> Bytes<MAX> {
    /// The bytes themselves.
    pub fn into_inner(self) -> Vec<u8> {
        self.0
    }
}

impl<const MAX: usize> TryFrom<Vec<u8>> for Bytes<MAX> {
    type Error = TooLong;

    fn try_from(bytes: Vec<u8>) -> Result<Self, TooLong> {
        bounded(bytes.len(), MAX)?;
        Ok(Self(bytes))
    }
}

impl<T, const MAX: usize> TryFrom<Vec<T>> for List<T, MAX> {
    type Error = TooLong;

    fn try_from(items: Vec<T>) -> Result<Self, TooLong> {
        bounded(items.len(), MAX)?;
        Ok(Self(items))
    }
}

fn bounded(len: usize, max: usize) -> Result<(), TooLong> {
    if len > max {
        return Err(TooLong { len, max });
    }
    Ok(())
}

impl<const MAX: usize> Deref for Bytes<MAX> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<T, const MAX: usize> Deref for List<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<const MAX: usize> fmt::Debug for Bytes<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{}", hex::encode(&self.0))
    }
}

impl<const MAX: usize> Encode for Bytes<MAX> {
    fn size_hint(&self) -> usize {
        self.0.size_hint()
    }

    fn encode_to<O: Output + ?Sized>(&self, to: &mut O) {
        self.0.encode_to(to);
    }
}

impl<const MAX: usize> EncodeLike for Bytes<MAX> {}

impl<const MAX: usize> Decode for Bytes<MAX> {
    fn decode<I: Input>(from: &mut I) -> Result<Self, codec::Error> {
        let len = length(from, MAX)?;
        // The input is checked first: a claimed length reserves nothing that is not there.
        if from
            .remaining_len()?
            .is_some_and(|remaining| remaining < len)
        {
            return Err("fewer bytes than said".into());
        }
        let mut bytes = vec![0; len];
        from.read(&mut bytes)?;
        Ok(Self(bytes))
    }
}

impl<T: Encode, const MAX: usize> Encode for List<T, MAX> {
    fn size_hint(&self) -> usize {
        self.0.size_hint()
    }

    fn encode_to<O: Output + ?Sized>(&self, to: &mut O) {
        self.0.encode_to(to);
    }
}

impl<T: Encode, const MAX: usize> EncodeLike for List<T, MAX> {}

impl<T: Decode, const MAX: usize> Decode for List<T, MAX> {
    fn decode<I: Input>(from: &mut I) -> Result<Self, codec::Error> {
        let len = length(from, MAX)?;
        let mut items = Vec::new();
        for _ in 0..len {
            items.push(T::decode(from)?);
        }
        Ok(Self(items))
    }
}

fn length<I: Input>(from: &mut I, max: usize) -> Result<usize, codec::Error> {
    let Compact(len) = Compact::<u32>::decode(from)?;
    let len = usize::try_from(len).unwrap_or(usize::MAX);
    bounded(len, max).map_err(|_| "more of them than allowed")?;
    Ok(len)
}

impl<const MAX: usize> Serialize for Bytes<MAX> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format!("0x{}", hex::encode(&self.0)))
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Bytes<MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Digits<const MAX: usize>;

        impl<const MAX: usize> Visitor<'_> for Digits<MAX> {
            type Value = Bytes<MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "0x and the hexadecimal digits of at most {MAX} bytes")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                let digits = text.strip_prefix("0x").unwrap_or(text);
                bounded(digits.len() / 2, MAX).map_err(E::custom)?;
                hex::decode(digits).map(Bytes).map_err(E::custom)
            }
        }

        from.deserialize_str(Digits)
    }
}

impl<T: Serialize, const MAX: usize> Serialize for List<T, MAX> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(to)
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Items<T, const MAX: usize>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Items<T, MAX> {
            type Value = List<T, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a list of at most {MAX}")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = from.next_element()? {
                    bounded(items.len() + 1, MAX).map_err(A::Error::custom)?;
                    items.push(item);
                }
                Ok(List(items))
            }
        }

        from.deserialize_seq(Items(PhantomData))
    }
}
