//! Replays: the same report from the transcript alone, or the first difference.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{
    mem::replace,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use common::{
    ENGINE, assert_same, fails, report, run,
    server::{Server, http},
    text,
};
use phat_engine::{
    Completion, Entry, Event, FailureCode, HttpError, HttpErrorCode, HttpResponse, KeyRead,
    KeyValueError, KeyValueSource, KeyWrite, Outcome, ReplayError, Run, RunReport, Transcript,
    Versioned,
};
use phat_manifest::Limits;

/// A store in which the key `a` has a value, and `down` cannot be read.
#[derive(Default)]
struct Store {
    asked: AtomicU32,
}

#[async_trait]
impl KeyValueSource for Store {
    async fn get(&self, key: &[u8]) -> Result<Versioned, KeyValueError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        match key {
            b"a" => Ok(Versioned {
                value: b"value".to_vec(),
                version: 3,
            }),
            b"down" => Err(KeyValueError("no answer".to_owned())),
            _ => Ok(Versioned::default()),
        }
    }
}

fn with_store(body: &str) -> (Run, Arc<Store>) {
    let store = Arc::new(Store::default());
    let script = format!(
        "import {{ hex, kv }} from 'phat';
        const show = (value) => value === null ? 'null' : new TextDecoder().decode(value);
        export default async () => {{ {body} }}"
    );
    let run = Run {
        kv: store.clone(),
        ..run(&script)
    };
    (run, store)
}

fn read(key: &[u8], version: u64) -> KeyRead {
    KeyRead {
        key: key.to_vec(),
        version,
    }
}

fn write(key: &[u8], value: &[u8]) -> KeyWrite {
    KeyWrite {
        key: key.to_vec(),
        value: value.to_vec(),
    }
}

#[tokio::test]
async fn keys_are_read_once_and_written_with_the_result() {
    let (run, store) = with_store(
        "const before = [show(await kv.get('a')), show(await kv.get('a')), show(await kv.get('b'))];
        await kv.set('a', 'new');
        await kv.set('c', '0x0102');
        await kv.set('0x61', hex.decode('0x0102'));
        await kv.delete('b');
        await kv.set(new Uint8Array([0x64]), 'gone'); await kv.delete('d');
        return [...before, show(await kv.get('a')), show(await kv.get('b')), show(await kv.get('d'))].join();",
    );
    let report = report(run).await;
    assert_eq!(text(&report), "value,value,null,new,null,null");
    assert_eq!(
        report.reads,
        // A key that looks like hexadecimal digits is no other key.
        [
            read(b"0x61", 0),
            read(b"a", 3),
            read(b"b", 0),
            read(b"c", 0),
            read(b"d", 0)
        ]
    );
    assert_eq!(
        report.writes,
        [
            write(b"0x61", &[1, 2]),
            write(b"a", b"new"),
            write(b"b", b""),
            write(b"c", b"0x0102"),
            write(b"d", b"")
        ]
    );
    assert_eq!(store.asked.load(Ordering::Relaxed), 5);
}

#[tokio::test]
async fn failed_runs_write_nothing() {
    let (run, _) = with_store("await kv.set('a', 'new'); throw new Error('no')");
    let report = fails(run, FailureCode::ScriptThrew, "no").await;
    assert_eq!(report.reads, [read(b"a", 3)]);
    assert_eq!(report.writes, []);
    let (run, _) = with_store("try { await kv.get('down') } catch {} return 'caught'");
    let report = fails(run, FailureCode::KeyValueUnavailable, "").await;
    assert!(matches!(&report.outcome, Outcome::Failed(failure) if failure.code.is_transient()));
}

#[tokio::test]
async fn keys_and_values_are_bounded() {
    let check = async |body: &str, exceeded: Option<&'static str>| {
        let (mut run, _) = with_store(body);
        run.limits = Limits {
            kv_keys: 3,
            kv_key_bytes: 4,
            kv_value_bytes: 5,
            ..Limits::default()
        };
        match exceeded {
            Some(name) => drop(fails(run, FailureCode::HostLimit { name }, name).await),
            None => assert_eq!(text(&report(run).await), "ok"),
        }
    };
    check(
        "for (const k of 'xyz') await kv.set(k, k); return 'ok'",
        None,
    )
    .await;
    check(
        "for (const k of 'wxyz') await kv.get(k); return 'ok'",
        Some("kv_keys"),
    )
    .await;
    check("await kv.get('1234'); return 'ok'", None).await;
    check("await kv.get('12345'); return 'ok'", Some("kv_key_bytes")).await;
    check("await kv.set('k', '12345'); return 'ok'", None).await;
    check(
        "await kv.set('k', '123456'); return 'ok'",
        Some("kv_value_bytes"),
    )
    .await;
    check("try { await kv.set('k', 5) } catch (e) { return e.message.includes('value must be') ? 'ok' : e.message }", None).await;
}

/// A run that uses everything that is recorded.
async fn recorded() -> (Arc<[u8]>, RunReport) {
    let server = Server::start(|_| http("200 OK", &[("x", "y")], b"body")).await;
    let body = format!(
        "const url = '{}';
        console.log('start', Date.now(), Math.random());
        const [a, b] = await Promise.all([fetch(url + 1), fetch(url + 2), new Promise((f) => setTimeout(f, 3))]);
        await fetch('https://127.0.0.1:1').catch((e) => console.warn(e));
        await kv.set('k', await a.bytes());
        return await b.text() + crypto.randomUUID();",
        server.url("/")
    );
    let (run, _) = with_store(&body);
    let code = run.code.clone();
    (code, report(run).await)
}

#[tokio::test]
async fn replays_need_no_server() {
    let (code, recorded) = recorded().await;
    // The server is gone by now.
    let replayed = ENGINE.replay(code, &recorded.transcript).await.unwrap();
    assert_same(&recorded, &replayed);
    assert_eq!(recorded.transcript, replayed.transcript);
    assert_eq!(recorded.logs.len(), 2);
}

#[tokio::test]
async fn transcripts_survive_storage() {
    let (code, recorded) = recorded().await;
    let stored = Transcript::decode(&recorded.transcript.encode()).unwrap();
    let replayed = ENGINE.replay(code, &stored).await.unwrap();
    assert_same(&recorded, &replayed);
}

#[tokio::test]
async fn tampering_is_named_at_its_entry() {
    let (code, recorded) = recorded().await;
    let position =
        |wanted: fn(&Entry) -> bool| recorded.transcript.entries.iter().position(wanted).unwrap();
    let replay = async |change: &dyn Fn(&mut Transcript)| {
        let mut transcript = recorded.transcript.clone();
        change(&mut transcript);
        assert_ne!(transcript.root(), recorded.transcript.root());
        match ENGINE.replay(code.clone(), &transcript).await {
            Err(error) => Err(error),
            Ok(report) => Ok(report.outcome),
        }
    };
    let diverges = |result: Result<Outcome, ReplayError>, at: usize, says: &str| match result {
        Err(ReplayError::Divergence {
            index,
            expected,
            actual,
        }) => {
            assert_eq!(index, at, "{expected} / {actual}");
            assert!(
                format!("{expected} / {actual}").contains(says),
                "{expected} / {actual}"
            );
        }
        other => panic!("{other:?}"),
    };

    let log = position(|entry| matches!(entry, Entry::Logged { .. }));
    let result = replay(&|transcript| {
        if let Entry::Logged { message, .. } = &mut transcript.entries[log] {
            message.push('!');
        }
    })
    .await;
    diverges(result, log, "!\" / logs info \"start");

    // A clock that says something else shows where it is first used.
    let clock = position(|entry| matches!(entry, Entry::ClockRead { .. }));
    let result = replay(&|transcript| {
        if let Entry::ClockRead { nanoseconds } = &mut transcript.entries[clock] {
            *nanoseconds += 1_000_000_000;
        }
    })
    .await;
    diverges(result, log, "logs info \"start");

    let started = position(|entry| matches!(entry, Entry::HttpStarted { .. }));
    let result = replay(&|transcript| drop(transcript.entries.remove(started))).await;
    diverges(result, started, "request");

    let last = recorded.transcript.entries.len() - 1;
    let result = replay(&|transcript| drop(transcript.entries.pop())).await;
    diverges(result, last, "the end of the run");
    let result =
        replay(&|transcript| transcript.entries.push(Entry::ClockRead { nanoseconds: 1 })).await;
    diverges(result, last + 1, "reads the clock / ends");

    // Nothing comes of what was not asked for, or of something twice; and there
    // is something to wait for while something is under way.
    let waited = position(|entry| matches!(entry, Entry::Waited { .. }));
    for change in [
        (|event| event.take().is_some()) as fn(&mut Option<Event>) -> bool,
        |event| {
            event
                .as_mut()
                .is_some_and(|event| replace(&mut event.id, 99) != 99)
        },
        |event| {
            event.as_mut().is_some_and(|event| {
                let is_timer = matches!(event.completion, Completion::Timer);
                event.completion = if is_timer {
                    Completion::RequestFailed(HttpError {
                        code: HttpErrorCode::Dns,
                        message: String::new(),
                    })
                } else {
                    Completion::Timer
                };
                true
            })
        },
    ] {
        let result = replay(&|transcript| {
            let Entry::Waited { event } = &mut transcript.entries[waited] else {
                panic!("no wait");
            };
            assert!(change(event));
        })
        .await;
        diverges(result, waited, "waits for something else");
    }
    let result = replay(&|transcript| {
        let twice = transcript.entries[waited].clone();
        transcript.entries.insert(waited + 1, twice);
    })
    .await;
    assert!(matches!(
        result,
        Err(ReplayError::Divergence { index, .. }) if index > waited
    ));

    // An end that the run did not come to hides neither its result nor its fuel.
    let result = replay(&|transcript| {
        transcript.entries.push(Entry::Interrupted {
            fuel_used: recorded.fuel_used + 1_000_000,
        });
    })
    .await;
    diverges(result, last + 1, "its time is over / ends");

    // A forged answer gives another result, which the receipt's output hash shows.
    let result = replay(&|transcript| {
        for entry in &mut transcript.entries {
            if let Entry::Waited { event: Some(event) } = entry
                && let Completion::Response(response) = &mut event.completion
            {
                response.body = b"frog".to_vec();
            }
        }
    })
    .await;
    assert!(!matches!(result, Ok(outcome) if outcome == recorded.outcome));
}

/// What the engine would have let no run see, or end with, no transcript may say.
#[tokio::test]
async fn forged_transcripts_are_refused() {
    let server = Server::start(|_| http("200 OK", &[], b"body")).await;
    let body = format!(
        "console.log('start', Date.now());
        const response = await fetch('{}');
        return await response.text() + Date.now() + show(await kv.get('a'));",
        server.url("/")
    );
    let (mut run, _) = with_store(&body);
    run.allowed_hosts = vec!["localhost".to_owned()];
    run.limits.http_response_bytes = 1_000;
    let code = run.code.clone();
    let recorded = report(run).await;
    let position =
        |wanted: fn(&Entry) -> bool| recorded.transcript.entries.iter().position(wanted).unwrap();
    let log = position(|entry| matches!(entry, Entry::Logged { .. }));
    let wait = position(|entry| matches!(entry, Entry::Waited { .. }));
    let read = position(|entry| matches!(entry, Entry::KeyRead { .. }));
    let mut clock = recorded.transcript.entries.iter();
    let clock = clock.rposition(|entry| matches!(entry, Entry::ClockRead { .. }));
    let clock = clock.unwrap();
    let replay = async |change: &dyn Fn(&mut Vec<Entry>)| {
        let mut transcript = recorded.transcript.clone();
        change(&mut transcript.entries);
        ENGINE.replay(code.clone(), &transcript).await
    };
    let check = async |at: usize, says: &str, change: &dyn Fn(&mut Vec<Entry>)| {
        let error = replay(change).await.unwrap_err();
        let ReplayError::Divergence { index, .. } = error else {
            panic!("{error}");
        };
        assert!(
            index == at && error.to_string().contains(says),
            "{at} {says}: {error}"
        );
        error.to_string()
    };
    let response = |entries: &mut Vec<Entry>, change: &dyn Fn(&mut HttpResponse)| {
        let Entry::Waited { event: Some(event) } = &mut entries[wait] else {
            panic!("no event");
        };
        let Completion::Response(response) = &mut event.completion else {
            panic!("no response");
        };
        change(response);
    };
    let cut = |entries: &mut Vec<Entry>, at: usize, end: Entry| {
        entries.truncate(at);
        entries.push(end);
    };
    let interrupted = |fuel_used: u64| Entry::Interrupted { fuel_used };
    let fuel = recorded.fuel_used;
    let limit = recorded.transcript.header.limits.fuel;

    // A transcript is full only where it is.
    for (at, actual) in [(log, "logs info"), (wait, "waits"), (read, "reads the key")] {
        let full = |entries: &mut Vec<Entry>| cut(entries, at, Entry::TranscriptFull);
        check(at, actual, &full).await;
    }
    // Time ends only where it can pass, and when as much was computed as is said.
    check(log, "logs info", &|entries| {
        cut(entries, log, interrupted(fuel))
    })
    .await;
    for (at, actual) in [(wait, "waits when"), (read, "waits when")] {
        let error = check(at, actual, &|entries| cut(entries, at, interrupted(fuel))).await;
        let used = error.split("waits when ").nth(1).unwrap();
        let used: u64 = used.split(' ').next().unwrap().parse().unwrap();
        // So can the run have ended, for all that a replay can tell.
        let report = replay(&|entries| cut(entries, at, interrupted(used))).await;
        let report = report.unwrap();
        assert_eq!(report.fuel_used, used);
        assert!(matches!(
            report.outcome,
            Outcome::Failed(failure) if failure.code == FailureCode::DeadlineExceeded
        ));
        check(at, actual, &|entries| {
            cut(entries, at, interrupted(used + 1))
        })
        .await;
    }
    let over = |entries: &mut Vec<Entry>| cut(entries, wait, interrupted(limit + 1));
    check(wait, "fuel, which is not", &over).await;
    // A run ends once.
    for end in [interrupted(1), Entry::TranscriptFull] {
        let early = |entries: &mut Vec<Entry>| entries.insert(wait, end.clone());
        check(wait, "goes on after that", &early).await;
    }
    // Responses come from where the contract may ask, and are no longer than they may be.
    for (says, change) in [
        (
            "may not call that host",
            (|response| response.url = "https://elsewhere.example/".to_owned())
                as fn(&mut HttpResponse),
        ),
        ("may not call that host", |response| {
            response.url = "https://elsewhere.example/".to_owned();
            response.redirected = true;
        }),
        ("may not call that host", |response| {
            response.url = response.url.replace("https:", "ftp:");
        }),
        ("what is no URL", |response| response.url.clear()),
        ("asks https://localhost", |response| response.url.push('x')),
        ("the 1000 bytes of http_response_bytes", |response| {
            response.body = vec![0; 1_001];
        }),
        ("certificates of a server with TLS", |response| {
            response.certificate_chain = None;
        }),
        ("certificates of a server with TLS", |response| {
            response.url = response.url.replace("https:", "http:");
            response.redirected = true;
        }),
    ] {
        check(wait, says, &|entries| response(entries, &change)).await;
    }
    let (long, backwards) = (vec![0; (4 << 20) + 1], "a clock that never runs backwards");
    let value = |entries: &mut Vec<Entry>| {
        entries[read] = Entry::KeyRead {
            key: b"a".to_vec(),
            answer: Ok(Versioned {
                value: long.clone(),
                version: 3,
            }),
        };
    };
    check(read, "reads at most", &value).await;
    let earlier = |entries: &mut Vec<Entry>| entries[clock] = Entry::ClockRead { nanoseconds: 1 };
    check(clock, backwards, &earlier).await;
}

#[tokio::test]
async fn replays_are_of_the_same_code_and_engine() {
    let (code, recorded) = recorded().await;
    let other: Arc<[u8]> = Arc::from(b"export default () => ''".as_slice());
    assert!(matches!(
        ENGINE.replay(other, &recorded.transcript).await,
        Err(ReplayError::CodeDiffers { .. })
    ));
    let mut transcript = recorded.transcript.clone();
    transcript.header.limits.fuel = u64::MAX;
    assert!(matches!(
        ENGINE.replay(code.clone(), &transcript).await,
        Err(ReplayError::Limits(_))
    ));
    let mut transcript = recorded.transcript.clone();
    transcript.header.engine.0[0] ^= 1;
    assert!(matches!(
        ENGINE.replay(code, &transcript).await,
        Err(ReplayError::EngineDiffers { this, .. }) if this == ENGINE.hash()
    ));
}

#[tokio::test]
async fn the_limits_in_the_transcript_hold_in_its_replay() {
    let script = "export default () => { for (;;) {} }";
    let limits = Limits {
        fuel: 10_000_000,
        ..Limits::default()
    };
    let report = fails(
        Run {
            limits,
            ..run(script)
        },
        FailureCode::OutOfFuel,
        "10000000",
    )
    .await;
    assert_eq!(report.fuel_used, 10_000_000);
}

#[test]
fn the_engine_hash_is_text_and_back() {
    let hash = ENGINE.hash();
    assert_eq!(hash.to_string().parse(), Ok(hash));
    assert!("0x12".parse::<phat_engine::EngineHash>().is_err());
    assert_eq!(common::engine(false).hash(), hash);
}
