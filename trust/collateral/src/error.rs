//! Why there is no collateral.

use reqwest::StatusCode;

/// Why there is no collateral.
#[derive(Debug, thiserror::Error)]
pub enum CollateralError {
    /// The URL can be of no such service.
    #[error(
        "{0} is not the URL of Intel's service or a cache of it: give one that begins with https://"
    )]
    BadUrl(String),
    /// The certificate authority that is to be trusted besides is none.
    #[error("the certificate authority cannot be read: {0}; give certificates in PEM")]
    BadAuthority(String),
    /// The HTTP client cannot be set up.
    #[error("the HTTP client cannot be set up: {0}")]
    Client(String),
    /// The quote does not tell of which platform it is.
    #[error("the quote does not tell of which platform it is: {0}")]
    Quote(String),
    /// No answer, or not all of it.
    #[error("{url} gives no whole answer: {reason}; check the URL and the way there")]
    Unreachable {
        /// What was asked for.
        url: String,
        /// What the transport reported.
        reason: String,
    },
    /// The service does not give it.
    #[error(
        "{url} answers with status {status}; check that the service knows this platform, and that \
         it needs no key"
    )]
    Refused {
        /// What was asked for.
        url: String,
        /// The HTTP status.
        status: StatusCode,
    },
    /// The answer is longer than any that is right.
    #[error("the answer of {url} has more than {bytes_max} bytes, which no right one has")]
    TooLong {
        /// What was asked for.
        url: String,
        /// The bound.
        bytes_max: usize,
    },
    /// The answer is not what was asked for.
    #[error("the answer of {url} cannot be read: {reason}; ask another service")]
    Malformed {
        /// What was asked for.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The answer is of another kind of platform.
    #[error(
        "{url} was asked for the platform {asked}, and answers for {given}; ask another service"
    )]
    OtherPlatform {
        /// What was asked for.
        url: String,
        /// The FMSPC of the quote's platform, in hexadecimal digits.
        asked: String,
        /// That of the answer.
        given: String,
    },
    /// The answer does not hold any more.
    #[error(
        "the {what} that the service has held until {until_s} s since 1970: have it refresh its \
         cache, or ask another"
    )]
    Stale {
        /// What of the collateral.
        what: &'static str,
        /// Until when it held, in seconds since 1970.
        until_s: u64,
    },
}

impl CollateralError {
    /// Whether the same may work in a moment.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => {
                status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS
            }
            _ => false,
        }
    }
}
