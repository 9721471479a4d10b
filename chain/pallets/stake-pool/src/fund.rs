//! Money that shares are issued of, and paid out for: what pools and vaults have in common.

use frame_support::{
    ensure,
    traits::{
        fungible, fungibles,
        tokens::{DepositConsequence, Fortitude, Precision, Preservation, Provenance},
    },
};
use sp_runtime::{ArithmeticError, DispatchError};

use crate::{
    Balance, Book,
    book::NotIssued,
    queue::{Queue, Queues},
};

/// Why a fund does not do what it was asked for. Pallets make errors of their own of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No shares are issued: one is worth too little.
    PriceTooLow,
    /// The amount is below the least that is taken.
    AmountTooSmall,
    /// There are no shares in nothing, nor more than the account has.
    SharesInvalid,
    /// What is worth so little does not wait.
    RequestTooSmall,
    /// The account has too many requests that wait.
    TooManyRequests,
    /// Too many requests wait.
    QueueFull,
    /// There is no such request of the account.
    UnknownRequest,
    /// What is to pay for the request was made to come already.
    RequestForced,
}

/// What became of a withdrawal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    /// It was paid at once.
    Paid(Balance),
    /// What was not paid at once waits in the queue, with this number.
    Queued(u64),
}

/// What was paid out.
pub struct Release<'a, AccountId> {
    /// The number of the request, unless it was paid without waiting.
    pub request: Option<u64>,
    /// Who is paid.
    pub who: &'a AccountId,
    /// The shares that were burned for it.
    pub shares: Balance,
    /// What was paid, in units of 10⁻¹² PHA.
    pub amount: Balance,
    /// The shares of the request that still wait.
    pub left: Balance,
}

/// A set of funds, each with a number.
///
/// The functions that change something take the fund's [`Book`] and keep it true. They are to run
/// in a storage layer that is dropped when they fail, as calls of pallets do.
pub trait Fund: Queues {
    /// What is delegated.
    type Currency: fungible::Mutate<Self::AccountId, Balance = Balance>;

    /// The shares.
    type Shares: fungibles::Mutate<Self::AccountId, AssetId = u64, Balance = Balance>;

    /// The account that has the money.
    fn account(id: u64) -> Self::AccountId;

    /// The account that has the shares that wait in the queue.
    fn queue_account(id: u64) -> Self::AccountId;

    /// The asset that the shares are.
    fn share_asset(id: u64) -> u64;

    /// The pallet's own error.
    fn refused(refusal: Refusal) -> DispatchError;

    /// The least that is taken at once, in units of 10⁻¹² PHA.
    fn amount_min() -> Balance;

    /// The least that shares which wait are worth when they are queued, and the least that is paid
    /// out for a part of a request, in units of 10⁻¹² PHA.
    fn request_min() -> Balance;

    /// The most requests of one account.
    fn requests_max() -> u32;

    /// The most requests in a queue.
    fn queue_max() -> u32;

    /// Tells of a payment.
    fn on_release(id: u64, release: Release<'_, Self::AccountId>);

    /// Takes `amount` of `who` for new shares, and gives how many.
    fn buy(
        id: u64,
        book: &mut Book,
        who: &Self::AccountId,
        amount: Balance,
    ) -> Result<Balance, DispatchError> {
        ensure!(
            amount >= Self::amount_min(),
            Self::refused(Refusal::AmountTooSmall)
        );
        let shares = book.shares_for(amount).map_err(|reason| {
            Self::refused(match reason {
                NotIssued::PriceTooLow => Refusal::PriceTooLow,
                NotIssued::TooFew => Refusal::AmountTooSmall,
            })
        })?;
        *book = book
            .with_deposit(amount, shares)
            .ok_or(ArithmeticError::Overflow)?;
        <Self::Currency as fungible::Mutate<Self::AccountId>>::transfer(
            who,
            &Self::account(id),
            amount,
            Preservation::Preserve,
        )?;
        <Self::Shares as fungibles::Mutate<Self::AccountId>>::mint_into(
            Self::share_asset(id),
            who,
            shares,
        )?;
        Ok(shares)
    }

    /// Pays for `shares` of `who`: at once if nobody waits and the money is there, otherwise from
    /// the queue. What is too little to wait is paid at once too if the money is there.
    fn sell(
        id: u64,
        book: &mut Book,
        who: &Self::AccountId,
        shares: Balance,
        now_s: u64,
    ) -> Result<Withdrawal, DispatchError> {
        let asset = Self::share_asset(id);
        let owned = <Self::Shares as fungibles::Inspect<Self::AccountId>>::balance(asset, who);
        ensure!(
            shares > 0 && shares <= owned,
            Self::refused(Refusal::SharesInvalid)
        );
        let worth = book.amount_for(shares);
        let queue = Self::queue(id);
        let is_small = worth < Self::request_min();
        if worth <= book.available && (queue.count == 0 || is_small) {
            let amount = Self::pay(id, book, (who, who), shares, worth)?;
            Self::on_release(
                id,
                Release {
                    request: None,
                    who,
                    shares,
                    amount,
                    left: 0,
                },
            );
            return Ok(Withdrawal::Paid(amount));
        }
        ensure!(!is_small, Self::refused(Refusal::RequestTooSmall));
        Self::wait(id, who, shares, queue, now_s).map(Withdrawal::Queued)
    }

    /// Puts `shares` of `who` into the queue. There they are still shares, so gains and losses
    /// reach them, but nobody can move them.
    fn wait(
        id: u64,
        who: &Self::AccountId,
        shares: Balance,
        queue: Queue,
        now_s: u64,
    ) -> Result<u64, DispatchError> {
        ensure!(
            queue.count < Self::queue_max(),
            Self::refused(Refusal::QueueFull)
        );
        ensure!(
            Self::queued(id, who).requests < Self::requests_max(),
            Self::refused(Refusal::TooManyRequests)
        );
        <Self::Shares as fungibles::Mutate<Self::AccountId>>::transfer(
            Self::share_asset(id),
            who,
            &Self::queue_account(id),
            shares,
            Preservation::Expendable,
        )?;
        Ok(Self::push(id, who, shares, now_s))
    }

    /// Pays up to `limit` requests, the first one first, with what is available, and gives how many
    /// it paid, in full or in part.
    ///
    /// The first is paid in part when there is not enough for all of it, but no part is worth less
    /// than [`Fund::request_min`]. Nothing that a request or its account is stops those behind it.
    fn serve(id: u64, book: &mut Book, limit: u32) -> Result<u32, DispatchError> {
        let queue_account = Self::queue_account(id);
        for served in 0..limit {
            let first = Self::queue(id).first;
            let Some((number, request)) =
                first.and_then(|number| Some((number, Self::request(id, number)?)))
            else {
                return Ok(served);
            };
            let whole = book.amount_for(request.shares);
            let is_whole = whole <= book.available;
            let shares = if is_whole {
                request.shares
            } else if book.available < Self::request_min() {
                return Ok(served);
            } else {
                book.shares_within(book.available)
            };
            if shares == 0 {
                return Ok(served);
            }
            let worth = book.amount_for(shares);
            let who = &request.who;
            let amount = Self::pay(id, book, (&queue_account, who), shares, worth)?;
            let left = Self::reduce(id, number, shares);
            Self::on_release(
                id,
                Release {
                    request: Some(number),
                    who,
                    shares,
                    amount,
                    left,
                },
            );
            if !is_whole {
                return Ok(served.saturating_add(1));
            }
        }
        Ok(limit)
    }

    /// Takes request `number` of `who` out of the queue and gives its shares back, unless the fund
    /// was forced to get the money for it: others have paid for that.
    fn unqueue(id: u64, who: &Self::AccountId, number: u64) -> Result<Balance, DispatchError> {
        let request = Self::request(id, number)
            .filter(|request| request.who == *who)
            .ok_or(Self::refused(Refusal::UnknownRequest))?;
        ensure!(
            !Self::queue(id).is_counted(number),
            Self::refused(Refusal::RequestForced)
        );
        Self::reduce(id, number, request.shares);
        <Self::Shares as fungibles::Mutate<Self::AccountId>>::transfer(
            Self::share_asset(id),
            &Self::queue_account(id),
            who,
            request.shares,
            Preservation::Expendable,
        )
    }

    /// Burns `shares` of the first account and pays `amount` for them to the second. Gives what was
    /// paid: nothing if the account cannot have so little, and then it stays in the fund.
    fn pay(
        id: u64,
        book: &mut Book,
        (owner, payee): (&Self::AccountId, &Self::AccountId),
        shares: Balance,
        amount: Balance,
    ) -> Result<Balance, DispatchError> {
        let can_have = <Self::Currency as fungible::Inspect<Self::AccountId>>::can_deposit(
            payee,
            amount,
            Provenance::Extant,
        );
        let amount = match can_have {
            DepositConsequence::Success => amount,
            _ => 0,
        };
        *book = book
            .with_payment(amount, shares)
            .ok_or(ArithmeticError::Underflow)?;
        <Self::Shares as fungibles::Mutate<Self::AccountId>>::burn_from(
            Self::share_asset(id),
            owner,
            shares,
            Preservation::Expendable,
            Precision::Exact,
            Fortitude::Polite,
        )?;
        if amount > 0 {
            <Self::Currency as fungible::Mutate<Self::AccountId>>::transfer(
                &Self::account(id),
                payee,
                amount,
                Preservation::Preserve,
            )?;
        }
        Ok(amount)
    }

    /// What the shares that wait are worth. Money that they need is for nothing else.
    fn owed(id: u64, book: &Book) -> Balance {
        book.amount_for(Self::queue(id).shares)
    }
}
