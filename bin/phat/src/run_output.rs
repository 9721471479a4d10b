//! What `phat run` shows of a run.

use std::{
    collections::BTreeMap,
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use phat_engine::{
    Completion, Entry, HttpErrorCode, LogLine, Outcome, RunReport, Transcript, TranscriptHeader,
};
use phat_primitives::{WorkerId, blake2_256};
use phat_receipt::{Origin, Receipt, ReceiptBody, RunResult};
use schnorrkel::Keypair;
use serde::Serialize;

use crate::stack_trace::{Explained, ScriptSource};

/// What came out of a run.
#[derive(Debug, Serialize)]
pub struct RunOutput {
    /// Whether there is an output.
    pub ok: bool,
    output: Option<String>,
    error: Option<RunError>,
    logs: Vec<LogLine>,
    fuel: u64,
    http: Vec<HttpCall>,
    elapsed_us: u64,
    receipt: Receipt,
    /// The output as text, for people.
    #[serde(skip)]
    text: Option<String>,
    /// Where the error is in the source, for people.
    #[serde(skip)]
    excerpt: Option<String>,
}

#[derive(Debug, Serialize)]
struct RunError {
    code: String,
    message: String,
}

/// An HTTP request of the run.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct HttpCall {
    method: String,
    url: String,
    /// None for a request that failed, or that the run did not wait for.
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<HttpErrorCode>,
}

impl RunOutput {
    /// What the report says, with the places of an error as the source has them.
    pub fn new(report: &RunReport, source: &ScriptSource) -> Self {
        let (output, text, explained) = match &report.outcome {
            Outcome::Output(bytes) => {
                let hex = format!("0x{}", hex::encode(bytes));
                (Some(hex), printable(bytes), None)
            }
            Outcome::Failed(failure) => (
                None,
                None,
                Some((failure.code, source.explain(&failure.message))),
            ),
        };
        let (error, excerpt) = match explained {
            None => (None, None),
            Some((code, Explained { message, excerpt })) => {
                let code = code.to_string();
                (Some(RunError { code, message }), excerpt)
            }
        };
        Self {
            ok: error.is_none(),
            output,
            error,
            logs: report.logs.clone(),
            fuel: report.fuel_used,
            http: http_calls(&report.transcript),
            elapsed_us: u64::try_from(report.elapsed.as_micros()).unwrap_or(u64::MAX),
            receipt: local_receipt(report),
            text,
            excerpt,
        }
    }
}

/// The requests of a run in the order in which they were started.
fn http_calls(transcript: &Transcript) -> Vec<HttpCall> {
    let mut answers = BTreeMap::new();
    for entry in &transcript.entries {
        if let Entry::Waited { event: Some(event) } = entry {
            answers.insert(event.id, &event.completion);
        }
    }
    let call = |entry: &Entry| {
        let Entry::HttpStarted { id, request } = entry else {
            return None;
        };
        let (status, error) = match answers.get(id) {
            Some(Completion::Response(response)) => (Some(response.status), None),
            Some(Completion::RequestFailed(error)) => (None, Some(error.code)),
            Some(Completion::Timer) | None => (None, None),
        };
        Some(HttpCall {
            method: request.method.clone(),
            url: request.url.clone(),
            status,
            error,
        })
    };
    transcript.entries.iter().filter_map(call).collect()
}

/// The receipt that a worker would give for the run, of no chain and no worker.
///
/// It is signed with a key that is made here and forgotten at once, so that it has the
/// form of every receipt; nobody is behind that signature. The hash of the chain's
/// first block is zero, as are the ids of the contract and of the request: no network
/// takes it for one of its own.
fn local_receipt(report: &RunReport) -> Receipt {
    let identity = Keypair::generate();
    let (success, output) = report.outcome.settlement();
    let TranscriptHeader {
        engine,
        code_hash,
        request,
        ..
    } = &report.transcript.header;
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let body = ReceiptBody {
        genesis_hash: [0; 32],
        worker: WorkerId(identity.public.to_bytes()),
        contract: request.contract,
        code_hash: *code_hash,
        engine_hash: engine.0,
        request: request.request,
        origin: Origin::Http,
        input_hash: blake2_256(&request.input),
        result: match success {
            true => RunResult::Succeeded,
            false => RunResult::Failed,
        },
        output_hash: blake2_256(&output),
        transcript_root: report.transcript.root(),
        fuel_used: report.fuel_used,
        ended_at_ms: now.map_or(0, |since| {
            u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
        }),
    };
    Receipt::sign(body, &identity)
}

/// The name of an error as it is in JSON.
fn name(error: HttpErrorCode) -> String {
    let name = serde_json::to_value(error).ok();
    name.and_then(|name| name.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The bytes as text, if a terminal can show them.
pub fn printable(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let shown = !text.is_empty()
        && text
            .chars()
            .all(|c| !c.is_control() || matches!(c, '\n' | '\t'));
    shown.then(|| text.to_owned())
}

impl fmt::Display for RunOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.logs {
            writeln!(f, "log      {}: {}", line.level, line.message)?;
        }
        for call in &self.http {
            write!(f, "http     {} {} ", call.method, call.url)?;
            match (call.status, call.error) {
                (Some(status), _) => writeln!(f, "{status}")?,
                (None, Some(error)) => writeln!(f, "failed: {}", name(error))?,
                (None, None) => writeln!(f, "not waited for")?,
            }
        }
        if let Some(output) = &self.output {
            writeln!(f, "output   {output}")?;
        }
        if let Some(text) = &self.text {
            writeln!(f, "text     {text}")?;
        }
        if let Some(RunError { code, message }) = &self.error {
            writeln!(f, "failed   {code}: {message}")?;
        }
        if let Some(excerpt) = &self.excerpt {
            writeln!(f, "\n{excerpt}\n")?;
        }
        writeln!(f, "fuel     {}", self.fuel)?;
        writeln!(
            f,
            "time     {}.{:03} ms",
            self.elapsed_us / 1000,
            self.elapsed_us % 1000
        )
    }
}
