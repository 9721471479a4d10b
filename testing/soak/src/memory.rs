//! What the process has, and may have, of the system.

use std::fs;

use anyhow::{Context, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// How much more memory the process may have at the end than after the warm-up:
/// 16 MiB, for what the allocator and the runtime keep. Ten thousand runs that leave
/// two kilobytes each are beyond it.
pub const SLACK_BYTES: u64 = 16 * 1024 * 1024;
/// The files that are open besides those of the runs.
const OTHER_FILES: u64 = 512;
/// The ends of connections that a run has open, all in this process.
const FILES_PER_RUN: u64 = 3;

/// The memory that the process has resident, as the kernel counts it.
pub fn resident_bytes() -> anyhow::Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("/proc/self/status")?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))
        .and_then(|kilobytes| kilobytes.trim().parse::<u64>().ok())
        .map(|kilobytes| kilobytes * 1024)
        .context("/proc/self/status has no VmRSS")
}

/// Has the system allow as many open files as runs at once need.
pub fn allow_open_files(concurrent: u32) -> anyhow::Result<()> {
    let needed = u64::from(concurrent) * FILES_PER_RUN + OTHER_FILES;
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    ensure!(
        maximum.is_none_or(|maximum| maximum >= needed),
        "{concurrent} runs at once need {needed} open files: raise the limit with `ulimit -n`"
    );
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: Some(needed),
            maximum,
        },
    )
    .context("the limit of open files cannot be raised")
}
