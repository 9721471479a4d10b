use super::*;

const WORKER: WorkerId = WorkerId([1; 32]);
const P: u32 = 100;
/// The stake, in units of 10⁻¹² PHA.
const STAKE: u128 = 1_000_000_000_000_000;

fn parameters() -> Parameters {
    Parameters::published(1_000)
}

/// A worker that has started in block 1, and what the model has to be told of it.
fn started() -> (Model, WorkerState) {
    let mut model = Model::new(parameters(), Fixed::ONE);
    let staked = Fixed::from_pha(STAKE);
    let v = v_initial(&parameters(), staked, P, Fixed::ONE, CONFIDENCE_LEVEL).unwrap();
    let events = [
        Event::BenchmarkProven {
            worker: WORKER,
            p: P,
        },
        Event::SessionStarted {
            worker: WORKER,
            stake: STAKE,
            v,
        },
    ];
    model.block(1, &events, &BTreeMap::new()).unwrap();
    (model.clone(), *model.state(&WORKER).unwrap())
}

/// A model whose worker was challenged in block 50.
fn challenged() -> (Model, WorkerState) {
    let (mut model, state) = started();
    let events = [Event::Challenged { worker: WORKER }];
    model.block(50, &events, &BTreeMap::new()).unwrap();
    (model, state)
}

#[test]
fn an_answer_has_to_be_paid_what_it_is_worth() {
    let (model, mut state) = challenged();
    let mut totals = *model.totals();
    let payout = state.heartbeat_unmeasured(&parameters(), &mut totals, 53);
    let answered = Event::HeartbeatAnswered {
        worker: WORKER,
        p_instant: state.p_instant,
        v: state.v,
    };
    let treasury = payout.treasury.to_pha_floor();
    let paid_out = |amount| Event::PaidOut {
        worker: WORKER,
        amount,
        treasury,
    };
    let amount = payout.worker.to_pha_floor();
    assert!(amount > 0);
    let shown = BTreeMap::from([(WORKER, Shown::First)]);
    let block = |events: &[Event]| model.clone().block(53, events, &shown);
    block(&[answered.clone(), paid_out(amount)]).unwrap();
    // Too much, nothing, and twice.
    block(&[answered.clone(), paid_out(amount + 1)]).unwrap_err();
    block(std::slice::from_ref(&answered)).unwrap_err();
    block(&[answered.clone(), paid_out(amount), paid_out(amount)]).unwrap_err();
    // At another V.
    let other = Event::HeartbeatAnswered {
        worker: WORKER,
        p_instant: state.p_instant,
        v: Fixed::from_bits(state.v.to_bits() + 1),
    };
    block(&[other, paid_out(amount)]).unwrap_err();
}

#[test]
fn a_challenge_is_missed_when_its_window_is_over() {
    let late = 50 + parameters().heartbeat_window + 1;
    let told = [Event::Unresponsive { worker: WORKER }];
    let none = BTreeMap::new();
    let (model, _) = challenged();
    model.clone().block(late, &told, &none).unwrap();
    model.clone().block(late, &[], &none).unwrap_err();
    model.clone().block(late - 1, &told, &none).unwrap_err();
}

#[test]
fn a_fault_and_a_stop_have_to_cost_what_they_do() {
    let (mut model, mut state) = challenged();
    let mut totals = *model.totals();
    let lost = state.fault(&parameters(), &mut totals, 52, 3).unwrap();
    let fault = |lost| Event::FaultFound {
        worker: WORKER,
        level: 3,
        lost,
    };
    let none = BTreeMap::new();
    model
        .clone()
        .block(52, &[fault(Fixed::ONE)], &none)
        .unwrap_err();
    model.block(52, &[fault(lost)], &none).unwrap();
    let stopped = Event::SessionStopped {
        worker: WORKER,
        until_s: 0,
    };
    model.block(52, &[stopped], &none).unwrap();
    let returned = final_stake(STAKE, state.v, state.v_initial);
    assert!(returned < STAKE);
    let reclaimed = |returned| Event::StakeReclaimed {
        worker: WORKER,
        returned,
        slashed: STAKE - returned,
    };
    model
        .clone()
        .block(90, &[reclaimed(STAKE)], &none)
        .unwrap_err();
    model.block(90, &[reclaimed(returned)], &none).unwrap();
    assert_eq!(model.totals().share, Fixed::ZERO);
}
