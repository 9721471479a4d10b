//! The state machine of a worker in a session.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
    Fixed, Parameters, confidence_score,
    curve::{decay, grow},
    fault_fraction, p_instant, share,
};

/// How a worker in a session is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum WorkerPhase {
    /// It answers: V grows, and its share counts.
    Idle,
    /// It has missed a challenge: V decays, and its share does not count.
    Unresponsive,
    /// Its session is over: only faults that are proven later move V.
    Stopped,
}

/// A worker in a session.
///
/// Its methods take the number of the block in which they happen. Blocks may be left out,
/// but time does not go back: an earlier block counts as the last. In each block
///
/// 1. a challenge of block *c* that is open in block *c* + window + 1 has been missed, which
///    [`Self::timeout`] is told before anything else in that block;
/// 2. V moves once for the block: it grows if the worker is idle, in blocks with events as
///    in others, or decays if it is unresponsive, in the block after the window for the
///    first time, and in the block in which it answers again for the last;
/// 3. events happen at the V that this gives: [`Self::heartbeat`], [`Self::fault`],
///    [`Self::stop`].
///
/// A worker starts within a block, and V moves from the next block on. The parameters of a
/// call hold for all blocks since the call before.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct WorkerState {
    /// *V*<sup>e</sup>: V at the start, in PHA.
    pub v_initial: Fixed,
    /// V after the block `updated_at`, in PHA.
    pub v: Fixed,
    /// What V has grown by since the last payout, in PHA: payouts lower V by no more.
    pub v_deductible: Fixed,
    /// *P*: the performance score at the start, in iterations per 6 s.
    pub p_initial: u32,
    /// *P*<sub>t</sub>: the performance score last measured, at most 1.2·*P*.
    pub p_instant: Fixed,
    /// The confidence level of the worker's platform, from 1 to 5.
    pub confidence_level: u8,
    /// How the worker is.
    pub state: WorkerPhase,
    /// The block up to which V is told.
    pub updated_at: u32,
    /// The block up to which the worker has been paid.
    pub paid_at: u32,
    /// The share of the payouts as it counts in [`Totals`]: zero unless idle.
    pub share: Fixed,
}

/// What is kept over all workers in sessions.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Encode,
    Decode,
    DecodeWithMemTracking,
    MaxEncodedLen,
    TypeInfo,
)]
pub struct Totals {
    /// Σshare: the shares of all idle workers, each as of its own last event.
    ///
    /// Between two events a share is behind by what V has grown: about 0.02 % an hour.
    pub share: Fixed,
}

/// What a heartbeat is paid, in PHA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Payout {
    /// For whoever has staked on the worker.
    pub worker: Fixed,
    /// For the treasury.
    pub treasury: Fixed,
}

impl Totals {
    /// Exchanges the share of one worker. Exact as long as the sum is below 2⁴⁸.
    fn exchange(&mut self, before: Fixed, after: Fixed) {
        self.share = self.share.saturating_sub(before).saturating_add(after);
    }
}

impl WorkerState {
    /// A worker whose session starts in block `now`: at its first V, with the performance
    /// `p_initial` that it has proven. `None` when the confidence level is unknown.
    pub fn start(
        totals: &mut Totals,
        now: u32,
        v_initial: Fixed,
        p_initial: u32,
        confidence_level: u8,
    ) -> Option<Self> {
        confidence_score(confidence_level)?;
        let mut worker = Self {
            v_initial,
            v: v_initial,
            v_deductible: Fixed::ZERO,
            p_initial,
            p_instant: Fixed::from_int(p_initial.into()),
            confidence_level,
            state: WorkerPhase::Idle,
            updated_at: now,
            paid_at: now,
            share: Fixed::ZERO,
        };
        worker.count(totals);
        Some(worker)
    }

    /// The worker as it will be in block `now` if nothing happens to it until then. Its
    /// share is the one that it would count with.
    pub fn at(&self, parameters: &Parameters, now: u32) -> Self {
        let mut worker = *self;
        worker.settle(parameters, now);
        worker.share = worker.share_now();
        worker
    }

    /// Moves V, and the share that counts, to block `now`.
    pub fn advance(&mut self, parameters: &Parameters, totals: &mut Totals, now: u32) {
        self.settle(parameters, now);
        self.count(totals);
    }

    /// An answer to a challenge: `iterations` done in the `elapsed_ms` milliseconds since
    /// the answer before; 0 when the worker has restarted in between.
    ///
    /// An idle worker is paid for the blocks since it was paid last, and V falls by its
    /// part as far as it had grown since then. An unresponsive worker is idle again, and is
    /// paid nothing for the gap. A stopped one is left as it is.
    #[must_use = "the payout is to be transferred"]
    pub fn heartbeat(
        &mut self,
        parameters: &Parameters,
        totals: &mut Totals,
        now: u32,
        iterations: u64,
        elapsed_ms: u64,
    ) -> Payout {
        let measured = p_instant(self.p_initial, iterations, elapsed_ms);
        self.answer(parameters, totals, now, measured)
    }

    /// As [`Self::heartbeat`], with the performance as it was measured last.
    #[must_use = "the payout is to be transferred"]
    pub fn heartbeat_unmeasured(
        &mut self,
        parameters: &Parameters,
        totals: &mut Totals,
        now: u32,
    ) -> Payout {
        self.answer(parameters, totals, now, self.p_instant)
    }

    /// A challenge has been missed: the worker is unresponsive, with block `now`, the first
    /// after the window, as the first in which V decays. Changes nothing unless it is idle.
    pub fn timeout(&mut self, parameters: &Parameters, totals: &mut Totals, now: u32) {
        if self.state == WorkerPhase::Idle {
            self.settle(parameters, now.saturating_sub(1));
            self.state = WorkerPhase::Unresponsive;
            self.v_deductible = Fixed::ZERO;
        }
        self.advance(parameters, totals, now);
    }

    /// A fault of this level, from 2 to 4, has been proven. Gives what V has lost by it;
    /// `None`, and nothing changes, for any other level.
    pub fn fault(
        &mut self,
        parameters: &Parameters,
        totals: &mut Totals,
        now: u32,
        level: u8,
    ) -> Option<Fixed> {
        let fraction = fault_fraction(level)?;
        self.settle(parameters, now);
        let lost = self.v.saturating_mul(fraction).min(self.v);
        self.v = self.v.saturating_sub(lost);
        self.v_deductible = self.v_deductible.min(self.v);
        self.count(totals);
        Some(lost)
    }

    /// The session ends. Nothing is paid for the blocks since the last payout.
    pub fn stop(&mut self, parameters: &Parameters, totals: &mut Totals, now: u32) {
        self.settle(parameters, now);
        self.state = WorkerPhase::Stopped;
        self.count(totals);
    }

    fn answer(
        &mut self,
        parameters: &Parameters,
        totals: &mut Totals,
        now: u32,
        p_instant: Fixed,
    ) -> Payout {
        self.settle(parameters, now);
        let mut payout = Payout::default();
        match self.state {
            WorkerPhase::Stopped => return payout,
            WorkerPhase::Unresponsive => {
                self.state = WorkerPhase::Idle;
                self.p_instant = p_instant;
            }
            WorkerPhase::Idle => {
                self.p_instant = p_instant;
                self.count(totals);
                payout = self.payout(parameters, totals);
                let deducted = payout.worker.min(self.v_deductible);
                self.v = self.v.saturating_sub(deducted);
            }
        }
        self.v_deductible = Fixed::ZERO;
        self.paid_at = self.updated_at;
        self.count(totals);
        payout
    }

    /// What the blocks since the last payout come to, with the share as it counts now.
    /// Rounded down, so that all payouts together stay within the budget.
    fn payout(&self, parameters: &Parameters, totals: &Totals) -> Payout {
        let blocks = self.updated_at.saturating_sub(self.paid_at);
        let budget = parameters
            .budget_per_block
            .saturating_mul(Fixed::from_int(blocks.into()));
        let paid = budget.mul_ratio_floor(self.share, totals.share);
        let treasury = paid.saturating_mul(parameters.treasury_ratio).min(paid);
        Payout {
            worker: paid.saturating_sub(treasury),
            treasury,
        }
    }

    /// Moves V to block `now` by the closed form.
    fn settle(&mut self, parameters: &Parameters, now: u32) {
        let Some(blocks) = now.checked_sub(self.updated_at) else {
            return;
        };
        self.updated_at = now;
        if blocks == 0 {
            return;
        }
        match self.state {
            WorkerPhase::Idle => {
                let grown = self.grown(parameters, blocks);
                let increase = grown.saturating_sub(self.v);
                self.v_deductible = self.v_deductible.saturating_add(increase);
                self.v = grown;
            }
            WorkerPhase::Unresponsive => {
                self.v = decay(self.v, parameters.slash_rate, blocks);
                self.v_deductible = Fixed::ZERO;
            }
            WorkerPhase::Stopped => {}
        }
    }

    /// V after so many idle blocks.
    fn grown(&self, parameters: &Parameters, blocks: u32) -> Fixed {
        let p = Fixed::from_int(self.p_initial.into());
        let cost = parameters
            .cost_k
            .saturating_mul(p)
            .saturating_add(parameters.cost_b);
        let rate = parameters.rho.saturating_sub(Fixed::ONE);
        // k_p, which the cap of P_t keeps at 1.2 or below; nothing for a P of zero.
        let scale = |value: Fixed| value.mul_ratio(self.p_instant, p);
        grow(self.v, scale(rate), scale(cost), parameters.v_max, blocks)
    }

    fn share_now(&self) -> Fixed {
        match (self.state, confidence_score(self.confidence_level)) {
            (WorkerPhase::Idle, Some(score)) => share(self.v, self.p_instant, score),
            _ => Fixed::ZERO,
        }
    }

    /// Brings the share that counts up to date.
    fn count(&mut self, totals: &mut Totals) {
        let now = self.share_now();
        totals.exchange(self.share, now);
        self.share = now;
    }
}
