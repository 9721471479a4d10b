//! Contracts are run for what is staked to them, and not without.

use alloy::primitives::U256;
use phat_chain_client::{ChainClient, Signer};
use phat_e2e::{
    cli::{Answer, phat, phat_ok},
    evm::StoredAnswer,
    network::{Network, PROFILES, text},
    process::until,
    project::Project,
    worker::Worker,
};
use serde_json::Value;

const ECHO: &str = "export default (request) => request.input";
const MANIFEST: &str = "name = \"echo\"\nentry = \"index.js\"\n";

/// Blocks of the Phat chain in which nothing happens to a request that waits.
const QUIET_BLOCKS: u64 = 5;

/// Who stakes.
const STAKER: &str = "//Charlie";

/// `phat stake` with these arguments, at this chain.
async fn stake(chain: &str, arguments: &[&str]) -> anyhow::Result<Answer> {
    phat([&["stake"][..], arguments, &["--chain", chain]].concat()).await
}

/// The same for what must succeed.
async fn stake_ok(chain: &str, arguments: &[&str]) -> anyhow::Result<Value> {
    phat_ok([&["stake"][..], arguments, &["--chain", chain]].concat()).await
}

/// Waits until a call of a contract succeeds.
async fn until_called(contract: &str, url: &str) -> anyhow::Result<()> {
    until("a call that is answered", async || {
        let call = phat(["call", contract, "--worker", url]).await?;
        Ok((call.code == 0).then_some(()))
    })
    .await
}

/// Waits until a call of a contract is refused for want of stake.
async fn until_refused(contract: &str, url: &str) -> anyhow::Result<()> {
    let advice = format!("phat stake add {contract}");
    until("a call that is refused for want of stake", async || {
        let call = phat(["call", contract, "--worker", url]).await?;
        let is_told = call.stderr.contains("no_stake") && call.stderr.contains(&advice);
        Ok((call.code == 1 && is_told).then_some(()))
    })
    .await
}

#[tokio::test]
async fn contracts_are_run_for_their_stake() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    let (chain, url) = (network.node.url(), worker.url());
    let oracle = network.deploy_lens(&worker).await?;
    let project = Project::with_manifest(network.folder(), "echo", ECHO, MANIFEST)?;
    let deploy = ["deploy", project.path_text()?, "--chain", chain];
    let deployed = phat_ok([&deploy[..], &["--suri", "//Alice"]].concat()).await?;
    let echo = text(&deployed, "contract")?;

    // A development network gives every contract a little.
    until_called(&echo, &url).await?;
    let shown = stake_ok(chain, &["show", &echo]).await?;
    assert_eq!(shown["state"], "free_allowance");
    assert_eq!(shown["share_ppm"], 500_000);

    // Others do not.
    let client = ChainClient::connect(chain).await?;
    let root = Signer::from_uri("//Alice")?;
    client.set_free_allowance_as_root(&root, 0).await?;
    until_refused(&echo, &url).await?;
    assert_eq!(
        stake_ok(chain, &["show", &echo]).await?["state"],
        "no_stake"
    );
    let info = worker.client().contract(echo.parse()?).await?;
    assert!(!info.is_serving && info.share_ppm == 0, "{info:?}");
    assert!(worker.client().health().await?.ready);

    // A request of an anchor waits.
    let (id, _, _) = oracle.consumer.request(PROFILES[0].0).await?;
    worker.until_step("seen", 1).await?;
    network.node.until_finalized(QUIET_BLOCKS).await?;
    worker.until_step("seen", 1).await?;
    assert_eq!(network.lens.requests(), 0);

    // A dry run changes nothing.
    let by = ["--suri", STAKER];
    let adding = ["add", &oracle.contract, "3PHA"];
    let dry = stake_ok(chain, &[&adding[..], &by, &["--dry-run"]].concat()).await?;
    assert_eq!(dry["state"], "dry_run");
    let fee: u128 = text(&dry, "fee_estimate")?.parse()?;
    assert!(fee > 0);
    let shown = stake_ok(chain, &["show", &oracle.contract]).await?;
    assert_eq!(shown["state"], "no_stake");

    // With stake, the request is run, and calls are as soon as they have some.
    let added = stake_ok(chain, &[&adding[..], &by].concat()).await?;
    assert_eq!(added["stake"], "3000000000000");
    let (profile, followers) = PROFILES[0];
    let expected = StoredAnswer {
        ok: true,
        profile: profile.into(),
        value: U256::from(followers),
    };
    assert_eq!(oracle.consumer.until_answered(id).await?, expected);
    assert_eq!(network.lens.requests(), 1);
    let little = stake(chain, &[&["add", &echo, "0.5PHA"][..], &by].concat()).await?;
    assert_eq!(little.code, 1);
    assert!(
        little.stderr.contains("give 0.5 PHA more"),
        "{}",
        little.stderr
    );
    stake_ok(chain, &[&["add", &echo, "1 PHA"][..], &by].concat()).await?;
    until_called(&echo, &url).await?;
    let shown = stake_ok(chain, &["show", &oracle.contract]).await?;
    assert_eq!(shown["share_ppm"], 750_000);
    let info = worker.client().contract(echo.parse()?).await?;
    assert_eq!(info.share_ppm, 250_000);

    // What is withdrawn counts no more, and stake outlives its contract.
    stake_ok(chain, &[&["withdraw", &echo, "1PHA"][..], &by].concat()).await?;
    until_refused(&echo, &url).await?;
    client.remove(&root, oracle.contract.parse()?).await?;
    let shown = stake_ok(chain, &["show", &oracle.contract]).await?;
    assert_eq!(shown["state"], "removed");
    assert_eq!(shown["staked"], "3000000000000");
    let refused = stake(chain, &[&adding[..], &by].concat()).await?;
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("was removed"), "{}", refused.stderr);
    let withdrawing = ["withdraw", &oracle.contract, "3PHA"];
    let withdrawn = stake_ok(chain, &[&withdrawing[..], &by].concat()).await?;
    assert_eq!(withdrawn["stake"], "0");
    let gone = stake(chain, &["show", &oracle.contract]).await?;
    assert_eq!(gone.code, 1);
    network.end();
    Ok(())
}
