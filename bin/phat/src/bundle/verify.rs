//! Whether a bundle holds, layer by layer.

use std::mem;

use phat_chain_proof::{Layer, VerifiedBlock};
use phat_primitives::Attestation;
use phat_receipt::{Origin, ReceiptBody};
use serde::Serialize;

use super::{
    Bundle, FORMAT, conformance,
    state::{Contract, State, Worker},
};
use crate::{
    chain,
    checks::{Check, Status},
    commands::{
        info::attestation_text,
        verify::{Verification, check_data, check_manifest, said},
    },
    receipt_file::{ReceiptFile, RunData},
};

/// The checks that ask the chain's state.
const OF_STATE: [&str; 5] = [
    "registration",
    "attestation",
    "contract",
    "cluster",
    "manifest",
];

/// Where a bundle's statements about the chain hold, and what it took to see that.
#[derive(Clone, Debug, Serialize)]
pub struct Proven {
    /// The format's name.
    pub format: &'static str,
    /// The final block, if the proof of it holds.
    pub block: Option<chain::Block>,
    /// The block's time, in milliseconds since 1970, if it is proven.
    pub block_time_ms: Option<u64>,
    /// The part of the chain proof that does not hold, if one does not.
    pub failed_layer: Option<Layer>,
    /// How many bytes the bundle has.
    pub size_bytes: usize,
    /// How long it took to read the bundle's JSON and to make all checks, in microseconds.
    pub verify_us: u64,
}

/// Makes all checks of a bundle for the chain whose first block has this hash. The last two fields
/// of [`Proven`] are for the caller to fill in.
pub fn verify(mut bundle: Bundle, genesis_hash: [u8; 32]) -> Verification {
    let file = ReceiptFile {
        receipt: bundle.receipt.clone(),
        data: Some(RunData {
            input: mem::take(&mut bundle.input.0),
            output: mem::take(&mut bundle.output.0),
            transcript: mem::take(&mut bundle.transcript.0),
        }),
    };
    let bundle = &bundle;
    let body = &bundle.receipt.body;
    let (data, transcript) = check_data(&file);
    let mut checks = vec![
        Check::of("format", check_format(bundle)),
        Check::of(
            "signature",
            said(bundle.receipt.verify_signature(), || {
                format!("by worker {}", body.worker)
            }),
        ),
        of_all("data", &data),
        Check::of("chain", check_chain(body, genesis_hash)),
    ];
    let mut proven = Proven {
        format: FORMAT,
        block: None,
        block_time_ms: None,
        failed_layer: None,
        size_bytes: 0,
        verify_us: 0,
    };
    let mut attestation = None;
    match bundle.chain.verify(genesis_hash) {
        Err(error) => {
            proven.failed_layer = Some(error.layer());
            checks.push(Check::of("finality", Err(error.to_string())));
            let skipped = |name| Check::skipped(name, "no block is proven");
            checks.extend(OF_STATE.map(skipped));
        }
        Ok(block) => {
            let state = State::new(&block, body);
            let number = block.number();
            let (worker, contract) = (state.worker(), state.contract());
            checks.extend([
                Check::of("finality", Ok(finality_text(&block))),
                Check::of("registration", check_registration(&worker, &block, body)),
                Check::of("attestation", check_attestation(&worker, &state, body)),
                Check::of("contract", check_contract(&contract, &state, body)),
                Check::of("cluster", check_cluster(&contract, &state)),
            ]);
            let as_known = contract.ok().flatten().and_then(known_contract);
            let at = Some(u64::from(number));
            checks.push(check_manifest(
                body,
                transcript.as_ref(),
                as_known.as_ref(),
                at,
            ));
            attestation = worker.ok().flatten().map(|worker| worker.attestation);
            proven.block_time_ms = state.now_ms().ok().flatten();
            proven.block = Some(chain::Block {
                number: u64::from(number),
                hash: block.hash().0,
            });
        }
    }
    checks.push(check_anchor(bundle));
    Verification {
        ok: !checks.iter().any(Check::is_failed),
        complete: !checks.iter().any(Check::is_skipped),
        receipt: bundle.receipt.hash(),
        attestation,
        checks,
        proven: Some(proven),
    }
}

fn check_format(bundle: &Bundle) -> Result<String, String> {
    let (own, other) = (conformance(), &bundle.conformance);
    if other.0 != own {
        return Err(format!(
            "the bundle was made to the text with the hash {other}, this release knows 0x{}",
            hex::encode(own)
        ));
    }
    Ok(format!("{FORMAT}, as the text with the hash {other} says"))
}

/// One check that holds if all of these do.
fn of_all(name: &'static str, checks: &[Check]) -> Check {
    let told = |check: &Check| format!("{}: {}", check.name, check.detail);
    let failed = checks
        .iter()
        .find(|check| !matches!(check.status, Status::Ok));
    let result = match failed {
        Some(check) => Err(told(check)),
        None => Ok(checks.iter().map(told).collect::<Vec<_>>().join(", ")),
    };
    Check::of(name, result)
}

fn check_chain(body: &ReceiptBody, genesis_hash: [u8; 32]) -> Result<String, String> {
    let (own, asked) = (hex::encode(body.genesis_hash), hex::encode(genesis_hash));
    if own != asked {
        return Err(format!(
            "the receipt is of the chain 0x{own}, and not of 0x{asked}"
        ));
    }
    Ok(format!("0x{own}"))
}

fn finality_text(block: &VerifiedBlock<'_>) -> String {
    format!(
        "block {} with the hash {} is final, by authority set {}",
        block.number(),
        block.hash(),
        block.set_id()
    )
}

fn check_registration(
    worker: &Result<Option<Worker>, String>,
    block: &VerifiedBlock<'_>,
    body: &ReceiptBody,
) -> Result<String, String> {
    match worker.as_ref().map_err(String::clone)? {
        Some(worker) => {
            let endpoint = String::from_utf8_lossy(&worker.endpoint);
            Ok(format!("registered, at {endpoint}"))
        }
        None => Err(format!(
            "{} is not registered at block {}",
            body.worker,
            block.number()
        )),
    }
}

/// Whether the chain let the worker serve at the block, and whether what vouches for it was to last
/// until the run ended, by the worker's clock.
fn check_attestation(
    worker: &Result<Option<Worker>, String>,
    state: &State<'_>,
    body: &ReceiptBody,
) -> Result<String, String> {
    let worker = worker.as_ref().map_err(String::clone)?;
    let worker = worker.as_ref().ok_or("the worker is not registered")?;
    let now_ms = state.now_ms()?.ok_or("the block has no time")?;
    let (now_s, ended_at_s) = (now_ms / 1000, body.ended_at_ms / 1000);
    let (required, level_max) = (state.requires_attestation()?, state.level_max()?);
    let text = attestation_text(&worker.attestation);
    let Attestation::Dcap {
        measurement,
        confidence_level,
        expires_at_s,
    } = &worker.attestation
    else {
        return match required {
            true => Err("nothing vouches for the worker, and the chain requires it".into()),
            false => Ok(format!("{text}, and the chain requires nothing")),
        };
    };
    if *expires_at_s <= now_s {
        return Err(format!("{text}: it had expired at the block, at {now_s} s"));
    }
    if *expires_at_s <= ended_at_s {
        return Err(format!(
            "{text}: it expires before the run ended, at {ended_at_s} s"
        ));
    }
    if !confidence_level.is_valid() || *confidence_level > level_max {
        return Err(format!(
            "{text}: the chain asks for level {level_max} or better"
        ));
    }
    if !state.is_allowed(measurement)? {
        return Err(format!("{text}: the chain does not allow this software"));
    }
    Ok(format!(
        "{text}; the block is of {now_s} s, the run ended at {ended_at_s} s"
    ))
}

fn check_contract(
    contract: &Result<Option<Contract>, String>,
    state: &State<'_>,
    body: &ReceiptBody,
) -> Result<String, String> {
    let contract = contract.as_ref().map_err(String::clone)?;
    let Some(contract) = contract else {
        return Err(format!("{} does not exist at the block", body.contract));
    };
    if contract.code_hash != body.code_hash {
        return Err(format!(
            "{} runs the code {}, the receipt says {}",
            body.contract, contract.code_hash, body.code_hash
        ));
    }
    if !state.has_code()? {
        return Err(format!("the chain has no code {}", body.code_hash));
    }
    Ok(format!("runs the code {}", body.code_hash))
}

fn check_cluster(
    contract: &Result<Option<Contract>, String>,
    state: &State<'_>,
) -> Result<String, String> {
    let contract = contract.as_ref().map_err(String::clone)?;
    let needs = contract
        .as_ref()
        .ok_or("the contract does not exist")?
        .cluster;
    match state.cluster()? {
        Some(serves) if serves == needs => Ok(format!("the worker serves cluster {serves}")),
        Some(serves) => Err(format!(
            "the worker serves cluster {serves}, the contract is in cluster {needs}"
        )),
        None => Err("the worker serves no cluster".into()),
    }
}

/// The contract as the checks of receipts without a bundle know it.
fn known_contract(contract: Contract) -> Option<chain::Contract> {
    Some(chain::Contract {
        owner: contract.owner,
        cluster: contract.cluster,
        code_hash: contract.code_hash,
        manifest: String::from_utf8(contract.manifest).ok()?,
    })
}

/// What the bundle says of the settlement. No proof of another chain is in it, so that what fits
/// the receipt is claimed and no more.
fn check_anchor(bundle: &Bundle) -> Check {
    const NAME: &str = "anchor";
    let body = &bundle.receipt.body;
    match (&body.origin, &bundle.anchor) {
        (Origin::Http, None) => Check::of(NAME, Ok("none: a call over HTTP".into())),
        (Origin::Trigger { name }, None) => {
            Check::of(NAME, Ok(format!("none: the trigger {name:?} fired")))
        }
        (Origin::Anchor { .. }, None) => Check::skipped(
            NAME,
            "the bundle does not say where the request was settled",
        ),
        (_, Some(settlement)) => match settlement.check(body) {
            Ok(detail) => Check::claimed(NAME, detail),
            Err(detail) => Check::of(NAME, Err(detail)),
        },
    }
}
