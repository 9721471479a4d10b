//! [`Fixed`] in JSON: a text, since a JSON number loses digits in most programs.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Fixed;

impl Serialize for Fixed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fixed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Decimal)
    }
}

struct Decimal;

impl de::Visitor<'_> for Decimal {
    type Value = Fixed;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal in quotation marks, such as \"0.25\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Fixed, E> {
        Fixed::parse(text).map_err(E::custom)
    }
}
