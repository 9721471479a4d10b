//! Outputs of several workers that a contract merges.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use common::{ENGINE, guests::SDK, run};
use phat_engine::{Aggregated, Aggregation, FailureCode, Outcome, RunFailure};

/// The median of outputs that are numbers in text.
const MEDIAN: &str = "
    export default () => 'unused';
    export function aggregate(outputs, request) {
        const text = new TextDecoder();
        const prices = outputs.map((output) => Number(text.decode(output)));
        prices.sort((a, b) => a - b);
        console.log('merging', prices.length);
        return `${text.decode(request.input)} ${prices[Math.floor(prices.length / 2)]}`;
    }";

async fn merged(script: &str, outputs: &[&str]) -> Aggregated {
    let run = run(script);
    let mut request = run.request;
    request.input = b"PHA/USD".to_vec();
    let outputs = outputs.iter().map(|output| output.as_bytes().to_vec());
    ENGINE
        .aggregate(Aggregation {
            class: run.class,
            code: run.code,
            request,
            limits: run.limits,
            outputs: outputs.collect(),
        })
        .await
}

async fn failure(script: &str) -> RunFailure {
    match merged(script, &["1", "2"]).await.outcome {
        Outcome::Failed(failure) => failure,
        Outcome::Output(bytes) => panic!("gave {:?}", String::from_utf8_lossy(&bytes)),
    }
}

/// A module whose `aggregate` has this body.
fn merging(body: &str) -> String {
    format!(
        "import {{ kv, secret, sign, publicKey, vrf }} from 'phat';
        export default () => 'unused';
        export async function aggregate(outputs) {{ {body} }}"
    )
}

#[tokio::test]
async fn a_contract_merges_outputs_of_workers() {
    let once = merged(MEDIAN, &["30", "1", "200"]).await;
    assert_eq!(once.outcome, Outcome::Output(b"PHA/USD 30".to_vec()));
    assert_eq!(once.logs.len(), 1);
    assert_eq!(once.logs[0].message, "merging 3");
    let again = merged(MEDIAN, &["30", "1", "200"]).await;
    assert_eq!(again.outcome, once.outcome);
    assert_eq!(again.fuel_used, once.fuel_used);
    let promised = merging("return await Promise.resolve(outputs[1])");
    let promised = merged(&promised, &["a", "b"]).await;
    assert_eq!(promised.outcome, Outcome::Output(b"b".to_vec()));
}

#[tokio::test]
async fn merging_has_nothing_but_its_arguments_to_go_by() {
    for (body, words) in [
        ("await fetch('https://example.org'); return ''", "aggregate"),
        ("return `${Date.now()}`", "reads the clock"),
        ("return `${Math.random()}`", "random bytes"),
        (
            "return crypto.getRandomValues(new Uint8Array(4))",
            "random bytes",
        ),
        ("return await kv.get('a')", "reads the key"),
        ("await kv.set('a', 'b'); return ''", "reads the key"),
        ("await kv.delete('a'); return ''", "reads the key"),
        ("return await secret('token')", "aggregate"),
        ("return await publicKey('ed25519')", "aggregate"),
        ("return await sign('ed25519', 'm')", "aggregate"),
        ("return (await vrf('m')).output", "aggregate"),
        ("setTimeout(() => {}, 1); return ''", "aggregate"),
        // No script catches what ends it.
        (
            "try { Date.now() } catch {} return 'caught'",
            "reads the clock",
        ),
    ] {
        let failure = failure(&merging(body)).await;
        let expected = FailureCode::HostLimit { name: "aggregate" };
        assert_eq!(failure.code, expected, "{body}: {failure}");
        assert!(failure.message.contains(words), "{body}: {failure}");
    }
}

#[tokio::test]
async fn what_cannot_be_merged_fails_alike_everywhere() {
    let loops = merging("for (;;) {}");
    for (script, code, words) in [
        (
            "export default () => ''",
            FailureCode::InvalidScript,
            "export function aggregate",
        ),
        (
            "export default () => ''; export const aggregate = 7",
            FailureCode::InvalidScript,
            "the number 7",
        ),
        ("1 + 1", FailureCode::InvalidScript, "a plain script"),
        (
            "export default 1; export function aggregate() { throw new Error('apart') }",
            FailureCode::ScriptThrew,
            "apart",
        ),
        (
            "export default 1; export function aggregate() { return 7 }",
            FailureCode::WrongType,
            "the number 7",
        ),
    ] {
        let failure = failure(script).await;
        assert_eq!(failure.code, code, "{script}: {failure}");
        assert!(failure.message.contains(words), "{script}: {failure}");
    }
    let mut run = run(&loops);
    run.limits.fuel = 100_000_000;
    let aggregation = Aggregation {
        class: run.class,
        code: run.code,
        request: run.request,
        limits: run.limits,
        outputs: Vec::new(),
    };
    let endless = ENGINE.aggregate(aggregation).await;
    let Outcome::Failed(failure) = endless.outcome else {
        panic!("it ended");
    };
    assert_eq!(failure.code, FailureCode::OutOfFuel, "{failure}");
}

#[tokio::test]
async fn components_merge_nothing() {
    let run = run("");
    let aggregation = Aggregation {
        class: run.class,
        code: SDK.clone(),
        request: run.request,
        limits: run.limits,
        outputs: Vec::new(),
    };
    let Outcome::Failed(failure) = ENGINE.aggregate(aggregation).await.outcome else {
        panic!("it ended");
    };
    assert_eq!(failure.code, FailureCode::InvalidComponent, "{failure}");
    assert!(failure.message.contains("for JavaScript"), "{failure}");
}
