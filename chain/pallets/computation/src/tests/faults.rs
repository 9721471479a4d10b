//! Faults: what they cost, and whom.

use frame_support::{assert_noop, assert_ok};
use pallet_receipts::OnProvenFault;
use phat_primitives::ReceiptHash;
use phat_tokenomics::{Fixed, fault_fraction};
use sp_runtime::{AccountId32, DispatchError};

use crate::{Error, Event, FaultCause, Phase, SessionStatus, Sessions, ShareTotals, mock::*};

fn report(seed: u8, level: u8) -> frame_support::dispatch::DispatchResult {
    Computation::report_fault(RuntimeOrigin::root(), worker(seed), level)
}

#[test]
fn each_level_costs_its_part_of_v() {
    for (level, part) in [(2, "0.01"), (3, "0.1"), (4, "1")] {
        run(|| {
            start(1);
            let before = session(1).state.v;
            assert_ok!(report(1, level));
            let lost = before.saturating_sub(session(1).state.v);
            let part = Fixed::parse(part).expect("a number");
            assert!(are_near(lost, before.saturating_mul(part)), "{lost:?}");
            assert_eq!(
                fault_fraction(level).map(|known| are_near(known, part)),
                Some(true)
            );
            System::assert_has_event(
                Event::FaultFound {
                    worker: worker(1),
                    level,
                    cause: FaultCause::Reported,
                    lost,
                }
                .into(),
            );
        });
    }
}

#[test]
fn a_security_risk_ends_the_session_and_takes_the_whole_stake() {
    run(|| {
        (1..=2).for_each(start);
        assert_ok!(report(1, 4));
        assert!(matches!(session(1).phase, Phase::CoolingDown { .. }));
        assert_eq!(ShareTotals::<Test>::get().share, session(2).state.share);
        ClockMs::mutate(|ms| *ms += 7 * 24 * 60 * 60 * 1_000);
        assert_ok!(Computation::reclaim_stake(signed(&BOB), worker(1)));
        assert_eq!(held(&BOB), STAKE);
        assert_eq!(total(&BOB), BALANCE - STAKE);
        assert_eq!(total(&TREASURY), PHA + STAKE);
    });
}

#[test]
fn a_receipt_that_is_proved_wrong_is_a_fault_of_level_2() {
    run(|| {
        start(1);
        Computation::on_proven_fault(&worker(1), &ReceiptHash([1; 32]));
        assert!(are_near(session(1).state.v, Fixed::from_int(2_970)));
        // One that has no session has nothing to lose.
        Computation::on_proven_fault(&worker(2), &ReceiptHash([1; 32]));
        Computation::on_proven_fault(&worker(9), &ReceiptHash([1; 32]));
    });
}

#[test]
fn faults_that_are_found_during_the_cool_down_count() {
    run(|| {
        start(1);
        assert_ok!(Computation::stop_session(signed(&BOB), worker(1)));
        assert_ok!(report(1, 3));
        let status = <Computation as Sessions<AccountId32, u128>>::status(worker(1));
        let SessionStatus::CoolingDown { returned, .. } = status else {
            panic!("it cools down: {status:?}");
        };
        assert!(returned.abs_diff(STAKE / 10 * 9) <= 1, "{returned}");
    });
}

#[test]
fn only_the_origin_reports_and_only_levels_that_there_are() {
    run(|| {
        start(1);
        assert_noop!(
            Computation::report_fault(signed(&ALICE), worker(1), 2),
            DispatchError::BadOrigin
        );
        for level in [0, 1, 5, u8::MAX] {
            assert_noop!(report(1, level), Error::<Test>::FaultLevelInvalid);
        }
        assert_noop!(report(2, 2), Error::<Test>::NoSession);
    });
}
