//! What a pool takes free of charge.

use frame_support::assert_ok;
use phat_primitives::heartbeat::{BenchmarkProof, BenchmarkReport, DRAW_DELAY};
use phat_workload::Commitment;
use sp_core::Pair;
use sp_runtime::transaction_validity::{
    InvalidTransaction, TransactionValidity, TransactionValidityError,
};

use crate::{BenchmarkRuns, Call, mock::*};

fn refused(reason: InvalidTransaction) -> TransactionValidity {
    Err(TransactionValidityError::Invalid(reason))
}

fn heartbeat_by(
    seed: u8,
    heartbeat: &phat_primitives::heartbeat::Heartbeat,
) -> TransactionValidity {
    Computation::validate(&Call::heartbeat {
        heartbeat: heartbeat.clone(),
        signature: sign(seed, heartbeat),
    })
}

#[test]
fn a_pool_takes_one_heartbeat_for_a_challenge() {
    run(|| {
        start(1);
        until_challenged(1);
        let heartbeat = idle_answer(1);
        let valid = heartbeat_by(1, &heartbeat).expect("it is an answer");
        assert_eq!(valid.longevity, 10);
        assert!(valid.propagate);
        // Another answer to the same challenge has the same tag, so there is room for one.
        let mut other = heartbeat.clone();
        other.commitment.iterations = 5;
        other.commitment.root = [5; 32];
        let other = heartbeat_by(1, &other).expect("it is an answer, too");
        assert_eq!(
            (valid.provides.len(), &valid.provides),
            (1, &other.provides)
        );
        assert_eq!(valid.priority, other.priority);

        assert_ok!(send(1, &heartbeat));
        let replayed = heartbeat_by(1, &heartbeat);
        assert_eq!(replayed, refused(InvalidTransaction::Stale));
    });
}

#[test]
fn a_pool_refuses_heartbeats_that_answer_nothing() {
    run(|| {
        start(1);
        until_challenged(1);
        let heartbeat = idle_answer(1);
        let forged = heartbeat_by(2, &heartbeat);
        assert_eq!(forged, refused(InvalidTransaction::BadProof));
        for change in [
            |heartbeat: &mut phat_primitives::heartbeat::Heartbeat| heartbeat.session += 1,
            |heartbeat: &mut phat_primitives::heartbeat::Heartbeat| heartbeat.challenged_at += 1,
            |heartbeat: &mut phat_primitives::heartbeat::Heartbeat| heartbeat.worker = worker(2),
        ] {
            let mut other = heartbeat.clone();
            change(&mut other);
            let other = heartbeat_by(1, &other);
            assert_eq!(other, refused(InvalidTransaction::Stale));
        }
        Suspended::mutate(|list| list.insert(worker(1)));
        let suspended = heartbeat_by(1, &heartbeat);
        assert_eq!(suspended, refused(InvalidTransaction::BadSigner));
    });
}

#[test]
fn a_pool_takes_reports_and_proofs_of_benchmarks_that_are_at_that_stage() {
    run(|| {
        assert_ok!(Computation::begin_benchmark(signed(&ALICE), worker(1)));
        let begun_at = BenchmarkRuns::<Test>::get(worker(1))
            .expect("it is under way")
            .begun_at;
        let genesis = Computation::genesis_hash();
        let report = BenchmarkReport {
            worker: worker(1),
            begun_at,
            commitment: Commitment {
                root: [1; 32],
                iterations: 1,
            },
        };
        let signature = key(1).sign(&report.signing_payload(&genesis));
        let call = Call::report_benchmark {
            report: report.clone(),
            signature,
        };
        let early = Computation::validate(&call);
        assert_eq!(early, refused(InvalidTransaction::Future));
        next_blocks(5);
        assert!(Computation::validate(&call).is_ok());
        let forged = Call::report_benchmark {
            report: report.clone(),
            signature: key(2).sign(&report.signing_payload(&genesis)),
        };
        let forged = Computation::validate(&forged);
        assert_eq!(forged, refused(InvalidTransaction::BadProof));
        assert_ok!(Computation::report_benchmark(
            RuntimeOrigin::none(),
            report,
            signature
        ));
        let again = Computation::validate(&call);
        assert_eq!(again, refused(InvalidTransaction::Stale));

        let proof = BenchmarkProof {
            worker: worker(1),
            begun_at,
            openings: Default::default(),
        };
        let signature = key(1).sign(&proof.signing_payload(&genesis));
        let call = Call::prove_benchmark { proof, signature };
        let early = Computation::validate(&call);
        assert_eq!(early, refused(InvalidTransaction::Future));
        next_blocks(DRAW_DELAY);
        assert!(Computation::validate(&call).is_ok());
    });
}

#[test]
fn nothing_else_is_free_of_charge() {
    run(|| {
        let worker = worker(1);
        for call in [
            Call::begin_benchmark { worker },
            Call::start_session {
                worker,
                stake: STAKE,
            },
            Call::reclaim_stake { worker },
        ] {
            let refusal = Computation::validate(&call);
            assert_eq!(refusal, refused(InvalidTransaction::Call));
        }
    });
}
