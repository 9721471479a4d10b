//! What a script may return, as bytes.

use rquickjs::{ArrayBuffer, Coerced, FromJs, TypedArray, Value};

use crate::{
    bindings::{Failure, phat::contract::types::FailureCode},
    natives,
};

/// The result's bytes: of a `Uint8Array` or `ArrayBuffer`, of a string of `0x`
/// and hexadecimal digits, or of any other string in UTF-8.
pub fn bytes(value: &Value<'_>) -> Result<Vec<u8>, Failure> {
    if let Some(string) = value.as_string() {
        let text = string.to_string().map_err(|_| {
            wrong_type(
                "the result is a string with half of a surrogate pair, which UTF-8 cannot hold",
            )
        })?;
        return match text.strip_prefix("0x") {
            Some(digits) => hex::decode(digits).map_err(|_| {
                wrong_type(
                    "the result starts with 0x but is not an even number of hexadecimal digits; \
                     to return text that starts so, return new TextEncoder().encode(text)",
                )
            }),
            None => Ok(text.into_bytes()),
        };
    }
    if let Some(object) = value.as_object() {
        if let Ok(array) = TypedArray::<u8>::from_value(value.clone()) {
            return Ok(natives::bytes(&array).to_vec());
        }
        if let Some(buffer) = ArrayBuffer::from_object(object.clone()) {
            return Ok(
                natives::bytes(&TypedArray::from_arraybuffer(buffer).map_err(detached)?).to_vec(),
            );
        }
    }
    Err(wrong_type(&format!(
        "the script returned {}; return a Uint8Array, an ArrayBuffer or a string",
        describe(value)
    )))
}

/// Whether a value is of a type that results have.
pub fn is_result(value: &Value<'_>) -> bool {
    value.is_string()
        || value
            .as_object()
            .is_some_and(|object| object.is_typed_array::<u8>() || object.is_array_buffer())
}

/// A value in words, for error messages.
pub fn describe(value: &Value<'_>) -> String {
    if value.is_undefined() || value.is_null() || value.is_bool() || value.is_number() {
        let Ok(Coerced(text)) = Coerced::<String>::from_js(value.ctx(), value.clone()) else {
            return value.type_name().to_owned();
        };
        return if value.is_number() {
            format!("the number {text}")
        } else {
            text
        };
    }
    if value.is_function() {
        return "a function".to_owned();
    }
    if value.is_array() {
        return "an array".to_owned();
    }
    match value.as_object() {
        Some(object) => {
            let constructor = object
                .get::<_, rquickjs::Object>("constructor")
                .and_then(|constructor| constructor.get::<_, String>("name"));
            match constructor {
                Ok(name) if !name.is_empty() => format!("an object of type {name}"),
                _ => {
                    value.ctx().catch();
                    "an object".to_owned()
                }
            }
        }
        None => format!("a value of type {}", value.type_name()),
    }
}

fn detached(_: rquickjs::Error) -> Failure {
    wrong_type("the script returned a detached buffer")
}

fn wrong_type(message: &str) -> Failure {
    Failure {
        code: FailureCode::WrongType,
        message: message.to_owned(),
    }
}
