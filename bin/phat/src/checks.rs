//! Checks with their results, as `phat verify` and `phat replay` list them.

use std::fmt;

use phat_engine::Transcript;
use phat_receipt::ReceiptBody;
use serde::Serialize;

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It holds.
    Ok,
    /// It does not hold.
    Failed,
    /// The run is at odds with what the chain says now, which may have been
    /// changed since.
    Changed,
    /// Nothing speaks against it, and nobody but the file says so.
    Claimed,
    /// It was not made, as the detail says.
    Skipped,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What was checked.
    pub name: &'static str,
    /// How it ended.
    pub status: Status,
    /// What was found, or why it was not made.
    pub detail: String,
}

impl Check {
    /// A check that was made: it holds as `Ok` says, or does not as `Err` says.
    pub fn of(name: &'static str, result: Result<String, String>) -> Self {
        let (status, detail) = match result {
            Ok(detail) => (Status::Ok, detail),
            Err(detail) => (Status::Failed, detail),
        };
        Self {
            name,
            status,
            detail,
        }
    }

    /// A check that found something else than what is on the chain now.
    pub fn changed(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            status: Status::Changed,
            detail: detail.into(),
        }
    }

    /// A check of what only the file says, and what fits the receipt.
    pub fn claimed(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            status: Status::Claimed,
            detail: detail.into(),
        }
    }

    /// A check that was not made.
    pub fn skipped(name: &'static str, why: impl Into<String>) -> Self {
        Self {
            name,
            status: Status::Skipped,
            detail: why.into(),
        }
    }

    /// Whether it was made and does not hold.
    pub fn is_failed(&self) -> bool {
        self.status == Status::Failed
    }

    /// Whether it was not made.
    pub fn is_skipped(&self) -> bool {
        self.status == Status::Skipped
    }

    /// Whether the chain says something else now.
    pub fn is_changed(&self) -> bool {
        self.status == Status::Changed
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = match self.status {
            Status::Ok => "ok",
            Status::Failed => "FAILED",
            Status::Changed => "changed",
            Status::Claimed => "claimed",
            Status::Skipped => "skipped",
        };
        write!(f, "{status:<8} {:<12} {}", self.name, self.detail)
    }
}

/// Whether a transcript is of the run that a receipt is about: its root is the
/// one signed, and what it says of the run is what the receipt says.
pub fn check_transcript(body: &ReceiptBody, transcript: &Transcript) -> Result<String, String> {
    let root = transcript.root();
    if root != body.transcript_root {
        return Err(format!(
            "its root is 0x{}, the receipt says 0x{}",
            hex::encode(root),
            hex::encode(body.transcript_root)
        ));
    }
    match transcript.check_is_of(body) {
        Err(what) => Err(format!("it is of another {what} than the receipt")),
        Ok(()) => Ok(format!("{} host calls", transcript.entries.len())),
    }
}
