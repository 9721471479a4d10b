//! What the pallet stores, and whom it tells of faults.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{BoundedVec, pallet_prelude::ConstU32, weights::Weight};
use phat_primitives::{
    ContractId, ReceiptHash, WorkerId,
    challenges::{ChallengeId, ReplayedRun, Verdict},
    limits::{DATA_URL_BYTES_MAX, RECEIPT_BODY_BYTES_MAX},
};
use scale_info::TypeInfo;

/// The body of a receipt in SCALE, as its worker signed it.
pub type ReceiptBytes = BoundedVec<u8, ConstU32<RECEIPT_BODY_BYTES_MAX>>;

/// Where the data of a receipt are: printable ASCII that starts with `http://` or `https://`.
pub type DataUrl = BoundedVec<u8, ConstU32<DATA_URL_BYTES_MAX>>;

/// A batch of receipts that a worker published.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct BatchInfo<BlockNumber> {
    /// How many receipts it has.
    pub count: u32,
    /// The root of the tree of their hashes.
    pub root: [u8; 32],
    /// The block that it was published in.
    pub published_at: BlockNumber,
}

/// What a worker has published.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct BatchHead {
    /// The number of the oldest batch that is still stored.
    pub first: u32,
    /// The number that the next batch gets.
    pub next: u32,
    /// The hash of the newest batch, which fixes all before it; zeros before the first.
    pub hash: [u8; 32],
}

/// Batches of a worker that has left, which are still to be removed.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Leftover {
    /// The number of the oldest.
    pub first: u32,
    /// The number after the newest.
    pub next: u32,
}

/// A place on a panel.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Seat {
    /// Whose it is.
    pub worker: WorkerId,
    /// What the worker found, once it has voted.
    pub verdict: Option<Verdict>,
}

/// An open challenge.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Challenge<AccountId, Balance, BlockNumber, Seats> {
    /// Who challenges.
    pub challenger: AccountId,
    /// What is held of the challenger's balance.
    pub deposit: Balance,
    /// The receipt.
    pub receipt: ReceiptHash,
    /// The worker that signed it.
    pub accused: WorkerId,
    /// The contract that it is of.
    pub contract: ContractId,
    /// What it says that came of the run.
    pub claimed: ReplayedRun,
    /// Where its data are.
    pub data_url: DataUrl,
    /// Who judges it.
    pub panel: Seats,
    /// The block that it was opened in.
    pub opened_at: BlockNumber,
    /// The last block in which the panel may vote.
    pub deadline: BlockNumber,
}

/// Why a receipt is wrong.
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
pub enum Evidence {
    /// It names code that its contract does not run.
    OtherCode,
    /// Most of a panel found this.
    Replay(Verdict),
}

/// A receipt that was proved wrong.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Fault<BlockNumber> {
    /// The challenge that it came of.
    pub challenge: ChallengeId,
    /// The contract that the receipt is of.
    pub contract: ContractId,
    /// Why the receipt is wrong.
    pub evidence: Evidence,
    /// The block that it was proved in.
    pub proven_at: BlockNumber,
}

/// What became of a challenge.
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
pub enum Outcome {
    /// The receipt is wrong. The deposit was returned.
    Fault(Evidence),
    /// The receipt holds. The deposit is lost.
    Holds,
    /// The panel came to nothing. A part of the deposit is lost, unless more of those who voted
    /// found the receipt wrong than did not.
    Undecided,
}

/// A challenge that is over.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Decision<BlockNumber> {
    /// The challenge.
    pub challenge: ChallengeId,
    /// The receipt.
    pub receipt: ReceiptHash,
    /// The worker that signed it.
    pub accused: WorkerId,
    /// What became of it.
    pub outcome: Outcome,
    /// The block that it was decided in.
    pub decided_at: BlockNumber,
}

/// Told when a receipt is proved wrong, so that it has consequences.
pub trait OnProvenFault {
    /// `worker` has signed `receipt`, which is wrong. This is told once of each receipt.
    fn on_proven_fault(worker: &WorkerId, receipt: &ReceiptHash);

    /// Whether a fault of `worker` costs something even when it is not registered any more. Its
    /// receipts may then still be challenged, so that nobody leaves before a fault is proven.
    fn is_liable(worker: &WorkerId) -> bool;

    /// The most that [`Self::on_proven_fault`] and [`Self::is_liable`] may weigh together.
    fn weight() -> Weight;
}

impl OnProvenFault for () {
    fn on_proven_fault(_worker: &WorkerId, _receipt: &ReceiptHash) {}

    fn is_liable(_worker: &WorkerId) -> bool {
        false
    }

    fn weight() -> Weight {
        Weight::zero()
    }
}

/// Whether `url` has the form of a [`DataUrl`], apart from its length.
pub(crate) fn is_data_url(url: &[u8]) -> bool {
    let host = url
        .strip_prefix(b"https://")
        .or(url.strip_prefix(b"http://"));
    host.is_some_and(|rest| !rest.is_empty() && rest.iter().all(u8::is_ascii_graphic))
}
