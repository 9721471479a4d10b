//! A worker: all its parts, started together and ended together.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use phat_engine::Reachable;
use phat_primitives::ClusterId;
use phat_target::Target;
use phat_worker_core::{Policy, scheduler::Weights};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinSet,
};

use crate::{
    RunError,
    backlog::{self, Backlog},
    chain::{ChainView, KeyPublisher},
    cluster_keys::Keeper,
    compute::{self, Compute},
    config::PauseAfter,
    contracts::Follower,
    executor::{Executor, Runner},
    firings::{Clock, Firer, Owners},
    freshness::Freshness,
    health::Health,
    http::{self, Api, TargetHandle},
    journal::Journal,
    keys::WorkerKeys,
    metrics::Metrics,
    pace::{ShutdownSender, shutdown},
    peers::Peers,
    performance::{Iterations, PerformanceParts, Performer, Store},
    relay::{Purse, RelayRules, SettlementCost},
    secrets::SecretsReader,
    settler::Settler,
    watcher::Watcher,
};

/// Messages that wait for a settler before its watcher waits too.
const MAILBOX_MAX: usize = 64;

/// What a worker is made of.
pub struct Parts {
    /// The Phat chain.
    pub chain: Arc<dyn ChainView>,
    /// The target chains.
    pub targets: Vec<Arc<dyn Target>>,
    /// The engine.
    pub runner: Arc<dyn Runner>,
    /// The journal.
    pub journal: Arc<Journal>,
    /// The keys.
    pub keys: Arc<WorkerKeys>,
    /// What puts the cluster's keys on the chain, if somebody pays for it.
    pub publisher: Option<Arc<dyn KeyPublisher>>,
    /// What it takes to show the chain the worker's performance, if that is to be done.
    pub performance: Option<PerformanceParts>,
    /// The socket of the HTTP API.
    pub listener: TcpListener,
}

/// How a worker behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The cluster to serve.
    pub cluster: ClusterId,
    /// The URL to announce.
    pub endpoint: String,
    /// Time between two looks at a target chain.
    pub poll: Duration,
    /// Time after which what failed is tried again; the pause doubles up to a
    /// bound as long as it fails.
    pub retry: Duration,
    /// How patient to be with target chains. The confirmations are each target's own.
    pub policy: Policy,
    /// What relay accounts may spend and should have.
    pub relay: RelayRules,
    /// Unfinished requests of one contract on one chain, after which no more of it
    /// are taken up.
    pub unfinished_max: usize,
    /// Runs of anchor requests at once.
    pub runs_max: usize,
    /// Anchor requests that wait for their turn to run. More stay in the journal.
    pub runs_waiting_max: usize,
    /// Calls over HTTP that run at once.
    pub calls_max: usize,
    /// Calls over HTTP that wait for their turn.
    pub calls_waiting_max: usize,
    /// Processors that runs compute on, and the performance test where no run does.
    pub processors: usize,
    /// How old the newest finalised block of the Phat chain may be, before nothing is run.
    pub chain_stale_max: Duration,
    /// Whether other workers may be asked for keys in private networks too.
    pub allow_private_networks: bool,
    /// Where to stop, in tests of what a crash does.
    pub pause_after: Option<PauseAfter>,
}

/// A running worker.
pub struct Worker {
    address: SocketAddr,
    executor: Arc<Executor>,
    shutdown: ShutdownSender,
    tasks: JoinSet<()>,
}

impl Worker {
    /// Starts all parts.
    pub fn start(parts: Parts, settings: Settings) -> Result<Self, RunError> {
        let address = parts.listener.local_addr()?;
        for target in &parts.targets {
            let account = target.relay_account();
            parts.journal.use_relay_account(target.chain(), &account)?;
        }
        // What is damaged or sealed elsewhere is told at once.
        parts.keys.store().check_cluster_secrets()?;
        let (sender, shutdown) = shutdown();
        let health = Health::default();
        let metrics = Arc::new(Metrics::default());
        let (snapshot_sender, snapshot) = watch::channel(None);
        let (weights_sender, weights) = watch::channel(Weights::default());
        let bounds = compute::bounds(
            settings.processors,
            [settings.runs_max, settings.runs_waiting_max],
            [settings.calls_max, settings.calls_waiting_max],
        );
        let secrets = SecretsReader::new(
            parts.chain.clone(),
            settings.cluster,
            parts.keys.clone(),
            health.clone(),
        );
        let compute = Arc::new(Compute::new(bounds, weights, metrics.clone()));
        let demand = compute.demand();
        let executor = Arc::new(Executor::new(
            parts.runner,
            parts.chain.clone(),
            parts.keys.clone(),
            secrets,
            metrics.clone(),
            compute,
        ));
        let reachable = Reachable::by_operator(settings.allow_private_networks);
        let peers = Arc::new(Peers::new(
            parts.chain.clone(),
            settings.cluster,
            parts.keys.clone(),
            snapshot.clone(),
            reachable,
        ));
        let targets: BTreeMap<String, Arc<dyn Target>> = parts
            .targets
            .iter()
            .map(|target| (target.chain().to_owned(), target.clone()))
            .collect();
        let mut tasks = JoinSet::new();
        let keeper = Keeper {
            chain: parts.chain.clone(),
            publisher: parts.publisher,
            cluster: settings.cluster,
            keys: parts.keys.clone(),
            reachable,
            snapshot: snapshot.clone(),
            health: health.clone(),
            retry: settings.retry,
            shutdown: shutdown.clone(),
        };
        tasks.spawn(keeper.run());
        let performance = parts.performance.map(|performance| {
            let (status, shown) = watch::channel(Default::default());
            let machine = &*performance.machine;
            let performer = Performer {
                chain: performance.chain,
                keys: parts.keys.clone(),
                iterations: Iterations::start(machine, settings.processors, demand),
                store: Store::new(performance.file),
                snapshot: snapshot.clone(),
                status,
                metrics: metrics.clone(),
                retry: settings.retry,
                shutdown: shutdown.clone(),
            };
            tasks.spawn(performer.run());
            shown
        });
        let follower = Follower {
            chain: parts.chain.clone(),
            cluster: settings.cluster,
            targets: targets.clone(),
            keys: parts.keys,
            snapshot: snapshot_sender,
            weights: weights_sender,
            health: health.clone(),
            metrics: metrics.clone(),
            freshness: Freshness::new(settings.chain_stale_max),
            retry: settings.retry,
            shutdown: shutdown.clone(),
        };
        tasks.spawn(follower.run());

        let backlog = || Arc::new(Backlog::new(settings.unfinished_max, backlog::TOTAL_MAX));
        let firer_backlog = backlog();
        let mut backlogs = BTreeMap::from([(String::new(), firer_backlog.clone())]);
        let (firer_sender, firer_mailbox) = mpsc::channel(MAILBOX_MAX);
        let mut owners = Owners {
            settlers: BTreeMap::new(),
            firer: firer_sender,
        };
        let mut mailboxes = Vec::new();
        for (chain, target) in targets {
            let (sender, mailbox) = mpsc::channel(MAILBOX_MAX);
            owners.settlers.insert(chain.clone(), sender.clone());
            let backlog = backlog();
            backlogs.insert(chain, backlog.clone());
            mailboxes.push((target, sender, mailbox, backlog));
        }
        let all_backlogs = Arc::new(backlogs.clone());
        let mut heads = Vec::new();
        for (target, mailbox_sender, mailbox, backlog) in mailboxes {
            let (head_sender, head) = watch::channel(None);
            heads.push(TargetHandle {
                target: target.clone(),
                head: head.clone(),
            });
            let limits = settings.relay.of(target.chain());
            let cost = Arc::new(SettlementCost::default());
            let purse = Purse {
                target: target.clone(),
                limits: limits.clone(),
                cost: cost.clone(),
                metrics: metrics.clone(),
                shutdown: shutdown.clone(),
            };
            tasks.spawn(purse.run());
            let watcher = Watcher {
                target: target.clone(),
                poll: settings.poll,
                retry: settings.retry,
                snapshot: snapshot.clone(),
                journal: parts.journal.clone(),
                settler: mailbox_sender,
                rescan_blocks: settings.policy.watch_blocks,
                backlog: backlog.clone(),
                owners: owners.clone(),
                backlogs: all_backlogs.clone(),
                head: head_sender,
                health: health.clone(),
                metrics: metrics.clone(),
                shutdown: shutdown.clone(),
            };
            tasks.spawn(watcher.run());
            let policy = Policy {
                confirmations: target.confirmations(),
                ..settings.policy.clone()
            };
            let settler = Settler {
                target,
                head,
                snapshot: snapshot.clone(),
                executor: executor.clone(),
                journal: parts.journal.clone(),
                policy,
                relay: limits,
                cost,
                peers: peers.clone(),
                retry: settings.retry,
                pause_after: settings.pause_after,
                backlog,
                health: health.clone(),
                metrics: metrics.clone(),
                shutdown: shutdown.clone(),
            };
            tasks.spawn(settler.run(mailbox));
        }

        let firer = Firer {
            snapshot: snapshot.clone(),
            executor: executor.clone(),
            journal: parts.journal.clone(),
            peers: peers.clone(),
            policy: settings.policy.clone(),
            retry: settings.retry,
            backlog: firer_backlog,
            health: health.clone(),
            metrics: metrics.clone(),
            shutdown: shutdown.clone(),
        };
        tasks.spawn(firer.run(firer_mailbox));
        let clock = Clock {
            snapshot: snapshot.clone(),
            journal: parts.journal.clone(),
            owners: owners.clone(),
            backlogs: all_backlogs,
            health: health.clone(),
            metrics: metrics.clone(),
            retry: settings.retry,
            shutdown: shutdown.clone(),
        };
        tasks.spawn(clock.run());

        let api = Arc::new(Api {
            cluster: settings.cluster,
            endpoint: settings.endpoint,
            chain: parts.chain,
            targets: heads,
            snapshot,
            executor: executor.clone(),
            calls_max: settings.calls_max,
            calls_waiting_max: settings.calls_waiting_max,
            journal: parts.journal,
            owners,
            backlogs,
            peers,
            health,
            metrics,
            performance,
            shutdown,
        });
        let listener = parts.listener;
        tasks.spawn(async move {
            if let Err(error) = http::serve(listener, api).await {
                let error = error.to_string();
                tracing::error!(error, "the HTTP API failed");
            }
        });
        Ok(Self {
            address,
            executor,
            shutdown: sender,
            tasks,
        })
    }

    /// Where the HTTP API is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until a part ends that should not.
    pub async fn ended(&mut self) {
        let _ = self.tasks.join_next().await;
    }

    /// Ends all at once, in the middle of whatever it is. The journal is as it
    /// would be after a crash.
    pub async fn abort(mut self) {
        self.tasks.shutdown().await;
    }

    /// Takes no new work, and gives runs and calls that are under way `grace` to
    /// end and be journaled. `false` if some did not.
    pub async fn stop(mut self, grace: Duration) -> bool {
        // Closed first: what waits for its turn must not begin in between.
        self.executor.stop();
        self.shutdown.send();
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let is_done = tokio::time::timeout(grace, all).await.is_ok();
        self.tasks.shutdown().await;
        is_done
    }
}
