//! Pools and vaults.

use arbitrary::{Result, Unstructured};
use pallet_stake_pool::{Fund, Queues};
use phat_runtime::{Assets, Balance, Runtime, StakePool, Vault, constants::PHA};
use sp_runtime::Permill;

use super::{Action, money::amount, part, some_worker, someone};
use crate::{Chain, Person};

/// The vault that there is.
const VAULT: u64 = 0;

/// What happens next.
pub(super) fn next(chain: &mut Chain, choices: &mut Unstructured<'_>) -> Result<Action> {
    match choices.int_in_range(0..=2u8)? {
        0 => of_delegators(chain, choices),
        1 => of_owner(chain, choices),
        _ => of_vault(chain, choices),
    }
}

/// The pool and who owns it.
fn some_pool(choices: &mut Unstructured<'_>) -> Result<(u64, Person)> {
    choices
        .choose(&[(0, Person::Bob), (1, Person::Charlie)])
        .copied()
}

fn some_rate(choices: &mut Unstructured<'_>) -> Result<Permill> {
    Ok(Permill::from_percent(choices.int_in_range(0..=60u32)?))
}

/// What `who` has of the shares that are `asset`.
fn shares(chain: &mut Chain, asset: u64, who: Person) -> Balance {
    chain.with(|| Assets::balance(asset, who.account()))
}

fn of_delegators(chain: &mut Chain, choices: &mut Unstructured<'_>) -> Result<Action> {
    use pallet_stake_pool::Call;

    let (who, (pid, _)) = (someone(choices)?, some_pool(choices)?);
    let call = match choices.int_in_range(0..=9u8)? {
        0..=3 => Call::<Runtime>::delegate {
            pid,
            amount: amount(choices)?,
        },
        4..=6 => {
            let owned = shares(chain, pid, who);
            let shares = part(choices, owned)?;
            Call::withdraw { pid, shares }
        }
        7 => {
            let next = chain.with(|| StakePool::queue(pid).next_number);
            let request = choices.int_in_range(0..=next)?;
            Call::cancel_withdrawal { pid, request }
        }
        8 => Call::process_queue {
            pid,
            limit: choices.int_in_range(0..=8u32)?,
        },
        _ => Call::check_and_force_withdraw { pid },
    };
    Ok(Action::call(who, call))
}

fn of_owner(chain: &mut Chain, choices: &mut Unstructured<'_>) -> Result<Action> {
    use pallet_stake_pool::Call;

    let ((pid, owner), worker) = (some_pool(choices)?, some_worker(choices)?.id());
    let who = if choices.ratio(1, 8)? {
        someone(choices)?
    } else {
        owner
    };
    let call = match choices.int_in_range(0..=15u8)? {
        0..=2 => Call::<Runtime>::add_worker { pid, worker },
        3 => Call::remove_worker { pid, worker },
        4..=7 => {
            let available = chain.with(|| {
                let pool = pallet_stake_pool::Pools::<Runtime>::get(pid);
                pool.map_or(PHA, |pool| StakePool::book(pid, &pool).available)
            });
            let stake = part(choices, available)?;
            Call::start_worker { pid, worker, stake }
        }
        8 => Call::stop_worker { pid, worker },
        9 | 10 => Call::reclaim_worker { pid, worker },
        11 => Call::claim_owner_rewards { pid },
        12 => Call::set_commission {
            pid,
            commission: some_rate(choices)?,
        },
        13 => {
            let is_capped = choices.ratio(1, 3)?;
            let cap = amount(choices)?;
            Call::set_cap {
                pid,
                cap: is_capped.then_some(cap),
            }
        }
        14 => Call::set_restriction {
            pid,
            is_restricted: choices.ratio(1, 3)?,
        },
        _ => {
            let who = someone(choices)?.account();
            if choices.ratio(2, 3)? {
                Call::add_to_whitelist { pid, who }
            } else {
                Call::remove_from_whitelist { pid, who }
            }
        }
    };
    Ok(Action::call(who, call))
}

fn of_vault(chain: &mut Chain, choices: &mut Unstructured<'_>) -> Result<Action> {
    use pallet_vault::Call;

    let vid = VAULT;
    let (who, (pid, _)) = (someone(choices)?, some_pool(choices)?);
    let owner = if choices.ratio(1, 8)? {
        who
    } else {
        Person::Dave
    };
    let (who, call) = match choices.int_in_range(0..=15u8)? {
        0..=3 => {
            let amount = amount(choices)?;
            (who, Call::<Runtime>::delegate { vid, amount })
        }
        4 | 5 => {
            let owned = shares(chain, <Vault as Fund>::share_asset(vid), who);
            let shares = part(choices, owned)?;
            (who, Call::withdraw { vid, shares })
        }
        6 => {
            let next = chain.with(|| Vault::queue(vid).next_number);
            let request = choices.int_in_range(0..=next)?;
            (who, Call::cancel_withdrawal { vid, request })
        }
        7 => {
            let limit = choices.int_in_range(0..=8u32)?;
            (who, Call::process_queue { vid, limit })
        }
        8 => (who, Call::collect_owner_fee { vid }),
        9 => (who, Call::check_and_force_withdraw { vid }),
        10 => {
            let fee = some_rate(choices)?;
            (owner, Call::set_fee { vid, fee })
        }
        11 => {
            let account = <Vault as Fund>::account(vid);
            let owned = chain.with(|| Assets::balance(pid, account));
            let shares = part(choices, owned)?;
            (owner, Call::withdraw_from_pool { vid, pid, shares })
        }
        12 => {
            let next = chain.with(|| StakePool::queue(pid).next_number);
            let request = choices.int_in_range(0..=next)?;
            (owner, Call::cancel_pool_withdrawal { vid, pid, request })
        }
        _ => {
            let available = chain.with(|| Vault::book(vid).available);
            let amount = part(choices, available)?;
            (owner, Call::delegate_to_pool { vid, pid, amount })
        }
    };
    Ok(Action::call(who, call))
}
