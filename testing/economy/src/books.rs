//! Where all PHA and all shares are, and how they may move.

use frame_support::traits::fungible::{Inspect, InspectHold};
use pallet_computation::Event as OfComputation;
use pallet_stake_pool::{Book, Fund, MaturingPayouts};
use pallet_transaction_payment::Event as Fee;
use phat_runtime::{
    AccountId, Balance, Balances, Computation, Runtime, RuntimeEvent, RuntimeHoldReason, StakePool,
    Timestamp, Treasury, Vault,
};

use crate::Person;

/// What events say that PHA has moved by, in units of 10⁻¹² PHA.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Burned: deposits of challenges that came to nothing, and what accounts had that were too
    /// poor to go on.
    pub burned: Balance,
    /// Paid out of the mining pool.
    pub paid_out: Balance,
    /// The part of it that went to the treasury.
    pub to_treasury: Balance,
    /// Taken from stakes, for the treasury.
    pub slashed: Balance,
    /// What pools were paid, whoever gets it in the end.
    pub to_pools: Balance,
}

impl Flow {
    /// Adds what these events say. To be called within the chain, after they have happened.
    pub fn add(&mut self, events: &[RuntimeEvent]) {
        for event in events {
            self.add_one(event);
        }
    }

    fn add_one(&mut self, event: &RuntimeEvent) {
        let author = Person::Alice.account();
        match event {
            // A fee that is no account's worth is burned where the author has none.
            RuntimeEvent::TransactionPayment(Fee::TransactionFeePaid { actual_fee, .. })
                if Balances::total_balance(&author) == 0 =>
            {
                self.burned += actual_fee;
            }
            RuntimeEvent::Balances(pallet_balances::Event::DustLost { amount, .. }) => {
                self.burned += amount;
            }
            RuntimeEvent::Receipts(pallet_receipts::Event::Decided { lost, .. }) => {
                self.burned += lost;
            }
            RuntimeEvent::Computation(OfComputation::PaidOut {
                amount, treasury, ..
            }) => {
                self.paid_out += amount + treasury;
                self.to_treasury += treasury;
            }
            RuntimeEvent::Computation(OfComputation::StakeReclaimed { slashed, .. }) => {
                self.slashed += slashed;
            }
            RuntimeEvent::StakePool(pallet_stake_pool::Event::PayoutReceived {
                amount, ..
            }) => self.to_pools += amount,
            _ => (),
        }
    }
}

/// What there was at one moment, in units of 10⁻¹² PHA.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Books {
    issued: Balance,
    mining_pool: Balance,
    treasury: Balance,
}

impl Books {
    /// What there is now. To be called within the chain, as all of this.
    pub fn read() -> Self {
        let total = |account: AccountId| Balances::total_balance(&account);
        Self {
            issued: Balances::total_issuance(),
            mining_pool: total(Computation::subsidy_account()),
            treasury: total(Treasury::account_id()),
        }
    }

    /// Checks that what there is now is what there was with this flow, and that all of it is
    /// somewhere: PHA in accounts, shares in accounts, and the money of pools and vaults behind
    /// their shares. Nobody but the pallets may have sent anything to mining pool or treasury.
    pub fn check(&self, flow: &Flow) -> Result<(), String> {
        let expected = Self {
            issued: self.issued - flow.burned,
            mining_pool: self.mining_pool - flow.paid_out,
            treasury: self.treasury + flow.to_treasury + flow.slashed,
        };
        let found = Self::read();
        if found != expected {
            return Err(format!("there is {found:?}, and not {expected:?}"));
        }
        check_accounts(found.issued)?;
        check_shares()?;
        let pools = pallet_stake_pool::Pools::<Runtime>::iter();
        pools.map(|(pid, _)| pid).try_for_each(check_pool)?;
        let mut vaults = pallet_vault::Vaults::<Runtime>::iter_keys();
        vaults.try_for_each(|vid| {
            let asset = <Vault as Fund>::share_asset(vid);
            check_claims(&format!("vault {vid}"), asset, &Vault::book(vid))
        })
    }
}

/// Every PHA is in an account, free or on hold, and what is on hold is so for a reason.
fn check_accounts(issued: Balance) -> Result<(), String> {
    let mut sum: Balance = 0;
    for (account, info) in frame_system::Account::<Runtime>::iter() {
        sum += info.data.free + info.data.reserved;
        let holds = pallet_balances::Holds::<Runtime>::get(&account);
        let held: Balance = holds.iter().map(|hold| hold.amount).sum();
        if held != info.data.reserved {
            let reserved = info.data.reserved;
            return Err(format!(
                "{account} has {reserved} on hold, {held} with a reason"
            ));
        }
    }
    if sum != issued {
        return Err(format!("accounts have {sum}, and {issued} is issued"));
    }
    Ok(())
}

/// Every share is in an account.
fn check_shares() -> Result<(), String> {
    for (asset, info) in pallet_assets::Asset::<Runtime>::iter() {
        let held = shares_of(asset);
        let sum: Balance = held.iter().sum();
        if sum != info.supply || held.len() != info.accounts as usize {
            let supply = info.supply;
            return Err(format!("accounts have {sum} of {supply} shares {asset}"));
        }
    }
    Ok(())
}

/// What each account has of an asset.
fn shares_of(asset: u64) -> Vec<Balance> {
    pallet_assets::Account::<Runtime>::iter_prefix(asset)
        .map(|(_, holding)| holding.balance)
        .collect()
}

/// A pool is worth no more than what is in its account, free or staked, without what is its owner's.
fn check_pool(pid: u64) -> Result<(), String> {
    let pool = pallet_stake_pool::Pools::<Runtime>::get(pid).ok_or("a pool is missing")?;
    let account = <StakePool as Fund>::account(pid);
    let book = StakePool::book(pid, &pool);
    let free = Balances::free_balance(&account);
    let reason = RuntimeHoldReason::Computation(pallet_computation::HoldReason::Session);
    let staked = Balances::balance_on_hold(&reason, &account);
    let maturing = MaturingPayouts::<Runtime>::get(pid).left(Timestamp::get() / 1_000);
    let kept = pool.owner_rewards + Balances::minimum_balance() + maturing;
    if book.available + kept != free || book.value - book.available > staked {
        return Err(format!(
            "pool {pid} is worth {book:?} with {free} free, {kept} of it not for shares, and \
             {staked} staked"
        ));
    }
    check_claims(&format!("pool {pid}"), pid, &book)
}

/// What all shares are worth, counted holder by holder, is what the fund is worth, but for a unit
/// that each may lose by rounding.
fn check_claims(fund: &str, asset: u64, book: &Book) -> Result<(), String> {
    let holders = shares_of(asset);
    let claims: Balance = holders.iter().map(|shares| book.amount_for(*shares)).sum();
    let least = book.value.saturating_sub(holders.len() as Balance);
    if claims > book.value || claims < least {
        return Err(format!("the shares of {fund} are worth {claims}: {book:?}"));
    }
    Ok(())
}
