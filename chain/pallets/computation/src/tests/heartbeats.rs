//! Heartbeats: which are answers, and what they say about performance.

use frame_support::{assert_noop, assert_ok};
use phat_primitives::heartbeat::HEARTBEAT_OPENINGS;
use phat_tokenomics::{Fixed, WorkerPhase, p_instant, share};
use phat_workload::Commitment;
use sp_runtime::DispatchError;

use crate::{Error, Event, FaultCause, OpenChallenges, mock::*};

/// Has worker number 1 start and answer its first challenge.
fn first_answer() {
    start(1);
    until_challenged(1);
    assert_ok!(send(1, &answer(1)));
}

fn p_of(seed: u8) -> Fixed {
    session(seed).state.p_instant
}

#[test]
fn the_first_heartbeat_keeps_the_performance_of_the_benchmark() {
    run(|| {
        start(1);
        let randomness = session(1).work.randomness;
        let challenge = until_challenged(1);
        let heartbeat = answer(1);
        assert_ok!(send(1, &heartbeat));
        assert_eq!(p_of(1), Fixed::from_int(u64::from(P)));
        let session = session(1);
        assert_eq!(session.iterations, u64::from(ITERATIONS));
        assert_eq!(session.work.randomness, challenge.randomness);
        let committed = session.work.committed.expect("it has committed");
        assert_eq!(committed.randomness, randomness);
        assert_eq!(committed.commitment, heartbeat.commitment);
    });
}

#[test]
fn what_was_committed_to_counts_once_it_is_shown() {
    run(|| {
        first_answer();
        let committed = session(1).work.committed.expect("it has committed");
        until_challenged(1);
        assert_ok!(send(1, &answer(1)));
        let expected = p_instant(P, u64::from(ITERATIONS), committed.elapsed_ms);
        assert!(!expected.is_zero());
        assert_eq!(p_of(1), expected);
        System::assert_has_event(
            Event::HeartbeatAnswered {
                worker: worker(1),
                p_instant: expected,
                v: session(1).state.v,
            }
            .into(),
        );
    });
}

#[test]
fn a_worker_gains_nothing_by_answering_late() {
    run(|| {
        start(1);
        let first = until_challenged(1);
        next_blocks(5);
        assert_ok!(send(1, &answer(1)));
        // The time for the work after it runs from the challenge on.
        assert_eq!(session(1).work.since_ms, first.challenged_at_ms);
        until_challenged(1);
        next_blocks(5);
        assert_ok!(send(1, &answer(1)));
        let committed = session(1).work.committed.expect("it has committed");
        let all_ms = ClockMs::get() - first.challenged_at_ms;
        assert_eq!(committed.elapsed_ms, all_ms);
    });
}

#[test]
fn what_is_not_shown_counts_for_nothing() {
    run(|| {
        first_answer();
        until_challenged(1);
        let mut heartbeat = answer(1);
        heartbeat.openings = Default::default();
        assert_ok!(send(1, &heartbeat));
        assert_eq!(p_of(1), Fixed::ZERO);

        // The next one shows what was done since, and counts again.
        until_challenged(1);
        assert_ok!(send(1, &answer(1)));
        assert!(!p_of(1).is_zero());
    });
}

#[test]
fn a_worker_that_has_restarted_has_no_performance_until_the_next_heartbeat() {
    run(|| {
        first_answer();
        until_challenged(1);
        assert_ok!(send(1, &answer(1)));
        assert_eq!(session(1).iterations, u64::from(2 * ITERATIONS));
        until_challenged(1);
        let mut heartbeat = answer(1);
        heartbeat.iterations = u64::from(ITERATIONS);
        assert_ok!(send(1, &heartbeat));
        assert_eq!(p_of(1), Fixed::ZERO);
        assert_eq!(session(1).iterations, u64::from(ITERATIONS));

        until_challenged(1);
        assert_ok!(send(1, &answer(1)));
        assert!(!p_of(1).is_zero());
    });
}

#[test]
fn a_count_that_does_not_go_on_from_the_last_is_a_restart() {
    run(|| {
        first_answer();
        until_challenged(1);
        let mut heartbeat = answer(1);
        heartbeat.iterations += 1;
        assert_ok!(send(1, &heartbeat));
        assert_eq!(p_of(1), Fixed::ZERO);
    });
}

#[test]
fn one_opening_less_than_is_drawn_shows_nothing() {
    run(|| {
        first_answer();
        until_challenged(1);
        let mut heartbeat = answer(1);
        assert_eq!(heartbeat.openings.len(), HEARTBEAT_OPENINGS as usize);
        heartbeat.openings.pop();
        assert_ok!(send(1, &heartbeat));
        assert_eq!(p_of(1), Fixed::ZERO);
    });
}

#[test]
fn openings_of_other_draws_show_nothing() {
    run(|| {
        first_answer();
        until_challenged(1);
        // A step that can be opened, as often as steps are drawn.
        let mut heartbeat = answer(1);
        let first = heartbeat.openings[0].clone();
        let is_other = |opening: &phat_workload::Opening| *opening != first;
        assert!(heartbeat.openings.iter().any(is_other));
        for opening in heartbeat.openings.iter_mut() {
            *opening = first.clone();
        }
        assert_ok!(send(1, &heartbeat));
        assert_eq!(p_of(1), Fixed::ZERO);
    });
}

#[test]
fn a_worker_that_did_little_of_what_it_committed_to_is_found_out() {
    run(|| {
        start(1);
        until_challenged(1);
        // The iterations that it did, and thirty that it makes up.
        let (number, randomness) = (session(1).number, session(1).work.randomness);
        let (seed, mut claimed) = roots(1, number, &randomness, ITERATIONS);
        claimed.extend([[7; 32]; 30]);
        let mut heartbeat = idle_answer(1);
        heartbeat.commitment = Commitment::of_iterations(&claimed).expect("they are few");
        heartbeat.iterations = u64::from(heartbeat.commitment.iterations);
        assert_ok!(send(1, &heartbeat));
        let challenge = until_challenged(1);
        let mut heartbeat = idle_answer(1);
        heartbeat.openings = openings(&seed, &claimed, &challenge).expect("there are some");
        // All four would be of what it did once in 65 000 times. This chain's are not.
        assert_ok!(send(1, &heartbeat));
        assert_eq!(p_of(1), Fixed::ZERO);
    });
}

#[test]
fn claiming_more_than_was_done_never_pays() {
    // What a worker's share is on average that did `done` in six seconds and claims `claimed`.
    let mean_share = |v: u64, done: u32, claimed: u32, openings: u32| {
        let at = |p: u32| share(Fixed::from_int(v), Fixed::from_int(p.into()), Fixed::ONE).to_f64();
        let passes = (f64::from(done) / f64::from(claimed)).powi(openings as i32);
        passes * at(claimed) + (1.0 - passes) * at(0)
    };
    for v in [1_500, 3_000, 10_000, 30_000] {
        for done in [100, 400, 2_800] {
            let honest = mean_share(v, done, done, HEARTBEAT_OPENINGS);
            for percent in [101, 105, 120, 150, 200, 400] {
                let claimed = done * percent / 100;
                let mean = mean_share(v, done, claimed, HEARTBEAT_OPENINGS);
                assert!(mean < honest, "V {v}, P {done}, claims {claimed}: {mean}");
                // With one opening it would: the share is convex.
                assert!(mean_share(v, done, claimed, 1) > honest);
            }
        }
    }
}

#[test]
fn an_opening_of_something_else_shows_nothing() {
    run(|| {
        first_answer();
        until_challenged(1);
        let mut heartbeat = answer(1);
        heartbeat.openings[3].step ^= 1;
        let v = state(1).v;
        assert_ok!(send(1, &heartbeat));
        assert_eq!(p_of(1), Fixed::ZERO);
        // It was no proof of a fault: V falls by what it had grown, at most.
        let lost = v.saturating_sub(session(1).state.v);
        assert!(lost < Fixed::from_int(3), "{lost:?}");
    });
}

#[test]
fn work_that_is_shown_to_be_false_is_a_fault() {
    run(|| {
        first_answer();
        until_challenged(1);
        let mut heartbeat = answer(1);
        // The last one: all that are drawn are looked at.
        heartbeat.openings[3].after_path[0][0] ^= 1;
        assert_ok!(send(1, &heartbeat));
        assert_eq!(p_of(1), Fixed::ZERO);
        let fault = System::events()
            .into_iter()
            .find_map(|record| match record.event {
                RuntimeEvent::Computation(Event::FaultFound {
                    level, cause, lost, ..
                }) => Some((level, cause, lost)),
                _ => None,
            });
        let (level, cause, lost) = fault.expect("a fault was found");
        assert_eq!((level, cause), (3, FaultCause::Work));
        // A tenth of about 3 000.
        assert!(lost > Fixed::from_int(299) && lost < Fixed::from_int(301));
    });
}

#[test]
fn a_challenge_is_answered_once() {
    run(|| {
        start(1);
        until_challenged(1);
        let heartbeat = answer(1);
        assert_ok!(send(1, &heartbeat));
        assert!(!OpenChallenges::<Test>::contains_key(worker(1)));
        assert_noop!(send(1, &heartbeat), Error::<Test>::NotChallenged);
        // Nor is another one answered by it.
        until_challenged(1);
        assert_noop!(send(1, &heartbeat), Error::<Test>::NotChallenged);
    });
}

#[test]
fn only_the_worker_answers_and_with_what_it_signed() {
    run(|| {
        (1..=2).for_each(start);
        until_challenged(1);
        let heartbeat = idle_answer(1);
        assert_noop!(send(2, &heartbeat), Error::<Test>::SignatureInvalid);
        let signature = sign(1, &heartbeat);
        let mut changed = heartbeat.clone();
        changed.commitment = Commitment {
            root: [1; 32],
            iterations: 1_000,
        };
        assert_noop!(
            Computation::heartbeat(RuntimeOrigin::none(), changed, signature),
            Error::<Test>::SignatureInvalid
        );
        assert_noop!(
            Computation::heartbeat(signed(&ALICE), heartbeat.clone(), signature),
            DispatchError::BadOrigin
        );
        assert_ok!(send(1, &heartbeat));
    });
}

#[test]
fn a_heartbeat_of_another_session_or_challenge_is_no_answer() {
    run(|| {
        start(1);
        until_challenged(1);
        for change in [
            |heartbeat: &mut phat_primitives::heartbeat::Heartbeat| heartbeat.session += 1,
            |heartbeat: &mut phat_primitives::heartbeat::Heartbeat| heartbeat.challenged_at += 1,
        ] {
            let mut heartbeat = idle_answer(1);
            change(&mut heartbeat);
            assert_noop!(send(1, &heartbeat), Error::<Test>::NotChallenged);
        }
    });
}

#[test]
fn a_heartbeat_of_an_earlier_session_answers_nothing_after_a_new_registration() {
    run(|| {
        start(1);
        until_challenged(1);
        let old = idle_answer(1);
        deregister(1);
        ClockMs::mutate(|ms| *ms += 7 * 24 * 60 * 60 * 1_000);
        assert_ok!(Computation::reclaim_stake(signed(&BOB), worker(1)));
        register(1);
        start(1);
        assert_ne!(session(1).number, old.session);
        assert_noop!(send(1, &old), Error::<Test>::NotChallenged);
        // Not even one of the same block.
        let challenge = until_challenged(1);
        let old = phat_primitives::heartbeat::Heartbeat {
            challenged_at: challenge.challenged_at,
            ..old
        };
        assert_noop!(send(1, &old), Error::<Test>::NotChallenged);
    });
}

#[test]
fn a_suspended_worker_cannot_answer_and_becomes_unresponsive() {
    run(|| {
        start(1);
        until_challenged(1);
        Suspended::mutate(|list| list.insert(worker(1)));
        assert_noop!(send(1, &idle_answer(1)), Error::<Test>::WorkerInactive);
        next_blocks(11);
        assert_eq!(session(1).state.state, WorkerPhase::Unresponsive);
        Suspended::take();
        assert_ok!(send(1, &idle_answer(1)));
        assert_eq!(session(1).state.state, WorkerPhase::Idle);
    });
}

#[test]
fn an_unresponsive_worker_comes_back_with_its_answer_and_is_paid_nothing_for_the_gap() {
    run(|| {
        start(1);
        until_challenged(1);
        next_blocks(50);
        let before = total(&BOB);
        assert_ok!(send(1, &idle_answer(1)));
        System::assert_has_event(Event::Recovered { worker: worker(1) }.into());
        assert_eq!(total(&BOB), before);
        assert!(Told::get().is_empty());
        let state = session(1).state;
        assert_eq!(state.state, WorkerPhase::Idle);
        assert_eq!(state.paid_at, System::block_number());
        assert!(!state.share.is_zero());
    });
}

#[test]
fn the_level_of_the_platform_counts_as_it_is_now() {
    run(|| {
        start(1);
        until_challenged(1);
        admit(1, 5);
        assert_ok!(send(1, &idle_answer(1)));
        assert_eq!(session(1).state.confidence_level, 5);
    });
}
