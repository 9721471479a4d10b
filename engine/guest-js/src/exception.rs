//! What a script threw, in words.

use rquickjs::{Coerced, Ctx, Error, FromJs, Value};

/// Something that a script threw.
pub struct Thrown<'js>(Result<Value<'js>, Error>);

impl<'js> Thrown<'js> {
    /// Takes the pending exception, if that is what the error says.
    pub fn take(ctx: &Ctx<'js>, error: Error) -> Self {
        match error {
            Error::Exception => Self(Ok(ctx.catch())),
            error => Self(Err(error)),
        }
    }

    /// What was thrown.
    pub fn value(value: Value<'js>) -> Self {
        Self(Ok(value))
    }

    /// `TypeError: message` and the stack, or the value where no error was thrown.
    pub fn describe(&self) -> String {
        let value = match &self.0 {
            Ok(value) => value,
            Err(error) => return error.to_string(),
        };
        let Some(object) = value.as_object() else {
            return format!("threw {}", text(value));
        };
        let field = |name: &str| {
            object
                .get::<_, Value>(name)
                .ok()
                .filter(|value| !value.is_undefined())
                .map(|value| text(&value))
        };
        let Some(message) = field("message") else {
            return format!("threw {}", text(value));
        };
        let name = field("name").unwrap_or_else(|| "Error".to_owned());
        let mut description = if message.is_empty() {
            name
        } else {
            format!("{name}: {message}")
        };
        if let Some(stack) = field("stack") {
            let stack = stack.trim_end();
            if !stack.is_empty() {
                description.push('\n');
                description.push_str(stack);
            }
        }
        description
    }
}

/// The value as `String(value)` gives it, whatever the script made of that.
fn text(value: &Value<'_>) -> String {
    match Coerced::<String>::from_js(value.ctx(), value.clone()) {
        Ok(Coerced(text)) => text,
        Err(_) => {
            // An exception thrown by the conversion itself must not stay pending.
            value.ctx().catch();
            format!("a value of type {}", value.type_name())
        }
    }
}
