//! The bounds of a server.

use std::time::Duration;

use crate::Pace;

/// The bounds of a server.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections at once. More wait in the operating system's queue.
    pub connections_max: usize,
    /// Connections at once of one peer, which is an IPv4 address or the first 64
    /// bits of an IPv6 address. More are closed at once.
    pub connections_per_peer_max: usize,
    /// Time for the head of a request to arrive, counted from the start of the
    /// connection or the end of the last answer: a connection that nobody uses is
    /// closed after this time, too.
    pub head_time_max: Duration,
    /// How slowly the body of a request may arrive.
    pub request_pace: Pace,
    /// How slowly answers may be read.
    pub answer_pace: Pace,
}

impl Default for Limits {
    /// One peer may have half of all connections: a reverse proxy, through which
    /// all callers come, is one peer, and the others must get through all the same.
    fn default() -> Self {
        const KIB: u64 = 1024;
        Self {
            connections_max: 512,
            connections_per_peer_max: 256,
            head_time_max: Duration::from_secs(30),
            request_pace: Pace {
                bytes_min: 64 * KIB,
                wait_max: Duration::from_secs(10),
            },
            answer_pace: Pace {
                bytes_min: 64 * KIB,
                wait_max: Duration::from_secs(30),
            },
        }
    }
}
