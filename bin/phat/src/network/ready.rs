//! How one sees that a part of the network is ready.

use std::{io, net::SocketAddr, path::Path};

use anyhow::{Context, Result};
use serde_json::{Value, json};

/// What the node writes before the addresses of its RPC server.
const RPC_LINE: &str = "Running JSON-RPC server: addr=";

/// The file in its data folder to which the worker writes its address.
const WORKER_ADDRESS: &str = "http.addr";

/// Where the node's RPC is, once its log says so. Only the log tells which port
/// the operating system picked.
pub fn node_rpc_url(log: &Path) -> Option<String> {
    let log = std::fs::read_to_string(log).ok()?;
    let (_, addresses) = log.split_once(RPC_LINE)?;
    // The line may be half written yet.
    let (addresses, _) = addresses.split_once('\n')?;
    let address: SocketAddr = addresses
        .split([',', ' '])
        .find_map(|address| address.trim().parse().ok())?;
    Some(format!("ws://{address}"))
}

/// Where the worker's API is, once it has written so.
pub fn worker_url(data_dir: &Path) -> Option<String> {
    let text = std::fs::read_to_string(data_dir.join(WORKER_ADDRESS)).ok()?;
    let address: SocketAddr = text.trim().parse().ok()?;
    Some(format!("http://{address}"))
}

/// Removes the address of an earlier run, which must not be taken for the next one's.
pub fn forget_worker_url(data_dir: &Path) -> Result<()> {
    let path = data_dir.join(WORKER_ADDRESS);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Whether the node at `rpc_url` answers.
pub async fn node_answers(http: &reqwest::Client, rpc_url: &str) -> bool {
    let url = rpc_url.replacen("ws://", "http://", 1);
    let call = json!({ "jsonrpc": "2.0", "id": 1, "method": "system_health", "params": [] });
    let Ok(answer) = http.post(url).json(&call).send().await else {
        return false;
    };
    let answer = answer.json::<Value>().await;
    answer.is_ok_and(|answer| answer.get("result").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_once_they_are_whole() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("node.log");
        let read = |text: &str| {
            std::fs::write(&log, text).unwrap();
            node_rpc_url(&log)
        };
        assert_eq!(node_rpc_url(&log), None);
        assert_eq!(read("Starting\n"), None);
        assert_eq!(read("x Running JSON-RPC server: addr=127.0.0.1:394"), None);
        let url = Some("ws://127.0.0.1:39841".to_owned());
        assert_eq!(
            read("x Running JSON-RPC server: addr=127.0.0.1:39841,[::1]:3984\nmore"),
            url
        );
        assert_eq!(
            read("x Running JSON-RPC server: addr=127.0.0.1:39841, allowed origins=[]\n"),
            url
        );

        let address = folder.path().join("http.addr");
        assert_eq!(worker_url(folder.path()), None);
        std::fs::write(&address, "127.0").unwrap();
        assert_eq!(worker_url(folder.path()), None);
        std::fs::write(&address, "127.0.0.1:81\n").unwrap();
        assert_eq!(
            worker_url(folder.path()),
            Some("http://127.0.0.1:81".into())
        );
        forget_worker_url(folder.path()).unwrap();
        forget_worker_url(folder.path()).unwrap();
        assert_eq!(worker_url(folder.path()), None);
    }
}
