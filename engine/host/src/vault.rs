//! What a run does with the keys and secrets of its contract.
//!
//! Keys stay here: a guest gets signatures, and each is in the transcript. Secrets
//! are given to the guest, and the transcript has a commitment in their place, also where
//! the run sends them, so the replay of a run that read one needs the secret.

use std::sync::Arc;

use phat_keys::{ContractKeys, Scheme};
use phat_primitives::{CodeHash, limits};
use rand::{TryRngCore, rngs::OsRng};

use crate::{
    Commitment, Entry, FailureCode, RunFailure, Secrets,
    journal::{Call, Stop},
    plausible,
    state::State,
    transcript::Signature,
};

/// The most bytes of a secret.
pub const SECRET_BYTES_MAX: usize = limits::SECRET_BYTES_MAX as usize;

/// The keys and secrets of a run.
#[derive(Default)]
pub struct Vault {
    /// None in a replay without keys.
    pub keys: Option<Arc<ContractKeys>>,
    pub secrets: Secrets,
    /// The code that runs.
    pub code: CodeHash,
}

impl State {
    /// The public key of a scheme.
    pub fn public_key(&mut self, scheme: Scheme) -> Result<Vec<u8>, Stop> {
        if self.is_live() {
            let key = self.keys()?.public_key(scheme);
            self.journal.record(Entry::PublicKeyRead {
                scheme: scheme.as_str().to_owned(),
                key: key.clone(),
            })?;
            return Ok(key);
        }
        let call = Call {
            describe: || format!("reads its {} public key", scheme.as_str()),
            bytes_max: plausible::SIGNATURE_ENTRY_BYTES,
            waits: false,
        };
        self.journal.next_answer(call, |entry| match entry {
            Entry::PublicKeyRead { scheme: of, key } if of == scheme.as_str() => Some(key.clone()),
            _ => None,
        })
    }

    /// A signature, or why there is none.
    pub fn sign(
        &mut self,
        scheme: Scheme,
        message: Vec<u8>,
    ) -> Result<Result<Vec<u8>, String>, Stop> {
        if self.is_live() {
            let answer = self.keys()?.sign(scheme, &message);
            let answer = answer.map(Signature).map_err(|error| error.to_string());
            self.journal.record(Entry::Signed {
                scheme: scheme.as_str().to_owned(),
                message,
                answer: answer.clone(),
            })?;
            return Ok(answer.map(|Signature(bytes)| bytes));
        }
        let call = Call {
            describe: || format!("signs {} bytes with {}", message.len(), scheme.as_str()),
            bytes_max: plausible::SIGNATURE_ENTRY_BYTES + message.len() as u64,
            waits: false,
        };
        let answer = self.journal.next_answer(call, |entry| match entry {
            Entry::Signed {
                scheme: of,
                message: signed,
                answer,
            } if of == scheme.as_str() && *signed == message => Some(answer.clone()),
            _ => None,
        })?;
        Ok(answer.map(|Signature(bytes)| bytes))
    }

    /// The output of the verifiable random function, and its proof.
    pub fn vrf(&mut self, input: Vec<u8>) -> Result<(Vec<u8>, Vec<u8>), Stop> {
        let (output, proof) = if self.is_live() {
            let drawn = self.keys()?.vrf(&input);
            let (output, proof) = (drawn.output, drawn.proof);
            self.journal.record(Entry::VrfEvaluated {
                input,
                output,
                proof,
            })?;
            (output, proof)
        } else {
            let call = Call {
                describe: || {
                    format!(
                        "draws verifiable random bytes for 0x{}",
                        hex::encode(&input)
                    )
                },
                bytes_max: plausible::SIGNATURE_ENTRY_BYTES + input.len() as u64,
                waits: false,
            };
            self.journal.next_answer(call, |entry| match entry {
                Entry::VrfEvaluated {
                    input: of,
                    output,
                    proof,
                } if *of == input => Some((*output, *proof)),
                _ => None,
            })?
        };
        Ok((output.to_vec(), proof.to_vec()))
    }

    /// The secret of a salt.
    pub fn derive(&mut self, salt: Vec<u8>) -> Result<Vec<u8>, Stop> {
        let secret = self
            .vault
            .keys
            .as_ref()
            .map(|keys| keys.derive(self.vault.code, &salt).to_vec());
        if self.is_live() {
            let secret = secret.ok_or_else(no_keys)?;
            let commitment = Commitment::new(nonce()?, &secret);
            self.journal
                .record(Entry::SecretDerived { salt, commitment })?;
            return Ok(secret);
        }
        let what = format!("derives the secret of the salt 0x{}", hex::encode(&salt));
        let call = Call {
            describe: || what.clone(),
            bytes_max: plausible::SIGNATURE_ENTRY_BYTES + salt.len() as u64,
            waits: false,
        };
        let commitment = self.journal.next_answer(call, |entry| match entry {
            Entry::SecretDerived {
                salt: of,
                commitment,
            } if *of == salt => Some(*commitment),
            _ => None,
        })?;
        self.open(commitment, secret, &what)
    }

    /// A secret of the owner.
    pub fn secret(&mut self, name: String) -> Result<Option<Vec<u8>>, Stop> {
        let secret = self.vault.secrets.get(&name).map(<[u8]>::to_vec);
        if self.is_live() {
            if let Some(why) = self.vault.secrets.why_unreadable(&name) {
                let message = format!("the secret {name:?} cannot be read: {why}");
                let failure = RunFailure::new(FailureCode::SecretUnreadable, message);
                return Err(Stop::Failed(failure));
            }
            if secret
                .as_ref()
                .is_some_and(|secret| secret.len() > SECRET_BYTES_MAX)
            {
                let failure = RunFailure::limit("secret_bytes", SECRET_BYTES_MAX as u64);
                return Err(Stop::Failed(failure));
            }
            let commitment = match &secret {
                Some(secret) => Some(Commitment::new(nonce()?, secret)),
                None => None,
            };
            self.journal.record(Entry::SecretRead {
                name: name.clone(),
                commitment,
            })?;
            if let (Some(commitment), Some(secret)) = (&commitment, &secret) {
                self.masks.add(&name, commitment, secret);
            }
            return Ok(secret);
        }
        let what = format!("reads the secret {name:?}");
        let call = Call {
            describe: || what.clone(),
            bytes_max: plausible::SIGNATURE_ENTRY_BYTES + name.len() as u64,
            waits: false,
        };
        let commitment = self.journal.next_answer(call, |entry| match entry {
            Entry::SecretRead {
                name: of,
                commitment,
            } if *of == name => Some(*commitment),
            _ => None,
        })?;
        let Some(commitment) = commitment else {
            return Ok(None);
        };
        let secret = self.open(commitment, secret, &what)?;
        self.masks.add(&name, &commitment, &secret);
        Ok(Some(secret))
    }

    /// The secret that a commitment in a transcript stands for.
    fn open(
        &self,
        commitment: Commitment,
        secret: Option<Vec<u8>>,
        what: &str,
    ) -> Result<Vec<u8>, Stop> {
        let Some(secret) = secret else {
            let message =
                format!("the run {what}, of which the transcript has only a commitment: give it");
            return Err(Stop::Failed(RunFailure::new(FailureCode::Engine, message)));
        };
        if !commitment.is_of(&secret) {
            return Err(self.journal.refuse("is given another secret"));
        }
        Ok(secret)
    }

    fn keys(&self) -> Result<&ContractKeys, Stop> {
        self.vault.keys.as_deref().ok_or_else(no_keys)
    }
}

fn no_keys() -> Stop {
    Stop::Failed(RunFailure::new(
        FailureCode::Engine,
        "the run has no keys of its contract",
    ))
}

fn nonce() -> Result<[u8; 32], Stop> {
    let mut nonce = [0; 32];
    OsRng.try_fill_bytes(&mut nonce).map_err(|error| {
        let message = format!("the system gives no random bytes: {error}");
        Stop::Failed(RunFailure::new(FailureCode::Engine, message))
    })?;
    Ok(nonce)
}
