//! Money and shares that move from one to another, and stake on contracts.

use arbitrary::{Result, Unstructured};
use frame_support::traits::fungible::Inspect;
use pallet_stake_pool::Fund;
use phat_runtime::{AccountId, Balance, Balances, Runtime, StakePool, Vault, constants::PHA};

use super::{Action, contracts::some_contract, part, someone};
use crate::{Chain, Person};

/// The most that is moved at once, unless it is all, in PHA.
const PHA_MAX: u128 = 50_000;

/// What happens next.
pub(super) fn next(chain: &mut Chain, choices: &mut Unstructured<'_>) -> Result<Action> {
    let who = someone(choices)?;
    Ok(match choices.int_in_range(0..=7u8)? {
        0 | 1 => transfer(who, choices)?,
        2 => empty(chain, who, choices)?,
        3 | 4 => transfer_shares(chain, who, choices)?,
        5 | 6 => Action::call(
            who,
            pallet_contract_stake::Call::<Runtime>::stake {
                contract: some_contract(choices)?,
                amount: amount(choices)?,
            },
        ),
        _ => unstake(chain, who, choices)?,
    })
}

/// Some amount, often a whole number of PHA.
pub(super) fn amount(choices: &mut Unstructured<'_>) -> Result<Balance> {
    let pha = choices.int_in_range(0..=PHA_MAX)?;
    let rest = if choices.ratio(1, 4)? {
        choices.int_in_range(0..=PHA)?
    } else {
        0
    };
    Ok(pha * PHA + rest)
}

/// To somebody, or to the account of a pool or vault: whoever has its shares gains.
fn transfer(who: Person, choices: &mut Unstructured<'_>) -> Result<Action> {
    let dest = match choices.int_in_range(0..=6u8)? {
        0 => <StakePool as Fund>::account(0),
        1 => <Vault as Fund>::account(0),
        _ => someone(choices)?.account(),
    };
    Ok(Action::call(
        who,
        pallet_balances::Call::<Runtime>::transfer_keep_alive {
            dest: dest.into(),
            value: amount(choices)?,
        },
    ))
}

/// All but nothing, to an account that nobody has: what is left may be too little to be kept.
fn empty(chain: &mut Chain, who: Person, choices: &mut Unstructured<'_>) -> Result<Action> {
    // Rarely: who has nothing does nothing any more.
    if choices.ratio(3, 4)? {
        return transfer(who, choices);
    }
    let free = chain.with(|| Balances::balance(&who.account()));
    let left = choices.int_in_range(0..=PHA / 500)?;
    let nobody = AccountId::from([choices.int_in_range(1..=4u8)?; 32]);
    Ok(Action::call(
        who,
        pallet_balances::Call::<Runtime>::transfer_allow_death {
            dest: nobody.into(),
            value: free.saturating_sub(left),
        },
    ))
}

fn transfer_shares(
    chain: &mut Chain,
    who: Person,
    choices: &mut Unstructured<'_>,
) -> Result<Action> {
    let asset = match choices.int_in_range(0..=2u8)? {
        2 => <Vault as Fund>::share_asset(0),
        pid => u64::from(pid),
    };
    let target = someone(choices)?.account();
    let owned = chain.with(|| phat_runtime::Assets::balance(asset, who.account()));
    Ok(Action::call(
        who,
        pallet_assets::Call::<Runtime>::transfer {
            id: asset,
            target: target.into(),
            amount: part(choices, owned)?,
        },
    ))
}

fn unstake(chain: &mut Chain, who: Person, choices: &mut Unstructured<'_>) -> Result<Action> {
    let contract = some_contract(choices)?;
    let account = who.account();
    let staked = chain.with(|| pallet_contract_stake::Stakes::<Runtime>::get(contract, &account));
    Ok(Action::call(
        who,
        pallet_contract_stake::Call::<Runtime>::unstake {
            contract,
            amount: part(choices, staked.unwrap_or(PHA))?,
        },
    ))
}
