//! How the Phat chain is followed.

use std::{fs, io::Read, path::Path, time::Duration};

use phat_chain_client::CHAIN_SPEC_BYTES_MAX;
use phat_worker_client::ChainTrust;

use super::RunError;
use crate::{
    chain::ChainView,
    config::Options,
    hardware,
    node::{ChainSource, Node},
};

/// The Phat chain. A light client is started at once: what is wrong with its chain specification
/// is told at the start.
pub(super) async fn node(options: &Options) -> Result<Node, RunError> {
    let silence_max = Duration::from_secs(options.chain_silence_s);
    let node = Node::new(chain_source(options)?, silence_max);
    if node.trust() == ChainTrust::LightClient {
        node.client().await?;
    }
    Ok(node)
}

fn chain_source(options: &Options) -> Result<ChainSource, RunError> {
    match (&options.chain_spec, &options.trust_rpc) {
        (Some(path), None) => {
            let chain_spec = chain_spec(path)?;
            hardware::check_chain_spec(options.attestation, &chain_spec)?;
            Ok(ChainSource::LightClient {
                chain_spec,
                bootnodes: options.bootnodes.clone(),
            })
        }
        (None, Some(url)) => {
            tracing::warn!(
                node = %shown(url),
                "development only: the worker believes this node, whatever it says of the chain; \
                 give --chain-spec FILE in place of --trust-rpc"
            );
            Ok(ChainSource::TrustedRpc(url.clone()))
        }
        _ => Err(RunError::ChainSource),
    }
}

/// A URL without what may be a password in it.
fn shown(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

fn chain_spec(path: &Path) -> Result<String, RunError> {
    let mut bytes = Vec::new();
    // One more byte than may be, which tells that it is too long.
    let bytes_max = CHAIN_SPEC_BYTES_MAX as u64 + 1;
    fs::File::open(path)
        .and_then(|file| file.take(bytes_max).read_to_end(&mut bytes))
        .map_err(|source| RunError::File {
            path: path.into(),
            source,
        })?;
    if bytes.len() > CHAIN_SPEC_BYTES_MAX {
        return Err(RunError::BadChainSpec(path.into()));
    }
    String::from_utf8(bytes).map_err(|_| RunError::BadChainSpec(path.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_specification_is_a_text_of_bounded_length() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("chain.json");
        let error = chain_spec(&file).unwrap_err().to_string();
        assert!(error.contains("chain.json"), "{error}");
        fs::write(&file, "{}").unwrap();
        assert_eq!(chain_spec(&file).unwrap(), "{}");
        fs::write(&file, [0xff]).unwrap();
        let error = chain_spec(&file).unwrap_err().to_string();
        assert!(error.contains("export-chain-spec --raw"), "{error}");
        let sparse = fs::File::create(&file).unwrap();
        sparse.set_len(CHAIN_SPEC_BYTES_MAX as u64 + 1).unwrap();
        assert!(matches!(chain_spec(&file), Err(RunError::BadChainSpec(_))));
    }

    #[test]
    fn a_password_in_the_url_of_a_node_is_not_logged() {
        let url = "wss://user:secret@node.example:444/key=secret"
            .parse()
            .unwrap();
        assert_eq!(shown(&url), "wss://node.example:444");
        assert_eq!(shown(&"ws://127.0.0.1".parse().unwrap()), "ws://127.0.0.1");
    }
}
