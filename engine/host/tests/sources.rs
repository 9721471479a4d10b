//! Runs whose answers come from elsewhere than the network, the clock and the system.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::sync::{
    Arc,
    atomic::{AtomicU16, Ordering},
};

use phat_engine::{
    Entry, HttpError, HttpErrorCode, HttpRequest, HttpResponse, HttpSource, Outcome, Sources,
};

use common::{ENGINE, run};

/// Answers each request with its number, a URL with `moved` from elsewhere, and one with
/// `fail` not at all.
#[derive(Default)]
struct Counting(AtomicU16);

impl HttpSource for Counting {
    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        if request.url.contains("fail") {
            return Err(HttpError {
                code: HttpErrorCode::Timeout,
                message: "no answer in the file".to_owned(),
            });
        }
        let number = self.0.fetch_add(1, Ordering::Relaxed);
        Ok(HttpResponse {
            status: 200,
            url: "https://b.example/".to_owned(),
            redirected: request.url.ends_with("/moved"),
            headers: Vec::new(),
            body: format!("{number}:{}", request.method).into_bytes(),
            certificate_chain: None,
        })
    }
}

fn sources() -> Sources {
    Sources {
        http: Some(Arc::new(Counting::default())),
        clock_start: Some(1_700_000_000_000_000_000),
        random_seed: Some([7; 32]),
    }
}

const SCRIPT: &str = "
export default async () => {
  const text = async (url, options) => (await fetch(url, options)).text().catch((error) => error.message)
  const answers = await Promise.all([
    text('https://a.example/#part'),
    text('https://b.example/', { method: 'POST', body: 'x' }),
    fetch('https://a.example/fail').catch((error) => error.message),
  ])
  const before = Date.now()
  const drawn = crypto.getRandomValues(new Uint8Array(40)).join()
  return [...answers, before, Date.now() >= before, drawn].join(' ')
}";

fn text(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Output(bytes) => std::str::from_utf8(bytes).unwrap(),
        Outcome::Failed(failure) => panic!("{failure}"),
    }
}

#[tokio::test]
async fn a_run_on_given_sources_is_the_same_each_time_and_can_be_replayed() {
    let report = ENGINE.run_with(run(SCRIPT), sources()).await;
    let output = text(&report.outcome);
    assert!(
        output.starts_with("0:GET 1:POST no answer in the file 17000000000"),
        "{output}"
    );
    let again = ENGINE.run_with(run(SCRIPT), sources()).await;
    assert_eq!(again.outcome, report.outcome);
    assert_eq!(again.fuel_used, report.fuel_used);
    assert_eq!(again.transcript, report.transcript);

    let replayed = ENGINE
        .replay(SCRIPT.as_bytes().into(), &report.transcript)
        .await
        .unwrap();
    assert_eq!(replayed.outcome, report.outcome);
    assert_eq!(replayed.fuel_used, report.fuel_used);
}

#[tokio::test]
async fn what_a_source_gives_is_held_to_the_hosts_and_limits_of_the_run() {
    let script = "export default async () => { try { await fetch('https://a.example/') } \
                  catch (error) { return error.message } }";
    let mut other_host = run(script);
    other_host.allowed_hosts = vec!["b.example".to_owned()];
    let report = ENGINE.run_with(other_host, sources()).await;
    assert!(
        text(&report.outcome).contains("a.example: not in"),
        "{:?}",
        report.outcome
    );

    // What the network would not let out, and where redirects may not lead.
    for (call, words) in [
        (
            "fetch('https://user:pass@a.example/')",
            "user name or password",
        ),
        (
            "fetch('https://a.example/', { method: 'CONNECT' })",
            "CONNECT",
        ),
        ("fetch('https://a.example/moved')", "b.example: not in"),
        (
            "fetch('https://a.example/moved', { redirect: 'error' })",
            "follows none",
        ),
    ] {
        let script = script.replace("fetch('https://a.example/')", call);
        let mut run = run(&script);
        run.allowed_hosts = vec!["a.example".to_owned()];
        let report = ENGINE.run_with(run, sources()).await;
        let said = text(&report.outcome);
        assert!(said.contains(words), "{call}: {said}");
    }

    let mut small = run(script);
    small.limits.http_response_bytes = 4;
    let report = ENGINE.run_with(small, sources()).await;
    assert!(
        text(&report.outcome).contains("http_response_bytes of 4"),
        "{:?}",
        report.outcome
    );
}

#[tokio::test]
async fn an_answer_that_is_not_waited_for_is_forgotten() {
    let script = "export default async () => {
      const controller = new AbortController()
      const first = fetch('https://a.example/', { signal: controller.signal }).catch(() => 'aborted')
      controller.abort()
      const second = await (await fetch('https://a.example/')).text()
      return `${await first} ${second}`
    }";
    let report = ENGINE.run_with(run(script), sources()).await;
    assert_eq!(text(&report.outcome), "aborted 1:GET");
    let waited = |entry: &&Entry| matches!(entry, Entry::Waited { .. });
    assert_eq!(report.transcript.entries.iter().filter(waited).count(), 1);
}
