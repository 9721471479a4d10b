use phat_chain_client::Seat;
use phat_primitives::{AccountBytes, ContractId, challenges::ReplayedRun};
use phat_receipt::RunResult;

use super::*;
use crate::testing::{local_engine, phat, recorded_run};

fn run_of(output: u8) -> ReplayedRun {
    ReplayedRun {
        result: RunResult::Succeeded,
        output_hash: [output; 32],
        fuel_used: 8,
    }
}

#[test]
fn an_open_challenge_shows_its_panel() {
    let shown = Shown::open(OpenChallenge {
        id: ChallengeId(4),
        challenger: AccountBytes([1; 32]),
        receipt: ReceiptHash([2; 32]),
        accused: WorkerId([3; 32]),
        contract: ContractId([4; 32]),
        claimed: run_of(1),
        data_url: "https://data.example".into(),
        panel: vec![
            Seat {
                worker: WorkerId([5; 32]),
                verdict: Some(Found::Differs(run_of(0xab))),
            },
            Seat {
                worker: WorkerId([6; 32]),
                verdict: None,
            },
        ],
        opened_at: 1,
        deadline: 9,
    });
    let text = shown.to_string();
    for part in [
        "state       open",
        "votes until block 9",
        "succeeded with the output 0xabab",
        "has not voted",
    ] {
        assert!(text.contains(part), "{text} does not say {part}");
    }
    let json = serde_json::to_value(&shown).unwrap();
    assert_eq!(json["panel"][0]["verdict"]["differs"]["fuel_used"], 8);
    assert_eq!(json["panel"][1]["verdict"], serde_json::Value::Null);
}

#[test]
fn a_decision_is_said_in_words() {
    let shown = |outcome| {
        Shown::decided(&ChallengeDecision {
            challenge: ChallengeId(4),
            receipt: ReceiptHash([2; 32]),
            accused: WorkerId([3; 32]),
            outcome,
            decided_at: 7,
        })
        .to_string()
    };
    let entry = Found::Diverges { entry: 3 };
    for (outcome, part) in [
        (ChallengeOutcome::Holds, "the deposit is lost"),
        (ChallengeOutcome::Undecided, "a part of the deposit"),
        (
            ChallengeOutcome::Fault(FaultEvidence::OtherCode),
            "WRONG: it names code",
        ),
        (
            ChallengeOutcome::Fault(FaultEvidence::Replay(entry)),
            "WRONG: the code does not follow the transcript from entry 3 on",
        ),
    ] {
        let text = shown(outcome);
        assert!(text.contains(part), "{text} does not say {part}");
    }
}

#[tokio::test]
async fn what_is_no_fault_is_not_challenged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("receipt.json");
    let code = folder.path().join("index.js");
    let script = "export default () => 'a'";
    std::fs::write(&code, script).unwrap();
    let bundle = recorded_run(&local_engine(), script, b"").await;
    let refused = async |bundle: &phat_worker_client::ReceiptBundle, part: &str| {
        std::fs::write(&file, serde_json::to_vec(bundle).unwrap()).unwrap();
        let arguments = [
            "challenge",
            file.to_str().unwrap(),
            "--data-url",
            "https://data.example/receipt.json",
            "--code",
            code.to_str().unwrap(),
        ];
        let (exit, _, text) = phat(&arguments).await;
        assert_eq!(exit, 1, "{text}");
        assert!(text.contains(part), "{text} does not say {part}");
    };
    refused(&bundle, "would cost the deposit").await;
    let mut unsigned = bundle.clone();
    unsigned.receipt.body.output_hash[0] ^= 1;
    refused(&unsigned, "the signature does not match").await;
    let mut cut = bundle.clone();
    let transcript = recorded_run(&local_engine(), script, b"other")
        .await
        .transcript;
    cut.transcript = transcript;
    refused(&cut, "its own transcript").await;
}
