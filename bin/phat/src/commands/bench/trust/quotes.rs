//! A quote that is verified again and again.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use phat_attestation::{Collateral, ConfidenceLevel, verify};
use phat_attestation_simulator::{CollateralOptions, Report, SimulatedIntel};

/// When the collateral is published and the quote verified, in seconds since 1970.
const NOW_S: u64 = 1_800_000_000;
/// What the software asked to have in the quote.
const REPORT_DATA: [u8; 64] = [7; 64];

/// A quote of a simulated platform, and how long it takes to verify it.
pub struct Quotes {
    quote: Vec<u8>,
    collateral: Collateral,
    root: Vec<u8>,
    count: u32,
    total: Duration,
}

impl Quotes {
    /// A quote of what `report` is of, with its collateral.
    pub fn of(report: &Report) -> Result<Self> {
        let intel = SimulatedIntel::development()?;
        let platform = intel.platform("measured")?;
        let options = CollateralOptions::at(NOW_S);
        Ok(Self {
            quote: platform.quote(report, REPORT_DATA)?,
            collateral: intel.collateral(&platform, report.tee(), &options)?,
            root: intel.root_certificate()?,
            count: 0,
            total: Duration::ZERO,
        })
    }

    /// Verifies it once more, as the chain does: certificates, revocations, the state of the
    /// platform, and all signatures.
    pub fn verify(&mut self) -> Result<()> {
        let start = Instant::now();
        let verified = verify(&self.quote, &self.collateral, &[&self.root], NOW_S)?;
        self.total += start.elapsed();
        self.count += 1;
        let is_right = verified.report_data == REPORT_DATA
            && verified.confidence_level == ConfidenceLevel::BEST;
        ensure!(is_right, "the quote says something else than was quoted");
        Ok(())
    }

    /// How many were verified a second.
    pub fn per_second(&self) -> f64 {
        f64::from(self.count) / self.total.as_secs_f64()
    }
}
