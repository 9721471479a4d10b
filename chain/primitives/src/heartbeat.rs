//! What workers sign to show that they run and how fast: heartbeats and benchmarks.
//!
//! All of it is about [`phat_workload`]: iterations that a worker does, a [`Commitment`] to them,
//! and openings of steps that the chain's randomness draws.
//!
//! **Heartbeats.** The chain challenges a worker in a session now and then. The worker answers
//! with the commitment to the iterations since its previous answer, and opens
//! [`HEARTBEAT_OPENINGS`] steps of the commitment of its previous answer, which the challenge's
//! randomness draws. The iterations after an answer are seeded with the randomness of the challenge that was answered,
//! those before the first answer with the randomness of the session's start.
//!
//! **Benchmarks.** The chain notes a randomness when a benchmark begins. The worker does iterations
//! seeded with it, reports its commitment, and opens [`BENCHMARK_OPENINGS`] steps of it, which the
//! randomness of [`DRAW_DELAY`] blocks after the report draws.

use alloc::vec::Vec;

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use phat_workload::{Commitment, Opening};
use scale_info::TypeInfo;

use crate::{WorkerId, blake2_256};

/// How many steps of a benchmark are opened. Who did only a part x of what it committed to gets
/// through with a probability of x to this power.
pub const BENCHMARK_OPENINGS: u32 = 16;

/// How many steps a heartbeat opens. Who did only a part x of what it committed to gets through
/// with a probability of x to this power, and has a performance of zero otherwise. A share of the
/// payouts grows with the square of the performance at most, so from three on it never pays to
/// claim more than was done: see `docs/performance-test.md`.
pub const HEARTBEAT_OPENINGS: u32 = 4;

/// How many blocks after the report of a benchmark the randomness is noted that draws its steps.
/// Each block adds to that randomness what its author alone knows ahead. So only who makes all of
/// these blocks could choose what to commit to by what will be drawn.
pub const DRAW_DELAY: u32 = 10;

/// Separates the signature of a heartbeat from every other signature.
const HEARTBEAT_DOMAIN: &[u8; 16] = b"phat/heartbeat/1";

/// Separates the signature of a benchmark's report from every other signature.
const REPORT_DOMAIN: &[u8; 16] = b"phat/benchmark/1";

/// Separates the signature of a benchmark's proof from every other signature.
const PROOF_DOMAIN: &[u8; 22] = b"phat/benchmark-proof/1";

/// Separates the draws of a benchmark from other uses of the chain's randomness.
const BENCHMARK_DRAW_DOMAIN: &[u8; 21] = b"phat/benchmark-draw/1";

/// Separates the draws of a heartbeat from other uses of the chain's randomness.
const HEARTBEAT_DRAW_DOMAIN: &[u8; 21] = b"phat/heartbeat-draw/1";

/// A worker's answer to a challenge.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Heartbeat {
    /// The worker.
    pub worker: WorkerId,
    /// The number of its session.
    pub session: u32,
    /// The block of the challenge.
    pub challenged_at: u32,
    /// How many iterations the worker has done since the session's start. Fewer than before says
    /// that it has restarted and counts from zero again.
    pub iterations: u64,
    /// The iterations since the previous answer.
    pub commitment: Commitment,
    /// The steps of the previous answer's commitment that [`heartbeat_draw`] draws for 0, 1 and so
    /// on, [`HEARTBEAT_OPENINGS`] of them. None at a session's first, and where the worker cannot
    /// open them.
    pub openings: BoundedVec<Opening, ConstU32<HEARTBEAT_OPENINGS>>,
}

impl Heartbeat {
    /// The bytes to sign on the chain whose first block has this hash: the domain, the hash, then
    /// the SCALE encoding of the fields.
    pub fn signing_payload(&self, genesis_hash: &[u8; 32]) -> Vec<u8> {
        payload(HEARTBEAT_DOMAIN, genesis_hash, self)
    }
}

/// What a worker says that it did in its benchmark.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct BenchmarkReport {
    /// The worker.
    pub worker: WorkerId,
    /// The block that the benchmark began in.
    pub begun_at: u32,
    /// The iterations since then.
    pub commitment: Commitment,
}

impl BenchmarkReport {
    /// The bytes to sign on the chain whose first block has this hash: the domain, the hash, then
    /// the SCALE encoding of the fields.
    pub fn signing_payload(&self, genesis_hash: &[u8; 32]) -> Vec<u8> {
        payload(REPORT_DOMAIN, genesis_hash, self)
    }
}

/// What shows that a worker did its benchmark.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct BenchmarkProof {
    /// The worker.
    pub worker: WorkerId,
    /// The block that the benchmark began in.
    pub begun_at: u32,
    /// The steps that [`benchmark_draw`] draws for 0, 1 and so on, [`BENCHMARK_OPENINGS`] of them.
    pub openings: BoundedVec<Opening, ConstU32<BENCHMARK_OPENINGS>>,
}

impl BenchmarkProof {
    /// The bytes to sign on the chain whose first block has this hash: the domain, the hash, then
    /// the SCALE encoding of the fields.
    pub fn signing_payload(&self, genesis_hash: &[u8; 32]) -> Vec<u8> {
        payload(PROOF_DOMAIN, genesis_hash, self)
    }
}

/// The randomness that draws step number `number` of a benchmark, made of the chain's.
pub fn benchmark_draw(randomness: &[u8; 32], number: u32) -> [u8; 32] {
    blake2_256(&(BENCHMARK_DRAW_DOMAIN, randomness, number).encode())
}

/// The randomness that draws step number `number` of a heartbeat, made of the challenge's.
pub fn heartbeat_draw(randomness: &[u8; 32], number: u32) -> [u8; 32] {
    blake2_256(&(HEARTBEAT_DRAW_DOMAIN, randomness, number).encode())
}

fn payload(domain: &[u8], genesis_hash: &[u8; 32], value: &impl Encode) -> Vec<u8> {
    let mut payload = domain.to_vec();
    payload.extend_from_slice(genesis_hash);
    value.encode_to(&mut payload);
    payload
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    const GENESIS: [u8; 32] = [9; 32];

    fn heartbeat() -> Heartbeat {
        Heartbeat {
            worker: WorkerId([1; 32]),
            session: 2,
            challenged_at: 3,
            iterations: 4,
            commitment: Commitment {
                root: [5; 32],
                iterations: 4,
            },
            openings: BoundedVec::default(),
        }
    }

    fn opening() -> Opening {
        Opening {
            iteration: 1,
            step: 2,
            before: Some(phat_workload::Before {
                state: [3; 32],
                path: [[4; 32]; phat_workload::STEP_PATH],
            }),
            after_path: [[5; 32]; phat_workload::STEP_PATH],
            iteration_path: BoundedVec::try_from(vec![[6; 32]]).expect("it is short"),
        }
    }

    #[test]
    fn the_signature_of_a_heartbeat_binds_chain_and_every_field() {
        let payload = heartbeat().signing_payload(&GENESIS);
        assert!(payload.starts_with(b"phat/heartbeat/1"));
        assert_eq!(payload.len(), 16 + 32 + heartbeat().encoded_size());
        assert_ne!(payload, heartbeat().signing_payload(&[8; 32]));
        for change in [
            |value: &mut Heartbeat| value.worker.0[0] ^= 1,
            |value: &mut Heartbeat| value.session += 1,
            |value: &mut Heartbeat| value.challenged_at += 1,
            |value: &mut Heartbeat| value.iterations += 1,
            |value: &mut Heartbeat| value.commitment.root[0] ^= 1,
            |value: &mut Heartbeat| value.commitment.iterations += 1,
            |value: &mut Heartbeat| value.openings.try_push(opening()).expect("there is room"),
        ] {
            let mut changed = heartbeat();
            change(&mut changed);
            assert_ne!(payload, changed.signing_payload(&GENESIS), "{changed:?}");
        }
    }

    #[test]
    fn what_is_signed_for_one_purpose_does_not_pass_for_another() {
        let report = BenchmarkReport {
            worker: WorkerId([1; 32]),
            begun_at: 2,
            commitment: Commitment::default(),
        };
        let proof = BenchmarkProof {
            worker: WorkerId([1; 32]),
            begun_at: 2,
            openings: BoundedVec::default(),
        };
        let report = report.signing_payload(&GENESIS);
        let proof = proof.signing_payload(&GENESIS);
        assert!(report.starts_with(b"phat/benchmark/1"));
        assert!(proof.starts_with(b"phat/benchmark-proof/1"));
    }

    #[test]
    fn each_opening_has_a_draw_of_its_own() {
        let draws = |randomness: [u8; 32]| -> Vec<_> {
            let of_benchmark =
                (0..BENCHMARK_OPENINGS).map(|number| benchmark_draw(&randomness, number));
            let of_heartbeat =
                (0..HEARTBEAT_OPENINGS).map(|number| heartbeat_draw(&randomness, number));
            of_benchmark.chain(of_heartbeat).collect()
        };
        let (mut all, others) = (draws([1; 32]), draws([2; 32]));
        all.extend(others);
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    /// These encodings are signed: a change of any is a new version.
    #[test]
    fn what_is_signed_is_pinned() {
        let answer = Heartbeat {
            openings: vec![opening(); HEARTBEAT_OPENINGS as usize]
                .try_into()
                .expect("as many as drawn"),
            ..heartbeat()
        };
        let report = BenchmarkReport {
            worker: WorkerId([1; 32]),
            begun_at: 2,
            commitment: heartbeat().commitment,
        };
        let proof = BenchmarkProof {
            worker: WorkerId([1; 32]),
            begun_at: 2,
            openings: BoundedVec::try_from(vec![opening()]).expect("it is one"),
        };
        let pinned = |bytes: &[u8]| hex::encode(blake2_256(bytes));
        assert_eq!(
            [
                pinned(&answer.signing_payload(&GENESIS)),
                pinned(&report.signing_payload(&GENESIS)),
                pinned(&proof.signing_payload(&GENESIS)),
                pinned(&benchmark_draw(&[7; 32], 8)),
                pinned(&heartbeat_draw(&[7; 32], 8)),
            ],
            [
                "acf7d7fb8effb682cc672d921ef2c323a2a33e518cc3d6bab4577f4d46d9dab6",
                "e8f3a56b698e1d1d657fcbad028612c4ae818e6c653f4c15d87dad4775c870a5",
                "cb7cba721d78f4ad6e3daa62c634b73e24eefffe4c465537ba3062746ec8eb07",
                "262cedd3bc24946db1354956d975051b637d0736ccdc173e4276a079a50e85ab",
                "ad541258dcd79df7f9c0fafd36461d7e3d68b104f7258d08cba31c2776c77d4d",
            ]
        );
    }
}
