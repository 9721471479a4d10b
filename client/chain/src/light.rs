//! Following the chain with a light client: it joins the chain's network, and believes nobody
//! there.
//!
//! Finality is checked from the validators of the chain's specification on, and whatever is read
//! comes with a proof against the state of a finalised block.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use futures::StreamExt;
use serde_json::Value;
use subxt::{
    OnlineClient,
    backend::{ChainHeadBackend, ChainHeadBackendDriver},
    lightclient::LightClient,
    rpcs::{RpcClient, methods::legacy::SystemHealth, rpc_params},
};
use tokio::task::{JoinHandle, spawn_blocking};

use crate::{Bootnode, ChainError, answer::in_time, config::PhatConfig};

/// How long a chain's specification may be, in bytes. Most of it is the first block's runtime, in
/// hexadecimal digits.
pub const CHAIN_SPEC_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A running light client.
#[derive(Debug)]
pub(crate) struct Light {
    rpc: RpcClient,
    /// Takes in what the light client tells of blocks. It ends only when the light client does.
    driver: JoinHandle<()>,
    /// Whether it was at the chain's head once. From then on it follows.
    has_caught_up: AtomicBool,
}

impl Light {
    /// Starts a light client of the chain that `chain_spec` specifies.
    pub(crate) async fn start(
        chain_spec: &str,
        bootnodes: &[Bootnode],
    ) -> Result<(OnlineClient<PhatConfig>, Self), ChainError> {
        let chain_spec = prepare(chain_spec, bootnodes)?;
        // It takes a while: the first block's runtime is compiled and asked how the chain works.
        // And a specification that the library did not expect may have it panic.
        let rpc = spawn_blocking(move || LightClient::relay_chain(chain_spec).map(|(_, rpc)| rpc))
            .await
            .map_err(|error| ChainError::BadChainSpec(error.to_string()))?
            .map_err(|error| ChainError::BadChainSpec(error.to_string()))?;
        let rpc = RpcClient::new(rpc);
        let (backend, driver) = ChainHeadBackend::<PhatConfig>::builder().build(rpc.clone());
        let light = Self {
            rpc,
            driver: tokio::spawn(drive(driver)),
            has_caught_up: AtomicBool::new(false),
        };
        let online = in_time(OnlineClient::from_backend(Arc::new(backend))).await?;
        Ok((online, light))
    }

    /// The nodes that it is connected to and whether it is behind them.
    async fn health(&self) -> Result<SystemHealth, ChainError> {
        in_time(self.rpc.request("system_health", rpc_params![])).await
    }

    /// The number of nodes that it is connected to.
    pub(crate) async fn peers(&self) -> Result<usize, ChainError> {
        Ok(self.health().await?.peers)
    }

    /// An error until it has caught up with the chain: before, it would show an old block as the
    /// latest.
    pub(crate) async fn caught_up(&self) -> Result<(), ChainError> {
        if self.has_caught_up.load(Ordering::Relaxed) {
            return Ok(());
        }
        let health = self.health().await?;
        if health.peers == 0 || health.is_syncing {
            return Err(ChainError::Behind {
                peers: health.peers,
            });
        }
        self.has_caught_up.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Whether it runs no more.
    pub(crate) fn has_ended(&self) -> bool {
        self.driver.is_finished()
    }
}

impl Drop for Light {
    /// The driver would keep the light client running.
    fn drop(&mut self) {
        self.driver.abort();
    }
}

async fn drive(mut driver: ChainHeadBackendDriver<PhatConfig>) {
    // Errors reach those who wait for blocks, too.
    while driver.next().await.is_some() {}
}

/// The specification as the light client takes it, with all bootnodes that it can reach.
fn prepare(chain_spec: &str, bootnodes: &[Bootnode]) -> Result<String, ChainError> {
    let bad = |reason: String| ChainError::BadChainSpec(reason);
    if chain_spec.len() > CHAIN_SPEC_BYTES_MAX {
        return Err(bad(format!(
            "it has {} bytes, of {CHAIN_SPEC_BYTES_MAX} at most",
            chain_spec.len()
        )));
    }
    let mut spec: Value =
        serde_json::from_str(chain_spec).map_err(|error| bad(format!("it is no JSON: {error}")))?;
    let genesis = &spec["genesis"];
    if !genesis["raw"]["top"].is_object() && !genesis["stateRootHash"].is_string() {
        return Err(bad(
            "it has not the state of the first block, but how to make it".into(),
        ));
    }
    let children = genesis["raw"]["childrenDefault"].as_object();
    if children.is_some_and(|children| !children.is_empty()) {
        return Err(bad("its first block has child tries".into()));
    }
    let listed = spec["bootNodes"].as_array().into_iter().flatten();
    let all: Vec<Value> = listed
        .filter_map(|address| address.as_str()?.parse::<Bootnode>().ok())
        .chain(bootnodes.iter().cloned())
        .map(|bootnode| Value::String(bootnode.to_string()))
        .collect();
    if all.is_empty() {
        return Err(ChainError::NoBootnode);
    }
    if let Value::Object(fields) = &mut spec {
        fields.insert("bootNodes".into(), Value::Array(all));
    }
    Ok(spec.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ADDRESS: &str =
        "/ip4/127.0.0.1/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";
    const OTHER_ADDRESS: &str =
        "/dns/node.example/tcp/1/p2p/12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";

    fn spec() -> Value {
        json!({
            "name": "Test",
            "id": "test",
            "chainType": "Development",
            "bootNodes": [ADDRESS, "/dns/node.example/tcp/443/wss/p2p/12D3Koo"],
            "genesis": { "raw": { "top": {}, "childrenDefault": {} } },
        })
    }

    fn reason(spec: &str) -> String {
        prepare(spec, &[]).expect_err("it is bad").to_string()
    }

    #[test]
    fn bootnodes_are_added_to_those_that_can_be_reached() {
        let added = OTHER_ADDRESS.parse().expect("an address");
        let prepared = prepare(&spec().to_string(), &[added]).expect("a good one");
        let prepared: Value = serde_json::from_str(&prepared).expect("JSON");
        assert_eq!(
            prepared["bootNodes"],
            json!([ADDRESS, OTHER_ADDRESS]),
            "the one with TLS cannot be reached"
        );
        assert_eq!(prepared["genesis"], spec()["genesis"]);
    }

    #[test]
    fn a_specification_that_would_not_do_is_refused_with_the_reason() {
        assert!(reason("").contains("it is no JSON"));
        assert!(reason("7").contains("it has not the state"));
        let mut plain = spec();
        plain["genesis"] = json!({ "runtimeGenesis": {} });
        let error = reason(&plain.to_string());
        assert!(error.contains("export-chain-spec --raw"), "{error}");
        let mut children = spec();
        children["genesis"]["raw"]["childrenDefault"] = json!({ "0x00": {} });
        assert!(reason(&children.to_string()).contains("child tries"));
        let mut alone = spec();
        alone["bootNodes"] = json!([]);
        assert!(matches!(
            prepare(&alone.to_string(), &[]),
            Err(ChainError::NoBootnode)
        ));
        let long = " ".repeat(CHAIN_SPEC_BYTES_MAX + 1);
        assert!(reason(&long).contains("67108865 bytes, of 67108864 at most"));
    }

    /// The library takes the specification apart itself, and may panic in it.
    #[tokio::test]
    async fn what_the_library_does_not_take_is_an_error_too() {
        let error = Light::start(&spec().to_string(), &[])
            .await
            .expect_err("there is no runtime in it");
        assert!(matches!(error, ChainError::BadChainSpec(_)), "{error}");
    }
}
