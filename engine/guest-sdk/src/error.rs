//! Why a contract has no result.

use std::fmt;

/// Why a contract has no result. The message is for the contract's author, and its
/// first 256 bytes for the consumer.
///
/// Every standard error turns into one, so `?` works on them all. It is no standard
/// error itself, which would forbid that.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    message: String,
}

impl Error {
    /// An error that says this.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

/// The message, with those of what caused it.
impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            message.push_str(": ");
            message.push_str(&error.to_string());
            cause = error.source();
        }
        Self { message }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Error").field(&self.message).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] std::num::ParseIntError);

    #[test]
    fn causes_are_told() {
        let cause = "x".parse::<u8>().unwrap_err();
        let error = Error::from(Outer(cause));
        assert_eq!(error.to_string(), "outer: invalid digit found in string");
        assert_eq!(format!("{:?}", Error::new("no")), r#"Error("no")"#);
    }
}
