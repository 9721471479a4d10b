//! Which addresses are on the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What kind of network an address is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The public internet.
    Public,
    /// A network of the operator: reachable only if the operator says so.
    Private(&'static str),
    /// Nothing that a contract could have business with.
    Never(&'static str),
}

use Reach::{Never, Private, Public};

/// The metadata services of cloud providers, which hand out credentials to
/// whoever asks from the machine itself.
const METADATA_V4: [Ipv4Addr; 5] = [
    Ipv4Addr::new(169, 254, 169, 254), // AWS, Azure, Google and most others
    Ipv4Addr::new(169, 254, 170, 2),   // AWS, containers
    Ipv4Addr::new(169, 254, 170, 23),  // AWS, Kubernetes
    Ipv4Addr::new(168, 63, 129, 16),   // Azure, the host's own channel
    Ipv4Addr::new(100, 100, 100, 200), // Alibaba
];
const METADATA_V6: [Ipv6Addr; 3] = [
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254), // AWS
    Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23),  // AWS, Kubernetes
    Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254),  // Google
];

/// The network of an address, after the registries of special-purpose addresses
/// that RFC 6890 established.
pub fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    if METADATA_V4.contains(&address) {
        return Never("a cloud metadata service");
    }
    match address.octets() {
        [0, ..] => Never("the unspecified network"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Private("a private network"),
        [100, 64..=127, ..] => Private("a carrier's private network"),
        [127, ..] => Private("the loopback network"),
        [169, 254, ..] => Private("the link-local network"),
        [192, 0, 0, _] => Never("a network for protocol assignments"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => {
            Never("a network for documentation")
        }
        [192, 88, 99, _] => Never("the network of 6to4 relays"),
        [198, 18..=19, ..] => Never("a network for benchmarks"),
        [224..=239, ..] => Never("a multicast network"),
        [240..=255, ..] => Never("a reserved network"),
        _ => Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    if METADATA_V6.contains(&address) {
        return Never("a cloud metadata service");
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0xffff, high, low] => reach_v4(embedded(high, low)),
        [0, 0, 0, 0, 0, 0, 0, 0] => Never("the unspecified address"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Private("the loopback network"),
        // NAT64 leads to the IPv4 address within, whatever that is.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => reach_v4(embedded(high, low)),
        // So does 6to4.
        [0x2002, high, low, ..] => reach_v4(embedded(high, low)),
        [0xfc00..=0xfdff, ..] => Private("a private network"),
        [0xfe80..=0xfebf, ..] => Private("the link-local network"),
        [0xfec0..=0xfeff, ..] => Private("a site-local network"),
        [0xff00..=0xffff, ..] => Never("a multicast network"),
        // Teredo, ORCHID and others: 2001::/23.
        [0x2001, 0..=0x1ff, ..] => Never("a network for protocol assignments"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Never("a network for documentation"),
        [0x2000..=0x3fff, ..] => Public,
        _ => Never("a reserved network"),
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_network_is_known() {
        let check = |expected: &str, addresses: &[&str]| {
            for text in addresses {
                let kind = match reach(text.parse().unwrap()) {
                    Public => "public",
                    Private(_) => "private",
                    Never(_) => "never",
                };
                assert_eq!(kind, expected, "{text}");
            }
        };
        check(
            "private",
            &[
                "10.0.0.0",
                "10.255.255.255",
                "172.16.0.0",
                "172.31.255.255",
                "192.168.0.1",
                "100.64.0.0",
                "100.127.255.255",
                "127.0.0.1",
                "127.255.255.255",
                "169.254.0.1",
                "::1",
                "fc00::1",
                "fdff::1",
                "fe80::1",
                "febf::1",
                "fec0::1",
                "::ffff:10.0.0.1",
                "::ffff:127.0.0.1",
                "::ffff:192.168.1.1",
                "64:ff9b::10.0.0.1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "2002:a00:1::1",
            ],
        );
        check(
            "never",
            &[
                "0.0.0.0",
                "0.1.2.3",
                "169.254.169.254",
                "169.254.170.2",
                "169.254.170.23",
                "168.63.129.16",
                "100.100.100.200",
                "192.0.0.1",
                "192.0.0.192",
                "192.0.2.1",
                "198.51.100.7",
                "203.0.113.9",
                "192.88.99.1",
                "198.18.0.1",
                "198.19.255.255",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::2",
                "::127.0.0.1",
                "fd00:ec2::254",
                "fd00:ec2::23",
                "fd20:ce::254",
                "ff02::1",
                "2001::1",
                "2001:1ff::1",
                "2001:db8::1",
                "3fff::1",
                "3fff:fff::1",
                "100::1",
                "64:ff9b:1::1",
                "5f00::1",
                "4000::1",
                "::ffff:169.254.169.254",
                "::ffff:0.0.0.0",
                "64:ff9b::169.254.169.254",
                "2002:a9fe:a9fe::",
                "2002:e000:1::",
            ],
        );
        check(
            "public",
            &[
                "1.1.1.1",
                "9.255.255.255",
                "11.0.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.167.255.255",
                "192.169.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.1.1.1",
                "128.0.0.1",
                "169.253.1.1",
                "223.255.255.255",
                "198.17.1.1",
                "198.20.0.1",
                "2606:4700::1111",
                "2001:200::1",
                "2a00::1",
                "3ffe::1",
                "3fff:1000::1",
                "::ffff:1.1.1.1",
                "64:ff9b::1.1.1.1",
                "2002:101:101::1",
            ],
        );
    }
}
