//! What the pallet stores, and how other pallets delegate to pools.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use frame_support::{dispatch::DispatchResult, weights::Weight};
use scale_info::TypeInfo;
use sp_runtime::{DispatchError, Permill};

use crate::{Balance, Withdrawal};

/// A part that its owner takes, which falls at once and rises only after a notice, so that who
/// does not agree can leave before.
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
pub struct NoticedRate {
    /// What is taken until the rise.
    pub rate: Permill,
    /// What is taken from then on, if it is to rise.
    pub rise: Option<Rise>,
}

/// A higher rate, and when it begins.
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
pub struct Rise {
    /// The rate.
    pub rate: Permill,
    /// Its beginning, in seconds since 1970.
    pub from_s: u64,
}

impl NoticedRate {
    /// A rate from the first moment on.
    pub fn new(rate: Permill) -> Self {
        Self { rate, rise: None }
    }

    /// What is taken at `now_s`, in seconds since 1970.
    pub fn at(&self, now_s: u64) -> Permill {
        match self.rise {
            Some(rise) if rise.from_s <= now_s => rise.rate,
            _ => self.rate,
        }
    }

    /// From now on it is `rate` if that is no more than what is taken now, else after `notice_s`
    /// seconds. A rise that has not begun is forgotten. Gives when it begins, in seconds since
    /// 1970.
    pub fn set(&mut self, rate: Permill, now_s: u64, notice_s: u64) -> u64 {
        let current = self.at(now_s);
        if rate <= current {
            *self = Self::new(rate);
            return now_s;
        }
        let from_s = now_s.saturating_add(notice_s);
        self.rate = current;
        self.rise = Some(Rise { rate, from_s });
        from_s
    }
}

/// A pool.
#[derive(
    Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct PoolInfo<AccountId> {
    /// Who runs it.
    pub owner: AccountId,
    /// The owner's part of payouts.
    pub commission: NoticedRate,
    /// What was taken for the owner and not claimed yet, in units of 10⁻¹² PHA. It is in the pool's
    /// account but not of the pool's value.
    pub owner_rewards: Balance,
    /// The value that delegations may fill the pool up to, in units of 10⁻¹² PHA, if there is a
    /// limit.
    pub cap: Option<Balance>,
    /// Whether only the owner and those on the whitelist may delegate.
    pub is_restricted: bool,
    /// How many are on the whitelist.
    pub whitelisted: u32,
}

/// What an account has in a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The shares that the account can move.
    pub shares: Balance,
    /// What these are worth, in units of 10⁻¹² PHA.
    pub shares_value: Balance,
    /// Its shares that wait in the queue.
    pub queued: Balance,
    /// What these are worth, in units of 10⁻¹² PHA.
    pub queued_value: Balance,
}

impl Position {
    /// What all are worth, in units of 10⁻¹² PHA.
    pub fn value(&self) -> Balance {
        self.shares_value.saturating_add(self.queued_value)
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.shares == 0 && self.queued == 0
    }
}

/// Delegates to pools for another pallet.
pub trait Delegate<AccountId> {
    /// Delegates `amount` of `who`, in units of 10⁻¹² PHA, and gives the shares bought.
    ///
    /// Errors: those of [`Pallet::delegate`](crate::Pallet::delegate).
    fn delegate(pid: u64, who: &AccountId, amount: Balance) -> Result<Balance, DispatchError>;

    /// Withdraws `shares` of `who`.
    ///
    /// Errors: those of [`Pallet::withdraw`](crate::Pallet::withdraw).
    fn withdraw(pid: u64, who: &AccountId, shares: Balance) -> Result<Withdrawal, DispatchError>;

    /// Takes a withdrawal of `who` back that waits.
    ///
    /// Errors: those of [`Pallet::cancel_withdrawal`](crate::Pallet::cancel_withdrawal).
    fn cancel_withdrawal(pid: u64, who: &AccountId, request: u64) -> DispatchResult;

    /// What `who` has in pool `pid`. None if there is no such pool.
    fn position(pid: u64, who: &AccountId) -> Option<Position>;

    /// How many more withdrawals of `who` may wait in pool `pid`.
    fn requests_left(pid: u64, who: &AccountId) -> u32;

    /// The number of shares of `who` that are worth `amount`, in units of 10⁻¹² PHA, or all that
    /// it can move if they are worth less.
    fn shares_covering(pid: u64, who: &AccountId, amount: Balance) -> Balance;

    /// The most that [`Self::delegate`] may weigh.
    fn delegate_weight() -> Weight;

    /// The most that [`Self::withdraw`] may weigh.
    fn withdraw_weight() -> Weight;

    /// The most that [`Self::cancel_withdrawal`] may weigh.
    fn cancel_withdrawal_weight() -> Weight;

    /// The most that [`Self::position`] or [`Self::shares_covering`] may weigh.
    fn position_weight() -> Weight;

    /// Makes a pool that anyone may delegate to, without workers, and gives its number.
    #[cfg(feature = "runtime-benchmarks")]
    fn create_for_benchmark(owner: &AccountId) -> Result<u64, DispatchError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_falls_at_once_and_rises_after_a_notice() {
        let percent = Permill::from_percent;
        let mut rate = NoticedRate::new(percent(10));
        assert_eq!(rate.set(percent(20), 100, 50), 150);
        assert_eq!(rate.at(149), percent(10));
        assert_eq!(rate.at(150), percent(20));
        // Another rise does not bring the first one's end nearer, nor what is taken back.
        assert_eq!(rate.set(percent(15), 149, 50), 199);
        assert_eq!(rate.at(198), percent(10));
        assert_eq!(rate.set(percent(30), 200, 50), 250);
        assert_eq!(rate.at(249), percent(15));
        assert_eq!(rate.set(percent(5), 210, 50), 210);
        assert_eq!(rate, NoticedRate::new(percent(5)));
    }
}
