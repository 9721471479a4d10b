//! Scripts that misbehave: each ends in its named failure, and the engine goes on.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::time::Duration;

use common::{ENGINE, fails, report, run, text};
use phat_engine::{Engine, EngineConfig, FailureCode, Outcome, Run, RunReport, limits};
use phat_manifest::Limits;
use tokio::time::timeout;

fn with_limits(script: &str, limits: Limits) -> Run {
    Run {
        limits,
        ..run(script)
    }
}

/// Enough fuel for a second or two of a loop.
fn short() -> Limits {
    Limits {
        fuel: 500_000_000,
        ..Limits::default()
    }
}

#[tokio::test]
async fn scripts_that_throw_say_what_and_where() {
    let check = async |script: &str, words: &str| {
        fails(run(script), FailureCode::ScriptThrew, words).await;
    };
    check(
        "export default () => { throw new TypeError('bad thing') }",
        "TypeError: bad thing\n    at default (contract.js:1:",
    )
    .await;
    check(
        "export default async () => { await null; throw new Error('later') }",
        "Error: later",
    )
    .await;
    check("export default () => { throw 'text' }", "threw text").await;
    check(
        "export default () => { throw undefined }",
        "threw undefined",
    )
    .await;
    check(
        "export default () => { throw { message: 'like an error' } }",
        "Error: like an error",
    )
    .await;
    check(
        "export default () => { throw { get message() { throw 1 } } }",
        "threw [object Object]",
    )
    .await;
    check(
        "export default () => { throw { toString() { throw 1 } } }",
        "threw a value of type object",
    )
    .await;
    check(
        "export default () => Promise.reject(new RangeError('r'))",
        "RangeError: r",
    )
    .await;
    check(
        "throw new Error('at the top'); export default () => ''",
        "Error: at the top",
    )
    .await;
    check(
        "export default () => new Promise(() => setTimeout(() => { throw new Error('timer') }, 1))",
        "Error: timer",
    )
    .await;
    check("export default () => new Promise(() => queueMicrotask(() => { throw new Error('micro') }))", "Error: micro").await;
    check(
        "export default () => ({ get then() { throw new Error('then') } })",
        "Error: then",
    )
    .await;
    check(
        "export default () => undefinedName",
        "ReferenceError: undefinedName is not defined",
    )
    .await;
}

#[tokio::test]
async fn scripts_that_cannot_be_loaded_are_invalid() {
    let check = async |script: &str, words: &str| {
        fails(run(script), FailureCode::InvalidScript, words).await
    };
    check("export default () => {", "SyntaxError").await;
    check("export const x = 1", "the script has no default export").await;
    check(
        "export default 5",
        "the default export is the number 5, not a function",
    )
    .await;
    check(
        "export default {}",
        "the default export is an object of type Object, not a function",
    )
    .await;
    check("import fs from 'fs'; export default () => ''", "fs").await;
    check(
        "import { nothing } from 'phat'; export default () => ''",
        "nothing",
    )
    .await;
    let module = FailureCode::InvalidComponent;
    let refused = fails(run("\0asm\u{1}\0\0\0"), module, "core module").await;
    assert_eq!(refused.fuel_used, 0, "it was not run");
    let not_text = Run {
        code: vec![0xff, 0xfe].into(),
        ..run("")
    };
    fails(not_text, FailureCode::InvalidScript, "not UTF-8").await;
    let fits = format!(
        "export default () => 'x'//{}",
        " ".repeat(2 * 1024 * 1024 - 26)
    );
    assert_eq!(fits.len(), 2 * 1024 * 1024);
    assert_eq!(text(&report(run(&fits)).await), "x");
    let refused = fails(
        run(&format!("{fits} ")),
        FailureCode::InvalidScript,
        "2097153 bytes",
    )
    .await;
    assert_eq!(refused.fuel_used, 0, "it was not run");
}

#[tokio::test]
async fn results_of_the_wrong_type_are_named() {
    let check = async |value: &str, words: &str| {
        let script = format!("export default async () => {value}");
        fails(run(&script), FailureCode::WrongType, words).await;
    };
    check("undefined", "returned undefined").await;
    check("null", "returned null").await;
    check("5", "returned the number 5").await;
    check("5n", "a value of type").await;
    check("true", "returned true").await;
    check("({ a: 1 })", "an object of type Object").await;
    check("[1]", "an array").await;
    check("(() => {})", "a function").await;
    check("new Map()", "an object of type Map").await;
    check("Object.create(null)", "an object").await;
    check("new Uint16Array(2)", "an object of type Uint16Array").await;
    check("Symbol('s')", "a value of type symbol").await;
    check("'0x1'", "not an even number of hexadecimal digits").await;
    check("'0xhello'", "return new TextEncoder().encode(text)").await;
    check("'\\ud800'", "half of a surrogate pair").await;
}

#[tokio::test]
async fn promises_that_never_settle_end_the_run() {
    let words = "the promise never settles";
    fails(
        run("export default () => new Promise(() => {})"),
        FailureCode::NeverSettles,
        words,
    )
    .await;
    fails(
        run("await new Promise(() => {}); export default () => ''"),
        FailureCode::NeverSettles,
        words,
    )
    .await;
    let after_timer = "export default () => new Promise(() => setTimeout(() => {}, 1))";
    fails(run(after_timer), FailureCode::NeverSettles, words).await;
}

#[tokio::test]
async fn endless_work_runs_out_of_fuel() {
    let check = async |body: &str| {
        let script = format!("export default async () => {{ {body} }}");
        let report = fails(
            with_limits(&script, short()),
            FailureCode::OutOfFuel,
            "the limit fuel of 500000000",
        )
        .await;
        assert_eq!(report.fuel_used, 500_000_000);
    };
    check("for (;;) {}").await;
    check("const again = () => queueMicrotask(again); again(); await new Promise(() => {})").await;
    check("const f = async () => { await null; return f() }; await f()").await;
    check("/(a+)+$/.test('a'.repeat(60) + 'b')").await;
    check("for (;;) { try { throw 1 } catch {} finally { continue } }").await;
    check("const x = { toString() { return this + '' } }; for (;;) { try { x + '' } catch {} }")
        .await;
    fails(
        with_limits("for (;;) {}\nexport default () => ''", short()),
        FailureCode::OutOfFuel,
        "fuel",
    )
    .await;
}

#[tokio::test]
async fn time_is_bounded_also_while_nothing_computes() {
    let limits = Limits {
        time_ms: 200,
        ..Limits::default()
    };
    let check = async |body: &str| {
        let script = format!("export default async () => {{ console.log('start'); {body} }}");
        let run = with_limits(&script, limits.clone());
        let report = fails(
            run,
            FailureCode::DeadlineExceeded,
            "the limit time_ms of 200",
        )
        .await;
        assert_eq!(report.logs.len(), 1);
    };
    check("for (;;) {}").await;
    check("await new Promise((done) => setTimeout(done, 100_000))").await;
    check("for (;;) await new Promise((done) => setTimeout(done, 1))").await;
}

#[tokio::test]
async fn memory_is_bounded() {
    let limits = Limits {
        memory_bytes: 32 * 1024 * 1024,
        ..Limits::default()
    };
    let check = async |body: &str| {
        let script = format!("export default async () => {{ {body} }}");
        let run = with_limits(&script, limits.clone());
        fails(
            run,
            FailureCode::OutOfMemory,
            "the limit memory_bytes of 33554432",
        )
        .await;
    };
    check("const a = []; for (;;) a.push(new Uint8Array(1 << 20))").await;
    check("const a = []; for (;;) a.push('é'.repeat(1 << 20))").await;
    check("const a = []; for (;;) a.push({})").await;
    check("new Uint8Array(1 << 30)").await;
    check("const m = new Map(); for (let i = 0;; i++) m.set(i, [i])").await;
    // One that catches it may go on.
    let caught = "export default () => { try { new Uint8Array(1 << 30) } catch (e) { return 'caught ' + e.message } }";
    let report = report(with_limits(caught, limits)).await;
    assert_eq!(text(&report), "caught out of memory");
}

/// A failure of the engine would be tried again and again.
#[tokio::test]
async fn limits_too_low_to_start_are_the_contracts_own() {
    let with = |limits| with_limits("export default () => ''", limits);
    let memory = Limits {
        memory_bytes: 1,
        ..Limits::default()
    };
    fails(
        with(memory),
        FailureCode::OutOfMemory,
        "the limit memory_bytes of 1 ",
    )
    .await;
    let fuel = Limits {
        fuel: 1,
        ..Limits::default()
    };
    fails(with(fuel), FailureCode::OutOfFuel, "the limit fuel of 1 ").await;
}

#[tokio::test]
async fn recursion_is_bounded_and_can_be_caught() {
    let deep = "export default () => { const f = () => f() + 1; return String(f()) }";
    fails(
        run(deep),
        FailureCode::ScriptThrew,
        "Maximum call stack size exceeded",
    )
    .await;
    let caught = "export default () => {
        let depth = 0;
        const f = () => { depth += 1; f(); };
        try { f() } catch (e) { return e.name + (depth > 1000) }
    }";
    assert_eq!(text(&report(run(caught)).await), "RangeErrortrue");
    let check = async |body: &str| {
        let script = format!("export default () => {{ {body} }}");
        let report = report(run(&script)).await;
        match &report.outcome {
            Outcome::Failed(failure) => assert!(
                matches!(
                    failure.code,
                    FailureCode::ScriptThrew | FailureCode::StackOverflow
                ),
                "{body}: {failure}"
            ),
            Outcome::Output(_) => panic!("{body} returned"),
        }
    };
    check("return JSON.stringify(JSON.parse('['.repeat(200_000) + ']'.repeat(200_000)))").await;
    check("return eval('('.repeat(100_000) + '1' + ')'.repeat(100_000)) + ''").await;
    check("let p = {}; for (let i = 0; i < 200_000; i++) p = new Proxy(p, {}); return p.x + ''")
        .await;
    check("return new RegExp('('.repeat(50_000) + ')'.repeat(50_000)).test('x') + ''").await;
    check("let a = []; for (let i = 0; i < 200_000; i++) a = [a]; return a.flat(Infinity) + ''")
        .await;
    check("const o = { get x() { return this.x } }; return o.x").await;
    check("class A { constructor() { new A() } } new A()").await;
    check("return [1].map(function f() { return [1].map(f) }) + ''").await;
}

#[tokio::test]
async fn results_and_logs_are_bounded() {
    let limits = Limits {
        output_bytes: 100,
        log_bytes: 100,
        ..Limits::default()
    };
    let output = |size: usize| {
        with_limits(
            &format!("export default () => 'x'.repeat({size})"),
            limits.clone(),
        )
    };
    assert_eq!(text(&report(output(100)).await).len(), 100);
    fails(
        output(101),
        FailureCode::OutputTooLarge,
        "the limit output_bytes of 100",
    )
    .await;
    let call_bytes = FailureCode::HostLimit { name: "call_bytes" };
    for huge in [
        "export default () => new Uint8Array(200 << 20)",
        "export default () => { console.log('x'.repeat(100 << 20)); return '' }",
    ] {
        fails(run(huge), call_bytes, "the limit call_bytes of 67108864").await;
    }

    let log = |size: usize| {
        with_limits(
            &format!("export default () => {{ console.log('x'.repeat({size})); return '' }}"),
            limits.clone(),
        )
    };
    assert_eq!(report(log(84)).await.logs.len(), 1);
    fails(
        log(85),
        FailureCode::LogTooLarge,
        "the limit log_bytes of 100",
    )
    .await;
    let flood = "export default () => { for (;;) console.log('') }";
    let report = fails(
        with_limits(flood, limits.clone()),
        FailureCode::LogTooLarge,
        "log_bytes",
    )
    .await;
    assert_eq!(report.logs.len(), 6, "what fits is kept");
}

#[tokio::test]
async fn timers_random_bytes_and_the_transcript_are_bounded() {
    let limit = |name| FailureCode::HostLimit { name };
    let timers = |count: u32| {
        run(&format!(
            "export default () => {{ for (let i = 0; i < {count}; i++) setTimeout(() => {{}}, 9999); return '' }}"
        ))
    };
    assert_eq!(text(&report(timers(1024)).await), "");
    fails(timers(1025), limit("timers"), "the limit timers of 1024").await;
    let clock = format!(
        "export default () => {{ for (let i = 0; i < {}; i++) Date.now(); return '' }}",
        limits::TRANSCRIPT_ENTRIES_MAX
    );
    assert_eq!(text(&report(run(&clock)).await), "");
    let once_more = clock.replace("return", "Date.now(); return");
    fails(
        run(&once_more),
        limit("transcript_entries"),
        "transcript_entries",
    )
    .await;
    let random = "export default () => { for (;;) crypto.getRandomValues(new Uint8Array(65536)) }";
    let words = "the limit transcript_bytes of 33554432";
    fails(run(random), limit("transcript_bytes"), words).await;
    let with = |transcript_bytes: u64| {
        let limits = Limits {
            transcript_bytes,
            ..Limits::default()
        };
        with_limits("export default () => String(Date.now() > 0)", limits)
    };
    assert_eq!(text(&report(with(9)).await), "true");
    fails(with(8), limit("transcript_bytes"), "of 8 was reached").await;
    let check = "export default () => { try { crypto.getRandomValues(new Uint8Array(65537)) } catch (e) { return e.name } }";
    assert_eq!(text(&report(run(check)).await), "QuotaExceededError");
}

#[tokio::test]
async fn tampering_with_the_library_harms_nobody_else() {
    let tamper = "
        for (const name of ['toWellFormed', 'charCodeAt', 'replace']) String.prototype[name] = () => { throw new Error('tampered') };
        Promise.prototype.then = () => { throw new Error('tampered') };
        Array.prototype[Symbol.iterator] = function* () { yield 1 };
        Object.prototype.then = undefined;
        Object.defineProperty(Object.prototype, 'error', { get() { throw new Error('tampered') } });
        globalThis.fetch = null;
        globalThis.leaked = 'secret';
        export default () => 'ok'";
    assert_eq!(text(&report(run(tamper)).await), "ok");
    let next = "export default async () => typeof leaked + typeof fetch + await Promise.resolve('!').then((x) => x.toWellFormed())";
    assert_eq!(text(&report(run(next)).await), "undefinedfunction!");
}

#[tokio::test]
async fn no_more_is_reachable_than_the_library() {
    let names = "export default () => Object.getOwnPropertyNames(globalThis).filter((n) => /^[a-z\\0]/.test(n)).sort().join()";
    let expected = "atob,btoa,clearInterval,clearTimeout,console,crypto,decodeURI,decodeURIComponent,encodeURI,\
        encodeURIComponent,escape,eval,fetch,globalThis,isFinite,isNaN,navigator,parseFloat,parseInt,\
        performance,pink,queueMicrotask,scriptArgs,self,setInterval,setTimeout,structuredClone,undefined,unescape";
    assert_eq!(text(&report(run(names)).await), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_runs_at_once_each_get_their_own() {
    let hostile = "export default () => { for (;;) {} }";
    let runs = (0..100u8).map(|index| async move {
        if index % 10 == 0 {
            let limits = Limits {
                fuel: 50_000_000,
                ..Limits::default()
            };
            let mut run = with_limits(hostile, limits);
            run.request.contract.0[0] = index;
            let report = ENGINE.run(run).await;
            assert!(
                matches!(&report.outcome, Outcome::Failed(f) if f.code == FailureCode::OutOfFuel)
            );
            return;
        }
        let mut run = run("globalThis.count = (globalThis.count ?? 0) + 1;
            export default async ({ input }) => {
                await new Promise((done) => setTimeout(done, 5));
                return new Uint8Array([input[0], count]);
            }");
        run.request.input = vec![index];
        run.request.contract.0[0] = index;
        let report = ENGINE.run(run).await;
        assert_eq!(report.outcome, Outcome::Output(vec![index, 1]));
    });
    let tasks: Vec<_> = runs.map(tokio::spawn).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// Whoever stops waiting for a run ends it, whatever it does just then.
#[tokio::test]
async fn a_run_that_nobody_waits_for_makes_room() {
    let engine = Engine::new(EngineConfig {
        runs_concurrent_max: 1,
        ..EngineConfig::default()
    })
    .unwrap();
    for body in [
        "for (;;) {}",
        "return new Promise((done) => setTimeout(done, 50_000))",
    ] {
        let script = format!("export default () => {{ {body} }}");
        let abandoned = timeout(Duration::from_millis(50), engine.run(run(&script))).await;
        assert!(abandoned.is_err(), "{body} came to an end");
        let next = engine.run(run("export default () => 'next'")).await;
        assert_eq!(text(&next), "next");
    }
}

#[test]
fn settings_are_bounded() {
    let check = |change: fn(&mut EngineConfig, usize), max: usize| {
        for value in [0, max + 1] {
            let mut config = EngineConfig::default();
            change(&mut config, value);
            let error = Engine::new(config).err().unwrap().to_string();
            assert!(error.contains(&format!("from 1 to {max}")), "{error}");
        }
    };
    check(|config, value| config.runs_concurrent_max = value, 5_000);
    check(|config, value| config.calls_concurrent_max = value, 5_000);
    check(
        |config, value| config.http_requests_open_max = value,
        100_000,
    );
    check(|config, value| config.dns_lookups_max = value, 100_000);
}

#[tokio::test]
async fn fuel_and_results_are_the_same_each_time() {
    let script = "export default () => {
        const numbers = Array.from({ length: 1000 }, (_, i) => (i * 7919) % 1009).sort((a, b) => a - b);
        return JSON.stringify([numbers.slice(0, 5), 0 / 0, Math.sin(1), 'é'.normalize('NFD').length]);
    }";
    let runs: Vec<RunReport> = vec![
        report(run(script)).await,
        report(run(script)).await,
        common::engine(false).run(run(script)).await,
    ];
    for other in &runs[1..] {
        common::assert_same(&runs[0], other);
    }
    assert!(runs[0].fuel_used > 1_000_000);
}
