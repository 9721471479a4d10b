//! Challenges: a panel of workers runs the code of a receipt again and says what comes of it.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{ReceiptHash, WorkerId, receipt::RunResult};

/// Separates the signature of a verdict from every other signature.
const VERDICT_DOMAIN: &[u8; 14] = b"phat/verdict/1";

/// A challenge. They count from 0 on.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ChallengeId(pub u32);

impl core::fmt::Display for ChallengeId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}

/// What the code gives on the transcript of a receipt.
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
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
pub struct ReplayedRun {
    /// How the run ends.
    pub result: RunResult,
    /// BLAKE2b-256 of its output, or of its failure's text.
    #[cfg_attr(feature = "std", serde(with = "crate::hex_bytes"))]
    pub output_hash: [u8; 32],
    /// The fuel that it uses.
    pub fuel_used: u64,
}

/// What a member of a panel found.
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
#[cfg_attr(feature = "std", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "std", serde(rename_all = "snake_case"))]
pub enum Verdict {
    /// The replay gives what the receipt says.
    Holds,
    /// The replay ends otherwise than the receipt says: so.
    Differs(ReplayedRun),
    /// The code does something else than the transcript says, first at this entry.
    Diverges {
        /// The index of the entry.
        entry: u32,
    },
    /// The transcript whose root is signed is of another run than the receipt says.
    OtherRun,
    /// It cannot be told: the data cannot be had, or are not the receipt's, or the run is of
    /// another engine, or needs secrets that the member does not have.
    Unavailable,
}

impl Verdict {
    /// Whether it says that the receipt is wrong.
    pub fn is_fault(&self) -> bool {
        matches!(
            self,
            Self::Differs(_) | Self::Diverges { .. } | Self::OtherRun
        )
    }
}

/// What a member of a panel signs with its identity key.
#[derive(Clone, Debug, PartialEq, Eq, Encode)]
pub struct PanelVote {
    /// The hash of the chain's first block.
    pub genesis_hash: [u8; 32],
    /// The challenge.
    pub challenge: ChallengeId,
    /// The receipt that it is about.
    pub receipt: ReceiptHash,
    /// The member.
    pub worker: WorkerId,
    /// What it found.
    pub verdict: Verdict,
}

impl PanelVote {
    /// The bytes to sign: the domain, then the SCALE encoding of the fields.
    pub fn signing_payload(&self) -> Vec<u8> {
        let mut payload = VERDICT_DOMAIN.to_vec();
        self.encode_to(&mut payload);
        payload
    }
}
