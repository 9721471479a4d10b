use std::collections::BTreeSet;

use frame_support::{assert_err, assert_noop, assert_ok, dispatch::Pays};
use phat_primitives::{
    CodeHash, ContractId,
    challenges::{ChallengeId, ReplayedRun, Verdict},
    receipt::RunResult,
};
use sp_runtime::{BoundedVec, DispatchError, TokenError};

use crate::{
    ChallengeOfReceipt, Challenges, Decisions, Error, Event, Evidence, FaultCount, Faults,
    OpenOfWorker, Outcome, mock::*,
};

/// What became of the challenge that was decided last.
fn last_outcome() -> Outcome {
    let decided = Decisions::<Test>::iter_values();
    let last = decided.max_by_key(|decision| decision.challenge);
    last.expect("one was decided").outcome
}

#[test]
fn a_challenge_draws_a_panel_and_holds_a_deposit() {
    run(|| {
        let (id, receipt) = challenge(1);
        assert_eq!(id, ChallengeId(0));
        System::assert_last_event(
            Event::Challenged {
                challenge: id,
                receipt,
                accused: worker(ACCUSED),
                challenger: ALICE,
            }
            .into(),
        );
        assert_eq!(held(&ALICE), DEPOSIT);
        assert_eq!(ChallengeOfReceipt::<Test>::get(receipt), Some(id));
        let open = Challenges::<Test>::get(id).expect("it is open");
        assert_eq!((open.opened_at, open.deadline), (1, 11));
        assert_eq!(open.data_url.to_vec(), URL.as_bytes());
        let panel = panel(id);
        assert_eq!(panel.len(), 3);
        assert!(!panel.contains(&ACCUSED));
    });
}

#[test]
fn chance_and_the_receipt_choose_the_panel() {
    run(|| {
        let drawn = |request| {
            let accused = worker(ACCUSED);
            let hash = receipt(ACCUSED, request).hash();
            let panel = Receipts::draw_panel(CLUSTER, accused, hash).expect("enough workers");
            panel.into_inner()
        };
        assert_eq!(drawn(1), drawn(1));
        let by_receipt: Vec<_> = (0..20).map(drawn).collect();
        assert!(by_receipt.iter().any(|panel| *panel != by_receipt[0]));
        let by_chance = (0..20).map(|seed| {
            Seed::set(seed);
            drawn(1)
        });
        let by_chance: Vec<_> = by_chance.collect();
        assert!(by_chance.iter().any(|panel| *panel != by_chance[0]));
        // Over time everyone gets a seat, but for the accused.
        let seats = by_receipt.iter().chain(&by_chance).flatten();
        let seats: BTreeSet<_> = seats.map(|seat| seat.worker).collect();
        let others: BTreeSet<_> = (2..=6).map(worker).collect();
        assert_eq!(seats, others);
    });
}

#[test]
fn who_is_suspended_judges_nobody() {
    run(|| {
        Suspended::set([2, 3, 4].map(worker).into());
        let (id, _) = challenge(1);
        let mut panel = panel(id);
        panel.sort_unstable();
        assert_eq!(panel, [5, 6]);
        Suspended::mutate(|list| list.insert(worker(5)));
        let body = receipt(ACCUSED, 2);
        assert_noop!(
            challenge_signed(&ALICE, &body, ACCUSED, URL),
            Error::<Test>::TooFewWorkers
        );
        // Nor does who is suspended after the panel was drawn.
        assert_noop!(vote(id, 5, Verdict::Holds), Error::<Test>::WorkerInactive);
        assert_ok!(vote(id, 6, Verdict::Holds));
    });
}

#[test]
fn only_a_worker_s_receipt_of_this_chain_is_challenged() {
    run(|| {
        let good = receipt(ACCUSED, 1);
        let refused = |body: &phat_primitives::receipt::ReceiptBody, seed, error: Error<Test>| {
            assert_noop!(challenge_signed(&ALICE, body, seed, URL), error);
        };
        refused(&good, 2, Error::SignatureInvalid);
        let mut other_chain = good.clone();
        other_chain.genesis_hash[0] ^= 1;
        refused(&other_chain, ACCUSED, Error::OtherChain);
        let mut no_contract = good.clone();
        no_contract.contract = ContractId([1; 32]);
        refused(&no_contract, ACCUSED, Error::UnknownContract);
        let stranger = receipt(9, 1);
        refused(&stranger, 9, Error::UnknownWorker);
        for url in ["", "https://", "ftp://a", "https://a b", "https://é"] {
            assert_noop!(
                challenge_signed(&ALICE, &good, ACCUSED, url),
                Error::<Test>::DataUrlInvalid
            );
        }
        for bytes in [&[] as &[u8], &[1; 40], &[255; 1024]] {
            let bytes = BoundedVec::truncate_from(bytes.to_vec());
            let signature = sign_vote(ChallengeId(0), good.hash(), 1, Verdict::Holds);
            assert_noop!(
                Receipts::challenge(signed(&ALICE), bytes, signature, Default::default()),
                Error::<Test>::ReceiptMalformed
            );
        }
        assert_noop!(
            challenge_signed(&POOR, &good, ACCUSED, URL),
            TokenError::FundsUnavailable
        );
        assert_noop!(
            Receipts::close(RuntimeOrigin::root(), ChallengeId(0)),
            DispatchError::BadOrigin
        );
        assert_ok!(challenge_signed(&ALICE, &good, ACCUSED, URL));
        refused(&good, ACCUSED, Error::AlreadyChallenged);
    });
}

#[test]
fn bytes_behind_a_receipt_are_refused() {
    use codec::Encode;
    run(|| {
        let body = receipt(ACCUSED, 1);
        let mut bytes = body.encode();
        bytes.push(0);
        let bytes = BoundedVec::truncate_from(bytes);
        let signature = sign_vote(ChallengeId(0), body.hash(), 1, Verdict::Holds);
        assert_noop!(
            Receipts::challenge(signed(&ALICE), bytes, signature, Default::default()),
            Error::<Test>::ReceiptMalformed
        );
    });
}

#[test]
fn a_fault_is_proven_when_most_agree_on_what_comes_out() {
    run(|| {
        let (id, receipt) = challenge(1);
        let panel = panel(id);
        let first = vote(id, panel[0], differs(1)).expect("a vote");
        assert_eq!(first.pays_fee, Pays::No);
        assert!(Challenges::<Test>::contains_key(id));
        assert_ok!(vote(id, panel[1], differs(1)));

        let evidence = Evidence::Replay(differs(1));
        System::assert_has_event(
            Event::FaultProven {
                worker: worker(ACCUSED),
                receipt,
                evidence,
            }
            .into(),
        );
        System::assert_last_event(
            Event::Decided {
                challenge: id,
                outcome: Outcome::Fault(evidence),
                lost: 0,
            }
            .into(),
        );
        let fault = Faults::<Test>::get(worker(ACCUSED), receipt).expect("it is recorded");
        assert_eq!((fault.challenge, fault.evidence), (id, evidence));
        assert_eq!((fault.contract, fault.proven_at), (CONTRACT, 1));
        assert_eq!(Told::get(), [(worker(ACCUSED), receipt)]);
        assert_eq!((held(&ALICE), total(&ALICE)), (0, BALANCE));
        assert!(!Challenges::<Test>::contains_key(id));
        assert_eq!(OpenOfWorker::<Test>::get(worker(ACCUSED)), 0);
        // The third is late, and nobody can prove it twice.
        assert_noop!(
            vote(id, panel[2], differs(1)),
            Error::<Test>::UnknownChallenge
        );
        assert_noop!(
            challenge_signed(&ALICE, &crate::mock::receipt(ACCUSED, 1), ACCUSED, URL),
            Error::<Test>::AlreadyProven
        );
    });
}

#[test]
fn a_transcript_that_the_code_does_not_follow_is_a_fault() {
    run(|| {
        let (id, receipt) = challenge(1);
        let panel = panel(id);
        let verdict = Verdict::Diverges { entry: 3 };
        assert_ok!(vote(id, panel[0], verdict));
        assert_ok!(vote(id, panel[1], Verdict::Diverges { entry: 4 }));
        assert_ok!(vote(id, panel[2], verdict));
        let fault = Faults::<Test>::get(worker(ACCUSED), receipt).expect("it is recorded");
        assert_eq!(fault.evidence, Evidence::Replay(verdict));
    });
}

#[test]
fn whoever_challenges_what_holds_loses_the_deposit() {
    run(|| {
        let (id, receipt) = challenge(1);
        let panel = panel(id);
        assert_ok!(vote(id, panel[0], differs(1)));
        assert_ok!(vote(id, panel[1], Verdict::Holds));
        assert_ok!(vote(id, panel[2], Verdict::Holds));
        assert_eq!(last_outcome(), Outcome::Holds);
        assert_eq!((held(&ALICE), total(&ALICE)), (0, BALANCE - DEPOSIT));
        assert_eq!(Lost::get(), DEPOSIT);
        assert!(Faults::<Test>::get(worker(ACCUSED), receipt).is_none());
        assert!(Told::get().is_empty());
        // It may be challenged again: who lies must not be safe after a challenge of its own.
        let (again, _) = challenge(1);
        assert_eq!(again, ChallengeId(1));
    });
}

#[test]
fn a_panel_that_comes_to_nothing_costs_a_part_unless_most_found_a_fault() {
    let diverges = Verdict::Diverges { entry: 0 };
    let (holds, unavailable) = (Verdict::Holds, Verdict::Unavailable);
    // The votes that there were until the time was over, and what they cost.
    let cases: [(&[Verdict], u64); 10] = [
        (&[differs(1), differs(2), holds], 0),
        (&[differs(1), diverges, Verdict::OtherRun], 0),
        (&[differs(1), diverges], 0),
        (&[differs(1)], 0),
        (&[differs(1), unavailable, unavailable], UNDECIDED),
        (&[holds, differs(1), unavailable], UNDECIDED),
        (&[unavailable, differs(1)], UNDECIDED),
        (&[unavailable, unavailable], UNDECIDED),
        (&[holds], UNDECIDED),
        // Who challenges a receipt of its own may have chosen one whose panel is away.
        (&[], UNDECIDED),
    ];
    for (verdicts, lost) in cases {
        run(|| {
            let (id, _) = challenge(1);
            for (seed, verdict) in panel(id).into_iter().zip(verdicts) {
                assert_ok!(vote(id, seed, *verdict));
            }
            if Challenges::<Test>::contains_key(id) {
                System::set_block_number(12);
                assert_ok!(Receipts::close(signed(&BOB), id));
            }
            assert_eq!(last_outcome(), Outcome::Undecided);
            let left = (held(&ALICE), total(&ALICE));
            assert_eq!(left, (0, BALANCE - lost), "{verdicts:?}");
            assert_eq!(Lost::get(), lost);
            assert_eq!(FaultCount::<Test>::get(worker(ACCUSED)), 0);
        });
    }
}

#[test]
fn the_deposit_grows_with_the_open_challenges_of_the_worker() {
    run(|| {
        assert_eq!(
            [0, 3, 4, 7, 8].map(Receipts::deposit),
            [100, 100, 200, 200, 400]
        );
        assert_eq!(Receipts::deposit(u32::MAX), DEPOSIT * u64::from(u32::MAX));
        for request in 0..4 {
            challenge(request);
        }
        assert_eq!(held(&ALICE), 4 * DEPOSIT);
        let (fifth, _) = challenge(4);
        assert_eq!(held(&ALICE), 6 * DEPOSIT);
        // Not for those of another worker's receipts.
        assert_ok!(challenge_signed(&BOB, &receipt(2, 1), 2, URL));
        assert_eq!(held(&BOB), DEPOSIT);
        // What is lost is a part of what was held.
        System::set_block_number(12);
        assert_ok!(Receipts::close(signed(&BOB), fifth));
        assert_eq!(Lost::get(), 2 * UNDECIDED);
        // A place that is free again costs what it cost.
        challenge(5);
        assert_eq!(held(&ALICE), 6 * DEPOSIT);
    });
}

#[test]
fn whoever_fills_a_worker_s_places_pays_for_each_time() {
    run(|| {
        let mut spent = 0;
        for round in 0..2 {
            for request in 0..6 {
                challenge(request);
            }
            let honest = receipt(ACCUSED, 9);
            assert_noop!(
                challenge_signed(&BOB, &honest, ACCUSED, URL),
                Error::<Test>::TooManyChallengesOfWorker
            );
            for id in 0..6 {
                let id = ChallengeId(round * 6 + id);
                for seed in panel(id).into_iter().take(2) {
                    assert_ok!(vote(id, seed, Verdict::Unavailable));
                }
            }
            // Four at the price of one, and two at that of two.
            spent += 8 * UNDECIDED;
            assert_eq!((held(&ALICE), Lost::get()), (0, spent));
        }
        assert_eq!(total(&ALICE), BALANCE - spent);
    });
}

#[test]
fn of_two_members_both_have_to_agree() {
    run(|| {
        Suspended::set([2, 3, 4].map(worker).into());
        let (id, _) = challenge(1);
        assert_ok!(vote(id, 5, differs(1)));
        assert!(Challenges::<Test>::contains_key(id));
        assert_ok!(vote(id, 6, Verdict::Holds));
        assert_eq!(last_outcome(), Outcome::Undecided);
    });
}

#[test]
fn a_member_votes_once_and_for_itself() {
    run(|| {
        let (id, receipt) = challenge(1);
        let panel = panel(id);
        let outsider = (2..=6)
            .find(|seed| !panel.contains(seed))
            .expect("one of five");
        for seed in [outsider, ACCUSED] {
            assert_noop!(vote(id, seed, Verdict::Holds), Error::<Test>::NotOnPanel);
        }
        let member = worker(panel[0]);
        let of_other = sign_vote(id, receipt, panel[1], Verdict::Holds);
        let other_verdict = sign_vote(id, receipt, panel[0], differs(1));
        let other_challenge = sign_vote(ChallengeId(7), receipt, panel[0], Verdict::Holds);
        for signature in [of_other, other_verdict, other_challenge] {
            assert_noop!(
                Receipts::vote(signed(&BOB), id, member, Verdict::Holds, signature),
                Error::<Test>::SignatureInvalid
            );
        }
        assert_ok!(vote(id, panel[0], Verdict::Holds));
        for verdict in [Verdict::Holds, differs(1)] {
            assert_noop!(vote(id, panel[0], verdict), Error::<Test>::AlreadyVoted);
        }
    });
}

#[test]
fn what_the_receipt_says_is_no_difference() {
    run(|| {
        let (id, _) = challenge(1);
        let panel = panel(id);
        let claimed = ReplayedRun {
            result: RunResult::Succeeded,
            output_hash: [6; 32],
            fuel_used: 8,
        };
        assert_noop!(
            vote(id, panel[0], Verdict::Differs(claimed)),
            Error::<Test>::VerdictContradictory
        );
        let other_fuel = ReplayedRun {
            fuel_used: 9,
            ..claimed
        };
        assert_ok!(vote(id, panel[0], Verdict::Differs(other_fuel)));
    });
}

#[test]
fn a_challenge_is_closed_after_its_deadline_and_not_before() {
    run(|| {
        let (id, _) = challenge(1);
        let panel = panel(id);
        System::set_block_number(11);
        assert_ok!(vote(id, panel[0], differs(1)));
        assert_noop!(Receipts::close(signed(&BOB), id), Error::<Test>::TooEarly);
        System::set_block_number(12);
        assert_noop!(
            vote(id, panel[1], differs(1)),
            Error::<Test>::DeadlinePassed
        );
        assert_ok!(Receipts::close(signed(&BOB), id));
        assert_eq!(last_outcome(), Outcome::Undecided);
        // The one who voted found a fault.
        assert_eq!((held(&ALICE), total(&ALICE)), (0, BALANCE));
        assert_noop!(
            Receipts::close(signed(&BOB), id),
            Error::<Test>::UnknownChallenge
        );
    });
}

#[test]
fn code_that_the_contract_does_not_run_is_a_fault_at_once() {
    run(|| {
        let mut body = receipt(ACCUSED, 1);
        body.code_hash = CodeHash([1; 32]);
        assert_ok!(challenge_signed(&POOR, &body, ACCUSED, URL));
        let fault = Faults::<Test>::get(worker(ACCUSED), body.hash()).expect("it is recorded");
        assert_eq!(fault.evidence, Evidence::OtherCode);
        assert_eq!(Told::get(), [(worker(ACCUSED), body.hash())]);
        assert_eq!(last_outcome(), Outcome::Fault(Evidence::OtherCode));
        assert_eq!(held(&POOR), 0);
    });
}

#[test]
fn open_challenges_are_bounded() {
    run(|| {
        for request in 0..6 {
            challenge(request);
        }
        let seventh = receipt(ACCUSED, 7);
        assert_noop!(
            challenge_signed(&ALICE, &seventh, ACCUSED, URL),
            Error::<Test>::TooManyChallengesOfWorker
        );
        assert_ok!(challenge_signed(&ALICE, &receipt(2, 1), 2, URL));
        let of_other = receipt(3, 1);
        assert_noop!(
            challenge_signed(&ALICE, &of_other, 3, URL),
            Error::<Test>::TooManyChallenges
        );
        assert_eq!(held(&ALICE), 9 * DEPOSIT);
    });
}

#[test]
fn recorded_faults_are_bounded() {
    run(|| {
        for request in 0..7 {
            let (id, _) = challenge(request);
            let panel = panel(id);
            assert_ok!(vote(id, panel[0], differs(1)));
            assert_ok!(vote(id, panel[1], differs(1)));
        }
        assert_eq!(FaultCount::<Test>::get(worker(ACCUSED)), 7);
        let body = receipt(ACCUSED, 9);
        assert_err!(
            challenge_signed(&ALICE, &body, ACCUSED, URL),
            Error::<Test>::TooManyFaults
        );
    });
}

#[test]
fn the_newest_decisions_are_stored() {
    run(|| {
        for request in 0..10 {
            let (id, _) = challenge(request);
            System::set_block_number(System::block_number() + 11);
            assert_ok!(Receipts::close(signed(&BOB), id));
        }
        let mut stored: Vec<_> = Decisions::<Test>::iter_values()
            .map(|decision| decision.challenge.0)
            .collect();
        stored.sort_unstable();
        assert_eq!(stored, [2, 3, 4, 5, 6, 7, 8, 9]);
    });
}

#[test]
fn a_worker_that_left_is_challenged_as_long_as_a_fault_costs_something() {
    run(|| {
        let body = receipt(ACCUSED, 1);
        deregister(ACCUSED);
        assert_noop!(
            challenge_signed(&ALICE, &body, ACCUSED, URL),
            Error::<Test>::UnknownWorker
        );
        Liable::mutate(|list| list.insert(worker(ACCUSED)));
        let (id, receipt) = challenge(1);
        let panel = panel(id);
        assert_ok!(vote(id, panel[0], differs(1)));
        assert_ok!(vote(id, panel[1], differs(1)));
        assert_eq!(Told::get(), [(worker(ACCUSED), receipt)]);
    });
}

#[test]
fn a_receipt_of_a_contract_that_was_removed_lately_is_judged() {
    run(|| {
        let served = Served::take();
        let body = receipt(ACCUSED, 1);
        assert_noop!(
            challenge_signed(&ALICE, &body, ACCUSED, URL),
            Error::<Test>::UnknownContract
        );
        Removed::set(served);
        let (id, receipt) = challenge(1);
        let panel = panel(id);
        assert_ok!(vote(id, panel[0], differs(1)));
        assert_ok!(vote(id, panel[1], differs(1)));
        assert_eq!(Told::get(), [(worker(ACCUSED), receipt)]);
    });
}

#[test]
fn a_worker_that_left_is_still_judged() {
    run(|| {
        let (id, receipt) = challenge(1);
        let panel = panel(id);
        deregister(ACCUSED);
        assert_ok!(vote(id, panel[0], differs(1)));
        assert_ok!(vote(id, panel[1], differs(1)));
        assert!(Faults::<Test>::contains_key(worker(ACCUSED), receipt));
    });
}
