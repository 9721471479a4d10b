//! Sessions. What else there is has files of its own.

use frame_support::{assert_noop, assert_ok};
use phat_tokenomics::{Fixed, WorkerPhase};
use sp_runtime::{AccountId32, TokenError};

use crate::{
    ActiveCount, ActiveSessions, Benchmarks, Config, CurrentSettings, Error, Event, PhaPrice,
    Phase, Reclaimed, SessionStatus, Sessions, ShareTotals, WorkerSessions, mock::*,
};

mod benchmarks;
mod challenges;
mod faults;
mod governance;
mod heartbeats;
mod payouts;
mod random;
mod unsigned;

const DAY_S: u64 = 24 * 60 * 60;

fn try_start(seed: u8, stake: u128) -> frame_support::dispatch::DispatchResult {
    frame_support::storage::with_storage_layer(|| {
        <Computation as Sessions<AccountId32, u128>>::start(worker(seed), &BOB, stake)
    })
}

fn status(seed: u8) -> SessionStatus<u128> {
    <Computation as Sessions<AccountId32, u128>>::status(worker(seed))
}

fn pass_seconds(seconds: u64) {
    ClockMs::mutate(|ms| *ms += seconds * 1_000);
}

#[test]
fn a_session_holds_its_stake_and_starts_at_the_value_promise_of_the_model() {
    run(|| {
        start(1);
        let session = session(1);
        assert_eq!((session.stake, held(&BOB)), (STAKE, STAKE));
        assert_eq!(session.beneficiary, BOB);
        // 1.5 times the stake and 0.3 dollars for each of P, at a dollar a PHA.
        assert!(are_near(session.state.v, Fixed::from_int(3_000)));
        assert_eq!(session.state.state, WorkerPhase::Idle);
        assert_eq!(ShareTotals::<Test>::get().share, session.state.share);
        assert_eq!(ActiveSessions::<Test>::get(0), Some(worker(1)));
        System::assert_last_event(
            Event::SessionStarted {
                worker: worker(1),
                session: 0,
                beneficiary: BOB,
                stake: STAKE,
                v: session.state.v,
            }
            .into(),
        );
    });
}

#[test]
fn v_grows_as_the_published_vector_says() {
    run(|| {
        start(1);
        let started_at = System::block_number();
        let parameters = crate::EconomyParameters::<Test>::get();
        let at = |blocks: u32| session(1).state.at(&parameters, started_at + blocks).v;
        let first = Fixed::parse("3000.00203509369147797934").expect("a number");
        assert!(are_near(at(1), first), "{:?}", at(1));
        let day_after = Fixed::parse("3014.6899337932040").expect("a number");
        assert!(are_near(at(7_201), day_after), "{:?}", at(7_201));
    });
}

#[test]
fn a_session_needs_a_worker_that_may_serve_and_has_shown_its_performance() {
    run(|| {
        let refused = |seed: u8, error: Error<Test>| {
            assert_noop!(try_start(seed, STAKE), error);
        };
        refused(9, Error::UnknownWorker);
        Suspended::mutate(|list| list.insert(worker(1)));
        refused(1, Error::WorkerInactive);
        Suspended::take();
        let benchmark = Benchmarks::<Test>::take(worker(1));
        refused(1, Error::NoBenchmark);
        Benchmarks::<Test>::set(worker(1), benchmark);
        let price = PhaPrice::<Test>::take();
        refused(1, Error::NoPrice);
        PhaPrice::<Test>::set(price);
        pass_seconds(DAY_S);
        refused(1, Error::NoBenchmark);
        show(1);
        assert_ok!(try_start(1, STAKE));
        refused(1, Error::InSession);
    });
}

#[test]
fn the_stake_has_a_least_amount_and_has_to_be_there() {
    run(|| {
        // 50 times the root of P.
        let least = <Computation as Sessions<AccountId32, u128>>::stake_min(worker(1));
        assert_eq!(least, Some(500 * PHA));
        assert_noop!(try_start(1, 500 * PHA - 1), Error::<Test>::StakeTooLow);
        assert_noop!(try_start(1, BALANCE + 1), TokenError::FundsUnavailable);
        assert_ok!(try_start(1, 500 * PHA));
    });
}

#[test]
fn only_the_operator_starts_and_only_whose_stake_it_is_stops() {
    run(|| {
        assert_noop!(
            Computation::start_session(signed(&BOB), worker(1), STAKE),
            Error::<Test>::NotOperator
        );
        assert_ok!(Computation::start_session(signed(&ALICE), worker(1), STAKE));
        assert_eq!((held(&ALICE), held(&BOB)), (STAKE, 0));
        start(2);
        assert_noop!(
            Computation::stop_session(signed(&ALICE), worker(2)),
            Error::<Test>::NotBeneficiary
        );
        assert_ok!(Computation::stop_session(signed(&ALICE), worker(1)));
        assert_noop!(
            Computation::stop_session(signed(&ALICE), worker(1)),
            Error::<Test>::NotRunning
        );
        assert_noop!(
            Computation::reclaim_stake(signed(&BOB), worker(1)),
            Error::<Test>::NotBeneficiary
        );
    });
}

#[test]
fn a_stopped_session_cools_down_before_its_stake_is_reclaimed() {
    run(|| {
        assert_eq!(status(1), SessionStatus::Ready);
        assert_ok!(Computation::start_session(signed(&ALICE), worker(1), STAKE));
        let running = SessionStatus::Running {
            stake: STAKE,
            returned: STAKE,
        };
        assert_eq!(status(1), running);
        assert_noop!(
            Computation::reclaim_stake(signed(&ALICE), worker(1)),
            Error::<Test>::StillRunning
        );
        assert_ok!(Computation::stop_session(signed(&ALICE), worker(1)));
        let until = ClockMs::get() / 1_000 + 7 * DAY_S;
        let cooling = SessionStatus::CoolingDown {
            until,
            stake: STAKE,
            returned: STAKE,
        };
        assert_eq!(status(1), cooling);
        assert_eq!(ShareTotals::<Test>::get().share, Fixed::ZERO);
        assert_noop!(try_start(1, STAKE), Error::<Test>::CoolingDown);

        pass_seconds(7 * DAY_S - 1);
        assert_noop!(
            Computation::reclaim_stake(signed(&ALICE), worker(1)),
            Error::<Test>::CoolingDown
        );
        pass_seconds(1);
        assert_ok!(Computation::reclaim_stake(signed(&ALICE), worker(1)));
        assert_eq!((held(&ALICE), total(&ALICE)), (0, BALANCE));
        assert_noop!(
            Computation::reclaim_stake(signed(&ALICE), worker(1)),
            Error::<Test>::NoSession
        );
        show(1);
        assert_ok!(try_start(1, STAKE));
        assert_eq!(session(1).number, 1);
    });
}

#[test]
fn what_v_fell_by_is_slashed_and_goes_to_the_treasury() {
    run(|| {
        let issued = pallet_balances::TotalIssuance::<Test>::get();
        start(1);
        assert_ok!(Computation::report_fault(
            RuntimeOrigin::root(),
            worker(1),
            3
        ));
        assert_ok!(<Computation as Sessions<AccountId32, u128>>::stop(worker(
            1
        )));
        pass_seconds(CurrentSettings::<Test>::get().cool_down_s);
        let reclaimed = <Computation as Sessions<AccountId32, u128>>::reclaim(worker(1));
        let Ok(Reclaimed { returned, slashed }) = reclaimed else {
            panic!("the session has cooled down: {reclaimed:?}");
        };
        assert_eq!(returned + slashed, STAKE);
        // A tenth, but for what is rounded.
        assert!(slashed.abs_diff(STAKE / 10) <= 1, "{slashed}");
        assert_eq!(total(&BOB), BALANCE - slashed);
        assert_eq!(total(&TREASURY), PHA + slashed);
        assert_eq!(pallet_balances::TotalIssuance::<Test>::get(), issued);
    });
}

#[test]
fn the_list_of_sessions_closes_the_gap_of_one_that_stops() {
    run(|| {
        (1..=3).for_each(start);
        deregister(1);
        assert_eq!(ActiveCount::<Test>::get(), 2);
        assert_eq!(ActiveSessions::<Test>::get(0), Some(worker(3)));
        assert_eq!(session(3).phase, Phase::Running { place: 0 });
        assert_eq!(ActiveSessions::<Test>::get(2), None);
    });
}

#[test]
fn a_worker_that_is_deregistered_stops_and_its_stake_is_not_lost() {
    run(|| {
        start(1);
        deregister(1);
        assert!(matches!(status(1), SessionStatus::CoolingDown { .. }));
        assert_eq!(Benchmarks::<Test>::get(worker(1)), None);
        // Who registers it again has to wait, too.
        register(1);
        assert_noop!(try_start(1, STAKE), Error::<Test>::CoolingDown);
        deregister(1);
        pass_seconds(7 * DAY_S);
        assert_ok!(Computation::reclaim_stake(signed(&BOB), worker(1)));
        assert_eq!((held(&BOB), total(&BOB)), (0, BALANCE));
        assert!(!WorkerSessions::<Test>::contains_key(worker(1)));
    });
}

#[test]
fn iterations_are_timed_from_when_their_seed_was_known() {
    run(|| {
        // The block before this one made it known.
        let known_at_ms = ClockMs::get() - BLOCK_MS;
        start(1);
        assert_eq!(session(1).work.since_ms, known_at_ms);
        assert_ok!(Computation::begin_benchmark(signed(&ALICE), worker(2)));
        let run = crate::BenchmarkRuns::<Test>::get(worker(2)).expect("it is under way");
        assert_eq!(run.begun_at_ms, known_at_ms);
    });
}

#[test]
fn a_worker_that_leaves_stays_liable_until_its_stake_is_reclaimed() {
    use pallet_receipts::OnProvenFault;

    run(|| {
        assert!(!<Computation as OnProvenFault>::is_liable(&worker(1)));
        start(1);
        deregister(1);
        assert!(<Computation as OnProvenFault>::is_liable(&worker(1)));
        Computation::on_proven_fault(&worker(1), &phat_primitives::ReceiptHash([1; 32]));
        pass_seconds(7 * DAY_S);
        assert_ok!(Computation::reclaim_stake(signed(&BOB), worker(1)));
        let slashed = BALANCE - total(&BOB);
        // A hundredth, but for what is rounded.
        assert!(slashed.abs_diff(STAKE / 100) <= 1, "{slashed}");
        assert!(!<Computation as OnProvenFault>::is_liable(&worker(1)));
    });
}

#[test]
fn the_largest_stake_there_can_be_does_not_overflow() {
    run(|| {
        let all = BALANCE - PHA;
        assert_ok!(try_start(1, all));
        let v_max = crate::EconomyParameters::<Test>::get().v_max;
        assert_eq!(session(1).state.v_initial, v_max);
        until_challenged(1);
        assert_ok!(send(1, &answer(1)));
        assert_ok!(Computation::report_fault(
            RuntimeOrigin::root(),
            worker(1),
            3
        ));
        assert_ok!(Computation::stop_session(signed(&BOB), worker(1)));
        let SessionStatus::CoolingDown { returned, .. } = status(1) else {
            panic!("it cools down");
        };
        let expected = all / 10 * 9;
        assert!(returned.abs_diff(expected) < PHA, "{returned}");
    });
}

#[test]
fn the_fee_of_a_benchmark_pays_for_what_is_free_of_charge_later() {
    use frame_support::dispatch::GetDispatchInfo;

    type Weights = <Test as Config>::WeightInfo;
    let begin = crate::Call::<Test>::begin_benchmark { worker: worker(1) };
    let later = <Weights as crate::WeightInfo>::report_benchmark()
        .saturating_add(<Weights as crate::WeightInfo>::prove_benchmark());
    assert!(begin.get_dispatch_info().call_weight.all_gt(later));
}

#[test]
fn weights_of_hooks_cover_what_they_do() {
    use pallet_receipts::OnProvenFault;
    use pallet_registry::OnWorkerDeregistered;

    let stop = <<Test as Config>::WeightInfo as crate::WeightInfo>::stop_session();
    assert!(<Computation as OnWorkerDeregistered>::weight().all_gte(stop));
    let fault = <<Test as Config>::WeightInfo as crate::WeightInfo>::report_fault();
    assert_eq!(<Computation as OnProvenFault>::weight(), fault);
}
