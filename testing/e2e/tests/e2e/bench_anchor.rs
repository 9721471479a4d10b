//! `phat bench anchor`: a short run of what is published of anchors.

use std::path::Path;

use anyhow::Context;
use phat_e2e::cli::phat_ok;
use serde_json::Value;

/// Where npm puts the EVM node.
const ANVIL: &str = "../../contracts/evm/node_modules/.bin/anvil";
/// Requests that are made at once.
const REQUESTS: u64 = 24;
/// What a request at the lean anchor costs at most, in gas.
const REQUEST_GAS_MAX: u64 = 80_000;
/// What a settlement costs at most, in gas.
const SETTLE_GAS_MAX: u64 = 50_000;
/// What each of sixteen in a batch costs at most, in gas.
const BATCH_OF_16_GAS_MAX: u64 = 27_000;

fn number(found: &Value, pointer: &str) -> anyhow::Result<f64> {
    let number = found.pointer(pointer).and_then(Value::as_f64);
    number.with_context(|| format!("no number at {pointer} in {found}"))
}

fn gas(found: &Value, figure: &str) -> anyhow::Result<u64> {
    let gas = found.pointer(&format!("/gas/{figure}"));
    let gas = gas.and_then(Value::as_u64);
    gas.with_context(|| format!("no gas of {figure} in {found}"))
}

/// Gas does not depend on the machine, so what is promised of it is checked; of times, only that
/// there are some.
#[tokio::test]
async fn anchors_cost_what_is_promised_and_workers_settle() -> anyhow::Result<()> {
    let anvil = Path::new(env!("CARGO_MANIFEST_DIR")).join(ANVIL);
    let anvil = anvil.to_str().context("the path is not UTF-8")?;
    let requests = REQUESTS.to_string();
    let bench = ["bench", "anchor", "--anvil-bin", anvil];
    let effort = ["--requests", &requests, "--one-by-one", "2"];
    let found = phat_ok([&bench[..], &effort].concat()).await?;

    assert!(gas(&found, "lean/request")? <= REQUEST_GAS_MAX, "{found}");
    assert!(gas(&found, "lean/settle")? <= SETTLE_GAS_MAX, "{found}");
    let sixteen = gas(&found, "lean/settle_batch_16_each")?;
    assert!(sixteen <= BATCH_OF_16_GAS_MAX, "{found}");
    let four = gas(&found, "lean/settle_batch_4_each")?;
    let sixty_four = gas(&found, "lean/settle_batch_64_each")?;
    assert!(sixty_four < sixteen && sixteen < four, "{found}");
    for figure in ["request", "settle"] {
        let lean = gas(&found, &format!("lean/{figure}"))?;
        let legacy = gas(&found, &format!("legacy/{figure}"))?;
        assert!(lean < legacy, "{figure}: {found}");
    }
    let direct = gas(&found, "legacy/settle_direct")?;
    assert!(direct < gas(&found, "legacy/settle")?, "{found}");

    assert!(number(&found, "/blocks_to_settle_p50")? >= 1.0, "{found}");
    for workers in ["1_worker", "3_workers"] {
        let rate = number(&found, &format!("/settled_per_s_{workers}"))?;
        assert!(rate > 0.0, "{found}");
    }
    assert_eq!(found["requests"], REQUESTS);
    Ok(())
}
