//! What a worker does on the chain by itself, where it holds its operator's key: it publishes the
//! roots of its receipts, and judges the receipts of others.

use std::{sync::Arc, time::Duration};

use phat_engine::Engine;
use tokio::task::JoinSet;

use crate::{
    batcher::{BatchPolicy, Batcher},
    journal::Journal,
    keys::WorkerKeys,
    operator::OperatorChain,
    pace::{ShutdownSender, shutdown},
    panel::Panelist,
};

/// The duties, until this is dropped. They may be ended anywhere: the journal knows how far they
/// are.
pub struct Duties {
    _tasks: JoinSet<()>,
    _shutdown: ShutdownSender,
}

impl Duties {
    /// Starts them.
    pub fn start(
        chain: Arc<OperatorChain>,
        engine: Engine,
        keys: Arc<WorkerKeys>,
        journal: Arc<Journal>,
        policy: BatchPolicy,
        retry: Duration,
    ) -> Self {
        let (sender, shutdown) = shutdown();
        let mut tasks = JoinSet::new();
        let batcher = Batcher {
            journal: journal.clone(),
            keys: keys.clone(),
            chain: chain.clone(),
            policy,
            retry,
            shutdown: shutdown.clone(),
        };
        tasks.spawn(batcher.run());
        let data = Arc::new(engine.clone());
        let panelist = Panelist::new(chain, data, engine, keys, journal, shutdown);
        tasks.spawn(panelist.run());
        Self {
            _tasks: tasks,
            _shutdown: sender,
        }
    }
}
