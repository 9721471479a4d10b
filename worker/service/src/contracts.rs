//! The contracts of the worker's cluster, as the finalised chain has them.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use phat_keys::ContractSecret;
use phat_manifest::{Manifest, Trigger, Verification};
use phat_primitives::{AccountBytes, ClusterId, CodeHash, ContractId, WorkerId};
use phat_target::Target;
use phat_worker_core::scheduler::Weights;
use tokio::{sync::watch, time::sleep};

use crate::{
    chain::{
        ChainContract, ChainError, ChainView, ClusterKeys, ClusterState, ContractStakes,
        KnownContracts,
    },
    freshness::{self, Freshness},
    health::Health,
    keys::{Generations, WorkerKeys},
    metrics::Metrics,
    pace::{Backoff, Shutdown, now_ms},
    secrets,
};

/// The longest pause between tries to reach the chain.
const RETRY_MAX: Duration = Duration::from_secs(10);

/// The cluster at one finalised block.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The chain: the hash of its first block.
    pub genesis_hash: [u8; 32],
    /// The block.
    pub block: u64,
    /// The account that answers for this worker, if it is registered.
    pub operator: Option<AccountBytes>,
    /// The workers that serve the cluster.
    pub members: Vec<WorkerId>,
    /// Whether this worker is a member that may not serve, because nothing vouches for it.
    pub is_suspended: bool,
    /// Whether all this is too old to act on.
    pub is_stale: bool,
    /// Which keys the cluster has.
    pub keys: ClusterKeys,
    /// Whether this worker has the cluster's key, without which it serves nothing.
    pub has_cluster_key: bool,
    /// Its contracts.
    pub contracts: BTreeMap<ContractId, Arc<Contract>>,
    /// What is staked to them.
    pub stakes: ContractStakes,
}

impl Snapshot {
    /// Whether a contract may be run: something is staked to it, or the network gives each contract
    /// an allowance.
    pub fn has_stake(&self, contract: &ContractId) -> bool {
        self.stakes.weight(contract) > 0
    }

    /// How many workers must agree on outcomes of a contract, if several must.
    pub fn quorum(&self, contract: &ContractId) -> Option<Verification> {
        let serving = self.contracts.get(contract)?.serving.as_ref().ok()?;
        serving.manifest.verification
    }

    /// The part of the compute that a contract of the cluster is entitled to, in millionths.
    pub fn share_ppm(&self, contract: &ContractId) -> u32 {
        let contracts = self.contracts.keys().copied();
        self.stakes.share_ppm(contract, contracts)
    }
}

/// A contract of the cluster.
#[derive(Debug)]
pub struct Contract {
    /// What the chain has of it.
    pub on_chain: Arc<ChainContract>,
    /// The block that changed its secrets last; none if it has none.
    pub secrets_changed_at: Option<u64>,
    /// How it is served, or why it is not.
    pub serving: Result<Serving, String>,
    /// Whether the worker had the cluster's key, from which the contract's follow.
    has_keys: bool,
}

/// A contract whose manifest holds.
#[derive(Debug)]
pub struct Serving {
    /// The manifest.
    pub manifest: Manifest,
    /// The account that signs for it on each chain, once the worker has the cluster's key.
    pub attestors: BTreeMap<String, String>,
    /// Triggers that this worker cannot serve, and why.
    pub errors: Vec<String>,
}

impl Contract {
    /// Reads the manifest of `on_chain`.
    pub fn new(
        on_chain: Arc<ChainContract>,
        secrets_changed_at: Option<u64>,
        targets: &BTreeMap<String, Arc<dyn Target>>,
        keys: &WorkerKeys,
    ) -> Self {
        let secret = keys.contract(on_chain.id);
        let has_keys = secret.is_some();
        let own = |manifest: Manifest| match manifest.verification {
            None => Ok((manifest, secret)),
            // Of several workers, each signs with a key of its own.
            Some(_) => match keys.quorum(on_chain.id) {
                Ok(own) => Ok((manifest, secret.map(|_| own))),
                Err(error) => Err(error.to_string()),
            },
        };
        let serving = Manifest::parse_bytes(&on_chain.manifest)
            .map_err(|error| error.to_string())
            .and_then(own)
            .map(|(manifest, secret)| serve(manifest, targets, secret.as_ref()));
        Self {
            on_chain,
            secrets_changed_at,
            serving,
            has_keys,
        }
    }

    /// The contract's code.
    pub fn code_hash(&self) -> CodeHash {
        self.on_chain.code_hash
    }

    /// The contract's anchors on a chain, each with the first block to search.
    pub fn anchors<'a>(&'a self, chain: &'a str) -> impl Iterator<Item = (Vec<u8>, u64)> + 'a {
        let manifests = self.serving.iter().map(|serving| &serving.manifest);
        manifests
            .flat_map(anchors)
            .filter(move |(on, ..)| on == chain)
            .map(|(_, anchor, from_block)| (anchor, from_block))
    }
}

/// The anchors that a manifest lists: chain, anchor and the first block to search.
fn anchors(manifest: &Manifest) -> impl Iterator<Item = (String, Vec<u8>, u64)> {
    let evm = manifest
        .anchors()
        .map(|anchor| (anchor.chain(), anchor.anchor(), anchor.from_block));
    let substrate = manifest.substrate_anchors().map(|anchor| {
        let consumer = anchor.consumer.0.to_vec();
        (anchor.chain.clone(), consumer, anchor.from_block)
    });
    evm.chain(substrate)
}

fn serve(
    manifest: Manifest,
    targets: &BTreeMap<String, Arc<dyn Target>>,
    secret: Option<&ContractSecret>,
) -> Serving {
    let mut errors = Vec::new();
    for (chain, anchor, _) in anchors(&manifest) {
        if !targets.contains_key(&chain) {
            errors.push(format!(
                "the anchor 0x{} is not served: this worker has no endpoint for {chain}; \
                 its operator may add one with --target",
                hex::encode(anchor)
            ));
        }
    }
    for trigger in &manifest.triggers {
        let Some(firing) = trigger.firing() else {
            continue;
        };
        let source = match trigger {
            Trigger::EvmLog(log) => Some(phat_manifest::evm_chain(log.chain_id)),
            Trigger::SubstrateEvent(event) => Some(event.chain.clone()),
            _ => None,
        };
        let reply = firing.reply.map(|reply| reply.chain.clone());
        for chain in source.into_iter().chain(reply) {
            if !targets.contains_key(&chain) {
                errors.push(format!(
                    "the trigger {} is not served: this worker has no endpoint for {chain}; its \
                     operator may add one with --target",
                    firing.name
                ));
            }
        }
    }
    let mut attestors = BTreeMap::new();
    if let Some(secret) = secret {
        for (chain, target) in targets {
            match target.attestor(secret.expose()) {
                Ok(attestor) => {
                    attestors.insert(chain.clone(), attestor);
                }
                Err(error) => errors.push(format!("{chain}: {error}")),
            }
        }
    }
    Serving {
        manifest,
        attestors,
        errors,
    }
}

/// Follows the chain and tells what the cluster looks like.
pub struct Follower {
    /// The chain.
    pub chain: Arc<dyn ChainView>,
    /// The cluster to follow.
    pub cluster: ClusterId,
    /// The target chains that this worker can reach.
    pub targets: BTreeMap<String, Arc<dyn Target>>,
    /// The worker's keys.
    pub keys: Arc<WorkerKeys>,
    /// Where to tell.
    pub snapshot: watch::Sender<Option<Arc<Snapshot>>>,
    /// Where to tell how much of the compute each contract is entitled to, whenever that changes.
    pub weights: watch::Sender<Weights>,
    /// Where to note outages.
    pub health: Health,
    /// What to count in.
    pub metrics: Arc<Metrics>,
    /// How old it may be what is known of the chain.
    pub freshness: Freshness,
    /// The first pause before the chain is tried again.
    pub retry: Duration,
    /// When to end.
    pub shutdown: Shutdown,
}

impl Follower {
    /// Follows until the worker ends.
    pub async fn run(mut self) {
        let mut backoff = Backoff::new(self.retry, RETRY_MAX);
        let mut shutdown = self.shutdown.clone();
        let mut contracts = KnownContracts::default();
        let mut keys = self.keys.changes();
        loop {
            let left = self.until_stale();
            let result = tokio::select! {
                () = shutdown.requested() => return,
                result = self.follow(&mut contracts, &mut keys) => result,
                () = sleep(left.unwrap_or_default()), if left.is_some() => {
                    self.note_stale();
                    continue;
                }
            };
            if let Some(peers) = self.chain.peers().await {
                self.metrics.chain_peers(peers);
            }
            match result {
                Ok(()) => {
                    self.health.well("chain");
                    backoff.reset();
                }
                Err(error) => {
                    self.health.fault("chain", error);
                    if !shutdown.sleep(backoff.pause()).await {
                        return;
                    }
                }
            }
        }
    }

    /// How long it is until what is known will be too old; none if it is known to be, or nothing
    /// is known.
    fn until_stale(&self) -> Option<Duration> {
        let is_fresh = matches!(&*self.snapshot.borrow(), Some(known) if !known.is_stale);
        self.freshness.left(now_ms()).filter(|_| is_fresh)
    }

    /// Tells that what is known is too old, if it is.
    fn note_stale(&self) {
        let Some(fault) = self.freshness.fault(now_ms()) else {
            return;
        };
        self.health.fault(freshness::PART, fault);
        self.snapshot.send_modify(|known| {
            if let Some(known) = known {
                let mut stale = Snapshot::clone(known);
                stale.is_stale = true;
                *known = Arc::new(stale);
            }
        });
    }

    /// Waits for the next finalised block, or until the worker has other keys, and takes it in.
    async fn follow(
        &mut self,
        contracts: &mut KnownContracts,
        keys: &mut watch::Receiver<Generations>,
    ) -> Result<(), ChainError> {
        let before = self.snapshot.borrow().clone();
        let after = before.as_ref().map(|snapshot| snapshot.block);
        let block = tokio::select! {
            block = self.chain.finalized(after) => block?,
            // The keys outlive this: the sender is not gone.
            Ok(()) = keys.changed(), if after.is_some() => after.unwrap_or_default(),
        };
        let genesis_hash = match &before {
            Some(before) => before.genesis_hash,
            None => self.chain.genesis_hash().await?,
        };
        let state = self.chain.cluster(self.cluster, contracts).await?;
        let worker = self.keys.worker_id();
        let operator = self.chain.operator(worker).await?;
        self.note_membership(&state);
        // Before the contracts are looked at: what comes in between is seen the next time.
        let has_cluster_key = self.keys.has_cluster_key();
        let known = before.as_ref().map(|snapshot| &snapshot.contracts);
        let contracts: BTreeMap<_, _> = contracts
            .iter()
            .map(|on_chain| (on_chain.id, self.take(on_chain, &state, known)))
            .collect();
        self.forget_faults_of_secrets(known, &contracts);
        note_stakes(before.as_deref(), &contracts, &state.stakes);
        // Before the snapshot: what may be run from then on has its weight.
        self.weigh(&contracts, &state.stakes);
        // The cluster may be newer than the block that was waited for.
        let block = state.block.max(block);
        self.metrics.finalized(block);
        self.freshness.saw(state.block, state.made_at_ms);
        let fault = self.freshness.fault(now_ms());
        match &fault {
            Some(fault) => self.health.fault(freshness::PART, fault),
            None => self.health.well(freshness::PART),
        }
        self.snapshot.send_replace(Some(Arc::new(Snapshot {
            genesis_hash,
            block,
            operator,
            is_suspended: state.suspended.contains(&worker),
            is_stale: fault.is_some(),
            keys: state.keys,
            has_cluster_key,
            members: state.members,
            contracts,
            stakes: state.stakes,
        })));
        Ok(())
    }

    /// Divides the compute by the stakes of the contracts that are served.
    fn weigh(&self, contracts: &BTreeMap<ContractId, Arc<Contract>>, stakes: &ContractStakes) {
        let stakes = contracts.keys().map(|id| (*id, stakes.weight(id)));
        self.metrics.shares(stakes.clone());
        let weights = Weights::of_stakes(stakes);
        self.weights.send_if_modified(|known| {
            let is_other = *known != weights;
            if is_other {
                *known = weights;
            }
            is_other
        });
    }

    /// Notes whether this worker may serve the cluster.
    fn note_membership(&self, state: &ClusterState) {
        let worker = self.keys.worker_id();
        if state.members.contains(&worker) {
            self.health.well("membership");
        } else if state.suspended.contains(&worker) {
            let reason = format!(
                "{worker} is suspended: its attestation has expired, or the network does not \
                 accept it any more; the log says what became of its renewal"
            );
            self.health.fault("membership", reason);
        } else {
            let reason = format!("{worker} is no member of cluster {} yet", self.cluster);
            self.health.fault("membership", reason);
        }
    }

    /// What was wrong with secrets that are others now, or are gone, is not wrong any more. Whether
    /// the new ones can be read, a run tells.
    fn forget_faults_of_secrets(
        &self,
        known: Option<&BTreeMap<ContractId, Arc<Contract>>>,
        now: &BTreeMap<ContractId, Arc<Contract>>,
    ) {
        for (id, before) in known.into_iter().flatten() {
            let changed_at = now.get(id).and_then(|now| now.secrets_changed_at);
            if changed_at != before.secrets_changed_at {
                self.health.contract_well(*id, secrets::FAULT);
            }
        }
    }

    fn take(
        &self,
        on_chain: &Arc<ChainContract>,
        state: &ClusterState,
        known: Option<&BTreeMap<ContractId, Arc<Contract>>>,
    ) -> Arc<Contract> {
        let secrets_changed_at = state.secrets.get(&on_chain.id).copied();
        let before = known.and_then(|known| known.get(&on_chain.id));
        if let Some(before) = before
            && before.on_chain == *on_chain
            && before.secrets_changed_at == secrets_changed_at
            && before.has_keys == self.keys.has_cluster_key()
        {
            return before.clone();
        }
        let contract = Contract::new(
            on_chain.clone(),
            secrets_changed_at,
            &self.targets,
            &self.keys,
        );
        let id = contract.on_chain.id;
        match &contract.serving {
            Ok(serving) => {
                let name = &serving.manifest.name;
                tracing::info!(contract = %id, name, "serving a contract");
                for error in &serving.errors {
                    tracing::warn!(contract = %id, error, "serving it in part only");
                }
            }
            Err(error) => {
                tracing::warn!(contract = %id, error, "not serving a contract: its manifest is bad");
            }
        }
        Arc::new(contract)
    }
}

/// Logs which contracts begin and cease to be run, as their stake comes and goes.
fn note_stakes(
    before: Option<&Snapshot>,
    contracts: &BTreeMap<ContractId, Arc<Contract>>,
    stakes: &ContractStakes,
) {
    for id in contracts.keys() {
        let had_stake = before
            .filter(|before| before.contracts.contains_key(id))
            .map(|before| before.has_stake(id));
        match (had_stake, stakes.weight(id) > 0) {
            (None | Some(true), false) => {
                tracing::info!(contract = %id, "not running a contract: it has no stake");
            }
            (Some(false), true) => {
                tracing::info!(contract = %id, "running a contract: it has stake now");
            }
            (None | Some(true), true) | (Some(false), false) => {}
        }
    }
}
