//! Secrets that contracts send: whoever reads the transcript or the log does not read them, and
//! who has them can replay the run.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::{Arc, LazyLock};

use common::{
    ENGINE, assert_same, run,
    server::{Server, http},
    text,
};
use phat_engine::{Completion, Entry, Event, ReplayError, RunReport, Secrets, Transcript};
use zeroize::Zeroizing;

/// A secret that is longer than what stands for it.
static SECRET: LazyLock<String> = LazyLock::new(|| format!("token-{}", "0123456789".repeat(200)));
/// How often a marker is in a forged answer, which has room for a tenth of as many secrets.
const MARKERS: usize = 100_000;

fn secrets(value: &str) -> Secrets {
    let secret = Zeroizing::new(value.as_bytes().to_vec());
    [("api-key".to_owned(), secret)].into_iter().collect()
}

/// A server that answers with what it was sent, in body and header.
async fn echo() -> Server {
    Server::start(|asked| {
        let body = [asked.head.as_bytes(), b"\n", &asked.body].concat();
        http("200 OK", &[("x-path", asked.path())], &body)
    })
    .await
}

/// A run that sends its secret everywhere, logs it and gives what it was answered.
async fn sent(server: &Server) -> (Arc<[u8]>, RunReport) {
    let mut run = run(&format!(
        "import {{ log, secret }} from 'phat';
        export default async () => {{
            const key = await secret('api-key');
            const ascii = key.slice(-10);
            const answer = await fetch('{}?key=' + ascii, {{
                method: 'POST',
                headers: {{ Authorization: 'Bearer ' + key }},
                body: JSON.stringify({{ key }}),
            }});
            log.info('the key is ' + key);
            return String((await answer.text()).includes(JSON.stringify({{ key }})));
        }}",
        server.url("/")
    ));
    run.secrets = secrets(&SECRET);
    let code = run.code.clone();
    (code, ENGINE.run(run).await)
}

fn holds(transcript: &Transcript, text: &str) -> bool {
    let bytes = transcript.encode();
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

#[tokio::test]
async fn a_secret_that_is_sent_is_not_in_transcript_and_log() {
    let server = echo().await;
    let (code, report) = sent(&server).await;
    // The server got the secret itself, and the script its answer.
    assert_eq!(text(&report), "true");
    assert!(!holds(&report.transcript, &SECRET));
    assert!(holds(&report.transcript, "Bearer phat-secret-"));
    // A part of the secret is another text.
    assert!(holds(&report.transcript, "?key=0123456789"));
    assert_eq!(report.logs[0].message, "the key is [secret api-key]");

    let replayed = ENGINE
        .replay_with(code, &report.transcript, None, secrets(&SECRET))
        .await
        .unwrap();
    assert_same(&report, &replayed);
    let revealed = report.transcript.revealed(&secrets(&SECRET));
    assert!(holds(&revealed, &format!("Bearer {}", *SECRET)));
    assert_eq!(
        report.transcript.revealed(&secrets("another")),
        report.transcript
    );
}

#[tokio::test]
async fn a_replay_needs_the_very_secret() {
    let server = echo().await;
    let (code, report) = sent(&server).await;
    let replay = async |secrets| {
        let replayed = ENGINE.replay_with(code.clone(), &report.transcript, None, secrets);
        replayed.await.unwrap_err().to_string()
    };
    let error = replay(Secrets::default()).await;
    assert!(
        error.contains("reads the secret \"api-key\"") && error.contains("give it"),
        "{error}"
    );
    let error = replay(secrets("another-0123456789")).await;
    assert!(error.contains("is given another secret"), "{error}");
}

/// A transcript with the secret itself in it, as no run makes it, is none of the run.
#[tokio::test]
async fn only_the_masked_form_replays() {
    let server = echo().await;
    let (code, report) = sent(&server).await;
    let refused = async |change: &dyn Fn(&mut Transcript)| {
        let mut changed = report.transcript.clone();
        change(&mut changed);
        assert_ne!(changed, report.transcript);
        let replayed = ENGINE.replay_with(code.clone(), &changed, None, secrets(&SECRET));
        let error = replayed.await.unwrap_err();
        assert!(matches!(error, ReplayError::Divergence { .. }), "{error}");
        error.to_string()
    };
    let error = refused(&|changed| {
        for entry in &mut changed.entries {
            if let Entry::HttpStarted { request, .. } = entry {
                request.headers = report
                    .transcript
                    .revealed(&secrets(&SECRET))
                    .entries
                    .iter()
                    .find_map(|entry| match entry {
                        Entry::HttpStarted { request, .. } => Some(request.headers.clone()),
                        _ => None,
                    })
                    .unwrap();
            }
        }
    })
    .await;
    assert!(error.contains("request 1: POST"), "{error}");

    let answered = |changed: &mut Transcript, change: &dyn Fn(&mut Vec<u8>)| {
        for entry in &mut changed.entries {
            if let Entry::Waited {
                event:
                    Some(Event {
                        completion: Completion::Response(response),
                        ..
                    }),
            } = entry
            {
                change(&mut response.body);
            }
        }
    };
    let error = refused(&|changed| {
        answered(changed, &|body| body.extend_from_slice(SECRET.as_bytes()));
    })
    .await;
    assert!(error.contains("commitments in the place"), "{error}");

    // A short text that would become a long one.
    let error = refused(&|changed| {
        answered(changed, &|body| {
            let at = body.windows(12).position(|part| part == b"phat-secret-");
            let marker = body[at.unwrap()..][..44].to_vec();
            *body = marker.repeat(MARKERS);
        });
    })
    .await;
    assert!(error.contains("at most"), "{error}");
}
