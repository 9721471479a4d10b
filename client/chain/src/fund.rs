//! What pools and vaults have in common: shares, what they are worth, and withdrawals that wait.
//!
//! The arithmetic is that of the chain, which rounds in favour of those who stay.

use phat_primitives::AccountBytes;
use primitive_types::U256;
use subxt::utils::AccountId32;

use crate::{
    ChainError, State,
    answer::in_time,
    api::{
        self,
        runtime_types::{
            frame_support::PalletId,
            pallet_stake_pool::{
                queue::{Queue as StoredQueue, Queued as StoredQueued, Request as StoredRequest},
                types::NoticedRate as StoredRate,
            },
        },
    },
    state::read,
};

/// What the accounts of pallets begin with.
const PALLET_ACCOUNT: [u8; 4] = *b"modl";

/// What a pool or a vault has, and how many shares of it there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShareBook {
    /// What all shares together are worth, in units of 10⁻¹² PHA.
    pub value: u128,
    /// How many shares there are.
    pub supply: u128,
    /// The part of the value that can be paid out at once, in units of 10⁻¹² PHA.
    pub available: u128,
}

impl ShareBook {
    /// What `shares` are worth, in units of 10⁻¹² PHA, rounded down. More shares than there are are
    /// worth all.
    pub fn amount_for(&self, shares: u128) -> u128 {
        if shares >= self.supply {
            return self.value;
        }
        // Less than the value, since the shares are fewer than the supply.
        mul_div(self.value, shares, self.supply, Rounding::Down).unwrap_or(self.value)
    }

    /// The fewest shares that are worth `amount`, in units of 10⁻¹² PHA, or all if all are worth
    /// less.
    pub fn shares_covering(&self, amount: u128) -> u128 {
        if amount >= self.value {
            return self.supply;
        }
        let shares = mul_div(amount, self.supply, self.value, Rounding::Up);
        shares.unwrap_or(self.supply).min(self.supply)
    }

    /// How many shares `amount` buys, in units of 10⁻¹² PHA, rounded down. `None` if shares are
    /// worth nothing, or it is more than there can be.
    pub fn shares_for(&self, amount: u128) -> Option<u128> {
        mul_div(amount, self.supply, self.value, Rounding::Down)
    }

    /// What so many shares are worth that were worth 1 PHA at first, in units of 10⁻¹² PHA: the
    /// price of a share. `None` if there are no shares, or it is more than can be counted.
    pub fn price(&self) -> Option<u128> {
        mul_div(
            self.value,
            phat_tokenomics::UNITS_PER_PHA,
            self.supply,
            Rounding::Down,
        )
    }
}

/// A part that an owner takes, in millionths. It falls at once and rises after a notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoticedRate {
    /// What is taken until the rise.
    pub rate_ppm: u32,
    /// What is taken from then on, if it is to rise.
    pub rise: Option<RateRise>,
}

/// A higher rate, and when it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateRise {
    /// The rate, in millionths.
    pub rate_ppm: u32,
    /// Its beginning, in seconds since 1970.
    pub from_s: u64,
}

impl NoticedRate {
    /// What is taken at `now_s`, in seconds since 1970, in millionths.
    pub fn at(&self, now_s: u64) -> u32 {
        match self.rise {
            Some(rise) if rise.from_s <= now_s => rise.rate_ppm,
            _ => self.rate_ppm,
        }
    }
}

impl From<StoredRate> for NoticedRate {
    fn from(stored: StoredRate) -> Self {
        Self {
            rate_ppm: stored.rate.0,
            rise: stored.rise.map(|rise| RateRise {
                rate_ppm: rise.rate.0,
                from_s: rise.from_s,
            }),
        }
    }
}

/// The withdrawals that wait, together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// How many there are.
    pub count: u32,
    /// How many shares they have.
    pub shares: u128,
    /// Since when the first has waited, in seconds since 1970.
    pub waiting_since_s: Option<u64>,
}

/// A withdrawal that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaitingWithdrawal {
    /// Its number. Lower ones are paid first.
    pub request: u64,
    /// Who withdraws.
    pub who: AccountBytes,
    /// The shares that are still to be paid out.
    pub shares: u128,
    /// When it was made, in seconds since 1970.
    pub requested_at_s: u64,
}

/// What an account has in a pool or a vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// The shares that it can move.
    pub shares: u128,
    /// Its shares that wait in the queue.
    pub queued: u128,
    /// The withdrawals that these belong to.
    pub requests: u32,
}

/// What the runtime decides about all pools, or about all vaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FundTerms {
    /// What who creates one delegates to it for good, in units of 10⁻¹² PHA.
    pub seed: u128,
    /// What its account has at the least, in units of 10⁻¹² PHA, which its creator gives it too.
    pub existential_deposit: u128,
    /// The least that is delegated at once, in units of 10⁻¹² PHA.
    pub delegation_min: u128,
    /// The least that a withdrawal which waits is worth when it is made, in units of 10⁻¹² PHA.
    pub request_min: u128,
    /// The highest part that an owner may take, in millionths.
    pub rate_ppm_max: u32,
    /// How many seconds a withdrawal waits before it can be forced, and a rate before it rises.
    pub grace_s: u64,
    /// The most withdrawals of one account that wait.
    pub requests_max: u32,
}

/// Gives the withdrawals that wait in the map at an address, by fund.
macro_rules! withdrawals {
    ($state:expr, $address:expr, $id:expr) => {{
        let map = $state.at.storage().entry($address)?;
        let mut entries = in_time(map.iter(($id,))).await?;
        let mut found = Vec::new();
        while let Some(entry) = in_time(entries.next().map(Option::transpose)).await? {
            let (_, request) = entry
                .key()
                .and_then(|key| key.decode())
                .map_err(subxt::Error::from)?;
            let stored = entry.value().decode().map_err(subxt::Error::from)?;
            found.push($crate::fund::waiting(request, stored));
        }
        found.sort_unstable_by_key(|withdrawal| withdrawal.request);
        found
    }};
}

pub(crate) use withdrawals;

/// A withdrawal as the chain stores it.
pub(crate) fn waiting(request: u64, stored: StoredRequest<AccountId32>) -> WaitingWithdrawal {
    WaitingWithdrawal {
        request,
        who: AccountBytes(stored.who.0),
        shares: stored.shares,
        requested_at_s: stored.requested_at_s,
    }
}

/// A queue of which the chain stores these ends, and this first request.
pub(crate) fn queue_of(
    ends: Option<&StoredQueue>,
    first: Option<&StoredRequest<AccountId32>>,
) -> Queue {
    Queue {
        count: ends.map_or(0, |ends| ends.count),
        shares: ends.map_or(0, |ends| ends.shares),
        waiting_since_s: first.map(|request| request.requested_at_s),
    }
}

/// What an account has that has these shares, and this in the queue.
pub(crate) fn position_of(shares: u128, queued: Option<StoredQueued>) -> Position {
    Position {
        shares,
        queued: queued.as_ref().map_or(0, |queued| queued.shares),
        requests: queued.map_or(0, |queued| queued.requests),
    }
}

/// The account of a pallet's for the fund with this number.
pub(crate) fn fund_account(pallet: &PalletId, id: u64) -> AccountBytes {
    let mut account = [0; 32];
    let parts = [&PALLET_ACCOUNT[..], &pallet.0, &id.to_le_bytes()];
    let bytes = parts.into_iter().flatten();
    for (place, byte) in account.iter_mut().zip(bytes) {
        *place = *byte;
    }
    AccountBytes(account)
}

impl State {
    /// How many shares with this asset id there are.
    pub(crate) async fn share_supply(&self, asset: u64) -> Result<u128, ChainError> {
        let details = read!(self, api::storage().assets().asset(), asset);
        Ok(details.map_or(0, |details| details.supply))
    }

    /// How many of them an account has.
    pub(crate) async fn shares_of(
        &self,
        asset: u64,
        who: &AccountBytes,
    ) -> Result<u128, ChainError> {
        let address = api::storage().assets().account();
        let account = read!(self, address, asset, AccountId32(who.0));
        Ok(account.map_or(0, |account| account.balance))
    }

    /// What an account has at the least, in units of 10⁻¹² PHA.
    pub(crate) fn existential_deposit(&self) -> Result<u128, ChainError> {
        let address = api::constants().balances().existential_deposit();
        Ok(self.at.constants().entry(address)?)
    }

    /// The time of the block, in seconds since 1970.
    pub(crate) async fn now_s(&self) -> Result<u64, ChainError> {
        Ok(self.made_at_ms().await?.unwrap_or(0) / 1_000)
    }
}

/// How a quotient becomes a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rounding {
    Down,
    Up,
}

/// `a`·`b`/`divisor`. `None` if it is more than can be counted, or the divisor is zero.
pub(crate) fn mul_div(a: u128, b: u128, divisor: u128, rounding: Rounding) -> Option<u128> {
    if divisor == 0 {
        return None;
    }
    // The product of two numbers of 128 bits has 256 at the most.
    let (quotient, rest) = (U256::from(a) * U256::from(b)).div_mod(U256::from(divisor));
    let quotient = u128::try_from(quotient).ok()?;
    if rounding == Rounding::Up && !rest.is_zero() {
        return quotient.checked_add(1);
    }
    Some(quotient)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHA: u128 = phat_tokenomics::UNITS_PER_PHA;

    fn book(value: u128, supply: u128) -> ShareBook {
        ShareBook {
            value,
            supply,
            available: value,
        }
    }

    #[test]
    fn shares_are_worth_what_the_chain_says() {
        // The same numbers as in the tests of the pallet.
        let book = book(3 * PHA, 2 * PHA);
        assert_eq!(book.shares_for(3 * PHA + 1), Some(2 * PHA));
        assert_eq!((book.amount_for(1), book.amount_for(2)), (1, 3));
        assert_eq!(book.amount_for(u128::MAX), 3 * PHA);
        assert_eq!(book.shares_covering(4), 3);
        assert_eq!(book.shares_covering(4 * PHA), 2 * PHA);
        assert_eq!(book.price(), Some(3 * PHA / 2));
    }

    #[test]
    fn no_amount_is_too_much_and_none_is_divided_by() {
        let most = u128::MAX;
        assert_eq!(mul_div(most, most, most, Rounding::Up), Some(most));
        assert_eq!(mul_div(most, most, 1, Rounding::Down), None);
        assert_eq!(mul_div(1, 1, 0, Rounding::Down), None);
        assert_eq!(mul_div(7, 3, 2, Rounding::Down), Some(10));
        assert_eq!(mul_div(7, 3, 2, Rounding::Up), Some(11));
        assert_eq!(book(0, 0).price(), None);
        assert_eq!(book(0, 0).amount_for(5), 0);
        assert_eq!(book(0, PHA).shares_for(1), None);
    }

    #[test]
    fn a_rate_rises_when_its_notice_is_over() {
        let rate = NoticedRate {
            rate_ppm: 100_000,
            rise: Some(RateRise {
                rate_ppm: 200_000,
                from_s: 50,
            }),
        };
        assert_eq!((rate.at(49), rate.at(50)), (100_000, 200_000));
    }

    #[test]
    fn the_account_of_a_fund_is_made_as_the_chain_makes_it() {
        let account = fund_account(&PalletId(*b"phat/pol"), 0x0102);
        assert_eq!(&account.0[..12], b"modlphat/pol");
        assert_eq!(account.0[12..14], [2, 1]);
        assert_eq!(account.0[14..], [0; 18]);
    }
}
