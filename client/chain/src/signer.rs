//! Who transactions are from.

use std::str::FromStr;

use phat_primitives::AccountBytes;
use subxt_signer::{SecretUri, sr25519::Keypair};

use crate::ChainError;

/// An account with the key to sign for it.
#[derive(Clone)]
pub struct Signer(Keypair);

impl Signer {
    /// The account that `uri` names: a development account such as `//Alice`, a secret phrase with
    /// or without a path behind it, or a seed in hexadecimal digits.
    pub fn from_uri(uri: &str) -> Result<Self, ChainError> {
        // The error names what was given only where it cannot be a secret.
        let refused = || {
            let shown = if uri.starts_with("//") {
                uri
            } else {
                "(not shown)"
            };
            ChainError::NotAKey(shown.to_owned())
        };
        let uri = SecretUri::from_str(uri).map_err(|_| refused())?;
        Keypair::from_uri(&uri).map(Self).map_err(|_| refused())
    }

    /// The account.
    pub fn account(&self) -> AccountBytes {
        AccountBytes(self.0.public_key().0)
    }

    pub(crate) fn keypair(&self) -> &Keypair {
        &self.0
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({})", self.account())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_development_account_goes_by_its_name() {
        let alice = Signer::from_uri("//Alice").expect("a development account");
        let known = "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d";
        assert_eq!(alice.account().to_string(), known);
        assert_eq!(format!("{alice:?}"), format!("Signer({known})"));
    }

    #[test]
    fn a_mistyped_secret_is_not_shown() {
        let error = Signer::from_uri("bottom drive obey").expect_err("three words are no phrase");
        assert!(!error.to_string().contains("bottom"), "{error}");
        assert!(error.to_string().contains("//NAME"), "{error}");
    }
}
