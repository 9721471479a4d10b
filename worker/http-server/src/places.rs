//! Places for connections, of all peers and of each.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
};

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many bits of an IPv6 address tell one network from another: whoever has an
/// address has all others of its network, too.
const NETWORK_BITS: u32 = 64;

/// Who has a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Peer(IpAddr);

impl Peer {
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => IpAddr::V4(address),
            IpAddr::V6(address) => {
                let network = u128::MAX << (u128::BITS - NETWORK_BITS);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & network))
            }
        })
    }
}

/// The places of a server.
#[derive(Clone)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    per_peer_max: usize,
    /// The places that each peer has; a peer with none is not in it.
    peers: Arc<Mutex<HashMap<Peer, usize>>>,
}

/// A place, which is free again when this is dropped.
pub(crate) struct Place {
    _of_all: OwnedSemaphorePermit,
    peer: Peer,
    peers: Arc<Mutex<HashMap<Peer, usize>>>,
}

impl Places {
    pub fn new(all_max: usize, per_peer_max: usize) -> Self {
        Self {
            all: Arc::new(Semaphore::new(all_max)),
            per_peer_max,
            peers: Arc::default(),
        }
    }

    /// Waits for a place that anyone may take.
    pub async fn any(&self) -> OwnedSemaphorePermit {
        let place = self.all.clone().acquire_owned().await;
        place.expect("nobody closes the semaphore")
    }

    /// Gives a place to `peer`, or `None` if it has as many as it may.
    pub fn give(&self, place: OwnedSemaphorePermit, peer: Peer) -> Option<Place> {
        let mut peers = self.peers.lock();
        let taken = peers.get(&peer).copied().unwrap_or(0);
        if taken >= self.per_peer_max {
            return None;
        }
        peers.insert(peer, taken + 1);
        Some(Place {
            _of_all: place,
            peer,
            peers: self.peers.clone(),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut peers = self.peers.lock();
        match peers.get_mut(&self.peer) {
            Some(taken) if *taken > 1 => *taken -= 1,
            _ => {
                peers.remove(&self.peer);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str) -> Peer {
        Peer::of(address.parse().unwrap())
    }

    #[test]
    fn one_host_is_one_peer() {
        for (one, other, is_same) in [
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.2", false),
            ("10.0.0.1", "::ffff:10.0.0.1", true),
            ("2001:db8::1", "2001:db8::ffff:1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false),
        ] {
            assert_eq!(peer(one) == peer(other), is_same, "{one} {other}");
        }
    }

    #[tokio::test]
    async fn a_peer_gets_its_share_and_what_is_given_back() {
        let places = Places::new(3, 2);
        let (greedy, other) = (peer("10.0.0.1"), peer("10.0.0.2"));
        let first = places.give(places.any().await, greedy).unwrap();
        let second = places.give(places.any().await, greedy).unwrap();
        assert!(places.give(places.any().await, greedy).is_none());
        let third = places.give(places.any().await, other).unwrap();
        assert_eq!(places.all.available_permits(), 0);
        drop(first);
        let _fourth = places.give(places.any().await, greedy).unwrap();
        drop((second, third));
        assert_eq!(places.peers.lock().len(), 1, "who has left is forgotten");
    }
}
