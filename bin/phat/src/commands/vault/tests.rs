use clap::Parser;
use phat_chain_client::{EconomyOutcome, Vault, WaitingWithdrawal};
use phat_primitives::AccountBytes;

use super::*;
use crate::{
    amount::Amount,
    chain::fake::{
        OWNER,
        economy::{DAY_S, FUND, FakeEconomy, NOW_S, PHA, pool, vault},
    },
    cli::Cli,
    output::Format,
    staking::Part,
};

const OTHER: AccountBytes = AccountBytes([8; 32]);

/// A chain with vault 0, whose 100 PHA of shares are worth 120 PHA: 40 PHA that are free, and 80 PHA
/// in pool 0, where a share is worth 1 PHA. The signing account owns both, and has half of the
/// vault's shares.
fn chain() -> FakeEconomy {
    let chain = FakeEconomy::new();
    chain.pools.lock().unwrap().push(pool(100));
    chain.vaults.lock().unwrap().push(vault());
    let shares = [(OWNER, 50 * PHA), (FUND, 80 * PHA)];
    chain.shares.lock().unwrap().extend(shares);
    chain
}

/// The same with something else about the vault.
fn with(change: fn(&mut Vault)) -> FakeEconomy {
    let chain = chain();
    change(&mut chain.vaults.lock().unwrap()[0]);
    chain
}

fn of_other() -> FakeEconomy {
    with(|vault| vault.owner = OTHER)
}

/// A withdrawal of 10 PHA of shares that has waited for so many days.
fn waiting(who: AccountBytes, days: u64) -> Vec<WaitingWithdrawal> {
    vec![WaitingWithdrawal {
        request: 10,
        who,
        shares: 10 * PHA,
        requested_at_s: NOW_S - days * DAY_S,
    }]
}

/// Has this account wait for the vault.
fn queue(chain: &FakeEconomy, who: AccountBytes, days: u64) {
    *chain.vault_queue.lock().unwrap() = waiting(who, days);
}

/// Does it, and gives its text or error.
async fn made(chain: &FakeEconomy, wish: Wish, is_dry_run: bool) -> String {
    let (mut result, mut progress) = (Vec::new(), Vec::new());
    let mut output = Output::new(Format::Text, &mut result, &mut progress);
    match checked(chain, wish, is_dry_run, &mut output).await {
        Ok(acted) => acted.to_string(),
        Err(error) => format!("error: {error:#}"),
    }
}

async fn sends(chain: &FakeEconomy, wish: Wish, expected: VaultAction) {
    let text = made(chain, wish, false).await;
    assert_eq!(chain.last(), Some(EconomyAction::Vault(expected)), "{text}");
}

async fn refused(chain: &FakeEconomy, wish: Wish, expected: &str) {
    let before = chain.done.lock().unwrap().len();
    let text = made(chain, wish, false).await;
    assert!(text.starts_with("error: "), "{text}");
    assert!(text.contains(expected), "{text} does not say {expected:?}");
    assert_eq!(chain.done.lock().unwrap().len(), before, "{text}");
}

#[tokio::test]
async fn shares_are_bought_and_withdrawn() {
    let chain = of_other();
    let delegate = |amount| VaultAction::Delegate { vid: 0, amount };
    let bought = Wish::Exactly(delegate(5 * PHA));
    let text = made(&chain, bought, true).await;
    assert!(
        text.starts_with("would      delegate 5 PHA to vault 0\n"),
        "{text}"
    );
    assert_eq!(chain.last(), None);
    sends(&chain, bought, delegate(5 * PHA)).await;
    refused(&chain, Wish::Exactly(delegate(1)), "1 PHA is the least").await;
    let most = Wish::Exactly(delegate(100 * PHA));
    refused(&chain, most, "give a smaller amount").await;

    let withdraw = |part| Wish::Withdraw { vid: 0, part };
    let of = |shares| VaultAction::Withdraw { vid: 0, shares };
    sends(&chain, withdraw(Part::All), of(50 * PHA)).await;
    let worth = Part::Worth(Amount(6 * PHA));
    sends(&chain, withdraw(worth), of(5 * PHA)).await;
    let more = withdraw(Part::Shares(51 * PHA));
    refused(&chain, more, "worth 60 PHA").await;
    let unknown = Wish::Withdraw {
        vid: 3,
        part: Part::All,
    };
    refused(&chain, unknown, "there is no vault 3").await;
}

#[tokio::test]
async fn the_fee_is_the_owners_and_has_a_limit() {
    let create = |fee_ppm| Wish::Exactly(VaultAction::Create { fee_ppm });
    let set = |fee_ppm| VaultAction::SetFee { vid: 0, fee_ppm };
    let chain = chain();
    sends(
        &chain,
        create(500_000),
        VaultAction::Create { fee_ppm: 500_000 },
    )
    .await;
    refused(&chain, create(500_001), "50 % at the most").await;
    sends(&chain, Wish::Exactly(set(1)), set(1)).await;
    refused(&chain, Wish::Exactly(set(600_000)), "50 % at the most").await;
    refused(&of_other(), Wish::Exactly(set(1)), "give the owner's").await;

    let collect = VaultAction::CollectOwnerFee(0);
    refused(&chain, Wish::Exactly(collect), "no fee is due").await;
    let due = with(|vault| {
        vault.owner = OTHER;
        vault.fee_shares = 7;
    });
    *due.outcome.lock().unwrap() = EconomyOutcome {
        fee_shares: Some(7),
        ..EconomyOutcome::default()
    };
    let text = made(&due, Wish::Exactly(collect), false).await;
    assert!(text.contains("owner got  7 shares\n"), "{text}");
}

#[tokio::test]
async fn money_goes_into_pools_and_comes_back() {
    let (vid, pid) = (0, 0);
    let delegate = |pha: u128| VaultAction::DelegateToPool {
        vid,
        pid,
        amount: pha * PHA,
    };
    let chain = chain();
    sends(&chain, Wish::Exactly(delegate(40)), delegate(40)).await;
    refused(&chain, Wish::Exactly(delegate(41)), "40 PHA that is free").await;
    refused(&of_other(), Wish::Exactly(delegate(1)), "give the owner's").await;
    // A share is worth 1.2 PHA, so 12 PHA are for who waits.
    queue(&chain, OTHER, 1);
    refused(&chain, Wish::Exactly(delegate(29)), "28 PHA that is free").await;
    let restricted = self::chain();
    restricted.pools.lock().unwrap()[0].owner = OTHER;
    restricted.pools.lock().unwrap()[0].is_restricted = true;
    refused(
        &restricted,
        Wish::Exactly(delegate(1)),
        "the vault's account",
    )
    .await;

    let withdraw = |part| Wish::WithdrawFromPool { vid, pid, part };
    let of = |shares| VaultAction::WithdrawFromPool { vid, pid, shares };
    sends(&chain, withdraw(Part::All), of(80 * PHA)).await;
    refused(&chain, withdraw(Part::Shares(81 * PHA)), "worth 80 PHA").await;
    let elsewhere = with(|vault| vault.pools.clear());
    refused(&elsewhere, withdraw(Part::All), "is not in pool 0").await;
    refused(&of_other(), withdraw(Part::All), "give the owner's").await;
}

#[tokio::test]
async fn withdrawals_are_taken_back_from_either_queue() {
    let cancel = |pool| Wish::Cancel {
        vid: 0,
        pool,
        request: None,
    };
    let chain = chain();
    queue(&chain, OWNER, 1);
    let own = VaultAction::CancelWithdrawal {
        vid: 0,
        request: 10,
    };
    sends(&chain, cancel(None), own).await;
    // What the vault withdraws stays withdrawn while somebody waits for it.
    refused(&chain, cancel(Some(0)), "somebody waits").await;
    chain.vault_queue.lock().unwrap().clear();
    refused(&chain, cancel(None), "there is none to cancel").await;
    refused(&chain, cancel(Some(0)), "queue of pool 0").await;
    *chain.pool_queue.lock().unwrap() = waiting(FUND, 1);
    let (vid, pid, request) = (0, 0, 10);
    let in_pool = VaultAction::CancelPoolWithdrawal { vid, pid, request };
    sends(&chain, cancel(Some(0)), in_pool).await;
    refused(&of_other(), cancel(Some(0)), "give the owner's").await;
}

#[tokio::test]
async fn a_queue_is_paid_or_forced_when_it_is_time() {
    let chain = of_other();
    let serve = VaultAction::ProcessQueue { vid: 0, limit: 9 };
    let force = VaultAction::Force(0);
    refused(&chain, Wish::Exactly(serve), "nothing to pay").await;
    queue(&chain, OTHER, 13);
    sends(&chain, Wish::Exactly(serve), serve).await;
    refused(&chain, Wish::Exactly(force), "forced in 1 d").await;
    queue(&chain, OTHER, 14);
    sends(&chain, Wish::Exactly(force), force).await;
}

#[tokio::test]
async fn a_vault_is_shown_with_its_pools_and_its_mark() {
    let chain = with(|vault| vault.fee_shares = 7);
    queue(&chain, OWNER, 1);
    let shown = show(&chain, 0, Some(OWNER)).await.unwrap();
    let text = shown.to_string();
    for line in [
        "value      120 PHA, 40 PHA of it free, 28 PHA of that for nobody who waits\n",
        "price      1.2 PHA for 10¹² shares\n",
        "fee        5 % of what is above 1 PHA for 10¹² shares\n",
        "           7 shares of it are due\n",
        "pool       0, 80 PHA\n",
        "           withdrawal 10 waits, worth 12 PHA, for 1 d: it is the next\n",
    ] {
        assert!(text.contains(line), "{text} has no {line:?}");
    }
    let json = serde_json::to_value(&shown).unwrap();
    assert_eq!(json["pools"][0]["value"], (80 * PHA).to_string());
    assert_eq!(json["held"]["value"], (60 * PHA).to_string());
    assert_eq!(
        list(&chain, 50).await.unwrap().to_string(),
        "0      120 PHA, 1.2 PHA for 10¹² shares, fee 5 %, pools 1, 1 waiting\n"
    );
    let none = list(&FakeEconomy::new(), 50).await.unwrap();
    assert_eq!(none.to_string(), "no vaults\n");
    let error = show(&chain, 3, None).await.unwrap_err();
    assert!(error.to_string().contains("`phat vault list`"), "{error}");
}

#[test]
fn each_command_is_read() {
    let parse = |rest: &[&str]| Cli::try_parse_from([&["phat", "vault"], rest].concat());
    for good in [
        &["list"][..],
        &["show", "0", "--account", "//Alice"],
        &["create", "5%", "--dry-run"],
        &["delegate", "0", "12PHA"],
        &["withdraw", "0", "1000000shares"],
        &["cancel", "0", "--pool", "3", "--request", "4"],
        &["delegate-to-pool", "0", "3", "12PHA"],
        &["withdraw-from-pool", "0", "3", "all"],
        &["set-fee", "0", "2.5%"],
        &["collect-fee", "0"],
        &["serve", "0", "--limit", "64"],
        &["force", "0"],
    ] {
        assert!(parse(good).is_ok(), "{good:?}");
    }
    for bad in [
        &["create"][..],
        &["create", "0.00001%"],
        &["delegate-to-pool", "0", "12PHA"],
        &["withdraw-from-pool", "0", "3"],
        &["serve", "0", "--limit", "0"],
    ] {
        assert!(parse(bad).is_err(), "{bad:?}");
    }
}
