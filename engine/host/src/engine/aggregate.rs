//! Merges what several workers gave for one request.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use phat_manifest::Limits;
use phat_primitives::{CodeHash, blake2_256};
use wasmtime::Store;

use super::{Engine, asked};
use crate::{
    FailureCode, LogLine, Outcome, RunClass, RunFailure, RunRequest,
    ending::{Ending, Returned},
    journal::{Journal, Stop},
    loader,
    program::Program,
    slices::{Processor, Slices},
    state::State,
    vault::Vault,
};

/// Outputs to be merged by the `aggregate` of a contract.
pub struct Aggregation {
    /// What it is for.
    pub class: RunClass,
    /// The contract's code: the text of a module that exports `aggregate`.
    pub code: Arc<[u8]>,
    /// The request that all outputs are of.
    pub request: RunRequest,
    /// What merging them may use; within the maxima.
    pub limits: Limits,
    /// The outputs, in the order in which the contract gets them.
    pub outputs: Vec<Vec<u8>>,
}

/// What came of merging.
#[derive(Clone, Debug)]
pub struct Aggregated {
    /// The merged result, or why there is none. It follows from the aggregation alone,
    /// so whoever merges the same gets the same, unless the failure is
    /// [transient](FailureCode::is_transient).
    pub outcome: Outcome,
    /// What was logged.
    pub logs: Vec<LogLine>,
    /// The work of the guest, and of the host for it.
    pub fuel_used: u64,
    /// The time from start to end.
    pub elapsed: Duration,
}

impl Aggregated {
    fn not_begun(failure: RunFailure) -> Self {
        Self {
            outcome: Outcome::Failed(failure),
            logs: Vec::new(),
            fuel_used: 0,
            elapsed: Duration::ZERO,
        }
    }
}

impl Engine {
    /// Has a contract merge outputs. It has no network, no state, no keys, no secrets, no
    /// clock, no timers and no random bytes: asking for any ends it with
    /// [`FailureCode::HostLimit`].
    pub async fn aggregate(&self, aggregation: Aggregation) -> Aggregated {
        self.aggregate_in(aggregation, Slices::default()).await
    }

    /// Does the same, and computes only while it has its turn on this processor.
    pub async fn aggregate_on(
        &self,
        aggregation: Aggregation,
        processor: Arc<dyn Processor>,
    ) -> Aggregated {
        self.aggregate_in(aggregation, Slices::on(processor)).await
    }

    async fn aggregate_in(&self, aggregation: Aggregation, slices: Slices) -> Aggregated {
        let Aggregation {
            class,
            code,
            request,
            limits,
            outputs,
        } = aggregation;
        let inner = &self.inner;
        let place = match inner.shares.enter(class, request.contract) {
            Ok(place) => place,
            Err(failure) => return Aggregated::not_begun(failure),
        };
        let hash = CodeHash(blake2_256(&code));
        let program = match inner.loader.load(hash, &code, &place).await {
            Ok(program) => program,
            Err(failure) => return Aggregated::not_begun(failure),
        };
        let permit = place.turn().await;
        let started = Instant::now();
        let vault = Vault {
            code: hash,
            ..Vault::default()
        };
        let state = State::new(
            program.script.clone(),
            vault,
            limits.clone(),
            &[],
            Journal::sealed(),
            place.account().charge(),
            None,
        );
        let mut store = Store::new(&inner.wasmtime, state);
        let merging = Merging {
            program: &program,
            limits: &limits,
            request: &request,
            outputs,
        };
        let returned = merging.call(&mut store, &slices).await;
        slices.give_up();
        let fuel_left = store.get_fuel().unwrap_or(limits.fuel);
        let state = inner.teardown.end(store, inner.shares.under_way());
        // The pool has room for the next instance only once the store is given away.
        drop(permit);
        let outcome = outcome(returned, &limits, state.memory.refused);
        let (_, _, logs, _) = state.finish();
        Aggregated {
            outcome,
            logs,
            fuel_used: limits.fuel.saturating_sub(fuel_left),
            elapsed: started.elapsed(),
        }
    }
}

/// What the guest is called with.
struct Merging<'a> {
    program: &'a Program,
    limits: &'a Limits,
    request: &'a RunRequest,
    outputs: Vec<Vec<u8>>,
}

impl Merging<'_> {
    async fn call(self, store: &mut Store<State>, slices: &Slices) -> Returned {
        let Self {
            program,
            limits,
            request,
            outputs,
        } = self;
        loader::prepare(store, limits.fuel)?;
        let request = asked(request);
        let call = async {
            slices.take().await;
            slices
                .divide(program.aggregate(store, outputs, request))
                .await
        };
        let time = Duration::from_millis(limits.time_ms);
        match slices.within(time, call).await {
            Some(returned) => returned,
            None => Err(Stop::Interrupted.into()),
        }
    }
}

/// How merging ended. How long it took says something about this machine, and nothing
/// that others would find too.
fn outcome(returned: Returned, limits: &Limits, memory_refused: bool) -> Outcome {
    match Ending::of(returned, limits, memory_refused) {
        Ending::Interrupted => {
            let message = format!(
                "aggregate was not done in the limit time_ms of {}",
                limits.time_ms
            );
            Outcome::Failed(RunFailure::new(FailureCode::Engine, message))
        }
        ending => ending.outcome(limits),
    }
}
