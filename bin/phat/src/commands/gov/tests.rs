use std::sync::Mutex;

use async_trait::async_trait;
use clap::Parser;
use phat_chain_client::{
    Curve, OngoingReferendum, Proposal, ProposedCall, Referendum, ReferendumOutcome,
};

use super::{
    act::act,
    propose::{read_runtime, submit},
    show::{list, show, tracks},
    *,
};
use crate::{
    chain::{Block, GovernanceWriter},
    cli::Cli,
    output::Format,
};

const PHA: u128 = 1_000_000_000_000;
const PERCENT: u32 = 10_000_000;
const PROPOSER: AccountBytes = AccountBytes([7; 32]);

/// A chain whose referenda the test sets. Every transaction costs 1 PHA.
#[derive(Default)]
struct FakeChain {
    referenda: Mutex<Vec<Referendum>>,
    done: Mutex<Vec<GovernanceAction>>,
    /// What the chain refuses.
    refused: Option<GovernanceAction>,
    upgrade: Option<[u8; 32]>,
}

#[async_trait]
impl GovernanceReader for FakeChain {
    async fn head(&self) -> Result<Block> {
        Ok(Block {
            number: 110,
            hash: [2; 32],
        })
    }

    async fn tracks(&self) -> Result<Vec<Track>> {
        let line = |floor, ceil| Curve::Linear {
            length: 100 * PERCENT,
            floor: floor * PERCENT,
            ceil: ceil * PERCENT,
        };
        Ok(vec![Track {
            id: 1,
            name: "parameters".into(),
            deciding_max: 10,
            decision_deposit: 1_000 * PHA,
            prepare_blocks: 20,
            decision_blocks: 100,
            confirm_blocks: 12,
            enactment_blocks: 5,
            approval: line(50, 100),
            support: line(10, 50),
        }])
    }

    async fn electorate(&self) -> Result<u128> {
        Ok(1_000 * PHA)
    }

    async fn referendum_count(&self) -> Result<u32> {
        Ok(self.referenda.lock().unwrap().len() as u32)
    }

    async fn referendum(&self, index: u32) -> Result<Option<Referendum>> {
        let referenda = self.referenda.lock().unwrap();
        Ok(referenda.get(index as usize).cloned())
    }

    async fn authorized_upgrade(&self) -> Result<Option<[u8; 32]>> {
        Ok(self.upgrade)
    }

    async fn describe_call(&self, call: &[u8]) -> Result<Option<String>> {
        Ok((call == b"call").then(|| "Registry (set_attestation_life)".into()))
    }
}

#[async_trait]
impl GovernanceWriter for FakeChain {
    async fn submission(&self, proposal: &Proposal) -> Result<Vec<GovernanceAction>> {
        Ok(vec![
            GovernanceAction::Note(vec![0; 200]),
            GovernanceAction::Submit {
                call: vec![0; 200],
                track: proposal.track(),
            },
        ])
    }

    async fn fee(&self, _: &GovernanceAction) -> Result<u128> {
        Ok(PHA)
    }

    async fn act(&self, action: &GovernanceAction) -> Result<(Block, Option<u32>)> {
        if self.refused.as_ref() == Some(action) {
            anyhow::bail!("the balance is too low");
        }
        let mut done = self.done.lock().unwrap();
        done.push(action.clone());
        let block = Block {
            number: done.len() as u64,
            hash: [3; 32],
        };
        let is_submission = matches!(action, GovernanceAction::Submit { .. });
        Ok((block, is_submission.then_some(4)))
    }
}

fn ongoing() -> OngoingReferendum {
    OngoingReferendum {
        track: 1,
        call: ProposedCall {
            bytes: Some(b"call".to_vec()),
            hash: [0xab; 32],
        },
        proposer: PROPOSER,
        submitted_at: 50,
        has_decision_deposit: true,
        deciding_since: Some(60),
        confirming_until: None,
        ayes: 300 * PHA,
        nays: 100 * PHA,
        support: 150 * PHA,
    }
}

fn chain_with(referenda: Vec<Referendum>) -> FakeChain {
    FakeChain {
        referenda: Mutex::new(referenda),
        ..FakeChain::default()
    }
}

fn one_ongoing(change: impl FnOnce(&mut OngoingReferendum)) -> FakeChain {
    let mut referendum = ongoing();
    change(&mut referendum);
    chain_with(vec![Referendum::Ongoing(Box::new(referendum))])
}

/// Does something, and gives its text or error, and the progress.
async fn said<T: std::fmt::Display>(
    act: impl AsyncFnOnce(&mut Output<'_>) -> Result<T>,
) -> (String, String) {
    let (mut result, mut progress) = (Vec::new(), Vec::new());
    let mut output = Output::new(Format::Text, &mut result, &mut progress);
    let text = match act(&mut output).await {
        Ok(done) => done.to_string(),
        Err(error) => format!("error: {error:#}"),
    };
    (text, String::from_utf8(progress).unwrap())
}

#[tokio::test]
async fn a_proposal_is_noted_submitted_and_gets_its_deposit() {
    let proposal = Proposal::Cancel(3);
    let chain = FakeChain::default();
    let (text, progress) =
        said(async |output| submit(&chain, &proposal, true, false, output).await).await;
    assert_eq!(
        text,
        "done        note a call of 200 bytes\n\
         done        submit a referendum on track 0\n\
         done        place the deposit of referendum 4\n\
         fee         3 PHA\nreferendum  4\nblock       3\n"
    );
    assert_eq!(progress.lines().count(), 3);
    let last = chain.done.lock().unwrap().last().cloned();
    assert_eq!(last, Some(GovernanceAction::PlaceDeposit(4)));

    let chain = FakeChain::default();
    let (text, _) =
        said(async |output| submit(&chain, &proposal, false, false, output).await).await;
    assert!(!text.contains("deposit"), "{text}");
    assert_eq!(chain.done.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    let chain = one_ongoing(|_| {});
    let proposal = Proposal::Cancel(0);
    let (text, progress) =
        said(async |output| submit(&chain, &proposal, true, true, output).await).await;
    assert_eq!(
        text,
        "would       note a call of 200 bytes\n\
         would       submit a referendum on track 0\n\
         would       place the deposit of referendum 1\n\
         fee         3 PHA\n"
    );
    assert_eq!(progress, "");
    assert!(chain.done.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_referendum_that_got_no_deposit_is_named() {
    let chain = FakeChain {
        refused: Some(GovernanceAction::PlaceDeposit(4)),
        ..FakeChain::default()
    };
    let proposal = Proposal::Cancel(3);
    let (text, _) = said(async |output| submit(&chain, &proposal, true, false, output).await).await;
    assert!(text.contains("phat gov deposit 4"), "{text}");
    assert!(text.contains("the balance is too low"), "{text}");
}

#[tokio::test]
async fn a_vote_is_said_in_words() {
    let chain = FakeChain::default();
    let vote = GovernanceAction::Vote {
        referendum: 3,
        aye: false,
        amount: 5 * PHA / 2,
        conviction: Conviction::Locked2x,
    };
    let (text, _) = said(async |output| act(&chain, &[vote], false, output).await).await;
    assert_eq!(
        text,
        "done        vote nay on referendum 3 with 2.5 PHA and conviction Locked2x\n\
         fee         1 PHA\nblock       1\n"
    );
}

#[tokio::test]
async fn a_referendum_shows_how_it_stands_and_what_it_needs() {
    let chain = one_ongoing(|_| {});
    let shown = show(&chain, 0).await.unwrap();
    let text = shown.to_string();
    for part in [
        "state       deciding\n",
        "until       block 160\n",
        "track       parameters\n",
        "call        Registry (set_attestation_life)\n",
        "approval    75.00 % of 75.00 % needed now\n",
        "support     15.00 % of 30.00 % needed now\n",
        "ayes        300 PHA\n",
    ] {
        assert!(text.contains(part), "{text} does not say {part}");
    }
    let json = serde_json::to_value(&shown).unwrap();
    assert_eq!(json["ongoing"]["support_needed"], 30.0);
    assert_eq!(json["ongoing"]["ayes"], (300 * PHA).to_string());

    let text = show(&chain, 1).await.unwrap_err().to_string();
    assert!(text.contains("there is no referendum 1"), "{text}");
}

#[tokio::test]
async fn each_state_has_its_word() {
    let state = async |change: fn(&mut OngoingReferendum)| {
        let shown = show(&one_ongoing(change), 0).await.unwrap();
        let json = serde_json::to_value(&shown).unwrap();
        (json["state"].clone(), json["block"].clone())
    };
    let check = async |change: fn(&mut OngoingReferendum), word: &str, block: Option<u32>| {
        assert_eq!(state(change).await, (word.into(), block.into()));
    };
    check(|_| {}, "deciding", Some(160)).await;
    check(
        |referendum| referendum.confirming_until = Some(120),
        "confirming",
        Some(120),
    )
    .await;
    check(
        |referendum| {
            referendum.deciding_since = None;
            referendum.has_decision_deposit = false;
        },
        "waiting",
        None,
    )
    .await;
    check(
        |referendum| referendum.deciding_since = None,
        "queued",
        None,
    )
    .await;
    check(
        |referendum| {
            referendum.deciding_since = None;
            referendum.submitted_at = 100;
        },
        "preparing",
        Some(120),
    )
    .await;
    let chain = chain_with(vec![Referendum::Ended {
        outcome: ReferendumOutcome::TimedOut,
        at: 9,
    }]);
    let text = show(&chain, 0).await.unwrap().to_string();
    assert_eq!(
        text,
        "referendum  0\nstate       timed_out\nended in    block 9\n"
    );
}

#[tokio::test]
async fn a_list_has_the_newest_first() {
    let approved = Referendum::Ended {
        outcome: ReferendumOutcome::Approved,
        at: 9,
    };
    let chain = chain_with(vec![approved, Referendum::Ongoing(Box::new(ongoing()))]);
    let listed = async |limit, all| list(&chain, limit, all).await.unwrap().to_string();
    let row = "1     deciding    parameters      Registry (set_attestation_life)\n";
    assert_eq!(listed(50, false).await, row);
    assert_eq!(listed(50, true).await, format!("{row}0     approved    \n"));
    assert_eq!(listed(1, true).await, row);
    let none = list(&FakeChain::default(), 50, true).await.unwrap();
    assert_eq!(none.to_string(), "no referenda\n");
}

#[tokio::test]
async fn tracks_are_found_by_name_and_number() {
    let chain = FakeChain::default();
    for text in ["parameters", "1"] {
        assert_eq!(track_of(&chain, text).await.unwrap().id, 1);
    }
    let error = track_of(&chain, "root").await.unwrap_err().to_string();
    assert!(error.contains("give one of parameters"), "{error}");
    let text = tracks(&chain).await.unwrap().to_string();
    assert!(
        text.contains("approval   100.00 %, falling to 50.00 %"),
        "{text}"
    );
    assert!(text.contains("deposit    1000 PHA"), "{text}");
}

#[tokio::test]
async fn only_the_runtime_that_was_decided_on_is_given() {
    let mut chain = FakeChain::default();
    let refused = async |chain: &FakeChain, part: &str| {
        let error = check_authorized(chain, b"code")
            .await
            .unwrap_err()
            .to_string();
        assert!(error.contains(part), "{error}");
    };
    refused(&chain, "no upgrade of the chain is decided on").await;
    chain.upgrade = Some([1; 32]);
    refused(&chain, "give the file that was proposed").await;
    chain.upgrade = Some(blake2_256(b"code"));
    check_authorized(&chain, b"code").await.unwrap();
}

#[test]
fn only_a_runtime_is_proposed_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("runtime.wasm");
    for good in [
        &b"\0asm\x01\0\0\0"[..],
        &[82, 188, 83, 118, 70, 219, 142, 5, 1],
    ] {
        std::fs::write(&file, good).unwrap();
        assert_eq!(read_runtime(&file).unwrap(), good);
    }
    std::fs::write(&file, b"#!/bin/sh").unwrap();
    let error = read_runtime(&file).unwrap_err().to_string();
    assert!(error.contains("no WebAssembly"), "{error}");
}

#[test]
fn wrong_usage_is_told() {
    let hash = "ab".repeat(32);
    let parse =
        |arguments: &[&str]| Cli::try_parse_from([&["phat", "gov"][..], arguments].concat());
    for good in [
        &["vote", "3", "aye", "10PHA", "--conviction", "6x"][..],
        &["propose", "allow-measurement", "--mr-enclave", &hash],
        &[
            "propose",
            "revoke-measurement",
            "--mr-signer",
            &hash,
            "--isv-prod-id",
            "1",
        ],
        &["propose", "spend", "10PHA", "//Bob", "--dry-run"],
        &["propose", "call", "0x00", "--track", "root"],
        &["delegate", "root", "//Bob", "10PHA"],
    ] {
        parse(good).unwrap();
    }
    for (bad, reason) in [
        (&["vote", "3", "maybe", "10PHA"][..], "aye"),
        (&["vote", "3", "aye", "10"], "such as 12.5PHA"),
        (&["vote", "3", "aye", "10PHA", "--conviction", "7x"], "6x"),
        (
            &["propose", "allow-measurement", "--mr-signer", &hash],
            "--isv-prod-id",
        ),
        (&["propose", "set-roots"], "FILE"),
        (&["propose", "spend", "1PHA", "Bob"], "//NAME"),
        (&["propose", "call", "0x00"], "--track"),
    ] {
        let error = parse(bad).unwrap_err();
        assert_eq!(error.exit_code(), 2);
        assert!(error.to_string().contains(reason), "{error}");
    }
}
