//! Outcomes that nobody asked for: those of schedules, logs and calls over HTTP.
//!
//! Nothing is stored of them. Each is taken once, as it changes a key whose version it depends on,
//! and no version comes again.

use frame_support::{dispatch::DispatchResult, ensure, storage::with_storage_layer};
use phat_primitives::anchor::{Outcome, OutcomeSignatures};

use crate::{Config, Consumers, Error, Event, OnOutcome, Pallet, PushedOutcome};

impl<T: Config> Pallet<T> {
    pub(crate) fn do_push(
        relayer: &T::AccountId,
        consumer: &T::AccountId,
        outcome: &Outcome,
        signatures: &OutcomeSignatures,
    ) -> DispatchResult {
        let mut info = Self::consumer(consumer)?;
        ensure!(outcome.is_guarded(), Error::<T>::Unguarded);
        Self::ensure_within(&info.bounds, outcome)?;
        // Before the signatures: what was taken already is told as that, whoever attests now.
        Self::ensure_current(consumer, &info, &outcome.reads)?;
        Self::ensure_attested(consumer, outcome, signatures)?;

        Self::write(consumer, &mut info, &outcome.writes)?;
        Consumers::<T>::insert(consumer, info);
        let pushed = PushedOutcome {
            consumer,
            firing: &outcome.commitment,
            success: outcome.success,
            output: &outcome.output,
        };
        let delivered = with_storage_layer(|| T::OnOutcome::on_push(&pushed));
        Self::deposit_event(Event::Pushed {
            consumer: consumer.clone(),
            firing: outcome.commitment,
            relayer: relayer.clone(),
            success: outcome.success,
            output: outcome.output.clone(),
            delivered,
        });
        Ok(())
    }
}
