//! What a host answers, altered: scripts are replayed on transcripts that no engine
//! wrote.

use std::sync::LazyLock;

use arbitrary::{Result, Unstructured};
use phat_engine::{
    CertificateChainHash, Completion, Entry, Event, FailureCode, HttpError, HttpErrorCode,
    HttpResponse, Outcome, Transcript, Versioned,
};

use crate::engine;

/// Scripts that look at all of what they are answered.
const SCRIPTS: &[&str] = &[
    "import { kv } from 'phat';
    export default async () => {
        const seen = [];
        for (const path of ['a', 'b', 'c']) try {
            const r = await fetch('https://localhost/' + path, { redirect: 'manual' });
            seen.push(r.status, r.ok, r.url, r.redirected, [...r.headers], r.headers.get('content-type'));
            const copy = r.clone();
            seen.push(await r.text(), (await copy.arrayBuffer()).byteLength);
            seen.push(JSON.parse(seen.at(-2)));
        } catch (e) { seen.push(String(e), e.stack) }
        await kv.set('seen', JSON.stringify(seen));
        return JSON.stringify(seen);
    }",
    "import * as phat from 'phat';
    export default async ({ input }) => {
        const seen = [];
        for (const key of ['a', '', input]) {
            const value = await phat.kv.get(key);
            seen.push(value && phat.hex.encode(value), value && new TextDecoder().decode(value));
        }
        await phat.kv.set('a', input); await phat.kv.delete('b');
        seen.push(await phat.kv.get('a'));
        seen.push(Date.now(), performance.now(), new Date().toISOString());
        seen.push(crypto.randomUUID(), [...crypto.getRandomValues(new Uint8Array(40))], Math.random());
        console.log(...seen);
        return JSON.stringify(seen);
    }",
    "export default () => Promise.all([
        ...['a', 'b', 'c'].map((path) => fetch('https://localhost/' + path).then((r) => r.json()).catch(String)),
        new Promise((done) => setTimeout(() => done(Date.now()), 5)),
        new Promise((done) => { let n = 0; const id = setInterval(() => { if (++n > 2) { clearInterval(id); done(n) } }, 1) }),
        fetch('https://localhost/', { signal: AbortSignal.timeout(1) }).catch(String),
    ]).then((all) => JSON.stringify(all))",
];

/// The most changes to a transcript.
const CHANGES_MAX: u32 = 6;
/// The most bytes of what is made up.
const MADE_UP_BYTES_MAX: usize = 512;
/// Headers of responses that mean something to whoever reads them.
const HEADERS: &[&str] = &[
    "content-type",
    "content-length",
    "set-cookie",
    "location",
    "content-encoding",
    "",
    "x y",
];

/// A script with the transcript of a run.
pub struct Recorded {
    pub code: &'static str,
    pub transcript: Transcript,
}

static RECORDED: LazyLock<Vec<Recorded>> = LazyLock::new(|| {
    let record = |code: &&'static str| Recorded {
        code,
        transcript: engine::run_and_replay(engine::of(code.as_bytes(), b"input")).transcript,
    };
    SCRIPTS.iter().map(record).collect()
});

/// The scripts with what was recorded of them.
pub fn recorded() -> impl Iterator<Item = &'static Recorded> {
    RECORDED.iter()
}

pub fn run(bytes: &[u8]) {
    let mut choices = Unstructured::new(bytes);
    let Ok((code, transcript)) = altered(&mut choices) else {
        return;
    };
    let code = code.as_bytes().into();
    let replayed = engine::RUNTIME.block_on(engine::ENGINE.replay(code, &transcript));
    // Refused, or what a run with these answers gives, which no answer breaks.
    if let Ok(report) = replayed {
        assert_eq!(report.transcript.root(), transcript.root());
        if let Outcome::Failed(failure) = report.outcome {
            let is_fault = matches!(failure.code, FailureCode::Engine | FailureCode::Trapped);
            assert!(!is_fault, "{failure}");
        }
    }
}

fn altered(choices: &mut Unstructured<'_>) -> Result<(&'static str, Transcript)> {
    let index = choices.int_in_range(0..=SCRIPTS.len() - 1)?;
    let recorded = &RECORDED[index];
    let mut transcript = recorded.transcript.clone();
    for _ in 0..choices.int_in_range(1..=CHANGES_MAX)? {
        alter(&mut transcript.entries, choices)?;
    }
    Ok((recorded.code, transcript))
}

fn alter(entries: &mut Vec<Entry>, choices: &mut Unstructured<'_>) -> Result<()> {
    if entries.is_empty() {
        return Ok(());
    }
    let at = choices.int_in_range(0..=entries.len() - 1)?;
    match choices.int_in_range(0..=11)? {
        0 => {
            entries.remove(at);
        }
        1 => entries.insert(at, entries[at].clone()),
        2 => entries.truncate(at),
        3 => {
            let to = choices.int_in_range(0..=entries.len() - 1)?;
            entries.swap(at, to);
        }
        4 => entries.push(Entry::TranscriptFull),
        5 => entries.push(Entry::Interrupted {
            fuel_used: choices.arbitrary()?,
        }),
        // From there on, the first that is answered.
        _ => {
            for entry in &mut entries[at..] {
                if answer(entry, choices)? {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Makes up another answer, if the call has one.
fn answer(entry: &mut Entry, choices: &mut Unstructured<'_>) -> Result<bool> {
    match entry {
        Entry::Waited { event } => {
            let id = match event {
                Some(event) if choices.ratio(7, 8)? => event.id,
                _ => choices.int_in_range(0..=8)?,
            };
            *event = match choices.int_in_range(0..=7)? {
                0 => None,
                1 => Some(Event {
                    id,
                    completion: Completion::Timer,
                }),
                2 => Some(Event {
                    id,
                    completion: Completion::RequestFailed(HttpError {
                        code: *choices.choose(&[
                            HttpErrorCode::Timeout,
                            HttpErrorCode::Limit,
                            HttpErrorCode::Protocol,
                        ])?,
                        message: text(choices)?,
                    }),
                }),
                _ => Some(Event {
                    id,
                    completion: Completion::Response(response(choices)?),
                }),
            };
        }
        Entry::KeyRead { answer, .. } => {
            *answer = if choices.ratio(7, 8)? {
                Ok(Versioned {
                    value: bytes(choices)?,
                    version: choices.arbitrary()?,
                })
            } else {
                Err(text(choices)?)
            };
        }
        Entry::ClockRead { nanoseconds } => *nanoseconds = choices.arbitrary()?,
        Entry::RandomDrawn { bytes: drawn } => {
            *drawn = if choices.ratio(3, 4)? {
                drawn
                    .iter()
                    .map(|_| choices.arbitrary())
                    .collect::<Result<_>>()?
            } else {
                bytes(choices)?
            };
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn response(choices: &mut Unstructured<'_>) -> Result<HttpResponse> {
    let status = match choices.int_in_range(0..=3)? {
        0 => choices.arbitrary()?,
        1 => *choices.choose(&[204, 301, 304, 404, 500])?,
        _ => 200,
    };
    let url = match choices.int_in_range(0..=3)? {
        0 => text(choices)?,
        _ => "https://localhost/a".to_owned(),
    };
    let mut headers = Vec::new();
    for _ in 0..choices.int_in_range(0..=4)? {
        let name = (*choices.choose(HEADERS)?).to_owned();
        let value = choices.arbitrary::<[u8; 8]>()?;
        headers.push((name, value.into_iter().map(char::from).collect()));
    }
    let body = match choices.int_in_range(0..=2)? {
        0 => br#"{"a":[1,{"__proto__":{"then":1}}],"b":"\ud800"}"#.to_vec(),
        _ => bytes(choices)?,
    };
    Ok(HttpResponse {
        status,
        url,
        redirected: choices.arbitrary()?,
        headers,
        body,
        certificate_chain: choices
            .arbitrary::<Option<[u8; 32]>>()?
            .map(CertificateChainHash),
    })
}

fn text(choices: &mut Unstructured<'_>) -> Result<String> {
    Ok(String::from_utf8_lossy(&bytes(choices)?).into_owned())
}

fn bytes(choices: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let length = choices.int_in_range(0..=MADE_UP_BYTES_MAX)?;
    let length = length.min(choices.len());
    Ok(choices.bytes(length)?.to_vec())
}
