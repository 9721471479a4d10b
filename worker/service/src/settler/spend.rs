//! Keeps count of what the relay account spends.

use phat_target::PreparedTransaction;
use phat_worker_core::Spending;

use super::{Actor, Stop, act::Round};
use crate::{journal::Step, pace::now_ms};

impl Actor {
    /// Notes what transactions have cost that are included for good.
    pub(super) async fn note_costs(&mut self, round: &Round) -> Result<(), Stop> {
        let open: std::collections::BTreeSet<u64> = self.spending.open().collect();
        let mut spending = self.spending.clone();
        let mut is_changed = spending.at(now_ms());
        for (hash, (nonce, status)) in &round.included {
            if !open.contains(nonce) {
                continue;
            }
            if let Some(transaction) = self.transaction(*hash).await? {
                let cost = if self.parts.target.takes_data_fee() {
                    // The receipt's gas is only a part of it.
                    transaction.cost_max
                } else {
                    phat_worker_core::cost(&transaction, status)
                };
                is_changed |= spending.included(*nonce, cost);
            }
        }
        self.keep_spending(spending, is_changed).await
    }

    /// Closes the books of nonces that no request follows any more. What was never
    /// sent has cost nothing; of all else, nobody knows, so it counts in full.
    pub(super) async fn reconcile_spending(&mut self) -> Result<(), Stop> {
        let mut spending = self.spending.clone();
        let mut is_changed = false;
        for nonce in self.spending.open() {
            let is_held = self
                .records()
                .any(|record| record.nonces_held().any(|held| held == nonce));
            if is_held {
                continue;
            }
            let attempts = self.records().flat_map(|record| &record.attempts);
            let mut was_sent = attempts
                .filter(|attempt| attempt.nonce == nonce)
                .map(|attempt| attempt.sent_at.is_some())
                .peekable();
            let is_known = was_sent.peek().is_some();
            is_changed |= if is_known && !was_sent.any(|was_sent| was_sent) {
                spending.never_sent(nonce)
            } else {
                spending.unfollowed(nonce)
            };
        }
        self.keep_spending(spending, is_changed).await
    }

    async fn keep_spending(&mut self, spending: Spending, is_changed: bool) -> Result<(), Stop> {
        self.parts
            .metrics
            .relay_spent(self.parts.target.chain(), spending.total());
        if !is_changed {
            return Ok(());
        }
        let step = Step {
            spending: Some((self.chain().to_owned(), spending)),
            ..Step::default()
        };
        Ok(self.commit(step).await?)
    }

    /// Why a transaction must wait, if the day's cap leaves no room for it.
    pub(super) fn over_cap(&self, transaction: &PreparedTransaction) -> Option<String> {
        let cap = self.parts.relay.spending_cap?;
        let now = now_ms();
        let mut spending = self.spending.clone();
        spending.at(now);
        let total = spending.total_with(transaction);
        if total <= cap {
            return None;
        }
        let chain = self.chain();
        let spent = spending.total();
        let hours = Spending::hours_left(now);
        Some(format!(
            "{chain}: the relay account has spent {spent} of the {cap} that it may spend a day, and \
             this settlement can cost {}: it waits for the next day (UTC), in {hours} h at most; \
             the worker's operator can raise --spending-cap",
            transaction.cost_max
        ))
    }
}
