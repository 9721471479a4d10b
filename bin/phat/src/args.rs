//! Arguments that several commands share, and how their values are read.

use std::{path::PathBuf, str::FromStr};

use clap::Args;
use phat_chain_client::parse_account;
use phat_manifest::{AnchorInterface, AnchorTrigger, EvmAddress};
use phat_primitives::AccountBytes;
use phat_target::presets::evm_chain_id;
use url::Url;

/// The chain to ask.
#[derive(Args, Clone, Debug)]
pub struct ChainArgs {
    /// The chain's RPC endpoint; `phat dev` prints it.
    #[arg(
        long,
        value_name = "URL",
        env = "PHAT_CHAIN",
        default_value = "ws://127.0.0.1:9944"
    )]
    pub chain: String,
}

/// Who signs, and whether at all.
#[derive(Args, Debug)]
pub struct SignArgs {
    /// The secret of the account: a phrase, or a development account such as //Alice.
    #[arg(
        long,
        value_name = "SURI",
        env = "PHAT_SURI",
        hide_env_values = true,
        default_value = "//Alice"
    )]
    pub suri: String,
    /// Check everything and tell the fee, and change nothing.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub chain: ChainArgs,
}

/// The worker to ask.
#[derive(Args, Clone, Debug)]
pub struct WorkerArgs {
    /// The HTTP endpoint of a worker or a gateway; `phat dev` prints it.
    #[arg(
        long,
        value_name = "URL",
        env = "PHAT_WORKER",
        default_value = "http://127.0.0.1:8080"
    )]
    pub worker: Url,
}

/// An account, in each of the forms that it is written in.
pub fn parse_account_argument(text: &str) -> Result<AccountBytes, String> {
    parse_account(text).ok_or_else(|| {
        "give an address such as 5GrwvaEF…, 0x and 64 hexadecimal digits, or //NAME".into()
    })
}

/// What the local engine may reach.
#[derive(Args, Clone, Debug, Default)]
pub struct EgressArgs {
    /// Let the script call private, loopback and link-local addresses.
    #[arg(long)]
    pub allow_private_egress: bool,
    /// A PEM file with a certificate authority to trust besides the system's.
    #[arg(long, value_name = "FILE")]
    pub extra_ca: Vec<PathBuf>,
    /// A proxy for the script's requests: http://HOST:PORT, https://HOST:PORT or
    /// socks5://HOST:PORT, with USER:PASSWORD@ before the host if it asks for them.
    #[arg(
        long,
        value_name = "URL",
        env = "PHAT_EGRESS_PROXY",
        hide_env_values = true
    )]
    pub egress_proxy: Option<ProxyArg>,
}

/// The URL of a proxy as it was given. It may hold a password, so neither this nor
/// an error about it shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxyArg(pub String);

impl std::fmt::Debug for ProxyArg {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ProxyArg(…)")
    }
}

impl From<&str> for ProxyArg {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Bytes, written as hexadecimal digits with or without `0x`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HexArg(pub Vec<u8>);

impl FromStr for HexArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        hex::decode(text.strip_prefix("0x").unwrap_or(text))
            .map(Self)
            .map_err(|error| {
                format!("give an even number of hexadecimal digits, such as 0x01ff ({error})")
            })
    }
}

/// A hash of 32 bytes, written as hexadecimal digits with or without `0x`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashArg(pub [u8; 32]);

impl FromStr for HashArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let HexArg(bytes) = text.parse()?;
        let hash = bytes.as_slice().try_into().map(Self);
        hash.map_err(|_| format!("{} bytes; a hash has 32", bytes.len()))
    }
}

/// 32 bytes that tell contracts of the same owner and code apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Salt(pub [u8; 32]);

impl FromStr for Salt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let HexArg(bytes) = text.parse()?;
        let mut salt = [0; 32];
        let Some(start) = salt.len().checked_sub(bytes.len()) else {
            return Err(format!("{} bytes; a salt has at most 32", bytes.len()));
        };
        salt[start..].copy_from_slice(&bytes);
        Ok(Self(salt))
    }
}

/// An endpoint of an EVM chain, written `eip155:31337=http://127.0.0.1:8545`, or
/// with the name of a chain that `phat chains` lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvmRpc {
    /// The EIP-155 id of the chain.
    pub chain_id: u64,
    /// Its JSON-RPC endpoint.
    pub url: Url,
}

impl FromStr for EvmRpc {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "give eip155:CHAIN_ID=URL, such as eip155:31337=http://127.0.0.1:8545";
        let (chain, url) = text.split_once('=').ok_or(FORM)?;
        Ok(Self {
            chain_id: evm_chain_id(chain).ok_or(FORM)?,
            url: url.parse().map_err(|error| format!("{FORM} ({error})"))?,
        })
    }
}

impl std::fmt::Display for EvmRpc {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "eip155:{}={}", self.chain_id, self.url)
    }
}

/// An anchor to serve, written `eip155:31337:0x…@12`, or with the name of a chain that
/// `phat chains` lists; the block may be left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetAnchor(pub AnchorTrigger);

impl FromStr for TargetAnchor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const FORM: &str = "give eip155:CHAIN_ID:ADDRESS@BLOCK, such as eip155:31337:0x…@12";
        let (account, block) = text.split_once('@').unwrap_or((text, "0"));
        let (chain, address) = account.rsplit_once(':').ok_or(FORM)?;
        Ok(Self(AnchorTrigger {
            chain_id: evm_chain_id(chain).ok_or(FORM)?,
            address: address
                .parse::<EvmAddress>()
                .map_err(|error| format!("{FORM} ({error})"))?,
            consumer: None,
            interface: AnchorInterface::Phat,
            from_block: block.parse().map_err(|_| FORM)?,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_and_salts_are_read() {
        let hex = |text: &str| text.parse::<HexArg>().map(|bytes| bytes.0);
        assert_eq!(hex("0x01ff"), Ok(vec![1, 255]));
        assert_eq!(hex("01ff"), Ok(vec![1, 255]));
        assert_eq!(hex("0x"), Ok(vec![]));
        assert!(hex("0x1").unwrap_err().contains("even number"));
        assert!(hex("xy").unwrap_err().contains("hexadecimal"));

        assert_eq!(
            "0xff".parse::<HashArg>().unwrap_err(),
            "1 bytes; a hash has 32"
        );
        assert_eq!("ff".repeat(32).parse(), Ok(HashArg([255; 32])));

        let mut one = [0; 32];
        one[31] = 1;
        assert_eq!("0x01".parse(), Ok(Salt(one)));
        assert_eq!("ff".repeat(32).parse(), Ok(Salt([255; 32])));
        let error = "ff".repeat(33).parse::<Salt>().unwrap_err();
        assert!(error.contains("at most 32"), "{error}");
    }

    #[test]
    fn endpoints_and_anchors_are_read() {
        let rpc: EvmRpc = "eip155:31337=http://127.0.0.1:8545/?a=b".parse().unwrap();
        assert_eq!(rpc.chain_id, 31337);
        assert_eq!(rpc.to_string(), "eip155:31337=http://127.0.0.1:8545/?a=b");
        let named: EvmRpc = "local=http://127.0.0.1:8545/?a=b".parse().unwrap();
        assert_eq!(named, rpc);
        for bad in [
            "",
            "eip155:1",
            "1=http://a",
            "eip155:0=http://a",
            "eip155:1=a",
        ] {
            let error = bad.parse::<EvmRpc>().unwrap_err();
            assert!(error.contains("eip155:CHAIN_ID=URL"), "{error}");
        }

        let address = format!("0x{}", "ab".repeat(20));
        let anchor = |text: &str| text.parse::<TargetAnchor>().map(|anchor| anchor.0);
        let read = anchor(&format!("eip155:5:{address}@12")).unwrap();
        assert_eq!((read.chain_id, read.from_block), (5, 12));
        assert_eq!(read.address.to_string(), address);
        assert_eq!(anchor(&format!("base:{address}")).unwrap().chain_id, 8_453);
        assert_eq!(
            anchor(&format!("eip155:5:{address}")).unwrap().from_block,
            0
        );
        for bad in [
            "",
            "eip155:5",
            &format!("5:{address}"),
            "eip155:5:0x12@1",
            &format!("eip155:5:{address}@x"),
        ] {
            assert!(
                anchor(bad)
                    .unwrap_err()
                    .contains("eip155:CHAIN_ID:ADDRESS@BLOCK")
            );
        }
    }
}
