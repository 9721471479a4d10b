//! Many runs in one engine, to see that none fails and none leaves anything.
//!
//! The runs fetch from an HTTPS server in the same process. First come runs that warm
//! everything up: as many at once as later, so that the engine has used all the room
//! that it keeps. What the process has in memory then is compared with what it has
//! after all the others.

mod memory;
mod runs;

use std::time::Instant;

use anyhow::{Context, ensure};
use serde::Serialize;

pub use memory::{SLACK_BYTES, resident_bytes};
use runs::Runs;

/// How much to do.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Runs one after the other.
    pub sequential: u32,
    /// Runs at once, all of which wait for the same answer.
    pub concurrent: u32,
    /// How often as many run at once.
    pub waves: u32,
}

/// What came of it. No run has failed, or there would be none of this.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Figures {
    /// Runs to warm up, one after the other and at once.
    pub warm_up_runs: u32,
    /// Runs one after the other, measured.
    pub sequential_runs: u32,
    /// Runs at once, measured.
    pub concurrent_runs: u32,
    /// How often as many ran at once.
    pub waves: u32,
    /// Memory of the process after the warm-up, in bytes.
    pub warm_bytes: u64,
    /// Memory of the process after the sequential runs, in bytes.
    pub sequential_bytes: u64,
    /// Memory of the process at the end, in bytes.
    pub end_bytes: u64,
    /// How much more that may be than after the warm-up.
    pub growth_bytes_max: u64,
    /// Sequential runs in a second.
    pub sequential_runs_per_s: f64,
    /// Concurrent runs in a second.
    pub concurrent_runs_per_s: f64,
}

impl Figures {
    /// Whether the memory grew by no more than it may.
    pub fn check(&self) -> anyhow::Result<()> {
        for (when, bytes) in [
            ("the sequential runs", self.sequential_bytes),
            ("all runs", self.end_bytes),
        ] {
            let grown = bytes.saturating_sub(self.warm_bytes);
            ensure!(
                grown <= self.growth_bytes_max,
                "after {when} the process has {grown} bytes more than after the warm-up, and may \
                 have {} more",
                self.growth_bytes_max
            );
        }
        Ok(())
    }
}

/// Does as planned. Fails with the first run that does.
pub async fn soak(plan: Plan) -> anyhow::Result<Figures> {
    memory::allow_open_files(plan.concurrent)?;
    let runs = Runs::start(plan.concurrent).await?;
    let mut warm_up_runs = 0;
    for _ in 0..2 {
        let few = (plan.sequential / 20).max(1);
        runs.sequential(few).await.context("warm-up")?;
        runs.concurrent().await.context("warm-up")?;
        warm_up_runs += few + plan.concurrent;
    }
    let warm_bytes = resident_bytes()?;

    let started = Instant::now();
    runs.sequential(plan.sequential).await?;
    let sequential_s = started.elapsed().as_secs_f64();
    let sequential_bytes = resident_bytes()?;

    let started = Instant::now();
    for wave in 0..plan.waves {
        runs.concurrent()
            .await
            .with_context(|| format!("wave {wave}"))?;
    }
    let concurrent_s = started.elapsed().as_secs_f64();
    let concurrent_runs = plan.concurrent * plan.waves;
    Ok(Figures {
        warm_up_runs,
        sequential_runs: plan.sequential,
        concurrent_runs,
        waves: plan.waves,
        warm_bytes,
        sequential_bytes,
        end_bytes: resident_bytes()?,
        growth_bytes_max: SLACK_BYTES,
        sequential_runs_per_s: f64::from(plan.sequential) / sequential_s,
        concurrent_runs_per_s: f64::from(concurrent_runs) / concurrent_s,
    })
}
