//! What a light client of the local network's chain needs to begin with.

use std::{
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use tokio::{process::Command, time::timeout};

/// Time for the node's program to write the specification of a chain.
const EXPORT_TIME_MAX: Duration = Duration::from_secs(60);

/// Has the node's program `node_bin` write the specification of `chain`, in raw form, to `file`.
pub async fn export_chain_spec(node_bin: &Path, chain: &str, file: &Path) -> Result<()> {
    let export = Command::new(node_bin)
        .args(["export-chain-spec", "--chain", chain, "--raw", "--output"])
        .arg(file)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let Output { status, stderr, .. } = timeout(EXPORT_TIME_MAX, export)
        .await
        .with_context(|| {
            let seconds = EXPORT_TIME_MAX.as_secs();
            format!("phat-node export-chain-spec does not end within {seconds} s")
        })?
        .with_context(|| format!("cannot start {}", node_bin.display()))?;
    if !status.success() {
        let said = String::from_utf8_lossy(&stderr);
        bail!(
            "phat-node export-chain-spec failed ({status}): {}",
            said.trim()
        );
    }
    Ok(())
}

/// Where the node at `rpc_url` listens for other nodes: a multiaddress with its peer id.
pub async fn listen_address(http: &reqwest::Client, rpc_url: &str) -> Result<String> {
    let url = rpc_url.replacen("ws://", "http://", 1);
    let call = json!({
        "jsonrpc": "2.0", "id": 1, "method": "system_localListenAddresses", "params": [],
    });
    let answer: Value = http.post(url).json(&call).send().await?.json().await?;
    tcp_address(&answer).context("the node does not tell where it listens for other nodes")
}

/// The first TCP address of an answer.
fn tcp_address(answer: &Value) -> Option<String> {
    let addresses = answer["result"].as_array()?;
    addresses
        .iter()
        .filter_map(Value::as_str)
        .find(|address| address.contains("/tcp/") && address.contains("/p2p/"))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

    use super::*;

    fn program(folder: &Path, script: &str) -> PathBuf {
        let path = folder.join("node");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[tokio::test]
    async fn the_specification_is_written_or_it_is_told_why_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("spec.json");
        let node = program(folder.path(), "echo \"$*\" >\"$6\"");
        export_chain_spec(&node, "dev", &file).await.unwrap();
        let arguments = fs::read_to_string(&file).unwrap();
        assert!(arguments.starts_with("export-chain-spec --chain dev --raw --output /"));

        let node = program(folder.path(), "echo 'no such chain' >&2; exit 3");
        let error = export_chain_spec(&node, "dev", &file).await.unwrap_err();
        assert!(error.to_string().contains("no such chain"), "{error}");
    }

    #[test]
    fn the_first_address_with_a_peer_id_is_taken() {
        let answer = |addresses: &[&str]| tcp_address(&json!({ "result": addresses }));
        let address = "/ip4/127.0.0.1/tcp/7/p2p/12D3Koo";
        assert_eq!(
            answer(&[
                "/ip4/127.0.0.1/udp/7/p2p/12D3Koo",
                "/ip4/127.0.0.1/tcp/7",
                address
            ]),
            Some(address.to_owned())
        );
        assert_eq!(answer(&[]), None);
        assert_eq!(tcp_address(&json!({ "error": {} })), None);
    }
}
