//! Faults: what is taken from V for them.

use frame_support::weights::Weight;
use pallet_receipts::OnProvenFault;
use phat_primitives::{ReceiptHash, WorkerId};

use crate::{
    Config, Error, Event, FaultCause, Pallet, Phase, SessionOf, ShareTotals, WeightInfo,
    WorkerSessions,
};

/// The level of a wrong result in good faith.
pub(crate) const LEVEL_WRONG_RESULT: u8 = 2;

/// The level of malice or mass error.
pub(crate) const LEVEL_MALICE: u8 = 3;

/// The level of a security risk to the system. Nothing is left to go on with.
pub(crate) const LEVEL_SECURITY_RISK: u8 = 4;

impl<T: Config> Pallet<T> {
    /// Takes what a fault of `level` costs from the V of `worker`, and stops its session if that is
    /// all of it.
    pub(crate) fn do_fault(worker: WorkerId, level: u8, cause: FaultCause) -> Result<(), Error<T>> {
        let mut session = WorkerSessions::<T>::get(worker).ok_or(Error::<T>::NoSession)?;
        Self::take_for_fault(worker, &mut session, level, cause)?;
        match session.phase {
            Phase::Running { place } if level == LEVEL_SECURITY_RISK => {
                Self::stop_at(worker, session, place);
            }
            _ => WorkerSessions::<T>::insert(worker, session),
        }
        Ok(())
    }

    /// Takes it from a session that the caller stores.
    pub(crate) fn take_for_fault(
        worker: WorkerId,
        session: &mut SessionOf<T>,
        level: u8,
        cause: FaultCause,
    ) -> Result<(), Error<T>> {
        let parameters = Self::parameters_of(&session.state);
        let now = Self::now_block();
        let lost =
            ShareTotals::<T>::mutate(|totals| session.state.fault(&parameters, totals, now, level));
        let lost = lost.ok_or(Error::<T>::FaultLevelInvalid)?;
        Self::deposit_event(Event::FaultFound {
            worker,
            level,
            cause,
            lost,
        });
        Ok(())
    }
}

/// A receipt that was proved wrong is a wrong result. It costs nothing when its worker has no
/// session any more.
impl<T: Config> OnProvenFault for Pallet<T> {
    fn on_proven_fault(worker: &WorkerId, _receipt: &ReceiptHash) {
        // Without a session there is nothing to take from.
        let _ = Self::do_fault(*worker, LEVEL_WRONG_RESULT, FaultCause::Receipt);
    }

    /// The stake of a worker that has left is held until it is reclaimed, after the cool-down.
    fn is_liable(worker: &WorkerId) -> bool {
        WorkerSessions::<T>::contains_key(worker)
    }

    fn weight() -> Weight {
        T::WeightInfo::report_fault()
    }
}
