//! Why the pallet refuses calls.
//!
//! FRAME takes the section in as if it stood in the pallet's module.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
    /// Why a call was refused.
    #[pallet::error]
    pub enum Error<T> {
        /// There is no such consumer. Register it first.
        UnknownConsumer,
        /// The account is a consumer already.
        ConsumerExists,
        /// Only the owner of the consumer may do that.
        NotOwner,
        /// The consumer has requests or values. Expire, settle or delete them first.
        ConsumerInUse,
        /// From 1 to 16 attestors are needed, and a threshold from 1 to as many as there are.
        ThresholdInvalid,
        /// An attestor is named twice.
        AttestorTwice,
        /// An attestor is no key: one of secp256k1 is compressed, so its first byte is 2 or 3, and for
        /// 32 zeros as one of sr25519 anybody could sign.
        AttestorInvalid,
        /// The attestors before may not go on signing for so long. Choose a shorter time.
        OverlapTooLong,
        /// The bounds are above what the chain allows any consumer. Choose lower ones.
        BoundsTooHigh,
        /// The account may not make requests of this consumer. Its owner may allow anybody to.
        MayNotAsk,
        /// The time until which the request waits is over, or too far away.
        ExpiryInvalid,
        /// The consumer has as many requests as may be, or for all but itself and its owner, three
        /// quarters of that. Wait until some are settled.
        TooManyRequests,
        /// There is no such request.
        UnknownRequest,
        /// The request has its outcome, or has expired and was paid back.
        RequestClosed,
        /// The outcome is for another request than the one that has this number.
        CommitmentMismatch,
        /// The time of the request is over. Anybody may have it paid back with `expire`.
        RequestExpired,
        /// The time of the request is not over. Wait.
        NotExpired,
        /// Somebody has signed that is no attestor of the consumer, or none any more. Have the owner
        /// of the consumer name it with `set_attestors`.
        NotAttestor,
        /// Too few attestors have signed.
        QuorumMissing,
        /// The signatures must be sorted by their keys, and of each key there may be one only.
        SignaturesUnordered,
        /// A signature is not over exactly this outcome for this consumer, pallet and chain.
        SignatureInvalid,
        /// The outcome has more bytes than any may have.
        OutcomeTooLarge,
        /// The outcome does more than the consumer lets its attestors do.
        OutOfBounds,
        /// A key has changed since the run read it. Run again on the new state.
        StaleVersion,
        /// The consumer cannot pay the deposits for its values. Send it funds.
        ConsumerCannotPay,
        /// Nobody asked for the outcome, and its first read and its first write are not of the same
        /// key, or delete it: it could be settled again and again.
        Unguarded,
        /// The callback of the request has not failed.
        NotFailed,
        /// That is not the outcome that was settled. Take it from the event.
        OutputMismatch,
    }
}
