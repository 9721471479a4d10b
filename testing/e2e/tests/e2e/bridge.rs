//! PHA that is locked on the Phat chain, minted on an EVM chain, burned there and released.

use std::io::Write;

use phat_chain_client::Signer;
use phat_e2e::{bridge::Bridge, worker::Worker};
use phat_primitives::AccountBytes;
use phat_tokenomics::UNITS_PER_PHA as PHA;

/// Who locks.
const SENDER: &str = "//Eve";
/// Who is paid for burns, and has nothing else.
const PAID: AccountBytes = AccountBytes([77; 32]);
/// What is locked before the long run.
const FIRST: u128 = 100 * PHA;
/// Locks and burns of the long run.
const ROUNDS: u128 = 6;
/// The round after which a worker is killed, and the one after which it comes back.
const KILLED_AFTER: u128 = 2;
const BACK_AFTER: u128 = 4;

#[tokio::test]
async fn pha_is_locked_minted_burned_and_released() -> anyhow::Result<()> {
    let bridge = Bridge::start().await?;
    let worker = Worker::start(bridge.worker_options("first", "//Bob")).await?;
    bridge.connect(&worker).await?;
    bridge.fund(&worker).await?;
    let sender = Signer::from_uri(SENDER)?;

    let amount = 25 * PHA + 1;
    assert_eq!(bridge.lock(&sender, amount).await?, 1);
    let books = bridge.until_even(amount).await?;
    assert_eq!(books.held, amount);

    let burned = 15 * PHA + 1;
    bridge.token.burn(burned, &PAID).await?;
    let books = bridge.until_even(amount - burned).await?;
    assert_eq!(books.held, amount - burned);
    let state = bridge.client.latest().await?;
    assert_eq!(state.free_balance(&PAID).await?, burned);
    assert_eq!(bridge.token.mints().await?, 1);
    Ok(())
}

#[tokio::test]
async fn totals_agree_after_many_transfers_with_a_worker_killed_between() -> anyhow::Result<()> {
    let bridge = Bridge::start().await?;
    let first = Worker::start(bridge.worker_options("first", "//Bob")).await?;
    bridge.connect(&first).await?;
    let second = Worker::start(bridge.worker_options("second", "//Charlie")).await?;
    for worker in [&first, &second] {
        bridge.fund(worker).await?;
    }
    let sender = Signer::from_uri(SENDER)?;

    let (mut locked, mut burned) = (FIRST, 0);
    bridge.lock(&sender, FIRST).await?;
    bridge.until_even(FIRST).await?;
    let (mut running, mut killed) = (Some(first), None);
    for round in 1..=ROUNDS {
        let amount = (10 + round) * PHA;
        bridge.lock(&sender, amount).await?;
        locked += amount;
        // A part of what is there is burned while the rest is on its way.
        let part = bridge.token.supply().await? / 4;
        bridge.token.burn(part, &PAID).await?;
        burned += part;
        if round == KILLED_AFTER
            && let Some(worker) = running.take()
        {
            killed = Some(worker.kill().await?);
        }
        if round == BACK_AFTER
            && let Some(options) = killed.take()
        {
            running = Some(Worker::start(options).await?);
        }
    }
    let books = bridge.until_even(locked - burned).await?;
    assert_eq!(books.held, locked - burned);
    let paid = bridge.client.latest().await?.free_balance(&PAID).await?;
    assert_eq!(paid, burned);
    assert_eq!(u128::from(books.locks), 1 + ROUNDS);
    assert_eq!(bridge.token.mints().await? as u128, 1 + ROUNDS);
    writeln!(
        std::io::stderr(),
        "{} locks of {locked}, minted once each; {ROUNDS} burns of {burned}, paid once each; {} left \
         on both sides",
        books.locks,
        books.outstanding
    )?;
    Ok(())
}
