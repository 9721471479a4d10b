//! What the pallet stores, and what the runtime around it is asked for.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{
    BoundedVec,
    dispatch::DispatchResult,
    traits::{ConstU32, fungible::Inspect},
    weights::Weight,
};
use frame_system::pallet_prelude::BlockNumberFor;
use phat_primitives::anchor::{
    ATTESTORS_MAX, AttestorKey, BATCH_MAX, INPUT_BYTES_MAX, KEY_BYTES, OUTPUT_BYTES_MAX, Outcome,
    OutcomeSignatures, VALUE_BYTES_MAX,
};
use scale_info::TypeInfo;

use crate::Config;

/// The input of a request.
pub type Input = BoundedVec<u8, ConstU32<INPUT_BYTES_MAX>>;

/// Keys that sign outcomes.
pub type AttestorKeys = BoundedVec<AttestorKey, ConstU32<ATTESTORS_MAX>>;

/// The balance that fees and deposits are in.
pub type BalanceOf<T> =
    <<T as Config>::Currency as Inspect<<T as frame_system::Config>::AccountId>>::Balance;

/// A consumer, with the chain's own types.
pub type ConsumerInfoOf<T> = ConsumerInfo<<T as frame_system::Config>::AccountId, BalanceOf<T>>;

/// A request, with the chain's own types.
pub type RequestOf<T> =
    Request<<T as frame_system::Config>::AccountId, BalanceOf<T>, BlockNumberFor<T>>;

/// The output of an outcome.
pub type Output = BoundedVec<u8, ConstU32<OUTPUT_BYTES_MAX>>;

/// Outcomes for one transaction: each with its consumer and its signatures.
pub type Batch<T> = BoundedVec<
    (
        <T as frame_system::Config>::AccountId,
        Outcome,
        OutcomeSignatures,
    ),
    ConstU32<BATCH_MAX>,
>;

/// Who may make requests of a consumer.
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
pub enum Askers {
    /// The consumer itself and its owner.
    Own,
    /// Anybody.
    Anyone,
}

/// What the attestors of a consumer may do to it at the most.
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
pub struct Bounds {
    /// The most bytes of an output.
    pub output_bytes: u32,
    /// The most keys that one outcome changes.
    pub writes: u32,
    /// The most bytes that all values of the consumer have together, with [`KEY_BYTES`] more for each
    /// key. It bounds what is taken from the consumer as deposits.
    pub stored_bytes: u64,
}

/// A consumer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct ConsumerInfo<AccountId, Balance> {
    /// Who decides about it: the consumer itself, unless its account was derived.
    pub owner: AccountId,
    /// What is held of the owner's balance for this entry.
    pub deposit: Balance,
    /// Who may make requests.
    pub askers: Askers,
    /// What attestors may do.
    pub bounds: Bounds,
    /// The number of the next request.
    pub next_request: u64,
    /// How many requests are stored.
    pub requests: u32,
    /// The number of the newest write to its store. They are numbered on from a number that depends
    /// on the block in which it was registered.
    pub writes: u64,
    /// The number of the newest write that deleted a key, or the one that writes are numbered from.
    pub deleted_at: u64,
    /// How many keys are in its store.
    pub values: u32,
    /// The bytes of all their values.
    pub stored_bytes: u64,
}

impl<AccountId, Balance> ConsumerInfo<AccountId, Balance> {
    /// What its store counts against [`Bounds::stored_bytes`].
    pub fn counted_bytes(&self) -> u64 {
        let of_keys = KEY_BYTES.saturating_mul(self.values.into());
        self.stored_bytes.saturating_add(of_keys)
    }
}

/// Keys of which some have to sign.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct AttestorSet {
    /// How many of them.
    pub threshold: u32,
    /// The keys, in rising order.
    pub keys: AttestorKeys,
}

impl AttestorSet {
    /// Whether the key is one of them.
    pub fn contains(&self, key: &AttestorKey) -> bool {
        self.keys.binary_search(key).is_ok()
    }
}

/// Who signs the outcomes of a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Attestors {
    /// Those who sign from now on.
    pub current: AttestorSet,
    /// Those before them, whose signatures hold for a while.
    pub previous: Option<PreviousSet>,
}

/// Attestors that were replaced.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct PreviousSet {
    /// Who they are.
    pub set: AttestorSet,
    /// From when on their signatures do not hold any more, in seconds since 1970.
    pub ends_at: u64,
}

/// A request. Its input is stored beside it for as long as it is open.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Request<AccountId, Balance, BlockNumber> {
    /// Who asked, and pays.
    pub requester: AccountId,
    /// What is held for whoever settles it. Zero once it is paid.
    pub fee: Balance,
    /// What is held for the entry.
    pub deposit: Balance,
    /// What outcomes must name, see [`phat_primitives::anchor::RequestContent`].
    pub commitment: [u8; 32],
    /// The block that it was made in.
    pub made_at: BlockNumber,
    /// From when on it takes no outcome any more, in seconds since 1970.
    pub expires_at: u64,
    /// Its outcome, if it has one that the consumer did not take.
    pub failure: Option<Failure>,
}

/// An outcome that was settled, and whose callback failed.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Failure {
    /// Whether the run had succeeded.
    pub success: bool,
    /// The BLAKE2b-256 hash of its output, which whoever retries the callback gives again: it is in
    /// the event that told of the settlement.
    pub output_hash: [u8; 32],
}

/// A value of a consumer's store.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct StoredValue<Balance> {
    /// The number of the write that it is from.
    pub version: u64,
    /// What is held of the consumer's balance for it.
    pub deposit: Balance,
    /// The value. Not empty.
    pub value: BoundedVec<u8, ConstU32<VALUE_BYTES_MAX>>,
}

/// An outcome as a consumer is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettledOutcome<'a, AccountId> {
    /// The consumer.
    pub consumer: &'a AccountId,
    /// The number of the request.
    pub number: u64,
    /// Who had asked.
    pub requester: &'a AccountId,
    /// Whether the run succeeded.
    pub success: bool,
    /// Its output, or why it failed as UTF-8 text.
    pub output: &'a [u8],
}

/// An outcome that nobody asked for, as a consumer is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushedOutcome<'a, AccountId> {
    /// The consumer.
    pub consumer: &'a AccountId,
    /// The id of what made the contract run.
    pub firing: &'a [u8; 32],
    /// Whether the run succeeded.
    pub success: bool,
    /// Its output, or why it failed as UTF-8 text.
    pub output: &'a [u8],
}

/// Has pallets of the runtime take outcomes that are for them. Consumers that are mere accounts need
/// nothing of the kind: they read the event, or their store.
pub trait OnOutcome<AccountId> {
    /// Takes an outcome, if its consumer is known here. The writes to the consumer's store are done,
    /// and the request is closed.
    ///
    /// Whatever it has changed is undone when it fails; the outcome stays settled, and anybody may
    /// have the callback tried again.
    fn on_outcome(settled: &SettledOutcome<'_, AccountId>) -> DispatchResult;

    /// Takes an outcome that nobody asked for, if its consumer is known here. The writes to the
    /// consumer's store are done. Unless it is said here what to do, nothing is.
    ///
    /// Whatever it has changed is undone when it fails; the writes stand, and it is not tried again.
    fn on_push(_pushed: &PushedOutcome<'_, AccountId>) -> DispatchResult {
        Ok(())
    }

    /// The most that either weighs.
    fn weight_max() -> Weight;
}

impl<AccountId> OnOutcome<AccountId> for () {
    fn on_outcome(_settled: &SettledOutcome<'_, AccountId>) -> DispatchResult {
        Ok(())
    }

    fn weight_max() -> Weight {
        Weight::zero()
    }
}

/// What has become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The consumer knows no such request.
    Unknown,
    /// It waits for its outcome, or for being expired.
    Open,
    /// It has its outcome, and the consumer did not take it.
    CallbackFailed,
    /// It was settled, or has expired and was paid back.
    Closed,
}
