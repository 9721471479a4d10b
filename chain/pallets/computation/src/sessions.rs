//! What other pallets do with sessions, and hear of them.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{dispatch::DispatchResult, weights::Weight};
use phat_primitives::WorkerId;
use scale_info::TypeInfo;
use sp_runtime::DispatchError;

/// Runs the sessions of workers for whoever stakes on them. Stake stays in the beneficiary's
/// account, on hold for [`HoldReason::Session`](crate::HoldReason::Session).
///
/// Whoever calls this has to see to it that the worker is one to stake on, and that the session is
/// its own: see [`Sessions::beneficiary`].
pub trait Sessions<AccountId, Balance> {
    /// Holds `stake` of the beneficiary's free balance and starts.
    ///
    /// Errors: [`UnknownWorker`](crate::Error::UnknownWorker),
    /// [`WorkerInactive`](crate::Error::WorkerInactive),
    /// [`InSession`](crate::Error::InSession), [`CoolingDown`](crate::Error::CoolingDown),
    /// [`NoBenchmark`](crate::Error::NoBenchmark), [`NoPrice`](crate::Error::NoPrice),
    /// [`PriceExpired`](crate::Error::PriceExpired),
    /// [`StakeTooLow`](crate::Error::StakeTooLow),
    /// [`NoRandomness`](crate::Error::NoRandomness),
    /// [`TooManySessions`](crate::Error::TooManySessions), or the currency's when the stake cannot
    /// be held.
    fn start(worker: WorkerId, beneficiary: &AccountId, stake: Balance) -> DispatchResult;

    /// Stops a running session. The stake stays held until the cool-down is over.
    ///
    /// Errors: [`NotRunning`](crate::Error::NotRunning).
    fn stop(worker: WorkerId) -> DispatchResult;

    /// After the cool-down: releases what remains of the stake and slashes the rest to the
    /// treasury. Gives both.
    ///
    /// Errors: [`NoSession`](crate::Error::NoSession),
    /// [`StillRunning`](crate::Error::StillRunning), [`CoolingDown`](crate::Error::CoolingDown).
    fn reclaim(worker: WorkerId) -> Result<Reclaimed<Balance>, DispatchError>;

    /// The least stake that a session of `worker` may have, in units of 10⁻¹² PHA. None while the
    /// worker has no benchmark that counts.
    fn stake_min(worker: WorkerId) -> Option<Balance>;

    /// Where `worker` is: ready, in a session or cooling down.
    fn status(worker: WorkerId) -> SessionStatus<Balance>;

    /// Whose stake `worker` has in its session, until the stake is reclaimed.
    fn beneficiary(worker: WorkerId) -> Option<AccountId>;

    /// Makes `worker` an active worker of `operator` that a session can start with.
    #[cfg(feature = "runtime-benchmarks")]
    fn make_ready_for_benchmark(operator: &AccountId, worker: WorkerId);

    /// Ends the cool-down of `worker`'s session.
    #[cfg(feature = "runtime-benchmarks")]
    fn end_cool_down_for_benchmark(worker: WorkerId);
}

/// What became of a stake.
#[derive(
    Clone,
    Copy,
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
pub struct Reclaimed<Balance> {
    /// What the beneficiary has again.
    pub returned: Balance,
    /// What went to the treasury.
    pub slashed: Balance,
}

/// Where a worker is.
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
pub enum SessionStatus<Balance> {
    /// In no session.
    Ready,
    /// In one that runs.
    Running {
        /// What is held.
        stake: Balance,
        /// What would be returned if it stopped now and there were no faults any more.
        returned: Balance,
    },
    /// In one that was stopped.
    CoolingDown {
        /// When the stake may be reclaimed, in seconds since 1970.
        until: u64,
        /// What is held.
        stake: Balance,
        /// What will be returned if there are no faults any more.
        returned: Balance,
    },
}

/// Told of payouts.
pub trait OnPayout<AccountId, Balance> {
    /// `beneficiary` has been paid `amount` for `worker`. It is in its account already.
    fn on_payout(worker: WorkerId, beneficiary: &AccountId, amount: Balance);

    /// The most that [`Self::on_payout`] may weigh.
    fn weight() -> Weight {
        Weight::zero()
    }
}

impl<AccountId, Balance> OnPayout<AccountId, Balance> for () {
    fn on_payout(_worker: WorkerId, _beneficiary: &AccountId, _amount: Balance) {}
}
