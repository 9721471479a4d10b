//! Why a quote is refused.

use phat_primitives::attestation::Refusal;

/// Why a quote is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
    /// It is no quote.
    #[error("the quote cannot be read: {0}")]
    QuoteMalformed(String),
    /// The collateral is none.
    #[error("the collateral cannot be read: {0}")]
    CollateralMalformed(String),
    /// Its certificates end at a root that the verifier does not accept.
    #[error("the collateral's root certificate is not one that is accepted here")]
    RootUnknown,
    /// The collateral, or a certificate, does not hold any more.
    #[error("the collateral has expired, fetch it anew: {0}")]
    Expired(String),
    /// The collateral, or a certificate, does not hold yet.
    #[error("the collateral is of a later time than the quote is verified at: {0}")]
    NotYetValid(String),
    /// A certificate was revoked.
    #[error("a certificate was revoked: {0}")]
    CertificateRevoked(String),
    /// Everybody can read the memory of what is quoted.
    #[error("the enclave or machine runs in debug mode, where its memory can be read")]
    Debug,
    /// The platform is not to be trusted at all.
    #[error("the platform's TCB status is {status}, which is refused")]
    TcbRefused {
        /// Intel's word for its state.
        status: String,
    },
    /// A signature is wrong, or two things do not belong together.
    #[error("the quote does not hold: {0}")]
    Invalid(String),
}

impl AttestationError {
    /// A name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::QuoteMalformed(_) => "quote_malformed",
            Self::CollateralMalformed(_) => "collateral_malformed",
            Self::RootUnknown => "root_unknown",
            Self::Expired(_) => "expired",
            Self::NotYetValid(_) => "not_yet_valid",
            Self::CertificateRevoked(_) => "certificate_revoked",
            Self::Debug => "debug",
            Self::TcbRefused { .. } => "tcb_refused",
            Self::Invalid(_) => "invalid",
        }
    }

    /// The same without its text, as the chain keeps it.
    pub fn refusal(&self) -> Refusal {
        match self {
            Self::QuoteMalformed(_) => Refusal::QuoteMalformed,
            Self::CollateralMalformed(_) => Refusal::CollateralMalformed,
            Self::RootUnknown => Refusal::RootUnknown,
            Self::Expired(_) => Refusal::Expired,
            Self::NotYetValid(_) => Refusal::NotYetValid,
            Self::CertificateRevoked(_) => Refusal::CertificateRevoked,
            Self::Debug => Refusal::Debug,
            Self::TcbRefused { .. } => Refusal::TcbRefused,
            Self::Invalid(_) => Refusal::Invalid,
        }
    }

    /// The reason that the verifying library gives, which has none but texts. Its
    /// version is pinned, and tests bring each about.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        let text = format!("{error:#}");
        let has = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
        if has(&["Debug mode is enabled"]) {
            Self::Debug
        } else if has(&["CertRevoked"]) {
            Self::CertificateRevoked(text)
        } else if has(&["TCB status is invalid: Revoked"]) {
            Self::TcbRefused {
                status: "Revoked".to_owned(),
            }
        } else if has(&["No matching TCB level found"]) {
            Self::TcbRefused {
                status: "below every level that is listed".to_owned(),
            }
        } else if has(&["expired", "CertExpired", "CrlExpired"]) {
            Self::Expired(text)
        } else if has(&["is in the future", "CertNotValidYet"]) {
            Self::NotYetValid(text)
        } else if has(&["Failed to decode quote"]) {
            Self::QuoteMalformed(text)
        } else {
            Self::Invalid(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_the_error_s_code() {
        let text = String::new;
        for error in [
            AttestationError::QuoteMalformed(text()),
            AttestationError::CollateralMalformed(text()),
            AttestationError::RootUnknown,
            AttestationError::Expired(text()),
            AttestationError::NotYetValid(text()),
            AttestationError::CertificateRevoked(text()),
            AttestationError::Debug,
            AttestationError::TcbRefused { status: text() },
            AttestationError::Invalid(text()),
        ] {
            let refusal = serde_json::to_value(error.refusal()).unwrap();
            assert_eq!(refusal, error.code());
        }
    }
}
