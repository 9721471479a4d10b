//! A fleet of workers that are killed while they work: each request is settled once.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use alloy::primitives::{Address, U256};
use anyhow::{Context, ensure};
use phat_e2e::{
    count::check_counts,
    evm::Consumer,
    fleet::Fleet,
    network::{Network, Oracle, PROFILES},
    project::Project,
};

/// The requests of the long run, unless this variable says another number.
const REQUESTS: usize = 1_000;
/// Names the number of requests.
const REQUESTS_VARIABLE: &str = "PHAT_FLEET_REQUESTS";
/// Consumers of the long run, each with its own anchor.
const CONSUMERS: usize = 50;
/// Requests in a quick run of the tests.
const REQUESTS_SHORT: usize = 60;
/// Requests that a consumer makes in one block.
const REQUESTS_AT_ONCE: usize = 4;
/// Time between two kills.
const KILL_EVERY: Duration = Duration::from_secs(4);
/// How long a request may take when the last one was made. Takeovers included.
const PATIENCE: Duration = Duration::from_secs(600);
/// How often consumers are asked for answers.
const POLL: Duration = Duration::from_millis(500);

/// Three workers that serve one contract for some consumers.
struct Stage {
    network: Network,
    fleet: Fleet,
    consumers: Vec<Consumer>,
}

impl Stage {
    /// Deploys the Lens example for so many consumers, each of which allows the
    /// contract's account and sees the workers' relay accounts funded.
    async fn start(consumers: usize) -> anyhow::Result<Self> {
        let network = Network::start().await?;
        let fleet = Fleet::start(&network).await?;
        let chain = network.evm_chain();
        let mut all = Vec::new();
        // A manifest lists no more than 16 anchors, so each consumer has a contract of
        // its own, with code of its own: the id of a contract follows from its code.
        let example = Project::lens_stats(network.folder(), &network.lens)?;
        let code = Path::new(example.path_text()?).join("index.js");
        let code = std::fs::read_to_string(code)?;
        for index in 0..consumers {
            let name = format!("consumer-{index}");
            let code = format!("{code}\n// {name}\n");
            let project = Project::new(network.folder(), &name, &code, &network.lens)?;
            let worker = fleet.worker(0)?;
            let Oracle { consumer, contract } = network.deploy(worker, &project).await?;
            fleet.attestors(&contract, &chain).await?;
            all.push(consumer);
        }
        let first = all.first().context("no consumer")?;
        for account in fleet.relay_accounts(&chain).await? {
            first.fund(account).await?;
        }
        Ok(Self {
            network,
            fleet,
            consumers: all,
        })
    }

    /// Makes requests, a few at a time, in turn at all consumers, and kills and starts workers
    /// in turn until each is answered. Gives how many settlements each request has.
    async fn run(&mut self, requests: usize, kills: bool) -> anyhow::Result<Vec<usize>> {
        let mut made = Vec::new();
        let mut chaos = Chaos::new(kills);
        let places = (0..self.consumers.len()).cycle();
        for place in places.take(requests.div_ceil(REQUESTS_AT_ONCE)) {
            let count = REQUESTS_AT_ONCE.min(requests - made.len());
            let consumer = &self.consumers[place];
            let (ids, _) = consumer.request_many(PROFILES[0].0, count).await?;
            made.extend(ids.into_iter().map(|id| (place, id)));
            chaos.act(&mut self.fleet).await?;
        }
        let started = Instant::now();
        let mut open = made.clone();
        while !open.is_empty() {
            ensure!(
                started.elapsed() < PATIENCE,
                "{} of {requests} requests are not answered",
                open.len()
            );
            let mut left = Vec::new();
            for (place, id) in open {
                if self.consumers[place].answer(id).await?.is_none() {
                    left.push((place, id));
                }
            }
            open = left;
            chaos.act(&mut self.fleet).await?;
            tokio::time::sleep(POLL).await;
        }
        chaos.end(&mut self.fleet).await?;
        let mut counts = Vec::new();
        for (place, id) in made {
            counts.push(self.consumers[place].settlements(id).await?.len());
        }
        Ok(counts)
    }
}

/// Kills one worker after the other, and starts each again before the next is killed.
struct Chaos {
    kills: bool,
    next: usize,
    killed: Option<usize>,
    acted: Instant,
    count: usize,
}

impl Chaos {
    fn new(kills: bool) -> Self {
        Self {
            kills,
            next: 0,
            killed: None,
            acted: Instant::now(),
            count: 0,
        }
    }

    async fn act(&mut self, fleet: &mut Fleet) -> anyhow::Result<()> {
        if !self.kills || self.acted.elapsed() < KILL_EVERY {
            return Ok(());
        }
        if let Some(killed) = self.killed.take() {
            fleet.revive(killed).await?;
        }
        fleet.kill(self.next).await?;
        self.killed = Some(self.next);
        self.next = (self.next + 1) % fleet.count();
        self.count += 1;
        self.acted = Instant::now();
        Ok(())
    }

    /// Has all workers run again, and prints how often one was killed.
    #[allow(
        clippy::print_stdout,
        reason = "the count of a fault run is for whoever runs it"
    )]
    async fn end(&mut self, fleet: &mut Fleet) -> anyhow::Result<()> {
        if self.kills {
            println!("workers killed: {}", self.count);
        }
        if let Some(killed) = self.killed.take() {
            fleet.revive(killed).await?;
        }
        Ok(())
    }
}

fn requests() -> anyhow::Result<usize> {
    match std::env::var(REQUESTS_VARIABLE) {
        Ok(text) => text
            .parse()
            .with_context(|| format!("{REQUESTS_VARIABLE}={text} is not a number")),
        Err(_) => Ok(REQUESTS_SHORT),
    }
}

/// Many requests from many consumers, with three workers of which one is killed every
/// few seconds. `PHAT_FLEET_REQUESTS=1000` makes it the long run, with 50 consumers.
#[tokio::test]
async fn a_fleet_whose_workers_are_killed_settles_each_request_once() -> anyhow::Result<()> {
    let requests = requests()?;
    let consumers = (requests * CONSUMERS / REQUESTS).clamp(1, CONSUMERS);
    let mut stage = Stage::start(consumers).await?;
    let counts = stage.run(requests, true).await?;
    check_counts(&counts)?;
    stage.network.end();
    Ok(())
}

/// Whoever ranks first for a request may be dead: the next one serves it.
#[tokio::test]
async fn requests_of_a_dead_leader_are_taken_over() -> anyhow::Result<()> {
    let mut stage = Stage::start(1).await?;
    stage.fleet.kill(1).await?;
    let counts = stage.run(12, false).await?;
    check_counts(&counts)?;
    stage.network.end();
    Ok(())
}

/// Workers that all serve a request at once settle it once.
#[tokio::test]
async fn workers_that_race_settle_each_request_once() -> anyhow::Result<()> {
    let network = Network::start().await?;
    let mut options = network.worker_options();
    options.arguments = vec!["--takeover-blocks".into(), "0".into()];
    let first = phat_e2e::worker::Worker::start(options.clone()).await?;
    let oracle = network.deploy_lens(&first).await?;
    options.folder = network.folder().join("second");
    options.operator = "//Charlie";
    let second = phat_e2e::worker::Worker::start(options).await?;
    let chain = network.evm_chain();
    let account: Address = second.relay_account(&chain).await?;
    oracle.consumer.fund(account).await?;
    let mut ids: Vec<U256> = Vec::new();
    for _ in 0..10 {
        ids.push(oracle.consumer.request(PROFILES[0].0).await?.0);
    }
    let mut counts = Vec::new();
    for id in ids {
        oracle.consumer.until_answered(id).await?;
        counts.push(oracle.consumer.settlements(id).await?.len());
    }
    check_counts(&counts)?;
    drop((first, second));
    network.end();
    Ok(())
}
