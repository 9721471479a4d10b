//! Measuring everything, in turns.

use std::{thread::available_parallelism, time::Instant};

use anyhow::Result;
use phat_attestation_simulator::{Report, SgxReport, TdxReport};
use phat_chain_client::RegistrationShare;
use phat_engine_bench::Samples;
use phat_primitives::{CodeHash, ContractId, RequestId, WorkerId};
use phat_receipt::{Origin, Receipt, ReceiptBody, RunResult};
use schnorrkel::{ExpansionMode, MiniSecretKey};

use super::{
    bundles::Bundles,
    figures::{Figures, QuotesPerSecond, Registrations},
    quotes::Quotes,
    sealed::{Handovers, MESSAGE_BYTES, Messages},
};

/// Picoseconds in a millisecond.
const PS_PER_MS: f64 = 1e9;
/// How often a round does what takes microseconds. What takes milliseconds it does once.
const SHORT_PER_ROUND: usize = 10;

/// Measures in `rounds` rounds. Each does everything, so that a slow moment meets all alike.
pub fn measure(
    mut bundles: Option<Bundles>,
    registration: Option<RegistrationShare>,
    rounds: usize,
) -> Result<Figures> {
    let mut sgx = Quotes::of(&Report::Sgx(SgxReport::default()))?;
    let mut tdx = Quotes::of(&Report::Tdx(TdxReport::default()))?;
    let mut receipts = Receipts::new();
    let mut messages = Messages::new();
    let mut handovers = Handovers::new();
    for _ in 0..rounds {
        if let Some(bundles) = &mut bundles {
            bundles.verify()?;
        }
        sgx.verify()?;
        tdx.verify()?;
        for _ in 0..SHORT_PER_ROUND {
            receipts.verify()?;
            messages.pass()?;
            handovers.pass()?;
        }
    }
    Ok(Figures {
        bundle: bundles.map(Bundles::figures).transpose()?,
        quotes_verified_per_s: QuotesPerSecond {
            sgx: sgx.per_second(),
            tdx: tdx.per_second(),
        },
        registrations: registration.map(|share| Registrations {
            quote_block_weight_ms: share.time_ps as f64 / PS_PER_MS,
            quote_transaction_bytes: share.bytes,
            quotes_per_block: share.fit_into_block,
        }),
        receipt_verify_us_p50: median_us(&receipts.times),
        envelope_seal_us_p50: median_us(&messages.sealing),
        envelope_open_us_p50: median_us(&messages.opening),
        envelope_bytes: MESSAGE_BYTES,
        handover_us_p50: median_us(&handovers.times),
        rounds,
        processors: available_parallelism().map_or(1, usize::from),
    })
}

fn median_us(times: &Samples) -> f64 {
    times.median().as_secs_f64() * 1e6
}

/// A receipt that is verified again and again.
struct Receipts {
    receipt: Receipt,
    times: Samples,
}

impl Receipts {
    fn new() -> Self {
        let identity = MiniSecretKey::from_bytes(&[1; 32])
            .expect("every 32 bytes are a mini secret key")
            .expand_to_keypair(ExpansionMode::Ed25519);
        let body = ReceiptBody {
            genesis_hash: [2; 32],
            worker: WorkerId(identity.public.to_bytes()),
            contract: ContractId([3; 32]),
            code_hash: CodeHash([4; 32]),
            engine_hash: [5; 32],
            request: RequestId([6; 32]),
            origin: Origin::Http,
            input_hash: [7; 32],
            result: RunResult::Succeeded,
            output_hash: [8; 32],
            transcript_root: [9; 32],
            fuel_used: 1_000_000,
            ended_at_ms: 1_800_000_000_000,
        };
        Self {
            receipt: Receipt::sign(body, &identity),
            times: Samples::default(),
        }
    }

    fn verify(&mut self) -> Result<()> {
        let start = Instant::now();
        self.receipt.verify_signature()?;
        self.times.push(start.elapsed());
        Ok(())
    }
}
