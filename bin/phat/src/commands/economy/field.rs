//! Fields of a JSON document that say where they are when something is wrong with them.

use std::fmt;

use phat_tokenomics::Fixed;
use serde_json::{Map, Value};

/// What is wrong with a document: where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    path: String,
    reason: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}

impl std::error::Error for FieldError {}

/// A value with its place in the document, such as `workers[2].v`.
#[derive(Clone, Debug)]
pub struct Field<'a> {
    path: String,
    /// `None` when the document has none.
    value: Option<&'a Value>,
}

/// An object, all names of which are known.
#[derive(Clone, Debug)]
pub struct Object<'a> {
    path: String,
    fields: Option<&'a Map<String, Value>>,
}

impl<'a> Field<'a> {
    /// The whole document.
    pub fn document(name: &str, value: &'a Value) -> Self {
        Self {
            path: name.to_owned(),
            value: Some(value),
        }
    }

    /// An error about this field.
    pub fn error(&self, reason: impl fmt::Display) -> FieldError {
        FieldError {
            path: self.path.clone(),
            reason: reason.to_string(),
        }
    }

    /// Whether the document has it.
    pub fn is_given(&self) -> bool {
        self.value.is_some()
    }

    /// An object with these names and no others; an empty one where none is given.
    pub fn object(&self, names: &[&str]) -> Result<Object<'a>, FieldError> {
        let fields = match self.value {
            None => None,
            Some(Value::Object(fields)) => Some(fields),
            Some(other) => {
                return Err(self.error(format_args!(
                    "is {}: write an object in braces with {}",
                    kind(other),
                    names.join(", ")
                )));
            }
        };
        let object = Object {
            path: self.path.clone(),
            fields,
        };
        let unknown = fields
            .into_iter()
            .flat_map(Map::keys)
            .find(|name| !names.contains(&name.as_str()));
        match unknown {
            Some(name) => Err(object.field(name).error(format_args!(
                "there is no such field: use {}",
                names.join(", ")
            ))),
            None => Ok(object),
        }
    }

    /// A list of at most `items_max` items; an empty one where none is given.
    pub fn list(&self, items_max: usize) -> Result<Vec<Self>, FieldError> {
        let items = match self.value {
            None => return Ok(Vec::new()),
            Some(Value::Array(items)) => items,
            Some(other) => {
                return Err(self.error(format_args!(
                    "is {}: write a list in square brackets",
                    kind(other)
                )));
            }
        };
        if items.len() > items_max {
            return Err(self.error(format_args!(
                "has {} items: give at most {items_max}",
                items.len()
            )));
        }
        let item = |(index, value)| Self {
            path: format!("{}[{index}]", self.path),
            value: Some(value),
        };
        Ok(items.iter().enumerate().map(item).collect())
    }

    /// A decimal: a text, or a whole number, which no JSON program changes.
    pub fn decimal(&self) -> Result<Fixed, FieldError> {
        match self.value {
            Some(Value::String(text)) => Fixed::parse(text).map_err(|error| self.error(error)),
            Some(Value::Number(number)) if number.is_u64() => {
                Fixed::parse(&number.to_string()).map_err(|error| self.error(error))
            }
            Some(Value::Number(number)) => Err(self.error(format_args!(
                "{number} would lose digits: write it as a text from 0 on, such as \"0.25\""
            ))),
            Some(other) => Err(self.error(format_args!(
                "is {}: write a decimal as a text, such as \"0.25\"",
                kind(other)
            ))),
            None => Err(self.error("is missing: write a decimal as a text, such as \"0.25\"")),
        }
    }

    /// A whole number from `min` to `max`, as a number or as a text.
    pub fn whole(&self, min: u64, max: u64) -> Result<u64, FieldError> {
        let what_to_do = format!("write a whole number from {min} to {max}");
        let number = match self.value {
            Some(Value::Number(number)) => number.as_u64(),
            Some(Value::String(text)) => text.parse().ok(),
            Some(_) => None,
            None => return Err(self.error(format_args!("is missing: {what_to_do}"))),
        };
        match (number, self.value) {
            (Some(number), _) if (min..=max).contains(&number) => Ok(number),
            (_, Some(given @ (Value::Number(_) | Value::String(_)))) => {
                Err(self.error(format_args!("{given} is not one: {what_to_do}")))
            }
            (_, given) => {
                let given = given.map_or("missing", kind);
                Err(self.error(format_args!("is {given}: {what_to_do}")))
            }
        }
    }

    /// The same within 32 bits.
    pub fn whole_u32(&self, min: u32, max: u32) -> Result<u32, FieldError> {
        let number = self.whole(min.into(), max.into())?;
        u32::try_from(number).map_err(|error| self.error(error))
    }

    /// A text that is not empty, or a whole number, which is taken as one.
    pub fn name(&self) -> Result<String, FieldError> {
        match self.value {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            Some(Value::Number(number)) if number.is_u64() => Ok(number.to_string()),
            Some(Value::String(_)) => Err(self.error("is empty: write a name")),
            Some(other) => Err(self.error(format_args!("is {}: write a name", kind(other)))),
            None => Err(self.error("is missing: write a name")),
        }
    }
}

impl<'a> Object<'a> {
    /// The field of this name.
    pub fn field(&self, name: &str) -> Field<'a> {
        let path = match self.path.as_str() {
            "" => name.to_owned(),
            path => format!("{path}.{name}"),
        };
        Field {
            path,
            value: self.fields.and_then(|fields| fields.get(name)),
        }
    }

    /// What `read` makes of the field of this name, or `default` where none is given.
    pub fn or<T>(
        &self,
        name: &str,
        default: T,
        read: impl FnOnce(&Field<'a>) -> Result<T, FieldError>,
    ) -> Result<T, FieldError> {
        let field = self.field(name);
        if field.is_given() {
            read(&field)
        } else {
            Ok(default)
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
