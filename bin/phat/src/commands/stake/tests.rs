use std::sync::atomic::Ordering;

use clap::Parser;
use phat_primitives::CodeHash;

use super::*;
use crate::{
    chain::fake::{
        FakeChain, OWNER,
        stakes::{FEE, PHA},
    },
    cli::Cli,
    output::Format,
};

const ID: ContractId = ContractId([0xc0; 32]);
const OTHER_ID: ContractId = ContractId([0xc1; 32]);
const OTHER: AccountBytes = AccountBytes([8; 32]);

/// A chain with a contract, and an account that has 100 PHA.
fn chain() -> FakeChain {
    let chain = FakeChain::with_contract(ID, CodeHash([1; 32]));
    chain.stakes.lock().unwrap().free = 100 * PHA;
    chain
}

fn changes(chain: &FakeChain) -> u64 {
    chain.changes.load(Ordering::SeqCst)
}

/// Makes a change, or only checks it, and gives its text or error, its JSON, and the progress.
async fn change(
    chain: &FakeChain,
    change: StakeChange,
    dry_run: bool,
) -> (String, serde_json::Value, String) {
    let (mut result, mut progress) = (Vec::new(), Vec::new());
    let mut output = Output::new(Format::Text, &mut result, &mut progress);
    let changed = match Plan::check(chain, ID, change).await {
        Ok(plan) if dry_run => Ok(plan.only_checked()),
        Ok(plan) => plan.make(chain, &mut output).await,
        Err(error) => Err(error),
    };
    let (text, json) = match changed {
        Ok(changed) => (changed.to_string(), serde_json::to_value(&changed).unwrap()),
        Err(error) => (format!("error: {error:#}"), serde_json::Value::Null),
    };
    (text, json, String::from_utf8(progress).unwrap())
}

fn pha(amount: u128) -> Amount {
    Amount(amount * PHA)
}

async fn add(chain: &FakeChain, amount: Amount) -> String {
    change(chain, StakeChange::Add(amount), false).await.0
}

async fn withdraw(chain: &FakeChain, amount: Amount) -> String {
    change(chain, StakeChange::Withdraw(amount), false).await.0
}

async fn shown(chain: &FakeChain, account: Option<AccountBytes>) -> String {
    match show(chain, ID, account).await {
        Ok(shown) => shown.to_string(),
        Err(error) => format!("error: {error:#}"),
    }
}

#[tokio::test]
async fn stake_is_added_and_withdrawn() {
    let chain = chain();
    let (text, json, progress) = change(&chain, StakeChange::Add(pha(30)), false).await;
    assert_eq!(
        text,
        format!(
            "contract   {ID}\naccount    {OWNER}\nstate      added\namount     30 PHA\n\
             stake      30 PHA\nblock      1\n"
        )
    );
    assert_eq!(progress, "Staking…\n");
    assert_eq!(json["state"], "added");
    assert_eq!(json["stake"], "30000000000000");
    assert!(json.get("fee_estimate").is_none(), "{json}");

    let text = add(&chain, Amount(PHA / 2)).await;
    assert!(text.contains("stake      30.5 PHA\n"), "{text}");
    let (text, json, progress) = change(&chain, StakeChange::Withdraw(pha(20)), false).await;
    assert!(text.contains("state      withdrawn\n"), "{text}");
    assert!(text.contains("stake      10.5 PHA\n"), "{text}");
    assert_eq!(progress, "Withdrawing…\n");
    assert_eq!(json["block"]["number"], 3);
    let text = withdraw(&chain, Amount(21 * PHA / 2)).await;
    assert!(text.contains("stake      0 PHA\n"), "{text}");
    assert!(chain.stakes.lock().unwrap().staked.is_empty());
}

#[tokio::test]
async fn a_dry_run_tells_the_fee_and_changes_nothing() {
    let chain = chain();
    let (text, json, progress) = change(&chain, StakeChange::Add(pha(5)), true).await;
    assert_eq!(
        text,
        format!(
            "contract   {ID}\naccount    {OWNER}\nstate      checked, and nothing was sent\n\
             amount     5 PHA\nstake      5 PHA\nfee        about 0.001 PHA\n"
        )
    );
    assert_eq!((changes(&chain), progress.as_str()), (0, ""));
    assert_eq!(json["state"], "dry_run");
    assert_eq!(json["fee_estimate"], FEE.0.to_string());
    assert!(json.get("block").is_none(), "{json}");
    // What would be refused is refused here too.
    let (text, ..) = change(&chain, StakeChange::Withdraw(pha(5)), true).await;
    assert!(text.contains("has nothing staked"), "{text}");
}

#[tokio::test]
async fn what_the_chain_would_refuse_is_not_sent() {
    let chain = chain();
    let has = |text: String, expected: &str| {
        assert!(text.contains(expected), "{text} does not say {expected:?}");
    };
    has(add(&chain, Amount(PHA / 4)).await, "give 0.75 PHA more");
    has(add(&chain, pha(100)).await, "a fee of about 0.001 PHA");
    has(add(&chain, pha(100)).await, "has 100 PHA that is free");
    has(add(&chain, Amount(u128::MAX)).await, "stake less");
    has(withdraw(&chain, pha(1)).await, "with --suri");
    assert_eq!(changes(&chain), 0);

    add(&chain, pha(10)).await;
    has(add(&chain, Amount(u128::MAX)).await, "smaller amount");
    has(withdraw(&chain, pha(11)).await, "has 10 PHA staked");
    let left = withdraw(&chain, Amount(19 * PHA / 2)).await;
    has(left, "this leaves 0.5 PHA");
    chain.stakes.lock().unwrap().free = 0;
    has(withdraw(&chain, pha(10)).await, "send it some PHA");
    assert_eq!(changes(&chain), 1);
    // With exactly what it takes, it is done.
    chain.stakes.lock().unwrap().free = 5 * PHA + FEE.0;
    has(add(&chain, pha(5)).await, "stake      15 PHA");
}

#[tokio::test]
async fn what_is_staked_to_a_removed_contract_can_be_withdrawn_alone() {
    let chain = chain();
    add(&chain, pha(10)).await;
    chain.contracts.lock().unwrap().clear();
    let text = shown(&chain, None).await;
    assert!(text.contains("staked     10 PHA\n"), "{text}");
    assert!(text.contains("was removed"), "{text}");
    let text = add(&chain, pha(10)).await;
    assert!(text.contains("can be withdrawn"), "{text}");
    let text = withdraw(&chain, pha(10)).await;
    assert!(text.contains("state      withdrawn\n"), "{text}");
    for text in [add(&chain, pha(10)).await, shown(&chain, None).await] {
        assert!(text.contains("there is no contract"), "{text}");
    }
}

#[tokio::test]
async fn what_is_shown_says_whether_the_contract_is_run() {
    let chain = chain();
    let text = shown(&chain, None).await;
    assert_eq!(
        text,
        format!(
            "contract   {ID}\ncluster    0\nstaked     0 PHA\nshare      none: no worker runs it \
             before somebody stakes to it, with `phat stake add {ID} AMOUNT`\nminimum    1 PHA\n"
        )
    );
    let second = chain.contracts.lock().unwrap()[0].1.clone();
    chain.contracts.lock().unwrap().push((OTHER_ID, second));
    {
        let mut stakes = chain.stakes.lock().unwrap();
        stakes.staked = vec![
            (ID, OWNER, 2 * PHA),
            (ID, OTHER, 4 * PHA),
            (OTHER_ID, OTHER, 2 * PHA),
        ];
    }
    assert_eq!(
        shown(&chain, Some(OWNER)).await,
        format!(
            "contract   {ID}\ncluster    0\nstaked     6 PHA\n           2 PHA of it by {OWNER}\n\
             share      75 %\nminimum    1 PHA\n"
        )
    );
    let json = show(&chain, ID, Some(OTHER)).await.unwrap();
    let json = serde_json::to_value(json).unwrap();
    assert_eq!(json["state"], "staked");
    assert_eq!(json["share_ppm"], 750_000);
    assert_eq!(json["own"]["staked"], (4 * PHA).to_string());

    {
        let mut stakes = chain.stakes.lock().unwrap();
        stakes.staked.clear();
        stakes.free_allowance = PHA / 10;
    }
    let text = shown(&chain, None).await;
    assert!(
        text.contains("share      50 %, as if 0.1 PHA were staked"),
        "{text}"
    );
}

#[test]
fn an_amount_that_is_none_is_wrong_usage() {
    let id = ID.to_string();
    for command in ["add", "withdraw"] {
        let parse = |amount: &str| Cli::try_parse_from(["phat", "stake", command, &id, amount]);
        parse("12.5PHA").unwrap();
        parse("1.5 PHA").unwrap();
        for (bad, reason) in [
            ("12.5", "such as 12.5PHA"),
            ("0PHA", "more than nothing"),
            ("-1PHA", ""),
            ("1.0000000000001PHA", "12 decimals"),
        ] {
            let error = parse(bad).unwrap_err();
            assert_eq!(error.exit_code(), 2);
            assert!(error.to_string().contains(reason), "{error}");
        }
    }
    Cli::try_parse_from(["phat", "stake", "show", &id, "--account", "x"]).unwrap_err();
}
