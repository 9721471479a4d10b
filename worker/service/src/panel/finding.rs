//! What the data of a receipt and its replay say about it.

use phat_engine::{EngineHash, ReplayError, RunReport, Transcript};
use phat_primitives::{
    ReceiptHash, blake2_256,
    challenges::{ReplayedRun, Verdict},
};
use phat_receipt::{ReceiptBody, RunResult};
use phat_worker_client::ReceiptBundle;

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub enum Finding {
    /// This.
    Told(Verdict),
    /// Nothing, for this reason, which may pass.
    NotYet(String),
}

/// The data of a challenged receipt.
#[derive(Debug)]
pub struct Data {
    /// The receipt.
    pub body: ReceiptBody,
    /// The transcript that it is signed for.
    pub transcript: Transcript,
}

impl Data {
    /// Reads what `phat receipt get` wrote, of this receipt. What is not the receipt's is refused
    /// with a reason: whoever challenges may have put it there, and may mend it.
    pub fn read(json: &[u8], receipt: ReceiptHash) -> Result<Self, String> {
        let bundle: ReceiptBundle = serde_json::from_slice(json)
            .map_err(|error| format!("the data are not those of a receipt: {error}"))?;
        let body = bundle.receipt.body;
        if body.hash() != receipt {
            return Err(format!("the data are of the receipt {}", body.hash()));
        }
        let transcript =
            Transcript::decode(&bundle.transcript.0).map_err(|error| error.to_string())?;
        if transcript.root() != body.transcript_root {
            return Err("the data have another transcript than the receipt".into());
        }
        Ok(Self { body, transcript })
    }

    /// The verdict of a member with this engine, where no replay is needed or possible.
    pub fn verdict_without_replay(&self, engine: EngineHash) -> Option<Verdict> {
        if self.transcript.check_is_of(&self.body).is_err() {
            return Some(Verdict::OtherRun);
        }
        if self.body.engine_hash != engine.0 || self.transcript.reads_secrets() {
            return Some(Verdict::Unavailable);
        }
        None
    }
}

/// What a replay says about the receipt.
pub fn finding_of(data: &Data, replayed: Result<RunReport, ReplayError>) -> Finding {
    let Data { body, transcript } = data;
    match replayed {
        Ok(report) => Finding::Told(verdict_of(body, transcript, &report)),
        // The keys of a contract may have been others at the time of the run.
        Err(ReplayError::Divergence { .. }) if transcript.derives_secrets() => {
            Finding::Told(Verdict::Unavailable)
        }
        Err(ReplayError::Divergence { index, .. }) => Finding::Told(Verdict::Diverges {
            entry: u32::try_from(index).unwrap_or(u32::MAX),
        }),
        // No run has such limits.
        Err(ReplayError::Limits(_)) => Finding::Told(Verdict::OtherRun),
        Err(
            error @ (ReplayError::EngineDiffers { .. }
            | ReplayError::CodeDiffers { .. }
            | ReplayError::Engine(_)),
        ) => Finding::NotYet(error.to_string()),
    }
}

fn verdict_of(body: &ReceiptBody, transcript: &Transcript, report: &RunReport) -> Verdict {
    let (success, output) = report.outcome.settlement();
    let run = ReplayedRun {
        result: if success {
            RunResult::Succeeded
        } else {
            RunResult::Failed
        },
        output_hash: blake2_256(&output),
        fuel_used: report.fuel_used,
    };
    let claimed = ReplayedRun {
        result: body.result,
        output_hash: body.output_hash,
        fuel_used: body.fuel_used,
    };
    if run != claimed {
        return Verdict::Differs(run);
    }
    if report.transcript.root() == body.transcript_root {
        return Verdict::Holds;
    }
    let (recorded, made) = (&transcript.entries, &report.transcript.entries);
    let alike = recorded.iter().zip(made).take_while(|(a, b)| a == b);
    Verdict::Diverges {
        entry: u32::try_from(alike.count()).unwrap_or(u32::MAX),
    }
}
