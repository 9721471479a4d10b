//! The local engine, and what `phat run` and `phat test` have it run.

use std::sync::Arc;

use anyhow::{Context, Result};
use phat_engine::{
    ContractKeys, EgressConfig, Engine, EngineConfig, KeyValueSource, NoKeyValue, Run, RunClass,
    RunReport, RunRequest, Secrets, Sources,
};
use phat_manifest::Limits;
use phat_primitives::{ContractId, RequestId};

use crate::{args::EgressArgs, compiled, project::Project};

/// Stands for "any host" where a bare script has no manifest to list hosts in.
const ANY_HOST: &str = "*";

/// An engine that reaches what the arguments allow.
pub fn engine(egress: &EgressArgs) -> Result<Engine> {
    let extra_ca_pem = egress
        .extra_ca
        .iter()
        .map(|path| std::fs::read(path).with_context(|| format!("{}", path.display())))
        .collect::<Result<_>>()?;
    let proxy = egress.egress_proxy.as_ref();
    let proxy = proxy.map(|proxy| proxy.0.parse()).transpose();
    Ok(Engine::new(EngineConfig {
        egress: EgressConfig {
            allow_private_networks: egress.allow_private_egress,
            extra_ca_pem,
            proxy: proxy.context("--egress-proxy")?,
            ..EgressConfig::default()
        },
        // A command runs one contract, so it reserves room for one.
        runs_concurrent_max: 1,
        calls_concurrent_max: 1,
        cache: compiled::cache(),
        ..EngineConfig::default()
    })?)
}

/// What a contract is run on.
pub struct Given {
    /// The request.
    pub input: Vec<u8>,
    /// The settings, if they are not those of the manifest.
    pub settings: Option<String>,
    /// The secrets of the contract.
    pub secrets: Secrets,
    /// Its key-value store.
    pub kv: Arc<dyn KeyValueSource>,
    /// Where other answers come from.
    pub sources: Sources,
}

impl Given {
    /// An input, and nothing else.
    pub fn input(input: Vec<u8>) -> Self {
        Self {
            input,
            settings: None,
            secrets: Secrets::default(),
            kv: Arc::new(NoKeyValue),
            sources: Sources::default(),
        }
    }
}

/// Runs a contract once. Of the secrets it gets those that its manifest lists, as on the
/// network, and a bare script gets all.
pub async fn run(engine: &Engine, project: &Project, given: Given) -> RunReport {
    let mut secrets = given.secrets;
    secrets.retain(|name| project.gets_secret(name));
    let (limits, allowed_hosts, own_settings) = match &project.manifest {
        Some((manifest, _)) => (
            manifest.limits.clone(),
            manifest.allowed_hosts.clone(),
            manifest.settings_json(),
        ),
        None => (Limits::default(), vec![ANY_HOST.into()], "{}".into()),
    };
    let run = Run {
        code: project.code.as_slice().into(),
        request: RunRequest {
            // No chain knows this contract: the zero id stands for "not deployed".
            contract: ContractId::default(),
            request: RequestId::default(),
            input: given.input,
            // As for a call over HTTP.
            caller: String::new(),
            chain: String::new(),
            block: 0,
            settings: given.settings.unwrap_or(own_settings),
        },
        limits,
        allowed_hosts,
        kv: given.kv,
        keys: Arc::new(ContractKeys::local(ContractId::default())),
        secrets,
        // It shares the engine with nobody, so no part of it is for others.
        class: RunClass::Anchor,
    };
    engine.run_with(run, given.sources).await
}
