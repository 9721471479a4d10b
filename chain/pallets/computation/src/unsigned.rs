//! Transactions that workers send free of charge: which of them a pool and a block take.
//!
//! There is one heartbeat for a challenge, and one report and one proof for a benchmark, whose
//! beginning the operator paid for. What is none of these is refused before its signature is looked
//! at, so that nobody can make nodes work with them.

use codec::Encode;
use sp_runtime::transaction_validity::{
    InvalidTransaction, TransactionLongevity, TransactionPriority, TransactionValidity,
    TransactionValidityError, ValidTransaction,
};

use crate::{Call, Config, EconomyParameters, Error, Pallet, RANDOMNESS_BLOCKS};

/// Before what pays, since it has to be in a block in time.
const PRIORITY: TransactionPriority = TransactionPriority::MAX / 2;

impl<T: Config> Pallet<T> {
    /// Whether `call` is one that a worker may send free of charge, now.
    pub(crate) fn validate(call: &Call<T>) -> TransactionValidity {
        match call {
            Call::heartbeat {
                heartbeat,
                signature,
            } => {
                Self::check_heartbeat(heartbeat, signature).map_err(refusal)?;
                let window = EconomyParameters::<T>::get().heartbeat_window;
                let tag = (heartbeat.worker, heartbeat.challenged_at);
                free("phat/heartbeat", tag, window)
            }
            Call::report_benchmark { report, signature } => {
                Self::check_report(report, signature).map_err(refusal)?;
                let tag = (report.worker, report.begun_at);
                free("phat/benchmark-report", tag, RANDOMNESS_BLOCKS)
            }
            Call::prove_benchmark { proof, signature } => {
                Self::check_proof(proof, signature).map_err(refusal)?;
                let tag = (proof.worker, proof.begun_at);
                free("phat/benchmark-proof", tag, RANDOMNESS_BLOCKS)
            }
            _ => InvalidTransaction::Call.into(),
        }
    }
}

/// A valid transaction. A pool has one at a time with the same tag.
fn free(prefix: &'static str, tag: impl Encode, longevity_blocks: u32) -> TransactionValidity {
    ValidTransaction::with_tag_prefix(prefix)
        .priority(PRIORITY)
        .and_provides(tag)
        .longevity(TransactionLongevity::from(longevity_blocks.max(1)))
        .propagate(true)
        .build()
}

fn refusal<T>(error: Error<T>) -> TransactionValidityError {
    match error {
        Error::SignatureInvalid => InvalidTransaction::BadProof,
        Error::WorkerInactive => InvalidTransaction::BadSigner,
        Error::BenchmarkTooShort | Error::NotDrawn => InvalidTransaction::Future,
        Error::NotChallenged | Error::UnknownBenchmark => InvalidTransaction::Stale,
        _ => InvalidTransaction::Call,
    }
    .into()
}
