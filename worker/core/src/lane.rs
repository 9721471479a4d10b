//! The nonces of one relay account on one chain.
//!
//! The journal is the truth: a nonce that an unfinished request holds is taken,
//! whether the chain has seen it or not.

use std::collections::BTreeSet;

use crate::Record;

/// The nonces that unfinished requests hold.
fn held<'a>(records: impl IntoIterator<Item = &'a Record>) -> BTreeSet<u64> {
    records
        .into_iter()
        .filter(|record| !record.is_final())
        .flat_map(Record::nonces_held)
        .collect()
}

/// Whether an unfinished request other than `record` holds `nonce`.
pub fn is_held_by_another<'a>(
    nonce: u64,
    record: &Record,
    records: impl IntoIterator<Item = &'a Record>,
) -> bool {
    records.into_iter().any(|other| {
        other.id != record.id && !other.is_final() && other.nonces_held().any(|held| held == nonce)
    })
}

/// The nonce for a new transaction: the lowest that neither the chain
/// (`chain_next` is its next unused one) nor an unfinished request has taken.
/// The lowest, because a chain includes no transaction behind a gap.
pub fn fresh_nonce<'a>(chain_next: u64, records: impl IntoIterator<Item = &'a Record>) -> u64 {
    let held = held(records);
    (chain_next..)
        .find(|nonce| !held.contains(nonce))
        .expect("fewer nonces are held than there are")
}

/// A nonce below `nonce` that must be used before `nonce` can be, and that no
/// unfinished request will ever use. It comes about when a request is settled by
/// another worker before its own transaction was sent.
pub fn nonce_gap<'a>(
    nonce: u64,
    chain_next: u64,
    records: impl IntoIterator<Item = &'a Record>,
) -> Option<u64> {
    if chain_next >= nonce {
        return None;
    }
    Some(fresh_nonce(chain_next, records)).filter(|free| *free < nonce)
}

/// A nonce below `nonce` of a transaction that waits and is of no use to anybody, of
/// `left`, all that there are. What it pays may be too little by now: a request that
/// waits behind it can take its place.
pub fn left_nonce<'a>(
    nonce: u64,
    left: impl IntoIterator<Item = u64>,
    records: impl IntoIterator<Item = &'a Record>,
) -> Option<u64> {
    let held = held(records);
    left.into_iter()
        .filter(|left| *left < nonce && !held.contains(left))
        .min()
}
