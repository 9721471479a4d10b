//! What the node does.

use codec::{DecodeAll, Encode};
use phat_attestation::{Collateral, Verified};
use phat_primitives::attestation::{Attested, Refusal};

/// Verifies. What makes the library panic is refused.
pub fn verify(
    quote: &[u8],
    collateral: &[u8],
    roots: &[Vec<u8>],
    at_s: u64,
) -> Result<Attested, Refusal> {
    std::panic::catch_unwind(|| verified(quote, collateral, roots, at_s))
        .unwrap_or(Err(Refusal::Invalid))
}

fn verified(
    quote: &[u8],
    collateral: &[u8],
    roots: &[Vec<u8>],
    at_s: u64,
) -> Result<Attested, Refusal> {
    let mut rest = collateral;
    let collateral = Collateral::decode_all(&mut rest).map_err(|_| Refusal::CollateralMalformed)?;
    let roots: Vec<&[u8]> = roots.iter().map(Vec::as_slice).collect();
    let Verified {
        measurement,
        report_data,
        confidence_level,
        expires_at,
        ..
    } = phat_attestation::verify(quote, &collateral, &roots, at_s)
        .map_err(|error| error.refusal())?;
    Ok(Attested {
        measurement,
        confidence_level,
        report_data,
        expires_at_s: expires_at,
    })
}

/// Writes the answer to its place, and no further.
pub fn write(answer: &Result<Attested, Refusal>, to: &mut [u8]) {
    for (to, from) in to.iter_mut().zip(answer.encode()) {
        *to = from;
    }
}
