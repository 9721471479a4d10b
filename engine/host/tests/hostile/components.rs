//! Components that are none, ask for what there is not, or take all they can get.

use phat_engine::{FailureCode, Run};
use phat_manifest::Limits;
use phat_testing_fixtures::component::{ECHO, component, component_doing};

use crate::{
    attack,
    common::{CONTRACT, report, run, text},
};

const INVALID: FailureCode = FailureCode::InvalidComponent;

fn of(code: Vec<u8>) -> Run {
    Run {
        code: code.into(),
        ..run("")
    }
}

fn wat(text: &str) -> Run {
    of(wat::parse_str(text).unwrap())
}

#[tokio::test]
async fn the_component_that_is_damaged_here_works() {
    let mut run = of(component(ECHO).unwrap());
    run.request.input = b"echo".to_vec();
    assert_eq!(text(&report(run).await), "echo");
}

#[tokio::test]
async fn what_is_imported_and_not_there_is_named() {
    for name in [
        "wasi:filesystem/types@0.2.0",
        "wasi:sockets/tcp@0.2.0",
        "wasi:cli/environment@0.2.0",
        "phat:contract/script@0.1.0",
        "phat:contract/kv@9.9.9",
        "other:package/thing",
    ] {
        let run = wat(&format!(r#"(component (import "{name}" (instance)))"#));
        attack(run, INVALID, name).await;
    }
    // An interface that is there, but not with this function or type.
    for (name, part) in [
        (
            "phat:contract/clock@0.1.0",
            r#"(export "then" (func (result u64)))"#,
        ),
        (
            "phat:contract/clock@0.1.0",
            r#"(export "now" (func (result string)))"#,
        ),
        (
            "phat:contract/random@0.1.0",
            r#"(export "bytes" (func (param "length" u64) (result (list u8))))"#,
        ),
    ] {
        let run = wat(&format!(
            r#"(component
                (import "{name}" (instance {part}))
                (core module $m (func (export "run")))
                (core instance $i (instantiate $m))
                (func (export "run") (canon lift (core func $i "run"))))"#
        ));
        attack(run, INVALID, name).await;
    }
}

#[tokio::test]
async fn ten_thousand_imports_are_refused() {
    let imports: String = (0..10_000)
        .map(|index| format!(r#"(import "a:b/c{index}" (instance (type $t)))"#))
        .collect();
    let run = wat(&format!("(component (type $t (instance)) {imports})"));
    let words = "it has 10000 imports; at most 64 are allowed";
    let report = attack(run, INVALID, words).await;
    assert_eq!(report.fuel_used, 0, "it was not run");
    // As many sections with one each are as many imports.
    let one = wat::parse_str(r#"(component (import "phat:contract/clock@0.1.0" (instance)))"#);
    let one = one.unwrap();
    let (head, section) = one.split_at(8);
    let many = [head, &section.repeat(10_000)].concat();
    attack(of(many), INVALID, "the component cannot be run").await;
    let nested = "(component)".repeat(10_000);
    let words = "more than 64 modules and components in it";
    attack(wat(&format!("(component {nested})")), INVALID, words).await;
}

#[tokio::test]
async fn malformed_and_truncated_code_is_refused() {
    let whole = component(ECHO).unwrap();
    // From the version of the format on; what is shorter is no WebAssembly.
    for cut in (4..whole.len()).step_by(23) {
        attack(
            of(whole[..cut].to_vec()),
            INVALID,
            "the component cannot be run",
        )
        .await;
    }
    for tail in [&b"\xff"[..], b"\0", b"\x01\xff\xff\xff\xff\x0f", &[7; 100]] {
        attack(
            of([whole.as_slice(), tail].concat()),
            INVALID,
            "cannot be run",
        )
        .await;
    }
    // Bytes changed one at a time: refused by name, or another component.
    for at in (8..whole.len()).step_by(41) {
        let mut changed = whole.clone();
        changed[at] ^= 0x55;
        let report = report(of(changed)).await;
        if let phat_engine::Outcome::Failed(failure) = report.outcome {
            assert_ne!(failure.code, FailureCode::Engine, "byte {at}: {failure}");
        }
    }
}

#[tokio::test]
async fn what_is_no_contract_is_refused() {
    attack(
        wat("(component)"),
        INVALID,
        r#"it exports no function "run""#,
    )
    .await;
    attack(wat("(module)"), INVALID, "core module").await;
    let other_type = r#"(component
        (core module $m (func (export "run")))
        (core instance $i (instantiate $m))
        (func (export "run") (canon lift (core func $i "run"))))"#;
    attack(wat(other_type), INVALID, r#"its function "run""#).await;
    let not_a_function = r#"(component (component $c) (export "run" (component $c)))"#;
    attack(wat(not_a_function), INVALID, "the component cannot be run").await;
}

/// What one component had more of, others would not have.
#[tokio::test]
async fn instances_and_tables_are_bounded() {
    let with = |instances: usize, table: &str| {
        let instances = "(core instance (instantiate $many))".repeat(instances);
        wat(&format!(
            "(component (core module $many {table}) {instances})"
        ))
    };
    // What there may be is refused for something else only.
    attack(with(16, ""), INVALID, "exports no function").await;
    attack(with(17, ""), INVALID, "17 core module instances").await;
    attack(with(8, "(table 1 funcref)"), INVALID, "exports no function").await;
    attack(with(9, "(table 1 funcref)"), INVALID, "9 tables").await;
}

/// A run of a component that does this.
fn doing(parts: &str, body: &str) -> Run {
    let mut run = of(component_doing(parts, body).unwrap());
    run.limits = Limits {
        fuel: 500_000_000,
        memory_bytes: 32 * 1024 * 1024,
        ..run.limits
    };
    run
}

#[tokio::test]
async fn components_run_into_the_same_limits() {
    attack(
        doing("", "(loop (br 0))"),
        FailureCode::OutOfFuel,
        "the limit fuel of 500000000",
    )
    .await;
    attack(
        doing("(func $start (loop (br 0))) (start $start)", ""),
        FailureCode::OutOfFuel,
        "the limit fuel of 500000000",
    )
    .await;
    let get = r#"(import "phat:contract/kv@0.1.0" "get" (func $get (param i32 i32 i32)))"#;
    let reads = "(loop (call $get (i32.const 0) (i32.const 1) (i32.const 16)) (br 0))";
    for (parts, body) in [("", "(loop (br 0))"), (get, reads)] {
        let mut endless = doing(parts, body);
        endless.limits.fuel = Limits::default().fuel;
        endless.limits.time_ms = 200;
        attack(
            endless,
            FailureCode::DeadlineExceeded,
            "the limit time_ms of 200",
        )
        .await;
    }
    attack(
        doing("(func $deep (call $deep))", "(call $deep)"),
        FailureCode::StackOverflow,
        "",
    )
    .await;
    attack(
        doing(
            "",
            "(loop (br_if 0 (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0)))) (unreachable)",
        ),
        FailureCode::OutOfMemory,
        "the limit memory_bytes of 33554432",
    )
    .await;
    let largest = of(wat_with_memory(65_536));
    attack(largest, INVALID, "memory has a minimum byte size").await;
    let code = wat_with_memory(1_024);
    let mut large = of(code);
    large.limits.memory_bytes = 32 * 1024 * 1024;
    attack(
        large,
        FailureCode::OutOfMemory,
        "the limit memory_bytes of 33554432",
    )
    .await;
    for body in [
        "(unreachable)",
        "(drop (i32.load (i32.const -4)))",
        "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
    ] {
        attack(doing("", body), FailureCode::Trapped, "").await;
    }
}

/// A component whose memory has so many pages from the start.
fn wat_with_memory(pages: u32) -> Vec<u8> {
    component(&ECHO.replace(
        r#"(memory (export "memory") 1)"#,
        &format!(r#"(memory (export "memory") {pages})"#),
    ))
    .unwrap()
}

#[tokio::test]
async fn what_components_pass_to_the_host_is_checked() {
    let log = r#"(import "phat:contract/log@0.1.0" "write" (func $log (param i32 i32 i32)))"#;
    let grown = "(drop (memory.grow (i32.const 2000)))";
    let call_bytes = FailureCode::HostLimit { name: "call_bytes" };
    let mut huge = doing(
        log,
        &format!("{grown} (call $log (i32.const 1) (i32.const 0) (i32.const 104857600))"),
    );
    huge.limits.memory_bytes = 256 * 1024 * 1024;
    attack(huge, call_bytes, "the limit call_bytes of 67108864").await;

    let flood = doing(
        log,
        "(loop (call $log (i32.const 1) (i32.const 0) (i32.const 1000)) (br 0))",
    );
    attack(flood, FailureCode::LogTooLarge, "the limit log_bytes").await;

    for call in [
        // Beyond the memory, around its end, no UTF-8, no such level.
        "(call $log (i32.const 1) (i32.const 65536) (i32.const 1))",
        "(call $log (i32.const 1) (i32.const 65535) (i32.const 2))",
        "(call $log (i32.const 1) (i32.const -1) (i32.const 2))",
        "(call $log (i32.const 1) (i32.const 0) (i32.const -1))",
        "(i32.store8 (i32.const 0) (i32.const 255))
         (call $log (i32.const 1) (i32.const 0) (i32.const 1))",
        "(call $log (i32.const 99) (i32.const 0) (i32.const 1))",
    ] {
        attack(doing(log, call), FailureCode::Trapped, "").await;
    }

    let random = r#"(import "phat:contract/random@0.1.0" "bytes" (func $bytes (param i32 i32)))"#;
    for length in [65_537_u32, 200_000_000] {
        let body = format!(
            "(call $bytes (i32.const {}) (i32.const 16))",
            length.cast_signed()
        );
        let limit = FailureCode::HostLimit {
            name: "random_bytes",
        };
        attack(
            doing(random, &body),
            limit,
            "the limit random_bytes of 65536",
        )
        .await;
    }

    let cancel = r#"
        (import "phat:contract/events@0.1.0" "cancel" (func $cancel (param i32)))
        (import "phat:contract/events@0.1.0" "start-timer" (func $timer (param i64) (result i32)))"#;
    // Numbers that stand for nothing are no fault; timers are bounded.
    let body = "(call $cancel (i32.const -1)) (call $cancel (call $timer (i64.const -1)))";
    assert_eq!(text(&report(doing(cancel, body)).await), "");
    let timers = doing(cancel, "(loop (drop (call $timer (i64.const -1))) (br 0))");
    let limit = FailureCode::HostLimit { name: "timers" };
    attack(timers, limit, "the limit timers of 1024").await;
}

/// The result's list lies where the component says, which may be anywhere.
#[tokio::test]
async fn results_that_lie_outside_end_the_run() {
    for (address, length) in [
        (65_535_u32, 2_u32),
        (u32::MAX, 1),
        (0, u32::MAX),
        (65_536, 1),
    ] {
        let module = ECHO
            .replace(
                "(local.get $input))\n",
                &format!("(i32.const {}))\n", address.cast_signed()),
            )
            .replace(
                "(local.get $length))\n",
                &format!("(i32.const {}))\n", length.cast_signed()),
            );
        let mut run = of(component(&module).unwrap());
        run.request.contract = CONTRACT;
        attack(run, FailureCode::Trapped, "").await;
    }
    for pointer in ["1", "65533", "-4"] {
        let module = ECHO.replace(
            "    (i32.const 8)))",
            &format!("    (i32.const {pointer})))"),
        );
        attack(of(component(&module).unwrap()), FailureCode::Trapped, "").await;
    }
}
