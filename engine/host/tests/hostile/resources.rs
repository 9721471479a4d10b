//! Scripts that take all they can get: each ends at the limit that is named, and
//! others are served meanwhile.

use phat_engine::{FailureCode, Outcome, limits};
use phat_manifest::Limits;

use crate::{
    attack,
    common::{report, run, text},
    short, with_limits,
};

#[tokio::test]
async fn endless_work_runs_out_of_fuel() {
    let check = async |body: &str| {
        let script = format!("export default async () => {{ {body} }}");
        let report = attack(
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
    attack(
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
        let script = format!(
            "import {{ kv }} from 'phat';
            export default async () => {{ console.log('start'); {body} }}"
        );
        let run = with_limits(&script, limits.clone());
        let report = attack(
            run,
            FailureCode::DeadlineExceeded,
            "the limit time_ms of 200",
        )
        .await;
        assert_eq!(report.logs.len(), 1);
    };
    check("for (;;) {}").await;
    // These calls leave nothing in the transcript that would end them.
    check("for (;;) pink.jsCodeHash()").await;
    check("for (;;) await kv.get('key')").await;
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
        attack(
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

#[tokio::test]
async fn recursion_is_bounded_and_can_be_caught() {
    let deep = "export default () => { const f = () => f() + 1; return String(f()) }";
    attack(
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
    attack(
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
        attack(run(huge), call_bytes, "the limit call_bytes of 67108864").await;
    }

    let log = |size: usize| {
        with_limits(
            &format!("export default () => {{ console.log('x'.repeat({size})); return '' }}"),
            limits.clone(),
        )
    };
    assert_eq!(report(log(84)).await.logs.len(), 1);
    attack(
        log(85),
        FailureCode::LogTooLarge,
        "the limit log_bytes of 100",
    )
    .await;
    let flood = "export default () => { for (;;) console.log('') }";
    let report = attack(
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
    attack(timers(1025), limit("timers"), "the limit timers of 1024").await;
    let clock = format!(
        "export default () => {{ for (let i = 0; i < {}; i++) Date.now(); return '' }}",
        limits::TRANSCRIPT_ENTRIES_MAX
    );
    assert_eq!(text(&report(run(&clock)).await), "");
    let once_more = clock.replace("return", "Date.now(); return");
    attack(
        run(&once_more),
        limit("transcript_entries"),
        "transcript_entries",
    )
    .await;
    let random = "export default () => { for (;;) crypto.getRandomValues(new Uint8Array(65536)) }";
    let words = "the limit transcript_bytes of 33554432";
    attack(run(random), limit("transcript_bytes"), words).await;
    let with = |transcript_bytes: u64| {
        let limits = Limits {
            transcript_bytes,
            ..Limits::default()
        };
        with_limits("export default () => String(Date.now() > 0)", limits)
    };
    assert_eq!(text(&report(with(9)).await), "true");
    attack(with(8), limit("transcript_bytes"), "of 8 was reached").await;
    let check = "export default () => { try { crypto.getRandomValues(new Uint8Array(65537)) } catch (e) { return e.name } }";
    assert_eq!(text(&report(run(check)).await), "QuotaExceededError");
}
