use super::*;

fn commitment(iterations: u32) -> Commitment {
    Commitment {
        root: [iterations as u8; 32],
        iterations,
    }
}

fn session(challenge: Option<Challenge>) -> Seen {
    Seen {
        block: 100,
        session: Some(Session {
            number: 4,
            is_running: true,
            randomness: [1; 32],
            committed: None,
            challenge,
        }),
        ..Seen::default()
    }
}

fn challenge(at: u32) -> Challenge {
    Challenge {
        at,
        randomness: [at as u8; 32],
        is_missed: false,
    }
}

fn heartbeat(session: u32, challenged_at: u32) -> Statement {
    let heartbeat = Heartbeat {
        worker: WorkerId([7; 32]),
        session,
        challenged_at,
        iterations: 16,
        commitment: commitment(16),
        openings: Default::default(),
    };
    Statement::Heartbeat(Box::new(heartbeat), [challenged_at as u8; 32])
}

fn benchmark(stage: Stage) -> Seen {
    Seen {
        block: 100,
        benchmark: Some(Benchmark {
            begun_at: 90,
            randomness: [2; 32],
            stage,
        }),
        ..Seen::default()
    }
}

fn report(begun_at: u32) -> Statement {
    Statement::Report(BenchmarkReport {
        worker: WorkerId([7; 32]),
        begun_at,
        commitment: commitment(16),
    })
}

const OF_SESSION: Purpose = Purpose::Session {
    number: 4,
    randomness: [1; 32],
};

#[test]
fn a_worker_in_no_session_does_nothing() {
    assert_eq!(next(&Seen::default(), None, 0), Action::Wait);
    assert_eq!(purpose(&Seen::default(), None), None);
    let mut cooling = session(Some(challenge(99)));
    if let Some(session) = &mut cooling.session {
        session.is_running = false;
    }
    assert_eq!(next(&cooling, None, 16), Action::Wait);
    assert_eq!(purpose(&cooling, None), None);
    let failed = benchmark(Stage::Failed);
    assert_eq!(next(&failed, None, 16), Action::Wait);
    assert_eq!(purpose(&failed, None), None);
}

#[test]
fn a_challenge_is_answered_once_and_its_answer_sent_until_it_is_there() {
    let seen = session(None);
    assert_eq!(next(&seen, None, 16), Action::Wait);
    assert_eq!(purpose(&seen, None), Some(OF_SESSION));

    let seen = session(Some(challenge(99)));
    assert!(matches!(next(&seen, None, 16), Action::Answer(_, of) if of.at == 99));
    assert_eq!(purpose(&seen, None), Some(OF_SESSION));

    // Signed: it is sent, and what is done from now on is for the next one.
    let signed = heartbeat(4, 99);
    assert_eq!(next(&seen, Some(&signed), 0), Action::Send);
    let after = Purpose::Session {
        number: 4,
        randomness: [99; 32],
    };
    assert_eq!(purpose(&seen, Some(&signed)), Some(after));

    // An answer to another challenge, or in another session, is none to this one.
    for other in [heartbeat(4, 98), heartbeat(3, 99), report(99)] {
        assert!(matches!(next(&seen, Some(&other), 0), Action::Answer(..)));
        assert_eq!(purpose(&seen, Some(&other)), Some(OF_SESSION));
    }
    // The chain has it.
    assert_eq!(next(&session(None), Some(&signed), 0), Action::Wait);
    assert_eq!(purpose(&session(None), Some(&signed)), Some(OF_SESSION));
}

#[test]
fn a_missed_challenge_is_answered_too() {
    let late = Challenge {
        is_missed: true,
        ..challenge(50)
    };
    assert!(matches!(
        next(&session(Some(late)), None, 0),
        Action::Answer(..)
    ));
}

#[test]
fn a_benchmark_is_done_reported_and_proven() {
    let early = benchmark(Stage::Running { due_at: 101 });
    let of_benchmark = Some(Purpose::Benchmark([2; 32]));
    assert_eq!(next(&early, None, 16), Action::Wait);
    assert_eq!(purpose(&early, None), of_benchmark);

    let due = benchmark(Stage::Running { due_at: 100 });
    assert_eq!(next(&due, None, 0), Action::Wait);
    assert!(matches!(next(&due, None, 16), Action::Report(_)));
    assert_eq!(purpose(&due, None), of_benchmark);
    assert_eq!(next(&due, Some(&report(90)), 16), Action::Send);
    assert_eq!(purpose(&due, Some(&report(90))), None);
    assert!(matches!(
        next(&due, Some(&report(80)), 16),
        Action::Report(_)
    ));

    let reported = |draw| {
        benchmark(Stage::Reported {
            commitment: commitment(16),
            draw,
        })
    };
    assert_eq!(next(&reported(None), Some(&report(90)), 0), Action::Wait);
    let drawn = reported(Some([3; 32]));
    assert!(matches!(
        next(&drawn, Some(&report(90)), 0),
        Action::Prove { draw, .. } if draw == [3; 32]
    ));
    assert_eq!(purpose(&drawn, None), None);
    let proof = Statement::Proof(BenchmarkProof {
        worker: WorkerId([7; 32]),
        begun_at: 90,
        openings: Default::default(),
    });
    assert_eq!(next(&drawn, Some(&proof), 0), Action::Send);
}

#[test]
fn a_session_comes_before_a_benchmark() {
    let mut seen = session(None);
    seen.benchmark = benchmark(Stage::Running { due_at: 0 }).benchmark;
    assert_eq!(next(&seen, None, 16), Action::Wait);
    assert_eq!(purpose(&seen, None), Some(OF_SESSION));
}

#[test]
fn runs_of_contracts_take_the_places_of_iterations() {
    let iterating = |threads, busy| {
        (0..threads)
            .filter(|thread| may_iterate(*thread, threads, busy))
            .count()
    };
    for (threads, busy, expected) in [(4, 0, 4), (4, 1, 3), (4, 4, 0), (2, 5, 0), (0, 0, 0)] {
        assert_eq!(iterating(threads, busy), expected, "{threads} {busy}");
    }
}

#[test]
fn a_worker_that_was_started_anew_counts_from_zero() {
    assert_eq!(iterations_in_session(None, 4, 32), 32);
    assert_eq!(iterations_in_session(Some((4, 100)), 4, 32), 132);
    assert_eq!(iterations_in_session(Some((3, 100)), 4, 32), 32);
    assert_eq!(iterations_in_session(Some((4, u64::MAX)), 4, 1), u64::MAX);
}

#[test]
fn seeds_are_those_of_the_chain() {
    let worker = WorkerId([7; 32]);
    assert_eq!(
        OF_SESSION.seed(&worker),
        Seed::of_session(&[7; 32], 4, &[1; 32])
    );
    assert_eq!(
        Purpose::Benchmark([2; 32]).seed(&worker),
        Seed::of_benchmark(&[7; 32], &[2; 32])
    );
}
