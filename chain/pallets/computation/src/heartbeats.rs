//! Heartbeats: which are answers, and what follows from one.

use frame_support::{dispatch::DispatchResult, ensure};
use pallet_registry::{ConfidenceLookup, WorkerLookup};
use phat_primitives::heartbeat::{HEARTBEAT_OPENINGS, Heartbeat, heartbeat_draw};
use phat_tokenomics::Totals;
use phat_workload::{Opening, OpeningError, Seed, verify};
use sp_core::sr25519;

use crate::{
    ChallengeInfo, Committed, Config, Error, Event, FaultCause, OpenChallenges, Pallet, SessionOf,
    ShareTotals, Work, WorkerSessions, faults::LEVEL_MALICE,
};

/// What a heartbeat shows of the work before the previous one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    /// It is the session's first: the performance stays that of the benchmark.
    First,
    /// So many iterations in so long.
    Iterations {
        /// How many.
        count: u64,
        /// In milliseconds.
        elapsed_ms: u64,
    },
    /// Nothing: the worker has restarted, or opens not all that is drawn, or something else.
    Nothing,
    /// That it did not do what it had committed to.
    False,
}

impl<T: Config> Pallet<T> {
    /// The challenge that `heartbeat` answers, and the session it is of. What is cheap to see is
    /// looked at first. Whether what it opens holds is no matter: it is an answer nevertheless.
    pub(crate) fn check_heartbeat(
        heartbeat: &Heartbeat,
        signature: &sr25519::Signature,
    ) -> Result<(SessionOf<T>, ChallengeInfo), Error<T>> {
        let worker = heartbeat.worker;
        let challenge = OpenChallenges::<T>::get(worker)
            .filter(|challenge| challenge.challenged_at == heartbeat.challenged_at)
            .ok_or(Error::<T>::NotChallenged)?;
        let session = WorkerSessions::<T>::get(worker)
            .filter(|session| session.is_running() && session.number == heartbeat.session)
            .ok_or(Error::<T>::NotChallenged)?;
        ensure!(T::Workers::is_active(&worker), Error::<T>::WorkerInactive);
        let payload = heartbeat.signing_payload(&Self::genesis_hash());
        Self::ensure_signed_by(&worker, &payload, signature)?;
        Ok((session, challenge))
    }

    pub(crate) fn do_heartbeat(
        heartbeat: &Heartbeat,
        signature: &sr25519::Signature,
    ) -> DispatchResult {
        let (mut session, challenge) = Self::check_heartbeat(heartbeat, signature)?;
        let worker = heartbeat.worker;
        OpenChallenges::<T>::remove(worker);
        let shown = shown(heartbeat, &session, &challenge);
        if let Some(level) = T::Workers::confidence_level(&worker) {
            session.state.confidence_level = level.get();
        }
        let was_idle = session.is_idle();
        let payout = Self::answer(&mut session, shown);
        if shown == Shown::False {
            Self::take_for_fault(worker, &mut session, LEVEL_MALICE, FaultCause::Work)?;
        }
        session.iterations = heartbeat.iterations;
        session.work = Self::next_work(heartbeat, &session, &challenge);
        Self::deposit_event(if was_idle {
            Event::HeartbeatAnswered {
                worker,
                p_instant: session.state.p_instant,
                v: session.state.v,
            }
        } else {
            Event::Recovered { worker }
        });
        let beneficiary = session.beneficiary.clone();
        WorkerSessions::<T>::insert(worker, session);
        Self::pay(worker, &beneficiary, payout);
        Ok(())
    }

    /// Moves V and the shares. Gives what is to be paid.
    fn answer(session: &mut SessionOf<T>, shown: Shown) -> phat_tokenomics::Payout {
        let now = Self::now_block();
        let parameters = Self::parameters_for(&session.state, now);
        let state = &mut session.state;
        ShareTotals::<T>::mutate(|totals: &mut Totals| match shown {
            Shown::First => state.heartbeat_unmeasured(&parameters, totals, now),
            Shown::Iterations { count, elapsed_ms } => {
                state.heartbeat(&parameters, totals, now, count, elapsed_ms)
            }
            Shown::Nothing | Shown::False => state.heartbeat(&parameters, totals, now, 0, 1),
        })
    }

    /// What the worker does after this answer, and what it has to show at the next.
    ///
    /// The time that it had for what it committed to counts from the challenge before, when it
    /// could begin, to now, when it cannot do more: a worker gains nothing by answering late.
    fn next_work(heartbeat: &Heartbeat, session: &SessionOf<T>, challenge: &ChallengeInfo) -> Work {
        let Work {
            randomness,
            since_ms,
            ..
        } = session.work;
        Work {
            randomness: challenge.randomness,
            since_ms: challenge.challenged_at_ms,
            committed: Some(Committed {
                randomness,
                commitment: heartbeat.commitment,
                elapsed_ms: Self::now_ms().saturating_sub(since_ms),
            }),
        }
    }
}

/// What `heartbeat` shows of what the worker had committed to.
///
/// A count that is not the one before and what was done since says that the worker has restarted
/// and lost what it had to show. The first opening that does not hold says what the heartbeat
/// shows: the worker chooses what it opens, and gains nothing by the order.
fn shown<AccountId>(
    heartbeat: &Heartbeat,
    session: &crate::Session<AccountId>,
    challenge: &ChallengeInfo,
) -> Shown {
    let Some(committed) = &session.work.committed else {
        return Shown::First;
    };
    let since = u64::from(heartbeat.commitment.iterations);
    let goes_on = session.iterations.checked_add(since) == Some(heartbeat.iterations);
    if !goes_on || heartbeat.openings.len() != HEARTBEAT_OPENINGS as usize {
        return Shown::Nothing;
    }
    let seed = Seed::of_session(&heartbeat.worker.0, session.number, &committed.randomness);
    let check = |(number, opening): (u32, &Opening)| {
        let draw = heartbeat_draw(&challenge.randomness, number);
        verify(&seed, &committed.commitment, &draw, opening)
    };
    match (0..).zip(heartbeat.openings.iter()).try_for_each(check) {
        Ok(()) => Shown::Iterations {
            count: committed.commitment.iterations.into(),
            elapsed_ms: committed.elapsed_ms,
        },
        Err(OpeningError::NotCommitted) => Shown::False,
        Err(
            OpeningError::Commitment
            | OpeningError::NotDrawn
            | OpeningError::Before
            | OpeningError::OtherIteration,
        ) => Shown::Nothing,
    }
}
