//! Where a light client finds the chain's network.

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// How long the name of a host may be, in bytes.
const NAME_BYTES_MAX: usize = 253;

/// How long the id of a peer may be, in digits.
const PEER_ID_DIGITS_MAX: usize = 64;

/// A node of the chain's network: the multiaddress at which it listens, with its peer id.
///
/// Such as `/dns/node.example/tcp/30333/p2p/12D3Koo…`: TCP, with or without `/ws`. Whoever listens
/// there proves that it has that id, and nothing more is believed of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bootnode(String);

/// What is no bootnode.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no address of a node that a light client can reach: give it as in \
     /ip4/192.0.2.1/tcp/30333/p2p/ID or /dns/node.example/tcp/30333/ws/p2p/ID"
)]
pub struct ParseBootnodeError(String);

impl FromStr for Bootnode {
    type Err = ParseBootnodeError;

    fn from_str(text: &str) -> Result<Self, ParseBootnodeError> {
        if is_reachable(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseBootnodeError(text.to_owned()))
        }
    }
}

impl fmt::Display for Bootnode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether the light client can use the address. It passes over others without an error.
fn is_reachable(text: &str) -> bool {
    let parts: Vec<&str> = text.split('/').collect();
    let ["", kind, host, "tcp", port, rest @ ..] = parts.as_slice() else {
        return false;
    };
    let is_host = match *kind {
        "ip4" => host.parse::<Ipv4Addr>().is_ok(),
        "ip6" => host.parse::<Ipv6Addr>().is_ok(),
        "dns" | "dns4" | "dns6" => is_name(host),
        _ => false,
    };
    let is_port = port.parse::<u16>().is_ok_and(|port| port != 0);
    let is_peer = match rest {
        ["p2p", id] | ["ws", "p2p", id] => is_peer_id(id),
        _ => false,
    };
    is_host && is_port && is_peer
}

fn is_name(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_allowed)
}

/// Whether these are digits of base 58, which leaves out those that look like others.
fn is_peer_id(text: &str) -> bool {
    let is_digit =
        |byte: u8| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l');
    (1..=PEER_ID_DIGITS_MAX).contains(&text.len()) && text.bytes().all(is_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp";

    #[test]
    fn addresses_that_a_light_client_can_reach_are_taken() {
        for address in [
            "/ip4/127.0.0.1/tcp/30333/p2p/",
            "/ip6/::1/tcp/1/p2p/",
            "/ip4/192.0.2.1/tcp/30333/ws/p2p/",
            "/dns/node.example/tcp/30333/p2p/",
            "/dns4/node.example/tcp/65535/ws/p2p/",
        ] {
            let text = format!("{address}{ID}");
            let bootnode: Bootnode = text.parse().expect("an address with a peer id");
            assert_eq!(bootnode.to_string(), text);
        }
    }

    #[test]
    fn what_it_would_pass_over_is_refused() {
        let too_long = format!("/dns/{}/tcp/1/p2p/{ID}", "n".repeat(254));
        for text in [
            String::new(),
            "ws://127.0.0.1:9944".into(),
            "/ip4/127.0.0.1/tcp/30333".into(),
            "/ip4/127.0.0.1/tcp/30333/p2p/".into(),
            "/ip4/127.0.0.1/tcp/30333/p2p/0OIl".into(),
            format!("/ip4/127.0.0.256/tcp/30333/p2p/{ID}"),
            format!("/ip4/127.0.0.1/tcp/0/p2p/{ID}"),
            format!("/ip4/127.0.0.1/tcp/65536/p2p/{ID}"),
            format!("/ip4/127.0.0.1/udp/1/quic-v1/p2p/{ID}"),
            format!("/dns/node.example/tcp/443/wss/p2p/{ID}"),
            format!("/dns//tcp/1/p2p/{ID}"),
            format!("/dns/node.example/tcp/1/p2p/{ID}/p2p-circuit"),
            format!("x/ip4/127.0.0.1/tcp/30333/p2p/{ID}"),
            too_long,
        ] {
            let error = text.parse::<Bootnode>().expect_err("no such address");
            assert!(error.to_string().contains("/tcp/30333/p2p/ID"), "{error}");
        }
    }
}
