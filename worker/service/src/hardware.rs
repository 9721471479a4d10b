//! What an operator may not choose where hardware vouches for the worker.
//!
//! A quote says what runs, and not how it was started. The operator is one of those from whom an
//! attested worker keeps the cluster's secret, so nothing on the command line may have the worker
//! believe him: neither about the chain, which says whom the secret is handed to, nor about who the
//! servers are that contracts send their secrets to.

use serde::{Deserialize, de::IgnoredAny};
use thiserror::Error;

use crate::config::{AttestationOption, Options};

/// An option that does not go with an attestation by hardware.
#[derive(Debug, Error)]
pub enum NotOnHardware {
    /// A node is to be believed.
    #[error(
        "--trust-rpc does not go with --attestation {0}: the node could name anyone to hand the \
         cluster's key to; give --chain-spec FILE"
    )]
    TrustRpc(AttestationOption),
    /// Contracts are to trust another authority.
    #[error(
        "--extra-ca does not go with --attestation {0}: whoever has that authority could read \
         what contracts send, and answer them; leave it out"
    )]
    ExtraCa(AttestationOption),
    /// The chain is not to be checked from its first block on.
    #[error(
        "the chain specification has a checkpoint, which does not go with --attestation {0}: \
         whoever made it could name anyone to hand the cluster's key to; take the field \
         lightSyncState out of the file"
    )]
    Checkpoint(AttestationOption),
    /// Nobody can say what is in the chain specification.
    #[error("the chain specification cannot be read: {0}; write it anew")]
    BadChainSpec(#[from] serde_json::Error),
}

/// The part of a chain's specification that is not of its first block.
#[derive(Deserialize)]
struct ChainSpec {
    #[serde(rename = "lightSyncState")]
    checkpoint: Option<IgnoredAny>,
}

/// Refuses what does not go with the attestation that the command line asks for.
pub fn check_options(options: &Options) -> Result<(), NotOnHardware> {
    let attestation = options.attestation;
    if !is_hardware(attestation) {
        return Ok(());
    }
    if options.trust_rpc.is_some() {
        return Err(NotOnHardware::TrustRpc(attestation));
    }
    if !options.extra_cas.is_empty() {
        return Err(NotOnHardware::ExtraCa(attestation));
    }
    Ok(())
}

/// The same for what is in the chain's specification.
pub fn check_chain_spec(
    attestation: AttestationOption,
    chain_spec: &str,
) -> Result<(), NotOnHardware> {
    if !is_hardware(attestation) {
        return Ok(());
    }
    let spec: ChainSpec = serde_json::from_str(chain_spec)?;
    match spec.checkpoint {
        Some(_) => Err(NotOnHardware::Checkpoint(attestation)),
        None => Ok(()),
    }
}

fn is_hardware(attestation: AttestationOption) -> bool {
    match attestation {
        AttestationOption::Sgx | AttestationOption::Tdx => true,
        AttestationOption::None | AttestationOption::Simulated => false,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    const HARDWARE: [AttestationOption; 2] = [AttestationOption::Sgx, AttestationOption::Tdx];
    const NO_HARDWARE: [AttestationOption; 2] =
        [AttestationOption::None, AttestationOption::Simulated];

    fn checked(attestation: AttestationOption, more: &[&str]) -> Result<(), NotOnHardware> {
        let attestation = attestation.to_string();
        let always = [
            "phat-worker",
            "--data-dir",
            "d",
            "--attestation",
            &attestation,
        ];
        let arguments = always.iter().chain(more);
        check_options(&Options::try_parse_from(arguments).unwrap())
    }

    #[test]
    fn hardware_vouches_for_no_worker_that_believes_its_operator() {
        let rpc = ["--trust-rpc", "ws://node"];
        let spec = ["--chain-spec", "chain.json"];
        let authority = [&spec[..], &["--extra-ca", "authority.pem"]].concat();
        for attestation in HARDWARE {
            let found = checked(attestation, &rpc);
            assert!(matches!(found, Err(NotOnHardware::TrustRpc(_))));
            let found = checked(attestation, &authority);
            assert!(matches!(found, Err(NotOnHardware::ExtraCa(_))));
            checked(attestation, &spec).unwrap();
        }
        for attestation in NO_HARDWARE {
            checked(attestation, &rpc).unwrap();
            checked(attestation, &authority).unwrap();
        }
    }

    #[test]
    fn hardware_vouches_for_no_worker_that_begins_in_the_middle_of_the_chain() {
        let whole = r#"{"id":"a","genesis":{"raw":{}},"lightSyncState":null}"#;
        let begun =
            r#"{"id":"a","genesis":{"raw":{}},"lightSyncState":{"finalizedBlockHeader":"0x"}}"#;
        let twice = r#"{"lightSyncState":null,"lightSyncState":{}}"#;
        for attestation in HARDWARE {
            check_chain_spec(attestation, whole).unwrap();
            check_chain_spec(attestation, "{}").unwrap();
            let found = check_chain_spec(attestation, begun);
            assert!(matches!(found, Err(NotOnHardware::Checkpoint(_))));
            for unclear in [twice, "", "[]"] {
                let found = check_chain_spec(attestation, unclear);
                assert!(
                    matches!(found, Err(NotOnHardware::BadChainSpec(_))),
                    "{unclear}"
                );
            }
        }
        for attestation in NO_HARDWARE {
            check_chain_spec(attestation, begun).unwrap();
        }
    }
}
