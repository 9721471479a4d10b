//! The examples of feeds on a real network: a price is pushed when it has moved, and random
//! numbers come with proofs that their consumer checks.

use alloy::primitives::{B256, U256};
use anyhow::ensure;
use phat_e2e::{
    feeds::{Draws, Feed, FeedSettings},
    fleet::Fleet,
    network::Network,
    process::until,
    worker::Worker,
};
use phat_testing_fixtures::prices::PriceApi;

/// Prices as the sources write them, and as the feed has them.
const FIRST: (&str, u64) = ("3000.00", 300_000_000_000);
/// 10 basis points more.
const NEAR: (&str, u64) = ("3003.00", 300_300_000_000);
/// 100 basis points more.
const FAR: (&str, u64) = ("3030.00", 303_000_000_000);
/// The price that is pushed is this far from the last, in basis points.
const DEVIATION_BPS: u32 = 50;
/// Longer than any of these tests takes, in seconds.
const LONG_S: u64 = 3_000;
/// Requests to the sources that show that all workers have looked at them several times: three in
/// each run.
const LOOKS: usize = 18;

/// Waits until the sources were asked so many times more.
async fn until_looked_at(prices: &PriceApi) -> anyhow::Result<()> {
    let before = prices.requests();
    until("the sources to be asked", async || {
        Ok((prices.requests() >= before + LOOKS).then_some(()))
    })
    .await
}

/// A first price, one that is no news, and one that is: two pushes, and nothing else settled.
async fn check_pushes(feed: &Feed, prices: &PriceApi) -> anyhow::Result<()> {
    assert_eq!(feed.until_rounds(1).await?, U256::from(FIRST.1));
    prices.set(NEAR.0);
    until_looked_at(prices).await?;
    assert_eq!(feed.pushes().await?, (1, 1), "a small change was pushed");
    prices.set(FAR.0);
    assert_eq!(feed.until_rounds(2).await?, U256::from(FAR.1));
    until_looked_at(prices).await?;
    assert_eq!(feed.pushes().await?, (2, 2), "a change was pushed twice");
    // Whoever looks now finds the price that is there.
    assert_eq!(feed.until_rounds(2).await?, U256::from(FAR.1));
    Ok(())
}

#[tokio::test]
async fn a_price_is_pushed_when_it_has_moved_and_not_before() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let prices = network.start_prices(FIRST.0).await?;
    let worker = Worker::start(network.worker_options()).await?;
    let settings = FeedSettings {
        deviation_bps: DEVIATION_BPS,
        heartbeat_s: LONG_S,
    };
    let feed = Feed::deploy(&network, &[&worker], &prices, &settings).await?;
    check_pushes(&feed, &prices).await?;

    // The runs that settled nothing have their receipts all the same.
    let contract = feed.id.parse()?;
    let requests = worker.client().requests(Some(contract)).await?.requests;
    let mut ended = requests.iter().filter(|request| request.step == "settled");
    ensure!(
        ended.clone().any(|request| request.tx.is_none()),
        "every run was settled: {requests:?}"
    );
    ensure!(
        ended.all(|request| request.receipt.is_some()),
        "a run has no receipt: {requests:?}"
    );
    network.end();
    Ok(())
}

#[tokio::test]
async fn a_price_that_moves_is_pushed_once_by_three_workers() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let prices = network.start_prices(FIRST.0).await?;
    let fleet = Fleet::start(&network).await?;
    let workers = [fleet.worker(0)?, fleet.worker(1)?, fleet.worker(2)?];
    let settings = FeedSettings {
        deviation_bps: DEVIATION_BPS,
        heartbeat_s: LONG_S,
    };
    let feed = Feed::deploy(&network, &workers, &prices, &settings).await?;
    check_pushes(&feed, &prices).await?;
    network.end();
    Ok(())
}

#[tokio::test]
async fn a_price_that_stands_still_is_pushed_with_the_heartbeat() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let prices = network.start_prices(FIRST.0).await?;
    let worker = Worker::start(network.worker_options()).await?;
    let settings = FeedSettings {
        deviation_bps: DEVIATION_BPS,
        heartbeat_s: 5,
    };
    let feed = Feed::deploy(&network, &[&worker], &prices, &settings).await?;
    assert_eq!(feed.until_rounds(3).await?, U256::from(FIRST.1));
    network.end();
    Ok(())
}

#[tokio::test]
async fn random_numbers_are_checked_by_their_consumer() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    let draws = Draws::deploy(&network, &worker).await?;
    let key = draws.key(&worker).await?;
    draws.set_key(key).await?;
    let (first, second) = (B256::repeat_byte(1), B256::repeat_byte(2));
    let first = draws.request(first).await?;
    let second = draws.request(second).await?;
    let mut drawn = Vec::new();
    for id in [first, second] {
        let settled = draws.until_settled(id).await?;
        let Some((randomness, proof)) = settled else {
            anyhow::bail!("the proof of request {id} was refused");
        };
        assert_eq!(draws.randomness(id).await?, Some(randomness));
        // Anyone can check it afterwards, for its own request.
        ensure!(draws.verify(id, &proof).await?, "the proof does not hold");
        drawn.push((randomness, proof));
    }
    assert_ne!(drawn[0].0, drawn[1].0);
    ensure!(
        !draws.verify(first, &drawn[1].1).await?,
        "a proof holds for two requests"
    );
    network.end();
    Ok(())
}

/// The attestor's signature alone brings no random number: the proof has to be of the key that
/// the owner has set.
#[tokio::test]
async fn a_proof_of_another_key_is_refused() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let worker = Worker::start(network.worker_options()).await?;
    let draws = Draws::deploy(&network, &worker).await?;
    let (x, y) = draws.key(&worker).await?;
    // The negative of the contract's key is another key.
    let field = U256::MAX - U256::from(0x1_0000_03d0_u64);
    draws.set_key((x, field - y)).await?;
    let id = draws.request(B256::repeat_byte(1)).await?;
    assert_eq!(draws.until_settled(id).await?, None);
    assert_eq!(draws.randomness(id).await?, None);
    network.end();
    Ok(())
}
