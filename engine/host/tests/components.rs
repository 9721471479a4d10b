//! Contracts that are WebAssembly components: in Rust with the SDK, in C, and what is
//! refused.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod common;

use std::{fs, path::Path, process::Command, sync::Arc};

use common::{
    fails,
    guests::{SDK, build, component, root, run_component, target_folder},
    report, run,
    server::{Server, http},
    text,
};
use phat_engine::{FailureCode, LogLevel, LogLine, Outcome, Run};

async fn answer(input: &str) -> String {
    text(&report(run_component(&SDK, input)).await)
}

#[tokio::test]
async fn a_component_gets_its_request_and_answers() {
    assert_eq!(answer("echo a").await, "a");
    assert_eq!(
        answer("request").await,
        format!(
            "{} {} 0xca11 eip155:31337 7 {{}}",
            "1d".repeat(32),
            "c0".repeat(32)
        )
    );
    let code = FailureCode::ScriptThrew;
    fails(run_component(&SDK, "fail"), code, "it is not to be").await;
    fails(run_component(&SDK, "other"), code, "unknown command: other").await;
    // An error of the standard library turned into one of the SDK.
    let mut run = run_component(&SDK, "");
    run.request.input = vec![0xff];
    fails(run, code, "invalid utf-8").await;
}

#[tokio::test]
async fn a_component_asks_over_http() {
    let server = Server::start(|asked| {
        let has_header = asked.head.to_ascii_lowercase().contains("x-asked: yes");
        let body = String::from_utf8_lossy(&asked.body);
        let said = format!("{} {has_header} {body}", asked.path());
        http("200 OK", &[("content-type", "text/plain")], said.as_bytes())
    })
    .await;
    let url = |path: &str| format!("https://localhost:{}{path}", server.address.port());
    let asked = answer(&format!("get {}", url("/one"))).await;
    assert_eq!(asked, "200 text/plain /one true asked");
    let all = answer(&format!(
        "all {} http://localhost/ {}",
        url("/a"),
        url("/b")
    ))
    .await;
    assert_eq!(all.split(' ').next(), Some("/a"));
    assert!(all.contains("/b false"), "{all}");
}

#[tokio::test]
async fn a_component_has_state_keys_time_and_randomness() {
    let report = report(run_component(&SDK, "kv")).await;
    assert_eq!(text(&report), "None Some([110, 101, 119]) None");
    assert_eq!(report.writes.len(), 2);
    assert_eq!(answer("time").await, "true");
    assert_ne!(answer("random").await, answer("random").await);

    let mut run = run_component(&SDK, "keys");
    run.secrets = [("token".to_owned(), b"s3cret".to_vec().into())]
        .into_iter()
        .collect();
    let code = run.code.clone();
    let (keys, secrets) = (run.keys.clone(), run.secrets.clone());
    let report = common::ENGINE.run(run).await;
    assert_eq!(
        text(&report),
        "[33, 65, 32, 64, 32, 64] Some(\"s3cret\") None"
    );
    let replayed = common::ENGINE
        .replay_with(code, &report.transcript, Some(keys), secrets)
        .await
        .unwrap();
    common::assert_same(&report, &replayed);
}

#[tokio::test]
async fn a_component_logs_and_says_why_it_panicked() {
    let line = |level, message: &str| LogLine {
        level,
        message: message.to_owned(),
    };
    assert_eq!(
        report(run_component(&SDK, "log")).await.logs,
        [
            line(LogLevel::Warn, "of the SDK"),
            line(LogLevel::Info, "of the log crate")
        ]
    );
    let report = fails(
        run_component(&SDK, "panic"),
        FailureCode::Trapped,
        "unreachable",
    )
    .await;
    let [line] = &report.logs[..] else {
        panic!("{:?}", report.logs);
    };
    assert_eq!(line.level, LogLevel::Error);
    assert!(line.message.contains("src/lib.rs"), "{line:?}");
    assert!(line.message.ends_with("it is over"), "{line:?}");
}

#[tokio::test]
async fn a_component_is_held_to_its_limits() {
    let bounded = |input: &str, change: fn(&mut Run)| {
        let mut run = run_component(&SDK, input);
        change(&mut run);
        run
    };
    let run = bounded("memory", |run| run.limits.memory_bytes = 16 * 1024 * 1024);
    fails(run, FailureCode::OutOfMemory, "memory_bytes of 16777216").await;
    let run = bounded("loop", |run| run.limits.fuel = 50_000_000);
    fails(run, FailureCode::OutOfFuel, "fuel of 50000000").await;
    let run = bounded("loop", |run| run.limits.time_ms = 20);
    let report = common::ENGINE.run(run).await;
    assert!(
        matches!(&report.outcome, Outcome::Failed(failure) if failure.code == FailureCode::DeadlineExceeded),
        "{:?}",
        report.outcome
    );
    let run = bounded("deep", |run| run.limits.fuel = 10_000_000_000);
    let report = common::ENGINE.run(run).await;
    // The stack in linear memory ends before the native one does.
    assert!(
        matches!(&report.outcome, Outcome::Failed(failure) if matches!(failure.code, FailureCode::Trapped | FailureCode::StackOverflow)),
        "{:?}",
        report.outcome
    );
    // Nothing of all this is left behind.
    assert_eq!(answer("echo still").await, "still");
}

#[tokio::test]
async fn what_is_no_contract_is_refused_by_name() {
    let check = async |wat: &str, words: &str| {
        let mut run = run("");
        run.code = wat::parse_str(wat).unwrap().into();
        fails(run, FailureCode::InvalidComponent, words).await;
    };
    check("(module)", "core module").await;
    check("(component)", "exports no function \"run\"").await;
    for name in [
        "wasi:cli/environment@0.2.0",
        "wasi:filesystem/types@0.2.12",
        "wasi:sockets/tcp@0.2.0",
        "wasi:http/incoming-handler@0.2.0",
        "phat:contract/script@0.1.0",
        "other:thing/here@1.0.0",
    ] {
        let wat = format!("(component (import {name:?} (instance)))");
        check(&wat, name).await;
    }
    // An interface that is offered, with a function of it that is not.
    check(
        r#"(component
            (import "wasi:io/poll@0.2.3" (instance (export "wait-for-all" (func))))
        )"#,
        "wasi:io/poll",
    )
    .await;
    check(
        &format!(
            "(component {})",
            (0..65)
                .map(|n| format!("(import \"phat:contract/kv{n}@0.1.0\" (instance))"))
                .collect::<String>()
        ),
        "phat:contract/kv0@0.1.0",
    )
    .await;
}

/// The example in Rust, built as its README says.
#[tokio::test]
async fn the_example_in_rust_runs() {
    let server = Server::start(|asked| match asked.path() {
        "/a" => http("200 OK", &[], br#"{"data": {"amount": "100.5"}}"#),
        "/b" => http("200 OK", &[], br#"{"result": ["100.25"]}"#),
        _ => http("500 Internal Server Error", &[], b""),
    })
    .await;
    let url = |path: &str| format!("https://localhost:{}{path}", server.address.port());
    let code = component("examples/rust-median", "rust_median");
    let mut run = run_component(&code, "");
    run.request.settings = serde_json::json!({
        "answers_min": 2,
        "deviation_bps_max": 200,
        "sources": [
            { "url": url("/a"), "pointer": "/data/amount" },
            { "url": url("/b"), "pointer": "/result/0" },
            { "url": url("/c"), "pointer": "" },
        ],
    })
    .to_string();
    let report = report(run).await;
    let Outcome::Output(output) = &report.outcome else {
        panic!("{:?}", report.outcome);
    };
    assert_eq!(output[..16], [0; 16]);
    assert_eq!(output[16..], 10_037_500_000_u128.to_be_bytes());
    assert!(report.logs[0].message.contains("HTTP status 500"));
    let manifest = fs::read_to_string(root().join("examples/rust-median/phat.toml")).unwrap();
    phat_manifest::Manifest::parse(&manifest).unwrap();
}

/// The example in C, built by its script.
#[tokio::test]
async fn the_example_in_c_runs() {
    let example = root().join("examples/c-median");
    let folder = tempfile::tempdir().unwrap();
    let bindings = folder.path().join("bindings");
    let wit = root().join("engine/wit");
    phat_guest_build::write_c_bindings(&wit, "contract", &bindings).unwrap();
    let built = Command::new("sh")
        .arg(example.join("build.sh"))
        .arg(&bindings)
        .env("DIST", folder.path())
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let module = fs::read(folder.path().join("median.wasm")).unwrap();
    let code: Arc<[u8]> = phat_component::from_module(&module).unwrap().into();

    let server = Server::start(|asked| match asked.path() {
        "/a" => http("200 OK", &[], b"3.5"),
        "/b" => http("200 OK", &[], b" 10 \n"),
        "/c" => http("200 OK", &[], b"4.00000001"),
        "/d" => http("200 OK", &[], b"no number"),
        _ => http("404 Not Found", &[], b"7"),
    })
    .await;
    let input = |paths: &[&str]| {
        let url = |path: &&str| format!("https://localhost:{}{path}\n", server.address.port());
        paths.iter().map(url).collect::<String>()
    };
    let check = async |paths: &[&str], expected: &str| {
        let report = report(run_component(&code, &input(paths))).await;
        assert_eq!(text(&report), expected);
        report
    };
    check(&["/a", "/b", "/c"], "4.00000001").await;
    check(&["/a", "/b"], "6.75000000").await;
    let report = check(&["/d", "/e", "/b"], "10.00000000").await;
    assert_eq!(report.logs.len(), 2);
    let code_of = FailureCode::ScriptThrew;
    fails(
        run_component(&code, &input(&["/d"])),
        code_of,
        "no source gave a number",
    )
    .await;
    fails(run_component(&code, ""), code_of, "1 to 16 URLs").await;
    fails(
        run_component(&code, &input(&["/a"; 17])),
        code_of,
        "1 to 16 URLs",
    )
    .await;
    let manifest = fs::read_to_string(example.join("phat.toml")).unwrap();
    phat_manifest::Manifest::parse(&manifest).unwrap();
}

/// What `phat new --template rust-component` makes, with the SDK in it.
#[tokio::test]
async fn the_template_in_rust_runs() {
    let template = root().join("bin/phat/templates/rust-component");
    let folder = tempfile::tempdir().unwrap();
    copy(&template, folder.path());
    let named = |name: &str| {
        let text = fs::read_to_string(template.join(name)).unwrap();
        text.replace("{{package}}", "named")
            .replace("{{name}}", "named")
    };
    fs::write(folder.path().join("Cargo.toml"), named("Cargo.toml")).unwrap();
    phat_guest_sdk_vendor::write(&folder.path().join("vendor")).unwrap();
    // The versions that are there already.
    fs::copy(root().join("Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();
    let code = build(folder.path(), folder.path(), "contract");

    let server = Server::start(|_| http("200 OK", &[], br#"{"data": {"amount": "17.5"}}"#)).await;
    let mut run = run_component(&code, "");
    run.request.settings = format!(
        r#"{{"url": "https://localhost:{}/"}}"#,
        server.address.port()
    );
    let report = report(run).await;
    assert_eq!(text(&report), "17.5");
    assert_eq!(report.logs[0].message, "the price is 17.5");
    phat_manifest::Manifest::parse(&named("phat.toml")).unwrap();
    assert!(target_folder().is_dir());
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}
