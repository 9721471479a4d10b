//! The end of the terminal that a network was started from.

use std::fs;

use anyhow::Result;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// The number of SIGHUP, from 1 on, in the masks of `/proc`.
const HANGUP: u32 = 1;

/// The signal that a closed terminal sends.
pub struct Hangup(Option<Signal>);

impl Hangup {
    /// The signal is kept from now on, also while nobody waits for it. Where it is
    /// ignored, as `nohup` has it, it stays so.
    pub fn new() -> Result<Self> {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        if is_ignored(&status) {
            return Ok(Self(None));
        }
        Ok(Self(Some(signal(SignalKind::hangup())?)))
    }

    /// Waits for it.
    pub async fn received(&mut self) {
        match &mut self.0 {
            Some(signal) => {
                signal.recv().await;
            }
            None => std::future::pending().await,
        }
    }
}

/// Whether a process with this `/proc/PID/status` ignores it.
fn is_ignored(status: &str) -> bool {
    status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & (1 << (HANGUP - 1)) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_under_nohup_is_told_from_others() {
        for (status, expected) in [
            (
                "SigBlk:\t0000000000000001\nSigIgn:\t0000000000001001\n",
                true,
            ),
            (
                "SigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n",
                false,
            ),
            ("SigIgn:\tx\n", false),
            ("", false),
        ] {
            assert_eq!(is_ignored(status), expected, "{status:?}");
        }
    }
}
