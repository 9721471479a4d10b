//! Contracts of which several workers must agree on an outcome.

use std::collections::BTreeSet;

use alloy::primitives::{Address, U256};
use anyhow::{Context, ensure};
use phat_e2e::{
    evm::{Consumer, Settlement},
    fleet::Fleet,
    network::{Network, Oracle, PROFILES},
    process::until,
    project::Project,
};
use phat_worker_client::LogEntry;

/// How many workers must agree, and how many run each request.
const QUORUM: usize = 2;
const OF: usize = 3;

/// Gives the same on each worker: two words, an answer and its value.
const ALIKE: &str = "
    export default (request) => {
        const output = new Uint8Array(64);
        output[63] = request.input.length % 251;
        return output;
    };";

/// Gives another number on each worker, and settles their median.
const APART: &str = "
    import { log } from 'phat';

    function words(value) {
        const output = new Uint8Array(64);
        new DataView(output.buffer).setUint32(60, value);
        return output;
    }

    export default () => {
        const [drawn] = crypto.getRandomValues(new Uint32Array(1));
        log.info(`drew ${drawn}`);
        return String(drawn);
    };

    export function aggregate(outputs) {
        const text = new TextDecoder();
        const values = outputs.map((output) => Number(text.decode(output)));
        log.info(`merged ${values.join(' ')}`);
        values.sort((a, b) => a - b);
        return words(values[Math.floor(values.length / 2)]);
    }";

/// Three workers that serve a contract whose consumer takes what two of them sign.
struct Stage {
    network: Network,
    fleet: Fleet,
    consumer: Consumer,
    contract: String,
    attestors: Vec<Address>,
}

impl Stage {
    async fn start(name: &str, code: &str, aggregate: bool) -> anyhow::Result<Self> {
        let network = Network::start().await?;
        let fleet = Fleet::start(&network).await?;
        ensure!(fleet.count() == OF, "a fleet of {}", fleet.count());
        let manifest = format!(
            "name = {name:?}\nentry = \"index.js\"\n\n[verification]\nquorum = {QUORUM}\n\
             of = {OF}\naggregate = {aggregate}\n"
        );
        let project = Project::with_manifest(network.folder(), name, code, &manifest)?;
        let worker = fleet.worker(0)?;
        let Oracle { consumer, contract } = network.deploy(worker, &project).await?;
        let chain = network.evm_chain();
        let attestors = fleet.attestors(&contract, &chain).await?;
        let attestors = attestors.iter().map(|attestor| attestor.parse());
        let attestors = attestors.collect::<Result<Vec<Address>, _>>()?;
        let threshold = u32::try_from(QUORUM)?;
        consumer.set_attestors(threshold, attestors.clone()).await?;
        for account in fleet.relay_accounts(&chain).await? {
            consumer.fund(account).await?;
        }
        Ok(Self {
            network,
            fleet,
            consumer,
            contract,
            attestors,
        })
    }

    /// Makes a request, and waits until it is settled: as what, and by which transaction.
    async fn settle(&self) -> anyhow::Result<(U256, Settlement)> {
        let (id, _, _) = self.consumer.request(PROFILES[0].0).await?;
        let answer = self.consumer.until_answered(id).await?;
        ensure!(answer.ok, "{answer:?}");
        Ok((answer.value, self.consumer.settlement(id).await?))
    }

    /// Checks that the set of the workers' accounts is what has let a settlement pass: two
    /// of them have signed it, and one alone is refused.
    async fn check_set(&self, settlement: &Settlement) -> anyhow::Result<()> {
        let accounts: BTreeSet<_> = self.attestors.iter().copied().collect();
        ensure!(accounts.len() == OF, "each has its own: {accounts:?}");
        let (threshold, set) = self.consumer.quorum().await?;
        ensure!(threshold == QUORUM as u64, "a threshold of {threshold}");
        let set: BTreeSet<_> = set.into_iter().collect();
        ensure!(set == accounts, "{set:?} are not {accounts:?}");

        let signatures = self.consumer.signatures(settlement).await?;
        ensure!(signatures == QUORUM, "{signatures} signatures");
        let missing = |count| self.consumer.missing_signatures(settlement, count);
        let with_all = missing(QUORUM).await?;
        ensure!(with_all.is_none(), "it lacks {with_all:?}");
        let with_one = missing(1).await?;
        ensure!(with_one == Some((1, 2)), "one alone: {with_one:?}");
        Ok(())
    }

    /// What a worker shows of the contract.
    async fn is_merging(&self, index: usize) -> anyhow::Result<bool> {
        let client = self.fleet.worker(index)?.client();
        let served = client.contract(self.contract.parse()?).await?;
        let quorum = served.quorum.context("a quorum")?;
        ensure!((quorum.threshold, quorum.of) == (2, 3), "{quorum:?}");
        Ok(quorum.aggregate)
    }

    /// The numbers after this word in lines that the contract has logged, of each line on
    /// any worker.
    async fn logged(&self, word: &str) -> anyhow::Result<Vec<Vec<u32>>> {
        let mut found = Vec::new();
        for index in 0..self.fleet.count() {
            let client = self.fleet.worker(index)?.client();
            let page = client.logs(self.contract.parse()?, 0).await?;
            for LogEntry { message, .. } in page.logs {
                let Some(numbers) = message.strip_prefix(word) else {
                    continue;
                };
                let numbers = numbers.split_whitespace().map(str::parse::<u32>);
                found.push(numbers.collect::<Result<Vec<_>, _>>()?);
            }
        }
        Ok(found)
    }
}

/// The outcome of a plain quorum is settled by the set of the workers' own accounts.
#[tokio::test]
async fn what_two_of_three_workers_sign_is_settled_and_one_alone_is_refused() -> anyhow::Result<()>
{
    let stage = Stage::start("alike", ALIKE, false).await?;
    ensure!(!stage.is_merging(0).await?);
    for _ in 0..3 {
        let (_, settlement) = stage.settle().await?;
        stage.check_set(&settlement).await?;
    }
    stage.network.end();
    Ok(())
}

/// Workers whose runs give something else each settle the median of it.
#[tokio::test]
async fn outputs_that_differ_are_settled_as_their_median() -> anyhow::Result<()> {
    let stage = Stage::start("apart", APART, true).await?;
    ensure!(stage.is_merging(0).await?);
    for round in 1..=3 {
        let (value, settlement) = stage.settle().await?;
        stage.check_set(&settlement).await?;
        let drawn: BTreeSet<u32> = stage.logged("drew ").await?.concat().into_iter().collect();
        ensure!(
            drawn.len() >= QUORUM * round,
            "all drew the same: {drawn:?}"
        );
        // The worker that has settled it logs what it has merged.
        let merged = until("the merged outputs", async || {
            let merged = stage.logged("merged ").await?;
            let is_it =
                |values: &Vec<u32>| median(values).is_some_and(|it| value == U256::from(it));
            Ok(merged.into_iter().find(is_it))
        })
        .await?;
        ensure!(merged.len() >= QUORUM, "merged {merged:?}");
        let apart: BTreeSet<_> = merged.iter().copied().collect();
        ensure!(apart.len() == merged.len(), "one drew twice: {merged:?}");
        ensure!(apart.is_subset(&drawn), "{merged:?} are not of {drawn:?}");
    }
    stage.network.end();
    Ok(())
}

fn median(values: &[u32]) -> Option<u32> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}
