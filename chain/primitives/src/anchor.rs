//! Rollup anchors on Substrate chains: what is signed, and how it is bounded.
//!
//! The pallet that takes outcomes (`pallet-phat-anchor`) and the adapter that makes them share these
//! types, so that both encode the same bytes. All of them are SCALE encoded.
//!
//! An account goes by its SCALE encoding here: 32 bytes on most chains, 20 on some.

use alloc::vec::Vec;

use bounded_collections::{BoundedVec, ConstU32};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::blake2_256;

/// The most bytes that the input of a request may have.
pub const INPUT_BYTES_MAX: u32 = 16 * 1024;

/// The most bytes that the output of an outcome may have.
pub const OUTPUT_BYTES_MAX: u32 = 16 * 1024;

/// The most bytes that a value of the key-value store may have.
pub const VALUE_BYTES_MAX: u32 = 16 * 1024;

/// What a key counts in the key-value store besides the bytes of its value: about what is stored of
/// the key itself.
pub const KEY_BYTES: u64 = 64;

/// The most keys that an outcome may depend on.
pub const READS_MAX: u32 = 64;

/// The most keys that an outcome may change.
pub const WRITES_MAX: u32 = 64;

/// The most bytes that an outcome may have, SCALE encoded.
pub const OUTCOME_BYTES_MAX: u32 = 128 * 1024;

/// The most attestors that a consumer may have at a time.
pub const ATTESTORS_MAX: u32 = 16;

/// The most outcomes that one transaction may settle.
pub const BATCH_MAX: u32 = 32;

/// The most keys that one transaction may delete.
pub const DELETED_MAX: u32 = 64;

/// The number in outcomes that nobody asked for: no request has it.
pub const NO_REQUEST: u64 = 0;

/// The number of a consumer's first request.
pub const FIRST_REQUEST: u64 = 1;

/// Separates signatures of outcomes from every other signature.
const OUTCOME_DOMAIN: &[u8; 13] = b"phat/anchor/1";

/// Separates commitments to requests from every other hash.
const REQUEST_DOMAIN: &[u8; 21] = b"phat/anchor-request/1";

/// Separates accounts of consumers from every other derived account.
const CONSUMER_DOMAIN: &[u8; 22] = b"phat/anchor-consumer/1";

/// What a key goes by in the key-value store: the BLAKE2b-256 hash of its name.
pub type KeyHash = [u8; 32];

/// The hash that the key with this name goes by.
pub fn key_hash(name: &[u8]) -> KeyHash {
    blake2_256(name)
}

/// What a consumer's account is derived from that has no key of its own, but an owner: 32 bytes, of
/// which a chain with shorter accounts takes the first.
///
/// `owner` is the SCALE encoding of the owner's account. For the store of a contract that has no
/// foreign target, `salt` is the contract's id.
pub fn consumer_entropy(owner: &[u8], salt: &[u8; 32]) -> [u8; 32] {
    blake2_256(&(CONSUMER_DOMAIN, owner, salt).encode())
}

/// What a request is, as far as outcomes are bound to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestContent<'a> {
    /// The consumer's account.
    pub consumer: &'a [u8],
    /// The account that asked.
    pub requester: &'a [u8],
    /// What it asks.
    pub input: &'a [u8],
    /// What whoever settles it is paid, in the chain's smallest unit.
    pub fee: u128,
    /// Until when it can be settled, in seconds since 1970.
    pub expires_at: u64,
    /// The block that it was made in.
    pub made_at: u64,
}

impl RequestContent<'_> {
    /// What binds outcomes to this content. With the block in it, it is another one for each
    /// request, even where a consumer was removed and numbers its requests anew.
    pub fn commitment(&self) -> [u8; 32] {
        blake2_256(
            &(
                REQUEST_DOMAIN,
                self.consumer,
                self.requester,
                blake2_256(self.input),
                self.fee,
                self.expires_at,
                self.made_at,
            )
                .encode(),
        )
    }
}

/// A key that an outcome depends on.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct KeyRead {
    /// The key.
    pub key: KeyHash,
    /// The version that the run saw.
    pub version: u64,
}

/// A key that an outcome changes.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct KeyWrite {
    /// The key.
    pub key: KeyHash,
    /// The new value; empty deletes.
    pub value: BoundedVec<u8, ConstU32<VALUE_BYTES_MAX>>,
}

/// The outcome of a run, which an anchor takes as a whole or not at all.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Outcome {
    /// The number of the request that it answers, or [`NO_REQUEST`] where a schedule, a log or a call
    /// over HTTP made the contract run.
    pub number: u64,
    /// What binds it to the content of the request, see [`RequestContent::commitment`]. Without a
    /// request, the id of what made the contract run, which the anchor only passes on.
    pub commitment: [u8; 32],
    /// Whether the run succeeded.
    pub success: bool,
    /// The run's output, or why it failed as UTF-8 text.
    pub output: BoundedVec<u8, ConstU32<OUTPUT_BYTES_MAX>>,
    /// The keys that it depends on.
    pub reads: BoundedVec<KeyRead, ConstU32<READS_MAX>>,
    /// The keys that it changes.
    pub writes: BoundedVec<KeyWrite, ConstU32<WRITES_MAX>>,
}

impl Outcome {
    /// Whether it changes a key that it depends on, which comes first among both and is not deleted.
    /// Its version is another one then, so an outcome that nobody asked for is taken once.
    ///
    /// A key that is not there keeps its version when it is deleted: that would guard nothing.
    pub fn is_guarded(&self) -> bool {
        match (self.reads.first(), self.writes.first()) {
            (Some(read), Some(write)) => read.key == write.key && !write.value.is_empty(),
            _ => false,
        }
    }

    /// The bytes to sign for the consumer `consumer` of the pallet that a runtime calls `pallet`, on
    /// the chain whose first block has the hash `genesis_hash`.
    ///
    /// They are the SCALE encoding of the domain `phat/anchor/1`, the hash (32 bytes), the name of
    /// the pallet and the account (each with its length before it), and the BLAKE2b-256 hash of the
    /// encoded outcome. The outcome has the request's number and commitment in it.
    ///
    /// A key of sr25519 signs these bytes, one of secp256k1 their BLAKE2b-256 hash.
    pub fn signing_payload(
        &self,
        genesis_hash: &[u8; 32],
        pallet: &str,
        consumer: &[u8],
    ) -> Vec<u8> {
        let outcome = blake2_256(&self.encode());
        (
            OUTCOME_DOMAIN,
            genesis_hash,
            pallet.as_bytes(),
            consumer,
            outcome,
        )
            .encode()
    }
}

/// A key that signs outcomes.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum AttestorKey {
    /// A public key of sr25519.
    Sr25519([u8; 32]),
    /// A public key of secp256k1, SEC1 compressed.
    Secp256k1([u8; 33]),
}

impl AttestorKey {
    /// Whether it has the form of a key of its kind.
    ///
    /// 32 zeros are the neutral point of sr25519's group. It has no secret: anybody can make
    /// signatures that verify under it.
    pub fn is_well_formed(&self) -> bool {
        match self {
            Self::Sr25519(key) => *key != [0; 32],
            Self::Secp256k1(key) => matches!(key[0], 2 | 3),
        }
    }
}

/// An attestor's signature of an outcome.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum OutcomeSignature {
    /// Of sr25519, over [`Outcome::signing_payload`].
    Sr25519 {
        /// Who signs.
        key: [u8; 32],
        /// The signature.
        signature: [u8; 64],
    },
    /// Of secp256k1, over the BLAKE2b-256 hash of [`Outcome::signing_payload`].
    Secp256k1 {
        /// Who signs, SEC1 compressed.
        key: [u8; 33],
        /// The signature: r, s and the recovery id.
        signature: [u8; 65],
    },
}

impl OutcomeSignature {
    /// Who signs.
    pub fn attestor(&self) -> AttestorKey {
        match self {
            Self::Sr25519 { key, .. } => AttestorKey::Sr25519(*key),
            Self::Secp256k1 { key, .. } => AttestorKey::Secp256k1(*key),
        }
    }
}

/// Signatures of one outcome, by rising keys of who signs: those of sr25519 first.
pub type OutcomeSignatures = BoundedVec<OutcomeSignature, ConstU32<ATTESTORS_MAX>>;

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    const CONTENT: RequestContent = RequestContent {
        consumer: &[1; 32],
        requester: &[2; 32],
        input: b"input",
        fee: 3,
        expires_at: 4,
        made_at: 5,
    };

    fn outcome() -> Outcome {
        Outcome {
            number: 7,
            commitment: [4; 32],
            success: true,
            output: vec![1].try_into().expect("short"),
            reads: vec![KeyRead {
                key: [5; 32],
                version: 6,
            }]
            .try_into()
            .expect("one"),
            writes: vec![KeyWrite {
                key: [7; 32],
                value: vec![8].try_into().expect("short"),
            }]
            .try_into()
            .expect("one"),
        }
    }

    #[test]
    fn a_payload_is_these_bytes() {
        let mut expected = b"phat/anchor/1".to_vec();
        expected.extend([9; 32]);
        expected.extend(b"\x18Anchor");
        expected.push(32 << 2);
        expected.extend([1; 32]);
        expected.extend(blake2_256(&outcome().encode()));
        let payload = outcome().signing_payload(&[9; 32], "Anchor", &[1; 32]);
        assert_eq!(payload, expected);
    }

    #[test]
    fn a_payload_is_bound_to_all_that_an_outcome_is_for() {
        let base = outcome().signing_payload(&[9; 32], "Anchor", &[1; 32]);
        let changes: [fn(&mut Outcome); 7] = [
            |it| it.number = 8,
            |it| it.commitment[0] = 0,
            |it| it.success = false,
            |it| it.output = Default::default(),
            |it| it.reads[0].version = 7,
            |it| it.writes[0].key[0] = 0,
            |it| it.writes[0].value = Default::default(),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut changed = outcome();
            change(&mut changed);
            let other = changed.signing_payload(&[9; 32], "Anchor", &[1; 32]);
            assert_ne!(base, other, "change {index}");
        }
        for (genesis, pallet, consumer) in [
            ([8; 32], "Anchor", [1; 32]),
            ([9; 32], "Ancho", [1; 32]),
            ([9; 32], "Anchor", [2; 32]),
        ] {
            assert_ne!(base, outcome().signing_payload(&genesis, pallet, &consumer));
        }
    }

    #[test]
    fn a_commitment_is_bound_to_all_that_was_asked() {
        let others = [
            RequestContent {
                consumer: &[0; 32],
                ..CONTENT
            },
            RequestContent {
                requester: &[0; 32],
                ..CONTENT
            },
            RequestContent {
                input: b"put",
                ..CONTENT
            },
            RequestContent { fee: 0, ..CONTENT },
            RequestContent {
                expires_at: 0,
                ..CONTENT
            },
            RequestContent {
                made_at: 0,
                ..CONTENT
            },
        ];
        for other in others {
            assert_ne!(other.commitment(), CONTENT.commitment(), "{other:?}");
        }
    }

    #[test]
    fn the_neutral_point_is_no_key() {
        assert!(!AttestorKey::Sr25519([0; 32]).is_well_formed());
        let mut key = [0; 32];
        key[31] = 1;
        assert!(AttestorKey::Sr25519(key).is_well_formed());
    }

    #[test]
    fn attestors_are_ordered_by_kind_and_then_by_key() {
        let keys = [
            AttestorKey::Sr25519([1; 32]),
            AttestorKey::Sr25519([2; 32]),
            AttestorKey::Secp256k1([0; 33]),
            AttestorKey::Secp256k1([2; 33]),
        ];
        assert!(keys.is_sorted());
        assert!(!keys[2].is_well_formed());
        assert!(keys[3].is_well_formed());
    }
}
