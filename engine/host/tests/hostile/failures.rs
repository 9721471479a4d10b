//! Scripts that cannot be run, or give no result, say why.

use phat_engine::{Engine, EngineConfig, FailureCode, Run, RunReport};
use phat_manifest::Limits;

use crate::{
    common::{self, fails, report, run, text},
    with_limits,
};

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
